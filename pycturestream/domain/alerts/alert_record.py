"""An alert as it is read from the topic `alerts`."""

from collections.abc import Mapping

from msgspec import Struct

from pycturestream.domain.alerts.alert import AlertState
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.quantity import with_article
from pycturestream.domain.times import Millis
from pycturestream.domain.zone_phrase import zone_phrase


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
    site: str = ""
    label: str | None = None
    zones: tuple[str, ...] = ()
    track_ids: tuple[str, ...] = ()
    cleared_at: Millis | None = None
    frame_id: str | None = None
    """The evidence."""
    count: int = 1

    @property
    def is_over(self) -> bool:
        return self.state == "cleared"


LEVEL_NAMES: Mapping[Level, str] = {1: "Notice", 2: "Warning", 3: "Danger"}


def title(alert: AlertRecord) -> str:
    """Return e.g. `Danger: two people in the driveway, camera gate`."""
    what = with_article(alert.label, max(alert.count, 1)) if alert.label else alert.rule
    subject = f"{what} {zone_phrase(alert.zones)}".rstrip()
    return f"{LEVEL_NAMES[alert.level]}: {subject}, camera {alert.camera_id}"
