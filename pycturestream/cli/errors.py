"""How a command fails: one line that says what is wrong and what to do."""

from pycturestream.errors import PyctureStreamError


class CommandError(PyctureStreamError):
    """Something a user can mend. The message is one line; the command ends with status 1."""


class UsageError(CommandError):
    """The command was called wrongly; it ends with status 2."""
