"""A mapping that remembers the keys that were set last: for what strangers choose the keys of."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

CAMERAS: Final = 10_000
"""More cameras than one program ever has, and a few megabytes."""


class Recent(OrderedDict[Key, Value], Generic[Key, Value]):
    """At most `limit` entries; the one that was set longest ago makes room for a new one."""

    def __init__(self, limit: int = CAMERAS) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._limit:
            self.popitem(last=False)
