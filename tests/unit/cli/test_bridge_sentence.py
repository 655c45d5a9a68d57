from producers.legacy_bridge import BridgeAccount
from pycturestream.cli.bridge import as_record, sentence


def test_the_books_of_the_bridge_are_told_in_a_sentence():
    account = BridgeAccount(9, 4, {"superseded": 2, "stale": 1}, {"bad-record": 2})

    assert sentence(account) == (
        "9 consumed: 4 published, 1 stale, 2 superseded dropped, 2 bad-record refused"
    )


def test_what_is_unanswered_is_told_and_what_there_is_none_of_too():
    assert sentence(BridgeAccount(1, open=1)) == (
        "1 consumed: 0 published, none dropped, none refused, 1 unanswered"
    )


def test_the_record_for_machines_adds_up():
    record = as_record(BridgeAccount(9, 4, {"stale": 2}, {"too-large": 1}, 2), 1.5)

    assert record["consumed"] == record["published"] + record["open"] + sum(
        record["dropped"].values()
    ) + sum(record["dead_letters"].values())
