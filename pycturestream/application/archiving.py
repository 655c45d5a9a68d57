"""Archives pictures of cameras that ask for it: the archive as a sink of the picture service."""

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final

from kafka.errors import KafkaError
from msgspec.structs import replace

from pycturestream.archive.archive import Archive
from pycturestream.archive.retention import Publish
from pycturestream.contracts.archived import ArchivedRecord
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import DetectionsRecord
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.archive.choice import (
    WINDOWS_LIMIT,
    AlertTimes,
    Candidate,
    Choice,
    Kept,
    see_alert,
    see_frame,
)
from pycturestream.domain.archive.names import ArchiveName, of_frame, of_rejected
from pycturestream.domain.cameras.camera import Archiving, Camera
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.recent import Recent
from pycturestream.domain.times import DAY_MS, Millis, parse_this_century, rfc3339
from pycturestream.errors import ServiceError
from pycturestream.log.dead_letters import LoggedDeadLetter
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pixels import encode_outgoing

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_WAITING_LIMIT: Final = 10_000
"""Pictures that are chosen and not archived yet."""
_REASON_LIMIT: Final = 100
"""Characters of the reason: a job has short ones, but anybody may write to the topic."""
_DETAIL_LIMIT: Final = 1_000
"""Characters of a detail that is kept of a rejected picture."""


class ArchiveSink:
    """A PictureSink. Alerts and dead letters come from other threads."""

    name = "archive"

    def __init__(
        self,
        archive: Archive,
        publish: Publish,
        now: Callable[[], Millis],
        erasures: Callable[[], Erasures],
    ) -> None:
        """`publish` writes to the topic `archived`, and `erasures` returns what is erased now.

        Both let kafka.errors.KafkaError through.
        """
        self._archive = archive
        self._publish = publish
        self._now = now
        self._erasures = erasures
        self._choices: dict[str, Choice] = {}
        self._records: dict[str, dict[str, DetectionsRecord]] = defaultdict(dict)
        """By camera and frame id: those of the frames that a choice remembers."""
        self._waiting: Recent[str, Kept] = Recent(_WAITING_LIMIT)
        """By frame id: what was chosen, and why."""
        self._archived: Recent[str, None] = Recent(_WAITING_LIMIT)
        """Frame ids of what was put: the service offers nothing twice."""
        self._alerts: Recent[str, Recent[str, AlertTimes]] = Recent()
        """By camera and alert: what was read and not looked at yet. Some cameras send no frames."""
        self._reasons: dict[str, Kept] = {}
        """By frame id: further reasons for what is archived already."""
        self._lock = threading.Lock()

    def take_alert(self, alert: AlertRecord) -> None:
        """Take a change of an alert; the next frame of its camera has it looked at."""
        if alert.run == LIVE:
            times = AlertTimes(alert.id, alert.raised_at, alert.cleared_at)
            with self._lock:
                alerts = self._alerts.get(alert.camera_id) or Recent(WINDOWS_LIMIT)
                alerts[alert.id] = times
                self._alerts[alert.camera_id] = alerts

    def choose(self, record: DetectionsRecord, camera: Camera) -> Sequence[DetectionsRecord]:
        """Return the records whose pictures are to be archived, now that this one has come."""
        camera_id, archiving, frame = camera.camera_id, camera.archive, _candidate(record)
        if frame is None:
            return ()
        with self._lock:
            alerts = list(self._alerts.pop(camera_id, {}).values())
        if archiving is None:
            self._choices.pop(camera_id, None)
            self._records.pop(camera_id, None)
            return ()
        state = self._choices.get(camera_id, Choice())
        kept: list[Kept] = []
        for alert in alerts:
            state, of_alert = see_alert(state, alert, archiving)
            kept += of_alert
        state, of_this = see_frame(state, frame, archiving)
        self._choices[camera_id] = state
        records = self._records[camera_id]
        records[record.frame_id] = record
        chosen = {one.frame.frame_id: one for one in (*kept, *of_this)}
        found = []
        for frame_id, one in chosen.items():
            if frame_id in self._archived:
                with self._lock:
                    self._reasons[frame_id] = one
            elif frame_id in records:
                self._waiting[frame_id] = one
                found.append(records[frame_id])
        remembered = {one.frame.frame_id for one in state.recent}
        self._records[camera_id] = {
            frame_id: one for frame_id, one in records.items() if frame_id in remembered
        }
        return found

    def put(self, picture: FramePicture, camera: Camera) -> None:
        """Archive a picture, and tell the log. Raises ServiceError where that is away."""
        record, archiving = picture.record, camera.archive
        kept = self._waiting.get(record.frame_id)
        if archiving is None or kept is None:
            return  # its settings have changed since
        name = of_frame(record.frame_id)
        described = self._known(name)
        if described is None:
            original = archiving.original and camera.originals
            data = encode_outgoing(picture.original) if original else picture.blurred_jpeg
            described = self._described(
                name,
                archiving,
                frame_id=record.frame_id,
                path=name.path("jpg"),
                sha256=sha256(data).hexdigest(),
                size=len(data),
                original=original,
                why=kept.why,
                alerts=kept.alert_ids,
            )
            self._write(described, data)
            self._tell(described)
        else:
            self._add_reasons(described, kept)
        self._archived[record.frame_id] = None
        # It may have got further reasons meanwhile.
        if self._waiting.get(record.frame_id) is kept:
            del self._waiting[record.frame_id]

    def settle(self) -> None:
        """Write further reasons into descriptions. Raises ServiceError, and can be called again."""
        with self._lock:
            frame_ids = list(self._reasons)
        for frame_id in frame_ids:
            with self._lock:
                kept = self._reasons[frame_id]
            described = self._known(of_frame(frame_id))
            if described is not None:  # not removed since
                self._add_reasons(described, kept)
            with self._lock:
                if self._reasons[frame_id] is kept:
                    del self._reasons[frame_id]

    def take_dead_letter(self, letter: LoggedDeadLetter, camera: Camera | None) -> None:
        """Archive what a camera sent and was rejected, with the reason.

        Its bytes can't be blurred: they are kept only of a camera that archives originals.
        """
        name = _name_of(letter)
        if camera is None or camera.archive is None or name is None:
            return
        archiving = camera.archive
        described = self._known(name)
        if described is None:
            whole = sha256(letter.value).hexdigest() == letter.sha256
            data = letter.value if archiving.original and camera.originals and whole else None
            described = self._described(
                name,
                archiving,
                path=name.path("bin") if data else None,
                sha256=letter.sha256,
                size=int(letter.size),
                original=data is not None,
                why=("rejected",),
                reason=letter.reason[:_REASON_LIMIT],
                detail=letter.detail[:_DETAIL_LIMIT],
            )
            self._write(described, data)
        self._tell(described)

    def close(self) -> None:
        """Do nothing: who made it closes what it was made of."""

    def _known(self, name: ArchiveName) -> ArchivedRecord | None:
        """Return the description of a picture; None where it is to be written."""
        try:
            return self._archive.find(name)
        except CodecError:
            return None

    def _described(self, name: ArchiveName, archiving: Archiving, **fields: Any) -> ArchivedRecord:
        """Return the description of a picture that is archived now."""
        at = rfc3339(self._now())
        return ArchivedRecord(
            id=name.stem,
            camera_id=name.camera_id,
            captured_at=rfc3339(name.at),
            archived_at=at,
            expires_at=rfc3339(name.at + archiving.days * DAY_MS),
            updated_at=at,
            **fields,
        )

    def _add_reasons(self, before: ArchivedRecord, kept: Kept) -> None:
        """Add what is new to a description, and tell the log in any case: it may not know yet."""
        why = tuple(dict.fromkeys((*kept.why, *before.why)))
        alerts = tuple(dict.fromkeys((*before.alerts, *kept.alert_ids)))
        described = before
        if set(why) != set(before.why) or alerts != before.alerts:
            at = rfc3339(self._now())
            described = replace(before, why=why, alerts=alerts, updated_at=at)
            self._write(described)
        self._tell(described)

    def _write(self, described: ArchivedRecord, data: bytes | None = None) -> None:
        if not self._is_erased(described):
            self._archive.put(described, data)

    def _tell(self, described: ArchivedRecord) -> None:
        try:
            if not self._is_erased(described):
                self._publish([described])
        except KafkaError as error:
            raise ServiceError(f"Kafka: {error or type(error).__name__}") from error

    def _is_erased(self, described: ArchivedRecord) -> bool:
        """Whether a picture is erased by now.

        It may have been fetched before it was: some wait for others to be blurred.
        """
        at = parse_this_century(described.captured_at)
        return self._erasures().covers(described.camera_id, at)


def _candidate(record: DetectionsRecord) -> Candidate | None:
    """Return what a choice needs of a live frame; None for another, and for one of a wrong name."""
    try:
        name = of_frame(record.frame_id)
        captured_at = parse_this_century(record.captured_at)
    except ValueError:
        return None
    if record.run != LIVE or name.camera_id != record.camera_id:
        return None
    return Candidate(
        record.frame_id,
        captured_at,
        any(one.track_id and not one.stationary for one in record.objects),
        tuple(dict.fromkeys(threat.alert_id for threat in record.threats)),
    )


def _name_of(letter: LoggedDeadLetter) -> ArchiveName | None:
    """Return the name of a rejected picture; None where its headers are not those of a job."""
    topic, _, place = letter.came_from.partition("/")
    partition, _, offset = place.partition("/")
    numbers = (partition, offset, letter.size)
    # Anybody who can write to the topic may have written these.
    if topic != FRAMES or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    if not _SHA256.fullmatch(letter.sha256):
        return None
    try:
        at = parse_this_century(letter.at)
        return of_rejected(letter.camera_id, at, int(partition), int(offset))
    except ValueError:
        return None
