"""Pauses of cameras whose pictures cost too much: other cameras must not wait for them again.

A picture that the detector failed on costs up to a second, or the start of another model. Its
camera waits, longer after each further one. A picture that took long to decode, but within what is
allowed, has its camera wait in proportion. Senders that use the id of another one wait after each
of their pictures.
"""

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.times import Millis

FIRST_MS = 10_000
"""After the first failure; the next pauses are each twice as long, up to the longest."""
LONGEST_MS = 600_000
FORGOTTEN_AFTER_MS = 600_000
"""After so long without a failure the next one is a first one."""
OTHERS_MS = 1_000
"""After a picture of somebody who does not have the camera's id: it will be dropped in the end, and
is detected at all only because `detect` may be mistaken about who has the id."""
COSTLY_MS = 100.0
"""Processor time of decoding from which a camera waits: a picture of 40 megapixels takes 40 ms as
cameras encode it, and 0.3 s in progressive scans."""
COST_FACTOR = 10
"""How many times its decoding a camera waits: it gets a tenth of the time of one core at most."""
CAMERAS = 1_000
"""Whose pauses are remembered. Senders choose their names; for a new one the pause that ends first
is forgotten."""


class _Pause(Struct, frozen=True):
    since: Millis
    length: Millis
    last_length: Millis = 0
    """Of the pause after the last failure; 0: there was none."""
    last_until: Millis = 0
    """When that one ends."""

    @property
    def until(self) -> Millis:
        return self.since + self.length


class Pauses:
    """The pauses of all cameras, by the time that is passed in."""

    def __init__(self) -> None:
        self._pauses: dict[str, _Pause] = {}

    def __len__(self) -> int:
        return len(self._pauses)

    def is_paused(self, camera_id: str, now: Millis) -> bool:
        pause = self._pauses.get(camera_id)
        if pause is None:
            return False
        if now < pause.since:  # the clock was set back, which may not lengthen a pause
            last_until = min(pause.last_until, now + pause.last_length)
            pause = replace(pause, since=now, last_until=last_until)
            self._pauses[camera_id] = pause
        return now < pause.until

    def note_failure(self, camera_id: str, now: Millis) -> None:
        """Begin a pause after a picture that the detector failed on."""
        length = FIRST_MS
        before = self._pauses.get(camera_id)
        if before and before.last_length and now < before.last_until + FORGOTTEN_AFTER_MS:
            length = min(2 * before.last_length, LONGEST_MS)
        self._begin(camera_id, _Pause(now, length, length, now + length))

    def note_decoding(self, camera_id: str, decode_ms: float, now: Millis) -> None:
        """Begin a pause after a picture whose decoding took that long, if it was long."""
        if decode_ms >= COSTLY_MS:
            before = self._pauses.get(camera_id, _Pause(now, 0))
            length = round(COST_FACTOR * decode_ms)
            self._begin(camera_id, replace(before, since=now, length=length))

    def note_other(self, payer: str, now: Millis) -> None:
        """Begin a pause after a picture of those who do not have the id, unless one goes on."""
        if not self.is_paused(payer, now):
            before = self._pauses.get(payer, _Pause(now, 0))
            self._begin(payer, replace(before, since=now, length=OTHERS_MS))

    def _begin(self, camera_id: str, pause: _Pause) -> None:
        self._pauses.pop(camera_id, None)
        if len(self._pauses) == CAMERAS:
            del self._pauses[min(self._pauses, key=lambda each: self._pauses[each].until)]
        self._pauses[camera_id] = pause
