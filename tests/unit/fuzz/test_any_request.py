"""Whatever a request says, in any part of any route, is answered, and never with 500."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.api.conftest import (  # noqa: F401 - fixtures
    client,
    clock,
    headers,
    links,
    recipient_service,
    service,
    tokens,
)

ODD_TIMES = (
    "999999999d",
    "999999999s",
    "0s",
    "-1d",
    "+2h",
    "1e9d",
    "9" * 400,
    "٣d",
    "\uff12\uff10\uff12\uff16-11-21T09:00:00Z",
    "9999-99-99",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1969-12-31T23:59:59Z",
    "2026-11-21T09:00:00",
    "2026-11-21T09:00:00+99:99",
    "2026-W01-1",
    "1d\n",
    "\x00",
    "",
)
odd_times = st.sampled_from(ODD_TIMES) | st.from_regex(r"[0-9]{1,12}[smhd]?") | st.text(max_size=40)
texts = st.text(max_size=60) | st.sampled_from(["gate", "gate#0", "../..", "a" * 3_000, "%00", "ü"])
numbers = st.integers() | st.sampled_from([10**30, -1, 0]) | texts
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
LISTS = ("/api/alerts", "/api/rates", "/api/wrong-alerts", "/api/silences", "/api/recipients")
FUZZED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def auth(headers):  # noqa: F811 - the fixture
    return headers(life_ms=10**12)


def answered(response):
    assert response.status_code < 500, response.text
    return response


@pytest.mark.parametrize("text", ODD_TIMES)
@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("path", LISTS[:3])
def test_an_odd_time_is_a_problem_and_no_failure(client, auth, path, name, text):  # noqa: F811
    response = answered(client.get(path, params={name: text}, headers=auth))
    assert response.status_code in {200, 422}


@given(
    path=st.sampled_from(LISTS),
    camera=st.none() | texts,
    label=st.none() | texts,
    since=st.none() | odd_times,
    until=st.none() | odd_times,
    limit=st.none() | numbers,
    only_open=st.none() | texts,
)
@FUZZED
def test_any_query_is_answered(client, auth, path, **query):  # noqa: F811
    query["open"] = query.pop("only_open")
    given_ = {name: value for name, value in query.items() if value is not None}
    answered(client.get(path, params=given_, headers=auth))


@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD"]),
    begin=st.sampled_from(["/api/alerts/", "/api/recipients/", "/link/", "/"]),
    middle=texts,
    end=st.sampled_from(["", "/acknowledge", "/wrong", "/test"]),
    body=values,
)
@FUZZED
def test_any_path_and_body_is_answered(client, auth, method, begin, middle, end, body):  # noqa: F811
    path = begin + quote(middle, safe="") + end
    content = json.dumps(body).encode()
    kind = {"Content-Type": "application/json"}
    answered(client.request(method, path, content=content, headers=auth | kind))


@given(content=st.binary(max_size=60), kind=st.sampled_from(["application/json", "text/plain", ""]))
@FUZZED
def test_any_bytes_are_answered(client, auth, content, kind):  # noqa: F811
    for path in ("/api/silences", "/api/alerts/gate/wrong", "/link/x"):
        answered(client.post(path, content=content, headers=auth | {"Content-Type": kind}))


@given(
    body=st.fixed_dictionaries(
        {"camera_id": st.sampled_from(["gate", "nowhere", ""]) | texts},
        optional={
            "rule": st.none() | st.just("stranger-at-door") | texts,
            "until": st.none() | odd_times,
            "for": st.none() | odd_times,
            "reason": texts,
        },
    )
)
@FUZZED
def test_any_silence_is_answered_and_none_is_long(client, auth, service, body):  # noqa: F811
    answered(client.post("/api/silences", json=body, headers=auth))
    for command in service.commands().all_of("silence"):
        assert command.until - command.at <= 30 * 86_400_000


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 50_000, b'{"reason": "\\ud800"}', b'{"reason": NaN}', b"9" * 9_000],
)
def test_json_that_is_hard_to_read_is_answered(client, auth, body):  # noqa: F811
    kind = {"Content-Type": "application/json"}
    for path in ("/api/silences", "/api/alerts/gate/wrong", "/api/alerts/gate/acknowledge"):
        answered(client.post(path, content=body, headers=auth | kind))


@given(text=st.binary(max_size=80))
@FUZZED
def test_any_authorization_is_answered(client, text):  # noqa: F811
    found = answered(
        client.get("/api/alerts", headers={"Authorization": b"Bearer " + text.hex().encode()})
    )
    assert found.status_code == 401


def test_a_problem_names_no_path(client, auth, tokens):  # noqa: F811
    path = tokens._path
    path.write_bytes(b"{")
    response = client.get("/api/alerts", headers=auth)
    assert response.status_code == 401
    assert str(path.parent) not in response.text
    path.unlink()
    path.mkdir()
    response = client.get("/api/alerts", headers=auth)
    assert response.status_code == 401
    assert str(path.parent) not in response.text


def test_a_silence_of_a_year_is_a_problem_that_says_so(client, auth):  # noqa: F811
    body = {"camera_id": "gate", "for": "366d"}
    response = client.post("/api/silences", json=body, headers=auth)
    assert response.status_code == 422
    assert "30 days at most" in response.json()["detail"]
