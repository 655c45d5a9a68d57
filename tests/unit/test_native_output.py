"""What native code writes to the error output, without its notes."""

import os

import pytest

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
        (DATE + b"E " + UTIL + b"oneDNN has failed\n", False),
        (DATE + b"F tensorflow/core/platform/statusor.cc:33] out of memory\n", False),
        (b"a line of ours: I0000 \n", False),
    ],
)
def test_tensorflows_notes_alone_are_held_back(line, is_note, capfd):
    with without_notes(_NOTES):
        os.write(2, line)
    assert capfd.readouterr().err.encode() == (b"" if is_note else line)
