"""What services log: an event with fields, as a line for people or as JSON for machines.

    log = get_logger(__name__)
    log.warning("gate: no picture for 5 s; the camera is opened again", camera_id="gate")

The event is a sentence that reads by itself; fields repeat what a machine filters by. As text only
the event is printed, on the stream that the command has always used.
"""

import logging
import sys
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, WrappedLogger

from pycturestream.public_address import hide_addresses

LogFormat = Literal["text", "json"]
LogStream = Literal["stderr", "stdout"]


def get_logger(name: str) -> Any:
    """Return a logger for a module; `name` is the field `module` of what it logs as JSON."""
    return structlog.get_logger(module=name)


def configure_logs(form: LogFormat, *, stream: LogStream = "stderr") -> None:
    """Set up logging for this process; called once, where a service is put together.

    `stream`: stdout where the log is all that a command prints.
    """
    ending = [structlog.processors.JSONRenderer()] if form == "json" else [_sentence]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            *ending,
        ],
        # Looked up for each line: tests and terminals may put another stream in its place.
        logger_factory=lambda *_: _Printer(getattr(sys, stream)),
        cache_logger_on_first_use=False,
    )


class _Printer(structlog.PrintLogger):
    """Prints lines; one that a full disk does not take is lost, and its service goes on."""

    def msg(self, message: str) -> None:
        try:
            super().msg(message)
        except BrokenPipeError:
            raise  # nobody reads any more
        except OSError:
            pass

    debug = info = warning = error = critical = exception = msg


def limit_embedded_logs() -> None:
    """Leave out debug messages where Python runs inside a task manager; elsewhere, do nothing.

    pemja, which runs it there, hands every message to Java, where those below INFO are dropped:
    each costs as much as a third of a frame. Called by operators when they open.
    """
    if "pemja" in sys.modules:
        root = logging.getLogger()
        root.setLevel(max(root.level, logging.INFO))


def _without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the event without the secrets of addresses, which a library's message may quote."""
    return {
        name: hide_addresses(value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def _sentence(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Return the event alone, and the traceback where there is one."""
    text = str(event["event"])
    trace = event.get("exception")
    return f"{text}\n{trace}" if trace else text


# structlog would print to standard output otherwise, which belongs to what commands return.
configure_logs("text")
