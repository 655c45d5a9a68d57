"""How many broken records are tried, and which."""

import pytest

RECORDS = 10_000
CHUNK = 500
"""Records of one test: a decoder that takes the whole process down tells at least so much."""


def pytest_addoption(parser):
    parser.addoption("--records", type=int, default=RECORDS, help="how many are broken")
    parser.addoption("--first-record", type=int, default=0, help="the seed of the first one")


def pytest_generate_tests(metafunc):
    if "seeds" in metafunc.fixturenames:
        # A run of the whole test suite reads this file too late to know its options.
        first = metafunc.config.getoption("--first-record", 0)
        end = first + metafunc.config.getoption("--records", RECORDS)
        chunks = [range(start, min(start + CHUNK, end)) for start in range(first, end, CHUNK)]
        metafunc.parametrize("seeds", chunks, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed and "seeds" in getattr(item, "fixturenames", ()):
        alone = ".venv/bin/pytest tests/unit/fuzz --records 1 --first-record SEED"
        report.sections.append(("One record alone", alone))
    return report
