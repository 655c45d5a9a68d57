from hypothesis import given
from hypothesis import strategies as st

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.times import DAY_MS, HOUR_MS, MINUTE_MS
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.log.create_topics import wanted_topics
from pycturestream.log.retention import (
    LATE_MS,
    kept_at_most_ms,
    live_picture_topics,
    picture_topics,
    retentions,
)

durations = st.integers(1_000, 400 * DAY_MS)


def by_name(settings):
    return {topic.name: topic.configs for topic in wanted_topics(settings)}


def longest_life_ms(settings, configs):
    """How long Kafka keeps a record at most, by the settings that it is given."""
    properties = KafkaServer(settings).properties()
    return sum(
        int(each)
        for each in (
            configs["retention.ms"],
            configs["segment.ms"],
            configs["file.delete.delay.ms"],
            properties["log.retention.check.interval.ms"],
        )
    )


@given(durations, durations, durations, durations, st.integers(1, HOUR_MS))
def test_kafka_keeps_no_record_longer_than_promised(frames, segment, replay, results, check):
    settings = Settings(
        frame_retention_ms=frames,
        frame_segment_ms=segment,
        replay_retention_ms=replay,
        result_retention_ms=results,
        retention_check_ms=check,
    )
    configs = by_name(settings)
    for name in retentions(settings):
        kept = kept_at_most_ms(settings, name)
        assert longest_life_ms(settings, configs[name]) + LATE_MS == kept
    assert kept_at_most_ms(settings, topics.FRAMES_REPLAY) >= replay


def test_by_default_pictures_go_within_ten_minutes_history_in_a_day_results_in_thirty_days():
    settings = Settings()
    for name in live_picture_topics(settings):
        assert kept_at_most_ms(settings, name) == 8 * MINUTE_MS
    assert 23 * HOUR_MS < kept_at_most_ms(settings, topics.FRAMES_REPLAY) <= DAY_MS
    for name in (*topics.SERVED, topics.REJECTED_RESULTS):
        assert 29 * DAY_MS < kept_at_most_ms(settings, name) <= 30 * DAY_MS


def test_every_topic_forgets_by_age_or_keeps_the_newest_of_each_key():
    settings = Settings(legacy_topic="clients")
    compacted = {
        name
        for name, configs in by_name(settings).items()
        if configs.get("cleanup.policy") == "compact"
    }
    assert compacted == {topics.CAMERAS, topics.ATTENTION, topics.ALERT_COMMANDS, topics.ERASURES}
    assert by_name(settings).keys() == retentions(settings).keys() | compacted
    assert "clients" in live_picture_topics(settings)
    assert set(picture_topics(settings)) - set(live_picture_topics(settings)) == {
        topics.FRAMES_REPLAY
    }


def test_a_deleted_key_is_forgotten_too():
    for configs in by_name(Settings()).values():
        if configs.get("cleanup.policy") == "compact":
            assert int(configs["max.compaction.lag.ms"]) <= HOUR_MS
            assert int(configs["delete.retention.ms"]) <= DAY_MS
