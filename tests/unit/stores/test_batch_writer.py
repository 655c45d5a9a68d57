import pytest
from hypothesis import given, strategies

from pycturestream.contracts.topics import ALERTS, COUNTS, DETECTIONS
from pycturestream.domain.erasure import Erasures
from pycturestream.stores.batch_writer import (
    REASON_LENGTH,
    BatchWriter,
    Done,
    StoreUnavailable,
    Unwritable,
)
from tests.builders import MINUTE, NOON, alert_record, count_record, detection_record, message
from tests.erasures import FakeErasures, erasure
from tests.fake_store import FakeStore

LABELS = [f"label-{number}" for number in range(16)]


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def writer(store):
    return BatchWriter(store, first_wait_s=0.001, longest_wait_s=0.01)


def windows(labels=LABELS):
    return [message(COUNTS, count_record(label=label)) for label in labels]


def test_a_bundle_is_one_request(writer, store):
    outcomes = writer.write(windows())

    assert outcomes == [Done.WRITTEN] * len(LABELS)
    assert store.requests == [len(LABELS)]


def test_it_is_told_which_records_are_written(store):
    told = []
    writer = BatchWriter(
        store, first_wait_s=0.001, on_written=lambda record: told.append(record.id)
    )
    newer, older = count_record(revision=2), count_record(revision=1)
    store.away_for = 1

    outcomes = writer.write([message(COUNTS, newer), message(COUNTS, older), (COUNTS, b"{}")])

    assert outcomes[:2] == [Done.WRITTEN, Done.OLDER]
    assert told == [newer["id"]]


def test_an_empty_bundle_makes_no_request(writer, store):
    assert writer.write([]) == []
    assert store.requests == []


def test_writing_to_an_unavailable_store_is_repeated_until_it_is_back(writer, store, caplog):
    store.away_for = 5

    outcomes = writer.write(windows())

    assert outcomes == [Done.WRITTEN] * len(LABELS)
    assert writer.retries == 5
    logged = [
        entry.message
        for entry in caplog.records
        if entry.name == "pycturestream.stores.batch_writer"
    ]
    assert logged == [
        "waiting for the store with 16 records: no answer",
        "the store is back, after 6 attempts",
    ]


def test_the_reason_of_waiting_is_logged_again_when_it_changes(writer, store, caplog):
    reasons = ["no answer", "full: 15 of 10 bytes", "full: 17 of 10 bytes", "read-only"]
    take = store.write

    def refuse(records):
        if reasons:
            raise StoreUnavailable(reasons.pop(0))
        return take(records)

    store.write = refuse
    writer.write(windows())

    waiting = [entry.message for entry in caplog.records if "waiting" in entry.message]
    assert [line.partition(": ")[2] for line in waiting] == [
        "no answer",
        "full: 15 of 10 bytes",
        "read-only",
    ]


def test_a_store_that_came_back_is_prepared_again(writer, store):
    writer.write(windows())
    store.away_for = 1
    writer.write(windows())

    assert store.prepared == 2


def test_only_what_the_store_was_too_busy_for_is_sent_again(writer, store):
    store.busy = lambda record, request: record.fields["label"] in LABELS[:3] and request < 3

    outcomes = writer.write(windows())

    assert outcomes == [Done.WRITTEN] * len(LABELS)
    assert store.requests == [len(LABELS), 3, 3]


def test_a_request_that_is_too_large_is_halved(writer, store):
    store.largest_request = 4

    outcomes = writer.write(windows())

    assert outcomes == [Done.WRITTEN] * len(LABELS)
    assert len(store.kept) == len(LABELS)


def test_a_record_that_spoils_its_request_is_rejected_alone(writer, store):
    store.spoils_requests = lambda record: record.fields["label"] == LABELS[7]

    outcomes = writer.write(windows())

    assert outcomes.pop(7) == Unwritable("request too large")
    assert outcomes == [Done.WRITTEN] * (len(LABELS) - 1)


def test_a_store_that_goes_away_between_halves_loses_nothing(writer, store):
    store.largest_request = 8
    answers = store.write

    def away_at_the_third_request(records):
        if len(store.requests) == 2:
            store.away_for = 1
        return answers(records)

    store.write = away_at_the_third_request

    outcomes = writer.write(windows())

    assert outcomes == [Done.WRITTEN] * len(LABELS)
    assert len(store.kept) == len(LABELS)


@pytest.mark.parametrize(
    ("topic", "value", "reason"),
    [
        (DETECTIONS, None, "not JSON"),
        (DETECTIONS, b"{", "not JSON"),
        (DETECTIONS, b"\xff", "not JSON"),
        (DETECTIONS, b"[]", "not a JSON object"),
        (DETECTIONS, b"{}", "camera_id"),
        ("frames", b"{}", "frames is no result topic"),
    ],
)
def test_what_is_no_record_is_rejected_without_a_request(writer, store, topic, value, reason):
    good, *_ = windows()

    bad, written = writer.write([(topic, value), good])

    assert reason in bad.reason
    assert written is Done.WRITTEN
    assert store.requests == [1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("run", None),
        ("camera_id", "../gate"),
        ("captured_at", "2026-11-21T09:00:00"),
        ("captured_at", "2026-11-21T10:00:00.000+01:00"),
        ("captured_at", 5),
        ("revision", -1),
        ("revision", True),
        ("revision", 10**30),
        ("id", "x" * 513),
        *(
            ("run", name)
            for name in (
                *("Try", "x" * 41, "a*", "a/b", "a\\b", 'a"b', "a<b", "a|b", "a,b", "a#b", "a:b"),
                *("a b", "-a", "_a", "+a", ".", "..", "a.b", "ä", "a\n"),
            )
        ),
    ],
)
def test_the_reason_names_the_field_that_is_wrong(writer, field, value):
    (outcome,) = writer.write([message(DETECTIONS, {**detection_record(), field: value})])

    assert outcome.reason.startswith(field)


def test_a_reason_does_not_repeat_a_whole_record(writer):
    record = {**detection_record(), "captured_at": "x" * 100_000}

    (outcome,) = writer.write([message(DETECTIONS, record)])

    assert outcome.reason.startswith("captured_at: 'xxx")
    assert len(outcome.reason) <= REASON_LENGTH


def _alert(begin: int, changes: int, camera_id: str) -> list[tuple[str, bytes]]:
    raised_at = NOON + begin * 1_000
    return [
        message(
            ALERTS,
            alert_record(
                camera_id=camera_id,
                raised_at=raised_at,
                updated_at=raised_at + revision * 2_000,
                revision=revision,
            ),
        )
        for revision in range(changes)
    ]


_SECONDS = strategies.integers(0, 30)
_CAMERAS = strategies.sampled_from(["gate", "yard"])
_RECORDS = strategies.builds(
    lambda begin, camera: message(
        DETECTIONS, detection_record(captured_at=NOON + begin * 1_000, camera_id=camera)
    ),
    _SECONDS,
    _CAMERAS,
)
_ALERTS = strategies.builds(_alert, _SECONDS, strategies.integers(1, 5), _CAMERAS)


@strategies.composite
def _logs(draw):
    """A log in which the changes of each alert keep their order, as in its partition."""
    queues = draw(strategies.lists(_ALERTS, max_size=5, unique_by=lambda changes: changes[0]))
    queues += [[one] for one in draw(strategies.lists(_RECORDS, max_size=10))]
    order = draw(strategies.permutations([n for n, one in enumerate(queues) for _ in one]))
    waiting = [iter(queue) for queue in queues]
    return [next(waiting[number]) for number in order]


_LOGS = _logs()
_ERASURES = strategies.builds(
    lambda camera, begin, length: erasure(
        camera, NOON + begin * 1_000, NOON + (begin + length) * 1_000
    ),
    _CAMERAS,
    _SECONDS,
    strategies.integers(1, 10),
)


class TestErasures:
    """What is erased when a record is written, and when it is written again."""

    def test_what_is_erased_is_not_written(self, store):
        writer = BatchWriter(store, lambda: Erasures.of([erasure("gate", NOON, NOON + MINUTE)]))

        outcomes = writer.write(
            [
                message(DETECTIONS, detection_record(captured_at=NOON)),
                message(DETECTIONS, detection_record(captured_at=NOON + MINUTE)),
                message(DETECTIONS, detection_record(captured_at=NOON, camera_id="yard")),
            ]
        )

        assert outcomes == [Done.ERASED, Done.WRITTEN, Done.WRITTEN]
        assert len(store.kept) == 2

    def test_an_alert_that_grows_into_an_erased_time_is_removed(self, store):
        writer = BatchWriter(store, lambda: Erasures.of([erasure("gate", NOON, NOON + MINUTE)]))
        raised = alert_record(raised_at=NOON - MINUTE, revision=1)
        cleared = alert_record(
            raised_at=NOON - MINUTE, updated_at=NOON + 9 * MINUTE, revision=2, state="cleared"
        )

        assert writer.write([message(ALERTS, raised)]) == [Done.WRITTEN]
        assert writer.write([message(ALERTS, cleared)]) == [Done.ERASED]
        assert store.kept == {}

    def test_what_is_erased_while_it_waits_for_the_store_is_not_written(self, store):
        erased = FakeErasures()
        writer = BatchWriter(store, lambda: erased.known, first_wait_s=0.001, longest_wait_s=0.01)
        take = store.write

        def away_until_erased(records):
            if not erased.known.spans:
                erased.erase(erasure("gate", NOON, NOON + MINUTE))
                raise StoreUnavailable("no answer")
            return take(records)

        store.write = away_until_erased

        assert writer.write([message(DETECTIONS, detection_record())]) == [Done.ERASED]
        assert store.kept == {}

    @given(data=strategies.data())
    def test_a_rebuild_gives_the_store_without_what_is_erased(self, data):
        """However often the log is read again, and wherever it was when the erasure came."""
        log = data.draw(_LOGS)
        erased = data.draw(strategies.lists(_ERASURES, max_size=3))
        before = data.draw(strategies.integers(0, len(log)))
        again = data.draw(strategies.integers(0, before))
        store, source = FakeStore(), FakeErasures()
        writer = BatchWriter(store, lambda: source.known)

        writer.write(log[:before])
        source.erase(*erased)
        store.kept = {  # what the command deletes from a store
            key: one for key, one in store.kept.items() if not one.is_erased(source.known)
        }
        writer.write(log[again:])

        rebuilt = FakeStore()
        BatchWriter(rebuilt, lambda: source.known).write(log)
        plain = FakeStore()
        BatchWriter(plain).write(log)
        expected = {key for key, one in plain.kept.items() if not one.is_erased(source.known)}
        assert rebuilt.kept.keys() == store.kept.keys() == expected
