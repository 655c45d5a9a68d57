"""The option `--run` of the jobs that process the past."""

from argparse import ArgumentTypeError

from pycturestream.domain.frames.frame import is_run_name


def run_name(text: str) -> str:
    """Return the name of a run. Raises ArgumentTypeError: no index could be named after others."""
    if not is_run_name(text):
        raise ArgumentTypeError(
            f"{text!r} can't name a run: use lower-case letters, digits, _ and -, 40 at most and a "
            "letter or digit first"
        )
    return text
