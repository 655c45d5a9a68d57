"""An alert of each kind of rule, with the facts that such a rule has."""

from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.alerts.facts import CrossedLine, Facts, LabelCount
from pycturestream.domain.alerts.wording import in_words
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.times import rfc3339
from tests.alerts import alert
from tests.builders import NOON

SINCE = rfc3339(NOON)
VIENNA = "Europe/Vienna"

FACTS = {
    "a person in a zone": Facts(
        about="things",
        since=SINCE,
        timezone=VIENNA,
        label_counts=(LabelCount("person", 1),),
        zones=("Driveway",),
        frames=3,
        score=0.81,
    ),
    "some who stay at night": Facts(
        about="things",
        since=SINCE,
        timezone=VIENNA,
        count=3,
        label_counts=(LabelCount("dog", 1), LabelCount("person", 2)),
        zones=("Driveway", "Garden"),
        period=Period((6, 7), 1_320, 360),
        dwell_ms=45_000,
        frames=3,
        score=0.9,
    ),
    "one who loiters": Facts(
        about="things",
        since=SINCE,
        timezone=VIENNA,
        label_counts=(LabelCount("person", 1),),
        loitering_ms=240_000,
        frames=1,
        score=0.7,
    ),
    "two who cross a line": Facts(
        about="things",
        since=SINCE,
        timezone=VIENNA,
        count=2,
        label_counts=(LabelCount("bicycle", 2),),
        crossed=(CrossedLine("Kerb", "in"),),
        frames=2,
        score=0.66,
    ),
    "more than are there at once": Facts(
        about="things",
        since=SINCE,
        timezone=VIENNA,
        count=7,
        label_counts=(LabelCount("car", 1), LabelCount("truck", 1)),
        crossed=(CrossedLine("Kerb", "out"),),
        frames=2,
        score=0.66,
    ),
    "what no file has a word for": Facts(
        about="things",
        since=SINCE,
        timezone=VIENNA,
        count=2,
        label_counts=(LabelCount("forklift", 2),),
        zones=("in the yard",),
        frames=2,
        score=0.66,
    ),
    "offline": Facts(about="offline", since=SINCE, timezone=VIENNA),
    "clock-wrong": Facts(
        about="clock-wrong", since=SINCE, timezone=VIENNA, clock_off_ms=-7_200_000
    ),
    "covered": Facts(
        about="covered", since=SINCE, timezone=VIENNA, now=0.12, usual=0.57, likeness=0.08
    ),
    "blurred": Facts(about="blurred", since=SINCE, timezone=VIENNA, now=0.2, usual=0.9),
    "moved": Facts(about="moved", since=SINCE, timezone=VIENNA, likeness=0.31),
    "unusually-quiet": Facts(
        about="unusually-quiet",
        since=SINCE,
        timezone=VIENNA,
        count=0,
        label_counts=(LabelCount("person", 0),),
        expected=20,
    ),
    "unusually-busy": Facts(
        about="unusually-busy", since=SINCE, timezone=VIENNA, count=31, expected=12
    ),
}
"""By what the alert is about."""


def alert_of(facts: Facts, level: Level = 2) -> AlertRecord:
    """Return an alert as a job writes it whose camera speaks English."""
    things = facts.about == "things"
    return alert(
        rule="night-watch",
        level=level,
        count=facts.count if things else 1,
        label=(*(one.label for one in facts.label_counts), "object")[0] if things else None,
        zones=facts.zones,
        reason=in_words(facts, "en"),
        facts=facts,
    )
