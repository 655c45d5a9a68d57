"""The old name of `error_mapping`."""

from pycturestream.cli.error_mapping import error_mapping as reaching

__all__ = ["reaching"]
