"""What runs inside of Flink's client. Alone in its folder, which comes first on its sys.path."""

SAID = "pycturestream:"
"""Begins the line that tells how the submission of a job went."""
