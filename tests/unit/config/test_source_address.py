import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.config.source_address import (
    UnsetError,
    fault_of,
    holds_password,
    is_address,
    resolve,
    unset_variables,
)
from pycturestream.public_address import without_secrets

GATE = "rtsp://${GATE_USER}:${GATE_PASSWORD}@gate.local/stream1"


def test_variables_get_their_values_with_every_character_of_a_password():
    environment = {"GATE_USER": "admin", "GATE_PASSWORD": "a@b/c:d %"}

    assert resolve(GATE, environment) == "rtsp://admin:a%40b%2Fc%3Ad%20%25@gate.local/stream1"


@pytest.mark.parametrize("rest", [{}, {"GATE_PASSWORD": ""}])
def test_an_unset_variable_is_named(rest):
    environment = {"GATE_USER": "x", **rest}
    assert unset_variables(GATE, environment) == ("GATE_PASSWORD",)
    with pytest.raises(UnsetError, match=r"^GATE_PASSWORD: not set in the environment$"):
        resolve(GATE, environment)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (
            "rtsp://admin:hunter2@10.0.0.7:554/main?user=admin&pwd=hunter2",
            "rtsp://10.0.0.7:554",
        ),
        ("rtsp://a:p@ss@cam/1", "rtsp://cam"),
        (GATE, "rtsp://gate.local"),
        ("rtsp://${HOST}:554/1", "rtsp://${HOST}:554"),
        ("HTTP://[::1]:80/video?token=x", "HTTP://[::1]:80"),
        ("http://cam/video.cgi;pwd=hunter2", "http://cam"),
        ("https://hooks.example.org/services/T0/B0/X0", "https://hooks.example.org"),
        ("https://hooks.example.org/team@tenant/X0", "https://hooks.example.org"),
        ("rtsp://cam.local/user=me@hunter2/1", "rtsp://cam.local"),
        ("rtsp://cam/user=me@hunter2&channel=1", "rtsp://cam"),
        ("rtsp://cam/user=me@hunter2/1", "rtsp://…"),
        ("rtsp://me:pw@cam.local/user=me@hunter2/1", "rtsp://cam.local"),
        ("rtsp://me:hun/ter2@cam/1", "rtsp://cam"),
        ("gate.mp4", "gate.mp4"),
        ("0", "0"),
    ],
)
def test_an_address_is_shown_without_its_passwords(address, public):
    assert without_secrets(address) == public
    assert without_secrets(public) == public


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("rtsp://admin:hunter2@cam/1", True),
        ("rtsp://admin:${PASSWORD}@cam/1", False),
        (GATE, False),
        ("rtsp://cam/1?password=hunter2", True),
        ("rtsp://cam/1?password=${PASSWORD}&channel=1", False),
        ("rtsp://cam/user=admin&password=hunter2&channel=1", True),
        ("rtsp://cam/user=admin_password=hunter2_channel=1_stream=0.sdp", True),
        ("rtsp://cam/user=admin&password=${PASSWORD}&channel=1", False),
        ("rtsp://cam/user=admin_password=_channel=1_stream=0.sdp", False),
        ("http://cam/video.cgi;user=admin;pwd=hunter2", True),
        ("http://cam/video.cgi?loginuse=admin&loginpas=hunter2", True),
        ("http://cam/video#token=hunter2", True),
        ("rtsp://me:hun/ter2@cam/1", True),
        ("rtsps://10.0.0.7:7441/aB3dE5fG7hI9jK1l?enableSrtp", True),
        ("rtsp://cam/1f0c9b1e-7d4e-4c7e-9d8c-1a2b3c4d5e6f", True),
        ("rtsp://cam/1", False),
        ("rtsp://cam:554/me@here/1", False),
        ("rtsp://cam/h264Preview_01_main", False),
        ("rtsp://cam/axis-media/media.amp?videocodec=h264&keyframeinterval=25", False),
        ("http://cam/video?resolution=1920x1080&author=me", False),
        ("file.mp4", False),
    ],
)
def test_a_plain_text_password_is_noticed(address, holds):
    assert holds_password(address) is holds


@pytest.mark.parametrize(
    "address",
    [
        GATE,
        "rtsp://cam/user=me@here:5x/1",
        "rtsp://cam:554/user=admin&password=${PASSWORD}&channel=1",
        "pictures/09:00@gate.mp4",
        "rtsp://a:p@ss/w#rd@cam:554/1",
        "HTTP://[::1]:80/video",
        "udp://239.0.0.1:1234",
        "a.mp4",
    ],
)
def test_a_valid_source_has_no_fault(address):
    assert fault_of(address) is None


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("ftp://cam/1", "must begin with one of rtsp://, rtsps://"),
        ("://cam/1", "must begin with one of"),
        ("rtsp://", "must name a host"),
        ("rtsp://user:x@/1", "must name a host"),
        ("rtsp://ca m/1", "contain no spaces"),
        ("rtsp:/me:hunter2@cam/1", "must begin with one of rtsp://"),
        ("rtsp:me:hunter2@cam/1", "must begin with one of rtsp://"),
        ("//me:hunter2@cam/1", "must begin with one of rtsp://"),
        ("me:hunter2@cam/1", "must begin with one of rtsp://"),
        ("rtsp://cam:port/1", "must be an address: "),
        ("rtsp://cam:99999/1", "must be an address: "),
        ("rtsp://[::1/1", "must be an address: "),
        ("rtsp://${A-B}@cam/1", "must name variables as"),
        ("rtsp://${A@cam/1", "must name variables as"),
    ],
)
def test_the_fault_of_a_wrong_address_is_named(address, fault):
    assert fault in fault_of(address)


@given(st.text())
def test_any_text_is_checked_without_a_crash(text):
    assert fault_of(text) is None or fault_of(text).startswith("must ")
    assert holds_password(text) in {True, False}
    assert isinstance(without_secrets(text), str)


@given(st.text(), st.sampled_from(["rtsp", "HTTP"]), st.text("abc/", max_size=5))
def test_no_password_is_shown(password, scheme, path):
    shown = without_secrets(f"{scheme}://user:{password}@cam/{path}")

    assert is_address(shown)
    # With several @, or a sign that ends a host, nobody can tell which of its parts is the host.
    assert shown in {f"{scheme}://cam", f"{scheme}://…"}
    assert shown.endswith("cam") or not (password.isascii() and password.isalnum())
