"""Keeps a camera filming: opens its source again whenever it fails, and tells how it is."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import closing

from producers.camera_publisher import CameraPublisher, Warn
from producers.capture_process import StalledError
from producers.picture import Picture, Pictures, Source, SourceError
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.config.source_address import without_secrets
from pycturestream.domain.cameras.presence import CameraEvent, EventName

Report = Callable[[CameraEvent], None]
"""Takes an event for the log, without waiting."""


class Supervisor:
    """Watches over one camera's film, however often its source breaks off."""

    def __init__(
        self,
        camera_publisher: CameraPublisher,
        clock: Clock,
        settings: Settings,
        warn: Warn,
        report: Report,
    ) -> None:
        self._camera_publisher = camera_publisher
        self._clock = clock
        self._warn = warn
        self._report = report
        self._state: EventName | None = None
        self._pictures = 0
        self._retry_after = settings.reconnect_backoff_ms / 1000
        self._retry_after_at_most = settings.reconnect_backoff_max_ms / 1000

    def run(self, open_source: Callable[[], Source]) -> None:
        """Publish until the source ends, and open it again whenever it fails.

        Nothing that one camera does may end the others, so any error counts as a failure of
        the source. A warning is told once, until pictures come again; an event when the
        camera's state changes. Waits begin anew once pictures came for longer than the last.
        """
        delays, wait, told = self._delays(), 0.0, ""
        while not self._clock.stopped:
            pictures, begin = self._pictures, self._clock.seconds()
            failure = self._publish_once(open_source)
            if failure is None or self._clock.stopped:
                break
            if self._pictures > pictures:
                told = ""
                if self._clock.seconds() - begin >= wait:
                    delays = self._delays()
            if failure != told:
                self._warn(f"{self._camera_publisher.camera_id}: {failure}; trying again")
                told = failure
            wait = next(delays)
            self._clock.sleep(wait)
        self._become("ended", "stopped" if self._clock.stopped else "the source has ended")

    def _publish_once(self, open_source: Callable[[], Source]) -> str | None:
        """Return why the source failed; None where it has ended."""
        state: EventName = "reconnecting"
        try:
            self._camera_publisher.once(_Told(open_source(), self._see))
        except StalledError as error:
            state, failure = "stalled", str(error)
        except SourceError as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001
            failure = _without_secrets(f"{type(error).__name__}: {error}")
        else:
            return None
        if not self._clock.stopped:
            self._become(state, failure)
        return failure

    def _see(self) -> None:
        self._pictures += 1
        self._become("connected")

    def _become(self, state: EventName, detail: str = "") -> None:
        if state != self._state:
            self._state = state
            at = self._clock.now()
            self._report(CameraEvent(self._camera_publisher.camera_id, at, state, detail))

    def _delays(self) -> Iterator[float]:
        return backoff(self._retry_after, self._retry_after_at_most)


class _Told:
    """A source that tells of each of its pictures."""

    def __init__(self, source: Source, tell: Callable[[], None]) -> None:
        self._source = source
        self._tell = tell

    def pictures(self, clock: Clock) -> Pictures:
        with closing(self._source.pictures(clock)) as pictures:
            for picture in pictures:
                if isinstance(picture, Picture):
                    self._tell()
                yield picture


def backoff(first: float, longest: float) -> Iterator[float]:
    """Yield waits that double, each shortened by chance, so that cameras do not crowd in."""
    wait = first
    while True:
        yield wait * random.uniform(0.5, 1)  # noqa: S311  # no secret depends on it
        wait = min(2 * wait, longest)


def _without_secrets(text: str) -> str:
    """Return an unforeseen message, in which an address may stand."""
    return re.sub(r"\w+://\S+", lambda address: without_secrets(address[0]), text)
