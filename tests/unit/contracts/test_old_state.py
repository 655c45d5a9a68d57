"""A job resumes from the savepoint of an older program, which had an alert for each object."""

import msgspec
import pytest
from msgspec.structs import replace

from pycturestream.contracts.codec import decode_state, encode_state
from tests.scenes import NINE, CameraRun, empty, frame, guarded, person

NEW_OF_TRACK = ("born_at", "lingers")


def as_older_program(state, *, alerts: bool):
    """Return the bytes that the second version wrote of a state with one person in view."""
    fields = msgspec.msgpack.decode(encode_state(state)[1:])
    for track in fields["tracks"]:
        for name in NEW_OF_TRACK:
            del track[name]
    (track_id,) = (track["track_id"] for track in fields["tracks"])
    alert = {
        "alert_id": f"nobody-here:{track_id}",
        "rule": "nobody-here",
        "level": 2,
        "label": "person",
        "zones": ["left-half"],
        "track_id": track_id,
        "frame_id": "gate_20261121T090001000Z",
        "raised_at": NINE + 1_000,
        "seen_at": state.newest_at,
        "clear_after_ms": 10_000,
        "frames": 3,
        "revision": 1,
        "adrift": False,
        "earlier_track_ids": ["gate_20261121T080000000Z#0"],
    }
    fields["watch"] = {
        "sightings": {f"nobody-here:{track_id}": 3},
        "alerts": [alert] if alerts else [],
    }
    return b"\x02" + msgspec.msgpack.encode(fields)


@pytest.fixture
def guarded_person():
    """A person stands before a guarded camera."""
    return CameraRun(guarded()).see(*standing(NINE))


def standing(at):
    return [frame([person()], at=at + number * 500) for number in range(8)]


def test_an_open_alert_continues_and_is_cleared_under_its_id(guarded_person):
    after = CameraRun(guarded())
    after.state = decode_state(as_older_program(guarded_person.state, alerts=True))
    after.see(*standing(NINE + 4_000), *empty(30, at=NINE + 8_000))
    (cleared,) = after.alerts
    assert (cleared.state, cleared.alert.revision) == ("cleared", 2)
    assert cleared.alert.alert_id == guarded_person.alerts[0].alert.alert_id
    assert cleared.alert.reason == "A person in the left-half. Ended at 09:00:07."


def test_an_object_of_an_alert_that_has_ended_raises_no_other(guarded_person):
    after = CameraRun(guarded())
    after.state = decode_state(as_older_program(guarded_person.state, alerts=False))
    assert not after.see(*standing(NINE + 4_000)).alerts


def test_several_alerts_of_one_rule_all_end(guarded_person):
    state = decode_state(as_older_program(guarded_person.state, alerts=True))
    (alert,) = state.rule_state.alerts
    other = replace(alert, alert_id="nobody-here:other", track_ids=("other",))
    after = CameraRun(guarded())
    after.state = replace(state, rule_state=replace(state.rule_state, alerts=(alert, other)))
    after.see(*standing(NINE + 4_000), *empty(40, at=NINE + 8_000))
    assert sorted((change.state, change.alert.alert_id) for change in after.alerts) == [
        ("cleared", alert.alert_id),
        ("cleared", "nobody-here:other"),
    ]


def test_a_track_counts_as_born_when_it_was_first_known_to_be_still(guarded_person):
    state = decode_state(as_older_program(guarded_person.state, alerts=True))
    (track,) = state.tracks
    assert track.born_at == track.loitering.since == track.still_since == NINE
