"""The fingerprint is that of the code, wherever it lies, and changes with every part of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from pycturestream.code_fingerprint import (
    OldCodeError,
    code_fingerprint,
    current_fingerprint,
    require_code,
)
from pycturestream.config.settings import PROJECT_FOLDER

FILES = {
    "jobs/detection.py": "define()",
    "pycturestream/domain/step.py": "step()",
    "udfs/track.py": "track()",
    "requirements.txt": "numpy==2.1.3",
}


def project(folder: Path, **changes: str) -> Path:
    for name, text in {**FILES, **changes}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_the_same_code_elsewhere_has_the_same_fingerprint(tmp_path: Path):
    here, there = project(tmp_path / "here"), project(tmp_path / "there")

    assert current_fingerprint(here) == current_fingerprint(there)


@pytest.mark.parametrize("name", FILES)
def test_it_changes_with_each_file(tmp_path: Path, name: str):
    before = current_fingerprint(project(tmp_path))

    assert current_fingerprint(project(tmp_path, **{name: "changed"})) != before


def test_it_changes_when_a_file_moves(tmp_path: Path):
    before = current_fingerprint(project(tmp_path))
    (tmp_path / "udfs" / "track.py").rename(tmp_path / "udfs" / "tracks.py")

    assert current_fingerprint(tmp_path) != before


def test_it_does_not_change_with_what_a_run_leaves(tmp_path: Path):
    before = current_fingerprint(project(tmp_path))
    project(tmp_path, **{"udfs/__pycache__/track.pyc": "compiled", "README.md": "read me"})

    assert current_fingerprint(tmp_path) == before


def test_each_process_with_this_code_has_this_fingerprint():
    command = "from pycturestream.code_fingerprint import *; print(code_fingerprint())"
    other = subprocess.run(
        [sys.executable, "-c", command], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()

    assert other == current_fingerprint(PROJECT_FOLDER)


def test_other_code_is_rejected_with_what_to_do():
    require_code(code_fingerprint())
    with pytest.raises(OldCodeError, match="restart all task managers, then submit") as raised:
        require_code("0123456789abcdef")

    assert "\n" not in str(raised.value)
