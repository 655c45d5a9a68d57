"""Writes of keyed state that are waited for together.

At the end of a bundle PyFlink writes each changed state back to the task manager and waits for the
answer before it writes the next: two thirds of the time of an operator that changes one state with
each record. The requests go through one stream and are served in their order, so it is enough to
wait for all of them once.
"""

from typing import Any

from pyflink.fn_execution.state_impl import RemoteKeyedStateBackend, SynchronousKvRuntimeState


def write_together(state: Any) -> None:
    """Make the backend that holds this state wait once a bundle, and not once a state.

    Does nothing to a state that lies in no other process.
    """
    if isinstance(state, SynchronousKvRuntimeState):
        _write_together(state._remote_state_backend)  # noqa: SLF001 - PyFlink hands it out no other way


def _write_together(backend: RemoteKeyedStateBackend) -> None:
    handler = _Handler(backend._state_handler)  # noqa: SLF001
    commit = backend.commit

    def commit_all() -> None:
        commit()
        handler.wait()

    backend._state_handler = handler  # noqa: SLF001
    backend.commit = commit_all


class _Handler:
    """Beam's state handler, but for writes, which promise at once to be done by `wait`."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler
        self._under_way: list[Any] = []

    def extend(self, *request: Any) -> "_Handler":
        self._under_way.append(self._handler.extend(*request))
        return self

    def clear(self, *request: Any) -> "_Handler":
        self._under_way.append(self._handler.clear(*request))
        return self

    def get(self) -> None:
        """Stand for the answer to a write: it is not waited for yet."""

    def wait(self) -> None:
        """Wait for the answers to all writes. Raises what went wrong with them."""
        under_way, self._under_way = self._under_way, []
        for answer in under_way:
            answer.get()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)
