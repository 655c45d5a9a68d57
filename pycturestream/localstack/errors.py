"""How the local stack fails: one line that says what is wrong, what to do, and where the log is."""

from pycturestream.errors import ServiceError


class StackError(ServiceError):
    """Something a user can mend. The message is one line."""


class JobError(StackError):
    """The servers run, but a job could not be submitted."""
