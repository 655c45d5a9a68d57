"""The undisturbed history: the pure core alone, whose state stays decoded."""

from hashlib import sha256

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.frames.admission import Admitted, Arrival, Rejected, admit, reject
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.pipeline import chain
from pycturestream.domain.pipeline.chain import CameraState, Step
from pycturestream.domain.pipeline.events import FrameDetections
from tests.simulation.job import (
    MODEL,
    PICTURE_LIFE_MS,
    RUNS,
    admission_limits,
    pipeline_limits,
)
from tests.simulation.publishing import Log
from tests.simulation.view import View
from tests.simulation.world import World

ADMISSION = admission_limits("replay")


def replay_undisturbed(world: World, log: Log) -> View:
    """Take one record after the other, in the order of arrival, to the end."""
    view = View("replay")
    limits = pipeline_limits(world, "replay")
    states: dict[str, CameraState] = {}

    def remember(camera_id: str, result: Step) -> None:
        states[camera_id], outputs = result
        for output in outputs:
            topic, record = to_record(output, RUNS["replay"], PICTURE_LIFE_MS)
            view.write(0, topic, camera_id.encode(), encode_record(record), {})

    arrivals = [arrival for partition in log.partitions for arrival in partition]
    for arrival in sorted(arrivals, key=lambda arrival: arrival.received_at):
        outcome = _detect(world, arrival)
        if isinstance(outcome, Rejected):
            camera = world.camera(outcome.camera_id)
            state = states.get(camera.camera_id, CameraState())
            remember(camera.camera_id, chain.step(state, outcome, camera, limits))
        else:
            camera = world.camera(outcome.frame.camera_id)
            state = states.get(camera.camera_id, CameraState())
            remember(camera.camera_id, chain.step(state, outcome, camera, limits))
    for camera_id, state in list(states.items()):
        remember(camera_id, chain.finish(state, world.camera(camera_id), limits))
    return view


def _detect(world: World, arrival: Arrival) -> FrameDetections | Rejected:
    (outcome,) = admit([arrival], ADMISSION, arrival.received_at)
    jpeg = arrival.value or b""
    if isinstance(outcome, Admitted):
        try:
            seen = world.detections(jpeg)
        except ValueError as error:
            return reject(arrival, outcome.camera_id, Rejection("detector-failed", str(error)))
        digest = sha256(jpeg).hexdigest()
        measure = world.measure(jpeg)
        return FrameDetections(outcome, digest, MODEL, seen, arrival.received_at, measure)
    return outcome
