"""Held to PyFlink's own backend, which an upgrade may change."""

import pytest
from pyflink.fn_execution.coders import BigIntCoder
from pyflink.fn_execution.state_impl import RemoteKeyedStateBackend

from udfs.state_writes import write_together


class Answer:
    """The response of a task manager to one request."""

    def __init__(self, story, name, error=None):
        self.story, self.name, self.error = story, name, error

    def get(self):
        self.story.append(f"{self.name} answered")
        if self.error:
            raise self.error


class Handler:
    """Beam's handler of states in another process."""

    def __init__(self, error=None):
        self.story, self.error = [], error
        self._state_cache = self._context = self._underlying = None

    def blocking_get(self, *_):
        return []

    def extend(self, _key, _coder, elements):
        self.story.append(f"write {elements[0]}")
        return Answer(self.story, f"write {elements[0]}", self.error)

    def clear(self, _key):
        self.story.append("clear")
        return Answer(self.story, "clear")


def changed(handler, values):
    """Return a backend in which the state of each key was changed."""
    backend = RemoteKeyedStateBackend(handler, BigIntCoder(), None, 100, 100, 100)
    state = backend.get_value_state("memory", BigIntCoder())
    write_together(state)
    for key, value in enumerate(values):
        backend.set_current_key(key)
        state.set_current_namespace(None)
        state.update(value)
    return backend, state


def test_all_writes_are_sent_before_the_first_answer_is_waited_for():
    handler = Handler()
    backend, _ = changed(handler, [10, 11])
    backend.commit()
    sent = ["clear", "write 10", "clear", "write 11"]
    assert handler.story == [*sent, *(f"{request} answered" for request in sent)]


def test_what_is_written_is_not_written_again():
    handler = Handler()
    backend, _ = changed(handler, [10])
    backend.commit()
    handler.story.clear()
    backend.commit()
    assert handler.story == []


def test_a_write_that_fails_fails_the_bundle():
    backend, _ = changed(Handler(LookupError("the task manager is gone")), [10])
    with pytest.raises(LookupError, match="gone"):
        backend.commit()


def test_a_state_of_this_process_is_left_alone():
    write_together(object())
