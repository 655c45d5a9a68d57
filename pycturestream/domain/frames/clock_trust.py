"""Which cameras have clocks that are not to be trusted, by what their frames showed.

One frame does not decide it: a time far off may be an outlier of a clock that is right, and a clock
that was found wrong may have been set since.
"""

from msgspec import Struct

from pycturestream.domain.frames.admission import Admitted
from pycturestream.domain.recent import Recent

FAR = 2
"""A clock that drifts comes to the edge of the tolerance first. A time this many tolerances off is
of a clock that was set, and all that follow are off too; or of no clock at all."""
RIGHT_FRAMES = 20
"""So many within the tolerance, one after the other, are no chance at its edge."""


class _Doubt(Struct, frozen=True):
    """What is known of a clock of which not all was right."""

    is_trusted: bool
    right_frames: int = 0
    """Within the whole tolerance, since the last one that was not."""


class UntrustedClocks:
    """The cameras whose clocks are not trusted now, such as `AdmissionContext` asks for them."""

    def __init__(self, tolerance_ms: int) -> None:
        self._tolerance_ms = tolerance_ms
        self._doubts = Recent[str, _Doubt]()

    def __contains__(self, camera_id: object) -> bool:
        return isinstance(camera_id, str) and not self._of(camera_id).is_trusted

    def __len__(self) -> int:
        return len(self._doubts)

    def judge(self, frame: Admitted) -> None:
        """Note a frame that was admitted."""
        before = self._of(frame.camera_id)
        off_ms = abs(frame.camera_captured_at - frame.captured_at)
        if not frame.clock_corrected:
            self._doubts.pop(frame.camera_id, None)
        elif off_ms > self._tolerance_ms:
            is_first = before.is_trusted and frame.camera_id not in self._doubts
            is_far = off_ms > FAR * self._tolerance_ms
            self._doubts[frame.camera_id] = _Doubt(is_trusted=is_first and is_far)
        elif before.right_frames + 1 < RIGHT_FRAMES:
            self._doubts[frame.camera_id] = _Doubt(
                is_trusted=before.is_trusted, right_frames=before.right_frames + 1
            )
        else:
            del self._doubts[frame.camera_id]

    def _of(self, camera_id: str) -> _Doubt:
        return self._doubts.get(camera_id) or _TRUSTED


_TRUSTED = _Doubt(is_trusted=True)
