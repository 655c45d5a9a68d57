"""How many cameras without settings there may be: anybody can invent one with each record."""

from collections import OrderedDict

from pycturestream.domain.times import HOUR_MS, Millis

UNKNOWN_LIFE_MS = HOUR_MS
"""How long a camera without settings and without records keeps its place, and its state."""


class UnknownCameras:
    """The cameras without settings that are accepted now: the first ones, up to a limit.

    Nobody loses the place to a newcomer, or invented ids would follow each other without end.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen_at: OrderedDict[str, Millis] = OrderedDict()
        """When each was last seen, by the clock of this computer; the earliest first."""

    def __contains__(self, camera_id: object) -> bool:
        return camera_id in self._seen_at

    def __len__(self) -> int:
        return len(self._seen_at)

    def claim(self, camera_id: str, now: Millis) -> None:
        """Note that a camera sends; one that has no place gets one, if there is one left."""
        if camera_id not in self._seen_at:
            self._forget(now)
            if len(self._seen_at) >= self._limit:
                return
        self._seen_at[camera_id] = now
        self._seen_at.move_to_end(camera_id)

    def _forget(self, now: Millis) -> None:
        """Forget those that were not seen for long, or only by a clock that went back since."""
        while self._seen_at:
            camera_id, seen_at = next(iter(self._seen_at.items()))
            if abs(now - seen_at) <= UNKNOWN_LIFE_MS:
                return
            del self._seen_at[camera_id]
