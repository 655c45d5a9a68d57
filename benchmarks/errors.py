"""How a measurement fails: one line that says what is wrong."""


class BenchmarkError(Exception):
    """A measurement can't be made, or its figures would mean nothing."""
