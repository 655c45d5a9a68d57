import itertools
import time
import uuid
from dataclasses import dataclass, replace

import msgspec
import pytest
import redis
from hypothesis import given, strategies

from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, COUNTS, DETECTIONS, NARRATIONS
from pycturestream.stores.batch_writer import BatchWriter, Done, Unwritable
from pycturestream.stores.record import decode_result
from pycturestream.stores.redis import RedisStore
from pycturestream.stores.redis_view import RedisView
from tests.builders import (
    MINUTE,
    alert_record,
    count_record,
    detection_record,
    event_record,
    message,
    narration_record,
)
from tests.store_contract import StoreContract, now

pytestmark = pytest.mark.integration
HOUR = 60 * MINUTE


@pytest.fixture
def client(redis_server):
    with redis.Redis.from_url(redis_server.redis) as client:
        yield client


@pytest.fixture
def store(redis_server):
    store = RedisStore(redis_server)
    yield store
    store.close()


@pytest.fixture
def writer(redis_server):
    writer = BatchWriter(RedisStore(redis_server))
    yield writer
    writer.close()


@pytest.fixture
def view(redis_server):
    view = RedisView(redis_server)
    yield view
    view.close()


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


@dataclass
class RedisBench:
    store: RedisStore
    client: redis.Redis
    settings: object

    def kept(self, record):
        kept = self.client.hget(f"camera:{record.camera_id}:counts", record.fields["label"])
        return kept and msgspec.json.decode(kept)

    def poison(self, record):
        self.client.set(f"camera:{record.camera_id}:counts", "no hash")
        return record

    def unreachable(self):
        return RedisStore(self.settings.model_copy(update={"redis_address": "redis://127.0.0.1:1"}))


class TestRedisStore(StoreContract):
    @pytest.fixture
    def bench(self, store, client, redis_server):
        return RedisBench(store, client, redis_server)


def test_the_newest_detections_stay_whatever_the_order(writer, view):
    start = now()

    @given(order=strategies.permutations([0, 0, 1, 2, 3, 3]), bundle=strategies.integers(1, 6))
    def newest_stays(order, bundle):
        camera_id = f"camera-{uuid.uuid4().hex[:8]}"
        records = [
            detection_record(camera_id=camera_id, captured_at=start + number) for number in order
        ]
        for first in range(0, len(records), bundle):
            writer.write(
                [message(DETECTIONS, record) for record in records[first : first + bundle]]
            )
        assert view.latest(camera_id) == records[order.index(3)]

    newest_stays()


def test_the_bytes_of_the_log_are_kept_as_they_are(writer, client, camera_id):
    topic, value = message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=now()))

    writer.write([(topic, value)])

    assert client.get(f"camera:{camera_id}:latest") == value


def test_a_cleared_alert_is_not_reopened_by_a_late_message(writer, view, camera_id):
    raised_at = now()
    raised, updated = (
        alert_record(camera_id=camera_id, raised_at=raised_at, revision=revision, state=state)
        for revision, state in enumerate(("raised", "updated"))
    )
    cleared = alert_record(camera_id=camera_id, raised_at=raised_at, revision=2, state="cleared")

    writer.write([message(ALERTS, raised)])
    assert view.alerts(camera_id) == (raised,)
    writer.write([message(ALERTS, cleared), message(ALERTS, updated)])
    outcome = writer.write([message(ALERTS, raised)])

    assert outcome == [Done.OLDER]
    assert view.alerts(camera_id) == ()


def test_a_tombstone_is_small_and_expires(writer, client, redis_server, camera_id):
    cleared_at = now() - redis_server.tombstone_keep_ms + 300
    first, second = (
        alert_record(
            camera_id=camera_id,
            rule=rule,
            raised_at=cleared_at - HOUR,
            updated_at=cleared_at,
            revision=1,
            state=state,
        )
        for rule, state in (("door", "cleared"), ("yard", "updated"))
    )
    key = f"camera:{camera_id}:alerts"

    writer.write([message(ALERTS, first)])
    assert set(msgspec.json.decode(client.hvals(key)[0])) == {
        "id",
        "state",
        "revision",
        "updated_at",
    }
    time.sleep(0.4)
    writer.write([message(ALERTS, second)])

    assert client.hkeys(key) == [second["id"].encode()]


def test_an_alert_cleared_long_ago_closes_the_open_one(writer, view, client, camera_id):
    raised_at = now() - 5 * HOUR
    raised = alert_record(camera_id=camera_id, raised_at=raised_at)
    cleared = alert_record(camera_id=camera_id, raised_at=raised_at, revision=1, state="cleared")

    writer.write([message(ALERTS, raised), message(ALERTS, cleared)])

    assert view.alerts(camera_id) == ()
    assert not client.exists(f"camera:{camera_id}:alerts")


def test_expiry_counts_from_the_event_not_from_the_writing(writer, client, redis_server, camera_id):
    said_at = now() - redis_server.narration_keep_ms + 10_000
    captured_at = now() - HOUR

    writer.write(
        [
            message(NARRATIONS, narration_record(camera_id=camera_id, captured_at=said_at)),
            message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=captured_at)),
        ]
    )

    assert client.pttl(f"camera:{camera_id}:narration") <= 10_000
    assert client.pttl(f"camera:{camera_id}:latest") <= redis_server.view_keep_ms - HOUR


def test_a_rebuilt_view_has_no_old_sentence(writer, view, camera_id):
    old = narration_record(camera_id=camera_id, captured_at=now() - HOUR)

    outcomes = writer.write([message(NARRATIONS, old)])

    assert outcomes == [Done.OLDER]
    assert view.narration(camera_id) is None


def test_subscribers_get_fresh_records_once(writer, view, camera_id):
    fresh = detection_record(camera_id=camera_id, captured_at=now())
    stale = alert_record(camera_id=camera_id, raised_at=now() - HOUR)
    narration = narration_record(camera_id=camera_id, captured_at=now())
    pushed = view.listen([camera_id], tick_s=1.0)
    assert next(pushed) is None  # the subscription is complete

    for _ in range(2):
        writer.write(
            [message(DETECTIONS, fresh), message(ALERTS, stale), message(NARRATIONS, narration)]
        )

    received = list(itertools.takewhile(lambda item: item is not None, pushed))
    assert [(item.channel, item.record) for item in received] == [
        ("detections", fresh),
        ("narrations", narration),
    ]
    assert view.alerts(camera_id) == (stale,)


def test_each_label_keeps_its_own_newest_window(writer, view, camera_id):
    start = now() // MINUTE * MINUTE - 3 * MINUTE
    windows = [
        count_record(camera_id=camera_id, label=label, window_start=start + number * MINUTE)
        for label in ("person", "car")
        for number in (1, 0)
    ]

    writer.write([message(COUNTS, window) for window in windows])

    assert view.counts(camera_id) == {"person": windows[0], "car": windows[2]}


def test_replays_and_events_are_not_kept(writer, client, camera_id):
    outcomes = writer.write(
        [
            message(DETECTIONS, detection_record(camera_id=camera_id, run="try-1")),
            message(CAMERA_EVENTS, event_record(camera_id=camera_id)),
        ]
    )

    assert outcomes == [Done.SKIPPED, Done.SKIPPED]
    assert client.keys(f"camera:{camera_id}:*") == []


def test_a_count_without_label_is_rejected(writer, camera_id):
    record = count_record(camera_id=camera_id, window_start=now())
    del record["label"]

    assert writer.write([message(COUNTS, record)]) == [Unwritable("label: missing")]


def test_cameras_are_listed_by_when_they_were_last_seen_and_trimmed(
    writer, view, client, redis_server, camera_id
):
    client.zadd("cameras", {"long-gone": now() - redis_server.view_keep_ms - HOUR})
    seen_at = now()

    writer.write(
        [
            message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=at))
            for at in (seen_at, seen_at - 5_000)
        ]
    )
    cameras = view.cameras()

    assert cameras[camera_id] == seen_at
    assert "long-gone" not in cameras


def test_an_overview_shows_all_of_a_camera(writer, view, camera_id):
    captured_at = now()
    latest = detection_record(camera_id=camera_id, captured_at=captured_at)
    alerts = [
        alert_record(camera_id=camera_id, rule=rule, level=level, raised_at=captured_at)
        for rule, level in (("yard", 1), ("door", 3))
    ]
    narration = narration_record(camera_id=camera_id, captured_at=captured_at)

    writer.write(
        [
            message(DETECTIONS, latest),
            *(message(ALERTS, alert) for alert in alerts),
            message(NARRATIONS, narration),
        ]
    )
    seen, unknown = view.overview([camera_id, "nobody"])

    assert (seen.seen_at, seen.latest, seen.narration) == (captured_at, latest, narration)
    assert [alert["rule"] for alert in seen.alerts] == ["door", "yard"]
    assert (unknown.seen_at, unknown.latest, unknown.alerts) == (None, None, ())


def test_a_server_that_lost_its_script_gets_it_again(writer, view, client, camera_id):
    start = now()
    writer.write([message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=start))])
    client.script_flush()

    newer = detection_record(camera_id=camera_id, captured_at=start + 1)
    outcomes = writer.write([message(DETECTIONS, newer)])

    assert outcomes == [Done.WRITTEN]
    assert view.latest(camera_id) == newer


def test_a_record_is_kept_as_it_was_in_the_log(store, view, camera_id):
    record = decode_result(
        *message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=now()))
    )

    store.write([replace(record, revision=None)])

    assert view.latest(camera_id) == record.fields


class TestWrongClock:
    """Somebody wrote a record of tomorrow, because a clock was wrong for a moment."""

    @pytest.fixture
    def write(self, writer):
        def write(topic, record):
            return writer.write([message(topic, record)])

        return write

    @pytest.fixture
    def tomorrow(self):
        return now() + 24 * HOUR

    @pytest.mark.parametrize(
        ("topic", "build", "name"),
        [
            (
                DETECTIONS,
                lambda name, at: detection_record(camera_id=name, captured_at=at),
                "latest",
            ),
            (
                NARRATIONS,
                lambda name, at: narration_record(camera_id=name, captured_at=at),
                "narration",
            ),
        ],
    )
    def test_the_next_record_takes_its_place(
        self, write, client, camera_id, tomorrow, topic, build, name
    ):
        write(topic, build(camera_id, tomorrow))
        record = build(camera_id, now())
        assert write(topic, record) == [Done.WRITTEN]
        kept = msgspec.json.decode(client.get(f"camera:{camera_id}:{name}"))
        assert kept["captured_at"] == record["captured_at"]

    def test_it_does_not_stay_longer_than_any_other(self, write, client, camera_id, tomorrow):
        write(DETECTIONS, detection_record(camera_id=camera_id, captured_at=tomorrow))
        kept_ms = client.pttl(f"camera:{camera_id}:latest")
        assert 0 < kept_ms <= 7 * 24 * HOUR + MINUTE

    def test_its_camera_was_seen_now_and_the_others_are_kept(
        self, write, view, camera_id, tomorrow
    ):
        write(DETECTIONS, detection_record(camera_id="another", captured_at=now()))
        write(DETECTIONS, detection_record(camera_id=camera_id, captured_at=tomorrow))
        seen = view.cameras()
        assert "another" in seen
        assert seen[camera_id] < now() + MINUTE

    def test_an_alert_that_was_cleared_tomorrow_is_not_open_again(
        self, write, view, camera_id, tomorrow
    ):
        one = {"camera_id": camera_id, "raised_at": now()}
        write(ALERTS, alert_record(**one, state="cleared", revision=3, updated_at=tomorrow))
        write(ALERTS, alert_record(**one, state="updated", revision=2, updated_at=now()))
        assert view.alerts(camera_id) == ()


@pytest.mark.parametrize(
    "junk", [b"", b"\xff", b"[]", b'{"captured_at": 7}', b"[" * 2_000 + b"]" * 2_000]
)
def test_what_somebody_else_wrote_gives_way(writer, view, client, camera_id, junk):
    client.set(f"camera:{camera_id}:latest", junk)
    assert view.latest(camera_id) is None

    record = detection_record(camera_id=camera_id, captured_at=now())
    assert writer.write([message(DETECTIONS, record)]) == [Done.WRITTEN]
    assert view.latest(camera_id) == record
