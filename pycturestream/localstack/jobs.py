"""The Flink jobs of the system, and where each keeps its state."""

import time
from dataclasses import dataclass
from pathlib import Path

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.localstack.saved_state import METADATA, StateLayout

SCRIPTS = PROJECT_FOLDER / "jobs"
REPLAY_PREFIX = "replay-"
"""Of the names of jobs that process pictures of the past."""
JUDGING_PREFIX = "judging-"
"""Of the names of jobs that process detections of the past."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a stack runs: its name in the web UI, its script, and the script's arguments."""

    name: str
    script: Path
    arguments: tuple[str, ...] = ()
    store: str | None = None
    """The server that it writes to, which must be ready before it starts."""
    layout: StateLayout | None = None
    """Of its state, where an older version had other operators."""
    is_embedded: bool = False
    """Whether operators of it run inside the task managers, which must then run the same code."""


JOBS = (
    Job(
        "detection",
        SCRIPTS / "detection.py",
        layout=StateLayout(current="track", former="understand"),
        is_embedded=True,
    ),
    Job("serving-redis", SCRIPTS / "serving.py", ("--target", "redis"), "redis"),
    Job(
        "serving-elasticsearch",
        SCRIPTS / "serving.py",
        ("--target", "elasticsearch"),
        "elasticsearch",
    ),
)
"""In the order in which a viewer would miss their results."""


def replay_job(run: str) -> Job:
    """Return the bounded job that processes history; its results carry the run's name."""
    return Job(
        f"{REPLAY_PREFIX}{run}", SCRIPTS / "detection.py", ("--mode", "replay", "--run", run)
    )


def judging_job(run: str, cameras: Path, since: Millis, until: Millis) -> Job:
    """Return the bounded job that judges the detections of a time by the rules of a camera file."""
    span = ("--since", rfc3339(since), "--until", rfc3339(until))
    return Job(
        f"{JUDGING_PREFIX}{run}",
        SCRIPTS / "judging.py",
        ("--run", run, "--cameras", str(cameras.resolve()), *span),
    )


def newest_state(folder: Path) -> Path | None:
    """Return the newest complete checkpoint or savepoint of a job: one with its metadata.

    One of a time to come was written while the clock was ahead: any other is newer.
    """
    now = time.time_ns()
    times = {metadata: metadata.stat().st_mtime_ns for metadata in folder.rglob(METADATA)}
    newest = max(
        times, key=lambda metadata: (times[metadata] <= now, times[metadata]), default=None
    )
    return newest and newest.parent
