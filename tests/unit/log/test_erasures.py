"""How the topic `erasures` is read."""

import pytest

from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.erasures import encode_erasure
from pycturestream.domain.erasure import Erasures
from pycturestream.log.erasures import apply_erasure
from tests.builders import MINUTE, NOON
from tests.erasures import erasure

ASKED = erasure(since=NOON, until=NOON + MINUTE)


def test_a_tombstone_ends_an_erasure():
    known = {}
    apply_erasure(known, ASKED.key, encode_erasure(ASKED), NOON + MINUTE)
    assert known == {ASKED.key: ASKED}

    apply_erasure(known, ASKED.key, None, NOON + MINUTE)
    apply_erasure(known, "of nobody", None, NOON + MINUTE)
    assert known == {}


def test_one_under_another_key_is_left_out():
    with pytest.raises(CodecError, match="another key"):
        apply_erasure({}, "yard:1:2", encode_erasure(ASKED), NOON + MINUTE)


def test_nothing_of_a_time_to_come_is_erased():
    known = {}
    long = erasure(since=NOON, until=NOON + 600 * MINUTE)

    apply_erasure(known, long.key, encode_erasure(long), NOON + 5 * MINUTE)

    erased = Erasures.of(known.values())
    assert erased.covers("gate", NOON + 5 * MINUTE)
    assert not erased.covers("gate", NOON + 6 * MINUTE)
    with pytest.raises(CodecError, match="later than"):
        apply_erasure(known, long.key, encode_erasure(long), NOON - MINUTE)
