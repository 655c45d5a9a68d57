"""What `replay` and `rules judge` say of their job, with a cluster that only answers."""

import pytest

from pycturestream.cli import job_of_the_past
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def cluster(monkeypatch):
    """Return a function that sets which job of the past runs, and how the next one ends."""

    def answers(running=None, end="FINISHED"):
        for name, answer in (
            ("running_job_of_the_past", running),
            ("submit", "0b5e"),
            ("wait_until_ended", end),
        ):
            monkeypatch.setattr(job_of_the_past, name, lambda *_, answer=answer: answer)

    return answers


def test_a_job_that_has_finished_says_how_to_see_its_results(cluster, run):
    cluster()
    ended = run("replay", "--run", "first")
    assert ended.status == 0
    assert "job replay-first is running: " in ended.errors
    assert "/#/job/running/0b5e" in ended.errors
    assert "pycturestream find --run first" in ended.errors
    (record,) = run("replay", "--run", "first", "--json").records
    assert (record["run"], record["job"]) == ("first", "0b5e")


def test_one_job_of_the_past_at_a_time(cluster, run):
    cluster(running="judging-other")
    ended = run("replay", "--run", "first")
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert "the job judging-other is running: wait for it to end" in ended.errors


def test_a_job_that_fails_is_named_with_where_to_look(cluster, run):
    cluster(end="FAILED")
    ended = run("replay", "--run", "first")
    assert ended.status == 1
    assert "job replay-first is FAILED: see http" in ended.errors
