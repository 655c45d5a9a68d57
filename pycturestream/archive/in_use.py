"""Whether the archive holds anything: then its retention has to go on, whatever cameras ask for."""

from pycturestream.archive.storage import StorageError, open_storage
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.times import MINUTE_MS


class ArchiveUse:
    """Looks once a minute at most."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._look_at = clock.seconds()
        self._is_used: bool | None = None

    def is_used(self) -> bool | None:
        """Return whether something was in it; None while its storage does not answer."""
        now = self._clock.seconds()
        if now >= self._look_at:
            self._look_at = now + MINUTE_MS / 1000
            try:
                self._is_used = any(True for _ in open_storage(self._settings).folders())
            except StorageError:
                self._is_used = None
        return self._is_used
