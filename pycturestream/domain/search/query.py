"""A query for pictures, without any technology: what must be true of a picture.

`matches` is the definition. What a store answers must equal this filter over all its records.
"""

from msgspec import Struct

from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.search.picture import SearchedObject, SearchedPicture
from pycturestream.domain.times import Millis

EVERY_DAY = frozenset(range(1, 8))
DAY_HOURS = 24


class Hours(Struct, frozen=True):
    """Hours of the day: from one until just before another.

    Where they end no later than they begin, they end on the next day: 22 to 6 is a night, and 8 to
    8 is a whole day.
    """

    first: int
    """0 to 23."""
    end: int
    """0 to 24."""

    @property
    def until_midnight(self) -> range:
        """The hours of the day on which they begin."""
        return range(self.first, self.end if self.first < self.end else DAY_HOURS)

    @property
    def after_midnight(self) -> range:
        """Those of the next day."""
        return range(0 if self.first < self.end else self.end)


ALL_DAY = Hours(0, DAY_HOURS)


class ObjectConditions(Struct, frozen=True, kw_only=True):
    """What must be true of one and the same object."""

    min_score: float | None = None
    max_score: float | None = None
    zone: str | None = None
    sector: str | None = None
    track_id: str | None = None
    min_size: float | None = None
    """Of its box, as a share of the picture."""
    max_size: float | None = None
    inside: BoundingBox | None = None
    """The box lies in this rectangle, and may touch its border."""

    def hold_of(self, found: SearchedObject) -> bool:
        return (
            _within(found.score, self.min_score, self.max_score)
            and (self.zone is None or self.zone in found.zones)
            and (self.sector is None or self.sector == found.sector)
            and (self.track_id is None or self.track_id == found.track_id)
            and _within(found.size, self.min_size, self.max_size)
            and (self.inside is None or _lies_inside(found.box, self.inside))
        )


NO_CONDITIONS = ObjectConditions()


class Query(Struct, frozen=True, kw_only=True):
    """What must be true of a picture; the default of each field allows all."""

    run: str = LIVE
    cameras: tuple[str, ...] = ()
    """One of these."""
    sites: tuple[str, ...] = ()
    """One of these."""
    phones: bool = True
    """Also of phones of the seeing aid."""
    since: Millis | None = None
    until: Millis | None = None
    """The end; it is not part of the time."""
    weekdays: frozenset[int] = EVERY_DAY
    """ISO, by the camera's clock: the days on which `hours` begin."""
    hours: Hours = ALL_DAY
    """By the camera's clock."""
    labels: tuple[str, ...] = ()
    """Each of these is in the picture, with an object for which `conditions` hold."""
    without: tuple[str, ...] = ()
    """None of these is in the picture, wherever and however sure."""
    conditions: ObjectConditions = NO_CONDITIONS
    """Without `labels`, of an object of any label."""
    min_count: int | None = None
    """So many objects of each of `labels` are in the picture, or without `labels`, of any one
    label. They are counted in the whole picture, whatever `conditions` say."""
    max_count: int | None = None
    """No more of each of `labels`, or without `labels`, of no label more."""
    min_level: int | None = None
    """An object is a threat of this level or above."""

    def matches(self, picture: SearchedPicture) -> bool:
        """Whether all of it is true of a picture."""
        return (
            picture.run == self.run
            and (not self.cameras or picture.camera_id in self.cameras)
            and (not self.sites or picture.site in self.sites)
            and (self.phones or not is_eye_camera(picture.camera_id))
            and (self.since is None or self.since <= picture.captured_at)
            and (self.until is None or picture.captured_at < self.until)
            and self._allows_hour(picture)
            and self._finds_objects(picture)
            and not any(found.label in self.without for found in picture.objects)
            and self._allows_counts(picture.counts)
            and (self.min_level is None or any(self.min_level <= it for it in picture.levels))
        )

    def is_about(self, found: SearchedObject) -> bool:
        """Whether an object is one of those that the query asks for."""
        return (not self.labels or found.label in self.labels) and self.conditions.hold_of(found)

    def _allows_hour(self, picture: SearchedPicture) -> bool:
        yesterday = (picture.weekday - 2) % 7 + 1
        return (picture.weekday in self.weekdays and picture.hour in self.hours.until_midnight) or (
            yesterday in self.weekdays and picture.hour in self.hours.after_midnight
        )

    def _finds_objects(self, picture: SearchedPicture) -> bool:
        fit = {found.label for found in picture.objects if self.conditions.hold_of(found)}
        if self.labels:
            return fit.issuperset(self.labels)
        return bool(fit) or self.conditions == NO_CONDITIONS

    def _allows_counts(self, counts: dict[str, int]) -> bool:
        if self.labels:
            return all(
                _within(counts.get(label, 0), self.min_count, self.max_count)
                for label in self.labels
            )
        most = max(counts.values(), default=0)
        return _within(most, self.min_count, self.max_count)


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _lies_inside(box: BoundingBox, frame: BoundingBox) -> bool:
    return (
        box.x_min >= frame.x_min
        and box.y_min >= frame.y_min
        and box.x_max <= frame.x_max
        and box.y_max <= frame.y_max
    )
