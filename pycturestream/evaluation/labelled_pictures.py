"""Pictures with what people see in them: a folder with a COCO file, or a clip with a MOT file.

The COCO file (Lin et al. 2014, "Microsoft COCO: Common Objects in Context") has `images` (id,
file_name, width, height), `annotations` (image_id, category_id, bbox as left, top, width, height
in pixels, iscrowd) and `categories` (id, name); everything else in it is ignored.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import cv2
import msgspec
import numpy as np

from producers.encode import Encoder, Fit, TooLargeError
from producers.picture import Pixels
from pycturestream.domain.frames.jpeg import Size, check_cost, read_header
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import UsageError
from pycturestream.evaluation.clip import describe, read_frames
from pycturestream.evaluation.ground_truth import GroundTruthError, read_truth, span

LABELS = "labels.json"
"""The COCO file of a folder that has several JSON files."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """An object that people see in a picture."""

    label: str
    box: BoundingBox
    """0..1 of the picture; may reach beyond it where an object is cut off."""
    counts: bool = True
    """If not, detecting it, or several in it, is neither required nor wrong."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture and the objects that people see in it."""

    name: str
    size: Size
    """Upright, in pixels."""
    boxes: tuple[LabelledBox, ...]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Pictures that belong together, in their order."""

    path: Path
    """The folder or the clip."""
    pictures: tuple[LabelledPicture, ...]
    frames: range | None = None
    """Of a clip, the frame of each picture, from 0."""

    def jpegs(self, fit: Fit) -> Iterator[tuple[LabelledPicture, bytes]]:
        """Yield each picture as a producer would send it.

        Raises SourceError, and GroundTruthError for a picture that is missing, damaged, such as
        the job rejects, or of another size than its labels say.
        """
        encoder = Encoder(fit)
        contents = self._of_folder() if self.frames is None else self._of_clip(self.frames)
        for picture, (content, pixels) in zip(self.pictures, contents, strict=True):
            height, width = pixels.shape[:2]
            if (width, height) != (picture.size.width, picture.size.height):
                raise GroundTruthError(
                    f"{self.path / picture.name}: has {width}x{height} pixels, its labels are for "
                    f"{picture.size.width}x{picture.size.height}"
                )
            try:
                jpeg = encoder.encode(content)
                check_cost(read_header(jpeg), fit.pixel_limit)
            except (TooLargeError, Rejection) as error:
                raise GroundTruthError(
                    f"{self.path / picture.name}: no camera could send it: {error}"
                ) from error
            yield picture, jpeg

    def _of_folder(self) -> Iterator[tuple[bytes | Pixels, Pixels]]:
        for picture in self.pictures:
            path = self.path / picture.name
            try:
                data = path.read_bytes()
            except OSError as error:
                raise GroundTruthError(f"{path}: can't be read: {error.strerror}") from error
            pixels = _decode(data)
            if pixels is None:
                raise GroundTruthError(f"{path}: is not a picture, or is damaged")
            yield (data if data.startswith(b"\xff\xd8") else pixels), pixels

    def _of_clip(self, frames: range) -> Iterator[tuple[bytes | Pixels, Pixels]]:
        missing = list(frames)
        for number, pixels in read_frames(self.path, frames):
            if number != missing[0]:
                break
            yield pixels, pixels
            del missing[0]
            if not missing:
                return
        raise GroundTruthError(
            f"{self.path}: has no frame {missing[0] + 1}, which is labelled: do they belong "
            "together?"
        )


def read_set(path: Path, truth: Path | None, label: str | None, every: int) -> LabelledSet:
    """Return a folder's labelled pictures, or a clip's; of these each nth (`every`).

    `truth` is the file of labels, which a folder may hold itself. With a `label` only its boxes are
    returned; the boxes of a clip, whose file names none, are of this label (default: person).
    Raises UsageError, GroundTruthError and SourceError.
    """
    if path.is_dir():
        found = _read_folder(path, truth or _labels_in(path), label, every)
    elif truth is None:
        raise UsageError(f"--truth is missing: which file says what {path} shows?")
    else:
        found = _read_clip(path, truth, label or "person", every)
    if not any(box.counts for picture in found.pictures for box in picture.boxes):
        what = f"no {label}" if label else "nothing"
        raise GroundTruthError(f"{truth or path}: {what} is labelled, so nothing can be scored")
    return found


def _labels_in(folder: Path) -> Path:
    if (folder / LABELS).is_file():
        return folder / LABELS
    files = sorted(folder.glob("*.json"))
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise UsageError(
            f"{folder}: expected {LABELS} or one other JSON file with labels, found {names}: name "
            "it with --truth"
        )
    return files[0]


class _Image(msgspec.Struct):
    id: int | str
    file_name: str
    width: int
    height: int


class _Annotation(msgspec.Struct):
    image_id: int | str
    category_id: int | str
    bbox: tuple[float, float, float, float]
    iscrowd: int | bool = 0


class _Category(msgspec.Struct):
    id: int | str
    name: str


class _Coco(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def _read_folder(folder: Path, truth: Path, label: str | None, every: int) -> LabelledSet:
    try:
        coco = msgspec.json.decode(truth.read_bytes(), type=_Coco)
    except OSError as error:
        raise GroundTruthError(f"{truth}: can't be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise GroundTruthError(f"{truth}: is no COCO file: {error}") from error
    try:
        pictures = _pictures(coco, folder)
    except ValueError as error:
        raise GroundTruthError(f"{truth}: {error}") from error
    return LabelledSet(folder, tuple(_only(label, picture) for picture in pictures[::every]))


def _pictures(coco: _Coco, folder: Path) -> list[LabelledPicture]:
    """Return a file's pictures. Raises ValueError."""
    _check_unique("image id", (image.id for image in coco.images))
    _check_unique("file_name", (image.file_name for image in coco.images))
    _check_unique("category id", (category.id for category in coco.categories))
    labels = {category.id: category.name for category in coco.categories}
    images = {image.id: image for image in coco.images}
    boxes: dict[int | str, list[LabelledBox]] = {image.id: [] for image in coco.images}
    for number, annotation in enumerate(coco.annotations):
        try:
            boxes[_known("image_id", annotation.image_id, boxes)].append(
                LabelledBox(
                    labels[_known("category_id", annotation.category_id, labels)],
                    _box(annotation.bbox, images[annotation.image_id]),
                    counts=not annotation.iscrowd,
                )
            )
        except ValueError as error:
            raise ValueError(f"annotations[{number}]: {error}") from error
    return [_picture(image, boxes[image.id], folder) for image in coco.images]


def _picture(image: _Image, boxes: Sequence[LabelledBox], folder: Path) -> LabelledPicture:
    if not (folder / image.file_name).resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{image.file_name}: is outside the folder")
    if image.width < 1 or image.height < 1:
        raise ValueError(f"{image.file_name}: {image.width}x{image.height} pixels")
    return LabelledPicture(image.file_name, Size(image.width, image.height), tuple(boxes))


def _box(bbox: tuple[float, float, float, float], image: _Image) -> BoundingBox:
    left, top, width, height = bbox
    if not all(map(isfinite, bbox)) or width <= 0 or height <= 0:
        raise ValueError(f"bbox {list(bbox)}: expected left, top, width and height in pixels")
    if left >= image.width or top >= image.height or left + width <= 0 or top + height <= 0:
        raise ValueError(f"bbox {list(bbox)}: is outside {image.width}x{image.height} pixels")
    return BoundingBox(
        left / image.width,
        top / image.height,
        (left + width) / image.width,
        (top + height) / image.height,
    )


def _known(name: str, value: int | str, known: Mapping[int | str, object]) -> int | str:
    if value not in known:
        raise ValueError(f"{name} {value!r}: is not in the file")
    return value


def _check_unique(name: str, values: Iterable[int | str]) -> None:
    for value, number in Counter(values).items():
        if number > 1:
            raise ValueError(f"{name} {value!r}: is there {number} times")


def _only(label: str | None, picture: LabelledPicture) -> LabelledPicture:
    boxes = (box for box in picture.boxes if label in {None, box.label})
    return LabelledPicture(picture.name, picture.size, tuple(boxes))


def _read_clip(clip: Path, truth: Path, label: str, every: int) -> LabelledSet:
    size = describe(clip).size
    people = read_truth(truth, size)
    frames = span(people, every)
    pictures = (
        LabelledPicture(
            f"frame {frame + 1}",
            size,
            tuple(LabelledBox(label, one.box, one.counts) for one in people.get(frame, ())),
        )
        for frame in frames
    )
    return LabelledSet(clip, tuple(pictures), frames)


def _decode(data: bytes) -> Pixels | None:
    """Return the upright pixels of a picture file; None if it is none."""
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)
