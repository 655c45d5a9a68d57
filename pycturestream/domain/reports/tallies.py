"""What a search sums up of the records of a period: the figures that charts are made of.

Days and hours are those of the camera's own clock, as the index of counts has them.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from pycturestream.domain.times import Millis


class CameraPlace(Struct, frozen=True):
    """A camera that has counts, where it is, and by which clock it counts."""

    camera_id: str
    site: str
    timezone: str


class StepTally(Struct, frozen=True):
    """The most objects of a label that were in view at once, in one step of a timeline."""

    label: str
    start: Millis
    most: int


class LabelTally(Struct, frozen=True):
    """How many different objects of a label a camera saw."""

    camera_id: str
    label: str
    different: int


class HourTally(Struct, frozen=True):
    """The different objects of an hour."""

    day: str
    """As `2026-11-21`."""
    hour: int
    different: int


class LineTally(Struct, frozen=True):
    """How often a line was crossed on one day, each way."""

    camera_id: str
    line: str
    day: str
    crossed_in: int
    crossed_out: int


class WeekHourTally(Struct, frozen=True):
    """The different objects of an hour of the week, on all days of the period."""

    weekday: int
    """ISO: 1 is Monday."""
    hour: int
    windows: int
    """Windows of counts in which a camera was seen in this hour; each camera has its own."""
    different: int


class AccountTally(Struct, frozen=True):
    """What became of the frames of a camera."""

    camera_id: str
    received: int = 0
    processed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason; reasons without frames are left out, here and in `dead_letters`."""
    dead_letters: Mapping[str, int] = field(default_factory=dict)


class PresenceTally(Struct, frozen=True):
    """Whether a camera is online, by its newest event, and when its newest result was."""

    camera_id: str
    online: bool | None = None
    """None where no event says so."""
    changed_at: Millis | None = None
    """Since when it is online or offline."""
    last_result_at: Millis | None = None
    """The end of the newest minute in which a frame was processed."""
