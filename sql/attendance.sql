-- How many different people came to each camera: for a camera with lines, how many crossed each of
-- them `in`; otherwise by tracks (line is NULL).
-- The same as `pycturestream counts --attendance --since 30d`.
--
-- By tracks, they are those of the first window plus the new ones of each later window.

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
