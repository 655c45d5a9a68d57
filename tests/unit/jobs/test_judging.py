"""The operators of the judging job, one behind the other, on the log of a scene."""

import json
import pickle
from functools import partial

from hypothesis import given
from msgspec.structs import replace

from jobs.judging import FURTHER_STEPS, judging_steps
from pycturestream.config.settings import Settings
from pycturestream.contracts.alerts import alert_record
from pycturestream.contracts.codec import encode_record
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.times import DAY_MS
from tests.builders import as_json
from tests.scenes import NINE, NOBODY_HERE, CameraRun, empty, frame, guarded, person, walk
from tests.unit.domain.trials.test_rule_trial import GUARDED, histories, tried
from tests.unit.udfs.operators import Chain, Operator

STRICTER = guarded(replace(NOBODY_HERE, name="stricter", frames=2), *GUARDED.rules[1:])


class Job(Chain):
    """The steps for one camera, as Flink runs them."""

    def __init__(self, camera, *further):
        steps = judging_steps(
            Settings(),
            "try-1",
            {camera.camera_id: camera},
            NINE,
            NINE + DAY_MS,
            [FURTHER_STEPS[name] for name in further],
            Erasures,
        )
        self.operators = [
            Operator(partial(unpickled, pickle.dumps(step)), last=step is steps[-1])
            for step in steps
        ]

    def read(self, scene):
        """Return what becomes of the frames of a scene."""
        rows = []
        for topic, record in map(as_json, scene.outputs):
            if topic == "detections":
                value = json.dumps(record).encode()
                rows += self.pass_on(self.operators[0].process(value))
        return rows


def unpickled(step, *_):
    """Return an operator as it reaches a worker."""
    return pickle.loads(step)  # noqa: S301 - our own


def changes(rows):
    """Return the alerts in rows for the log, which must hold nothing else."""
    assert {(row[0], row[1]) for row in rows} <= {("alerts", b"gate")}
    return [json.loads(row[2]) for row in rows]


def expected(tried):
    return [json.loads(encode_record(alert_record(change, "try-1"))) for change in tried]


@given(histories())
def test_the_alerts_are_those_of_a_trial_of_the_same_rules(scene):
    until = scene.judged[-1].frame.at
    assert changes(Job(STRICTER, "judge").read(scene)) == expected(
        tried(scene, STRICTER, until=until)
    )


def test_at_the_end_alerts_end_and_no_camera_is_offline():
    job = Job(STRICTER, "judge")
    raised = changes(job.read(CameraRun().see(*walk(0.2, 0.01, 10))))
    ended = changes(job.end())
    assert [(alert["rule"], alert["state"]) for alert in raised] == [("stricter", "raised")]
    assert [(alert["rule"], alert["state"]) for alert in ended] == [("stricter", "cleared")]


def test_who_was_there_before_the_time_raises_no_alert_in_it():
    at = NINE - 30_000
    standing = [frame([person(0.2)], at=at + 1_000 * n) for n in range(60)]
    gone = empty(20, at=NINE + 30_000, every_ms=1_000)
    scene = CameraRun().see(*standing, *gone, frame([person(0.7)], at=NINE + 50_000))
    scene.see(*(frame([person(0.7)], at=NINE + 50_500 + 500 * n) for n in range(10)))
    alerts = changes(Job(STRICTER, "judge").read(scene))
    assert [alert["state"] for alert in alerts] == ["raised"]
    assert alerts[0]["raised_at"] > "2026-11-21T09:00:50"


def test_each_further_step_writes_only_its_own_records():
    scene = CameraRun().see(*walk(0.2, 0.01, 10))
    written = {}
    for steps in (("count",), ("narrate",), ("count", "judge", "narrate")):
        job = Job(STRICTER, *steps)
        written[steps] = {row[0] for row in [*job.read(scene), *job.end()]}
    assert written == {
        ("count",): {"counts"},
        ("narrate",): {"narrations"},
        ("count", "judge", "narrate"): {"counts", "alerts", "narrations"},
    }


def test_a_second_run_writes_the_same_records():
    scene = CameraRun().see(*walk(0.2, 0.01, 10))

    def written():
        job = Job(guarded(NOBODY_HERE, Rule("cars", ("car",))), "judge")
        return changes([*job.read(scene), *job.end()])

    assert written() == written()
