"""The live table says what is down, and stays while Redis is."""

import io
from threading import Event

import pytest
import redis
from rich.console import Console

from pycturestream.cli import watch
from pycturestream.stores.redis_view import CameraView


class View:
    """A view that answers once, is away for a while, and answers again until Ctrl-C."""

    def __init__(self, *listens):
        self._listens = list(listens)

    def listen(self, _cameras, *, tick_s=1.0):  # noqa: ARG002
        happens = self._listens.pop(0)
        yield from [None] * (happens is None)
        if happens is not None:
            raise happens

    def overview(self, _cameras):
        return [CameraView("gate", None, None, (), None)]


@pytest.fixture
def screen(monkeypatch):
    """What the live table has shown, with one outage that is told."""
    output = io.StringIO()
    monkeypatch.setattr(watch, "console", Console(file=output, width=120))
    monkeypatch.setattr(watch, "RETRY_S", 0.0)
    monkeypatch.setattr(watch, "supervision", lambda _: ["redis: down for 2 s; is being started"])
    return output


def test_the_table_stays_with_what_is_down_while_redis_is_away(screen):
    view = View(None, redis.ConnectionError(), redis.TimeoutError(), None, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        watch._draw(view, None, tuple, Event())
    shown = screen.getvalue()
    assert "gate" in shown
    assert "redis: down for 2 s; is being started" in shown


def test_a_redis_that_was_never_there_is_an_error(screen):  # noqa: ARG001
    with pytest.raises(redis.ConnectionError):
        watch._draw(View(redis.ConnectionError()), None, tuple, Event())


def test_in_a_pipe_what_is_down_is_told_once_and_redis_may_go(screen, monkeypatch):  # noqa: ARG001
    told = Console(file=io.StringIO(), width=120)
    monkeypatch.setattr(watch, "errors", told)
    view = View(None, redis.ConnectionError(), redis.ConnectionError(), None, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        watch._stream(view, None, tuple, Event(), as_json=False)
    assert told.file.getvalue() == "redis: down for 2 s; is being started\n"


def test_in_a_pipe_a_redis_that_was_never_there_is_an_error_too(screen):  # noqa: ARG001
    with pytest.raises(redis.ConnectionError):
        watch._stream(View(redis.ConnectionError()), None, tuple, Event(), as_json=True)


def test_while_the_stack_starts_the_table_says_what_is_not_ready_and_nothing_of_outages(screen):
    view = View(None, redis.ConnectionError(), None, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        watch._draw(view, None, lambda: ["still starting: elasticsearch"], Event())
    assert "still starting: elasticsearch" in screen.getvalue()
    assert "down for" not in screen.getvalue()


@pytest.mark.parametrize(
    "show", [watch._draw, lambda *arguments: watch._stream(*arguments, as_json=False)]
)
def test_it_ends_when_it_is_told_to_also_while_redis_is_away(screen, monkeypatch, show):  # noqa: ARG001
    until = Event()

    def sleep(_seconds):
        until.set()

    monkeypatch.setattr(watch.time, "sleep", sleep)

    show(View(None, redis.ConnectionError(), KeyboardInterrupt()), None, tuple, until)

    assert until.is_set()
