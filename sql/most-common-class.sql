-- The labels of each camera, the most common first: which class had the most different objects?
-- The same as `pycturestream counts --labels --since 30d`.
--
-- An object that stays is in many windows. Different objects are those of the first window plus the
-- new ones of each later window.

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
