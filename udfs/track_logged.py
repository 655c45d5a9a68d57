"""The operator `track` for frames of the log: their detections are tracked once more."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pycturestream.contracts.codec import CodecError, FrameOutcome
from pycturestream.contracts.detections import decode_live_detections
from pycturestream.contracts.messages import LogRecord
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.admission import Place
from pycturestream.domain.times import Millis
from pycturestream.domain.trials.rule_trial import unmasked
from udfs.track_objects import TrackObjects


class TrackLogged(TrackObjects):
    """Track the objects in the live frames of a time, as the topic `detections` has them."""

    def __init__(
        self,
        *arguments: Any,
        since: Millis,
        until: Millis,
        read_erasures: Callable[[], Erasures],
        **options: Any,
    ) -> None:
        """Frames are tracked that were captured from `since` until just before `until`.

        Not those that are erased when the operator begins: by `read_erasures`.
        """
        super().__init__(*arguments, **options)
        self._read_erasures = read_erasures
        self._since = since
        self._until = until

    def open(self, runtime_context: Any) -> None:
        super().open(runtime_context)
        self._rejected = RejectedRecords(DETECTIONS)
        self._erasures = self._read_erasures()

    def read(self, value: bytes, ctx: Any) -> FrameOutcome | None:
        """Return a frame's detections; None for another run or time, an erased one or no record."""
        camera_id = ctx.get_current_key()
        try:
            found = decode_live_detections(value, camera_id)
        except CodecError as error:
            self.metrics.count("records_unreadable")
            self._rejected.report(camera_id, error)
            return None
        if found is None or not self._since <= found.frame.captured_at < self._until:
            return None
        if self._erasures.covers(camera_id, found.frame.captured_at):
            return None
        found = unmasked(found, self.camera_settings.of(camera_id).masks)
        # Records don't hold the digest of their picture.
        return replace(found, digest=_text(found.frame.place))

    def frame_record(self, *_frame: object) -> LogRecord | None:
        """Return None: it stands in the log."""
        return None


def _text(place: Place) -> str:
    return f"{place.topic}/{place.partition}/{place.offset}"
