"""Whatever is put into folders: the proof finds what a plain search for bytes finds."""

import base64
import hashlib
import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.log.retention import kept_at_most_ms
from pycturestream.privacy.proof import EXAMPLES, Proof
from pycturestream.privacy.rules import Rules
from tests import jpegs
from tests.unit.log.test_segments import batch, segment

NOON = 1_795_262_400_000
JPEG = jpegs.encoded(64, 48)
SETTINGS = Settings()
KEPT_MS = kept_at_most_ms(SETTINGS, topics.FRAMES)


def prove(folder, at=NOON, settings=SETTINGS, left_out=()):
    proof = Proof(Rules.of(settings), lambda: at)
    proof.search_folder(folder, left_out)
    return proof.report()


def findings(report):
    return [(each.allowed, each.why, each.pictures) for each in report.found]


def test_an_empty_folder_is_clean(tmp_path):
    (tmp_path / "note.txt").write_text("nothing to see")
    report = prove(tmp_path)
    assert report.outcome == "clean"
    [searched] = report.searched
    assert (searched.files, searched.bytes) == (1, 14)


def test_a_picture_in_any_folder_is_not_allowed(tmp_path):
    (tmp_path / "flink" / "checkpoints").mkdir(parents=True)
    (tmp_path / "flink" / "checkpoints" / "state").write_bytes(b"state" + JPEG)
    report = prove(tmp_path)
    assert report.outcome == "not allowed"
    [found] = report.found
    assert found.where == str(tmp_path / "flink" / "checkpoints")
    assert found.places == (f"{tmp_path}/flink/checkpoints/state:5 (JPEG)",)


@pytest.mark.parametrize("suffix", ["", ".deleted"])
def test_a_picture_in_the_log_is_allowed_until_its_promise_ends(tmp_path, suffix):
    log = segment(tmp_path / "frames-3", 0, batch(0, NOON, JPEG), batch(1, NOON + 5_000, JPEG))
    log.rename(f"{log}{suffix}")
    assert findings(prove(tmp_path, NOON + KEPT_MS)) == [(True, "within its time", 2)]
    assert findings(prove(tmp_path, NOON + KEPT_MS + 1)) == [
        (False, "past its time", 1),
        (True, "within its time", 1),
    ]


def test_each_topic_has_its_own_promise(tmp_path):
    settings = Settings(legacy_topic="clients")
    encoded = b'{"image": "' + base64.b64encode(JPEG) + b'"}'
    segment(tmp_path / "frames.replay-0", 0, batch(0, NOON, JPEG))
    segment(tmp_path / "clients-0", 0, batch(0, NOON, encoded))
    segment(tmp_path / "detections-0", 0, batch(0, NOON, encoded))
    report = prove(tmp_path, NOON + KEPT_MS + 1, settings)
    assert {each.where.split(" in ")[0]: (each.allowed, each.why) for each in report.found} == {
        "topic clients": (False, "past its time"),
        "topic detections": (False, "no picture may be in this topic"),
        "topic frames.replay": (True, "within its time"),
    }


def test_what_no_record_of_the_log_holds_is_not_allowed(tmp_path):
    segment(tmp_path / "frames-0", 0, batch(0, NOON), JPEG)
    assert findings(prove(tmp_path)) == [(False, "in no record", 1)]
    (tmp_path / "frames-0" / "leader-epoch-checkpoint").write_bytes(JPEG)
    assert len(prove(tmp_path).found) == 2


def test_a_picture_by_reference_is_allowed_until_its_time(tmp_path):
    settings = Settings(reference_folder=str(tmp_path / "references"))
    picture = tmp_path / "references" / "gate" / "gate_1.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(JPEG)
    os.utime(picture, (NOON / 1000, NOON / 1000))
    assert prove(tmp_path, NOON + 30_000, settings).outcome == "clean"
    assert prove(tmp_path, NOON + 30_001, settings).outcome == "not allowed"
    assert prove(tmp_path, NOON).outcome == "not allowed"


def test_programs_are_left_out(tmp_path):
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "logo.jpg").write_bytes(JPEG)
    (tmp_path / "program").symlink_to(tmp_path / "downloads" / "logo.jpg")
    assert prove(tmp_path, left_out=[tmp_path / "downloads"]).outcome == "clean"


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_a_link_leads_to_elsewhere_makes_the_proof_incomplete(tmp_path, is_folder):
    (tmp_path / "elsewhere").mkdir()
    picture = tmp_path / "elsewhere" / "picture.jpg"
    picture.write_bytes(JPEG)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(picture.parent if is_folder else picture)
    report = prove(tmp_path / "data")
    assert report.outcome == "incomplete"
    [left] = report.not_searched
    assert "elsewhere" in left.why


@pytest.mark.parametrize("closed", ["folder", "folder/file"])
def test_what_may_not_be_read_makes_the_proof_incomplete(tmp_path, monkeypatch, closed):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(JPEG)
    really = {name: getattr(os, name) for name in ("scandir", "open")}

    def refuse(name):  # root may read everything
        def call(path, *arguments, **options):
            if str(path) == str(tmp_path / closed):
                raise PermissionError(13, "Permission denied", str(path))
            return really[name](path, *arguments, **options)

        monkeypatch.setattr(os, name, call)

    for name in really:
        refuse(name)
    report = prove(tmp_path)
    assert report.outcome == "incomplete"
    assert [(each.what, each.why) for each in report.not_searched] == [
        (str(tmp_path / closed), "Permission denied")
    ]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert prove(tmp_path).outcome == "clean"


def test_documents_may_hold_no_picture():
    proof = Proof(Rules.of(SETTINGS), lambda: NOON)
    picture = base64.b64encode(JPEG)
    proof.search_documents("index", [("a/1", b'{"x": 1}'), ("a/2", b'{"x": "' + picture + b'"}')])
    report = proof.report()
    assert report.outcome == "not allowed"
    assert report.found[0].places == ("a/2 (JPEG in base64)",)
    assert report.searched[0].files == 2


def test_many_findings_are_one_line(tmp_path):
    for number in range(EXAMPLES + 5):
        (tmp_path / f"{number:02}.jpg").write_bytes(JPEG)
    [found] = prove(tmp_path).found
    assert found.pictures == EXAMPLES + 5
    assert len(found.places) == EXAMPLES


def test_the_checksum_is_that_of_the_report(tmp_path):
    report = prove(tmp_path)
    assert report.checksum == hashlib.sha256(report.encoded).hexdigest()
    assert msgspec.json.decode(report.encoded)["outcome"] == "clean"


def independent_scan(folder):
    """How many pictures a plain search finds: by the mark of JFIF, as bytes and as base64."""
    marks = (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", base64.b64encode(JPEG[:18])[:20])
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(data.count(mark) for data in files for mark in marks)


no_pictures = st.binary(max_size=200).map(lambda data: bytes(each & 0x7F for each in data))
"""No picture begins with such bytes: Hypothesis tries the beginnings that the code looks for."""
parts = st.lists(st.one_of(no_pictures, st.just(JPEG), st.just(base64.b64encode(JPEG))), max_size=6)


@given(st.lists(parts, max_size=4))
def test_it_finds_what_an_independent_scan_finds(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("data")
    for number, content in enumerate(files):
        (folder / f"{number}.bin").write_bytes(b"\n".join(content))
    report = prove(folder)
    assert sum(each.pictures for each in report.found) == independent_scan(folder)
    assert (report.outcome == "clean") == (independent_scan(folder) == 0)
