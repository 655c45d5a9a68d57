"""Names of the Kafka topics. All but `alert-commands` are keyed by camera_id."""

FRAMES = "frames"
FRAMES_REPLAY = "frames.replay"
DEAD_LETTER = "frames.dead-letter"
DEAD_LETTER_BYTE_LIMIT = 2 * 1024 * 1024
"""A dead letter is the rejected record with some more headers: larger than any other record."""
LEGACY_BYTE_LIMIT = DEAD_LETTER_BYTE_LIMIT - 64 * 1024
"""A record of a legacy client fits into a dead letter with its headers."""
CAMERAS = "cameras"
DETECTIONS = "detections"
COUNTS = "counts"
ALERTS = "alerts"
NARRATIONS = "narrations"
CAMERA_EVENTS = "camera-events"
ATTENTION = "attention"
"""Rate requests of the detection job, which producers follow."""
ALERT_COMMANDS = "alert-commands"
"""What people do about alerts; keyed by alert or silence, so that the newest of each is kept."""

RESULTS = (DETECTIONS, COUNTS, ALERTS, NARRATIONS, CAMERA_EVENTS)
"""What the detection job publishes and the serving job writes, one JSON record per message."""

REJECTED_RESULTS = "results.dead-letter"
"""Result records that a store rejected for good, with the reason in a header."""
