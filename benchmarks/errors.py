"""How a measurement fails: one line that says what is wrong."""

from pycturestream.errors import PyctureStreamError


class BenchmarkError(PyctureStreamError):
    """A measurement can't be made, or its figures would mean nothing."""
