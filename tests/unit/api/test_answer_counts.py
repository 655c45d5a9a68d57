"""Answers are counted by names that nobody outside can choose."""

import asyncio

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


@pytest.mark.parametrize("target", ["*", "live", "evil.example:80"])
def test_a_target_that_is_no_path_is_answered_like_any_other(counted, target):
    """`OPTIONS *`, and what no browser sends: a server hands it on as it is."""
    sent = []
    scope = {
        "type": "http",
        "method": "OPTIONS",
        "path": target,
        "raw_path": target.encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    asyncio.run(counted(scope, receive, send))

    assert sent[0]["status"] == 404
    assert (b"x-frame-options", b"DENY") in sent[0]["headers"]
    assert counted.counts == {("page", "4xx"): 1}
