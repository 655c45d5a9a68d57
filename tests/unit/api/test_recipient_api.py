"""Recipients by HTTP: who they are, and test messages that go to nobody too often."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from pycturestream.api import recipient_api
from pycturestream.api.application import application
from pycturestream.api.rate_limit import TEST_MESSAGES_PER_HOUR
from tests.builders import MINUTE, NOON
from tests.waiting import eventually

WATCH = "/api/recipients/watch/test"
HOUR = 60 * MINUTE


def problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["detail"]


def test_recipients_are_listed_without_their_addresses_and_secrets(client, headers):
    answer = client.get("/api/recipients", headers=headers(read_only=True))

    assert answer.json() == [
        {
            "name": "watch",
            "channels": ["mail", "webhook"],
            "language": "de",
            "alerts": [
                {"cameras": ["gate"], "sites": ["north"], "level": 3},
                {"cameras": [], "sites": [], "level": 1},
            ],
        },
        {
            "name": "night/shift ?",
            "channels": ["mail"],
            "language": "en",
            "alerts": [{"cameras": [], "sites": [], "level": 2}],
        },
    ]
    assert "example.org" not in answer.text
    assert "secret" not in answer.text


def test_a_test_message_goes_to_the_named_recipient(client, headers, recipient_service):
    answer = client.post(WATCH, headers=headers())

    [(message, recipient)] = recipient_service.sent
    assert answer.status_code == 200
    assert answer.json() == {"recipient": "watch", "id": message.id, "taken": ["mail", "webhook"]}
    assert (message.kind, message.recipient, recipient.name) == ("test", "watch", "watch")


def test_one_test_message_is_sent_at_a_time_and_the_next_waits_only_so_long(
    client, headers, recipient_service, monkeypatch
):
    monkeypatch.setattr(recipient_api, "TIMEOUT_S", 0.1)
    guard = headers()
    recipient_service.gate.clear()
    with client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, WATCH, headers=guard)
        try:
            assert eventually(lambda: recipient_service.sent)
            second = client.post(WATCH, headers=guard)
        finally:
            recipient_service.gate.set()

    assert "try again later" in problem(second, 503)
    assert second.headers["Retry-After"]
    assert first.result().status_code == 200
    assert len(recipient_service.sent) == 1


def test_a_name_may_hold_what_an_address_must_encode(client, headers, recipient_service):
    answer = client.post("/api/recipients/night%2Fshift%20%3F/test", headers=headers())

    assert answer.json()["taken"] == ["mail"]
    assert [recipient.name for _, recipient in recipient_service.sent] == ["night/shift ?"]


def test_the_rejection_of_one_channel_is_shown_beside_the_success_of_the_other(
    client, headers, recipient_service
):
    recipient_service.rejections = {"webhook": "answered 500"}

    answer = client.post(WATCH, headers=headers())

    assert problem(answer, 502) == "webhook: answered 500"
    body = answer.json()
    assert (body["recipient"], body["taken"]) == ("watch", ["mail"])
    assert body["refused"] == {"webhook": "answered 500"}


@pytest.mark.parametrize("name", ["nobody", "Watch", "watch%00", "..%2Fwatch", ""])
def test_an_unknown_recipient_is_not_found_and_nothing_is_sent(
    client, headers, recipient_service, name
):
    answer = client.post(f"/api/recipients/{name}/test", headers=headers())

    assert "GET /api/recipients lists them" in problem(answer, 404)
    assert recipient_service.sent == []


def test_a_name_can_not_inject_a_header(client, headers, recipient_service):
    address = "/api/recipients/watch%0d%0aX-Evil:%20yes/test"
    answer = client.post(address, headers=headers())

    assert problem(answer, 404)
    assert "x-evil" not in answer.headers
    assert recipient_service.sent == []


def test_a_recipient_gets_only_so_many_within_an_hour_and_others_are_not_affected(
    client, headers, recipient_service, clock
):
    guard, other = headers(), headers("other")
    recipient_service.rejections = {"mail": "550 no such user"}
    for _ in range(TEST_MESSAGES_PER_HOUR):
        assert client.post(WATCH, headers=guard).status_code == 502
        clock.now += MINUTE

    answer = client.post(WATCH, headers=other)

    assert "within an hour: try again in 54 minutes" in problem(answer, 429)
    assert answer.headers["retry-after"] == str(3600 - TEST_MESSAGES_PER_HOUR * 60)
    assert len(recipient_service.sent) == TEST_MESSAGES_PER_HOUR
    recipient_service.rejections = {}
    night = client.post("/api/recipients/night%2Fshift%20%3F/test", headers=guard)
    assert night.status_code == 200
    clock.now = NOON + HOUR
    assert client.post(WATCH, headers=guard).status_code == 200
    assert client.post(WATCH, headers=guard).status_code == 429


@pytest.mark.parametrize(("method", "address"), [("GET", "/api/recipients"), ("POST", WATCH)])
def test_without_a_file_of_recipients_the_response_says_how_to_start_with_one(
    service, tokens, links, headers, method, address
):
    clock = SimpleNamespace(now=NOON)
    client = TestClient(application(service, tokens, links, lambda: clock.now))

    assert "--recipients" in problem(client.request(method, address, headers=headers()), 409)
    limited = headers("limited", cameras=["gate"])
    assert problem(client.request(method, address, headers=limited), 403)


def test_the_openapi_document_lists_every_response(client):
    paths = client.get("/openapi.json").json()["paths"]

    test = paths["/api/recipients/{name}/test"]["post"]
    assert {"200", "401", "403", "404", "409", "422", "429", "502"} <= set(test["responses"])
    refused = test["responses"]["502"]["content"]["application/problem+json"]["schema"]
    assert {"detail", "recipient", "taken", "refused"} <= set(refused["properties"])
    assert test["security"] == [{"HTTPBearer": []}]
    listed = paths["/api/recipients"]["get"]["responses"]
    assert {"200", "401", "403", "409"} <= set(listed)
