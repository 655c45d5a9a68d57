"""What is in view of one camera at one time: the objects of a frame, with all known of them."""

from dataclasses import dataclass

from pycturestream.camera import Camera
from pycturestream.detection import Detection
from pycturestream.geometry import BoundingBox, sector
from pycturestream.tracking import Track


@dataclass(frozen=True, slots=True)
class SeenObject:
    """A detection in one frame, with the track that it belongs to and where it is."""

    score: float
    box: BoundingBox
    track: Track
    sector: str
    """One of the 3x3 sectors, by the centre of the box."""
    zones: tuple[str, ...]
    """The camera's zones that it stands in, by the bottom centre of the box."""


def see(detection: Detection, track: Track, camera: Camera) -> SeenObject:
    """Return the object that a detection shows."""
    return SeenObject(
        score=detection.score,
        box=detection.box,
        track=track,
        sector=sector(detection.box.center),
        zones=camera.zones_of(detection.box.foot),
    )
