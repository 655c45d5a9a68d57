"""`pycturestream demo`: the whole system on sample cameras, with a live table."""

import signal
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Annotated, Self

import typer

from pycturestream.application.stack import start_stack
from pycturestream.cli.output import errors
from pycturestream.cli.up import progress, show_addresses
from pycturestream.cli.watch import watch
from pycturestream.cli.web_browser import open_in_browser
from pycturestream.config.settings import settings
from pycturestream.localstack.launch import READY, RUNNING
from pycturestream.localstack.server_names import SERVE
from pycturestream.localstack.stack import stop_stack
from pycturestream.localstack.web_server import WebServer
from pycturestream.signals import ends_as

UNFINISHED = frozenset({"starting", "submitting"})
"""Of a server or a job, the messages after which it is not ready."""

STOPPING = "stopping"


def demo(
    *,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the live page in a browser, once it is there.")
    ] = False,
) -> None:
    """Start the stack, stream the sample cameras and show what they see, until Ctrl-C.

    The table is shown as soon as there are live results; Elasticsearch takes longer to start.
    Ctrl-C stops what this command started; a stack that was running before keeps running.

    Example: `pycturestream demo --open`
    """
    with ends_as(signal.default_int_handler), _LiveTable(opens_page=open_page) as table:
        started = start_stack(
            settings(),
            table.report,
            cameras=True,
            pages=True,
            supervised=True,
            on_live=table.show,
        )
        try:
            table.show()
            table.note_started()
            table.wait()
        except KeyboardInterrupt:
            errors.print("\nstopping")
        finally:
            # A second Ctrl-C would leave servers running.
            with ends_as(signal.SIG_IGN):
                table.close()
                stop_stack(settings(), table.report, only=started)


class _LiveTable:
    """The table in a thread, so that the rest of the stack can start meanwhile."""

    def __init__(self, *, opens_page: bool) -> None:
        self._opens_page = opens_page
        self._pool = ThreadPoolExecutor(1)
        self._shown: Future[None] | None = None
        self._showing = Lock()
        self._until = Event()
        self._print = progress()
        self._messages: dict[str, str] = {}
        self._has_started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def report(self, name: str, message: str) -> None:
        """Print how start and stop go: above the table, while there is one."""
        self._messages[name] = message
        if message == STOPPING:  # also by Ctrl-C during the start
            self._until.set()
        self._print(name, message)
        if self._opens_page and name == SERVE and message in {READY, RUNNING}:
            open_in_browser(WebServer(settings()).live_page)

    def show(self) -> None:
        """Show the table, unless it is shown."""
        with self._showing:
            if self._shown is None:
                show_addresses()
                self._shown = self._pool.submit(
                    watch, None, starting=self._starting, until=self._until
                )

    def note_started(self) -> None:
        """From now on show what ends by itself."""
        self._has_started = True

    def wait(self) -> None:
        """Wait until the table ends, which it does only by an error, and raise that."""
        if self._shown:
            self._shown.result()

    def close(self) -> None:
        """End the table."""
        self._until.set()
        self._pool.shutdown()

    def _starting(self) -> list[str]:
        if self._has_started:
            return []
        names = [name for name, message in self._messages.items() if message in UNFINISHED]
        return [f"still starting: {', '.join(names) or 'supervisor'}"]
