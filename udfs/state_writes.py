"""Batched writes of keyed state.

At the end of a bundle PyFlink writes each changed state back to the task manager and waits for the
response before it writes the next: two thirds of the time of an operator that changes one state
with each record. The requests go through one stream and are served in order, so waiting once for
all of them is enough.
"""

from typing import Any

from pyflink.fn_execution.state_impl import RemoteKeyedStateBackend, SynchronousKvRuntimeState


def write_together(state: Any) -> None:
    """Make the backend of this state wait once per bundle instead of once per state.

    Does nothing to a state that is not in another process.
    """
    if isinstance(state, SynchronousKvRuntimeState):
        _write_together(state._remote_state_backend)  # noqa: SLF001 - PyFlink has no public access


def _write_together(backend: RemoteKeyedStateBackend) -> None:
    handler = _Handler(backend._state_handler)  # noqa: SLF001
    commit = backend.commit

    def commit_all() -> None:
        commit()
        handler.wait()

    backend._state_handler = handler  # noqa: SLF001
    backend.commit = commit_all


class _Handler:
    """Beam's state handler, except that writes return at once and are awaited in `wait`."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler
        self._pending: list[Any] = []

    def extend(self, *request: Any) -> "_Handler":
        self._pending.append(self._handler.extend(*request))
        return self

    def clear(self, *request: Any) -> "_Handler":
        self._pending.append(self._handler.clear(*request))
        return self

    def get(self) -> None:
        """Stand in for the response to a write, which is awaited later."""

    def wait(self) -> None:
        """Wait for the responses to all writes. Raises their errors."""
        pending, self._pending = self._pending, []
        for response in pending:
            response.get()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)
