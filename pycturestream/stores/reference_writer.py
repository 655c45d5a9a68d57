"""Pictures beside the log: those of cameras that want them whole, however large.

They lie in `reference_folder` as `{camera_id}/{frame_id}.jpg`. The time of change of a file is
set to the time at which it has to go, so that anything that knows the clock can clear up: this
process while it runs, the next one when it starts, or the machine's own timer, with
`find FOLDER -name '*.jpg' ! -newermt now -delete`.
"""

import logging
import os
import threading
import time
from functools import cache
from pathlib import Path

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError

_log = logging.getLogger(__name__)

_MARK = "pycturestream-references.txt"
_UNFINISHED_MS = 60_000
"""A file that is not whole by then was left by a process that was killed."""


class StorageError(ServiceError):
    """A picture that can't be put beside the log; the message is one line."""


class References:
    """The pictures of one camera beside the log."""

    def __init__(self, camera_id: str, keep_ms: int, settings: Settings, clock: Clock) -> None:
        """Keep each picture that long, and clear up from now on.

        Raises StorageError where no folder is set, or one that is somebody else's.
        """
        if not settings.reference_folder:
            raise StorageError(
                "pictures of full size lie in a folder that producers and job share: "
                "set PYCTURESTREAM_REFERENCE_FOLDER"
            )
        self._root = Path(settings.reference_folder)
        self._camera_id = camera_id
        self._keep_ms = keep_ms
        self._byte_limit = settings.reference_byte_limit
        self._clock = clock
        _claim(self._root)
        _keep_clear(self._root, settings.retention_check_ms / 1000)

    def write(self, captured_at: Millis, jpeg: bytes) -> str:
        """Write a picture, whole or not at all, and return its name below the folder."""
        if len(jpeg) > self._byte_limit:
            raise StorageError(f"{len(jpeg)} bytes, allowed {self._byte_limit}")
        path = self._root / self._camera_id / f"{frame_id(self._camera_id, captured_at)}.jpg"
        unfinished = path.with_suffix(".part")
        goes_at = (self._clock.now() + self._keep_ms) / 1000
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(jpeg)
            os.utime(unfinished, (goes_at, goes_at))
            unfinished.replace(path)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error
        return str(path.relative_to(self._root))


def _claim(root: Path) -> None:
    """Mark a new or empty folder as ours. What lies in another one must not be removed."""
    mark = root / _MARK
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not mark.exists():
            if any(root.iterdir()):
                raise StorageError(
                    f"{root} holds other files, and pictures there are removed after some minutes: "
                    "set PYCTURESTREAM_REFERENCE_FOLDER to an empty folder"
                )
            mark.write_text("Pictures in here are removed when their time of change has come.\n")
    except OSError as error:
        raise StorageError(f"{root}: {error.strerror}") from error


@cache
def _keep_clear(root: Path, interval_s: float) -> None:
    """Clear up after all cameras, from now on until the process ends, also after former ones.

    One thread a process and folder: a camera that was switched off or taken away leaves pictures
    that still have to go.
    """

    def keep_clear() -> None:
        while True:
            try:
                clear_up(root, Millis(time.time_ns() // 1_000_000))
            except OSError as error:
                # A share that is away for a moment; nothing would start this thread again.
                _log.warning("%s: not cleared up: %s", root, error.strerror)
            time.sleep(interval_s)

    threading.Thread(target=keep_clear, name="references", daemon=True).start()


def clear_up(root: Path, now: Millis) -> None:
    """Remove the pictures that have to go `now`."""
    for suffix, until in ((".jpg", now), (".part", now - _UNFINISHED_MS)):
        for path in root.glob(f"*/*{suffix}"):
            try:
                if path.stat().st_mtime_ns <= until * 1_000_000:
                    path.unlink()
            except OSError:
                continue  # somebody else was faster, or it is not ours to remove
