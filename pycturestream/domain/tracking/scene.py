"""The objects that are seen in one frame, with their tracks and zones."""

from collections.abc import Mapping

from msgspec import Struct

from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox, sector
from pycturestream.domain.tracking.tracks import Sighting, Track


class SeenObject(Struct, frozen=True):
    """A detection in one frame, with the track that it belongs to and where it is."""

    detection: Detection
    track: Track
    sector: str
    """One of the 3x3 sectors, by the center of the box."""
    dwell_ms: Mapping[str, int]
    """The camera's zones that it stands in, and how long it has been in each."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of the zones that it stands in."""
        return tuple(self.dwell_ms)

    @property
    def score(self) -> float:
        return self.detection.score

    @property
    def box(self) -> BoundingBox:
        return self.detection.box


def see(sighting: Sighting, dwell_ms: Mapping[str, int]) -> SeenObject:
    """Return the seen object of a sighting, with how long it has been in its zones."""
    return SeenObject(
        detection=sighting.detection,
        track=sighting.track,
        sector=sector(sighting.detection.box.center),
        dwell_ms=dwell_ms,
    )
