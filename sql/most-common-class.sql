-- The labels of each camera, the most common first: of which class came the most different things?
-- The same as `pycturestream counts --labels --since 30d`.
--
-- A thing that stays is in many windows. Different things are those of the first window, and what
-- was new in each later one.

SELECT
    camera_id,
    label,
    SUM(CASE WHEN place = 1 THEN `unique` ELSE `new` END) AS different,
    ROUND(SUM(mean * frames) / SUM(frames), 3) AS mean,
    MAX(`max`) AS most
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY camera_id, label ORDER BY window_start) AS place
    FROM newest_counts
)
GROUP BY camera_id, label
ORDER BY camera_id, different DESC, mean DESC, label;
