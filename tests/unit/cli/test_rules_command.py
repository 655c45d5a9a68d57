"""`pycturestream rules try`, as far as it goes without a store."""

import pytest

from tests.command_line import command_line

FILE = "cameras: [{camera_id: gate}]"


@pytest.mark.parametrize(
    ("text", "words", "status", "hint"),
    [
        (FILE, ["--camera", "hall"], 2, "has no such camera"),
        (FILE, ["--since", "1h", "--until", "2h"], 2, "--since must be before --until"),
        (FILE.replace("}", ", rules: [{nam: a}]}"), [], 1, "did you mean name?"),
    ],
)
def test_a_mistake_is_reported_before_anything_is_read(
    monkeypatch, capsys, tmp_path, text, words, status, hint
):
    file = tmp_path / "cameras.yaml"
    file.write_text(text)
    ended = command_line(monkeypatch, capsys)("rules", "try", file, *words)
    assert ended.status == status
    assert hint in ended.errors
