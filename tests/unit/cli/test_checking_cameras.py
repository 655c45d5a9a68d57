import json

import pytest

from pycturestream.config.settings import settings
from tests.command_line import command_line
from tests.videos import grey, write_video


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def write(tmp_path):
    def write(*cameras):
        path = tmp_path / "cameras.yaml"
        path.write_text(json.dumps({"cameras": cameras}, indent=1))
        return path

    return write


def test_a_good_file_is_shown_as_others_may_read_it(run, write, monkeypatch):
    monkeypatch.setenv("GATE_PASSWORD", "hunter2")
    ended = run(
        *("cameras", "check", "--json"),
        write(
            {"camera_id": "gate", "source": "rtsp://me:${GATE_PASSWORD}@gate.local/1"},
            {"camera_id": "desk", "source": 0, "motion": {"gate": "trigger"}},
        ),
    )

    assert (ended.status, ended.errors) == (0, "")
    gate, service = ended.records
    assert gate["source"] == "rtsp://gate.local"
    assert (service["source"], service["motion"]["gate"]) == ("0", "trigger")


def test_the_table_shows_the_settings_of_a_camera(run, write):
    ended = run(
        *("cameras", "check"),
        write(
            {
                "camera_id": "gate",
                "fps": 2,
                "masks": {"window": [[0, 0], [1, 0], [1, 1]]},
                "attention": {"idle_fps": 0.5, "alert_fps": 5},
            }
        ),
    )

    assert ended.status == 0
    for words in ("gate", "window", "2 (0.5 to 5)", "budget", "off"):
        assert words in ended.output


def test_what_this_machine_lacks_is_a_mistake_with_its_line(run, write, monkeypatch):
    monkeypatch.delenv("GATE_PASSWORD", raising=False)
    path = write(
        {"camera_id": "gate", "source": "rtsp://me:${GATE_PASSWORD}@gate.local/1"},
        {"camera_id": "film", "source": "gone.mp4", "size": "full"},
    )

    ended = run("cameras", "check", path)

    assert ended.status == 1
    assert ended.output == ""
    assert ended.errors.splitlines() == [
        f"error: {path}:5: gate: GATE_PASSWORD is not set in the environment",
        f"{path}:9: film: `size: full` needs PYCTURESTREAM_REFERENCE_FOLDER to be set",
        f"{path}:9: film: 'gone.mp4': no such file or folder",
    ]


def test_a_video_that_can_not_be_played_is_a_mistake_with_its_reason(run, write, tmp_path):
    write_video(tmp_path / "good.mp4", [grey(1)])
    odd = write_video(tmp_path / "odd.mp4", [grey(1)])
    odd.write_bytes(odd.read_bytes().replace(b"avc1", b"evc1"))
    (tmp_path / "text.mp4").write_text("no video")
    names = ("good.mp4", "odd.mp4", "text.mp4")
    path = write(*({"camera_id": name[:3], "source": name} for name in names))

    ended = run("cameras", "check", path)

    assert ended.status == 1
    assert ended.errors.splitlines() == [
        f"error: {path}:9: odd: {tmp_path}/odd.mp4: there is no decoder for evc here",
        f"{path}:13: tex: {tmp_path}/text.mp4: can't be opened",
    ]


def test_a_password_written_plainly_is_a_warning_and_is_not_repeated(run, write):
    ended = run(
        "cameras", "check", write({"camera_id": "gate", "source": "rtsp://me:hunter2@gate.local/1"})
    )

    assert ended.status == 0
    assert ended.errors.startswith("warning: ")
    assert "hunter2" not in ended.errors + ended.output


@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_mistake_ends_the_command_before_anything_happens(run, write, command):
    ended = run("cameras", command, write({"camera_id": "gate", "mask": {}}))

    assert ended.status == 1
    assert "mask: not a known key; did you mean masks?" in ended.errors


@pytest.fixture
def use_token(monkeypatch):
    """Return a function that sets the token of this computer; without it there is none."""

    def use(token):
        monkeypatch.setenv("PYCTURESTREAM_SENDER_TOKEN", token)
        settings.cache_clear()

    use("")
    yield use
    settings.cache_clear()


class TestSenderKeys:
    def test_a_new_token_is_printed_with_its_key(self, run, use_token):
        (made,) = run("cameras", "key", "--json").records
        use_token(made["token"])
        (again,) = run("cameras", "key", "--json").records
        assert again == {"sender_key": made["sender_key"]}
        assert made["token"] not in run("cameras", "key").output

    def test_a_camera_with_the_key_of_another_computer_is_a_warning(self, run, write, use_token):
        use_token("of this computer")
        (own,) = run("cameras", "key", "--json").records
        cameras = [
            {"camera_id": "gate", "sender_key": own["sender_key"]},
            {"camera_id": "door", "sender_key": "0" * 64},
        ]
        ended = run("cameras", "check", "--json", write(*cameras))
        assert ended.status == 0
        assert "door: its sender_key is not that of PYCTURESTREAM_SENDER_TOKEN" in ended.errors
        assert "gate: " not in ended.errors

    @pytest.mark.parametrize("wrong", ["0" * 63, "G" * 64, "0" * 64 + "\n", 5])
    def test_what_is_no_key_is_a_mistake(self, run, write, wrong):
        ended = run("cameras", "check", write({"camera_id": "gate", "sender_key": wrong}))
        assert ended.status == 1
        assert "sender_key" in ended.errors
