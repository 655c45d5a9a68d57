"""How a command fails: one line that says what is wrong and what to do."""

from pycturestream.errors import PyctureStreamError, UsageError

__all__ = ["CommandError", "UsageError"]


class CommandError(PyctureStreamError):
    """The command can't do what was asked, and no other part of the system says why."""
