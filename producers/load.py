"""A steady load for measurements: real frames under many camera ids, scheduled by the clock.

The schedule is fixed before the first frame is sent. A frame carries the time at which it was
due, however late it was sent: a sender that falls behind makes its frames older, and never
improves the measurement.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count, islice, takewhile
from random import Random

import numpy as np

from producers.encode import Encoder, Fit, TooLargeError
from producers.picture import Picture, Source, SourceError
from producers.publish_accounting import PublishAccount, PublishCounts, add_up
from producers.publisher import Publisher
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import Millis

PICTURES = 64
"""Encoded before the start and repeated: 6 MB, and some seconds of a video."""


@dataclass(frozen=True, slots=True)
class Due:
    """One frame of the schedule."""

    at: float
    """Seconds since the start."""
    camera: int
    number: int
    """How many frames this camera had before."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The same rate for all cameras; their offsets are random, and the same for the same seed."""

    cameras: int
    fps: float
    """Frames a second of each camera."""
    seconds: float = float("inf")
    seed: int = 0

    def frames(self) -> Iterator[Due]:
        """Yield the frames in the order in which they are due."""
        chance = Random(self.seed)  # noqa: S311  # no secret depends on it
        moments = sorted((chance.random(), camera) for camera in range(self.cameras))
        frames = (
            Due((number + moment) / self.fps, camera, number)
            for number in count()
            for moment, camera in moments
        )
        return takewhile(lambda due: due.at < self.seconds, frames)


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a load."""

    started_at: Millis
    """The start of the schedule, by the time of day."""
    seconds: float
    """From the start until the last frame was sent."""
    lags_ms: Sequence[float]
    """How long after it was due each frame was sent."""
    counts: Mapping[str, PublishCounts]
    """By camera id."""

    @property
    def sent(self) -> int:
        return len(self.lags_ms)

    @property
    def rate(self) -> float:
        """Frames sent a second."""
        return self.sent / self.seconds if self.seconds else 0.0

    @property
    def total(self) -> PublishCounts:
        """The counts of all cameras together."""
        return add_up(self.counts.values())

    def lag_ms(self) -> dict[str, float]:
        """Return p50, p99 and max of the lags; all zero if nothing was sent."""
        points = {"p50": 50, "p99": 99, "max": 100}
        found = np.percentile(self.lags_ms or [0.0], list(points.values()))
        return dict(zip(points, found.round(1).tolist(), strict=True))


class Load:
    """Publishes a schedule, with an account for each of its cameras."""

    def __init__(
        self, schedule: Schedule, jpegs: Sequence[bytes], publisher: Publisher, prefix: str
    ) -> None:
        """Name the cameras `prefix`-01, `prefix`-02 and so on."""
        self._schedule = schedule
        self._jpegs = jpegs
        self._publisher = publisher
        self._accounts: dict[str, PublishAccount] = {
            f"{prefix}-{number:02}": publisher.open_account()
            for number in range(1, schedule.cameras + 1)
        }
        self._lags_ms = array("f")
        self._started_at = Millis(0)
        self._seconds = 0.0

    def run(self, clock: Clock) -> None:
        """Send each frame when it is due, to the schedule's end or until the clock stops."""
        cameras = list(self._accounts.items())
        start, self._started_at = clock.seconds(), clock.now()
        for due in self._schedule.frames():
            if (wait := start + due.at - clock.seconds()) > 0:
                clock.sleep(wait)
            if clock.stopped:
                break
            self._lags_ms.append(max(0.0, clock.seconds() - start - due.at) * 1000)
            camera_id, account = cameras[due.camera]
            # Rounded down: no picture is newer than the moment it was sent.
            captured_at = Millis(self._started_at + int(due.at * 1000))
            self._publisher.publish(Frame(camera_id, captured_at, self._jpeg(due)), account)
            self._seconds = clock.seconds() - start

    def report(self) -> Report:
        """Return what became of it so far; another thread may be running it."""
        counts = {camera_id: account.counts() for camera_id, account in self._accounts.items()}
        return Report(self._started_at, self._seconds, self._lags_ms[:], counts)

    def _jpeg(self, due: Due) -> bytes:
        """Return the camera's next picture; each camera began at another one."""
        pictures = len(self._jpegs)
        return self._jpegs[(due.number + due.camera * pictures // len(self._accounts)) % pictures]


def encode_pictures(
    source: Source, settings: Settings, clock: Clock, number: int = PICTURES
) -> tuple[bytes, ...]:
    """Return the first pictures of a source as JPEGs that fit. Raises SourceError if none do."""
    encoder = Encoder(Fit.of(settings))
    with closing(source.pictures(clock)) as pictures:
        contents = (picture.content for picture in pictures if isinstance(picture, Picture))
        try:
            jpegs = tuple(encoder.encode(content) for content in islice(contents, number))
        except TooLargeError as error:
            raise SourceError(f"a picture is too large: {error}") from error
    if not jpegs:
        raise SourceError("the source holds no picture that can be read")
    return jpegs
