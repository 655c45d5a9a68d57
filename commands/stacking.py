"""Turns what can go wrong with the local stack into the one line of a command."""

from collections.abc import Iterator
from contextlib import contextmanager

from commands.errors import CommandError
from stack.errors import StackError


@contextmanager
def stacking() -> Iterator[None]:
    try:
        yield
    except StackError as error:
        raise CommandError(str(error)) from error
