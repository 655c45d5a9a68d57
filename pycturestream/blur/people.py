"""Makes the people in a picture unrecognisable: finds their heads, and covers them."""

from collections.abc import Iterable
from dataclasses import dataclass

from pycturestream.blur.faces import FaceFinder
from pycturestream.blur.fill import blurred
from pycturestream.blur.heads import head_of_face, head_of_person
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.pixels import Pixels


@dataclass(frozen=True, slots=True)
class BlurredPicture:
    """A picture with covered heads, and how many of them were found in which way."""

    pixels: Pixels
    faces: int
    people: int


def blur_people(
    pixels: Pixels, finder: FaceFinder, people: Iterable[BoundingBox]
) -> BlurredPicture:
    """Cover the head of each of these people, and of each face that is found.

    `people` are their boxes, 0..1 of the picture; of a picture with a detections record,
    `contracts.detections.people_in` returns them. A false one costs a grey spot, a missing one a
    face.
    """
    size = Size(pixels.shape[1], pixels.shape[0])
    of_people = [head_of_person(person, size) for person in people]
    of_faces = [head_of_face(face) for face, _ in finder.find(pixels)]
    return BlurredPicture(
        blurred(pixels, [*of_people, *of_faces]), faces=len(of_faces), people=len(of_people)
    )
