"""Camera states as older programs wrote them, so that a job resumes from their savepoints."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.cameras.camera import Level, Rule
from pycturestream.domain.pipeline.state import CameraState
from pycturestream.domain.quantity import with_article
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.threats.violation import IN_ALERT, Violation
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.tracks import (
    CONFIRMED_AFTER,
    SIGHTINGS_REMEMBERED,
    LoiteringPlace,
    Track,
)
from pycturestream.domain.zone_phrase import zone_phrase

FIRST, SECOND = b"\x01", b"\x02"
VERSIONS = (FIRST, SECOND)
USUAL_FRAMES = Rule("").frames
"""The number that a rule requires was not stored: an object that was seen as often as most rules
require has most likely been in an alert."""


class _OldAlert(Struct, frozen=True):
    """One object that violates one rule: there was an alert for each of them."""

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
    """By rule, colon and track; entries with an alert stay while their track lives."""
    alerts: tuple[_OldAlert, ...] = ()


def read(version: bytes, data: bytes | memoryview) -> CameraState:
    """Return a state of one of the VERSIONS; `data` is what follows the version byte."""
    fields = msgspec.msgpack.decode(data)
    rule_state = msgspec.convert(fields.pop("watch", {}), _OldRuleState)
    state = msgspec.convert(fields, CameraState)
    tracks = state.tracks
    if version == FIRST:
        tracks = tuple(_with_votes(track) for track in tracks)
    tracks = tuple(_with_birth(track) for track in tracks)
    return replace(state, tracks=tracks, rule_state=_with_situations(rule_state))


def _with_votes(track: Track) -> Track:
    """Return the track, which was confirmed by the number of its sightings alone."""
    return replace(
        track,
        confirmed=track.sightings >= CONFIRMED_AFTER,
        strong=(1 << min(track.sightings, SIGHTINGS_REMEMBERED)) - 1,
        strong_at=track.seen_at,
        votes=((track.label, 1.0),),
    )


def _with_birth(track: Track) -> Track:
    """Return the track with a time of birth, which was not stored: since it has been still."""
    return replace(
        track,
        born_at=track.still_since,
        loitering=LoiteringPlace(*track.still_at, track.box.height, track.still_since),
    )


def _with_situations(rule_state: _OldRuleState) -> RuleState:
    """Return the rule state with an alert per situation, from one with an alert per object.

    Each open alert continues under its id; of several of one rule the first takes new objects, the
    others expire. Objects that were in an alert open no other one.
    """
    alert_ids = {alert.alert_id for alert in rule_state.alerts}
    violations: dict[str, dict[str, Violation]] = {}
    for key, frames in rule_state.sightings.items():
        rule, _, track_id = key.rpartition(":")
        raised = key in alert_ids or frames >= USUAL_FRAMES
        violations.setdefault(rule, {})[track_id] = IN_ALERT if raised else Violation(frames, 0, 0)
    return RuleState(
        violations=violations, alerts=tuple(_alert_of(alert) for alert in rule_state.alerts)
    )


def _alert_of(alert: _OldAlert) -> Alert:
    subject = f"{with_article(alert.label, 1)} {zone_phrase(alert.zones)}".rstrip()
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
        reason=f"{subject[0].upper()}{subject[1:]}.",
        since=alert.raised_at,
        frames=alert.frames,
        lost=int(alert.lost),
        revision=alert.revision,
    )
