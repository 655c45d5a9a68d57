"""Reads what a server said last."""

from pathlib import Path

TAIL_BYTES = 8192


def last_line(log: Path) -> str:
    """Return the last line of a log that says something, without a stack trace's frames."""
    if not log.is_file():
        return "it wrote no log"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    told = [line.strip() for line in lines if line.strip() and not _is_frame(line)]
    return told[-1] if told else "its log is empty"


def _is_frame(line: str) -> bool:
    return line.lstrip().startswith(("at ", "... "))
