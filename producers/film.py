"""One camera: pictures from its source, encoded to fit, published."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing

from producers.clock import Clock
from producers.encode import Fit, TooLargeError, to_jpeg
from producers.ledger import DropReason, Ledger
from producers.picture import Picture, Skipped, Source, SourceError
from producers.publish import Publisher
from pycturestream.frame import Frame, Mode
from pycturestream.settings import Settings

Warn = Callable[[str], None]
"""Takes one line for people."""


class Film:
    """Films for one camera, with one ledger, however often its source breaks off."""

    def __init__(
        self,
        camera_id: str,
        mode: Mode,
        publisher: Publisher,
        clock: Clock,
        settings: Settings,
        warn: Warn,
    ) -> None:
        self.camera_id = camera_id
        self.ledger: Ledger = publisher.ledger()
        self._mode = mode
        self._publisher = publisher
        self._clock = clock
        self._warn = warn
        self._warned: set[str] = set()
        self._pictures = 0
        self._fit = Fit(
            settings.frame_byte_budget,
            settings.message_byte_limit,
            settings.picture_pixel_limit,
            settings.picture_side_minimum,
        )
        self._retry_after = settings.reconnect_backoff_ms / 1000
        self._retry_after_at_most = settings.reconnect_backoff_max_ms / 1000

    def once(self, source: Source) -> None:
        """Publish the source to its end, or until the clock stops. Raises SourceError."""
        with closing(source.pictures(self._clock)) as pictures:
            for picture in pictures:
                if self._clock.stopped:
                    return
                if isinstance(picture, Skipped):
                    self._drop(picture.reason, f"skipped {picture.detail}")
                else:
                    self._publish(picture)

    def on_and_on(self, open_source: Callable[[], Source]) -> None:
        """Publish until the source ends, and open it again whenever it fails.

        Nothing that one camera does may end the others, so any error counts as a failure of
        the source; it is told once, until pictures come again.
        """
        told = ""
        while not self._clock.stopped:
            delays = backoff(self._retry_after, self._retry_after_at_most)
            pictures = self._pictures
            while not self._clock.stopped and self._pictures == pictures:
                try:
                    self.once(open_source())
                except SourceError as error:
                    failure = str(error)
                except Exception as error:  # noqa: BLE001
                    failure = f"{type(error).__name__}: {error}"
                else:
                    return
                if failure != told:
                    self._warn(f"{self.camera_id}: {failure}; trying again")
                    told = failure
                self._clock.sleep(next(delays))
            told = ""

    def _publish(self, picture: Picture) -> None:
        self._pictures += 1
        try:
            jpeg = to_jpeg(picture.content, self._fit)
        except TooLargeError as error:
            self._drop("too-large", f"dropped {picture.origin}: {error}")
            return
        frame = Frame(self.camera_id, picture.captured_at, jpeg, self._mode, picture.origin)
        self._publisher.publish(frame, self.ledger)

    def _drop(self, reason: DropReason, detail: str) -> None:
        self.ledger.drop(reason)
        if reason not in self._warned:
            self._warned.add(reason)
            self._warn(f"{self.camera_id}: {detail} (further ones are counted)")


def backoff(first: float, longest: float) -> Iterator[float]:
    """Yield waits that double, each shortened by chance, so that cameras do not crowd in."""
    wait = first
    while True:
        yield wait * random.uniform(0.5, 1)  # noqa: S311  # no secret depends on it
        wait = min(2 * wait, longest)
