from pycturestream.domain.frames.unknown_cameras import UNKNOWN_LIFE_MS, UnknownCameras
from tests.scenes import NINE


def names(count, prefix="stranger"):
    return [f"{prefix}-{number}" for number in range(count)]


def test_the_first_ones_are_accepted_and_a_million_more_take_no_memory():
    unknown = UnknownCameras(3)
    for name in names(100_000):
        unknown.claim(name, NINE)
    assert len(unknown) == 3
    assert [name for name in names(100_000) if name in unknown] == names(3)


def test_nobody_loses_the_place_while_sending():
    unknown = UnknownCameras(1)
    for at in range(NINE, NINE + 5 * UNKNOWN_LIFE_MS, UNKNOWN_LIFE_MS // 2):
        unknown.claim("first", at)
        unknown.claim("other", at)
        assert "first" in unknown
        assert "other" not in unknown


def test_one_that_was_silent_for_long_makes_room():
    unknown = UnknownCameras(2)
    unknown.claim("silent", NINE)
    unknown.claim("sending", NINE)
    later = NINE + UNKNOWN_LIFE_MS + 1
    unknown.claim("sending", later - 1)
    unknown.claim("new", later)
    assert "silent" not in unknown
    assert "sending" in unknown
    assert "new" in unknown


def test_a_clock_that_goes_back_far_makes_room():
    unknown = UnknownCameras(1)
    unknown.claim("ahead", NINE + 86_400_000)
    unknown.claim("now", NINE)
    assert "now" in unknown


def test_a_limit_of_none_accepts_none():
    unknown = UnknownCameras(0)
    unknown.claim("gate", NINE)
    assert "gate" not in unknown
