"""Which record of which topic each output of the detection job becomes.

Every record has an id made of its meaning, so that writing it again changes nothing. The modules
beside this one have the record of one topic each, and what writes and reads it.
"""

from pycturestream.contracts import topics
from pycturestream.contracts.alert_events import (
    AlertEventRecord,
    alert_event_record,
    daily_rate_record,
)
from pycturestream.contracts.alerts import AlertChangeRecord, alert_record
from pycturestream.contracts.attention import RateRequestRecord, rate_request_record
from pycturestream.contracts.camera_events import (
    CameraEventRecord,
    accounting_record,
    camera_event_record,
)
from pycturestream.contracts.counts import CountRecord, count_record
from pycturestream.contracts.detections import DetectionsRecord, detections_record
from pycturestream.contracts.narrations import NarrationRecord, narration_record
from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.alerts.alert_event import AlertEvent
from pycturestream.domain.attention import RateRequest
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.pipeline.events import AccountingEvent, JudgedFrame, Output
from pycturestream.domain.reports.daily_rate import DailyRate

Record = (
    DetectionsRecord
    | AlertChangeRecord
    | CountRecord
    | NarrationRecord
    | CameraEventRecord
    | AlertEventRecord
    | RateRequestRecord
)


def to_record(
    output: Output | AlertEvent | DailyRate, run: str, picture_life_ms: int
) -> tuple[str, Record]:
    """Return the topic and the record of an output of the pipeline, an alert's event, or a rate."""
    kept: tuple[str, Record]
    match output:
        case JudgedFrame():
            kept = topics.DETECTIONS, detections_record(output, run, picture_life_ms)
        case AlertChange():
            kept = topics.ALERTS, alert_record(output, run)
        case WindowCount():
            kept = topics.COUNTS, count_record(output, run)
        case Narration():
            kept = topics.NARRATIONS, narration_record(output, run)
        case CameraEvent():
            kept = topics.CAMERA_EVENTS, camera_event_record(output, run)
        case AlertEvent():
            kept = topics.ALERT_EVENTS, alert_event_record(output)
        case DailyRate():
            kept = topics.ALERT_EVENTS, daily_rate_record(output)
        case AccountingEvent():
            kept = topics.CAMERA_EVENTS, accounting_record(output, run)
        case RateRequest():
            kept = topics.ATTENTION, rate_request_record(output)
    return kept
