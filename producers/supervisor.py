"""Keeps a camera publishing: opens its source again whenever it fails, and reports its state."""

import random
from collections.abc import Callable
from contextlib import closing

from producers.camera_publisher import CameraPublisher
from producers.capture_process import StalledError
from producers.picture import Picture, Pictures, Source, SourceError
from pycturestream.backoff import backoff_ms
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.presence import CameraEvent, EventName
from pycturestream.logging_setup import get_logger
from pycturestream.public_address import hide_addresses

log = get_logger(__name__)

EmitEvent = Callable[[CameraEvent], None]
"""Takes an event for the topic `camera-events`, without waiting."""


class Supervisor:
    """Supervises one camera's publishing, however often its source breaks off."""

    def __init__(
        self,
        camera_publisher: CameraPublisher,
        clock: Clock,
        settings: Settings,
        emit_event: EmitEvent,
    ) -> None:
        self._camera_publisher = camera_publisher
        self._camera_id = camera_publisher.camera_id
        self._clock = clock
        self._emit_event = emit_event
        self._state: EventName | None = None
        self._pictures = 0
        self._first_wait_ms = settings.reconnect_backoff_ms
        self._longest_wait_ms = settings.reconnect_backoff_max_ms

    def run(self, open_source: Callable[[], Source]) -> None:
        """Publish until the source ends, and open it again whenever it fails.

        Nothing that one camera does may end the others, so any error counts as a failure of
        the source. A failure is logged once, until pictures come again; an event is emitted when
        the camera's state changes. Waits start over once pictures came for longer than the last
        wait.
        """
        failures, wait_s, logged = 0, 0.0, ""
        while not self._clock.stopped:
            pictures, began = self._pictures, self._clock.seconds()
            failure = self._publish_once(open_source)
            if failure is None or self._clock.stopped:
                break
            if self._pictures > pictures:
                logged = ""
                if self._clock.seconds() - began >= wait_s:
                    failures = 0
            if failure != logged:
                log.warning(
                    f"{self._camera_id}: {failure}; trying again", camera_id=self._camera_id
                )
                logged = failure
            wait_s = self._wait_s(failures)
            failures += 1
            self._clock.sleep(wait_s)
        self._set_state("ended", "stopped" if self._clock.stopped else "the source has ended")

    def _publish_once(self, open_source: Callable[[], Source]) -> str | None:
        """Return why the source failed; None where it has ended."""
        state: EventName = "reconnecting"
        try:
            self._camera_publisher.publish_source(_Observed(open_source(), self._on_picture))
        except StalledError as error:
            state, failure = "stalled", str(error)
        except SourceError as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001
            failure = f"{type(error).__name__}: {error}"
        else:
            return None
        failure = hide_addresses(failure)
        if not self._clock.stopped:
            self._set_state(state, failure)
        return failure

    def _on_picture(self) -> None:
        self._pictures += 1
        self._set_state("connected")

    def _set_state(self, state: EventName, detail: str = "") -> None:
        if state != self._state:
            self._state = state
            self._emit_event(CameraEvent(self._camera_id, self._clock.now(), state, detail))

    def _wait_s(self, failures: int) -> float:
        """Return the wait after a failure. Chance keeps cameras from coming back all at once."""
        # stamina sleeps by itself: neither Ctrl-C nor a test's clock would end its waits.
        return backoff_ms(failures, self._first_wait_ms, self._longest_wait_ms, _jitter) / 1000


class _Observed:
    """A source that calls a function with each of its pictures."""

    def __init__(self, source: Source, on_picture: Callable[[], None]) -> None:
        self._source = source
        self._on_picture = on_picture

    def pictures(self, clock: Clock) -> Pictures:
        with closing(self._source.pictures(clock)) as pictures:
            for picture in pictures:
                if isinstance(picture, Picture):
                    self._on_picture()
                yield picture


def _jitter() -> float:
    return random.uniform(0.5, 1)  # noqa: S311  # no secret depends on it
