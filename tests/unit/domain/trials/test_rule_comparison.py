from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.trials.rule_comparison import TrialDay, compare
from tests.scenes import NINE

GATE = Camera("gate", timezone="Europe/Vienna", rules=(Rule("stranger"),))
HOUR = 3_600_000
ELEVEN_AT_NIGHT = NINE + 14 * HOUR
"""UTC; midnight in Vienna."""


def alert(name, *, at=NINE, lasts_ms=10_000, rule="stranger", label="person", camera_id="gate"):
    """Return an alert that was cleared, or is open if it lasts for ever."""
    over_at = None if lasts_ms is None else at + lasts_ms
    return AlertRecord(
        id=name,
        run="live",
        revision=2,
        state="raised" if over_at is None else "cleared",
        camera_id=camera_id,
        rule=rule,
        level=2,
        raised_at=at,
        updated_at=over_at or at,
        reason="Somebody was there.",
        label=label,
        cleared_at=over_at,
    )


def names(alerts):
    return [one.id for one in alerts]


def kept(*candidate, raised, camera=GATE):
    (outcome,) = compare([camera], [raised], [], candidate, ()).outcomes
    return outcome.kept


def test_alerts_are_counted_by_the_days_of_the_cameras_own_clock():
    late = alert("late", at=ELEVEN_AT_NIGHT)
    compared = compare([GATE], [late], [], [alert("a"), alert("b", at=NINE + HOUR)], ())
    assert compared.days == (
        TrialDay("gate", "2026-11-21", 0, 0, 2),
        TrialDay("gate", "2026-11-22", 1, 0, 0),
    )


def test_an_alert_raised_later_in_the_same_situation_is_the_same():
    current = alert("today", lasts_ms=60_000)
    patient = alert("patient", at=NINE + 30_000)
    compared = compare([GATE], [], [current], [patient], ())
    assert (compared.more, compared.fewer) == ((), ())


def test_alerts_that_only_one_side_raises_are_listed():
    both, gone, new = alert("both"), alert("gone", at=NINE + HOUR), alert("new", at=NINE - HOUR)
    compared = compare([GATE], [], [gone, both], [both, new], ())
    assert names(compared.more) == ["new"]
    assert names(compared.fewer) == ["gone"]


def test_an_open_alert_goes_on():
    assert kept(alert("later", at=NINE + HOUR), raised=alert("open", lasts_ms=None))


def test_another_time_camera_or_rule_is_another_situation():
    two_rules = Camera("gate", rules=(Rule("stranger"), Rule("crowd")))
    assert not kept(alert("later", at=NINE + HOUR), raised=alert("first"))
    assert not kept(alert("crowd", rule="crowd"), raised=alert("first"), camera=two_rules)
    compared = compare(
        [GATE, Camera("hall")], [alert("first")], [], [alert("other", camera_id="hall")], ()
    )
    assert not compared.outcomes[0].kept


def test_a_renamed_rule_is_recognised_by_what_it_raises():
    assert kept(alert("new"), raised=alert("old", rule="intruder"))
    assert not kept(alert("new", label="dog"), raised=alert("old", rule="intruder"))


def test_false_alarms_that_would_disappear_are_counted_apart_from_right_alerts():
    raised = [alert(name, at=NINE + number * HOUR) for number, name in enumerate("abcd")]
    compared = compare([GATE], raised, [], [raised[0], raised[3]], {"a", "b"})
    assert compared.count(wrong=True, kept=False) == 1
    assert compared.count(wrong=True, kept=True) == 1
    assert compared.count(wrong=False, kept=False) == 1
    assert compared.count(wrong=False, kept=True) == 1
