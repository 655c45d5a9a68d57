-- How many different persons came to each camera: over each line of a camera that has any, where
-- they are counted as they come `in`; else by tracks (line is NULL).
-- The same as `pycturestream counts --attendance --since 30d`.
--
-- By tracks they are those of the first window, and who was new in each later one.

SELECT
    camera_id,
    line,
    SUM(CASE WHEN line IS NOT NULL THEN `in` WHEN place = 1 THEN `unique` ELSE `new` END) AS different
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY camera_id ORDER BY window_start) AS place,
        MAX(CARDINALITY(crossed)) OVER (PARTITION BY camera_id) AS `lines`
    FROM newest_counts
    WHERE label = 'person'
)
LEFT JOIN UNNEST(crossed) AS crossing (line, `in`, `out`) ON TRUE
WHERE line IS NOT NULL OR `lines` = 0
GROUP BY camera_id, line
ORDER BY camera_id, line;
