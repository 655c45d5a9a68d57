"""The names of the local stack's servers: under them their processes are recorded.

Apart from the servers, which import the clients of all of them.
"""

from collections.abc import Iterator
from typing import Final

from pycturestream.config.settings import TASK_MANAGER_LIMIT

KAFKA: Final = "kafka"
JOB_MANAGER: Final = "jobmanager"
REDIS: Final = "redis"
ELASTICSEARCH: Final = "elasticsearch"
PROMETHEUS: Final = "prometheus"
SERVE: Final = "serve"
SUPERVISOR: Final = "supervisor"


def task_manager_name(number: int) -> str:
    """Return the name of the task manager with this number; they are counted from 1."""
    return "taskmanager" if number == 1 else f"taskmanager-{number}"


def server_names() -> Iterator[str]:
    """Yield the names of all servers that there may be; no supervisor is among them."""
    yield from (KAFKA, JOB_MANAGER)
    yield from (task_manager_name(number + 1) for number in range(TASK_MANAGER_LIMIT))
    yield from (REDIS, ELASTICSEARCH, PROMETHEUS, SERVE)
