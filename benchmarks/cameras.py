"""How many cameras the operators after detection handle on one slot, and the size of their state.

The second half of the detection job runs alone, on frame outcomes that were published before; its
rate is measured. At one frame a second from each camera, frames a second are cameras.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka import TopicPartition
from rich.table import Table

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.checkpoints import checkpoints, take_checkpoint
from benchmarks.outcomes import publish_outcomes, publish_settings
from benchmarks.scenes import BUSY, QUIET, BenchmarkScene, find_scenes
from pycturestream.application.jobs import submit
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.localstack.flink import TaskManagerServer
from pycturestream.localstack.job_states import cancel
from pycturestream.localstack.jobs import Job
from pycturestream.localstack.stack import start_servers, stop_stack
from pycturestream.log.clients import admin
from pycturestream.log.reader import connect

SCRIPT = Path(__file__).with_name("keyed_steps_job.py")
AIM = 5_000
"""Cameras on one slot, at one frame a second."""
MIN_FRAMES = 10_000
"""Of a run: fewer are done before Java and the caches are warm."""
WARM_SHARE = 0.3
"""Share of a run's frames that is left out."""
TIMEOUT_S = 60.0
"""Without a result: the job has failed."""
POLL_MS = 200


@dataclass(frozen=True, slots=True)
class Carried:
    """The figures of one run."""

    view: str
    cameras: int
    task_managers: int
    """Each with one slot of the job."""
    frames_per_second: float
    task_manager_ms: float
    """Processor time of the task managers a frame, in which the operators run."""
    state_bytes: int
    """Of a camera: its share of the checkpoint, with its settings."""
    checkpoint_ms: int
    """Without load."""
    loaded_checkpoint_ms: int | None
    """The longest while results came; None where the run was shorter than the interval."""


def measure(bench: Bench) -> Finding:
    """Run few cameras and many, and as many in whose view nothing happens."""
    scenes = find_scenes(bench)
    numbers = bench.plan.cameras
    runs = [*((BUSY, number) for number in numbers), (QUIET, numbers[-1])]
    found = [_run(bench, view, number, scenes[view]) for view, number in runs]
    with _two_task_managers(bench):
        found.append(_run(bench, BUSY, numbers[-1], scenes[BUSY], task_managers=2))
    objects = {
        view: round(
            sum(len(frame) for scene in those for frame in scene.frames)
            / sum(len(scene.frames) for scene in those),
            1,
        )
        for view, those in scenes.items()
    }
    return Finding(
        {"aim": AIM, "objects_per_frame": objects, "runs": found}, [cameras_table(found, objects)]
    )


def cameras_table(runs: Sequence[Carried], objects: Mapping[str, float]) -> Table:
    table = make_table(
        "After detection: cameras at one frame a second, on one slot of each task manager",
        (
            "view",
            "cameras",
            "task managers",
            "carried",
            "task manager ms",
            "state",
            "checkpoint ms",
            "under load",
        ),
    )
    for run in runs:
        table.add_row(
            run.view,
            str(run.cameras),
            str(run.task_managers),
            f"{run.frames_per_second:.0f}",
            f"{run.task_manager_ms:.2f}",
            f"{run.state_bytes / 1000:.1f} kB",
            str(run.checkpoint_ms),
            "-" if run.loaded_checkpoint_ms is None else str(run.loaded_checkpoint_ms),
        )
    views = ", ".join(f"{view}: {number:g}" for view, number in objects.items())
    table.caption = f"Objects a frame: {views}."
    return table


def _run(
    bench: Bench,
    view: str,
    cameras: int,
    scenes: Sequence[BenchmarkScene],
    task_managers: int = 1,
) -> Carried:
    place = f"{cameras} cameras, {view}, {task_managers} task managers"
    seconds = max(bench.plan.watched_s, MIN_FRAMES // cameras)
    frames = cameras * seconds
    bench.report("cameras", f"{place}: {frames} frames")
    kind = f"{'quiet' if view == QUIET else 'busy'}-{cameras}-{task_managers}"
    outcomes, results = f"bench-outcomes-{kind}", f"bench-results-{kind}"
    _create_topics(bench, task_managers, outcomes, results)
    publish_settings(bench.settings, cameras, scenes)
    publish_outcomes(bench.settings, outcomes, cameras, seconds, scenes)
    with _job(bench, outcomes, results, task_managers) as job_id:
        began, ended = _await_results(bench, results, frames, task_managers)
        rate = (1 - WARM_SHARE) * frames / (ended - began)
        under_load = checkpoints(bench.settings, began * 1000, ended * 1000)["keyed-steps"]
        size, took_ms = take_checkpoint(bench.settings, job_id)
    cores = bench.recorder.cores(began, ended)
    bench.report("cameras", f"{place}: {rate:.0f} frames/s")
    return Carried(
        view=view,
        cameras=cameras,
        task_managers=task_managers,
        frames_per_second=round(rate),
        task_manager_ms=round(
            sum(used for role, used in cores.items() if role.startswith(TaskManagerServer.name))
            * 1000
            / rate,
            2,
        ),
        state_bytes=round(size / cameras),
        checkpoint_ms=took_ms,
        loaded_checkpoint_ms=under_load.max_ms,
    )


def _create_topics(bench: Bench, partitions: int, *names: str) -> None:
    # The broker's time tells when a result arrived.
    topic = {
        "num_partitions": partitions,
        "replication_factor": 1,
        "configs": {"message.timestamp.type": "LogAppendTime"},
    }
    client = admin(bench.settings)
    try:
        client.create_topics(dict.fromkeys(names, topic), wait_for_metadata=True)
    finally:
        client.close()


@contextmanager
def _two_task_managers(bench: Bench) -> Iterator[None]:
    """Run a second task manager for the time of the block."""
    two = bench.settings.model_copy(update={"task_managers": 2})
    second = start_servers(two, bench.report)
    try:
        yield
    finally:
        stop_stack(two, bench.report, only=second)


@contextmanager
def _job(bench: Bench, outcomes: str, results: str, parallelism: int) -> Iterator[str]:
    names = ("--outcomes", outcomes, "--results", results)
    arguments = (*names, "--parallelism", str(parallelism))
    job_id = submit(bench.settings, Job("keyed-steps", SCRIPT, arguments))
    try:
        yield job_id
    finally:
        cancel(bench.settings, job_id)


def _await_results(bench: Bench, topic: str, frames: int, partitions: int) -> tuple[float, float]:
    """Return when the warm part of all frames began and ended, seconds since the epoch."""
    consumer = connect(bench.settings)
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(partitions)])
        consumer.seek_to_beginning()
        done, began, result_at = 0, 0.0, time.monotonic()
        while True:
            for messages in consumer.poll(timeout_ms=POLL_MS).values():
                for message in messages:
                    if message.key != DETECTIONS.encode():
                        continue
                    done += 1
                    result_at = time.monotonic()
                    if done == int(WARM_SHARE * frames):
                        began = message.timestamp / 1000
                    if done == frames:
                        return began, message.timestamp / 1000
            if time.monotonic() - result_at > TIMEOUT_S:
                raise BenchmarkError(
                    f"{done} of {frames} frames are done: see {bench.settings.flink}"
                )
    finally:
        consumer.close()
