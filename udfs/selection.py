"""Which of its results a job writes that is fed from the log."""

from dataclasses import dataclass

from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.pipeline.events import Result
from pycturestream.domain.times import Millis

SelectedKind = type[AlertChange] | type[WindowCount] | type[Narration]


@dataclass(frozen=True, slots=True)
class Selection:
    """Results of some kinds that began from `since` until just before `until`.

    What began earlier is known only in part: the job reads the time before for its tracks alone.
    """

    kinds: tuple[SelectedKind, ...]
    since: Millis
    until: Millis

    def has(self, result: Result) -> bool:
        return isinstance(result, self.kinds) and self.since <= _began_at(result) < self.until


def _began_at(result: AlertChange | WindowCount | Narration) -> Millis:
    match result:
        case AlertChange(alert=alert):
            return alert.raised_at
        case WindowCount(window_start=window_start):
            return window_start
        case Narration(captured_at=captured_at):
            return captured_at
