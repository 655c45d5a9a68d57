"""Prepares LiteRT's interpreters, without the line that the first one of a process writes.

It says that XNNPACK computes, which it always does. LiteRT has no setting for it: its native code
writes it straight to the error output, which is for people who run commands.
"""

from typing import Any, Final

from pycturestream.native_output import without_notes

_NOTE: Final = "INFO: Created TensorFlow Lite XNNPACK delegate"

_are_prepared = False


def allocate_tensors(interpreter: Any) -> None:
    """Make an `ai_edge_litert` interpreter ready for inputs of the size that was set.

    Raises RuntimeError.
    """
    global _are_prepared  # noqa: PLW0603 - the line is written once in a process
    if _are_prepared:
        interpreter.allocate_tensors()
        return
    with without_notes(_NOTE):
        interpreter.allocate_tensors()
        _are_prepared = True
