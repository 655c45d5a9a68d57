"""The second half of the detection job as one pure step per camera.

A frame's detections become tracks; tracks break rules; what is seen is counted and told. All
memory of a camera is one value, all time comes with the events, so that the same events give
the same results, wherever and how often they are replayed.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain import attention, narration
from pycturestream.domain.alerts.alert import Alert, AlertChange
from pycturestream.domain.attention import AttentionMemory, RateRequest
from pycturestream.domain.cameras import presence
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.presence import CameraEvent, Presence
from pycturestream.domain.counting import window_count
from pycturestream.domain.counting.window_count import Tallies, WindowCount
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames import accounting, admission
from pycturestream.domain.frames.accounting import AccountingWindow, FrameAccounts
from pycturestream.domain.frames.admission import NO_CAMERA, Admitted, Dropped, DropReason, Rejected
from pycturestream.domain.frames.dead_letter import dead_letter_event
from pycturestream.domain.frames.frame import Mode, frame_id
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.narration import Memory, Narration
from pycturestream.domain.threats import camera_rules, object_rules
from pycturestream.domain.threats import rule_state as rule_states
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.object_rules import Explained
from pycturestream.domain.threats.rule_state import RuleState
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking import tracks as tracking
from pycturestream.domain.tracking.scene import SeenObject, see
from pycturestream.domain.tracking.tracks import STATIONARY_LIFE_MS, Track
from pycturestream.domain.zones import zone_state
from pycturestream.domain.zones.zone_state import NO_ZONES, ZoneEvent, ZoneStates

LOOK_WORTH_MS = 1_000
"""For how long after a look a camera counts as watched though its next frames are dropped: under
overload, looks are that far apart."""
OVERLOOKING: frozenset[DropReason] = frozenset({"stale", "superseded", "overload"})
"""Why frames are dropped that show something which nobody sees."""
DUPLICATES_REMEMBERED = 32
"""A producer repeats what was not acknowledged: a handful of frames, soon after."""


class ModelVersion(Struct, frozen=True):
    """The model that looked at a frame."""

    name: str
    version: str


class FrameDetections(Struct, frozen=True):
    """What was found in one frame."""

    frame: Admitted
    digest: str
    """Of the picture's bytes, so that a repeated frame is known again."""
    model: ModelVersion
    detections: tuple[Detection, ...]
    processed_at: Millis
    measure: PictureMeasure | None = None
    """Of the picture as such; older programs made none."""


class JudgedFrame(Struct, frozen=True):
    """A frame with all that is known of it: the record of the topic `detections`."""

    camera: Camera
    frame_id: str
    found: FrameDetections
    seen: tuple[SeenObject, ...]
    threats: tuple[Alert, ...]
    """The open alerts whose thing is in this frame."""


class AccountingEvent(Struct, frozen=True):
    """The books of one camera and window, as they are told."""

    camera_id: str
    window: AccountingWindow


class PipelineLimits(Struct, frozen=True):
    """What understanding keeps to; see the settings of the same names."""

    mode: Mode
    count_window_ms: int
    offline_after_ms: int
    grace_ms: int
    """How long after its end a window waits for frames that are still on their way."""


class CameraMemory(Struct, frozen=True):
    """All that is remembered of one camera between two events."""

    clock: Millis = 0
    """The latest time that this camera has reached, by its frames or by the wall."""
    newest_at: Millis = 0
    """When the newest frame that was followed was captured."""
    arrived_at: Millis = 0
    """When the broker received its newest record."""
    overlooked: bool = False
    """Frames were dropped since the last look: what was not seen may still have been there."""
    recent: tuple[tuple[Millis, str], ...] = ()
    """Time and digest of the last frames."""
    presence: Presence = field(default_factory=Presence)
    tracks: tuple[Track, ...] = ()
    zone_states: ZoneStates = field(default_factory=dict, name="whereabouts")
    rule_state: RuleState = field(default_factory=RuleState, name="watch")
    tallies: Tallies = field(default_factory=Tallies)
    narration: Memory = field(default_factory=Memory)
    attention: AttentionMemory = field(default_factory=AttentionMemory)
    accounts: FrameAccounts = field(default=(), name="books")


Output = (
    JudgedFrame
    | AlertChange
    | WindowCount
    | Narration
    | CameraEvent
    | AccountingEvent
    | RateRequest
)
Step = tuple[CameraMemory, list[Output]]


def observe(
    memory: CameraMemory, camera: Camera, found: FrameDetections, limits: PipelineLimits
) -> Step:
    """Take in one frame."""
    frame = found.frame
    dropped = unwanted(memory, found, limits)
    if dropped:
        return drop(memory, camera, dropped, limits)
    # Time first: what it ended before this frame has been told, if a crash made it come again.
    memory, outputs = advance(memory, camera, frame.captured_at, limits)
    overlooked_ms = _overlooked_ms(memory, frame.captured_at)
    rule_state = (
        rule_states.wait(memory.rule_state, overlooked_ms) if overlooked_ms else memory.rule_state
    )
    heard, events = presence.mark_online(memory.presence, camera.camera_id, frame.captured_at)
    heard, clock_events = presence.compare_clock(
        heard,
        camera.camera_id,
        frame.captured_at,
        frame.camera_captured_at,
        corrected=frame.clock_corrected,
    )
    memory = replace(
        memory,
        rule_state=camera_rules.welcome(rule_state, frame.captured_at),
        overlooked=False,
        presence=heard,
        arrived_at=max(memory.arrived_at, frame.received_at),
        recent=(*memory.recent, _fingerprint(found))[-DUPLICATES_REMEMBERED:],
        accounts=accounting.enter_processed(
            memory.accounts, frame.received_at, limits.count_window_ms
        ),
    )
    if frame.captured_at < memory.newest_at:
        memory, (judged, *emitted) = _observe_late(memory, camera, found, limits)
    else:
        memory, (judged, *emitted) = _observe_newest(memory, camera, found, limits, overlooked_ms)
    # The frame comes before what it led to: where a crash cuts the log in between, the job must
    # find the frame there, or the same would follow at another time.
    news: list[Output] = [*_news(camera, events), *clock_events]
    return memory, [*outputs, judged, *news, *emitted]


def explain(
    memory: CameraMemory, camera: Camera, found: FrameDetections, limits: PipelineLimits
) -> tuple[Scene, tuple[Explained, ...]]:
    """Return what `observe` would see in a frame of its own, and why each rule holds or does not.

    The frame must be the newest; of the rules those about things are told.
    """
    memory, _ = advance(memory, camera, found.frame.captured_at, limits)
    overlooked_ms = _overlooked_ms(memory, found.frame.captured_at)
    if overlooked_ms:
        memory = replace(memory, rule_state=rule_states.wait(memory.rule_state, overlooked_ms))
    scene, _, _ = _follow(memory, camera, found, overlooked_ms)
    return scene, object_rules.explain(_warmed_up(memory, scene, overlooked_ms), scene)


def unwanted(
    memory: CameraMemory, found: FrameDetections, limits: PipelineLimits
) -> Dropped | None:
    """Return why a frame is not worth a look after all, or None.

    In live mode only a newer frame counts. A replay takes late ones too, as far as it remembers
    which it has seen: an older one can't be told from the same history published twice.
    """
    frame = found.frame
    reason: DropReason | None = None
    if _fingerprint(found) in memory.recent:
        reason = "duplicate"
    elif frame.captured_at <= memory.newest_at and (
        limits.mode == "live"
        or frame.captured_at == memory.newest_at
        or (
            len(memory.recent) == DUPLICATES_REMEMBERED
            and frame.captured_at < min(at for at, _ in memory.recent)
        )
    ):
        reason = "out-of-order"
    return reason and admission.drop(frame, reason)


def _fingerprint(found: FrameDetections) -> tuple[Millis, str]:
    """Return what a frame is known by again.

    By its corrected time: a clock that stands still would make all pictures of a still scene one.
    """
    return found.frame.captured_at, found.digest


def _observe_newest(
    memory: CameraMemory,
    camera: Camera,
    found: FrameDetections,
    limits: PipelineLimits,
    overlooked_ms: int,
) -> Step:
    """Follow, judge, count and tell what is in the newest frame; it is the first output."""
    scene, located, zone_events = _follow(memory, camera, found, overlooked_ms)
    at, name, seen, tracks = scene.at, scene.frame_id, scene.seen, scene.living
    rule_state, changes = _judge(memory, scene, found.frame, overlooked_ms)
    raised = [change for change in changes if change.state == "raised" and change.alert.track_ids]
    emitted, text = narration.narrate(memory.narration, seen, raised, at)
    outputs: list[Output] = [_judged(camera, name, found, seen, rule_state), *changes]
    if text and camera.narration:
        priority = max((change.alert.level for change in raised), default=0)
        outputs.append(Narration(camera.camera_id, name, at, camera.language, text, priority))
    attending = memory.attention
    if limits.mode == "live":  # nobody can film the past more often
        attending, requests = attention.attend(
            attending,
            camera,
            seen,
            at,
            in_alert=any(alert.track_ids for alert in rule_state.alerts),
        )
        outputs += requests
    return replace(
        memory,
        newest_at=at,
        tracks=tracks,
        zone_states=located,
        rule_state=rule_state,
        narration=emitted,
        attention=attending,
        tallies=memory.tallies
        if window_count.is_forgotten(at, memory.clock, limits.count_window_ms, limits.grace_ms)
        else window_count.count(
            memory.tallies, seen, zone_events, tracks, at, limits.count_window_ms
        ),
    ), outputs


def _follow(
    memory: CameraMemory, camera: Camera, found: FrameDetections, overlooked_ms: int
) -> tuple[Scene, ZoneStates, tuple[ZoneEvent, ...]]:
    """Return what the newest frame shows, where all things are, and what they did at borders."""
    at = found.frame.captured_at
    name = frame_id(camera.camera_id, at)
    tracks, sightings = tracking.follow(
        memory.tracks, found.detections, name, at, found.frame.aspect, overlooked_ms
    )
    located, zone_events = zone_state.locate(memory.zone_states, camera, sightings, tracks, at)
    seen = tuple(
        see(sighting, located.get(sighting.track.track_id, NO_ZONES).dwell_ms())
        for sighting in sightings
    )
    scene = Scene(camera, name, at, seen, tracks, _by_track(zone_events), found.measure)
    return scene, located, zone_events


def _judge(
    memory: CameraMemory, scene: Scene, frame: Admitted, overlooked_ms: int
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Hold the newest frame against the camera's rules; then clear what it shows to be over."""
    camera, at = scene.camera, scene.at
    unseen_ms = at - memory.newest_at
    rule_state = _warmed_up(memory, scene, overlooked_ms)
    rule_state, changes = object_rules.judge(rule_state, scene)
    clock_off_ms = frame.camera_captured_at - at if frame.clock_corrected else 0
    rule_state, of_camera = camera_rules.judge(rule_state, scene, clock_off_ms, unseen_ms)
    rule_state, cleared = rule_states.clear(rule_state, camera, at)
    rule_state, dropped_rules = rule_states.drop_rule(rule_state, camera, at)
    return rule_state, (*cleared, *dropped_rules, *changes, *of_camera)


def _warmed_up(memory: CameraMemory, scene: Scene, overlooked_ms: int) -> RuleState:
    """Return the rules' memory, which begins anew where no track can have outlived the time."""
    if scene.at - memory.newest_at - overlooked_ms <= STATIONARY_LIFE_MS:
        return memory.rule_state
    return replace(memory.rule_state, warm_at=scene.at + scene.camera.warm_up_ms)


def _by_track(zone_events: Sequence[ZoneEvent]) -> Mapping[str, Sequence[ZoneEvent]]:
    return {
        zone_event.track_id: [
            other for other in zone_events if other.track_id == zone_event.track_id
        ]
        for zone_event in zone_events
    }


def _observe_late(
    memory: CameraMemory,
    camera: Camera,
    found: FrameDetections,
    limits: PipelineLimits,
) -> Step:
    """Record and count a frame of the past; what came after it has been judged already."""
    at = found.frame.captured_at
    name = frame_id(camera.camera_id, at)
    _, sightings = tracking.follow((), found.detections, name, at, found.frame.aspect)
    seen = tuple(
        see(sighting, dict.fromkeys(camera.zones_of(sighting.detection.box.bottom_center), 0))
        for sighting in sightings
    )
    if not window_count.is_forgotten(at, memory.clock, limits.count_window_ms, limits.grace_ms):
        tallies = window_count.correct(memory.tallies, seen, at, limits.count_window_ms)
        memory = replace(memory, tallies=tallies)
    return memory, [_judged(camera, name, found, seen, RuleState())]


def drop(memory: CameraMemory, camera: Camera, dropped: Dropped, limits: PipelineLimits) -> Step:
    """Enter a frame that is not looked at."""
    accounts = accounting.enter_dropped(
        memory.accounts, dropped.received_at, limits.count_window_ms, dropped.reason
    )
    overlooked = memory.overlooked or (
        limits.mode == "live"
        and dropped.reason in OVERLOOKING
        # After a crash what was a duplicate may be stale: it shows nothing that was not seen.
        and dropped.captured_at > memory.newest_at
    )
    memory, outputs = _mark_seen(replace(memory, accounts=accounts), camera, dropped, limits)
    return replace(memory, overlooked=overlooked), outputs


def reject(
    memory: CameraMemory, camera: Camera, rejected: Rejected, limits: PipelineLimits
) -> Step:
    """Enter a record that became a dead letter, and report it."""
    accounts = accounting.enter_dead_letter(
        memory.accounts, rejected.received_at, limits.count_window_ms, rejected.reason
    )
    memory, outputs = _mark_seen(replace(memory, accounts=accounts), camera, rejected, limits)
    return memory, [*outputs, dead_letter_event(rejected)]


def _overlooked_ms(memory: CameraMemory, captured_at: Millis) -> int:
    """Return for how long before this frame nobody has looked though there were pictures."""
    if not memory.overlooked or not memory.newest_at:
        return 0
    return max(0, captured_at - memory.newest_at - LOOK_WORTH_MS)


def _mark_seen(
    memory: CameraMemory, camera: Camera, record: Dropped | Rejected, limits: PipelineLimits
) -> Step:
    memory = replace(memory, arrived_at=max(memory.arrived_at, record.received_at))
    stranger = record.camera_id == NO_CAMERA or record.reason == "unknown-camera"
    if limits.mode == "replay" or stranger:
        return memory, []
    outputs: list[Output] = []
    if record.received_at - memory.presence.last_seen_at >= limits.offline_after_ms:
        # It was silent, whether or not the job was there to see it.
        memory, outputs = advance(memory, camera, record.received_at, limits)
    heard, events = presence.mark_online(memory.presence, record.camera_id, record.received_at)
    rule_state = camera_rules.welcome(memory.rule_state, record.received_at)
    return replace(memory, presence=heard, rule_state=rule_state), [
        *outputs,
        *_news(camera, events),
    ]


def _news(camera: Camera, events: Sequence[CameraEvent]) -> Sequence[CameraEvent]:
    """Return what is worth telling of a camera that came or went.

    Nothing, where motion alone makes it send: its silence is a good sign.
    """
    return () if camera.motion.gate == "trigger" else events


def advance(memory: CameraMemory, camera: Camera, now: Millis, limits: PipelineLimits) -> Step:
    """Let time pass: close windows, clear alerts, miss the camera. Time never runs back."""
    now = max(now, memory.clock)
    heard, missed = presence.mark_offline(
        memory.presence, camera.camera_id, now, limits.offline_after_ms
    )
    rule_state, alerts = _mark_offline(memory, heard, camera, now, limits)
    tallies, counts = window_count.close(
        memory.tallies, camera, now, limits.count_window_ms, limits.grace_ms
    )
    arrival_clock = max(now, memory.arrived_at) if limits.mode == "live" else memory.arrived_at
    accounts, windows = accounting.close(
        memory.accounts,
        arrival_clock,
        memory.arrived_at,
        limits.count_window_ms,
        limits.grace_ms,
    )
    outputs: list[Output] = [
        *alerts,
        *counts,
        *(AccountingEvent(camera.camera_id, window) for window in windows),
        *_news(camera, missed),
    ]
    return replace(
        memory, clock=now, presence=heard, rule_state=rule_state, tallies=tallies, accounts=accounts
    ), outputs


def _mark_offline(
    memory: CameraMemory, heard: Presence, camera: Camera, now: Millis, limits: PipelineLimits
) -> tuple[RuleState, tuple[AlertChange, ...]]:
    """Return the rules' memory after some time, and what became of alerts meanwhile."""
    rule_state = memory.rule_state
    if heard.online:
        # While the camera sends, only a look can tell what is over; frames may be on their way.
        return rule_state, ()
    if memory.presence.online:
        rule_state = camera_rules.hold(
            rule_state, camera, heard.last_seen_at + limits.offline_after_ms
        )
    rule_state, cleared = rule_states.clear(rule_state, camera, now)
    rule_state, raised = camera_rules.mark_offline(
        rule_state, camera, heard, now, limits.offline_after_ms
    )
    return rule_state, (*cleared, *raised)


def finish(memory: CameraMemory, camera: Camera, limits: PipelineLimits) -> Step:
    """Bring a bounded history to its end: nothing more will come, and no camera is missed."""
    camera = replace(camera, rules=tuple(r for r in camera.rules if r.about != "offline"))
    quiet_ms = max(
        limits.offline_after_ms,
        limits.count_window_ms + limits.grace_ms,
        *(alert.clear_after_ms for alert in memory.rule_state.alerts),
    )
    end = memory.arrived_at + limits.count_window_ms + limits.grace_ms
    return advance(replace(memory, arrived_at=end), camera, memory.clock + quiet_ms, limits)


def next_deadline(memory: CameraMemory, camera: Camera, limits: PipelineLimits) -> Millis | None:
    """Return when `advance` has something to do though no frame comes, if ever."""
    end = limits.count_window_ms + limits.grace_ms
    online = memory.presence.online
    return min(
        [
            *(a.clears_at for a in memory.rule_state.alerts if not (online or a.on_hold)),
            *camera_rules.next_due(
                memory.rule_state, camera, memory.presence, limits.offline_after_ms
            ),
            *(
                window.start + end
                for window in memory.tallies.windows
                if window.frames > window.emitted_frames
            ),
            *(window.start + end for window in memory.accounts if window.received > window.emitted),
            *([memory.presence.last_seen_at + limits.offline_after_ms] if online else []),
        ],
        default=None,
    )


def _judged(
    camera: Camera,
    name: str,
    found: FrameDetections,
    seen: Sequence[SeenObject],
    rule_state: RuleState,
) -> JudgedFrame:
    in_view = {thing.track.track_id for thing in seen}
    threats = tuple(alert for alert in rule_state.alerts if not in_view.isdisjoint(alert.track_ids))
    return JudgedFrame(camera, name, found, tuple(seen), threats)
