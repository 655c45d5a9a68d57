"""The alert rules of Prometheus, tried by promtool on series that are well and series that are not.

promtool comes with Prometheus (Debian: `apt-get install prometheus`).
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pycturestream.config.settings import PROJECT_FOLDER

RULES = PROJECT_FOLDER / "dashboards" / "prometheus" / "rules.yml"
OPERATOR = "flink_taskmanager_job_task_operator"
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """Series by their values of each minute, with which a rule fires after half an hour, or not."""

    rule: str
    well: dict[str, str]
    ill: dict[str, str]


def events(offline: str, online: str) -> dict[str, str]:
    return {
        f'{OPERATOR}_event_camera_events{{job_name="detection", event="{event}"}}': values
        for event, values in (("offline", offline), ("online", online))
    }


def pictures(
    processed: str, dropped: str, pending: str = "0x40", reason: str = "superseded"
) -> Any:
    return {
        f'{OPERATOR}_frames_processed{{job_name="detection"}}': processed,
        f'{OPERATOR}_reason_frames_dropped{{job_name="detection", reason="{reason}"}}': dropped,
        f'{OPERATOR}_pendingRecords{{job_name="detection"}}': pending,
    }


def latency(below_second: str, below_two: str, in_all: str) -> dict[str, str]:
    counts = {"1000": below_second, "2000": below_two, "5000": in_all, "+Inf": in_all}
    return {
        f'{OPERATOR}_le_capture_to_store_ms_bucket{{job_name="serving-redis", le="{le}"}}': values
        for le, values in counts.items()
    }


def one(metric: str, values: str) -> dict[str, str]:
    return {metric: values}


PENDING = f'{OPERATOR}_pendingRecords{{job_name="serving-elasticsearch"}}'
FAILED = 'flink_jobmanager_job_numberOfFailedCheckpoints{job_name="detection"}'
RESTARTS = 'flink_jobmanager_job_numRestarts{job_name="detection"}'
REFUSED = f'{OPERATOR}_frames_refused{{job_name="detection"}}'
REJECTED = f'{OPERATOR}_rejected{{job_name="serving-redis"}}'
NEWEST = 'pycturestream_camera_newest_picture_timestamp_seconds{camera_id="gate"}'
SERVICE = 'up{job="services", instance="cameras:9244"}'
OTHER_SERVICE = 'up{job="services", instance="notify:9245"}'
UP = 'up{job="flink", instance="taskmanager:9249"}'
# `0+60x40`: begins with 0, and adds 60 each minute, 40 times.
TRIALS = [
    Trial("CameraWentOffline", events("0x20 1x20", "3x22 4x18"), events("0x20 1x20", "3x40")),
    # A trial begins at the time 0: the newest picture of each minute is new, or long ago.
    Trial("CameraWithoutPictures", one(NEWEST, "0+60x40"), one(NEWEST, "0+60x10 600x30")),
    Trial("PicturesDropped", pictures("0+300x40", "0+10x40"), pictures("0+300x40", "0+100x40")),
    Trial(
        "PicturesDropped",
        pictures("0+300x40", "0+100x40", reason="duplicate"),  # that is no load
        pictures("0+300x40", "0+100x40", reason="stale"),
    ),
    Trial("DetectionStands", pictures("0+60x40", "0x40", "9x40"), pictures("7x40", "0x40", "9x40")),
    Trial("DetectionStands", pictures("7x40", "0x40", "0x40"), pictures("7x40", "0x40", "1+9x40")),
    Trial(
        "ResultsLate",
        latency("0+599x40", "0+600x40", "0+600x40"),
        latency("0+500x40", "0+580x40", "0+600x40"),
    ),
    Trial("ViewLags", one(PENDING, "4000x40"), one(PENDING, "0+1000x40")),
    Trial("CheckpointsFail", one(FAILED, "7x40"), one(FAILED, "7+1x40")),
    Trial("JobRestarts", one(RESTARTS, "2x20 3x20"), one(RESTARTS, "2+1x40")),
    Trial("PicturesRejected", one(REFUSED, "40x40"), one(REFUSED, "0+5x40")),
    Trial("ResultsRejected", one(REJECTED, "2x40"), one(REJECTED, "2x25 3x15")),
    Trial("ServiceEnded", one(SERVICE, "0x40"), one(SERVICE, "1x20 0x20")),  # one never ran
    Trial(
        "ServiceEnded",
        # The container was replaced.
        {SERVICE: "1x20 _x20", SERVICE.replace("cameras", "10.0.0.9"): "_x20 1x20"},
        {SERVICE: "1x20 _x20", OTHER_SERVICE: "1x40"},
    ),
    Trial("FlinkDown", one(UP, "1x40"), one(UP, "1x20 0x20")),
]


def rules() -> list[dict[str, Any]]:
    (group,) = YAML(typ="safe").load(RULES)["groups"]
    return list(group["rules"])


@needs_promtool
def test_promtool_finds_no_fault():
    for what, path in (("rules", RULES), ("config", RULES.with_name("prometheus.yml"))):
        # Without --syntax-only, `check config` looks for the files at the paths of the container.
        options = ["--syntax-only"] if what == "config" else []
        done = subprocess.run(
            ["promtool", "check", what, *options, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_is_tried():
    assert {trial.rule for trial in TRIALS} == {rule["alert"] for rule in rules()}


@needs_promtool
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_a_rule_fires_when_something_is_wrong_and_only_then(trial: Trial, tmp_path: Path):
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": name, "values": v} for name, v in series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{trial.rule}", alertstate="firing"}})',
                    "eval_time": "30m",
                    "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                }
            ],
        }
        for series, fires in ((trial.well, False), (trial.ill, True))
    ]
    file = tmp_path / "trial.json"  # which is YAML as well
    file.write_text(json.dumps({"rule_files": [str(RULES)], "tests": tests}))

    done = subprocess.run(
        ["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]):
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"]
    guide = (PROJECT_FOLDER / "docs" / "operations.md").read_text("utf-8")
    assert f"`{rule['alert']}`" in guide
