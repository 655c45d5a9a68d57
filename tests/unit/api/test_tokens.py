"""Tokens: what is stored of them, and to whom they give access."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from pycturestream.api.tokens import TokenError
from tests.builders import NOON

HOUR = 3_600_000


def test_the_holder_of_a_token_is_known_until_it_expires(tokens):
    token, text = tokens.create("guard", NOON, HOUR, cameras=["gate"], read_only=True)
    assert tokens.holder(text, NOON + HOUR - 1) == token
    assert (token.cameras, token.read_only) == (("gate",), True)
    with pytest.raises(TokenError, match="expired"):
        tokens.holder(text, NOON + HOUR)


def test_a_token_is_for_its_cameras_and_one_that_names_none_for_all(tokens):
    some, _ = tokens.create("some", NOON, HOUR, cameras=["gate"])
    every, _ = tokens.create("all", NOON, HOUR)
    assert some.covers("gate")
    assert not some.covers("door")
    assert every.covers("door")


def test_what_is_stored_gives_no_access(tokens, tmp_path):
    token, text = tokens.create("guard", NOON, HOUR)
    kept = (tmp_path / "tokens.json").read_text()
    secret = text.rpartition("_")[2]
    assert secret not in kept
    for stolen in (token.digest, f"pyc_{token.id}_{token.digest}", token.id, "guard"):
        with pytest.raises(TokenError, match="not valid"):
            tokens.holder(stolen, NOON)


def test_nobody_else_may_read_the_file(tokens, tmp_path):
    tokens.create("guard", NOON, HOUR)
    assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.replace("pyc", "xyz"),
        lambda text: text.upper(),
        lambda text: text.rpartition("_")[0] + "_",
        lambda text: text + "0",
        lambda _: "",
        lambda _: "pyc__",
        lambda _: "pyc_é_ü",
    ],
)
def test_an_invalid_token_is_rejected(tokens, change):
    _, text = tokens.create("guard", NOON, HOUR)
    with pytest.raises(TokenError, match="not valid"):
        tokens.holder(change(text), NOON)


def test_a_revoked_token_stops_working_at_once_and_the_others_do_not(tokens):
    _, gone = tokens.create("gone", NOON, HOUR)
    _, kept = tokens.create("kept", NOON, HOUR)
    tokens.revoke("gone")
    with pytest.raises(TokenError, match="not valid"):
        tokens.holder(gone, NOON)
    assert tokens.holder(kept, NOON).name == "kept"


def test_names_are_unique(tokens):
    tokens.create("guard", NOON, HOUR)
    with pytest.raises(TokenError, match="there is a token guard"):
        tokens.create("guard", NOON, HOUR)
    with pytest.raises(TokenError, match="there is no token gaurd; there are: guard"):
        tokens.revoke("gaurd")


def test_a_broken_file_is_reported(tokens, tmp_path):
    (tmp_path / "tokens.json").write_text("{")
    with pytest.raises(TokenError, match=r"tokens\.json can't be read"):
        tokens.all()


def test_tokens_created_at_the_same_time_are_all_stored(tokens):
    names = [f"guard-{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: tokens.create(name, NOON, HOUR), names))
    assert sorted(token.name for token in tokens.all()) == sorted(names)
