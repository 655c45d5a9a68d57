"""Makes the file of recorded histories, with what the pipeline makes of each event now.

Run as `python -m tests.unit.domain.pipeline.make_recorded_histories`, only for a change that
is meant to change records. Needs the model and the sample clips; all else comes from seeds. With
`--same-events` it needs neither: only the records are made again.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from producers.encode import Fit
from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.contracts.topics import FRAMES, FRAMES_REPLAY
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.cameras.camera import (
    Attention,
    Camera,
    Crossing,
    Line,
    Motion,
    Rule,
    Zone,
)
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import NO_CAMERA, Admitted, Dropped, Place, Rejected
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.frames.picture_measure import COLUMNS, ROWS, PictureMeasure
from pycturestream.domain.frames.rejection import Reason
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.times import DAY_MS, HOUR_MS, MINUTE_MS, Millis
from pycturestream.evaluation.clip import accepted, describe, detect_frames
from tests.scenes import LEFT_HALF, MIDDLE, NINE, car, person
from tests.simulation.world import (
    LABELS,
    OTHER_RULES,
    RIGHT_HALF,
    RULES,
    build_busy_world,
    build_walking_world,
    build_world,
    picture,
)
from tests.unit.domain.pipeline.recorded_histories import (
    Event,
    FrameArrives,
    FrameIsDropped,
    History,
    HistoryEnds,
    Pipeline,
    RecordIsRejected,
    SettingsChange,
    TimePasses,
    read_histories,
    write_histories,
)

SAMPLES = PROJECT_FOLDER / "samples"
SIZE = Size(1280, 720)
OFFLINE_AFTER_MS = 15_000
UNOBSERVED = ("stale", "superseded", "overload")
DROP_REASONS = (*UNOBSERVED, "duplicate", "out-of-order")
ODD_NAMES = Camera(
    "odd",
    site="Straße 7 \u2014 \U0001f6aa",
    setting="indoor",
    timezone="Asia/Kathmandu",
    zones=(Zone('"door"\\\n\x07', LEFT_HALF.polygon), Zone("in the лес", RIGHT_HALF.polygon)),
    lines=(Line("<line>\u2028", MIDDLE.start, MIDDLE.end),),
    rules=(Rule('a "rule"\t', ("person",), zones=('"door"\\\n\x07',), frames=1),),
    warm_up_ms=0,
)


class Script:
    """A history as it is written, event by event."""

    def __init__(
        self,
        name: str,
        camera: Camera,
        *,
        mode: Mode = "live",
        count_window_ms: int = 60_000,
        size: Size = SIZE,
    ) -> None:
        self.camera = camera
        self._name = name
        self._mode = mode
        self._count_window_ms = count_window_ms
        self._size = size
        self._events: list[Event] = [SettingsChange(camera)]

    @property
    def history(self) -> History:
        return History(
            name=self._name,
            mode=self._mode,
            count_window_ms=self._count_window_ms,
            offline_after_ms=OFFLINE_AFTER_MS,
            grace_ms=2_000,
            run="live" if self._mode == "live" else "yesterday",
            picture_life_ms=600_000,
            camera_id=self.camera.camera_id,
            events=tuple(self._events),
        )

    def see(
        self,
        at: Millis,
        detections: Iterable[Detection] = (),
        *,
        clock_off_ms: int = 0,
        latency_ms: int = 20,
        measure: PictureMeasure | None = None,
        digest: str = "",
        reference: str | None = None,
    ) -> "Script":
        frame = Admitted(
            camera_id=self.camera.camera_id,
            place=self._place(),
            received_at=at + latency_ms,
            captured_at=at,
            camera_captured_at=at + clock_off_ms,
            clock_corrected=abs(clock_off_ms) > 5_000,
            width=self._size.width,
            height=self._size.height,
            reference=reference,
        )
        self._events.append(
            FrameArrives(
                FrameDetections(
                    frame,
                    digest or f"{at:x}",
                    ModelVersion("nanodet", "1"),
                    tuple(detection.rounded() for detection in detections),
                    processed_at=at + latency_ms + 61,
                    measure=measure,
                )
            )
        )
        return self

    def see_again(self, back: int) -> "Script":
        """See one of the last frames a second time."""
        frames = [event for event in self._events if isinstance(event, FrameArrives)]
        self._events += frames[-back : len(frames) - back + 1]
        return self

    def drop(self, at: Millis, reason: Any, *, latency_ms: int = 20) -> "Script":
        dropped = Dropped(self.camera.camera_id, self._place(), at + latency_ms, reason, at)
        self._events.append(FrameIsDropped(dropped))
        return self

    def reject(self, received_at: Millis, reason: Reason, camera_id: str = "") -> "Script":
        named, place = camera_id or self.camera.camera_id, self._place()
        rejected = Rejected(named, place, received_at, reason, f"it is {reason}", 12, "ab" * 32)
        self._events.append(RecordIsRejected(rejected))
        return self

    def change(self, **settings: Any) -> "Script":
        revision = self.camera.revision + 1
        self.camera = replace(self.camera, revision=revision, **settings)
        self._events.append(SettingsChange(self.camera))
        return self

    def wait_until(self, *moments: Millis) -> "Script":
        self._events += map(TimePasses, moments)
        return self

    def end(self) -> "Script":
        self._events.append(HistoryEnds())
        return self

    def _place(self) -> Place:
        topic = FRAMES if self._mode == "live" else FRAMES_REPLAY
        return Place(topic, 0, len(self._events))


def main() -> None:
    if "--same-events" in sys.argv[1:]:
        kept = [history for history, _ in read_histories()]
    else:
        kept = [script.history for script in (*clips(), *written(), *random_ones())]
    histories = [run(history) for history in kept]
    write_histories(histories)
    for history, results in histories:
        print(f"{history.name}: {len(results)} events, {sum(map(len, results))} records")


def run(history: History) -> tuple[History, list[list[tuple[str, bytes]]]]:
    """Return a history as it is read from a file, and the records of each of its events."""
    history = msgspec.json.decode(msgspec.json.encode(history), type=History)
    pipeline = Pipeline(history)
    return history, [pipeline.results_of(event) for event in history.events]


def clips() -> Iterator[Script]:
    """Yield what the real model finds in the sample clips, seldom and often."""
    settings = Settings()
    detector = ModelRunner.of(settings)
    for entry in read_camera_file(SAMPLES / "cameras.yaml"):
        path = SAMPLES / entry.camera.source
        clip = describe(path)
        fps = clip.fps or 1
        wanted = range(0, clip.frames, max(1, round(fps / 5)))
        found = [
            (NINE + round(1000 * raw.frame / fps), accepted(raw, detector.description))
            for raw in detect_frames(path, detector, Fit.of(settings), 8, wanted)
        ]
        each_second = found[:: round(fps / wanted.step)]
        camera = replace(entry.camera, attention=Attention(0.2, 5), neighbours=("next",))
        name = camera.camera_id
        often = Script(f"clip {name}, {fps / wanted.step:g} fps", camera, size=clip.size)
        seldom = Script(f"clip {name}, 1 fps", entry.camera, size=clip.size)
        late = Script(f"clip {name}, replay", entry.camera, mode="replay", size=clip.size)
        for at, detections in found[:120]:
            often.see(at, detections)
        for round_number in range(2):  # clips are published again from their beginning
            for at, detections in each_second:
                seldom.see(at + round_number * (each_second[-1][0] - NINE + 1_000), detections)
        for one, other in zip(each_second[::2], each_second[1::2], strict=False):
            late.see(*other).see(*one)
        yield often.wait_until(found[119 if len(found) > 119 else -1][0] + 75_000)
        yield seldom
        yield late.end()


def written() -> Iterator[Script]:
    """Yield histories that are about one thing each."""
    yield nobody()
    yield crowd()
    yield offline_and_back()
    yield motion_only()
    yield disorder("live")
    yield disorder("replay")
    yield dropped()
    yield rejected()
    yield unusable(NO_CAMERA, "bad-camera-id")
    yield unusable("stranger", "unknown-camera")
    yield wrong_clock()
    yield tampering()
    yield hours()
    yield people_and_rules()
    yield changing_settings()
    yield odd_names()
    yield long_absence()
    yield changing_labels()
    yield hidden_in_turns()
    yield coming_back()


def nobody() -> Script:
    camera = Camera("gate", zones=(LEFT_HALF,), attention=Attention(0.2, 5))
    script = Script("nobody in view", camera)
    for second in range(150):
        script.see(NINE + second * 1_000, latency_ms=20 + second % 7)
    return script.wait_until(NINE + 151_000, NINE + 165_000, NINE + 182_000, NINE + 400_000)


def crowd() -> Script:
    """Return 40 people who walk through each other, some of them only weakly seen."""
    chance = Random("crowd")
    camera = Camera(
        "square",
        zones=(LEFT_HALF, RIGHT_HALF),
        lines=(MIDDLE,),
        rules=(
            Rule("crowd", ("person",), count=12),
            Rule("over", crosses=(Crossing("middle", "any"),)),
        ),
        warm_up_ms=0,
    )
    script = Script("many objects", camera)
    people = [
        (chance.uniform(0, 0.9), chance.uniform(0, 0.7), chance.uniform(-0.06, 0.06))
        for _ in range(40)
    ]
    for number in range(25):
        seconds = number * 0.4
        detections = [
            replace(
                person(x + speed * seconds + chance.gauss(0, 0.003), y),
                score=(score := chance.uniform(0.4, 0.9)),
                weak=score < 0.5,
            )
            for x, y, speed in people
            if 0 <= x + speed * seconds <= 0.9 and chance.random() > 0.1
        ]
        script.see(NINE + number * 400, detections)
    return script.wait_until(NINE + 90_000)


def offline_and_back() -> Script:
    camera = Camera(
        "gate",
        rules=(
            Rule("away", about="offline", for_ms=20_000, clear_after_ms=6_000),
            Rule("gone", about="offline", level=3, clear_after_ms=30_000),
            Rule("nobody-here", ("person",), frames=2, clear_after_ms=5_000),
        ),
        warm_up_ms=0,
    )
    script = Script("offline and back", camera)
    for second in range(5):
        script.see(NINE + second * 1_000, [person()])
    last = NINE + 4_000
    script.wait_until(last + 9_000, last + 14_999, last + 15_000, last + 15_000, last + 20_000)
    script.wait_until(last + 63_000)
    back = last + 70_000
    script.see(back).see(back + 500)  # for less than the alert needs to end
    script.wait_until(back + 15_500, back + 21_000, back + 100_000)
    back += 120_000
    script.drop(back, "stale").see(back + 1_000, [person()]).see(back + 40_000, [person(0.5)])
    script.wait_until(back + 55_000, back + 60_000, back + 200_000)
    return script.reject(back + 300_000, "truncated").wait_until(back + 330_000, back + 400_000)


def motion_only() -> Script:
    camera = Camera(
        "path",
        motion=Motion(gate="trigger"),
        rules=(Rule("away", about="offline"), Rule("nobody-here", ("person",), frames=2)),
        warm_up_ms=0,
        narration=False,
    )
    script = Script("a camera that sends only on motion", camera)
    for episode in range(3):
        for number in range(5):
            script.see(NINE + episode * 90_000 + number * 500, [person(0.2 + 0.02 * number)])
        script.wait_until(NINE + episode * 90_000 + 20_000, NINE + episode * 90_000 + 70_000)
    return script


def disorder(mode: Mode) -> Script:
    """Return frames that come late, twice, and later than is remembered."""
    chance = Random(f"disorder {mode}")
    camera = Camera("gate", rules=(Rule("nobody-here", ("person",)),), warm_up_ms=0)
    script = Script(f"late and repeated frames, {mode}", camera, mode=mode, count_window_ms=10_000)
    order = sorted(range(90), key=lambda number: number + chance.choice((0, 0, 0, 5, 40)))
    for number in order:
        script.see(NINE + number * 1_000, [person(0.1 + 0.005 * number)] * (number % 3))
        if chance.random() < 0.2:
            script.see_again(chance.randint(1, 8))
    script.see(NINE + 89_000, [car()], digest="another picture of the same time")
    return script.end() if mode == "replay" else script.wait_until(NINE + 200_000)


def dropped() -> Script:
    """Return frames that are dropped for every reason, with objects that are there meanwhile."""
    camera = Camera(
        "gate",
        zones=(LEFT_HALF,),
        rules=(
            Rule("nobody-here", ("person",), frames=2, clear_after_ms=5_000),
            Rule("no-parking", ("car",), dwell_ms=8_000, clear_after_ms=8_000),
        ),
        warm_up_ms=0,
    )
    script = Script("dropped frames", camera, count_window_ms=10_000)
    at = NINE
    for number, reason in enumerate((*DROP_REASONS, *UNOBSERVED)):
        for _ in range(8):
            at += 1_000
            script.see(at, [person(0.1 + 0.01 * number), car()])
        for _ in range(5 * number):
            at += 900
            script.drop(at, reason, latency_ms=3_000 if reason == "stale" else 20)
        script.drop(at - 60_000, "stale", latency_ms=61_000)  # shows nothing that was not seen
    for _ in range(700):  # parked for longer than an unobserved object is remembered
        at += 1_000
        if at % 7_000 == 0:
            script.drop(at, "overload")
    script.see(at, [car()]).see(at + 1_000, [car()])
    return script.wait_until(at + 20_000, at + 100_000)


def rejected() -> Script:
    camera = Camera("gate", rules=(Rule("away", about="offline"),))
    script = Script("rejected records", camera, count_window_ms=10_000)
    for number, reason in enumerate(get_args(Reason)):
        script.reject(NINE + number * 3_000, reason)
        if number % 3 == 0:
            script.see(NINE + number * 3_000 + 100, [person()])
    script.reject(NINE + 5_000, "truncated")  # of a window that is over
    return script.wait_until(NINE + 60_000, NINE + 80_000).reject(NINE + 300_000, "not-jpeg")


def unusable(camera_id: str, reason: Reason) -> Script:
    """Return the records under a key without a camera: they never show that one is online."""
    script = Script(f"records of {camera_id}", Camera(camera_id))
    for number in range(4):
        script.reject(NINE + number * 1_500, reason)
    return script.wait_until(NINE + 62_000, NINE + 90_000, NINE + 200_000)


def wrong_clock() -> Script:
    camera = Camera(
        "gate",
        timezone="America/St_Johns",
        rules=(
            Rule("clock", about="clock-wrong", for_ms=3_000, clear_after_ms=4_000),
            Rule("at-night", about="clock-wrong", schedule=(Period((7,), 1_320, 360),)),
        ),
        warm_up_ms=0,
    )
    script = Script("a wrong clock", camera)
    for number in range(40):
        off = -86_400_000 if 8 <= number < 20 else 7_300 if 26 <= number < 34 else 1_200
        script.see(NINE + number * 1_000, [person()] if number % 2 else [], clock_off_ms=off)
    return script.wait_until(NINE + 80_000)


def tampering() -> Script:
    camera = Camera(
        "gate",
        rules=(
            Rule("covered", about="covered", for_ms=3_000, clear_after_ms=4_000),
            Rule("blurred", about="blurred", for_ms=2_000, clear_after_ms=4_000),
            Rule("moved", about="moved", for_ms=3_000, clear_after_ms=4_000),
        ),
        warm_up_ms=0,
    )
    script = Script("a tampered camera", camera)
    chance = Random("tampering")
    usual, turned = (bytes(chance.randrange(60, 200) for _ in range(ROWS * COLUMNS)) for _ in "ab")
    hidden = bytes([100]) * (ROWS * COLUMNS)
    masked = bytes(COLUMNS) + usual[COLUMNS:]
    kinds = [
        *[(usual, 1.0)] * 30,
        *[(hidden, 0.1)] * 10,
        *[(usual, 1.0)] * 8,
        *[(usual, 0.3)] * 8,
        *[(masked, 1.0)] * 8,
        *[(turned, 0.9)] * 12,
        *[(usual, 1.0)] * 6,
    ]
    for number, (thumbnail, sharpness) in enumerate(kinds):
        measure = PictureMeasure(0.4, 0.2, sharpness, thumbnail)
        script.see(NINE + number * 1_000, measure=measure if number % 9 else None)
    # Turned for so long that the new view is accepted; then no rule asks for views any more.
    at = NINE + len(kinds) * 1_000
    for number in range(40):
        script.see(at + number * 10_000, measure=PictureMeasure(0.5, 0.2, 0.9, turned))
    return script.change(rules=()).see(at + 400_000, measure=PictureMeasure(0.5, 0.2, 0.9, turned))


def hours() -> Script:
    """Return the same hour of seven working days, then a busy one, and one without anybody."""
    camera = Camera(
        "gate",
        timezone="Europe/Berlin",
        rules=(
            Rule("busy", ("person",), about="unusually-busy", frames=1),
            Rule("quiet", about="unusually-quiet", frames=1),
        ),
        warm_up_ms=0,
        narration=False,
    )
    script = Script("unusual hours", camera, count_window_ms=600_000)
    monday = NINE + 2 * DAY_MS
    days = [day for day in range(11) if day % 7 < 5]
    for day in days:
        for minute in range(62):
            at = monday + day * DAY_MS + minute * MINUTE_MS
            busy, quiet = day == days[-2] and minute > 5, day == days[-1]
            number = 0 if quiet or minute % 8 else 6 if busy else 3
            script.see(at, [person(0.15 * n, 0.1 + minute / 120) for n in range(number)])
        if day % 2:
            script.wait_until(at + 20_000)
    return script.see(at + HOUR_MS).see(at + 2 * DAY_MS)


def people_and_rules() -> Script:
    """Return walkers who come and go, with rules of every kind about them."""
    world = build_walking_world(5)
    (scenery,) = world.sceneries
    camera = replace(
        scenery.camera,
        timezone="Europe/Berlin",
        rules=(
            Rule("crowd", ("person",), count=2, clear_after_ms=3_000),
            Rule("stays", zones=("left-half",), dwell_ms=2_000, frames=2, clear_after_ms=6_000),
            Rule("lingers", ("person",), loitering_ms=3_000, clear_after_ms=4_000),
            Rule("over", crosses=(Crossing("middle", "any"),), clear_after_ms=5_000, level=3),
            Rule("in", crosses=(Crossing("short", "in"), Crossing("middle", "in")), level=1),
            Rule("surely", min_score=0.8, frames=1, clear_after_ms=2_000),
            Rule("early", schedule=(Period(from_minute=540, to_minute=615),), frames=2),
            Rule("saturday", schedule=(Period(days=(6,), timezone="Asia/Tokyo"),), frames=2),
            Rule("night", schedule=(Period(from_minute=1_320, to_minute=360),)),
        ),
        neighbours=("next-door", "yard"),
        attention=Attention(idle_fps=0.2, alert_fps=5),
    )
    script = Script("people and rules of every kind", camera, count_window_ms=10_000)
    for at in scenery.shots[:220]:
        script.see(at, world.detections(picture(camera.camera_id, at)))
    return script.wait_until(at + 30_000)


def changing_settings() -> Script:
    camera = Camera(
        "gate",
        zones=(LEFT_HALF, RIGHT_HALF),
        lines=(MIDDLE,),
        rules=(Rule("nobody-here", ("person",)), Rule("left", zones=("left-half",))),
        warm_up_ms=0,
    )
    script = Script("settings that change", camera, count_window_ms=10_000)
    moved = Zone("left-half", ((0.0, 0.0), (0.2, 0.0), (0.2, 1.0), (0.0, 1.0)))
    changes: dict[int, dict[str, Any]] = {
        10: {"rules": camera.rules[1:]},
        18: {"zones": (moved, RIGHT_HALF)},
        24: {"rules": (Rule("new", ("person",), frames=2),), "lines": ()},
        30: {"rules": (), "zones": (), "timezone": "Asia/Tokyo", "site": "elsewhere"},
        36: {"rules": camera.rules, "zones": camera.zones, "lines": camera.lines},
        44: {"language": "de", "narration": False, "ignored_labels": ("person", "car")},
    }
    for number in range(60):
        if number in changes:
            script.change(**changes[number])
        x = 0.1 + 0.02 * abs(20 - number)
        script.see(NINE + number * 500, [person(x), car()] if number % 5 else [person(x)])
    return script.change(rules=()).wait_until(NINE + 50_000, NINE + 100_000)


def odd_names() -> Script:
    script = Script("odd names", ODD_NAMES, size=Size(300, 900))
    for number in range(12):
        detections = [person(0.02 + 0.07 * number), replace(car(), label="\u0441at\x00")]
        reference = "gate/ü.jpg" if number % 4 == 0 else None
        script.see(NINE + number * 700, detections, reference=reference)
    return script.wait_until(NINE + 70_000)


def long_absence() -> Script:
    """Return hours and minutes without a frame, after which a warm-up begins again."""
    camera = Camera("gate", rules=(Rule("nobody-here", frames=2, clear_after_ms=120_000),))
    script = Script("long absences", camera)
    at = NINE
    for pause_ms in (1_000, 15_001, 119_000, 121_000, 700_000, 26 * HOUR_MS):
        for number in range(14):
            at += 1_000
            script.see(at, [person(0.3 + 0.001 * number), car()])
        script.wait_until(at + min(pause_ms, 40_000))
        at += pause_ms
    return script


def changing_labels() -> Script:
    """Return a dog that turns out to be a cat, and later to be a dog again."""
    camera = Camera("gate", rules=(Rule("dogs", ("dog",)), Rule("cats", ("cat",))), warm_up_ms=0)
    script = Script("labels that change", camera, count_window_ms=10_000)
    for number in range(60):
        label = "cat" if 6 <= number < 40 else "dog"
        script.see(NINE + number * 1_000, [replace(person(0.3), label=label)])
    return script.wait_until(NINE + 80_000)


def hidden_in_turns() -> Script:
    """Return two people who hide each other in turns, until one leaves at the edge."""
    rules = (Rule("two", ("person",), count=2, clear_after_ms=1_000),)
    script = Script("two who hide each other", Camera("post", rules=rules, warm_up_ms=0))
    for number in range(60):
        shown = [person(0.1), person(0.7)]
        if number >= 8:
            shown = [shown[number // 3 % 2]] if number % 15 else []
        script.see(NINE + number * 500, shown)
    for number in range(8):
        left = max(0.0, 0.1 - 0.05 * number)
        walker = person(0.1)
        box = replace(walker.box, x_min=left, x_max=max(0.2 - 0.05 * number, 0.01))
        gone = left == 0.0 and number > 3
        script.see(NINE + (60 + number) * 500, [] if gone else [replace(walker, box=box)])
    return script.wait_until(NINE + 60_000, NINE + 90_000)


def coming_back() -> Script:
    """Return somebody who stays in view and goes into a zone twice, and a car that trembles."""
    rules = (
        Rule("keep-out", ("person",), zones=("left-half",), frames=2, clear_after_ms=5_000),
        Rule("no-parking", ("car",), zones=("left-half",), frames=2, clear_after_ms=5_000),
    )
    camera = Camera("yard", zones=(LEFT_HALF,), rules=rules, warm_up_ms=0)
    script = Script("somebody who comes back", camera)
    way = [0.7 - 0.03 * number for number in range(15)]
    path = [*way, *[0.28] * 20, *reversed(way), *[0.7] * 60]
    for number, x in enumerate([*path, *path]):
        shaken = car(0.36 + 0.08 * (number > 25 and number // 30 % 2), 0.1)
        script.see(NINE + number * 500, [person(x, 0.6), shaken])
    return script.wait_until(NINE + 150_000, NINE + 200_000)


def random_ones() -> Iterator[Script]:
    for seed in range(36):
        yield from disturbed(seed, "live" if seed % 3 else "replay")
    yield busy()


def disturbed(seed: int, mode: Mode) -> Iterator[Script]:
    """Yield random worlds, in whose histories everything goes wrong that can."""
    chance = Random(f"recorded {seed}")
    world = build_world(seed)
    scenery = world.sceneries[0]
    camera = scenery.camera
    script = Script(
        f"world {seed}, {mode}", camera, mode=mode, count_window_ms=world.count_window_ms
    )
    dropped_until, before = 0, scenery.shots[0]
    for at in _shuffled(scenery.shots, chance):
        if mode == "live" and at - before > 5_000:
            script.wait_until(before + 5_000, *range(before + OFFLINE_AFTER_MS, at, 9_000))
        before = max(at, before)
        if chance.random() < 0.04:
            dropped_until = at + chance.randrange(20_000)
        jpeg = picture(camera.camera_id, at)
        if at < dropped_until:
            script.drop(at, chance.choice(UNOBSERVED), latency_ms=chance.choice((20, 2_500)))
        else:
            off = scenery.clock_off_ms if mode == "live" and chance.random() < 0.9 else 0
            script.see(
                at,
                world.detections(jpeg),
                clock_off_ms=off,
                latency_ms=chance.randrange(5, 900),
                measure=world.measure(jpeg),
            )
        if chance.random() < 0.06:
            script.see_again(chance.randint(1, 5))
        if chance.random() < 0.06:
            script.reject(at + 300, chance.choice(get_args(Reason)))
        if chance.random() < 0.03:
            script.change(**_other_settings(chance))
    end = scenery.shots[-1]
    yield (
        script.end()
        if mode == "replay"
        else script.wait_until(
            *(end + chance.randrange(1_000) + ms for ms in (2_000, 15_000, 40_000, 75_000, 200_000))
        )
    )


def _shuffled(shots: Sequence[Millis], chance: Random) -> list[Millis]:
    """Return times, some of them later than others that they precede."""
    return sorted(
        shots, key=lambda at: at + (chance.randrange(4_000) if chance.random() < 0.1 else 0)
    )


def _other_settings(chance: Random) -> dict[str, Any]:
    edge = chance.uniform(0.2, 0.8)
    return {
        "zones": (Zone("left-half", ((0, 0), (edge, 0), (edge, 1), (0, 1))), RIGHT_HALF),
        "rules": tuple(rule for rule in (*RULES, *OTHER_RULES) if chance.random() < 0.6),
        "lines": (Line("middle", (edge, 0), (0.5, 1)),) if chance.random() < 0.7 else (),
        "ignored_labels": chance.choice(((), ("car",), LABELS)),
    }


def busy() -> Script:
    world = build_busy_world()
    (scenery,) = world.sceneries
    script = Script("a busy world", scenery.camera, count_window_ms=world.count_window_ms)
    for at in scenery.shots[:100]:
        jpeg = picture(scenery.camera.camera_id, at)
        script.see(at, world.detections(jpeg), measure=world.measure(jpeg))
    return script.wait_until(at + 80_000)


if __name__ == "__main__":
    main()
