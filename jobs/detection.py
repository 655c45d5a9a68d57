"""The detection job: pictures in; detections, counts, alerts and narrations out.

    read-frames > detect > track > count > judge > narrate > write-log

Run it with `flink run -py jobs/detection.py --mode live` (`pycturestream up` does).
"""

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

from pyflink.datastream import DataStream
from pyflink.table import DataTypes, StreamTableEnvironment, Table
from pyflink.table.expressions import call, col
from pyflink.table.udf import ScalarFunction, udf

from jobs.environment import Bundles, create_environment, set_stream_execution
from jobs.kafka_tables import frames_topic, picture_life_ms, read_frames
from jobs.keying import outcome_key
from jobs.run_name import run_name
from jobs.step_chain import define_steps, write_log
from pycturestream.config.limits import admission_limits, pipeline_limits
from pycturestream.config.settings import Settings, settings
from pycturestream.contracts import topics
from pycturestream.detector.detector_process import DetectorProcess
from pycturestream.detector.model_options import ModelOptions
from pycturestream.domain.frames.frame import LIVE, Mode
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.erasures import FollowedErasures
from pycturestream.log.results import detections_since
from pycturestream.log.shared_cameras import shared_cameras
from pycturestream.stores.reference_folder import ReferenceFolder
from udfs.count_objects import CountObjects
from udfs.detect_objects import DetectObjects
from udfs.judge_frames import JudgeFrames
from udfs.keyed_step import KeyedStep
from udfs.narrate_scenes import NarrateScenes
from udfs.track_objects import TrackObjects

REPLAY_BUNDLE_TIME_MS = 1_000
"""History can wait until its batches are full."""
REPLAY_THREADS = 1
"""Of each detector: a second thread would wait for the first at every step of the network."""


def define(
    tables: StreamTableEnvironment,
    frames: Table,
    detect: ScalarFunction,
    steps: Sequence[KeyedStep[Any]],
    *,
    unchain: bool = False,
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
        col("headers").at("sender"),
        col("headers").at("proof"),
    )
    detected = tables.to_data_stream(frames.select(col("camera_id"), outcome.alias("outcome")))
    # Without the way over a stream the planner would call `detect` once for each use of its result.
    outcomes = tables.from_data_stream(detected).select(
        outcome_key(col("camera_id"), col("outcome")), col("outcome")
    )
    return define_steps(tables, outcomes, steps, unchain=unchain)


def keyed_steps(settings: Settings, mode: Mode, run: str) -> list[KeyedStep[Any]]:
    """Return the operators that follow detection, as far as they are switched on."""
    switched_on = (
        (TrackObjects, True),
        (CountObjects, settings.count),
        (JudgeFrames, settings.judge),
        (NarrateScenes, settings.narrate),
    )
    return [
        operator(
            pipeline_limits(settings, mode),
            run,
            picture_life_ms(settings, mode),
            partial(shared_cameras, settings),
            model=settings.model_folder / settings.model,
        )
        for operator, is_on in switched_on
        if is_on
    ]


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
    set_stream_execution(environment, "thread" if live else "process")
    steps = keyed_steps(settings, mode, run)
    results = define(
        tables,
        frames=read_frames(tables, settings, mode),
        detect=DetectObjects(
            admission_limits(settings, mode),
            topic=frames_topic(mode),
            start_detector=partial(
                DetectorProcess,
                settings.model,
                settings.model_folder,
                ModelOptions.of(settings, None if live else REPLAY_THREADS),
                batch_size=settings.detection_batch_size,
                timeout_s=settings.detection_timeout_ms / 1000,
                decode_timeout_s=settings.decode_timeout_ms / 1000,
            ),
            read_results=partial(detections_since, settings),
            open_camera_settings=partial(FollowedCameras, settings),
            open_erasures=partial(FollowedErasures, settings),
            live_detection_budget_ms=settings.live_detection_budget_ms,
            read_reference=ReferenceFolder.of(settings).read,
        ),
        steps=steps,
        unchain=settings.unchain,
    )
    write_log(
        tables,
        settings,
        results,
        [*topics.RESULTS, topics.ATTENTION, topics.DEAD_LETTER],
        ("read-frames", "pick-fields", "detect", "hand-out", "take-in"),
        steps,
    )
    environment.execute("detection" if mode == "live" else f"replay-{run}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["live", "replay"], default="live")
    parser.add_argument(
        "--run", type=run_name, default=LIVE, help="the name that all results carry"
    )
    arguments = parser.parse_args()
    if (arguments.mode == "live") != (arguments.run == LIVE):
        parser.error(f"--run {LIVE} belongs to --mode live, and no other run does")
    submit(settings(), arguments.mode, arguments.run)


if __name__ == "__main__":
    main()
