"""QR codes in the terminal, so that nobody has to type an address into a phone."""

import sys

import segno

from pycturestream.cli.output import errors


def print_qr_code(text: str) -> None:
    """Print a text as a QR code on the error output, beside what programs read.

    Nothing where the terminal can't show it.
    """
    if errors.encoding.lower().startswith("utf"):
        segno.make(text, micro=False).terminal(sys.stderr, compact=True)
