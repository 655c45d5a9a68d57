"""The API as a program uses it: its responses, and which requests it rejects."""

from urllib.parse import quote

import jsonschema
import kafka.errors
import pytest
from elastic_transport import ConnectionError as ElasticsearchAway

from pycturestream.api import problems
from pycturestream.api.models import Alert, Command
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, DETECTIONS
from tests.builders import MINUTE, NOON, accounting_record, alert_record, detection_record

GATE, DOOR = alert_record(), alert_record(camera_id="door")


def path(alert, action=""):
    return f"/api/alerts/{quote(alert['id'], safe='')}{action}"


def problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    return body["detail"]


def test_alerts_are_listed_with_their_commands(client, headers):
    guard = headers()
    newest, older = client.get("/api/alerts", headers=guard).json()
    assert {name: newest[name] for name in GATE} == GATE
    assert (newest["acknowledged"], newest["silenced"], newest["wrong"]) == (None, None, None)
    assert older["camera_id"] == "door"


@pytest.mark.parametrize(
    ("query", "cameras"),
    [
        ("open=true", ["gate"]),
        ("camera=door", ["door"]),
        ("since=2h", ["gate"]),
        ("until=2026-11-21T11:00:00Z", ["door"]),
        ("label=car", []),
        ("limit=1", ["gate"]),
    ],
)
def test_alerts_are_filtered_as_by_the_command_line(client, headers, query, cameras):
    answer = client.get(f"/api/alerts?{query}", headers=headers())
    assert [alert["camera_id"] for alert in answer.json()] == cameras


@pytest.mark.parametrize("query", ["since=soon", "limit=0", "limit=many", "open=perhaps"])
def test_an_invalid_query_is_a_problem_that_says_what_is_allowed(client, headers, query):
    assert problem(client.get(f"/api/alerts?{query}", headers=headers()), 422)


def test_an_alert_is_found_whatever_its_id_holds(client, headers, service):
    odd = alert_record() | {"id": "rule/with ?:gate_20261121T120000000Z#0"}
    service.put((ALERTS, odd))
    assert client.get(path(odd), headers=headers()).json()["id"] == odd["id"]


def test_an_acknowledgement_says_who_handles_an_alert(client, headers, service):
    guard = headers()
    given = client.post(path(GATE, "/acknowledge"), headers=guard, json={"reason": "on my way"})
    assert given.status_code == 200
    jsonschema.validate(given.json(), schema("alert-commands"))
    assert service.commands().acknowledged(GATE["id"]).by == "guard"
    shown = client.get(path(GATE), headers=guard).json()["acknowledged"]
    assert (shown["by"], shown["reason"]) == ("guard", "on my way")

    assert client.delete(path(GATE, "/acknowledge"), headers=guard).status_code == 204
    assert client.get(path(GATE), headers=guard).json()["acknowledged"] is None


def test_an_acknowledgement_needs_no_reason_and_a_false_alarm_does(client, headers, service):
    guard = headers()
    assert client.post(path(GATE, "/acknowledge"), headers=guard).status_code == 200
    assert "reason" in problem(client.post(path(GATE, "/wrong"), headers=guard, json={}), 422)
    long = {"reason": "x" * 501}
    assert problem(client.post(path(GATE, "/wrong"), headers=guard, json=long), 422)
    body = {"reason": "a cone"}
    assert client.post(path(GATE, "/wrong"), headers=guard, json=body).status_code == 200
    assert service.commands().wrong(GATE["id"]).reason == "a cone"
    assert client.delete(path(GATE, "/wrong"), headers=guard).status_code == 204
    assert service.commands().wrong(GATE["id"]) is None


def test_a_silence_is_given_listed_and_ended(client, headers, clock):
    guard = headers()
    wanted = {"camera_id": "gate", "rule": "stranger-at-door", "for": "2h", "reason": "painters"}
    given = client.post("/api/silences", headers=guard, json=wanted).json()
    jsonschema.validate(given, schema("alert-commands"))
    assert given["until"] == "2026-11-21T14:00:00.000Z"
    assert client.get("/api/silences", headers=guard).json() == [given]
    assert client.get(path(GATE), headers=guard).json()["silenced"]["id"] == given["id"]

    ended = client.delete("/api/silences?camera=gate&rule=stranger-at-door", headers=guard)
    assert ended.status_code == 204
    assert client.get("/api/silences", headers=guard).json() == []
    client.post("/api/silences", headers=guard, json={"camera_id": "gate", "for": "1m"})
    clock.now = NOON + MINUTE
    assert client.get("/api/silences", headers=guard).json() == []


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"camera_id": "gaet"}, "no settings name a camera gaet"),
        ({"rule": "stranger"}, "gate has no rule stranger; it has: stranger-at-door"),
        ({"camera_id": "door", "rule": "stranger"}, "door has no rule stranger; it has: none"),
    ],
)
def test_a_silence_that_matches_nothing_is_rejected(client, headers, service, change, detail):
    wanted = {"camera_id": "gate", "for": "2h"} | change
    assert detail in problem(client.post("/api/silences", headers=headers(), json=wanted), 404)
    assert service.published == {}


@pytest.mark.parametrize(
    "change",
    [
        {"for": None},
        {"until": "2027-01-01T00:00:00Z"},
        {"for": None, "until": "2020-01-01T00:00:00Z"},
        {"for": "0s"},
        {"for": "a while"},
        {"camera_id": "../gate"},
        {"camera_id": None},
        {"rule": ""},
        {"surprise": 1},
    ],
)
def test_an_invalid_silence_is_rejected(client, headers, service, change):
    wanted = {"camera_id": "gate", "for": "2h"} | change
    assert problem(client.post("/api/silences", headers=headers(), json=wanted), 422)
    assert service.published == {}


def test_an_unknown_alert_is_not_found(client, headers, service):
    unknown = alert_record(rule="nowhere")
    guard = headers()
    assert "there is no alert gate:nowhere" in problem(
        client.get(path(unknown), headers=guard), 404
    )
    assert problem(client.post(path(unknown, "/acknowledge"), headers=guard), 404)
    assert service.published == {}


REQUESTS = [
    ("GET", "/api/alerts", None),
    ("GET", path(GATE), None),
    ("POST", path(GATE, "/acknowledge"), None),
    ("DELETE", path(GATE, "/acknowledge"), None),
    ("POST", path(GATE, "/wrong"), {"reason": "a cone"}),
    ("DELETE", path(GATE, "/wrong"), None),
    ("GET", "/api/silences", None),
    ("POST", "/api/silences", {"camera_id": "gate", "for": "2h"}),
    ("DELETE", "/api/silences?camera=gate", None),
    ("GET", "/api/rates", None),
    ("GET", "/api/wrong-alerts", None),
]
WHOLE_SYSTEM = [
    ("GET", "/api/recipients", None),
    ("POST", "/api/recipients/watch/test", None),
]
"""For tokens of all cameras."""


def test_every_path_of_the_api_is_among_those_tested_with_tokens(client):
    named = sum(len(methods) for methods in client.get("/openapi.json").json()["paths"].values())
    assert named == len(REQUESTS + WHOLE_SYSTEM) + 1  # and /health


@pytest.mark.parametrize(("method", "address", "body"), REQUESTS + WHOLE_SYSTEM)
def test_without_a_valid_token_nothing_is_shown_and_nothing_done(
    client, headers, service, recipient_service, tokens, clock, method, address, body
):
    def ask(headers):
        answer = client.request(method, address, json=body, headers=headers)
        assert answer.headers["www-authenticate"] == "Bearer"
        return problem(answer, 401)

    late, gone = headers("late", life_ms=MINUTE), headers("gone")
    clock.now = NOON + MINUTE
    tokens.revoke("gone")
    assert "a token is needed" in ask({})
    assert "a token is needed" in ask({"Authorization": "Basic Z3VhcmQ6"})
    assert "not valid" in ask({"Authorization": "Bearer pyc_00000000_00"})
    assert "not valid" in ask(gone)
    assert "expired" in ask(late)
    assert (service.published, recipient_service.sent) == ({}, [])


@pytest.mark.parametrize(("method", "address", "body"), REQUESTS)
def test_a_token_for_another_camera_shows_nothing_and_does_nothing(
    client, headers, service, method, address, body
):
    answer = client.request(method, address, json=body, headers=headers(cameras=["door"]))
    if method == "GET" and address != path(GATE):
        assert answer.status_code == 200
        assert "gate" not in answer.text
    else:
        assert "not for camera gate" in problem(answer, 403)
    assert service.published == {}


@pytest.mark.parametrize(("method", "address", "body"), WHOLE_SYSTEM)
def test_requests_about_the_whole_system_require_a_token_for_all_cameras(
    client, headers, recipient_service, method, address, body
):
    answer = client.request(method, address, json=body, headers=headers(cameras=["gate", "door"]))
    assert "requires a token for all cameras" in problem(answer, 403)
    assert recipient_service.sent == []


@pytest.mark.parametrize("address", ["/api/alerts", "/api/rates", "/api/wrong-alerts"])
def test_a_query_for_another_camera_is_rejected(client, headers, address):
    guard = headers(cameras=["gate", "attic"])
    assert problem(client.get(f"{address}?camera=door", headers=guard), 403)
    assert client.get(f"{address}?camera=gate", headers=guard).status_code == 200


@pytest.mark.parametrize(("method", "address", "body"), REQUESTS + WHOLE_SYSTEM)
def test_a_token_for_reading_only_reads(
    client, headers, service, recipient_service, method, address, body
):
    answer = client.request(method, address, json=body, headers=headers(read_only=True))
    if method == "GET":
        assert answer.status_code == 200
    else:
        assert "for reading only" in problem(answer, 403)
    assert (service.published, recipient_service.sent) == ({}, [])


def test_cameras_with_too_many_alerts_are_marked(client, headers, service):
    numbers = {f"c{number}": 5 for number in range(5)} | {"c5": 60}
    service.put(
        *(
            (ALERTS, alert_record(camera_id=c, raised_at=NOON - 1 - n))
            for c, many in numbers.items()
            for n in range(many)
        ),
        *(
            (CAMERA_EVENTS, accounting_record(camera_id=c, at=NOON - n * MINUTE))
            for c in numbers
            for n in range(1, 61)
        ),
    )
    first, *others = client.get("/api/rates?since=1d", headers=headers()).json()
    assert (first["camera_id"], first["alerts"], first["per_hour"]) == ("c5", 60, 60)
    assert [mark["direction"] for mark in first["marks"]] == ["above"]
    assert not any(rate["marks"] for rate in others)
    (own,) = client.get("/api/rates?since=1d", headers=headers("own", cameras=["c5"])).json()
    assert own == first


def test_false_alarms_show_what_they_were_about(client, headers, service):
    detections = detection_record()
    service.put((DETECTIONS, detections))
    guard = headers()
    client.post(path(GATE, "/wrong"), headers=guard, json={"reason": "a cone"})
    body = client.get("/api/wrong-alerts", headers=guard).json()
    (wrong,) = body["wrong"]
    assert (wrong["alert_id"], wrong["score"], wrong["reason"]) == (GATE["id"], 0.81, "a cone")
    assert body["suggestions"] == []


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ElasticsearchAway("http://elastic:secret@10.0.0.7:9200"), "Elasticsearch"),
        (kafka.errors.KafkaTimeoutError("10.0.0.7:9092"), "Kafka"),
    ],
)
def test_a_store_that_does_not_answer_is_a_problem_without_its_address(
    client, headers, service, monkeypatch, error, name
):
    def away(*_arguments, **_options):
        raise error

    monkeypatch.setattr(service, "alerts", away)
    answer = client.get("/api/alerts", headers=headers())
    assert problem(answer, 503) == f"{name} does not answer: try again in a minute"
    assert answer.headers["retry-after"] == "60"


def test_a_store_that_stays_away_is_logged_once_a_minute(
    client, headers, service, monkeypatch, capfd
):
    def away(*_arguments, **_options):
        raise kafka.errors.KafkaTimeoutError

    monkeypatch.setattr(service, "alerts", away)
    monkeypatch.setattr(problems, "monotonic", lambda: clock[0])
    clock, guard = [0.0], headers()
    for at in (0.0, 1.0, 59.0, 60.0, 61.0):
        clock[0] = at
        assert client.get("/api/alerts", headers=guard).status_code == 503
    assert "".join(capfd.readouterr()).count("Kafka does not answer") == 2


def test_an_internal_error_is_a_problem_too(client, headers, service, monkeypatch):
    monkeypatch.setattr(service, "alerts", None)
    assert "internal error" in problem(client.get("/api/alerts", headers=headers()), 500)


@pytest.mark.parametrize("address", ["/api/alerts", "/link/nowhere", "/health", "/openapi.json"])
def test_every_response_has_security_headers(client, address):
    answer = client.get(address)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_requests_of_large_or_unknown_size_are_not_read(client, headers, service):
    guard = headers()
    large = client.post(path(GATE, "/wrong"), headers=guard, content=b"x" * 20_000)
    assert "at most" in problem(large, 413)
    endless = client.post(path(GATE, "/wrong"), headers=guard, content=iter([b"{}"]))
    assert "Content-Length" in problem(endless, 411)
    assert service.published == {}


def test_the_models_have_all_fields_of_the_records():
    fields = set(Alert.model_fields) - {"acknowledged", "silenced", "wrong"}
    assert fields == set(schema("alerts")["properties"])
    assert set(Command.model_fields) == set(schema("alert-commands")["properties"])
