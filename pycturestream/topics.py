"""Names of the Kafka topics. All are keyed by camera_id."""

FRAMES = "frames"
FRAMES_REPLAY = "frames.replay"
DEAD_LETTER = "frames.dead-letter"
CAMERAS = "cameras"
DETECTIONS = "detections"
COUNTS = "counts"
ALERTS = "alerts"
NARRATIONS = "narrations"
CAMERA_EVENTS = "camera-events"

RESULTS = (DETECTIONS, COUNTS, ALERTS, NARRATIONS, CAMERA_EVENTS)
"""What the detection job says and the serving job writes, one JSON record per message."""

REJECTED_RESULTS = "results.dead-letter"
"""Result records that a store refused for good, with the reason in a header."""
