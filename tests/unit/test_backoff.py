from pycturestream.backoff import backoff_ms


def test_waits_double_up_to_a_limit():
    assert [backoff_ms(attempt, 500, 3_000) for attempt in range(5)] == [
        *(500, 1_000, 2_000, 3_000, 3_000)
    ]
    assert backoff_ms(1_000_000, 500, 3_000) == 3_000


def test_jitter_shortens_a_wait():
    assert backoff_ms(1, 500, 3_000, jitter=lambda: 0.5) == 500
