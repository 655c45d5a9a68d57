"""Tokens: what is stored of them, and to whom they give access."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from pycturestream.api.tokens import TokenError, Tokens, eye_link
from pycturestream.domain.cameras.eye import is_eye_camera
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


def test_an_eye_token_is_of_one_camera_and_opens_nothing_of_the_api(tokens):
    token, text = tokens.create("anna", NOON, HOUR, kind="eye")
    other, _ = tokens.create("ben", NOON, HOUR, kind="eye")
    assert tokens.holder(text, NOON, "eye") == token
    assert token.camera_id != other.camera_id
    assert is_eye_camera(token.camera_id)
    with pytest.raises(TokenError, match="seeing aid"):
        tokens.holder(text, NOON)


def test_a_token_of_the_api_opens_no_eye(tokens):
    _, text = tokens.create("guard", NOON, HOUR)
    with pytest.raises(TokenError, match="alert API"):
        tokens.holder(text, NOON, "eye")


def test_to_a_program_of_before_an_eye_token_is_of_next_to_nothing(tokens):
    token, _ = tokens.create("anna", NOON, HOUR, kind="eye")
    assert (token.cameras, token.read_only) == ((token.camera_id,), True)


def test_files_of_before_eye_tokens_are_read(tokens, tmp_path):
    token, text = tokens.create("guard", NOON, HOUR)
    path = tmp_path / "tokens.json"
    (kept,) = json.loads(path.read_text())
    del kept["kind"]
    path.write_text(json.dumps([kept]))
    assert tokens.holder(text, NOON) == token


def test_what_another_program_changes_in_the_file_is_noticed(tokens, tmp_path):
    _, text = tokens.create("guard", NOON, HOUR)
    assert tokens.holder(text, NOON)
    Tokens(tmp_path / "tokens.json").revoke("guard")
    with pytest.raises(TokenError, match="not valid"):
        tokens.holder(text, NOON)


def test_while_the_file_stays_it_is_not_read_again(tokens):
    tokens.create("guard", NOON, HOUR)
    assert tokens.all() is tokens.all()


def test_the_token_of_a_link_is_in_its_fragment_which_no_server_sees():
    assert urlsplit(eye_link("https://eye.example", "pyc_1_2")).fragment == "pyc_1_2"
