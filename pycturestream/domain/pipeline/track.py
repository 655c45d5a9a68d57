"""The first step: each frame is tracked, and its camera's presence and frame accounts are kept.

A frame is processed once: repeated and older ones are dropped here. Everything that depends on
whether a camera sends is decided here too, by the frames and by the clock.
"""

from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras import presence
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.presence import CameraEvent, Presence
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames import accounting, admission, sender
from pycturestream.domain.frames.accounting import FrameAccounts
from pycturestream.domain.frames.admission import (
    NO_CAMERA,
    Admitted,
    Dropped,
    DropReason,
    Rejected,
)
from pycturestream.domain.frames.dead_letter import dead_letter_event
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.frames.picture_measure import fault_of
from pycturestream.domain.frames.sender import SenderState
from pycturestream.domain.pipeline.events import (
    AccountingEvent,
    FrameDetections,
    PresenceChange,
    TrackedFrame,
)
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis, clamp_times
from pycturestream.domain.tracking import tracks as tracking
from pycturestream.domain.tracking.hidden import hidden_tracks
from pycturestream.domain.tracking.scene import HiddenObject, SeenObject, hide, see
from pycturestream.domain.tracking.track import Sighting, Track
from pycturestream.domain.zones import zone_state
from pycturestream.domain.zones.zone_state import NO_ZONES, ZoneEvent, ZoneStates

OBSERVED_MS = 1_000
"""How long after a processed frame a camera counts as observed though its next frames are dropped:
under overload, processed frames are that far apart."""
UNOBSERVED_DROPS: frozenset[DropReason] = frozenset({"stale", "superseded", "overload", "paused"})
"""Drop reasons of frames that may show something new, which then goes unobserved."""
STRANGERS_KEPT = 100
"""How many records of cameras that are not accepted become dead letters in one accounting window:
enough to see who sends, while anybody may send more of them than the log can take."""
DUPLICATES_REMEMBERED = 32
"""A producer repeats what was not acknowledged: a handful of frames, soon after."""


class TrackState(Struct, frozen=True, array_like=True):
    """What is remembered of a camera between two of its records: its presence and its tracks."""

    clock: Millis = 0
    """The latest time that this camera has reached, by its frames or by the wall clock."""
    newest_at: Millis = 0
    """When the newest tracked frame was captured."""
    arrived_at: Millis = 0
    """When the broker received its newest record."""
    unobserved: bool = False
    """Frames were dropped since the last processed one: objects may have been there unseen."""
    recent: str = ""
    """Capture time and digest of the last frames, a line each, the newest last: as one text,
    because the state is read and written with each frame, and dozens of values take longer."""
    presence: Presence = field(default_factory=Presence)
    tracks: tuple[Track, ...] = ()
    zone_states: ZoneStates = field(default_factory=dict)
    accounts: FrameAccounts = ()
    accounts_from: Millis = 0
    """Records that arrive before count as arrived then: their window may be in the log already, and
    forgotten."""
    sender: SenderState = field(default_factory=SenderState)


Item = FrameDetections | Dropped | Rejected
"""What becomes of a record before it is tracked."""
Output = TrackedFrame | PresenceChange | CameraEvent | AccountingEvent
Step = tuple[TrackState, list[Output]]


def step(state: TrackState, item: Item, camera: Camera, limits: PipelineLimits) -> Step:
    """Return the state after one more record, and what is emitted in the order of the log."""
    return apply(state, settled(state, item, limits), camera, limits)


def settled(state: TrackState, item: Item, limits: PipelineLimits) -> Item:
    """Return what becomes of a record: a frame of another sender, or `unwanted`, is dropped."""
    if isinstance(item, FrameDetections):
        if _is_of_other(state, item.frame, limits):
            return admission.drop(item.frame, "other-sender")
        return unwanted(state, item, limits) or item
    if isinstance(item, Dropped) and _is_of_other(state, item, limits):
        return replace(item, reason="other-sender")
    return item


def apply(state: TrackState, item: Item, camera: Camera, limits: PipelineLimits) -> Step:
    """Do what `step` does, for an item that is settled: the caller has asked, once."""
    match item:
        case Dropped(reason="other-sender"):
            return _refuse(state, item, limits)
        case Rejected():
            return _reject(state, item, camera, limits)
    frame = item if isinstance(item, Dropped) else item.frame
    held = sender.hold(state.sender, frame.sender, frame.received_at, limits.sender_hold_ms)
    if held is not state.sender:
        state = replace(state, sender=held)
    if isinstance(item, Dropped):
        return _drop(state, item, camera, limits)
    return _track(state, item, camera, limits)


def unwanted(state: TrackState, found: FrameDetections, limits: PipelineLimits) -> Dropped | None:
    """Return why a frame is not processed, or None.

    Live mode takes only newer frames. A replay also takes late ones, as far back as it remembers
    which it has seen: beyond that, a late frame can't be told from a history published twice.
    """
    frame = found.frame
    reason: DropReason | None = None
    if f"\n{_fingerprint(found)}" in f"\n{state.recent}":
        reason = "duplicate"
    elif frame.captured_at <= state.newest_at and (
        limits.mode == "live"
        or frame.captured_at == state.newest_at
        or (
            state.recent.count("\n") == DUPLICATES_REMEMBERED
            and frame.captured_at < _oldest_at(state.recent)
        )
    ):
        reason = "out-of-order"
    return reason and admission.drop(frame, reason)


def is_kept(state: TrackState, rejected: Rejected, limits: PipelineLimits) -> bool:
    """Whether a rejected record becomes a dead letter with an event, before it is applied.

    Any one does, but of the cameras that are not accepted only the first ones of a window; the
    others are counted.
    """
    if rejected.reason != "unknown-camera":
        return True
    counted = accounting.dead_letters(
        state.accounts,
        max(rejected.received_at, state.accounts_from),
        limits.count_window_ms,
        rejected.reason,
    )
    return counted < STRANGERS_KEPT


def pass_time(state: TrackState, camera: Camera, now: Millis, limits: PipelineLimits) -> Step:
    """Let time pass: close accounting windows, report the camera offline. It never runs back."""
    now = max(now, state.clock)
    offline, events = presence.mark_offline(
        state.presence, camera.camera_id, now, limits.offline_after_ms
    )
    arrival_clock = max(now, state.arrived_at) if limits.mode == "live" else state.arrived_at
    accounts, windows = accounting.close(
        state.accounts,
        arrival_clock,
        state.arrived_at,
        limits.count_window_ms,
        limits.grace_ms,
    )
    outputs: list[Output] = [AccountingEvent(camera.camera_id, window) for window in windows]
    outputs += _reported(camera, events)
    if offline.online != state.presence.online:
        outputs.append(PresenceChange(now, online=False, at=offline.last_seen_at))
    return replace(state, clock=now, presence=offline, accounts=accounts), outputs


def newest_time(state: TrackState) -> Millis:
    """Return the latest time that is remembered."""
    return max(state.clock, state.newest_at, state.arrived_at, state.presence.last_seen_at)


def step_back(state: TrackState, camera: Camera, latest: Millis, limits: PipelineLimits) -> Step:
    """Return the state after a clock was set back: nothing in it is later than `latest`.

    Accounting windows of later times are emitted, and kept: the clock may come to them again.
    """
    later = tuple(window for window in state.accounts if window.start > latest)
    end = max((window.start for window in later), default=0)
    end += limits.count_window_ms + limits.grace_ms
    later, emitted = accounting.close(later, end, 0, limits.count_window_ms, limits.grace_ms)
    earlier = tuple(window for window in state.accounts if window.start <= latest)
    begin = latest - latest % limits.count_window_ms
    if begin not in [window.start for window in earlier]:
        begin += limits.count_window_ms
    state = clamp_times(replace(state, accounts=()), latest)
    return replace(state, accounts=(*later, *earlier), accounts_from=begin), [
        AccountingEvent(camera.camera_id, window) for window in emitted
    ]


def finish(state: TrackState, camera: Camera, limits: PipelineLimits) -> Step:
    """Bring a bounded history to its end: nothing more comes."""
    window_ms = limits.count_window_ms + limits.grace_ms
    quiet_ms = max(limits.offline_after_ms, window_ms)
    state = replace(state, arrived_at=state.arrived_at + window_ms)
    state, outputs = pass_time(state, camera, state.clock + quiet_ms, limits)
    # The steps behind come to this end by themselves, and take it for no absence of the camera.
    return state, [output for output in outputs if not isinstance(output, PresenceChange)]


def next_deadline(state: TrackState, _camera: Camera, limits: PipelineLimits) -> Millis | None:
    """Return when `pass_time` has something to do though no record comes, if ever."""
    end = limits.count_window_ms + limits.grace_ms
    deadlines = [
        window.start + end for window in state.accounts if window.received > window.emitted
    ]
    if state.presence.online:
        deadlines.append(state.presence.last_seen_at + limits.offline_after_ms)
    return min(deadlines, default=None)


def _track(
    state: TrackState, found: FrameDetections, camera: Camera, limits: PipelineLimits
) -> Step:
    """Track a frame that is not `unwanted`."""
    frame = found.frame
    at = frame.captured_at
    # Time first: what ended before this frame was emitted then, if a crash made the frame return.
    state, outputs = pass_time(state, camera, at, limits)
    late = at < state.newest_at
    unobserved_ms = _unobserved_ms(state, at)
    online, events = presence.mark_online(state.presence, camera.camera_id, at)
    online, clock_events = presence.compare_clock(
        online, camera.camera_id, at, frame.camera_captured_at, corrected=frame.clock_corrected
    )
    name = frame_id(camera.camera_id, at)
    tracks, zone_states = state.tracks, state.zone_states
    zone_events: tuple[ZoneEvent, ...] = ()
    hidden: tuple[HiddenObject, ...] = ()
    if late:
        seen, sightings = _see_late(found, camera, name)
    else:
        tracks, sightings = tracking.update_tracks(
            state.tracks, found.detections, name, at, frame.aspect, unobserved_ms
        )
        zone_states, zone_events = zone_state.locate(zone_states, camera, sightings, tracks, at)
        seen = tuple(
            see(sighting, zone_states.get(sighting.track.track_id, NO_ZONES).dwell_ms(at))
            for sighting in sightings
        )
        if len(tracks) > len(sightings):
            hidden = tuple(
                hide(track, zone_states.get(track.track_id, NO_ZONES).dwell_ms())
                for track in hidden_tracks(tracks, sightings, at, frame.aspect)
            )
    tracked = TrackedFrame(
        at=at,
        clock=state.clock,
        late=late,
        seen=seen,
        hidden=hidden,
        living=tuple([track.track_id for track in tracks]),
        zone_events=zone_events,
        frame_id=name,
        picture_fault=fault_of(found.measure) if found.measure else "",
        previous_at=state.newest_at,
        unobserved_ms=unobserved_ms,
        clock_off_ms=frame.camera_captured_at - at if frame.clock_corrected else 0,
        measure=found.measure if camera.judges_its_view else None,
        candidates=_candidates(found, sightings),
        view_fault=found.view_fault if camera.judges_its_view else None,
    )
    # The frame comes before what it led to: where a crash cuts the log in between, the job must
    # find the frame there, or the same results would follow at another time.
    return TrackState(
        clock=state.clock,
        newest_at=state.newest_at if late else at,
        arrived_at=max(state.arrived_at, frame.received_at),
        unobserved=False,
        recent=_remembered(state.recent, _fingerprint(found)),
        presence=online,
        tracks=tracks,
        zone_states=zone_states,
        accounts=accounting.count_processed(
            state.accounts,
            max(frame.received_at, state.accounts_from),
            limits.count_window_ms,
        ),
        accounts_from=state.accounts_from,
        sender=state.sender,
    ), [*outputs, tracked, *_reported(camera, events), *clock_events]


def _see_late(
    found: FrameDetections, camera: Camera, name: str
) -> tuple[tuple[SeenObject, ...], Sequence[Sighting]]:
    """Return what a frame of the past shows, each object as a new one."""
    _, sightings = tracking.update_tracks(
        (), found.detections, name, found.frame.captured_at, found.frame.aspect
    )
    seen = (
        see(sighting, dict.fromkeys(camera.zones_of(sighting.detection.box.bottom_center), 0))
        for sighting in sightings
    )
    return tuple(seen), sightings


def _candidates(found: FrameDetections, sightings: Sequence[Sighting]) -> tuple[Detection, ...]:
    if len(sightings) == len(found.detections):
        return ()
    seen = {id(sighting.detection) for sighting in sightings}
    return tuple(detection for detection in found.detections if id(detection) not in seen)


def _drop(state: TrackState, dropped: Dropped, camera: Camera, limits: PipelineLimits) -> Step:
    """Count a frame that is not processed."""
    at = max(dropped.received_at, state.accounts_from)
    accounts = accounting.count_dropped(state.accounts, at, limits.count_window_ms, dropped.reason)
    unobserved = state.unobserved or (
        limits.mode == "live"
        and dropped.reason in UNOBSERVED_DROPS
        # After a crash what was a duplicate may be stale: it shows nothing that was not seen.
        and dropped.captured_at > state.newest_at
    )
    state, outputs = _mark_seen(replace(state, accounts=accounts), dropped, camera, limits)
    return replace(state, unobserved=unobserved), outputs


def _refuse(state: TrackState, dropped: Dropped, limits: PipelineLimits) -> Step:
    """Count a frame of another sender, and report that there is one: it is no sign of the camera.

    Nothing that it says of itself is remembered, so that it can't get in the way of the first one.
    """
    at = dropped.received_at
    accounts = accounting.count_dropped(
        state.accounts, max(at, state.accounts_from), limits.count_window_ms, dropped.reason
    )
    detail = sender.describe(state.sender, dropped.sender)
    held, events = sender.refuse(state.sender, dropped.camera_id, at, detail)
    arrived_at = max(state.arrived_at, at)
    return replace(state, accounts=accounts, sender=held, arrived_at=arrived_at), [*events]


def _is_of_other(
    state: TrackState, record: Admitted | Dropped | Rejected, limits: PipelineLimits
) -> bool:
    return sender.is_other(state.sender, record.sender, record.received_at, limits.sender_hold_ms)


def _reject(state: TrackState, rejected: Rejected, camera: Camera, limits: PipelineLimits) -> Step:
    """Count a record that became a dead letter, and report it."""
    at = max(rejected.received_at, state.accounts_from)
    accounts = accounting.count_dead_letter(
        state.accounts, at, limits.count_window_ms, rejected.reason
    )
    events = [dead_letter_event(rejected)] if is_kept(state, rejected, limits) else []
    state = replace(state, accounts=accounts)
    outputs: list[Output] = []
    if _is_of_other(state, rejected, limits):
        state = replace(state, arrived_at=max(state.arrived_at, rejected.received_at))
    else:
        state, outputs = _mark_seen(state, rejected, camera, limits)
    return state, [*outputs, *events]


def _mark_seen(
    state: TrackState, record: Dropped | Rejected, camera: Camera, limits: PipelineLimits
) -> Step:
    at = record.received_at
    state = replace(state, arrived_at=max(state.arrived_at, at))
    unknown = record.camera_id == NO_CAMERA or record.reason == "unknown-camera"
    if limits.mode == "replay" or unknown:
        return state, []
    outputs: list[Output] = []
    if at - state.presence.last_seen_at >= limits.offline_after_ms:
        # It was offline, whether or not the job was there to see it.
        state, outputs = pass_time(state, camera, at, limits)
    online, events = presence.mark_online(state.presence, record.camera_id, at)
    if not state.presence.online:
        outputs.append(PresenceChange(state.clock, online=True, at=at))
    return replace(state, presence=online), [*outputs, *_reported(camera, events)]


def _reported(camera: Camera, events: Sequence[CameraEvent]) -> Sequence[CameraEvent]:
    """Return the events that are emitted when a camera comes or goes.

    None for a camera that sends only on motion: no pictures are a good sign.
    """
    return () if camera.motion.gate == "trigger" else events


def _fingerprint(found: FrameDetections) -> str:
    """Return the line that identifies a frame.

    By its corrected time: with a clock that has stopped, all pictures of a still scene would be
    one.
    """
    return f"{found.frame.captured_at} {found.digest}\n"


def _remembered(recent: str, fingerprint: str) -> str:
    """Return the last fingerprints with one more."""
    if recent.count("\n") == DUPLICATES_REMEMBERED:
        recent = recent[recent.index("\n") + 1 :]
    return recent + fingerprint


def _oldest_at(recent: str) -> Millis:
    """Return the earliest capture time of the last frames; they may have come in any order."""
    return min(int(line.partition(" ")[0]) for line in recent.split("\n") if line)


def _unobserved_ms(state: TrackState, captured_at: Millis) -> int:
    """Return for how long before this frame pictures came and none was processed."""
    if not state.unobserved or not state.newest_at:
        return 0
    return max(0, captured_at - state.newest_at - OBSERVED_MS)
