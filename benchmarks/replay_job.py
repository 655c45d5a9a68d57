"""This system on the same frames: the replay job, from topic to topic."""

import time

import msgspec
import requests

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.rate import Batch, batches
from pycturestream.application.jobs import submit
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.domain.times import parse_rfc3339
from pycturestream.localstack.job_states import ENDED, state_of
from pycturestream.localstack.jobs import replay_job
from pycturestream.log.reader import read_to_end

POLL_S = 0.5
PATIENCE_S = 300.0
"""Ten times as long as the longest run takes on two cores."""


def run_replay_job(bench: Bench, run: str) -> list[Batch]:
    """Send all frames of the topic of history through the job; its results carry `run`.

    A frame is done when its batch was looked at, which the record's `processed_at` says.
    Raises BenchmarkError where results are missing, StackError where the job can't start.
    """
    began = int(time.time() * 1000)
    _wait(bench, submit(bench.settings, replay_job(run)))
    done = {}
    for message in read_to_end(bench.settings, DETECTIONS, since=began):
        record = msgspec.json.decode(message.value)
        if record["run"] == run:
            done[record["id"]] = parse_rfc3339(record["processed_at"]) / 1000
    if len(done) != bench.plan.frames:
        raise BenchmarkError(f"{len(done)} results of {bench.plan.frames} frames")
    return batches(done.values())


def _wait(bench: Bench, job_id: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            state = state_of(bench.settings, job_id)
        except requests.RequestException:
            state = "UNKNOWN"  # a busy job manager may be slow to answer
        if state == "FINISHED":
            return
        if state in ENDED or time.monotonic() > deadline:
            raise BenchmarkError(f"the replay job is {state}: see {bench.settings.flink}")
        time.sleep(POLL_S)
