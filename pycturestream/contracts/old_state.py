"""Memories of cameras as older programs wrote them, so that a job goes on from their savepoints."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.cameras.camera import Level, Rule
from pycturestream.domain.pipeline.step import CameraMemory
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.threats.violation import IN_ALERT, Violation
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.tracks import (
    CONFIRMED_AFTER,
    SIGHTINGS_REMEMBERED,
    LoiteringPlace,
    Track,
)

FIRST, SECOND = b"\x01", b"\x02"
VERSIONS = (FIRST, SECOND)
USUAL_FRAMES = Rule("").frames
"""How many a rule asks for was not remembered: who was seen as often as most rules ask for has
most likely been told."""


class _OldAlert(Struct, frozen=True):
    """One thing that breaks one rule: there was an alert for each of them."""

    alert_id: str
    rule: str
    level: Level
    label: str
    zones: tuple[str, ...]
    track_id: str
    frame_id: str
    raised_at: Millis
    seen_at: Millis
    clear_after_ms: int
    frames: int
    revision: int = 1
    lost: bool = field(default=False, name="adrift")
    earlier_track_ids: tuple[str, ...] = ()


class _OldRuleState(Struct, frozen=True):
    sightings: Mapping[str, int] = field(default_factory=dict)
    """By rule, colon and track; what was raised stays in it while its track lives."""
    alerts: tuple[_OldAlert, ...] = ()


def read(version: bytes, data: bytes | memoryview) -> CameraMemory:
    """Return a memory of one of the VERSIONS; `data` is what follows the version."""
    fields = msgspec.msgpack.decode(data)
    rule_state = msgspec.convert(fields.pop("watch", {}), _OldRuleState)
    memory = msgspec.convert(fields, CameraMemory)
    tracks = memory.tracks
    if version == FIRST:
        tracks = tuple(_with_votes(track) for track in tracks)
    tracks = tuple(_with_birth(track) for track in tracks)
    return replace(memory, tracks=tracks, rule_state=_of_situations(rule_state))


def _with_votes(track: Track) -> Track:
    """Return a track that was confirmed by the number of its sightings alone."""
    return replace(
        track,
        confirmed=track.sightings >= CONFIRMED_AFTER,
        strong=(1 << min(track.sightings, SIGHTINGS_REMEMBERED)) - 1,
        strong_at=track.seen_at,
        votes=((track.label, 1.0),),
    )


def _with_birth(track: Track) -> Track:
    """Return a track of which nobody knew how long it is there: as long as it is known to be."""
    return replace(
        track,
        born_at=track.still_since,
        loitering=LoiteringPlace(*track.still_at, track.box.height, track.still_since),
    )


def _of_situations(rule_state: _OldRuleState) -> RuleState:
    """Return the memory of situations that follows from that of things.

    Each open alert goes on under its id; of several of one rule the first takes in what comes, the
    others run out. What was in an alert opens no other one.
    """
    told = {alert.alert_id for alert in rule_state.alerts}
    violations: dict[str, dict[str, Violation]] = {}
    for key, frames in rule_state.sightings.items():
        rule, _, track_id = key.rpartition(":")
        raised = key in told or frames >= USUAL_FRAMES
        violations.setdefault(rule, {})[track_id] = IN_ALERT if raised else Violation(frames, 0, 0)
    return RuleState(
        violations=violations, alerts=tuple(_of_thing(alert) for alert in rule_state.alerts)
    )


def _of_thing(alert: _OldAlert) -> Alert:
    where = f" in {' and '.join(alert.zones)}" if alert.zones else ""
    return Alert(
        alert_id=alert.alert_id,
        rule=alert.rule,
        level=alert.level,
        label=alert.label,
        zones=alert.zones,
        track_ids=(alert.track_id, *reversed(alert.earlier_track_ids)),
        frame_id=alert.frame_id,
        raised_at=alert.raised_at,
        seen_at=alert.seen_at,
        clear_after_ms=alert.clear_after_ms,
        reason=f"{alert.label[:1].upper()}{alert.label[1:]}{where}.",
        since=alert.raised_at,
        frames=alert.frames,
        lost=int(alert.lost),
        revision=alert.revision,
    )
