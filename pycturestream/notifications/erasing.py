"""Counts and removes what the alert service's store holds of an erased time."""

from pathlib import Path

from pycturestream.domain.erasure import Erasure, Erasures, PlaceReport
from pycturestream.notifications.notification_store import NotificationStore


class NotificationPlace:
    """The store on this machine, whether or not the alert service runs. Raises StoreError."""

    name = "notification store"

    def __init__(self, path: Path) -> None:
        self._path = path

    def count(self, erasure: Erasure) -> PlaceReport:
        return self._report(erasure, remove=False)

    def erase(self, erasure: Erasure) -> PlaceReport:
        return self._report(erasure, remove=True)

    def _report(self, erasure: Erasure, *, remove: bool) -> PlaceReport:
        if not self._path.exists():
            return PlaceReport(
                self.name,
                note="none on this machine; where the alert service runs, it erases by itself",
            )
        erasures = Erasures.of([erasure])
        store = NotificationStore(self._path)
        try:
            if not remove:
                return PlaceReport(self.name, store.count_erased(erasures))
            found = store.erase(erasures)
            store.overwrite_erased()
        finally:
            store.close()
        return PlaceReport(self.name, found)
