from types import SimpleNamespace

from pycturestream.contracts.detections import read_detections_record
from pycturestream.stores.archived import with_archive
from tests.builders import NOON, archived_record, detection_record


class Index:
    """Elasticsearch, as far as it is asked here: it has already left out what was removed."""

    def __init__(self, *records) -> None:
        self.records = records
        self.asked = []

    def search(self, *, query, size, **_search):
        ((terms,), (absent,)) = query["bool"]["filter"], query["bool"]["must_not"]
        assert absent == {"exists": {"field": "removed_at"}}
        wanted = terms["terms"]["frame_id"]
        self.asked.append(len(wanted))
        hits = [{"_source": one} for one in self.records if one["frame_id"] in wanted]
        return SimpleNamespace(body={"hits": {"hits": hits[:size]}})


def test_an_archived_record_says_where_with_which_checksum_and_why():
    first, second = detection_record(), detection_record(captured_at=NOON + 1)
    archived = archived_record(captured_at=NOON + 1)
    same, joined = with_archive(Index(archived), [first, second])
    assert same == first
    assert joined["picture"] == second["picture"] | {
        "archive": archived["path"],
        "sha256": archived["sha256"],
        "why": ["alert"],
    }
    assert second["picture"]["archive"] is None
    assert read_detections_record(joined).picture.archive == archived["path"]


def test_a_replay_of_a_frame_that_is_archived_is_not():
    replayed = detection_record(run="yesterday")
    index = Index(archived_record())
    assert list(with_archive(index, [replayed])) == [replayed]
    assert not index.asked


def test_many_records_are_asked_for_in_batches_and_come_in_their_order():
    records = [detection_record(captured_at=NOON + number) for number in range(2_001)]
    index = Index()
    assert list(with_archive(index, records)) == records
    assert index.asked == [1_000, 1_000, 1]


def test_what_is_no_record_of_the_archive_is_left_out():
    broken = archived_record() | {"path": "../../etc/passwd"}
    assert list(with_archive(Index(broken), [detection_record()])) == [detection_record()]
