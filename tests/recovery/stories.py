"""What still scenes live through: a crash of something, or an outage of something."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pycturestream.application.stack import start_stack
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.domain.tracking.tracks import STILL_AFTER_MS
from pycturestream.localstack.job_states import JobStatus, running_jobs
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.server import Server
from pycturestream.stores.redis_view import RedisView
from tests.end_to_end.conftest import eventually
from tests.recovery.records import Books, accounts
from tests.recovery.still_cameras import EMPTY, PEOPLE, PERSONS, THINGS, StillCameras

OUTAGE_S = 30.0
"""At least."""
AGAIN_MS = 2_000
"""Four frames: more than a rule needs to be broken again."""


def now() -> Millis:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Known:
    """What had been told of a camera when the disturbance began."""

    at: Millis
    """The capture time of the newest picture that had been told of."""
    tracks: frozenset[str]
    """The ids of what it saw."""
    alerts: frozenset[str]
    """The ids of what had been reported."""


@dataclass(frozen=True, slots=True)
class Story:
    """A camera that was disturbed, and what was known of it."""

    camera_id: str
    acknowledged: int
    """How many of its frames the broker confirmed."""
    accounts: Books
    known: Known
    over_at: Millis
    """When the disturbance was over: what follows shows whether it came back."""


def through_a_crash(
    settings: Settings,
    name: str,
    crash: Callable[[], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Story]:
    """Let two cameras live through a crash, and see their scenes become empty afterwards.

    What `steady` shows is in a checkpoint when it happens; what `late` shows is not, although it
    has been reported. `meanwhile` begins what else shall be under way.
    """
    steady = f"{name}-steady"
    with StillCameras(settings) as cameras:
        cameras.show(PEOPLE, steady)
        eventually(lambda: _all_reported(settings, steady))
        reported_at = now()
        eventually(lambda: _saved_at(settings) > reported_at + STILL_AFTER_MS)
        meanwhile()
        late = _reported_after_checkpoint(settings, cameras, name)
        known = {camera_id: _known(settings, camera_id) for camera_id in (steady, late)}
        crash()
        start_stack(settings)  # starts what is missing, as `pycturestream up` does
        _wait_for_results_after(settings, known, now())
        _wait_for_results_after(settings, known, now() + AGAIN_MS)
        over_at = now()
        cameras.show(EMPTY, *known)
        view = RedisView(settings)
        eventually(lambda: not any(view.alerts(camera_id) for camera_id in known))
    return [_end(settings, cameras, camera_id, what, over_at) for camera_id, what in known.items()]


def through_an_outage(
    settings: Settings, server: Server, goes_on: Callable[[str, Millis], bool]
) -> Story:
    """Let a camera live through an outage of a server.

    `goes_on` is asked, with the camera and the time from which on the server is away, until it
    is true: what others can do meanwhile.
    """
    camera_id = f"without-{server.name}"
    with StillCameras(settings) as cameras:
        cameras.show(PEOPLE, camera_id)
        eventually(lambda: _all_reported(settings, camera_id))
        known = _known(settings, camera_id)
        halt(server)
        away_from = now()
        try:
            eventually(lambda: goes_on(camera_id, away_from))
            time.sleep(max(0.0, OUTAGE_S - (now() - away_from) / 1000))
        finally:  # the other stories need it too
            over_at = now()
            launch(server)
        _wait_for_results_after(settings, [camera_id], over_at)
    return _end(settings, cameras, camera_id, known, over_at)


def running(settings: Settings, name: str) -> JobStatus:
    """Return the job of this name."""
    (job,) = (job for job in running_jobs(settings) if job.name == name)
    return job


def _reported_after_checkpoint(settings: Settings, cameras: StillCameras, name: str) -> str:
    """Return a camera whose alerts are in the log, and in no checkpoint."""
    for number in range(10):
        camera_id = f"{name}-late-{number}"
        cameras.show(PEOPLE, camera_id)
        eventually(lambda camera_id=camera_id: _all_reported(settings, camera_id))
        alerts = RedisView(settings).alerts(camera_id)
        if _saved_at(settings) < min(parse_rfc3339(alert["raised_at"]) for alert in alerts):
            return camera_id
    raise AssertionError("there always was a checkpoint in between")


def _saved_at(settings: Settings) -> Millis:
    return running(settings, "detection").last_checkpoint_at or 0


def _known(settings: Settings, camera_id: str) -> Known:
    """Return what Redis tells of a camera."""
    view = RedisView(settings)
    seen = view.latest(camera_id) or {}
    return Known(
        at=parse_rfc3339(seen["captured_at"]),
        tracks=frozenset(thing["track_id"] for thing in seen["objects"]),
        alerts=frozenset(alert["id"] for alert in view.alerts(camera_id)),
    )


def _all_reported(settings: Settings, camera_id: str) -> bool:
    view = RedisView(settings)
    seen = view.latest(camera_id)
    return (
        seen is not None
        and len(seen["objects"]) == THINGS
        and [alert["count"] for alert in view.alerts(camera_id)] == [PERSONS]
    )


def _wait_for_results_after(
    settings: Settings, camera_ids: Iterable[str], captured_after: Millis
) -> None:
    view = RedisView(settings)
    for camera_id in camera_ids:
        eventually(lambda camera_id=camera_id: _captured_at(view, camera_id) > captured_after)


def _captured_at(view: RedisView, camera_id: str) -> Millis:
    return parse_rfc3339((view.latest(camera_id) or {})["captured_at"])


def _end(
    settings: Settings,
    cameras: StillCameras,
    camera_id: str,
    known: Known,
    over_at: Millis,
) -> Story:
    """Return the story once the last page of the books is told."""
    acknowledged = cameras.acknowledged(camera_id)

    def told() -> Books | None:
        now_told = accounts(settings, camera_id)
        return now_told if now_told.received >= acknowledged else None

    return Story(camera_id, acknowledged, eventually(told), known, over_at)
