"""Answers are counted by names that nobody outside can choose."""

import pytest
from starlette.testclient import TestClient

from pycturestream.api.answer_counts import CountedAnswers
from pycturestream.api.application import application
from tests.builders import NOON


@pytest.fixture
def counted(service, tokens, links):
    return CountedAnswers(application(service, tokens, links, lambda: NOON))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/health", ("health", "2xx")),
        ("/openapi.json", ("api", "2xx")),
        ("/api/alerts", ("api", "4xx")),
        ("/assets/base.css", ("asset", "2xx")),
        ("/sign-in", ("page", "2xx")),
        ("/", ("page", "3xx")),
        ("/link/secret", ("link", "4xx")),
        ("/anything/at/all", ("page", "4xx")),
    ],
)
def test_an_answer_counts_by_what_was_asked_for(counted, path, expected):
    client = TestClient(counted, follow_redirects=False)
    client.get(path)
    client.get(path)
    assert counted.counts == {expected: 2}


def test_what_was_counted_stays_as_it_was(counted):
    client = TestClient(counted)
    client.get("/health")
    before = counted.counts
    client.get("/health")
    assert before == {("health", "2xx"): 1}
