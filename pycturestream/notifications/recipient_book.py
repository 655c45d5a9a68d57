"""The recipients of a file, read again when it changes."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from pycturestream.clock import Clock
from pycturestream.config.recipient_file import RecipientFileError, read_recipient_file
from pycturestream.domain.notifications.recipient import Recipient

LOOK_S = 1.0


class RecipientBook:
    """Holds the recipients of the last file that had no mistake."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        """Read the file. Raises RecipientFileError."""
        self._path = path
        self._say = say
        self._lock = Lock()
        self._mark = self._look()
        self._recipients = self._read()

    @property
    def recipients(self) -> Mapping[str, Recipient]:
        """By name, in the order of the file; another mapping after each change."""
        return self._recipients

    def refresh(self) -> None:
        """Read the file if it has changed; while it has mistakes, what held before goes on.

        Several threads may ask: none goes on before what has changed was read.
        """
        with self._lock:
            mark = self._look()
            if mark == self._mark:
                return
            self._mark = mark
            try:
                self._recipients = self._read()
            except RecipientFileError as error:
                self._say(
                    f"{error}\n{self._path.name}: the recipients from before its change go on"
                )
            else:
                self._say(f"{self._path.name}: {len(self._recipients)} recipients from now on")

    def follow(self, clock: Clock) -> None:
        """Look at the file until the clock stops."""
        while not clock.stopped:
            clock.sleep(LOOK_S)
            self.refresh()

    def _read(self) -> dict[str, Recipient]:
        found = read_recipient_file(self._path, os.environ)
        return {recipient.name: recipient for recipient in found}

    def _look(self) -> tuple[int, int, int] | None:
        """Return what is different after a change; editors put a new file in its place."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
