"""docs/metrics.md lists what is exported, no more and no less."""

import ast
import re
from collections.abc import Iterator

import pytest

from producers.publish_accounting import PublishCounts
from pycturestream.api.answer_counts import AnswerKind
from pycturestream.cli.composition.metrics import (
    answer_metrics,
    camera_metrics,
    eye_metrics,
    live_page_metrics,
    live_picture_metrics,
    message_metrics,
)
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.dashboards.dashboard import dashboards, panels
from pycturestream.pictures.live_sink import LiveSink
from pycturestream.stores.batch_writer import Done
from pycturestream.stores.live_pictures import LivePictureWriter

OPERATOR = "flink_taskmanager_job_task_operator_"
RULES = PROJECT_FOLDER / "dashboards" / "prometheus" / "rules.yml"
MAKERS = {"count", "declare", "counter", "gauge", "latency", "distribution"}
"""Methods whose first argument names a metric."""


class Camera:
    camera_id = "gate"
    silent_since = 1

    def counts(self) -> PublishCounts:
        return PublishCounts(published=1, dropped={"stale": 1}, last_captured_at=1)


def documented(heading: str) -> dict[str, list[str]]:
    """Return the rows below a heading: the cells by the metric's name."""
    text = (PROJECT_FOLDER / "docs" / "metrics.md").read_text("utf-8")
    (part,) = re.findall(rf"^## {heading}$(.*?)(?:^## |\Z)", text, re.MULTILINE | re.DOTALL)
    found = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`([^`]+)`", cells[0]) if line.startswith("| `") else ():
            found[name.replace("…", OPERATOR)] = cells[1:]
    return found


def made_by_operators() -> Iterator[str]:
    """Yield the names of the metrics that the code of the operators makes."""
    for path in (PROJECT_FOLDER / "udfs").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            method = isinstance(called, ast.Attribute) and called.attr in MAKERS
            histogram = isinstance(called, ast.Name) and called.id == "Histogram"
            for argument in node.args[:2] if histogram else node.args[:1] if method else ():
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
    yield from ("frames_processed", "frames_refused")  # declared in a loop
    yield from (done.value for done in Done)


def queries() -> str:
    """Return the queries of all dashboards and alert rules."""
    targets = [t for d in dashboards() for panel in panels(d) for t in panel.targets]
    return "\n".join([*(t.get("expr", "") for t in targets), RULES.read_text("utf-8")])


def plain(name: str) -> str:
    """Return the name of a queried metric as the list has it, without label and bucket."""
    name = re.sub(rf"^{OPERATOR}(le|reason|topic|event)_", OPERATOR, name)
    return re.sub(r"_(bucket|sum|count)$", "", name)


def test_every_metric_of_the_operators_is_listed():
    assert set(documented("Operators")) == {f"{OPERATOR}{name}" for name in made_by_operators()}


def test_every_metric_of_the_services_is_listed():
    live = LiveSink(LivePictureWriter(Settings()), SystemClock(), Settings())
    live.counts["small"] = 1
    families = [
        *camera_metrics([Camera()]),
        *message_metrics({"sent": 1}),
        *eye_metrics(1),
        *live_page_metrics(1),
        *live_picture_metrics(live),
        *answer_metrics({AnswerKind("page", "2xx"): 1}),
    ]
    exported = {plain(sample.name): sample for family in families for sample in family.samples}

    listed = documented("Services")
    assert set(listed) == set(exported)
    for name, sample in exported.items():
        labels = set(re.findall(r"`(\w+)`", listed[name][3]))
        assert labels - {"le"} == set(sample.labels) - {"le"}


def test_every_metric_that_is_queried_is_listed():
    asked = set(re.findall(r"\b(?:flink|pycturestream)_\w+", queries()))
    listed = {n for part in ("Operators", "Flink's own", "Services") for n in documented(part)}

    assert asked
    assert {plain(name) for name in asked} <= listed


def test_only_those_of_flink_that_are_queried_are_listed():
    asked = {plain(name) for name in re.findall(r"\bflink_\w+", queries())}

    assert set(documented("Flink's own")) <= asked


def test_what_the_dashboard_of_the_pipeline_does_not_draw_is_said():
    (pipeline,) = [d for d in dashboards() if d["uid"] == "pycturestream-pipeline"]
    targets = [target for panel in panels(pipeline) for target in panel.targets]
    asked = " ".join(target.get("expr", "") for target in targets)
    drawn = {plain(name) for name in re.findall(r"\bflink_\w+", asked)}
    text = (PROJECT_FOLDER / "docs" / "metrics.md").read_text("utf-8")
    (said,) = re.findall(r"all but these: (.*?)\. ", text)

    assert set(documented("Flink's own")) <= drawn
    assert {f"{OPERATOR}{name}" for name in re.findall(r"`(\w+)`", said)} == (
        set(documented("Operators")) - drawn
    )


@pytest.mark.parametrize("part", ["Operators", "Services"])
def test_every_metric_has_a_kind_and_a_unit(part: str):
    for name, (_, kind, unit, *_rest) in documented(part).items():
        assert kind in {"counter", "gauge", "histogram"}, name
        assert unit, name


def test_a_label_that_a_query_selects_by_is_listed():
    for name, label in re.findall(
        rf"{OPERATOR}(?:le|reason|topic|event)_(\w+?)\{{(\w+)=", queries()
    ):
        if label != "job_name":
            assert f"`{label}`" in documented("Operators")[plain(f"{OPERATOR}{name}")][3]
