"""What every alert service must do, the fake one included.

Subclass it and give it a `service` and a `put`.
"""

import uuid

import pytest

from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, CAMERAS, DETECTIONS
from pycturestream.domain.alerts.alert_command import AlertCommand, alert_key
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.stores.search import Scope
from tests.builders import MINUTE, NOON, accounting_record, alert_record, detection_record
from tests.waiting import eventually

DAY = 24 * 60 * MINUTE


class AlertServiceContract:
    @pytest.fixture
    def camera_id(self):
        return f"camera-{uuid.uuid4().hex[:8]}"

    @pytest.fixture
    def alert(self, put, camera_id):
        """Two alerts of a camera, one of which is over; the open one is returned."""
        alert = alert_record(camera_id=camera_id)
        over = alert_record(
            camera_id=camera_id, rule="over", raised_at=NOON - DAY, state="cleared", revision=2
        )
        put((ALERTS, alert), (ALERTS, over))
        return alert

    def test_finds_alerts_by_what_is_asked_for(self, service, put, alert, camera_id):
        other = f"{camera_id}-b"
        put((ALERTS, alert_record(camera_id=other)))

        def rules(limit=10, *, label=None, only_open=False, **scope):
            scope = Scope(**{"cameras": [camera_id, other], **scope})
            found = service.alerts(scope, limit, label=label, only_open=only_open)
            return [(record["camera_id"], record["rule"]) for record in found]

        here, over, there = (camera_id, alert["rule"]), (camera_id, "over"), (other, alert["rule"])
        assert sorted(rules()) == sorted([here, there, over])
        assert rules()[-1] == over
        assert rules(camera_id=camera_id) == [here, over]
        assert rules(cameras=[other]) == [there]
        assert rules(camera_id=camera_id, cameras=[other]) == []
        assert rules(camera_id=camera_id, since=NOON) == [here]
        assert rules(camera_id=camera_id, until=NOON) == [over]
        assert rules(camera_id=camera_id, only_open=True) == [here]
        assert rules(camera_id=camera_id, label="car") == []
        assert rules(1, camera_id=camera_id) == [here]

    def test_knows_the_rules_of_cameras_that_have_settings(self, service, put, camera_id):
        put((CAMERAS, Camera(camera_id, rules=(Rule("door"), Rule("car")))))

        assert eventually(lambda: service.rules().get(camera_id) == ("door", "car"))
        assert f"{camera_id}-b" not in service.rules()

    def test_finds_one_alert_and_none_of_a_replay(self, service, put, alert, camera_id):
        put((ALERTS, alert_record(camera_id=camera_id, rule="tried", run="trial")))
        assert {name: service.alert(alert["id"])[name] for name in alert} == alert
        assert service.alert("nobody") is None
        assert service.alert(alert["id"].replace(alert["rule"], "tried")) is None

    def test_tells_what_is_said_until_it_is_taken_back(self, service, alert, camera_id):
        def told(name):
            return service.alert(alert["id"])[name]

        said = AlertCommand("acknowledge", camera_id, "guard", NOON, alert["id"], reason="I go")
        quiet = AlertCommand("silence", camera_id, "guard", NOON, until=NOON + 1)
        service.say(said)
        service.say(quiet)
        assert eventually(lambda: told("acknowledged") and told("silenced"))
        assert (told("acknowledged")["by"], told("wrong")) == ("guard", None)
        assert service.commands().acknowledged(alert["id"]) == said
        assert service.alerts(Scope(camera_id=camera_id), 1)[0]["silenced"]["until"]

        service.take_back([said.key, quiet.key])
        assert eventually(lambda: not (told("acknowledged") or told("silenced")))

    def test_says_nothing_of_a_replay(self, service, put, camera_id):
        tried = alert_record(camera_id=camera_id, run="trial")
        put((ALERTS, tried))
        service.say(AlertCommand("wrong", camera_id, "guard", NOON, tried["id"]))
        assert eventually(lambda: service.commands().wrong(tried["id"]))
        (found,) = service.alerts(Scope("trial", camera_id), 1)
        assert found["wrong"] is None

    def test_wrong_alerts_are_told_with_what_they_were_about(self, service, put, camera_id):
        put(
            *((ALERTS, alert_record(camera_id=camera_id, raised_at=NOON + n)) for n in range(4)),
            *(
                (DETECTIONS, detection_record(camera_id=camera_id, captured_at=NOON + n))
                for n in range(3)
            ),
        )
        known = [alert["id"] for alert in service.alerts(Scope(camera_id=camera_id), 4)]
        for alert_id in known[:3]:
            service.say(AlertCommand("wrong", camera_id, "guard", NOON, alert_id, reason="a cone"))
        assert eventually(lambda: service.commands().wrong(known[2]) is not None)

        wrong, suggested = service.false_alarms(Scope(camera_id=camera_id))

        assert [one.evidence.alert_id for one in wrong] == known[:3]
        assert [one.evidence.score for one in wrong] == [None, 0.81, 0.81]
        assert suggested == []
        assert service.false_alarms(Scope(camera_id=f"{camera_id}-b")) == ([], [])
        service.take_back([alert_key("wrong", alert_id) for alert_id in known])

    def test_alerts_are_counted_by_the_time_that_cameras_were_seen(self, service, put, camera_id):
        blind = f"{camera_id}-blind"
        put(
            *((ALERTS, alert_record(camera_id=camera_id, raised_at=NOON + n)) for n in range(3)),
            (ALERTS, alert_record(camera_id=camera_id, raised_at=NOON - 1)),
            (ALERTS, alert_record(camera_id=camera_id, raised_at=NOON + DAY)),
            *(
                (CAMERA_EVENTS, accounting_record(camera_id=camera_id, at=NOON + n * MINUTE))
                for n in range(-5, 90)
            ),
            (CAMERA_EVENTS, accounting_record(camera_id=blind, processed=0)),
            (ALERTS, alert_record(camera_id=blind)),
        )

        rates = {rate.camera_id: rate for rate in service.rates(NOON, NOON + DAY)}

        assert (rates[camera_id].alerts, rates[camera_id].hours) == (3, 1.5)
        assert [(day.start, day.alerts) for day in rates[camera_id].days] == [(NOON, 3)]
        assert (rates[blind].alerts, rates[blind].per_hour) == (1, None)
