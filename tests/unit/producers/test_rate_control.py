"""The rate of a camera, by what the job requests."""

import pytest
from msgspec.structs import replace

from producers import rate_control as rates
from producers.rate_control import RateControl
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.attention import RateRequest
from pycturestream.domain.cameras.camera import Attention, Camera

GATE = Camera("gate", fps=2, attention=Attention(idle_fps=0.5, alert_fps=5))
WRITTEN_AT = 1_000_000
"""By the broker's clock, which the producer does not know."""


@pytest.fixture
def rate_control(clock):
    return RateControl(clock.seconds)


@pytest.fixture
def requests():
    """What is held of the topic."""
    return {}


@pytest.fixture
def receive(rate_control, requests):

    def receive(level, *, seconds=30, because_of="gate", fps=None, camera_id="gate"):
        """Receive a request that holds for so many seconds after it was written."""
        request = RateRequest(camera_id, level, fps, WRITTEN_AT + 1000 * seconds, because_of)
        _, record = to_record(request, "live", 0)
        rate_control.apply_request(requests, camera_id, encode_record(record), WRITTEN_AT)
        rate_control.show(dict(requests))

    return receive


def test_a_camera_without_a_request_has_its_own_rate(rate_control, receive):
    receive("alert", camera_id="door")

    assert rate_control.fps(GATE) == 2
    assert rate_control.fps(Camera("gate")) is None


@pytest.mark.parametrize(("level", "fps"), [("idle", 0.5), ("normal", 2), ("alert", 5)])
def test_a_level_has_the_rate_of_the_cameras_settings(rate_control, receive, level, fps):
    receive(level)

    assert rate_control.fps(GATE) == fps


def test_a_rate_that_the_job_requests_is_the_rate(rate_control, receive):
    receive("alert", fps=4)

    assert rate_control.fps(GATE) == 4


@pytest.mark.parametrize("fps", [0, -1, 1e-9, 0.49, 5.1, 1e9])
def test_of_a_rate_outside_the_cameras_bounds_only_the_level_counts(rate_control, receive, fps):
    receive("alert", fps=fps)

    assert rate_control.fps(GATE) == 5


def test_a_request_never_holds_longer_than_the_job_asks_for(rate_control, receive, clock):
    receive("idle", seconds=200_000_000_000)

    clock.elapsed += 29.9
    assert rate_control.fps(GATE) == 0.5
    clock.elapsed += 0.2
    assert rate_control.fps(GATE) == 2


def test_a_camera_without_attention_ignores_requests(rate_control, receive):
    receive("alert", fps=5)

    assert rate_control.fps(replace(GATE, attention=None)) == 2


def test_a_request_expires_by_itself_whatever_the_clocks_show(rate_control, receive, clock):
    receive("alert", seconds=30)

    clock.elapsed += 29.9
    assert rate_control.fps(GATE) == 5
    clock.elapsed += 0.2
    assert rate_control.fps(GATE) == 2


def test_a_request_that_is_repeated_keeps_holding(rate_control, receive, clock):
    receive("idle")
    clock.elapsed += 20
    receive("idle")
    clock.elapsed += 20

    assert rate_control.fps(GATE) == 0.5


def test_of_several_causes_the_one_with_the_most_attention_counts(rate_control, receive):
    receive("idle")
    receive("alert", because_of="door")
    assert rate_control.fps(GATE) == 5

    receive("alert", because_of="door", seconds=0)  # taken back
    assert rate_control.fps(GATE) == 0.5


@pytest.mark.parametrize(
    "value", [None, b"", b"{}", b'{"camera_id": "gate", "until": 5}', b"[1]", b"\xff"]
)
def test_a_record_that_is_no_request_is_ignored(rate_control, receive, value):
    receive("alert")
    requests = {}
    rate_control.apply_request(requests, "gate", value, WRITTEN_AT)

    assert requests == {}


def test_however_many_requests_there_are_only_so_many_are_held(
    rate_control, receive, requests, clock, monkeypatch
):
    monkeypatch.setattr(rates, "REQUESTS_HELD", 50)
    receive("alert")
    for number in range(200):
        receive("alert", camera_id=f"stranger-{number}")
    assert len(requests) == 50
    assert rate_control.fps(GATE) == 5
    clock.elapsed += 31
    receive("idle")
    receive("idle", camera_id="new")
    assert set(requests) == {"gate gate", "new gate"}
