"""Which operators a checkpoint or savepoint is of, and whether a job can take up their state.

Flink itself refuses state of an operator that a job does not have, unless it is told to leave such
state out. It is told so where an operator may be switched off, so that the state of an older
version, which has other operators, must be recognised before: the job would go on at its position
in the log, but without what it knew.
"""

from dataclasses import dataclass
from pathlib import Path

METADATA = "_metadata"
"""The file of a checkpoint that is written last: it lists the operators and where their state is.
Each is listed with its name and its uid, as Java's `writeUTF` writes them."""


@dataclass(frozen=True, slots=True)
class StateLayout:
    """By which operators to tell the state of this version from that of an older one."""

    current: str
    """The uid of an operator that this version always has; others may be switched off."""
    former: str
    """The uid of an operator of an older version, whose state can't be taken up."""


def is_current(state: Path, layout: StateLayout) -> bool:
    """Return whether this version wrote a checkpoint or savepoint. Lets OSError through."""
    return _has_operator(state, layout.current)


def is_former(state: Path, layout: StateLayout) -> bool:
    """Return whether an older version wrote it, so that it can't be taken up.

    Lets OSError through.
    """
    return _has_operator(state, layout.former)


def _has_operator(state: Path, uid: str) -> bool:
    encoded = uid.encode()
    return len(encoded).to_bytes(2) + encoded in (state / METADATA).read_bytes()
