-- The log as tables of Flink SQL: one table for each topic, and two views.
--
--   pycturestream sql                                    interactive, with these tables declared
--   pycturestream sql sql/attendance.sql                 runs a file and prints its answer
--   sql-client.sh -i sql/tables.sql -f sql/attendance.sql    the same with plain Flink
--
-- The address occurs once, in the table `log`. `pycturestream sql` replaces it with that of its
-- settings. Columns have the names and meanings of the records' fields: docs/architecture.md.

-- A table is what its topic holds when it is queried, and the answer is final, not a changelog.
SET 'execution.runtime-mode' = 'batch';
SET 'sql-client.execution.result-mode' = 'tableau';
SET 'pipeline.name' = 'query';
-- Times are shown in UTC; the view below relies on that.
SET 'table.local-time-zone' = 'UTC';
-- One slot for the whole query: the jobs use the others.
SET 'parallelism.default' = '1';
-- A query that fails reports it; the cluster's jobs, in contrast, are restarted.
SET 'restart-strategy.type' = 'none';

-- --- what all tables have in common ----------------------------------------------------------------

CREATE TABLE log (
    camera_id STRING
) WITH (
    'connector' = 'kafka',
    'properties.bootstrap.servers' = '127.0.0.1:9092',
    'scan.startup.mode' = 'earliest-offset',
    'scan.bounded.mode' = 'latest-offset'
);

CREATE TABLE results (
    id STRING,
    run STRING  -- live, or the name of a replay
) WITH (
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601',
    -- An invalid record must not fail the query: it is reported in results.dead-letter.
    'json.ignore-parse-errors' = 'true'
) LIKE log;

-- --- results: kept for 30 days ---------------------------------------------------------------------

-- One record for each processed picture, also when nothing was found.
CREATE TABLE detections (
    frame_id STRING,
    site STRING,
    setting STRING,
    captured_at TIMESTAMP_LTZ(3),
    camera_captured_at TIMESTAMP_LTZ(3),
    sender STRING,
    clock_corrected BOOLEAN,
    received_at TIMESTAMP_LTZ(3),
    processed_at TIMESTAMP_LTZ(3),
    latency_ms BIGINT,
    weekday INT,
    `hour` INT,
    width INT,
    height INT,
    `models` ARRAY<ROW<name STRING, version STRING>>,
    picture ROW<
        topic STRING,
        `partition` INT,
        `offset` BIGINT,
        expires_at TIMESTAMP_LTZ(3),
        archive STRING,
        reference STRING
    >,
    labels ARRAY<STRING>,
    label_counts ARRAY<ROW<label STRING, `count` INT>>,
    objects ARRAY<ROW<
        label STRING,
        score DOUBLE,
        box ARRAY<DOUBLE>,
        track_id STRING,
        sector STRING,
        zones ARRAY<STRING>,
        stationary BOOLEAN,
        detected_as STRING,
        weak BOOLEAN,
        approaching BOOLEAN
    >>,
    candidates ARRAY<ROW<label STRING, score DOUBLE, box ARRAY<DOUBLE>>>,
    hidden ARRAY<ROW<
        label STRING,
        track_id STRING,
        sector STRING,
        zones ARRAY<STRING>,
        seen_at TIMESTAMP_LTZ(3)
    >>,
    threats ARRAY<ROW<rule STRING, level INT, alert_id STRING>>,
    view_fault ROW<
        fault STRING,
        since TIMESTAMP_LTZ(3),
        `now` DOUBLE,
        usual DOUBLE,
        likeness DOUBLE
    >,
    measure ROW<brightness DOUBLE, contrast DOUBLE, sharpness DOUBLE, thumbnail STRING>,
    picture_fault STRING
) WITH (
    'topic' = 'detections'
) LIKE results;

-- One record for each camera, label and minute, and another one whenever a late picture corrects
-- it: query newest_counts instead.
CREATE TABLE counts (
    revision BIGINT,
    site STRING,
    timezone STRING,
    label STRING,
    window_start TIMESTAMP_LTZ(3),
    window_end TIMESTAMP_LTZ(3),
    frames BIGINT,
    `max` BIGINT,
    mean DOUBLE,
    `unique` BIGINT,
    `new` BIGINT,
    entered ARRAY<ROW<zone STRING, `count` BIGINT>>,
    `left` ARRAY<ROW<zone STRING, `count` BIGINT>>,
    crossed ARRAY<ROW<line STRING, `in` BIGINT, `out` BIGINT>>
) WITH (
    'topic' = 'counts'
) LIKE results;

-- One record for each change of an alert.
CREATE TABLE alerts (
    revision BIGINT,
    state STRING,
    site STRING,
    rule STRING,
    level INT,
    label STRING,
    zones ARRAY<STRING>,
    track_ids ARRAY<STRING>,
    raised_at TIMESTAMP_LTZ(3),
    updated_at TIMESTAMP_LTZ(3),
    cleared_at TIMESTAMP_LTZ(3),
    reason STRING,
    frame_id STRING,
    `count` BIGINT,
    facts ROW<
        about STRING,
        `since` TIMESTAMP_LTZ(3),
        `timezone` STRING,
        `count` BIGINT,
        label_counts ARRAY<ROW<label STRING, `count` BIGINT>>,
        crossed ARRAY<ROW<`line` STRING, way STRING>>,
        zones ARRAY<STRING>,
        `period` ROW<`days` ARRAY<INT>, from_minute INT, to_minute INT, `timezone` STRING>,
        dwell_ms BIGINT,
        loitering_ms BIGINT,
        frames BIGINT,
        score DOUBLE,
        clock_off_ms BIGINT,
        `now` DOUBLE,
        usual DOUBLE,
        likeness DOUBLE,
        expected BIGINT,
        seen_until TIMESTAMP_LTZ(3),
        rule_removed BOOLEAN
    >
) WITH (
    'topic' = 'alerts'
) LIKE results;

CREATE TABLE narrations (
    frame_id STRING,
    captured_at TIMESTAMP_LTZ(3),
    `language` STRING,
    text STRING,
    priority INT,
    kind STRING,
    `groups` ARRAY<ROW<
        `count` BIGINT,
        label STRING,
        place STRING,
        `hour` INT,
        zone STRING,
        motion STRING,
        danger INT,
        sure BOOLEAN
    >>
) WITH (
    'topic' = 'narrations'
) LIKE results;

CREATE TABLE camera_events (
    revision BIGINT,
    `at` TIMESTAMP_LTZ(3),
    event STRING,
    detail STRING,
    frames ROW<
        received BIGINT,
        processed BIGINT,
        dropped MAP<STRING, BIGINT>,
        dead_letters MAP<STRING, BIGINT>
    >
) WITH (
    'topic' = 'camera-events'
) LIKE results;

-- What became of alerts: marked as false, or somebody was notified. And how many alerts a camera
-- had on a day (event `rate`): with `mark` 1 too many, with -1 too few.
CREATE TABLE alert_events (
    revision BIGINT,
    `at` TIMESTAMP_LTZ(3),
    raised_at TIMESTAMP_LTZ(3),
    event STRING,
    alert_id STRING,
    rule STRING,
    `by` STRING,
    taken_back BOOLEAN,
    kind STRING,
    channel STRING,
    delay_ms BIGINT,
    alerts BIGINT,
    hours DOUBLE,
    `mark` INT,
    why STRING,
    expected DOUBLE
) WITH (
    'topic' = 'alert-events'
) LIKE results;

-- What the archive holds, or held until it was removed; the newest record of an id holds.
CREATE TABLE archived (
    frame_id STRING,
    captured_at TIMESTAMP_LTZ(3),
    `path` STRING,
    sha256 STRING,
    `size` BIGINT,
    original BOOLEAN,
    why ARRAY<STRING>,
    alerts ARRAY<STRING>,
    reason STRING,
    detail STRING,
    archived_at TIMESTAMP_LTZ(3),
    expires_at TIMESTAMP_LTZ(3),
    updated_at TIMESTAMP_LTZ(3),
    removed_at TIMESTAMP_LTZ(3),
    removed_because STRING
) WITH (
    'topic' = 'archived'
) LIKE results;

-- --- pictures: kept for minutes, and what their headers say -----------------------------------------

CREATE TABLE pictures (
    picture BYTES,
    headers MAP<STRING NOT NULL, BYTES> METADATA VIRTUAL,
    received_at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
    `partition` INT METADATA VIRTUAL,
    `offset` BIGINT METADATA VIRTUAL
) WITH (
    'topic' = 'frames',
    'key.format' = 'raw',
    'key.fields' = 'camera_id',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY',
    -- A few megabytes at once: the jobs of the same cluster need its memory too.
    'properties.fetch.max.bytes' = '4000000',
    'properties.max.poll.records' = '16'
) LIKE log;

-- These headers are not validated: a value that is missing or not a time is NULL.
CREATE VIEW frames AS
SELECT
    camera_id,
    TO_TIMESTAMP_LTZ(TRY_CAST(CAST(headers['captured_at'] AS STRING) AS BIGINT), 3) AS captured_at,
    TO_TIMESTAMP_LTZ(TRY_CAST(CAST(headers['sent_at'] AS STRING) AS BIGINT), 3) AS sent_at,
    CAST(headers['mode'] AS STRING) AS `mode`,
    received_at,
    `partition`,
    `offset`
FROM pictures;

-- --- what most queries begin with -------------------------------------------------------------------

-- The newest revision of each window of live cameras. hour_start is when the hour of the window began,
-- by the camera's own clock.
CREATE VIEW newest_counts AS
SELECT
    *,
    TIMESTAMPADD(
        MINUTE,
        -CAST(EXTRACT(MINUTE FROM TO_TIMESTAMP(CONVERT_TZ(
            DATE_FORMAT(window_start, 'yyyy-MM-dd HH:mm:ss'), 'UTC', timezone
        ))) AS INT),
        FLOOR(window_start TO MINUTE)
    ) AS hour_start
FROM (
    SELECT
        id, camera_id, site, label, window_start, window_end, frames, `max`, mean, `unique`,
        entered, `left`, crossed,
        -- Older versions wrote records without these.
        COALESCE(`new`, `unique`) AS `new`,
        COALESCE(timezone, 'UTC') AS timezone,
        ROW_NUMBER() OVER (PARTITION BY id ORDER BY revision DESC) AS age
    FROM counts
    WHERE run = 'live'
)
WHERE age = 1;

DROP TABLE results;
DROP TABLE log;
