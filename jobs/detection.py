"""The detection job: pictures in; detections, counts, alerts and narrations out.

Run it with `flink run -py jobs/detection.py --mode live` (`pycturestream up` does).
"""

import argparse
from functools import partial

from pyflink.common import Types
from pyflink.datastream import DataStream, KeyedBroadcastProcessFunction
from pyflink.table import DataTypes, StreamTableEnvironment, Table
from pyflink.table.expressions import call, col, row
from pyflink.table.udf import ScalarFunction, udf

from jobs.environment import Bundles, create_environment, set_stream_bundles
from jobs.kafka_tables import create_log, frames_topic, picture_life_ms, read_cameras, read_frames
from jobs.keying import camera_key, key_by_first_field
from jobs.naming import name_operators
from pycturestream.config.limits import admission_limits, pipeline_limits
from pycturestream.config.settings import Settings, settings
from pycturestream.contracts import topics
from pycturestream.detector.detector_process import DetectorProcess
from pycturestream.domain.frames.frame import Mode
from pycturestream.log.cameras import FollowedCameras, known_cameras
from pycturestream.log.results import detections_since
from pycturestream.stores.reference_folder import ReferenceFolder
from udfs.detect_objects import DetectObjects
from udfs.understand_scenes import CAMERAS, LOG_RECORD, UnderstandScenes

FLOW = (
    "read-frames",
    "pick-fields",
    "detect",
    "add-key",
    "check-key",
    "hand-over",
    "understand",
    "collect",
    "address",
    "check",
    "write-log",
)
OUTCOME = Types.ROW([Types.PRIMITIVE_ARRAY(Types.BYTE())])
REPLAY_BUNDLE_TIME_MS = 1_000
"""History can wait until its batches are full."""
REPLAY_THREADS = 1
"""Of each detector: a second thread would wait for the first at every step of the network."""
UNDERSTAND_BUNDLE_SIZE = 500
"""Outcomes are small, and their results are needed at once."""
SETTINGS_FLOW = ("read-cameras", "spread")


def define(
    tables: StreamTableEnvironment,
    frames: Table,
    cameras: Table,
    detect: ScalarFunction,
    understand: KeyedBroadcastProcessFunction,
) -> DataStream:
    """Define the whole workflow: a frame goes from the top to the bottom of this function."""
    function = udf(detect, result_type=DataTypes.BYTES(), func_type="pandas", name="detect")
    tables.create_temporary_function("detect", function)

    outcome = call(
        "detect",
        col("camera_id"),
        col("picture"),
        col("headers").at("captured_at"),
        col("headers").at("sent_at"),
        col("headers").at("reference"),
        col("received_at"),
        col("partition"),
        col("offset"),
    )
    outcomes = frames.select(camera_key(col("camera_id")), row(outcome))
    return define_understanding(tables, outcomes, cameras, understand)


def define_understanding(
    tables: StreamTableEnvironment,
    outcomes: Table,
    cameras: Table,
    understand: KeyedBroadcastProcessFunction,
) -> DataStream:
    """Define what follows detection, from rows (camera's key, row of an outcome)."""
    settings_of_cameras = tables.to_data_stream(cameras).broadcast(CAMERAS)
    return (
        key_by_first_field(tables.to_data_stream(outcomes), Types.STRING(), OUTCOME)
        .connect(settings_of_cameras)
        .process(understand, LOG_RECORD)
        .name("understand")
        .uid("understand")
    )


def understand_scenes(settings: Settings, mode: Mode, run: str) -> UnderstandScenes:
    """Return the operator that follows detection."""
    return UnderstandScenes(
        pipeline_limits(settings, mode),
        run=run,
        picture_life_ms=picture_life_ms(settings, mode),
        cameras=known_cameras(settings),
    )


def submit(settings: Settings, mode: Mode, run: str) -> None:
    """Connect the workflow to the real log and submit it."""
    live = mode == "live"
    environment, tables = create_environment(
        settings,
        Bundles(settings.live_bundle_size, settings.detect_bundle_time_ms)
        if live
        else Bundles(settings.detection_batch_size, REPLAY_BUNDLE_TIME_MS),
        parallelism=settings.detection_parallelism if live else settings.replay_parallelism,
    )
    set_stream_bundles(
        environment, Bundles(UNDERSTAND_BUNDLE_SIZE, settings.understand_bundle_time_ms)
    )
    results = define(
        tables,
        frames=read_frames(tables, settings, mode),
        cameras=read_cameras(tables, settings, mode),
        detect=DetectObjects(
            admission_limits(settings, mode),
            topic=frames_topic(mode),
            start_detector=partial(
                DetectorProcess,
                settings.model,
                settings.model_folder,
                batch_size=settings.detection_batch_size,
                threads=settings.detection_threads if live else REPLAY_THREADS,
                timeout_s=settings.detection_timeout_ms / 1000,
            ),
            read_results=partial(detections_since, settings),
            open_camera_settings=partial(FollowedCameras, settings),
            live_detection_budget_ms=settings.live_detection_budget_ms,
            read_reference=ReferenceFolder.of(settings).read,
        ),
        understand=understand_scenes(settings, mode, run),
    )
    everything = tables.create_statement_set()
    everything.add_insert(
        create_log(tables, settings, [*topics.RESULTS, topics.ATTENTION, topics.DEAD_LETTER]),
        tables.from_data_stream(results),
    )
    everything.attach_as_datastream()
    name_operators(tables, FLOW, SETTINGS_FLOW)
    environment.execute("detection" if mode == "live" else f"replay-{run}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["live", "replay"], default="live")
    parser.add_argument("--run", default="live", help="the name that all results carry")
    arguments = parser.parse_args()
    submit(settings(), arguments.mode, arguments.run)


if __name__ == "__main__":
    main()
