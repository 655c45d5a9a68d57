"""`pycturestream rules evaluate`: scores rules on clips against annotated situations."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pycturestream.cli.cameras_of_file import camera_of_file, cameras_of_file
from pycturestream.cli.options import CameraId, MinScore, Model
from pycturestream.cli.output import AsJson, print_json, print_line, print_table
from pycturestream.cli.progress import progress
from pycturestream.config.settings import settings
from pycturestream.evaluation.detect import model_description
from pycturestream.evaluation.rule_evaluation import (
    ClipResult,
    check_situations,
    evaluate_rules,
    evaluated_camera,
    summary,
)
from pycturestream.evaluation.situations import read_situations


def evaluate(
    cameras: Annotated[
        Path,
        typer.Argument(help="A camera file whose sources are clips.", exists=True, dir_okay=False),
    ],
    truth: Annotated[
        Path,
        typer.Option(
            help="When which rule is broken, as annotated by people: a CSV file.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    camera: CameraId = None,
    fps: Annotated[
        float | None,
        typer.Option(min=0.001, help="Pictures a second, instead of each camera's own rate."),
    ] = None,
    min_score: MinScore = None,
    model: Model = None,
    detections: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="FOLDER",
            help="Store the detections of the whole clips there, and reuse them next time.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score the alerts that rules raise on clips: raised, missed, repeated and false.

    Each clip is sampled at its camera's rate, and as if the camera had been running before:
    without warm-up. Rules about the camera itself are left out.

    Example: `pycturestream rules evaluate samples/alerts/cameras.yaml
    --truth samples/alerts/situations.csv`
    """
    known = {name: evaluated_camera(one, fps) for name, one in cameras_of_file(cameras).items()}
    wanted = known.values() if camera is None else [camera_of_file(known, camera, cameras)]
    situations = read_situations(truth)
    check_situations(truth, situations, known)
    description = model_description(settings(), model, min_score)
    results = [
        evaluate_rules(
            one, cameras.parent, situations, description, detections, settings(), progress
        )
        for one in wanted
    ]
    if as_json:
        print_json(_records(results))
    else:
        _show(results)


def _records(results: Sequence[ClipResult]) -> Iterable[dict[str, Any]]:
    for one in results:
        for score in one.scores:
            fields = asdict(score)
            # The name in the output, which programs read, is older than the field's.
            yield {"kind": "rule", "told": fields.pop("alerted"), **fields}
    yield {"kind": "all", **summary(results)}


def _show(results: Sequence[ClipResult]) -> None:
    print_table(
        ("camera", "rule", "situations", "alerted", "repeated", "false", "after s"),
        (
            (
                score.camera_id,
                score.rule,
                score.situations,
                score.alerted,
                score.repeated,
                score.false,
                " ".join(f"{delay / 1000:.1f}" for delay in score.delays_ms),
            )
            for one in results
            for score in one.scores
        ),
        empty="no rule about objects",
    )
    figures = summary(results)
    if figures["situations"]:
        print_line(
            f"{figures['told']} of {figures['situations']} situations alerted "
            f"({figures['told_share']:.0%}), {figures['repeated']} more than once"
        )
    if figures["p50_s"] is not None:
        print_line(
            f"from the beginning of a situation to its alert: p50 {figures['p50_s']:.1f} s, "
            f"p95 {figures['p95_s']:.1f} s"
        )
    print_line(
        f"false alerts: {figures['false']} in {60 * figures['camera_hours']:.1f} minutes, "
        f"{figures['false_per_camera_hour']:.1f} per camera-hour"
    )
