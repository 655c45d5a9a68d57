"""The phones of the benchmark and the gateway that they talk to."""

import subprocess
import sys

import msgspec

from benchmarks.eye import make_tokens
from benchmarks.eye_phones import Report, Task
from benchmarks.served_process import served_process
from pycturestream.config.settings import PROJECT_FOLDER
from tests import jpegs


def walk(tmp_path, tokens):
    """Let one phone send pictures for half a second; return what it heard."""
    known, pictures = tmp_path / "tokens.json", tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "picture.jpg").write_bytes(jpegs.encoded(64, 48))
    texts = make_tokens(known, 1)
    with served_process(
        "benchmarks.eye_server", str(known), environment={}, failure="it did not start"
    ) as (_, port):
        task = Task(port, tokens or texts, str(pictures), interval_s=0.1, settle_s=0, listen_s=0.5)
        ended = subprocess.run(
            [sys.executable, "-m", "benchmarks.eye_phones"],
            input=msgspec.json.encode(task),
            stdout=subprocess.PIPE,
            check=True,
            cwd=PROJECT_FOLDER,
            timeout=60,
        )
    return msgspec.json.decode(ended.stdout, type=Report)


def test_a_phone_is_taken_and_hears_what_it_shows(tmp_path):
    report = walk(tmp_path, [])
    assert (report.connected, report.lost) == (1, 0)
    assert 0 < report.seen <= report.sent


def test_a_phone_that_is_not_taken_is_lost_and_not_waited_for(tmp_path):
    report = walk(tmp_path, ["no-such-token"])
    assert (report.sent, report.seen) == (0, 0)
    assert report.lost == 1
