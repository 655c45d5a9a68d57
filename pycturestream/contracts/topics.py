"""Names of the Kafka topics. All but `alert-commands` are keyed by camera_id."""

FRAMES = "frames"
FRAMES_REPLAY = "frames.replay"
DEAD_LETTER = "frames.dead-letter"
DEAD_LETTER_BYTE_LIMIT = 2 * 1024 * 1024
"""A dead letter is the refused record and some headers: more than any other topic takes."""
LEGACY_BYTE_LIMIT = DEAD_LETTER_BYTE_LIMIT - 64 * 1024
"""A record of a legacy client fits into a dead letter with its headers."""
CAMERAS = "cameras"
DETECTIONS = "detections"
COUNTS = "counts"
ALERTS = "alerts"
NARRATIONS = "narrations"
CAMERA_EVENTS = "camera-events"
ATTENTION = "attention"
"""How often the detection job wants to see a camera; producers follow."""
ALERT_COMMANDS = "alert-commands"
"""What people say of alerts; keyed by what it is about, so that the newest of each is kept."""

RESULTS = (DETECTIONS, COUNTS, ALERTS, NARRATIONS, CAMERA_EVENTS)
"""What the detection job says and the serving job writes, one JSON record per message."""

REJECTED_RESULTS = "results.dead-letter"
"""Result records that a store refused for good, with the reason in a header."""
