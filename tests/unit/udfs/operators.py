"""Keyed operators on a fake runtime, with state and timers that a test can inspect."""

import json
from types import SimpleNamespace

from pycturestream.contracts.codec import encode_outcome
from pycturestream.contracts.messages import decode_message
from tests.scenes import LIVE, NINE, frame, guarded, person
from udfs.count_objects import CountObjects
from udfs.judge_frames import JudgeFrames
from udfs.narrate_scenes import NarrateScenes
from udfs.track_objects import TrackObjects

ALL = (TrackObjects, CountObjects, JudgeFrames, NarrateScenes)
GUARDED = guarded(revision=5)
PICTURE_LIFE_MS = 600_000


class Counters:
    """A fake for Flink's metric group."""

    def __init__(self, counted=None, prefix=""):
        self.counted, self.prefix = {} if counted is None else counted, prefix

    def counter(self, name):
        key = self.prefix + name
        return SimpleNamespace(
            inc=lambda n=1: self.counted.update({key: self.counted.get(key, 0) + n})
        )

    def distribution(self, name):
        return SimpleNamespace(update=lambda value: self.counted.setdefault(name, []).append(value))

    def add_group(self, key, value):
        return Counters(self.counted, f"{key}={value}:")


class Flink:
    """A fake runtime of one operator: one key, its state and its timers."""

    def __init__(self, key="gate"):
        self.key, self.states, self.descriptors = key, {}, {}
        self.timers, self.endings, self.metrics = [], [], Counters()

    @property
    def state(self):
        """What it keeps, of a camera with settings or without."""
        return next(iter(self.states.values()), None)

    @state.setter
    def state(self, value):
        self.states = {"camera": value}

    def get_state(self, descriptor):
        name = descriptor.name
        self.descriptors[name] = descriptor
        return SimpleNamespace(
            value=lambda: self.states.get(name),
            update=lambda value: self.states.update({name: value}),
            clear=lambda: self.states.pop(name, None),
        )

    def get_metrics_group(self):
        return self.metrics

    def get_current_key(self):
        return self.key

    def timer_service(self):
        return SimpleNamespace(
            register_event_time_timer=self.endings.append,
            register_processing_time_timer=self._set_timer,
        )

    def _set_timer(self, at):
        if at not in self.timers:  # as Flink: one for a time and key
            self.timers.append(at)
            self.timers.sort()


class Settings:
    """A fake of the settings that all operators follow."""

    def __init__(self, camera=GUARDED):
        self.camera = camera
        self.users, self.waited_s = [], []

    def open(self, user):
        self.users.append(user)
        return self

    def of(self, _camera_id):
        return self.camera

    def wait(self, timeout_s):
        self.waited_s.append(timeout_s)
        return True


class Operator:
    """One operator, whose state and timers outlive its worker."""

    def __init__(self, kind, settings=None, limits=LIVE, *, last=False, key="gate"):
        self.kind, self.limits, self.last = kind, limits, last
        self.settings = settings or Settings()
        self.flink = Flink(key)
        self.restart()

    def restart(self):
        """Go on in a new worker."""
        self.function = self.kind(self.limits, "live", PICTURE_LIFE_MS, self.settings.open)
        self.function.is_last = self.last
        self.function.open(self.flink)

    @property
    def counted(self):
        return self.flink.metrics.counted

    def process(self, value):
        return list(self.function.process_element(value, self.flink))

    def fire(self):
        """Fire the next timer, whatever the clock says."""
        return list(self.function.on_timer(self.flink.timers.pop(0), self.flink))

    def end(self):
        """Come to the end of a bounded stream."""
        (at,) = self.flink.endings
        return list(self.function.on_timer(at, self.flink))


class Chain:
    """Operators one behind the other, the last one of which hands its records to the log."""

    def __init__(self, kinds=ALL, settings=None, limits=LIVE):
        self.settings = settings or Settings()
        self.operators = [
            Operator(kind, self.settings, limits, last=kind is kinds[-1]) for kind in kinds
        ]

    def process(self, outcome):
        return self.pass_on(self.operators[0].process(encode_outcome(outcome)))

    def pass_on(self, rows, behind=0):
        """Return what becomes of the rows that one of the operators emitted."""
        for operator in self.operators[behind + 1 :]:
            rows = [row for before in rows for row in operator.process(before[1])]
        return rows

    def end(self):
        """Return what is emitted at the end of a bounded stream."""
        return [
            row
            for number, operator in enumerate(self.operators)
            for row in self.pass_on(operator.end(), number)
        ]


def walk_in(target, clock, frames=3):
    """Let a person walk before the camera of an operator `track` or of a chain of them."""
    rows = []
    for _ in range(frames):
        clock.now += 500
        found = frame([person()], at=clock.now)
        rows += target.process(found if isinstance(target, Chain) else encode_outcome(found))
    return rows


def messages_of(rows):
    return [decode_message(row[1]) for row in rows]


def records_of(rows, topic):
    return [json.loads(row[2]) for row in rows if row[0] == topic]


def stopped_clock():
    return SimpleNamespace(now=NINE)
