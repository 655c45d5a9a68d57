import msgspec
import pytest
from msgspec.structs import replace

from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.states import (
    count_states,
    judge_states,
    narrate_states,
    track_states,
)
from pycturestream.domain.cameras.camera import Attention, Camera, Rule
from pycturestream.domain.frames.picture_measure import PictureMeasure
from tests.scenes import (
    LEFT_HALF,
    MIDDLE,
    NINE,
    NOBODY_HERE,
    CameraRun,
    car,
    empty,
    frame,
    guarded,
    person,
    stored_bytes,
    there_and_back,
    walk,
)
from tests.unit.domain.pipeline.test_step import dropped, rejected

CODECS = {
    "track": track_states,
    "count": count_states,
    "judge": judge_states,
    "narrate": narrate_states,
}
CAMERA = guarded(
    NOBODY_HERE,
    Rule("covered", about="covered"),
    Rule("busy", ("person",), about="unusually-busy"),
    zones=(LEFT_HALF,),
    lines=(MIDDLE,),
    attention=Attention(idle_fps=0.2, alert_fps=5),
)
MEASURE = PictureMeasure(0.4, 0.2, 1.0, bytes(range(192)))
every_state = pytest.mark.parametrize("step", CODECS)


def rich_state():
    """Return a state in which every step remembers something of every kind."""
    scene = CameraRun(CAMERA).see(*there_and_back())
    for number in range(8):
        at = NINE + 20_000 + number * 500
        found = frame([person(), car()], at=at, camera_at=at - 9_000)
        scene.see(replace(found, measure=MEASURE))
    scene.drop(dropped(at=NINE + 25_000)).reject(rejected(at=NINE + 25_500))
    return scene.state


@every_state
def test_a_state_is_read_as_it_was_written(step):
    state = getattr(rich_state(), step)
    assert state != type(state)()
    assert CODECS[step].decode(CODECS[step].encode(state, NINE)) == (state, NINE)
    assert CODECS[step].decode(CODECS[step].encode(state)) == (state, None)


@every_state
def test_without_bytes_a_state_is_the_initial_one(step):
    codec = CODECS[step]
    state, due = codec.decode(None)
    assert due is None
    assert codec.decode(codec.encode(state)) == (state, None)


@every_state
@pytest.mark.parametrize("version", [b"\x01", b"\x03", b"c"])
def test_a_state_of_another_version_is_rejected(step, version):
    data = CODECS[step].encode(getattr(CameraRun().state, step))
    with pytest.raises(CodecError, match=f"state of version {version.hex()}, expected 04"):
        CODECS[step].decode(version + data[1:])


@every_state
def test_a_state_of_an_older_program_gets_the_default_of_a_new_last_field(step):
    state = getattr(rich_state(), step)
    data = CODECS[step].encode(state, NINE)
    due, fields = msgspec.msgpack.decode(data[1:])
    older, due = CODECS[step].decode(data[:1] + msgspec.msgpack.encode((due, fields[:-1])))
    newest = state.__struct_fields__[-1]
    assert older == replace(state, **{newest: getattr(type(state)(), newest)})
    assert due == NINE


@every_state
def test_a_state_of_a_newer_program_is_read_without_its_new_last_field(step):
    state = getattr(rich_state(), step)
    data = CODECS[step].encode(state, NINE)
    due, fields = msgspec.msgpack.decode(data[1:])
    newer = data[:1] + msgspec.msgpack.encode((due, [*fields, "new"]))
    assert CODECS[step].decode(newer) == (state, NINE)


def test_an_alert_that_an_older_program_raised_ends_with_its_text():
    scene = CameraRun(guarded(NOBODY_HERE)).see(*walk(0.1, 0.0, 6))
    state = scene.state.judge
    due, fields = msgspec.msgpack.decode(judge_states.encode(state)[1:])
    (alert,) = state.rule_state.alerts
    assert alert.__struct_fields__[-1] == "facts"
    (stored,) = fields[state.__struct_fields__.index("rule_state")][1]
    stored.pop()
    data = judge_states.encode(state)[:1] + msgspec.msgpack.encode((due, fields))
    older, _ = judge_states.decode(data)
    assert older.rule_state.alerts == (replace(alert, facts=None),)

    scene.state = replace(scene.state, judge=older)
    scene.see(*empty(40, at=NINE + 3_000))
    cleared = scene.alerts[-1].alert
    assert cleared.facts is None
    assert cleared.reason.startswith(f"{alert.reason} Ended at ")


def test_states_are_small():
    assert stored_bytes(CameraRun(CAMERA).see(*walk(0.02, 0.02, 40)).state) < 3_000


def test_zone_states_take_little_room():
    zones = tuple(replace(LEFT_HALF, name=f"zone-{number}") for number in range(4))
    camera = Camera("gate", zones=zones)
    people = [frame([person(0.06 * n) for n in range(15)], at=NINE + s * 500) for s in range(4)]
    zone_states = CameraRun(camera).see(*people).state.track.zone_states
    assert len(zone_states) == 15
    assert len(msgspec.msgpack.encode(zone_states)) < 15 * 300
