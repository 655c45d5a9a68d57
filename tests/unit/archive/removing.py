"""Applies a retention of a day, and stops for ever before its n-th removal of a file.

    python removing.py FOLDER LOG NOW STOP_BEFORE

It prints a line when it has stopped: then it can be killed.
"""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pycturestream.archive.archive import Archive
from pycturestream.archive.folder import FolderStorage
from pycturestream.archive.retention import Retention
from pycturestream.contracts.archived import ArchivedRecord, encode_archived
from pycturestream.domain.cameras.camera import Archiving


class StoppingStorage(FolderStorage):
    """Removes so many files, and then nothing more."""

    def __init__(self, folder: str, files: int) -> None:
        super().__init__(folder)
        self._files = files

    def remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            if not self._files:
                print("stopped", flush=True)
                signal.pause()
            self._files -= 1
            super().remove([path])


def main(folder: str, log: str, now: str, files: str) -> None:
    def publish(records: Sequence[ArchivedRecord]) -> None:
        with Path(log).open("ab") as file:
            file.writelines(encode_archived(record) + b"\n" for record in records)

    archive = Archive(StoppingStorage(folder, int(files)), 1_000_000)
    list(Retention(archive, publish).run({"gate": Archiving(days=1)}, int(now)))


if __name__ == "__main__":
    main(*sys.argv[1:])
