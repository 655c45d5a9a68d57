"""Finds what a job remembered when its cluster ended."""

from pathlib import Path

from pycturestream.config.settings import Settings


def checkpoint_folder(settings: Settings, job: str) -> Path:
    """Return where the local stack's job keeps its checkpoints."""
    return settings.data_folder.resolve() / "flink" / "checkpoints" / job


def newest_state(folder: Path) -> Path | None:
    """Return the newest complete checkpoint or savepoint of a job: one with its metadata."""
    complete = folder.rglob("_metadata")
    newest = max(complete, key=lambda metadata: metadata.stat().st_mtime_ns, default=None)
    return newest and newest.parent
