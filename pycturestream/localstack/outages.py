"""What is down in the local stack, since when, and what is done about it.

The supervisor writes it to a file; `status` and the live table read it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, Literal

import msgspec

from pycturestream.config.private_files import write_private
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis, format_span

FILE: Final = "outages.json"
Doing = Literal["waiting", "starting", "running"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A server or job that ended by itself, until it has run for a while again."""

    name: str
    since: Millis
    """When it was found to have ended, the last time."""
    ended: int
    """How often it has ended since it last ran for a while; a start that failed counts."""
    doing: Doing
    next_start: Millis
    """When it is, or was, started."""
    reason: str = ""
    """Why the last start failed, in one line; empty if none did."""

    @property
    def is_over(self) -> bool:
        """Whether it runs again, if not yet for long."""
        return self.doing == "running"

    def sentence(self, now: Millis) -> str:
        """Say for people what is down, since when, and what is done about it."""
        times = f", ended {self.ended} times" if self.ended > 1 else ""
        if self.is_over:
            ago = format_span(now - self.next_start)
            return f"{self.name}: ended and was started again {ago} ago{times}"
        if self.doing == "starting":
            action = "is being started"
        else:
            action = f"starts in {format_span(max(0, self.next_start - now))}"
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.name}: down for {format_span(now - self.since)}{times}; {action}{reason}"


class OutageBoard:
    """The outages of this moment, in memory and in the file, for several threads."""

    def __init__(self, settings: Settings) -> None:
        self._file = _file(settings)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._outages: dict[str, Outage] = {}
        self._lock = Lock()
        self._write()

    def put(self, outage: Outage) -> None:
        with self._lock:
            self._outages[outage.name] = outage
            self._write()

    def remove(self, name: str) -> None:
        with self._lock:
            if self._outages.pop(name, None):
                self._write()

    def is_down(self, name: str) -> bool:
        with self._lock:
            outage = self._outages.get(name)
        return outage is not None and not outage.is_over

    def _write(self) -> None:
        write_private(self._file, msgspec.json.encode(list(self._outages.values())))


def read_outages(settings: Settings) -> list[Outage]:
    """Return what the supervisor of the local stack last wrote; nothing if there is none."""
    try:
        return msgspec.json.decode(_file(settings).read_bytes(), type=list[Outage])
    except (FileNotFoundError, msgspec.MsgspecError):
        return []


def has_outages(settings: Settings) -> bool:
    """Return whether a supervisor has begun to write them, also if there are none."""
    return _file(settings).exists()


def forget_outages(settings: Settings) -> None:
    """Forget all of them: whoever starts or stops servers by hand looks after them."""
    _file(settings).unlink(missing_ok=True)


def as_record(outage: Outage) -> Mapping[str, object]:
    """Return an outage for machines."""
    return {"kind": "outage", **msgspec.to_builtins(outage)}


def _file(settings: Settings) -> Path:
    return settings.data_folder.resolve() / "run" / FILE
