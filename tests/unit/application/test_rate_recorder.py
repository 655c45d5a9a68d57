"""Alert rates are recorded once, and again where they changed, whatever fails in between."""

from msgspec.structs import replace
from structlog.testing import capture_logs

from pycturestream.application.rate_recorder import EVERY_S, RETRY_S, RateRecorder
from pycturestream.domain.erasure import NO_ERASURES, Erasures
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import DAY_MS, parse_rfc3339
from pycturestream.errors import ServiceError
from tests.builders import NOON
from tests.erasures import erasure

YESTERDAY = parse_rfc3339("2026-11-20T00:00:00Z")
AWAY = ServiceError("Elasticsearch at 127.0.0.1:9200 does not answer")


def rate(camera_id="gate", at=YESTERDAY, alerts=3):
    return DailyRate(camera_id=camera_id, at=at, said_at=0, alerts=alerts, hours=24.0, mark=0)


class Clock:
    """Stands still but when somebody waits, and is stopped after so many waits."""

    def __init__(self, waits=1):
        self.at = NOON
        self.left = waits
        self.waited = []

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.waited.append(seconds)
        self.at += int(1000 * seconds)
        self.left -= 1

    @property
    def stopped(self):
        return not self.left


class Recorded:
    """A recorder, what it finds in turn, and what it reported."""

    def __init__(self, *found, erasures=NO_ERASURES):
        self.found = list(found)
        self.reported = []
        self.erasures = erasures
        self.clock = Clock(len(found))
        self.recorder = RateRecorder(self._find, self._erasures, self.reported.append, self.clock)

    def _find(self, at):
        return [replace(one, said_at=at) for one in answered(self.found.pop(0))]

    def _erasures(self):
        return answered(self.erasures)


def answered(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_each_rate_is_reported_once():
    recorded = Recorded([rate(), rate("yard")], [rate(), rate("yard")])

    recorded.recorder.run()

    assert [one.camera_id for one in recorded.reported] == ["gate", "yard"]
    assert recorded.clock.waited == [EVERY_S, EVERY_S]


def test_a_rate_that_changed_is_reported_again():
    recorded = Recorded([rate()], [rate(alerts=4)], [rate(alerts=4)])

    recorded.recorder.run()

    assert [one.alerts for one in recorded.reported] == [3, 4]
    first, again = recorded.reported
    assert first.said_at < again.said_at


def test_while_elasticsearch_is_away_it_tries_again_soon_and_says_so_once():
    recorded = Recorded(AWAY, AWAY, AWAY, [rate()])

    with capture_logs() as logs:
        recorded.recorder.run()

    assert recorded.clock.waited == [RETRY_S, RETRY_S, RETRY_S, EVERY_S]
    assert len(recorded.reported) == 1
    (said,) = logs
    assert "does not answer" in said["event"]


def test_servers_that_start_together_are_no_failure():
    recorded = Recorded(AWAY, [rate()])

    with capture_logs() as logs:
        recorded.recorder.run()

    assert len(recorded.reported) == 1
    assert logs == []


def test_another_absence_is_said_again():
    recorded = Recorded(AWAY, AWAY, [], AWAY, AWAY)

    with capture_logs() as logs:
        recorded.recorder.run()

    assert len(logs) == 2


def test_of_an_erased_day_nothing_is_reported():
    erasures = Erasures.of([erasure("gate", YESTERDAY, YESTERDAY + 1)])
    recorded = Recorded([rate(), rate(at=YESTERDAY - DAY_MS), rate("yard")], erasures=erasures)

    recorded.recorder.record()

    assert [(one.camera_id, one.at) for one in recorded.reported] == [
        ("gate", YESTERDAY - DAY_MS),
        ("yard", YESTERDAY),
    ]


def test_before_it_is_known_what_is_erased_nothing_is_reported():
    recorded = Recorded([rate()], [rate()], erasures=AWAY)

    assert not recorded.recorder.record()
    assert recorded.reported == []
    recorded.erasures = NO_ERASURES
    assert recorded.recorder.record()
    assert len(recorded.reported) == 1


def test_whatever_is_wrong_with_records_does_not_end_it():
    recorded = Recorded(KeyError("day"), KeyError("day"), [rate()])

    with capture_logs() as logs:
        recorded.recorder.run()

    assert len(recorded.reported) == 1
    assert "KeyError('day')" in logs[0]["event"]
