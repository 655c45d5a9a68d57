-- The hour in which the most different people came to each camera, by the camera's own clock; of
-- equal hours, the first. They are counted as in attendance.sql, but hour by hour.
-- It is the largest of `pycturestream counts --attendance --window 1h --since 30d`.

SELECT
    camera_id,
    line,
    CONVERT_TZ(DATE_FORMAT(hour_start, 'yyyy-MM-dd HH:mm:ss'), 'UTC', timezone) AS `hour`,
    timezone,
    different
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY camera_id, line ORDER BY different DESC, hour_start) AS rank_
    FROM (
        SELECT
            camera_id,
            line,
            hour_start,
            MAX(timezone) AS timezone,
            SUM(
                CASE WHEN line IS NOT NULL THEN `in` WHEN place = 1 THEN `unique` ELSE `new` END
            ) AS different
        FROM (
            SELECT
                *,
                ROW_NUMBER() OVER (PARTITION BY camera_id, hour_start ORDER BY window_start) AS place,
                MAX(CARDINALITY(crossed)) OVER (PARTITION BY camera_id, hour_start) AS `lines`
            FROM newest_counts
            WHERE label = 'person'
        )
        LEFT JOIN UNNEST(crossed) AS crossing (line, `in`, `out`) ON TRUE
        WHERE line IS NOT NULL OR `lines` = 0
        GROUP BY camera_id, line, hour_start
    )
)
WHERE rank_ = 1
ORDER BY camera_id, line;
