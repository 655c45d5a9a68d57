"""Stories of still scenes: a crash of a process, or an outage of a server."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pycturestream.application.stack import start_stack
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.domain.tracking.track import STILL_AFTER_MS
from pycturestream.localstack.job_states import JobStatus, running_jobs
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.server import Server
from pycturestream.stores.redis_view import RedisView
from tests.end_to_end.conftest import eventually
from tests.recovery.records import Accounts, accounts
from tests.recovery.still_cameras import EMPTY, OBJECT_COUNT, PEOPLE, PERSON_COUNT, StillCameras

OUTAGE_S = 30.0
"""At least."""
AGAIN_MS = 2_000
"""Four frames: more than are needed to violate a rule again."""


def now() -> Millis:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Reported:
    """What had been reported of a camera when the disturbance began."""

    at: Millis
    """The capture time of the newest frame that had been reported."""
    tracks: frozenset[str]
    """The ids of the tracks in it."""
    alerts: frozenset[str]
    """The ids of the open alerts."""


@dataclass(frozen=True, slots=True)
class Story:
    """A camera that was disturbed, and what had been reported of it."""

    camera_id: str
    acknowledged: int
    """How many of its frames the broker confirmed."""
    accounts: Accounts
    before: Reported
    over_at: Millis
    """When the disturbance ended: later records show whether the system recovered."""


def through_a_crash(
    settings: Settings,
    name: str,
    crash: Callable[[], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Story]:
    """Run two cameras through a crash, and empty their scenes afterwards.

    At the crash, the state of `steady` is in a checkpoint; that of `late` is not, although it has
    been reported. `meanwhile` starts whatever else must be running.
    """
    steady = f"{name}-steady"
    with StillCameras(settings) as cameras:
        cameras.show(PEOPLE, steady)
        eventually(lambda: _all_reported(settings, steady))
        reported_at = now()
        eventually(lambda: _saved_at(settings) > reported_at + STILL_AFTER_MS)
        meanwhile()
        late = _reported_after_checkpoint(settings, cameras, name)
        before = {camera_id: _reported(settings, camera_id) for camera_id in (steady, late)}
        crash()
        start_stack(settings)  # starts what is missing, as `pycturestream up` does
        _wait_for_results_after(settings, before, now())
        _wait_for_results_after(settings, before, now() + AGAIN_MS)
        over_at = now()
        cameras.show(EMPTY, *before)
        view = RedisView(settings)
        eventually(lambda: not any(view.alerts(camera_id) for camera_id in before))
    return [_end(settings, cameras, camera_id, what, over_at) for camera_id, what in before.items()]


def through_an_outage(
    settings: Settings, server: Server, goes_on: Callable[[str, Millis], bool]
) -> Story:
    """Run a camera through an outage of a server.

    `goes_on` is called, with the camera and the time when the outage began, until it is true: it
    checks that the other servers keep working.
    """
    camera_id = f"without-{server.name}"
    with StillCameras(settings) as cameras:
        cameras.show(PEOPLE, camera_id)
        eventually(lambda: _all_reported(settings, camera_id))
        before = _reported(settings, camera_id)
        halt(server)
        away_from = now()
        try:
            eventually(lambda: goes_on(camera_id, away_from))
            time.sleep(max(0.0, OUTAGE_S - (now() - away_from) / 1000))
        finally:  # the other stories need it too
            over_at = now()
            launch(server)
        _wait_for_results_after(settings, [camera_id], over_at)
    return _end(settings, cameras, camera_id, before, over_at)


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


def _reported(settings: Settings, camera_id: str) -> Reported:
    """Return what Redis holds of a camera."""
    view = RedisView(settings)
    seen = view.latest(camera_id) or {}
    return Reported(
        at=parse_rfc3339(seen["captured_at"]),
        tracks=frozenset(item["track_id"] for item in seen["objects"]),
        alerts=frozenset(alert["id"] for alert in view.alerts(camera_id)),
    )


def _all_reported(settings: Settings, camera_id: str) -> bool:
    view = RedisView(settings)
    seen = view.latest(camera_id)
    return (
        seen is not None
        and len(seen["objects"]) == OBJECT_COUNT
        and [alert["count"] for alert in view.alerts(camera_id)] == [PERSON_COUNT]
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
    before: Reported,
    over_at: Millis,
) -> Story:
    """Return the story once the last accounting window is emitted."""
    acknowledged = cameras.acknowledged(camera_id)

    def reported() -> Accounts | None:
        current = accounts(settings, camera_id)
        return current if current.received >= acknowledged else None

    return Story(camera_id, acknowledged, eventually(reported), before, over_at)
