"""Live results can be shown before what they are searched with is ready."""

import pytest

from pycturestream.application import stack
from pycturestream.config.settings import Settings
from pycturestream.localstack.jobs import JOBS
from pycturestream.localstack.launch import no_report
from pycturestream.localstack.stack import Starting
from pycturestream.localstack.submit import Submission

DETECTION, REDIS, ELASTICSEARCH = JOBS
NEW_FLINK = Starting(frozenset({"jobmanager"}), {})


@pytest.fixture
def happened(monkeypatch):
    """What was submitted, and when live results could be shown."""
    happened = []

    def submit_missing(_client, missing, **_options):
        for job in missing:
            happened.append(job.name)
            yield Submission(job, None, "1", "")

    monkeypatch.setattr(stack, "submit_missing", submit_missing)
    monkeypatch.setattr(stack, "local_client", lambda _settings: None)  # else downloads are fetched
    return happened


def submit(happened, jobs):
    stack._submit_jobs(
        Settings(), no_report, jobs, NEW_FLINK, lambda: happened.append("live"), fresh=False
    )


def test_live_results_are_there_before_the_job_of_elasticsearch(happened):
    submit(happened, JOBS)

    assert happened == ["detection", "serving-redis", "live", "serving-elasticsearch"]


def test_nothing_live_was_missing(happened):
    submit(happened, [ELASTICSEARCH])

    assert happened == ["serving-elasticsearch"]
