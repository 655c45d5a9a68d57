"""The option `--run` of jobs: what could name no index is refused before anything is submitted."""

from argparse import ArgumentTypeError

import pytest

from jobs.run_name import run_name


@pytest.mark.parametrize("name", ["live", "replay", "a", "0_-", "a" * 40])
def test_a_name_that_indices_can_have_is_taken(name):
    assert run_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "A", "a" * 41, ".", "..", "a.b", "a b", "a\n", "é", "-a", "_a", "+a"),
        *(f"a{sign}" for sign in '*/\\"<>|,#:?'),
    ],
)
def test_any_other_is_refused_with_the_rule(name):
    with pytest.raises(ArgumentTypeError, match="use lower-case letters"):
        run_name(name)
