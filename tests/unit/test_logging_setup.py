"""What services log: for people the sentence alone, for machines its fields too."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pycturestream.logging_setup import configure_logs, get_logger


@pytest.fixture
def _as_before():
    yield
    configure_logs("text")


@pytest.mark.usefixtures("_as_before")
class TestLogs:
    def test_people_read_the_sentence_alone(self, capsys):
        configure_logs("text")
        get_logger("here").warning("gate: no picture for 5 s", camera_id="gate")
        assert capsys.readouterr() == ("", "gate: no picture for 5 s\n")

    def test_machines_get_the_fields(self, capsys):
        configure_logs("json", stream="stdout")
        get_logger("here").warning("gate: no picture for 5 s", camera_id="gate")
        event = json.loads(capsys.readouterr().out)
        assert event.pop("timestamp").endswith("Z")
        assert event == {
            "event": "gate: no picture for 5 s",
            "level": "warning",
            "module": "here",
            "camera_id": "gate",
        }

    def test_a_traceback_follows_the_sentence(self, capsys):
        configure_logs("text")
        try:
            int("odd")
        except ValueError:
            get_logger("here").exception("gate: an internal error")
        first, *trace = capsys.readouterr().err.splitlines()
        assert first == "gate: an internal error"
        assert trace[-1].startswith("ValueError: ")


def test_a_full_disk_ends_no_service_that_logs_to_it():
    code = (
        "from pycturestream.logging_setup import get_logger\n"
        "for _ in range(3): get_logger('x').warning('odd')\n"
        "print('goes on')"
    )
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, stderr=full, text=True
        )
    assert ended.stdout == "goes on\n"


def test_a_process_that_configures_nothing_keeps_its_output_clean():
    code = "from pycturestream.logging_setup import get_logger; get_logger('x').warning('odd', a=1)"
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("", "odd\n")
