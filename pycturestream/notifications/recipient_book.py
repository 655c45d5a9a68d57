"""The recipients of a file, read again when it changes."""

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from pycturestream.clock import Clock
from pycturestream.config.recipient_file import RecipientFileError, read_recipient_file
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)
_POLL_S = 1.0


class RecipientBook:
    """Holds the recipients of the last version of the file that had no mistakes."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises RecipientFileError."""
        self._path = path
        self._lock = Lock()
        self._version = self._file_version()
        self._recipients = self._read()

    @property
    def recipients(self) -> Mapping[str, Recipient]:
        """By name, in the order of the file; a new mapping after each change."""
        return self._recipients

    def refresh(self) -> None:
        """Read the file if it has changed; while it has mistakes, the recipients stay as they were.

        Several threads may call this; each returns after the change was read.
        """
        with self._lock:
            version = self._file_version()
            if version == self._version:
                return
            self._version, name = version, self._path.name
            try:
                self._recipients = self._read()
            except Exception as error:  # noqa: BLE001 - whatever it holds, alerts are still sent
                known = isinstance(error, RecipientFileError)
                reason = str(error) if known else f"{name}: {type(error).__name__}: {error}"
                _log.error(
                    f"{reason}\n{name}: the recipients from before its change stay in force",
                    file=name,
                )
            else:
                number = len(self._recipients)
                _log.info(f"{name}: {number} recipients from now on", file=name, recipients=number)

    def follow(self, clock: Clock) -> None:
        """Check the file for changes until the clock stops."""
        while not clock.stopped:
            clock.sleep(_POLL_S)
            self.refresh()

    def _read(self) -> dict[str, Recipient]:
        found = read_recipient_file(self._path, os.environ)
        return {recipient.name: recipient for recipient in found}

    def _file_version(self) -> tuple[int, int, int] | None:
        """Return what differs after a change; editors replace a file by a new one."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
