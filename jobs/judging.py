"""The judging job: detections of the past in; the alerts that other rules raise on them out.

    read-detections > track > judge > write-log

    flink run -py jobs/judging.py -- --run try-1 --cameras cameras.yaml --since 24h --until 0s

`pycturestream rules judge` does this. With `--steps` the job counts or narrates the past as well,
or instead: the operators are those of the detection job. Each writes to one topic.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pyflink.datastream import DataStream
from pyflink.table import StreamTableEnvironment, Table
from pyflink.table.expressions import col, if_then_else, lit

from jobs.environment import KEYED_BUNDLES, create_environment, set_stream_execution
from jobs.kafka_tables import picture_life_ms, read_detections
from jobs.keying import camera_key
from jobs.run_name import run_name
from jobs.step_chain import define_steps, write_log
from pycturestream.clock import now
from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import Settings, settings
from pycturestream.contracts import topics
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.times import Millis, parse_moment
from pycturestream.domain.trials.rule_trial import lead_ms, with_new_masks
from pycturestream.localstack.jobs import JUDGING_PREFIX
from pycturestream.log.cameras import known_cameras, public
from pycturestream.log.erasures import read_erasures
from udfs.count_objects import CountObjects
from udfs.fixed_cameras import FixedCameras
from udfs.judge_frames import JudgeFrames
from udfs.keyed_step import KeyedStep
from udfs.narrate_scenes import NarrateScenes
from udfs.passing_step import PassingStep
from udfs.selection import SelectedKind, Selection
from udfs.track_logged import TrackLogged


class Further(NamedTuple):
    """An operator behind `track`, and which of its results the job writes."""

    operator: type[PassingStep[Any]]
    kind: SelectedKind


FURTHER_STEPS: Mapping[str, Further] = {
    "count": Further(CountObjects, WindowCount),
    "judge": Further(JudgeFrames, AlertChange),
    "narrate": Further(NarrateScenes, Narration),
}
"""In the order in which they follow each other."""


def define(
    tables: StreamTableEnvironment,
    detections: Table,
    cameras: Sequence[str],
    steps: Sequence[KeyedStep[Any]],
    *,
    unchain: bool = False,
) -> DataStream:
    """Define the whole workflow: from records of these cameras to those of the last step."""
    key = camera_key(col("camera_id"))
    # A record without a value becomes one that can't be read, like any other of that kind.
    record = if_then_else(col("record").is_null, lit(b""), col("record"))
    rows = detections.where(key.in_(*cameras)).select(key, record)
    return define_steps(tables, rows, steps, unchain=unchain)


def judging_steps(
    settings: Settings,
    run: str,
    cameras: Mapping[str, Camera],
    since: Millis,
    until: Millis,
    further: Sequence[Further],
    read_erasures: Callable[[], Erasures],
) -> list[KeyedStep[Any]]:
    """Return `track` for frames of the log, and what follows it. Tracking begins before `since`.

    `read_erasures` returns what is erased when the job begins.
    """
    common = (
        pipeline_limits(settings, "replay"),
        run,
        picture_life_ms(settings, "live"),
        partial(FixedCameras, cameras),
    )
    selection = Selection(tuple(step.kind for step in further), since, until)
    begin = since - lead_ms(cameras.values())
    track = TrackLogged(
        *common,
        selection=selection,
        since=begin,
        until=until,
        read_erasures=read_erasures,
    )
    return [track, *(step.operator(*common, selection=selection) for step in further)]


def past_settings(settings: Settings, file: Path) -> dict[str, Camera]:
    """Return the settings by which a file's cameras are judged, by id.

    Raises CameraFileError. Lets kafka.errors.KafkaError through.
    """
    known = known_cameras(settings)
    candidates = {entry.camera.camera_id: public(entry.camera) for entry in read_camera_file(file)}
    return {
        name: with_new_masks(decode_camera_or_default(known.get(name), name), candidate)
        for name, candidate in candidates.items()
    }


def submit(
    settings: Settings,
    run: str,
    cameras: Mapping[str, Camera],
    since: Millis,
    until: Millis,
    further: Sequence[Further],
) -> None:
    """Connect the workflow to the real log and submit it."""
    environment, tables = create_environment(
        settings, KEYED_BUNDLES, parallelism=settings.replay_parallelism
    )
    set_stream_execution(environment, "process")
    erasures = partial(read_erasures, settings)
    steps = judging_steps(settings, run, cameras, since, until, further, erasures)
    results = define(
        tables,
        read_detections(tables, settings, since - lead_ms(cameras.values()), until),
        list(cameras),
        steps,
        unchain=settings.unchain,
    )
    write_log(tables, settings, results, topics.RESULTS, ("read-detections",), steps)
    environment.execute(f"{JUDGING_PREFIX}{run}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--run", type=run_name, required=True, help="the name that all results carry"
    )
    parser.add_argument("--cameras", type=Path, required=True, help="cameras.yaml with the rules")
    parser.add_argument("--since", required=True, help="a duration ago, or a time")
    parser.add_argument("--until", required=True, help="the same")
    parser.add_argument(
        "--steps", nargs="+", choices=FURTHER_STEPS, default=["judge"], help="default: judge"
    )
    arguments = parser.parse_args()
    if arguments.run == LIVE:
        parser.error(f"--run {LIVE} belongs to what the cameras see now")
    submit(
        settings(),
        arguments.run,
        past_settings(settings(), arguments.cameras),
        parse_moment(arguments.since, now()),
        parse_moment(arguments.until, now()),
        [step for name, step in FURTHER_STEPS.items() if name in arguments.steps],
    )


if __name__ == "__main__":
    main()
