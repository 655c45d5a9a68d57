"""Situations: when people saw a rule broken, which alerts there were, and how both agree.

A file of situations has the columns camera, rule, first and last (frames, from 1, in which
the rule is broken), counts (0: too short or too unclear to be certain) and what (a comment).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis
from pycturestream.domain.trials import rule_trial
from pycturestream.domain.trials.rule_trial import Background, Trial
from pycturestream.evaluation.clip import as_outcome
from pycturestream.evaluation.pairing import SAME_MS, Cost, pair
from pycturestream.evaluation.table import flag, frame_index, read_table

COLUMNS = ("camera", "rule", "first", "last", "counts", "what")


@dataclass(frozen=True, slots=True)
class LabeledSituation:
    """One uninterrupted time in which a rule is broken, as people see it."""

    camera_id: str
    rule: str
    first: int
    """The index, from 0, of the first frame of it."""
    last: int
    counts: bool = True
    """If not, an alert for it is neither required nor false."""


@dataclass(frozen=True, slots=True)
class AlertSpan:
    """A situation or an alert on one camera, from begin to end."""

    rule: str
    begin: Millis
    end: Millis
    counts: bool = True


@dataclass(frozen=True, slots=True)
class RuleScore:
    """How the alerts of one rule agree with what people saw on one camera."""

    camera_id: str
    rule: str
    situations: int
    alerted: int
    """Situations with an alert."""
    repeated: int
    """Further alerts for a situation that has one."""
    false: int
    """Alerts without a situation."""
    delays_ms: tuple[Millis, ...]
    """From beginning to alert, for each situation with an alert."""


def read_situations(path: Path) -> tuple[LabeledSituation, ...]:
    """Return what people saw. Raises GroundTruthError with the line."""
    return read_table(path, COLUMNS, _read)


def expected_alerts(
    detections: Mapping[int, Sequence[Detection]],
    camera: Camera,
    size: Size,
    captured_at: Mapping[int, Millis],
    limits: PipelineLimits,
) -> list[AlertSpan]:
    """Return the alerts that the detection job would raise for these frames of a clip."""
    history = (
        as_outcome(camera.camera_id, frame, captured_at[frame], size, detections[frame])
        for frame in sorted(detections)
    )
    until = max(captured_at[frame] for frame in detections)
    [changes] = rule_trial.run([Trial(camera, Background(), limits)], history, until)
    return [
        AlertSpan(
            change.alert.rule,
            change.alert.raised_at,
            change.alert.seen_at if change.state == "cleared" else until,
        )
        for change in changes
    ]


def agree(
    camera_id: str, rules: Iterable[str], seen: Sequence[AlertSpan], alerts: Sequence[AlertSpan]
) -> list[RuleScore]:
    """Score each of a camera's rules: which situations have an alert, which alerts are false.

    A situation has the alert that was raised in it, give or take the tolerance, and each alert
    belongs to one; or the one that was already open when it began.
    """
    return [
        _agree(
            camera_id,
            rule,
            [span for span in seen if span.rule == rule],
            [span for span in alerts if span.rule == rule],
        )
        for rule in rules
    ]


def _agree(
    camera_id: str, rule: str, seen: Sequence[AlertSpan], alerts: Sequence[AlertSpan]
) -> RuleScore:
    sure = [situation for situation in seen if situation.counts]
    paired = pair([[_cost(situation, alert) for alert in alerts] for situation in sure])
    delays = [
        max(alerts[paired[number]].begin - situation.begin, 0) if number in paired else 0
        for number, situation in enumerate(sure)
        if number in paired or any(_was_open(alert, situation) for alert in alerts)
    ]
    others = [alert for number, alert in enumerate(alerts) if number not in paired.values()]
    return RuleScore(
        camera_id,
        rule,
        situations=len(sure),
        alerted=len(delays),
        repeated=sum(
            any(_cost(situation, alert) is not None for situation in sure) for alert in others
        ),
        false=sum(not any(_meet(situation, alert) for situation in seen) for alert in others),
        delays_ms=tuple(delays),
    )


def _cost(situation: AlertSpan, alert: AlertSpan) -> Cost:
    """Return how far the alert is from the situation's beginning, if it was raised in it."""
    begin, end = situation.begin - SAME_MS, situation.end + SAME_MS
    return abs(alert.begin - situation.begin) if begin <= alert.begin <= end else None


def _was_open(alert: AlertSpan, situation: AlertSpan) -> bool:
    return alert.begin < situation.begin <= alert.end


def _meet(situation: AlertSpan, alert: AlertSpan) -> bool:
    begin, end = situation.begin - SAME_MS, situation.end + SAME_MS
    return alert.begin <= end and begin <= alert.end


def _read(row: Sequence[str]) -> LabeledSituation:
    camera_id, rule, first, last, counts, _ = row
    situation = LabeledSituation(
        camera_id, rule, frame_index(first), frame_index(last), flag("counts", counts)
    )
    if situation.last < situation.first:
        raise ValueError(f"the last frame {last} is before the first one {first}")
    return situation
