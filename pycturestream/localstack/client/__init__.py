"""What runs inside Flink's client. It has its own folder because that comes first on sys.path."""

RESULT_PREFIX = "pycturestream:"
"""Begins the line that reports how the submission of a job went."""
