"""The picture that raised an alert, blurred, while the log still holds it."""

from collections.abc import Callable

from kafka.errors import KafkaError

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.frames.frame import parse_frame_id
from pycturestream.domain.frames.missing import Missing
from pycturestream.log.results import find_detections_record
from pycturestream.log.retention import kept_at_most_ms
from pycturestream.pictures.frame_pictures import fetch_pictures

FetchEvidence = Callable[[AlertRecord], bytes | None]
"""Returns the blurred JPEG that raised an alert, None where it no longer exists."""


def fetch_evidence(settings: Settings, alert: AlertRecord) -> bytes | None:
    """Return the JPEG, blurred whatever the camera allows: an email reaches people unasked.

    None where it no longer exists, is erased, or no broker answers. Raises FaceModelError where it
    can't be blurred.
    """
    try:
        camera_id, captured_at = parse_frame_id(alert.frame_id or "")
        # No picture is kept longer; without this a late email would read hours of results.
        oldest = now() - kept_at_most_ms(settings, FRAMES)
        if camera_id != alert.camera_id or captured_at < oldest - settings.clock_tolerance_ms:
            return None
        since = captured_at - settings.clock_tolerance_ms
        record = find_detections_record(settings, camera_id, alert.frame_id or "", since)
        # Nobody may have a record of another topic sent as a picture.
        if record is None or record["picture"]["topic"] != FRAMES:
            return None
        [(_, picture)] = fetch_pictures(settings, [record])
    except (ValueError, KeyError, KafkaError, TimeoutError):
        return None
    return None if isinstance(picture, Missing) else picture
