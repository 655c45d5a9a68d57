"""The local stack of real servers, and the submitter of Flink jobs for any stack."""

from pycturestream.errors import ServiceError


class StackError(ServiceError):
    """The stack can't do what was asked. The message is one line, with the log where one helps."""
