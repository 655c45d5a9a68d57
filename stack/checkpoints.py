"""Finds what a job remembered when its cluster ended."""

from pathlib import Path

from pycturestream.settings import Settings


def checkpoint_folder(settings: Settings, job: str) -> Path:
    """Return where the local stack's job keeps its checkpoints."""
    return settings.data_folder.resolve() / "flink" / "checkpoints" / job


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint of a job's folder: one with its metadata."""
    complete = folder.glob("*/chk-*/_metadata")
    return max((path.parent for path in complete), key=_written_at, default=None)


def _written_at(checkpoint: Path) -> int:
    return (checkpoint / "_metadata").stat().st_mtime_ns
