"""An alert as it is read from the topic `alerts`."""

from msgspec import Struct

from pycturestream.domain.alerts.alert import AlertState
from pycturestream.domain.alerts.facts import Facts
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.times import Millis


class AlertRecord(Struct, frozen=True):
    """One alert after its newest change."""

    id: str
    run: str
    revision: int
    state: AlertState
    camera_id: str
    rule: str
    level: Level
    raised_at: Millis
    updated_at: Millis
    reason: str
    """In the language of the camera."""
    site: str = ""
    label: str | None = None
    zones: tuple[str, ...] = ()
    track_ids: tuple[str, ...] = ()
    cleared_at: Millis | None = None
    frame_id: str | None = None
    """The evidence."""
    count: int = 1
    facts: Facts | None = None
    """What the reason says, without a language; older programs wrote none."""

    @property
    def is_over(self) -> bool:
        return self.state == "cleared"

    def is_erased(self, erasures: Erasures) -> bool:
        """Whether any moment from when it was raised until its last change is erased."""
        return erasures.touches(self.camera_id, self.raised_at, self.updated_at)
