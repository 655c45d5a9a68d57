"""`pycturestream rules try` and `rules judge`, as far as they go without a server."""

import pytest

from tests.command_line import command_line

FILE = "cameras: [{camera_id: gate}]"


def judge(*words):
    return ["judge", "--run", "try-1", *words]


@pytest.mark.parametrize(
    ("text", "words", "status", "hint"),
    [
        (FILE, ["try", "--camera", "hall"], 2, "has no such camera"),
        (FILE, ["try", "--since", "1h", "--until", "2h"], 2, "--since must be before --until"),
        (FILE.replace("}", ", rules: [{nam: a}]}"), ["try"], 1, "did you mean name?"),
        (FILE, judge("--since", "1h", "--until", "2h"), 2, "--since must be before --until"),
        (FILE, judge("--since", "soon"), 2, "soon is not a time"),
        (FILE.replace("}", ", rules: [{nam: a}]}"), judge(), 1, "did you mean name?"),
        ("cameras: []", judge(), 1, "cameras: "),
        (FILE, ["judge", "--run", "live"], 2, "--run live: use lower-case letters"),
        (FILE, ["judge", "--run", "try/1"], 2, "--run try/1: use lower-case letters"),
        (FILE, ["judge"], 2, "Missing option '--run'"),
    ],
)
def test_a_mistake_is_reported_before_anything_is_read(
    monkeypatch, capsys, tmp_path, text, words, status, hint
):
    file = tmp_path / "cameras.yaml"
    file.write_text(text)
    ended = command_line(monkeypatch, capsys)("rules", *words, file)
    assert ended.status == status
    assert hint in ended.errors
    assert "Traceback" not in ended.errors
