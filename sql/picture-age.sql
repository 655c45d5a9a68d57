-- How old pictures are when they reach the log, for each camera, in milliseconds: by the camera's
-- own clock when it sends them, and by both clocks when they arrive. A wrong clock shows as a large
-- difference, or a negative age. Pictures are kept for some minutes.

SELECT
    camera_id,
    COUNT(*) AS pictures,
    COUNT(*) - COUNT(captured_at) AS without_time,
    AVG(TIMESTAMPDIFF(MILLISECOND, captured_at, sent_at)) AS age_when_sent,
    AVG(TIMESTAMPDIFF(MILLISECOND, captured_at, received_at)) AS age_when_received
FROM frames
GROUP BY camera_id
ORDER BY camera_id;
