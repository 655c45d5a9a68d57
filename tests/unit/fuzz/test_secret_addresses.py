"""Addresses with a secret at every place, sent through every way out: it comes out nowhere."""

import json
import re
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from structlog.testing import capture_logs

from producers.picture import SourceError
from producers.settings_lookup import FollowedSettings
from producers.source import SourceOptions, open_source
from producers.supervisor import Supervisor
from pycturestream.application import cameras as applying
from pycturestream.config.camera_file import CameraFileError, plain_passwords, read_camera_file
from pycturestream.config.recipient_file import RecipientFileError, read_recipient_file
from pycturestream.config.settings import Settings, SettingsError, settings
from pycturestream.config.source_address import fault_of, is_address
from pycturestream.contracts.cameras import encode_camera
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import new_test_message
from pycturestream.domain.notifications.recipient import Recipient, Webhook
from pycturestream.log.cameras import public
from pycturestream.logging_setup import configure_logs, get_logger
from pycturestream.notifications.sender import SendError
from pycturestream.notifications.webhook import Webhooks
from pycturestream.public_address import hide_addresses, without_secrets
from tests.command_line import command_line

CASES = Path(__file__).parents[1] / "config" / "cases" / "passwords-in-paths.yaml"
SECRET = "S3cretWord"  # noqa: S105
KEY = "d2hhdCBub2JvZHkga25vd3MgaXMgc2VjcmV0"
HOST = "camera.example:8554"
PLACES = {
    "login": "{scheme}://admin:{secret}@{host}/stream1",
    "user": "{scheme}://{secret}@{host}/stream1",
    "odd login": "{scheme}://me@here:{secret}@{host}/stream1",
    "path": "{scheme}://{host}/live/{secret}/1",
    "end of path": "{scheme}://{host}/services/T0/B0/{secret}",
    "path with names": "{scheme}://{host}/user=admin&password={secret}&channel=1&stream=0.sdp",
    "path with bars": "{scheme}://{host}/user=admin_password={secret}_channel=1_stream=0.sdp",
    "parameter": "{scheme}://{host}/videostream.cgi;user=admin;pwd={secret}",
    "query": "{scheme}://{host}/11?user=admin&pwd={secret}",
    "query at once": "{scheme}://{host}?{secret}",
    "fragment": "{scheme}://{host}/video#{secret}",
    "fragment at once": "{scheme}://{host}#token={secret}",
    "behind an at": "{scheme}://{host}/user=me@{secret}/1",
    "both": "{scheme}://admin:{secret}@{host}/{secret}@{secret}?{secret}#{secret}",
}
ANYWHERE = pytest.mark.parametrize("place", PLACES)
SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$'()*+%"
"""What may stand anywhere in an address."""


def address(place, scheme="rtsp", secret=SECRET, host=HOST):
    return PLACES[place].format(scheme=scheme, secret=secret, host=host)


def is_hidden(text):
    return SECRET not in text and "S3cret" not in text


class FakeClock:
    """Time passes only with waits."""

    stopped = False

    def __init__(self):
        self.second = 1_000.0
        self.waits = []

    def now(self):
        return 1_795_262_400_000

    def seconds(self):
        return self.second

    def sleep(self, seconds):
        self.second += seconds
        self.waits.append(seconds)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def run(monkeypatch, capsys):
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


# --- what is told --------------------------------------------------------------------------------


@given(
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(["rtsp", "HTTPS", "srt", "redis"]),
    st.text(SAFE, min_size=6, max_size=20),
    st.sampled_from(
        ["gate.local", "10.0.0.7:554", "[fe80::1]:80", "camera-1.example", "${HOST}:1"]
    ),
)
def test_of_any_address_scheme_host_and_port_are_told(place, scheme, secret, host):
    full = address(place, scheme, f"x{secret}x", host)
    told = f"{scheme}://{host}"

    assert without_secrets(full) == told
    assert without_secrets(told) == told
    assert hide_addresses(f"can't open '{full}' twice") == f"can't open '{told}' twice"


@given(
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(["/", "//", "?", "#", "@", ":", ";", "&", "\\", " ", "[", "é"]),
    st.booleans(),
)
def test_whatever_sign_is_in_a_secret_none_of_it_is_told(place, sign, in_host_without_dot):
    host = "gate" if in_host_without_dot else "gate.local"
    full = address(place, secret=f"AAA{sign}BBB", host=host)

    assert not re.search("AAA|BBB", without_secrets(full))


@given(st.text(), st.sampled_from(["", "rtsp:", "rtsp:/", "//", "x@y:", "://", "rtsp://"]))
def test_what_is_told_of_any_text_is_told_of_itself(text, begin):
    told = without_secrets(begin + text)

    assert without_secrets(told) == told
    assert hide_addresses(told) == told or "://" in told


@pytest.mark.parametrize(
    "mistyped",
    [
        f"rtsp:/admin:{SECRET}@cam/1",
        f"rtsp:admin:{SECRET}@cam/1",
        f"//admin:{SECRET}@cam/1",
        f"admin:{SECRET}@cam/1",
        f" rtsp://admin:{SECRET}@cam/1",
        f"rtsp//:://admin:{SECRET}@cam/1",
        f"rtps://admin:{SECRET}@cam/1",
        f"rtsp://cam:{SECRET}/1",
        f"rtsp://admin:{SECRET}",
    ],
)
class TestMistypedAddresses:
    def test_nothing_secret_is_told_of_it(self, mistyped):
        assert is_hidden(without_secrets(mistyped))
        assert is_hidden(fault_of(mistyped))

    def test_it_is_no_file_that_is_missing(self, mistyped, tmp_path, run):
        path = tmp_path / "cameras.yaml"
        path.write_text(json.dumps({"cameras": [{"camera_id": "a", "source": mistyped}]}))

        ended = run("cameras", "check", path)

        assert ended.status == 1
        assert ": must " in ended.errors
        assert is_hidden(ended.errors)

    def test_no_source_is_opened_that_tells_it(self, mistyped):
        if not is_address(mistyped):
            with pytest.raises(SourceError, match="no such file or folder") as caught:
                open_source(mistyped, SourceOptions())
            assert is_hidden(str(caught.value))


# --- cameras -------------------------------------------------------------------------------------


@pytest.fixture
def apply(monkeypatch, tmp_path, clock):
    """Return a function that applies cameras to a topic, which it returns with what changed."""
    topic = {}

    def publish(cameras, _settings, _clock, **_):
        topic.update({camera.camera_id: encode_camera(camera) for camera in cameras})

    monkeypatch.setattr(applying, "known_cameras", lambda _: topic)
    monkeypatch.setattr(applying, "publish_cameras", publish)

    def apply(*cameras, data_folder="data"):
        folder = Settings(data_folder=tmp_path / data_folder)
        (tmp_path / data_folder).mkdir(exist_ok=True)
        return topic, applying.apply_cameras(cameras, folder, clock)

    return apply


@ANYWHERE
class TestCameras:
    def test_the_topic_holds_no_secret(self, place, apply):
        topic, _ = apply(Camera("gate", source=address(place)))

        [value] = topic.values()
        assert is_hidden(value.decode())
        assert json.loads(value)["source"] == f"rtsp://{HOST}"

    def test_the_command_tells_none_and_warns_of_what_is_known_to_be_one(
        self, place, tmp_path, run
    ):
        path = tmp_path / "cameras.yaml"
        path.write_text(json.dumps({"cameras": [{"camera_id": "a", "source": address(place)}]}))

        for words in (["check"], ["check", "--json"]):
            ended = run("cameras", *words, path)
            assert ended.status == 0
            assert f"rtsp://{HOST}" in ended.output
            assert is_hidden(ended.output + ended.errors)
        if re.search(r"pwd|password|token|admin:|me@here:", address(place)):
            assert ended.errors.startswith("warning: ")

    @pytest.mark.parametrize("error", [OSError, SourceError])
    def test_no_event_and_no_log_of_a_camera_tells_one(self, place, error, clock):
        events = []

        class Publisher:
            camera_id = "gate"

            def publish_source(self, _source):
                clock.stopped = len(clock.waits) > 2
                raise error(f"Invalid data found: '{address(place)}' (1094995529)")

        with capture_logs() as logs:
            Supervisor(Publisher(), clock, Settings(), events.append).run(lambda: None)

        told = f"{events} {logs}"
        assert f"'rtsp://{HOST}'" in told
        assert is_hidden(told)

    def test_what_others_wrote_to_the_topic_is_logged_without_it(self, place):
        camera = Camera("gate", source=address(place) + "${X}", revision=1)
        topic = SimpleNamespace(
            is_complete=True, known=SimpleNamespace(cameras={"gate": camera}, unreadable={})
        )
        lookup = FollowedSettings(topic, own=[Camera("gate", source="rtsp://other.example/1")])
        with capture_logs() as logs:
            lookup.settings_of("gate")

        [entry] = logs
        assert is_hidden(str(entry))

    def test_wherever_it_stands_in_the_file_no_mistake_quotes_it(self, place, tmp_path):
        full = address(place)
        entry = {"camera_id": "a", full: 1, "fps": full, "masks": full, "motion": {"gate": full}}
        path = tmp_path / "cameras.yaml"
        path.write_text(json.dumps({"cameras": [entry, full, {"camera_id": full}], full: [full]}))

        with pytest.raises(CameraFileError) as caught:
            read_camera_file(path)

        assert len(caught.value.mistakes) >= 6
        assert is_hidden(str(caught.value))


def test_another_secret_is_another_source_and_the_same_one_is_not(apply):
    gate = Camera("gate", source=address("path"))
    other = replace(gate, source=address("query"))

    changes = [apply(camera)[1][0] for camera in (gate, gate, other, other)]

    assert [(one.kind, one.keys) for one in changes] == [
        ("added", ()),
        ("unchanged", ()),
        ("changed", ("source",)),
        ("unchanged", ()),
    ]


def test_nobody_without_the_key_can_try_passwords_on_the_topic(apply):
    gate, door = (Camera(name, source=address("login")) for name in ("gate", "door"))
    topic, _ = apply(gate, door)
    ours = {name: json.loads(value)["source_digest"] for name, value in topic.items()}
    topic, _ = apply(gate, data_folder="other")

    assert ours["gate"] != ours["door"]
    assert json.loads(topic["gate"])["source_digest"] not in {"", ours["gate"]}


def test_what_has_no_secret_has_no_digest(apply):
    topic, _ = apply(Camera("gate", source="gate.mp4"), Camera("door", source="udp://10.0.0.1:9"))

    assert all(not json.loads(value)["source_digest"] for value in topic.values())


@pytest.mark.parametrize("is_set", [True, False])
def test_of_the_known_cases_each_that_is_written_out_is_warned_of(run, monkeypatch, is_set):
    monkeypatch.delenv("GATE_PASSWORD", raising=False)
    if is_set:
        monkeypatch.setenv("GATE_PASSWORD", SECRET)
    entries = read_camera_file(CASES)

    ended = run("cameras", "check", CASES)

    written_out = [entry for entry in entries if SECRET in entry.camera.source]
    assert len(plain_passwords(entries)) == len(written_out) == 5
    assert ended.errors.count("warning: ") == 5
    assert ended.status == (0 if is_set else 1)
    assert is_hidden(ended.output + ended.errors)
    assert all(is_hidden(str(public(entry.camera))) for entry in entries)


# --- webhooks ------------------------------------------------------------------------------------


@ANYWHERE
class TestWebhooks:
    @pytest.mark.parametrize("answer", [OSError, requests.ConnectionError, 302, 404, 503])
    def test_no_error_of_a_receiver_tells_one(self, place, answer, monkeypatch, clock):
        full = address(place, "https")

        def post(*_arguments, **_options):
            if isinstance(answer, int):
                response = requests.Response()
                response.status_code, response.raw = answer, BytesIO()
                return response
            raise requests.ConnectionError(f"Max retries exceeded with url: {full}")

        monkeypatch.setattr(requests.Session, "post", post)
        recipient = Recipient("watch", webhook=Webhook(full, KEY))
        with pytest.raises(SendError) as caught:
            Webhooks(Settings(), clock, dict).send(new_test_message("watch", 0), recipient)

        error = caught.value
        assert error.place == f"https://{HOST}"
        assert is_hidden(f"{error} {error.cause} {error.place}")

    def test_the_command_tells_none(self, place, tmp_path, run, monkeypatch):
        monkeypatch.setenv("WATCH_SECRET", KEY)
        path = tmp_path / "recipients.yaml"
        webhook = {"url": address(place, "https"), "secret": "${WATCH_SECRET}"}
        path.write_text(json.dumps({"recipients": [{"name": "watch", "webhook": webhook}]}))

        for words in (["check"], ["check", "--json"]):
            ended = run("notify", *words, path)
            assert ended.status == 0, ended.errors
            assert f"https://{HOST}" in ended.output
            assert is_hidden(ended.output)

    def test_no_mistake_in_the_file_quotes_one(self, place, tmp_path):
        full = address(place, "https")
        wrong = [
            full,
            {"url": f"{full} x", "secret": full},
            {"url": full.removeprefix("https://"), "secret": SECRET},
            {"url": [full], "secret": [SECRET]},
            [{"secret": SECRET, "url": full}],
            {"url": full, "secret": "${UNSET}", full: full},
        ]
        entries = [{"name": f"n{i}", "webhook": webhook} for i, webhook in enumerate(wrong)]
        path = tmp_path / "recipients.yaml"
        path.write_text(json.dumps({"recipients": [*entries, {"name": "mail", "mail": full}]}))

        with pytest.raises(RecipientFileError) as caught:
            read_recipient_file(path, {})

        assert len(caught.value.mistakes) >= len(wrong)
        assert is_hidden(str(caught.value))


# --- logs, settings and the command line ---------------------------------------------------------


@ANYWHERE
class TestTheRest:
    @pytest.mark.parametrize("form", ["text", "json"])
    def test_no_log_of_a_service_tells_one(self, place, form, capsys):
        configure_logs(form)
        try:
            Path(f"/{address(place)}").read_text("utf-8")
        except OSError as error:
            get_logger("here").exception(f"{error}; trying again", source=address(place))
        configure_logs("text")

        assert is_hidden(capsys.readouterr().err)

    def test_no_command_quotes_an_argument_with_one(self, place, run):
        full = address(place)
        for words in (
            ["status", full],
            ["publish", "--camera", full, full],
            ["publish", full, full, "--camera", "gate"],
            ["cameras", "check", full],
            ["notify", full],
        ):
            ended = run(*words)
            assert ended.status > 0
            assert is_hidden(ended.output + ended.errors), words

    def test_no_server_s_address_is_told_in_full(self, place, run, monkeypatch):
        for name in ("REDIS", "ELASTICSEARCH", "FLINK"):
            full = address(place, "http", host="127.0.0.1:1")
            if name == "REDIS":
                full = f"redis://:{SECRET}@127.0.0.1:1/0"  # its client takes no other place
            monkeypatch.setenv(f"PYCTURESTREAM_{name}_ADDRESS", full)
        monkeypatch.setenv("PYCTURESTREAM_STORE_TIMEOUT_MS", "200")
        monkeypatch.setenv("PYCTURESTREAM_LINK_SECRET", SECRET)
        settings.cache_clear()

        assert is_hidden(repr(settings()))
        for words in (["latest", "gate"], ["find"], ["sql"]):
            ended = run(*words)
            assert ended.status == 1
            assert "127.0.0.1:1" in ended.errors
            assert is_hidden(ended.output + ended.errors), words

    def test_no_wrong_setting_is_quoted_with_one(self, place, monkeypatch):
        monkeypatch.setenv("PYCTURESTREAM_SMTP_PORT", address(place))
        settings.cache_clear()
        with pytest.raises(SettingsError, match="PYCTURESTREAM_SMTP_PORT=rtsp://") as caught:
            settings()
        settings.cache_clear()

        assert is_hidden(str(caught.value))
