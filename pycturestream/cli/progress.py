"""A progress bar for what takes minutes."""

from collections.abc import Iterable
from typing import TypeVar

from rich.progress import track

from pycturestream.cli.output import errors

Item = TypeVar("Item")


def progress(items: Iterable[Item], title: str, total: int) -> Iterable[Item]:
    """Yield the items, with a progress bar on the error output if that is a terminal."""
    return track(
        items,
        title,
        total=total,
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
