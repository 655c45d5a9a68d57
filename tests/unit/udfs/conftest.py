import pytest

from tests.unit.udfs.operators import stopped_clock
from udfs import keyed_step


@pytest.fixture
def clock(monkeypatch):
    """The wall clock of keyed operators; it is stopped unless a test advances it."""
    fake = stopped_clock()
    monkeypatch.setattr(keyed_step, "_now", lambda: fake.now)
    return fake
