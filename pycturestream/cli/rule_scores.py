"""`pycturestream rules evaluate`: rules on clips, held against what people saw there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from msgspec.structs import replace

from producers.pace import index_at, steps
from producers.source import is_recorded
from producers.video_file import DEFAULT_FPS
from pycturestream.cli.camera_choice import cameras_of, chosen
from pycturestream.cli.clips import (
    LONGEST_CLIP,
    MinScore,
    Model,
    description_of,
    detect,
    one_line_errors,
)
from pycturestream.cli.errors import CommandError
from pycturestream.cli.options import CameraId
from pycturestream.cli.output import AsJson, print_json, print_table, say
from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import HOUR_MS, Millis
from pycturestream.evaluation.clip import describe
from pycturestream.evaluation.situations import (
    RuleScore,
    Situation,
    Span,
    agree,
    read_situations,
    told_alerts,
)
from pycturestream.evaluation.tracker import BEGINNING

SHARES = (50, 95)
"""Percentiles of the time from a situation's beginning to its alert."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """One camera's clip after it was judged."""

    scores: Sequence[RuleScore]
    length_ms: Millis


def evaluate(
    cameras: Annotated[
        Path,
        typer.Argument(help="A camera file whose sources are clips.", exists=True, dir_okay=False),
    ],
    truth: Annotated[
        Path,
        typer.Option(
            help="When which rule is broken, as people see it: a CSV file.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    camera: CameraId = None,
    fps: Annotated[
        float | None,
        typer.Option(min=0.001, help="Pictures a second, instead of what each camera says."),
    ] = None,
    min_score: MinScore = None,
    model: Model = None,
    detections: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="FOLDER",
            help="Keep there what the model finds in the whole clips; read it, if it is there.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score the alerts that rules raise on clips: what is told, missed, repeated and false.

    Each clip is looked at as often as its camera says, and as if the camera had been running
    before: without warm-up. Rules about the camera itself are left out.

    Example: `pycturestream rules evaluate samples/alerts/cameras.yaml
    --truth samples/alerts/situations.csv`
    """
    with one_line_errors():
        known = {name: _as_evaluated(one, fps) for name, one in cameras_of(cameras).items()}
        wanted = known.values() if camera is None else [chosen(known, camera, cameras)]
        seen = read_situations(truth)
        _check(truth, seen, known)
        description = description_of(model, min_score)
        judged = [
            _judge(
                one,
                _clip(one, cameras.parent),
                [situation for situation in seen if situation.camera_id == one.camera_id],
                description,
                _kept(detections, one, description),
            )
            for one in wanted
        ]
    if as_json:
        print_json(_records(judged))
    else:
        _show(judged)


def _check(truth: Path, seen: Iterable[Situation], cameras: Mapping[str, Camera]) -> None:
    """Raise CommandError for a camera or a rule that there is not."""
    for situation in seen:
        camera = cameras.get(situation.camera_id)
        if camera is None:
            raise CommandError(
                f"{truth} speaks of the camera {situation.camera_id}, which the camera file does "
                f"not have: it has {', '.join(cameras)}"
            )
        if situation.rule not in (rules := _rules(camera)):
            raise CommandError(
                f"{truth} speaks of the rule {situation.rule}, which the camera "
                f"{situation.camera_id} does not have: it has {', '.join(rules) or 'none'}"
            )


def _rules(camera: Camera) -> list[str]:
    return [rule.name for rule in camera.rules]


def _as_evaluated(camera: Camera, fps: float | None) -> Camera:
    rules = tuple(rule for rule in camera.rules if rule.about == "things")
    return replace(camera, warm_up_ms=0, rules=rules, fps=fps or camera.fps)


def _clip(camera: Camera, folder: Path) -> Path:
    """Return where a camera's clip is. Raises CommandError for a source that is none."""
    if not (camera.source and is_recorded(camera.source)):
        raise CommandError(f"the source of camera {camera.camera_id} is no clip")
    return folder / Path(camera.source).expanduser()


def _kept(folder: Path | None, camera: Camera, model: ModelDescription) -> Path | None:
    """Return where what this model finds is kept. Raises CommandError."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror}") from error
    return folder / f"{camera.camera_id}-{model.name}-{model.version}.jsonl"


def _judge(
    camera: Camera,
    clip: Path,
    seen: Sequence[Situation],
    description: ModelDescription,
    kept: Path | None,
) -> _Judged:
    shown = describe(clip)
    rate = shown.fps or DEFAULT_FPS
    end = shown.frames or LONGEST_CLIP
    if (last := max((situation.last for situation in seen), default=-1)) >= end:
        raise CommandError(
            f"{camera.camera_id}: people saw something in frame {last + 1}, and {clip} has "
            f"{end}: do they belong together?"
        )
    sent = (index_at(second, rate) for second in steps(min(camera.fps or rate, rate)))
    frames = frozenset(takewhile(lambda frame: frame < end, sent))
    believed = detect(clip, shown, description, frames, kept)
    if not believed:
        raise CommandError(f"{kept or clip}: holds no frame of {clip}")

    def moment(frame: int) -> Millis:
        return BEGINNING + round(1000 * frame / rate)

    spans = [Span(one.rule, moment(one.first), moment(one.last + 1), one.counts) for one in seen]
    told = told_alerts(
        believed,
        camera,
        shown.size,
        {frame: moment(frame) for frame in believed},
        pipeline_limits(settings(), "replay"),
    )
    return _Judged(
        agree(camera.camera_id, _rules(camera), spans, told),
        moment(max(believed) + 1) - BEGINNING,
    )


def _records(judged: Sequence[_Judged]) -> Iterable[dict[str, Any]]:
    for one in judged:
        yield from ({"kind": "rule", **asdict(score)} for score in one.scores)
    yield {"kind": "all", **_figures(judged)}


def _figures(judged: Sequence[_Judged]) -> dict[str, Any]:
    """Return what all clips show together; None for what can't be said."""
    scores = [score for one in judged for score in one.scores]
    situations, told = (sum(getattr(s, name) for s in scores) for name in ("situations", "told"))
    false = sum(score.false for score in scores)
    hours = sum(one.length_ms for one in judged) / HOUR_MS
    delays = [delay / 1000 for score in scores for delay in score.delays_ms]
    percentiles = np.percentile(delays, SHARES).round(2).tolist() if delays else (None, None)
    return {
        "situations": situations,
        "told": told,
        "told_share": round(told / situations, 4) if situations else None,
        "repeated": sum(score.repeated for score in scores),
        "false": false,
        "camera_hours": round(hours, 4),
        "false_per_camera_hour": round(false / hours, 2),
        **{f"p{share}_s": value for share, value in zip(SHARES, percentiles, strict=True)},
    }


def _show(judged: Sequence[_Judged]) -> None:
    scores = [score for one in judged for score in one.scores]
    print_table(
        ("camera", "rule", "situations", "told", "repeated", "false", "after s"),
        (
            (
                score.camera_id,
                score.rule,
                score.situations,
                score.told,
                score.repeated,
                score.false,
                " ".join(f"{delay / 1000:.1f}" for delay in score.delays_ms),
            )
            for score in scores
        ),
        empty="no rule about things",
    )
    figures = _figures(judged)
    if figures["situations"]:
        say(
            f"{figures['told']} of {figures['situations']} situations told "
            f"({figures['told_share']:.0%}), {figures['repeated']} more than once"
        )
    if figures["p50_s"] is not None:
        say(
            f"from the beginning of a situation to its alert: p50 {figures['p50_s']:.1f} s, "
            f"p95 {figures['p95_s']:.1f} s"
        )
    say(
        f"false alerts: {figures['false']} in {60 * figures['camera_hours']:.1f} minutes, "
        f"{figures['false_per_camera_hour']:.1f} in a camera's hour"
    )
