"""All errors of PyctureStream, in one tree.

The message of each is one line for people: what is wrong, and what to do about it. The command
line prints it and ends with status 1, or with status 2 for a UsageError; anything else that is
raised is a fault of the program.
"""


class PyctureStreamError(Exception):
    """Something that a user, an operator or a record from outside can cause."""


class ConfigurationError(PyctureStreamError):
    """A setting, cameras.yaml, recipients.yaml or a model's folder can't be used as it is."""


class DataError(PyctureStreamError):
    """A record, a picture or a file from outside can't be used."""


class ServiceError(PyctureStreamError):
    """A server, a device or a store does not answer, or does not do what it was asked."""


class AccessError(PyctureStreamError):
    """A token or a link does not give access."""


class CommandError(PyctureStreamError):
    """A command can't do what was asked, and no other part of the system says why."""


class UsageError(PyctureStreamError):
    """A command was called wrongly."""
