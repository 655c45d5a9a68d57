"""The files of a stopped broker, written in its format; integration tests ask a real broker."""

import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.log.segments import (
    Batch,
    BrokerRunsError,
    Removed,
    partitions,
    read_batches,
    remove_all,
    remove_deleted_topics,
    remove_expired,
    stopped_broker,
)

NOON = 1_795_262_400_000


def batch(offset, newest_at, value=b"picture", records=1):
    body = struct.pack(">bIhiqqqhii", 2, 0, 0, records - 1, 0, newest_at, -1, -1, -1, records)
    body = struct.pack(">i", 0) + body + value
    return struct.pack(">qi", offset, len(body)) + body


def segment(partition, first, *batches):
    partition.mkdir(parents=True, exist_ok=True)
    for suffix in (".index", ".timeindex"):
        (partition / f"{first:020}{suffix}").write_bytes(b"")
    log = partition / f"{first:020}.log"
    log.write_bytes(b"".join(batches))
    return log


def names(partition):
    return sorted(path.name for path in partition.glob("*.log"))


@pytest.fixture
def partition(tmp_path):
    return tmp_path / "frames-0"


def test_batches_are_read_with_their_offsets_and_times(partition):
    log = segment(partition, 5, batch(5, NOON), batch(6, NOON + 7, b"longer", records=3))
    first, second = read_batches(log)
    assert first == Batch(0, 68, 6, NOON)
    assert second == Batch(68, 135, 9, NOON + 7)


@given(st.integers(0, 134))
def test_what_was_not_written_completely_is_no_batch(tmp_path_factory, kept):
    partition = tmp_path_factory.mktemp("log") / "frames-0"
    whole = batch(5, NOON) + batch(6, NOON, b"longer")
    log = segment(partition, 5, whole[:kept])
    assert [each.next_offset for each in read_batches(log)] == [6][: kept // 68]


def test_zeros_after_the_last_batch_are_none(partition):
    log = segment(partition, 0, batch(0, NOON), bytes(500))
    assert len(list(read_batches(log))) == 1


def test_whole_segments_go_when_their_newest_record_is_due(partition):
    segment(partition, 0, batch(0, NOON), batch(1, NOON + 10))
    segment(partition, 2, batch(2, NOON + 20))
    segment(partition, 3, batch(3, NOON + 30))

    assert remove_expired(partition, NOON + 9) == Removed()
    assert remove_expired(partition, NOON + 29) == Removed(2, 68 * 3)
    assert names(partition) == [f"{3:020}.log"]
    assert not (partition / f"{0:020}.index").exists()


def test_after_the_last_record_offsets_go_on(partition):
    segment(partition, 0, batch(0, NOON))
    segment(partition, 1, batch(1, NOON + 20, records=4))

    assert remove_expired(partition, NOON + 20).segments == 2
    (empty,) = partition.glob("*.log")
    assert empty.name == f"{5:020}.log"
    assert empty.stat().st_size == 0
    assert remove_expired(partition, NOON + 90) == Removed()
    assert names(partition) == [f"{5:020}.log"]


def test_all_records_can_be_removed_whatever_their_age(partition):
    segment(partition, 0, batch(0, NOON))
    segment(partition, 1, batch(1, NOON + 20))
    segment(partition, 2)

    assert remove_all(partition).segments == 2
    assert names(partition) == [f"{2:020}.log"]
    assert remove_all(partition) == Removed()


def test_of_a_record_that_was_not_written_completely_nothing_stays(partition):
    log = segment(partition, 7, batch(7, NOON)[:-3])
    assert remove_all(partition).bytes == 65
    assert log.read_bytes() == b""


def test_what_the_broker_was_removing_is_removed(tmp_path, partition):
    log = segment(partition, 0, batch(0, NOON))
    log.rename(f"{log}.deleted")
    segment(partition, 1, batch(1, NOON))
    gone = tmp_path / f"old-0.{'0a' * 16}-delete"
    segment(gone, 0, batch(0, NOON))
    other = tmp_path / "mine-delete"
    segment(other, 0, batch(0, NOON))

    assert remove_expired(partition, NOON - 1) == Removed(1, 68)
    assert remove_deleted_topics(tmp_path) == Removed(1, 68)
    assert names(partition) == [f"{1:020}.log"]
    assert not gone.exists()
    assert other.exists()


def test_partitions_are_told_by_the_names_of_folders(tmp_path):
    stray = f"frames-3.{'0a' * 16}-stray"
    for name in ("frames-0", "frames.dead-letter-12", "frames", "x-0.ab-delete", stray):
        (tmp_path / name).mkdir()
    (tmp_path / "replication-offset-checkpoint").touch()
    assert [(topic, path.name) for topic, path in partitions(tmp_path)] == [
        ("frames", "frames-0"),
        ("frames", stray),
        ("frames.dead-letter", "frames.dead-letter-12"),
    ]


BROKER = """
import fcntl, sys
lock = open(sys.argv[1], "ab")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
"""Has the lock until its input ends."""


def test_no_file_is_touched_while_a_broker_has_them(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", BROKER, str(tmp_path / ".lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as broker:
        assert broker.stdout.readline() == b"held\n"
        with pytest.raises(BrokerRunsError, match="a broker has "), stopped_broker(tmp_path, 0.2):
            pass
        broker.stdin.close()
        broker.wait()
    with stopped_broker(tmp_path):
        pass
