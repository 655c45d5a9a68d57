"""What native code writes to the error output, without its notes."""

import os
import signal
import subprocess
import sys

import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.saved_model import _NOTES
from pycturestream.native_output import without_notes

DATE = b"2026-11-30 17:35:30.096662: "
UTIL = b"tensorflow/core/util/util.cc:131] "


@pytest.mark.parametrize(
    ("line", "is_note"),
    [
        (b"I0000 00:00:1790000000.000000 7 devices.cc:76] 0 eligible GPUs\n", True),
        (b"WARNING: All log messages before absl::InitializeLog() is called are here\n", True),
        (DATE + b"E " + UTIL + b"oneDNN supports DT_HALF only on platforms with AVX-512.\n", True),
        (DATE + b"E " + UTIL + b"oneDNN supports DT_BFLOAT16 only on platforms with more\n", False),
        (DATE + b"F tensorflow/core/platform/statusor.cc:33] out of memory\n", False),
        (b"a line of ours: I0000 \n", False),
    ],
)
def test_tensorflows_notes_alone_are_held_back(line, is_note, capfd):
    with without_notes(*_NOTES):
        os.write(2, line)
    assert capfd.readouterr().err.encode() == (b"" if is_note else line)


def test_the_last_words_of_a_process_that_native_code_ends_are_passed_on():
    code = """
import os
from pycturestream.native_output import without_notes
with without_notes("a note"):
    os.write(2, b"a note\\nF illegal instruction")
    os.abort()
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, cwd=PROJECT_FOLDER
    )
    assert ended.returncode == -signal.SIGABRT
    assert ended.stderr == b"F illegal instruction"


def test_where_it_can_not_be_filtered_everything_is_passed_on(capfd, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with without_notes("a note"):
        os.write(2, b"a note\n")
    assert capfd.readouterr().err == "a note\n"
