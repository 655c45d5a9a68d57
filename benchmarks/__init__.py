"""Benchmarks of the whole system and of its parts, on this machine."""

from pycturestream.errors import ServiceError


class BenchmarkError(ServiceError):
    """A measurement can't be made, or its figures would mean nothing. The message is one line."""
