"""The dead letters that the log still holds, and how many there are for each reason."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest

from pycturestream.log.dead_letters import LoggedDeadLetter


@dataclass(slots=True)
class Tally:
    """How many pictures were rejected for one reason, by camera, and when the newest was."""

    number: int = 0
    cameras: Counter[str] = field(default_factory=Counter)
    newest: str = ""

    def add(self, letter: LoggedDeadLetter) -> None:
        self.number += 1
        self.cameras[letter.camera_id] += 1
        self.newest = max(self.newest, letter.at)


def newest_and_tallies(
    letters: Iterable[LoggedDeadLetter], limit: int, wanted: Callable[[LoggedDeadLetter], bool]
) -> tuple[list[LoggedDeadLetter], Mapping[str, Tally]]:
    """Return the newest wanted dead letters, and a tally of all wanted ones by reason.

    The most frequent reason comes first. Only `limit` letters are held in memory at a time.
    """
    tallies: dict[str, Tally] = {}

    def tallied() -> Iterator[LoggedDeadLetter]:
        for letter in filter(wanted, letters):
            tallies.setdefault(letter.reason, Tally()).add(letter)
            yield letter

    newest = nlargest(limit, tallied(), key=lambda letter: letter.at)
    in_order = sorted(tallies.items(), key=lambda item: (-item[1].number, item[0]))
    return newest, dict(in_order)
