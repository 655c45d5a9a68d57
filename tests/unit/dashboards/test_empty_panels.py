"""The check of the dashboards on a new stack, where some indices do not exist yet."""

from typing import Any, Self

import pytest

from pycturestream.cli import dashboards as command
from pycturestream.dashboards.check import check_panels
from pycturestream.dashboards.dashboard import dashboards, panels
from pycturestream.dashboards.empty_panels import REASONS, why_empty
from pycturestream.domain.times import Millis
from pycturestream.errors import CommandError

EVERY = [panel for dashboard in dashboards() for panel in panels(dashboard)]


class Answer:
    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body


class Elasticsearch:
    """Answers as a new one does: of an index that does not exist it knows no aggregations."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def search(self, **_: Any) -> Answer:
        return Answer({"hits": {"hits": []}})


def test_an_index_that_does_not_exist_has_no_rows() -> None:
    checks = list(check_panels(Elasticsearch(), "", Millis(0), Millis(1)))  # type: ignore[arg-type]

    assert len(checks) == len(EVERY)
    assert {one.rows for one in checks} == {0, None}


def test_panels_about_what_happens_rarely_may_be_empty() -> None:
    expected = {panel.title: why_empty(panel) for panel in EVERY}

    assert expected["Of level 3"] == "no alert was raised"
    assert expected["False alarms"] == "no alert was marked as a false alarm"
    assert expected["Notifications, by channel"] == "nobody was notified"
    # The newest complete day began more than the check's hour ago.
    for title in ("Days with too many or too few alerts", "Too many or too few, by camera and day"):
        assert "since then" in expected[title]
    assert expected["Crossings of each line, in and out"] == "no line was crossed"
    assert expected["Newest camera events"] == "nothing happened to a camera"
    assert expected["Pictures found"] == "nothing was in view"
    for title in ("What became of the pictures", "Processed pictures, by camera", "Frames in"):
        assert expected[title] == ""


def test_each_reason_is_that_of_a_panel() -> None:
    assert {reason for *_, reason in REASONS} <= {why_empty(panel) for panel in EVERY}


def test_the_check_names_only_panels_that_must_show_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "connect", lambda _settings: Elasticsearch())

    with pytest.raises(CommandError) as raised:
        command.check()

    assert "Processed pictures, by camera" in str(raised.value)
    assert "False alarms" not in str(raised.value)
    assert "nothing yet: no alert was marked as a false alarm" in " ".join(
        capsys.readouterr().out.split()
    )
