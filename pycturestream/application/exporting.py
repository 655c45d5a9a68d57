"""Handing out what is held of a camera's time: the selection that an erasure would remove."""

import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from pycturestream.domain.erasure import Erasure
from pycturestream.domain.frames.frame import frame_id, parse_frame_id
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.errors import CommandError

Json = dict[str, Any]
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an export: records, one JSON object a line."""

    name: str
    """The file is `{name}.jsonl`."""
    records: Callable[[], Iterable[Mapping[str, Any]]]
    about: str
    """What they are, for the manifest."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it may leave the system."""

    frame_id: str
    jpeg: bytes


@dataclass(slots=True)
class _Written:
    """A file that was written."""

    name: str
    about: str
    records: int = 0
    bytes: int = 0
    digest: Any = field(default_factory=sha256)

    def record(self) -> Json:
        return {
            "file": self.name,
            "about": self.about,
            "records": self.records,
            "bytes": self.bytes,
            "sha256": self.digest.hexdigest(),
        }


class _Output(ABC):
    """Where files are written."""

    @abstractmethod
    def open(self, name: str) -> Any:
        """Return a binary file to write, as a context manager."""


class _Folder(_Output):
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> Any:
        path = self._path / name
        path.parent.mkdir(exist_ok=True)
        return path.open("wb")


class _Zip(_Output):
    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def open(self, name: str) -> Any:
        return self._file.open(name, "w", force_zip64=True)


def export(
    selection: Erasure,
    parts: Iterable[Part],
    pictures: Callable[[], Iterable[Picture]],
    output: Path,
    left_out: Iterable[str],
    made_at: Millis,
    report: Callable[[str], None],
) -> Json:
    """Write all parts into a new folder, or a ZIP file where the name ends so; return the manifest.

    The manifest names each file with the number of its records and its checksum, and is written
    last: an export without one is not complete. Raises CommandError where the output exists. Lets
    what reading raises through.
    """
    with _opened(output) as files:
        written = [_write(files, part, report) for part in parts]
        report("writing: pictures")
        written += [_write_picture(files, picture) for picture in pictures()]
        manifest: Json = {
            "camera_id": selection.camera_id,
            "since": rfc3339(selection.since),
            "until": rfc3339(selection.until),
            "made_at": rfc3339(made_at),
            "files": [one.record() for one in written],
            "left_out": list(left_out),
        }
        with files.open(MANIFEST) as file:
            file.write(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")
    return manifest


@contextmanager
def _opened(output: Path) -> Iterator[_Output]:
    try:
        if output.suffix.lower() == ".zip":
            with zipfile.ZipFile(output, "x", zipfile.ZIP_DEFLATED) as file:
                yield _Zip(file)
            return
        output.mkdir(parents=True)
    except FileExistsError as error:
        raise CommandError(f"{output} exists: choose a name that is new") from error
    yield _Folder(output)


def _write(files: _Output, part: Part, report: Callable[[str], None]) -> _Written:
    report(f"writing: {part.name}")
    written = _Written(f"{part.name}.jsonl", part.about)
    with files.open(written.name) as file:
        for record in part.records():
            line = msgspec.json.encode(record) + b"\n"
            file.write(line)
            written.digest.update(line)
            written.records += 1
            written.bytes += len(line)
    return written


def _write_picture(files: _Output, picture: Picture) -> _Written:
    # Parsed, so that an id can't name another folder.
    name = frame_id(*parse_frame_id(picture.frame_id))
    written = _Written(f"pictures/{name}.jpg", "a picture", 1, len(picture.jpeg))
    written.digest.update(picture.jpeg)
    with files.open(written.name) as file:
        file.write(picture.jpeg)
    return written
