"""Whatever server dies, pictures are seen again without a hand."""

from collections.abc import Iterator

import pytest
import redis

from pycturestream.application.stack import start_stack
from pycturestream.config.settings import Settings
from pycturestream.domain.times import parse_rfc3339
from pycturestream.localstack.job_states import running_jobs
from pycturestream.localstack.jobs import JOBS
from pycturestream.localstack.stack import servers, stop_stack
from pycturestream.localstack.supervision import supervision
from pycturestream.stores.redis_view import RedisView
from tests.end_to_end.conftest import eventually
from tests.recovery.killing import kill_server
from tests.recovery.still_cameras import PEOPLE, StillCameras
from tests.recovery.stories import now

pytestmark = [pytest.mark.recovery, pytest.mark.slow, pytest.mark.timeout(900)]

CAMERA = "supervised"
JOB_NAMES = {job.name for job in JOBS}


@pytest.fixture(scope="module")
def supervised(short_windows: None, module_settings: Settings) -> Iterator[Settings]:  # noqa: ARG001
    """All servers, the three jobs, a supervisor, and a camera; ends with the module."""
    start_stack(module_settings, supervised=True)
    with StillCameras(module_settings) as cameras:
        cameras.show(PEOPLE, CAMERA)
        yield module_settings
    stop_stack(module_settings)
    assert not list((module_settings.data_folder.resolve() / "run").glob("*.json"))


def test_each_server_that_is_killed_comes_back_and_pictures_are_seen_again(supervised: Settings):
    for server in servers(supervised):
        eventually(lambda: seen_after(supervised, now() - 10_000))
        kill_server(server)
        eventually(
            lambda server=server: any(server.name in line for line in supervision(supervised))
        )
        eventually(server.is_ready)
        eventually(lambda: {job.name for job in running_jobs(supervised)} == JOB_NAMES)
        back_at = now()
        eventually(lambda back_at=back_at: seen_after(supervised, back_at))


def seen_after(settings: Settings, at: int) -> bool:
    """Return whether a picture was seen that was captured after this time."""
    try:
        latest = RedisView(settings).latest(CAMERA)
    except redis.RedisError:
        return False
    return latest is not None and parse_rfc3339(latest["captured_at"]) > at
