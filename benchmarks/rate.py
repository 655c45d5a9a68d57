"""Pictures a second, from the moments at which batches were done."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks import BenchmarkError


@dataclass(frozen=True, slots=True)
class Batch:
    """Some pictures that were done at one moment."""

    at: float
    """Seconds since the epoch."""
    pictures: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was done in a time without its first part."""

    start: float
    end: float
    pictures: int
    batches: int

    @property
    def batch_size(self) -> float:
        """Pictures a batch, on average."""
        return self.pictures / self.batches

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.pictures / (self.end - self.start)


def batches(moments: Iterable[float]) -> list[Batch]:
    """Return the batches of pictures, each given by the moment at which it was done."""
    return [Batch(at, pictures) for at, pictures in sorted(Counter(moments).items())]


def leave_out(batches: Sequence[Batch], pictures: int) -> Stretch:
    """Return what came after the batch with which so many pictures were done.

    Time runs from the end of that batch to the end of the last one. Raises BenchmarkError where
    nothing is left.
    """
    done = 0
    for position, batch in enumerate(batches, 1):
        done += batch.pictures
        if done >= pictures and position < len(batches):
            rest = batches[position:]
            pictures_left = sum(batch.pictures for batch in rest)
            return Stretch(batch.at, rest[-1].at, pictures_left, len(rest))
    raise BenchmarkError(f"{done} pictures are too few to leave out the first {pictures}")
