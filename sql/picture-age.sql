-- How old pictures are when they reach the log, for each camera, in milliseconds: by the camera's
-- own clock when it sends them, and by both clocks when they arrive. A wrong clock shows as a large
-- difference, or a negative age. Pictures are kept for some minutes.

SELECT
    camera_id,
    COUNT(*) AS pictures,
    COUNT(*) - COUNT(captured) AS without_time,
    AVG(sent - captured) AS age_when_sent,
    AVG(received - captured) AS age_when_received
FROM (
    -- TIMESTAMPDIFF counts whole seconds only.
    SELECT
        camera_id,
        EXTRACT(EPOCH FROM captured_at) * 1000 + EXTRACT(MILLISECOND FROM captured_at) AS captured,
        EXTRACT(EPOCH FROM sent_at) * 1000 + EXTRACT(MILLISECOND FROM sent_at) AS sent,
        EXTRACT(EPOCH FROM received_at) * 1000 + EXTRACT(MILLISECOND FROM received_at) AS received
    FROM frames
)
GROUP BY camera_id
ORDER BY camera_id;
