"""This system on the frames of the replay topic: publishes them, and runs the replay job."""

import time

import msgspec
import requests

from benchmarks import BenchmarkError
from benchmarks.bench import Bench
from benchmarks.plan import CAMERAS
from benchmarks.rate import Batch, batches
from producers.publisher import Publisher
from pycturestream.application.jobs import submit
from pycturestream.clock import SystemClock
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.localstack.job_states import ENDED, state_of
from pycturestream.localstack.jobs import replay_job
from pycturestream.log.reader import read_to_end

BEGIN_AT = 1_795_251_600_000
"""2026-11-21T09:00:00Z; any time will do, since history is never late."""
INTERVAL_MS = 100
"""Between two frames of a camera."""
POLL_S = 0.5
TIMEOUT_S = 300.0
"""Ten times as long as the longest run takes on two cores."""


def publish_history(bench: Bench) -> None:
    """Publish the frames of one run, of all cameras in turn. Raises BenchmarkError."""
    publisher = Publisher(bench.settings, "replay", SystemClock())
    account = publisher.open_account()
    try:
        for number in range(bench.plan.frames):
            turn, camera = divmod(number, CAMERAS)
            captured_at = Millis(BEGIN_AT + turn * INTERVAL_MS)
            frame = Frame(f"bench-{camera + 1:02}", captured_at, bench.jpeg(number), "replay")
            publisher.publish(frame, account)
    finally:
        publisher.close()
    counts = account.counts()
    if counts.published != bench.plan.frames:
        raise BenchmarkError(f"Kafka took {counts.published} of {bench.plan.frames} frames")


def run_replay_job(bench: Bench, run: str) -> list[Batch]:
    """Send all frames of the replay topic through the job; its results carry `run`.

    A frame is done when its batch was processed, by the record's `processed_at`.
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
    deadline = time.monotonic() + TIMEOUT_S
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
