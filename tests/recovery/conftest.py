"""A system to be disturbed."""

from collections.abc import Iterator

import pytest

from pycturestream.application.stack import start_stack
from pycturestream.config.settings import Settings
from pycturestream.localstack.stack import stop_stack


@pytest.fixture(scope="module")
def short_windows() -> Iterator[None]:
    """Emit frame accounts after seconds: every test waits for its last window."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYCTURESTREAM_COUNT_WINDOW_MS", "5000")
        environment.setenv("PYCTURESTREAM_CHECKPOINT_INTERVAL_MS", "5000")
        yield


@pytest.fixture(scope="module")
def system(short_windows: None, module_settings: Settings) -> Iterator[Settings]:  # noqa: ARG001
    """All servers and the three jobs; ends with the module."""
    start_stack(module_settings)
    yield module_settings
    stop_stack(module_settings)
