"""How many histories are simulated, and which: every test that asks for a `seed` gets them all."""

import pytest

from tests.simulation.flink import Clock
from udfs import detect_objects, keyed_step

HISTORIES = 15


def pytest_addoption(parser):
    parser.addoption("--histories", type=int, default=HISTORIES, help="how many are simulated")
    parser.addoption("--seed", type=int, default=0, help="the seed of the first one")


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        # A run of the whole test suite reads this file too late to know its options.
        first = metafunc.config.getoption("--seed", 0)
        histories = metafunc.config.getoption("--histories", HISTORIES)
        metafunc.parametrize("seed", range(first, first + histories))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    seed = item.callspec.params.get("seed") if hasattr(item, "callspec") else None
    if report.failed and seed is not None:
        alone = f".venv/bin/pytest tests/simulation --histories 1 --seed {seed}"
        report.sections.append(("This history alone", alone))
    return report


@pytest.fixture
def clock(monkeypatch):
    """The wall clock that the operators of the job read."""
    wall_clock = Clock()
    for module in (detect_objects, keyed_step):
        monkeypatch.setattr(module, "_now", lambda: wall_clock.shown)
    return wall_clock
