"""What is in view of one camera at one time: the objects of a frame, with all known of them."""

from dataclasses import dataclass

from pycturestream.camera import Camera
from pycturestream.detection import Detection
from pycturestream.geometry import BoundingBox, sector
from pycturestream.tracking import Sighting, Track


@dataclass(frozen=True, slots=True)
class SeenObject:
    """A detection in one frame, with the track that it belongs to and where it is."""

    detection: Detection
    track: Track
    sector: str
    """One of the 3x3 sectors, by the centre of the box."""
    zones: tuple[str, ...]
    """The camera's zones that it stands in, by the bottom centre of the box."""

    @property
    def score(self) -> float:
        return self.detection.score

    @property
    def box(self) -> BoundingBox:
        return self.detection.box


def see(sighting: Sighting, camera: Camera) -> SeenObject:
    """Return the object that is seen, and where it is."""
    box = sighting.detection.box
    return SeenObject(
        detection=sighting.detection,
        track=sighting.track,
        sector=sector(box.center),
        zones=camera.zones_of(box.foot),
    )
