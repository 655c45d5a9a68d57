"""What every alert service must do, the fake one included.

Subclass it and give it a `service` and a `put`.
"""

import uuid

import pytest

from pycturestream.application.alerts import (
    AlertNotFoundError,
    AlertTarget,
    NoSuchRuleError,
    NotSilencedError,
)
from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, CAMERAS, DETECTIONS
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.times import parse_rfc3339
from pycturestream.stores.search import Scope
from tests.builders import MINUTE, NOON, accounting_record, alert_record, detection_record
from tests.waiting import eventually

DAY = 24 * 60 * MINUTE


def silences(service, camera_id):
    return [one for one in service.commands().all_of("silence") if one.camera_id == camera_id]


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

    def test_silences_only_cameras_and_rules_that_exist(self, service, put, camera_id):
        put((CAMERAS, Camera(camera_id, rules=(Rule("door"), Rule("car")))))

        def silence(camera_id, rule):
            try:
                service.silence(camera_id, rule, by="a", reason="", at=NOON, until=NOON + 1)
            except NoSuchRuleError as error:
                return str(error)
            return None

        assert eventually(lambda: silence(camera_id, None) is None)
        assert silence(camera_id, "car") is None
        assert silence(camera_id, "cat") == f"{camera_id} has no rule cat; it has: door, car"
        assert silence(f"{camera_id}-b", None).startswith("no settings name a camera")
        assert eventually(lambda: len(silences(service, camera_id)) == 2)
        service.end_silence(camera_id, None)
        service.end_silence(camera_id, "car")
        assert eventually(lambda: not silences(service, camera_id))
        with pytest.raises(NotSilencedError):
            service.end_silence(camera_id, "car")
        service.end_silence(camera_id, "car", check=False)

    def test_finds_one_alert_and_none_of_a_replay(self, service, put, alert, camera_id):
        put((ALERTS, alert_record(camera_id=camera_id, rule="tried", run="trial")))
        assert {name: service.alert(alert["id"])[name] for name in alert} == alert
        for unknown in ("nobody", alert["id"].replace(alert["rule"], "tried")):
            with pytest.raises(AlertNotFoundError):
                service.alert(unknown)
            with pytest.raises(AlertNotFoundError):
                service.acknowledge(unknown, "guard", "", NOON)
            with pytest.raises(AlertNotFoundError):
                service.take_back_false_alarm(unknown)

    def test_alerts_have_their_commands_until_these_are_taken_back(self, service, alert, camera_id):
        def shown(name):
            return service.alert(alert["id"])[name]

        command = service.acknowledge(alert["id"], "guard", "I go", NOON)
        service.silence(
            camera_id, None, by="guard", reason="", at=NOON, until=NOON + 1, check=False
        )
        assert command == AlertCommand(
            "acknowledge",
            camera_id,
            "guard",
            NOON,
            alert["id"],
            alert["rule"],
            reason="I go",
            raised_at=parse_rfc3339(alert["raised_at"]),
        )
        assert eventually(lambda: shown("acknowledged") and shown("silenced"))
        assert (shown("acknowledged")["by"], shown("wrong")) == ("guard", None)
        assert service.commands().acknowledged(alert["id"]) == command
        assert service.alerts(Scope(camera_id=camera_id), 1)[0]["silenced"]["until"]

        assert service.take_back_acknowledge(alert["id"]) == command.key
        service.end_silence(camera_id, None)
        assert eventually(lambda: not (shown("acknowledged") or shown("silenced")))

    def test_a_target_needs_no_lookup(self, service, camera_id):
        target = AlertTarget("no-longer-kept", camera_id, "door")

        service.mark_false(target, "guard", "a cone", NOON)

        assert eventually(lambda: service.commands().wrong("no-longer-kept") is not None)
        service.take_back_false_alarm(target)

    def test_alerts_of_a_replay_have_no_commands(self, service, put, camera_id):
        tried = alert_record(camera_id=camera_id, run="trial")
        put((ALERTS, tried))
        service.mark_false(AlertTarget(tried["id"], camera_id, tried["rule"]), "guard", "", NOON)
        assert eventually(lambda: service.commands().wrong(tried["id"]))
        (found,) = service.alerts(Scope("trial", camera_id), 1)
        assert found["wrong"] is None

    def test_false_alarms_are_listed_with_what_they_were_about(self, service, put, camera_id):
        put(
            *((ALERTS, alert_record(camera_id=camera_id, raised_at=NOON + n)) for n in range(4)),
            *(
                (DETECTIONS, detection_record(camera_id=camera_id, captured_at=NOON + n))
                for n in range(3)
            ),
        )
        known = [alert["id"] for alert in service.alerts(Scope(camera_id=camera_id), 4)]
        for alert_id in known[:3]:
            service.mark_false(alert_id, "guard", "a cone", NOON)
        assert eventually(lambda: service.commands().wrong(known[2]) is not None)

        found, suggested = service.false_alarms(Scope(camera_id=camera_id))

        assert [one.evidence.alert_id for one in found] == known[:3]
        assert [one.evidence.score for one in found] == [None, 0.81, 0.81]
        assert suggested == []
        assert service.false_alarms(Scope(camera_id=f"{camera_id}-b")) == ([], [])
        for alert_id in known[:3]:
            service.take_back_false_alarm(alert_id)

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

    def test_phones_of_the_seeing_aid_have_no_rates(self, service, put):
        put((CAMERA_EVENTS, accounting_record(camera_id="eye-0123456789abcdef")))

        assert "eye-0123456789abcdef" not in {
            rate.camera_id for rate in service.rates(NOON, NOON + DAY)
        }
