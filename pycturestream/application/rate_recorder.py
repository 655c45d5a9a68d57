"""Records the alert rates of the newest complete days, again and again, for dashboards."""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import Millis
from pycturestream.errors import ServiceError
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)

EVERY_S: Final = 3_600.0
"""A day is over once, but its records may come late, and others may be erased."""
RETRY_S: Final = 60.0
"""After they could not be found: Elasticsearch does not answer."""
SAID_AFTER: Final = 2
"""Failures in a row: servers that are started together do not answer for the first."""


class RateRecorder:
    """Reports the rate of each camera and day: once, and again when another one is found."""

    def __init__(
        self,
        find: Callable[[Millis], Iterable[DailyRate]],
        erasures: Callable[[], Erasures],
        report: Callable[[DailyRate], None],
        clock: Clock,
    ) -> None:
        """`find` returns the rates at a moment, or raises; `report` does not wait.

        `erasures` returns those that are in force, or raises: of an erased day nothing is reported.
        """
        self._find = find
        self._erasures = erasures
        self._report = report
        self._clock = clock
        self._reported: dict[str, DailyRate] = {}
        self._failures = 0

    def run(self) -> None:
        """Record until the clock stops. Nothing that goes wrong here ends it."""
        while not self._clock.stopped:
            self._clock.sleep(EVERY_S if self.record() else RETRY_S)

    def record(self) -> bool:
        """Report what is new; return whether the rates could be found."""
        now = self._clock.now()
        try:
            found = list(self._find(now))
            erasures = self._erasures()
        except Exception as error:  # noqa: BLE001 - nothing would start this thread again
            self._failures += 1
            if self._failures == SAID_AFTER and not self._clock.stopped:
                cause = str(error) if isinstance(error, ServiceError) else repr(error)
                _log.warning(f"the alert rates of the last days are not recorded yet: {cause}")
            return False
        self._failures = 0
        kept = [rate for rate in found if not rate.is_erased(erasures)]
        for rate in kept:
            if not self._is_reported(rate):
                self._report(rate)
        self._reported = {rate.id: rate for rate in kept}
        return True

    def _is_reported(self, rate: DailyRate) -> bool:
        before = self._reported.get(rate.id)
        return before is not None and replace(before, said_at=rate.said_at) == rate
