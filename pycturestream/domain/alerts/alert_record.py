"""An alert as it is read from the topic `alerts`."""

from collections.abc import Mapping

from msgspec import Struct

from pycturestream.domain.alerts.alert import AlertState
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.times import Millis
from pycturestream.languages.catalog import DEFAULT_LANGUAGE
from pycturestream.languages.phrases import in_zones, things


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
    what = things(alert.label, max(alert.count, 1), DEFAULT_LANGUAGE) if alert.label else alert.rule
    subject = f"{what} {in_zones(alert.zones, DEFAULT_LANGUAGE)}".rstrip()
    return f"{LEVEL_NAMES[alert.level]}: {subject}, camera {alert.camera_id}"
