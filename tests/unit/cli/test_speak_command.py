"""`pycturestream speak` with a view of the test instead of Redis, and real speech into files."""

import os

import pytest

from pycturestream.cli import speak as command
from pycturestream.cli import watch
from pycturestream.clock import now
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.contracts.cameras import encode_camera
from pycturestream.domain.cameras.camera import Camera
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.speech import espeak
from pycturestream.speech.sound import read_wav
from pycturestream.stores.redis_view import Pushed
from tests.builders import detection_record, narration_record
from tests.command_line import command_line


class View:
    """Redis as the command sees it: a newest record, what is pushed, and then Ctrl-C."""

    latest_record, pushes, closed = None, (), False

    def __init__(self, _settings):
        type(self).closed = False

    def latest(self, _camera):
        return self.latest_record

    def cameras(self):
        return {"gate": 0, "yard": 0}

    def listen(self, cameras, *, tick_s):
        assert cameras == ["gate"]
        assert tick_s < 0.1
        yield None
        for pushed in self.pushes:
            yield pushed() if callable(pushed) else pushed
        raise KeyboardInterrupt

    def close(self):
        type(self).closed = True


@pytest.fixture
def view(monkeypatch):
    kind = type("View", (View,), {})
    monkeypatch.setattr(command, "RedisView", kind)
    monkeypatch.setattr(watch, "supervision", lambda _: [])
    monkeypatch.setattr(
        command, "known_cameras", lambda _: {"gate": encode_camera(Camera("gate", language="fr"))}
    )
    return kind


@pytest.fixture
def run(monkeypatch, capsys, view):  # noqa: ARG001
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


def narrated(text="A person on the left.", *, age_ms=0, priority=0):
    record = narration_record(captured_at=now() - age_ms, text=text)
    return Pushed("narrations", "gate", {**record, "priority": priority})


def detected(*labels, age_ms=0):
    return detection_record(captured_at=now() - age_ms, labels=labels)


def test_sentences_are_spoken_and_told_until_ctrl_c(run, view, tmp_path):
    view.latest_record = detected()
    view.pushes = [lambda: narrated(age_ms=100)]

    ended = run("speak", "gate", "--language", "de", "--wav", tmp_path)

    assert ended.status == 130
    first, second = ended.output.splitlines()
    assert first.endswith(" ms  Nichts zu sehen.")
    assert second.endswith(" ms  Eine Person links.")
    assert ended.errors == "2 spoken, 0 replaced by a newer sentence, 0 too old\n"
    files = sorted(tmp_path.glob("gate_*.de.wav"))
    assert [0.5 < read_wav(file.read_bytes()).seconds < 3 for file in files] == [True, True]
    assert view.closed


def test_without_a_language_it_is_that_of_the_camera(run, view, tmp_path):
    view.latest_record = detected("dog")
    ended = run("speak", "gate", "--now", "--wav", tmp_path / "now.wav")
    assert ended.status == 0
    assert "Un chien à gauche." in ended.output
    assert read_wav((tmp_path / "now.wav").read_bytes()).seconds > 0.5


def test_labels_have_the_words_that_the_model_brings(run, view, tmp_path, monkeypatch):
    model = tmp_path / "yard"
    model.mkdir()
    (model / "labels.txt").write_text("forklift")
    (model / "words.de.ftl").write_text("label-forklift = ein Gabelstapler")
    monkeypatch.setenv("PYCTURESTREAM_MODEL_FOLDER", str(tmp_path))
    monkeypatch.setenv("PYCTURESTREAM_MODEL", "yard")
    view.latest_record = detected("forklift")
    try:
        ended = run("speak", "gate", "--now", "--language", "de", "--wav", tmp_path / "now.wav")
    finally:
        use_words_of_model(PROJECT_FOLDER / "models" / "nanodet")
    assert "Ein Gabelstapler links." in ended.output


def test_with_a_language_kafka_is_not_asked(run, view, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "known_cameras", lambda _: pytest.fail("was asked"))
    view.latest_record = detected("dog")
    assert run("speak", "gate", "--now", "--language", "en", "--wav", tmp_path).status == 0


def test_a_camera_that_is_not_narrated_is_told(run, view, tmp_path, monkeypatch):
    quiet = Camera("gate", narration=False)
    monkeypatch.setattr(command, "known_cameras", lambda _: {"gate": encode_camera(quiet)})
    view.latest_record = detected("dog")
    ended = run("speak", "gate", "--wav", tmp_path)
    assert ended.errors.startswith(
        "warning: narration of gate is switched off: only answers are spoken\n"
    )


def test_everything_that_is_there(run, view, tmp_path):
    view.latest_record = detected("dog", "cat", "car")
    ended = run("speak", "gate", "--describe", "--language", "en", "--wav", tmp_path)
    assert ended.output.count(" on the left") == 3


def test_a_late_sentence_is_not_spoken(run, view, tmp_path):
    view.latest_record = detected()
    view.pushes = [lambda: narrated(age_ms=2_500)]

    ended = run("speak", "gate", "--language", "en", "--wav", tmp_path, "--json")

    first, late = ended.records
    assert (first["text"], first["outcome"]) == ("Nothing in view.", "spoken")
    assert (late["text"], late["outcome"]) == ("A person on the left.", "outdated")
    assert late["age_ms"] >= 2_500
    assert ended.errors == ""


def test_how_old_a_picture_may_be_is_a_setting(run, view, tmp_path, monkeypatch):
    monkeypatch.setenv("PYCTURESTREAM_SPOKEN_WITHIN_MS", "60000")
    view.latest_record = detected("dog", age_ms=2_500)
    ended = run("speak", "gate", "--now", "--language", "en", "--wav", tmp_path)
    assert "A dog on the left." in ended.output


def test_finding_in_the_language_of_the_listener(run, view, tmp_path):
    view.latest_record = detected()
    view.pushes = [
        lambda: Pushed("detections", "gate", detected("dog")),
        lambda: Pushed("detections", "gate", detected("dog", "chair")),
        narrated,
    ]
    ended = run(
        *("speak", "gate", "--find", "Stuhl", "--language", "de", "--wav", tmp_path, "--json")
    )
    assert [record["text"] for record in ended.records] == ["Ein Stuhl links."]


@pytest.mark.parametrize(
    ("word", "language", "label"),
    [
        ("chair", "en", "chair"),
        ("Chair", "de", "chair"),
        ("feu de circulation", "fr", "traffic light"),
        ("Ampel", "de", "traffic light"),
        ("perro", "es", "dog"),
    ],
)
def test_a_thing_may_be_named_as_the_model_or_the_listener_does(word, language, label):
    assert command._label(word, language) == label


def test_enter_asks_what_is_there_now(run, view, tmp_path, monkeypatch):
    ours, terminal = os.openpty()
    view.latest_record = detected("dog")
    view.pushes = [
        lambda: Pushed("detections", "gate", detected("cat")),
        lambda: os.write(ours, b"\n") and None,
        None,
    ]
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        ended = run("speak", "gate", "--language", "en", "--wav", tmp_path, "--json")
    os.close(ours)
    assert [record["text"] for record in ended.records] == [
        "A dog on the left.",
        "A cat on the left.",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--now", "--describe"], "choose one of --now, --describe and --find"),
        (["--find", "chiar", "--language", "en"], "did you mean chair?"),
        (["--find", "unicorns", "--language", "en"], "labels.txt"),
        (["--rate", "5"], "greater than or equal to 80"),
        (["--language", "it"], "'en', 'de', 'fr', 'es'"),
    ],
)
def test_wrong_use_is_one_line(run, tmp_path, words, message):
    ended = run("speak", "gate", "--wav", tmp_path, *words)
    assert ended.status == 2
    assert message in ended.errors
    assert ended.errors.count("\n") == 1


def test_a_camera_that_there_is_not(run, tmp_path):
    ended = run("speak", "gaet", "--now", "--language", "en", "--wav", tmp_path)
    assert ended.status == 1
    assert ended.errors == "error: no record of camera gaet; known cameras: gate, yard\n"


def test_an_old_picture_is_not_what_is_there_now(run, view, tmp_path):
    view.latest_record = detected("dog", age_ms=90_000)
    ended = run("speak", "gate", "--describe", "--language", "en", "--wav", tmp_path)
    assert ended.status == 1
    assert "the newest picture of gate is 90 s old" in ended.errors
    assert ended.output == ""


def test_no_voice_is_one_line(run, monkeypatch):
    monkeypatch.setattr(espeak, "started_library", lambda: None)
    ended = run("speak", "gate")
    assert ended.status == 1
    assert ended.errors.startswith("error: no voice on this computer: install espeak-ng")
    assert ended.errors.count("\n") == 1


def test_a_folder_that_can_not_be_made_is_one_line(run, tmp_path):
    (tmp_path / "file").touch()
    ended = run("speak", "gate", "--language", "en", "--wav", tmp_path / "file" / "folder")
    assert ended.status == 1
    assert ended.errors.count("\n") == 1
