from producers.legacy_bridge import BridgeCounts
from pycturestream.cli.bridge import as_record, sentence


def test_the_counts_of_the_bridge_make_a_sentence():
    counts = BridgeCounts(9, 4, {"superseded": 2, "stale": 1}, {"bad-record": 2})

    assert sentence(counts) == (
        "9 consumed: 4 published, 1 stale, 2 superseded dropped, 2 bad-record rejected"
    )


def test_what_is_unanswered_is_in_the_sentence_and_so_is_what_there_is_none_of():
    assert sentence(BridgeCounts(1, open=1)) == (
        "1 consumed: 0 published, none dropped, none rejected, 1 unanswered"
    )


def test_the_record_for_machines_adds_up():
    record = as_record(BridgeCounts(9, 4, {"stale": 2}, {"too-large": 1}, 2), 1.5)

    assert record["consumed"] == record["published"] + record["open"] + sum(
        record["dropped"].values()
    ) + sum(record["dead_letters"].values())
