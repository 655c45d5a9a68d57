"""After a run with default settings no picture is left: by the proof, and by a plain scan."""

import base64
import re
import time
from pathlib import Path

import pytest

from pycturestream.application.proving import prove
from pycturestream.application.stack import start_stack
from pycturestream.clock import now
from pycturestream.contracts import topics
from pycturestream.localstack.clean_up import log_folder
from pycturestream.localstack.launch import halt
from pycturestream.localstack.stack import SampleCameras, stop_stack
from pycturestream.log.reader import read_to_end
from pycturestream.log.retention import kept_at_most_ms
from tests.end_to_end.conftest import eventually

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.timeout(1_500)]

JFIF = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
"""How the pictures of our encoder begin."""
MARKS = re.compile(
    b"|".join(map(re.escape, (JFIF, base64.b64encode(JFIF)[:14], b"Exif\0\0", b"\x89PNG\r\n")))
)


def scan(folder: Path, left_out: Path) -> list[Path]:
    """Return the files of a folder with anything that looks like a picture."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not path.is_relative_to(left_out):
            try:
                if MARKS.search(path.read_bytes()):
                    found.append(path)
            except FileNotFoundError:
                continue  # a server has removed it meanwhile
    return found


def test_past_ten_minutes_no_picture_is_anywhere(module_settings, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # other tests have theirs
    settings, downloads = module_settings, module_settings.download_folder.resolve()
    folder = settings.data_folder.resolve()
    started = start_stack(settings, cameras=True)
    try:
        eventually(lambda: len(list(read_to_end(settings, topics.DETECTIONS))) > 20)
        assert scan(log_folder(settings), downloads)
        report = prove(settings)
        assert report.outcome == "clean"
        assert [each.where for each in report.found] == [f"topic frames in {log_folder(settings)}"]
        halt(SampleCameras(settings))
        gone_at = now() + kept_at_most_ms(settings, topics.FRAMES)
        while (left_s := (gone_at - now()) / 1000) > 0:
            time.sleep(left_s)

        assert scan(folder, downloads) == []
        report = prove(settings)
        assert (report.outcome, report.found) == ("clean", ())
        assert {"frames-0", "detections-0"} <= {
            path.name for path in log_folder(settings).iterdir()
        }
    finally:
        stop_stack(settings, only=started)


def test_a_stop_leaves_no_live_picture(module_settings, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings = module_settings
    started = start_stack(settings, cameras=True)
    try:
        eventually(lambda: scan(log_folder(settings), settings.download_folder.resolve()))
    finally:
        stop_stack(settings, only=started)
    assert scan(settings.data_folder.resolve(), settings.download_folder.resolve()) == []
    assert prove(settings, stores=False).found == ()
