import subprocess
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError, stack
from pycturestream.localstack.clean_up import CleanUp
from pycturestream.localstack.stack import _locked as locked
from pycturestream.localstack.stack import clean_stack, stop_stack, wipe


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path)


def test_one_command_at_a_time_starts_and_stops_servers(settings, monkeypatch):
    monkeypatch.setattr(stack, "LOCK_WAIT_S", 0.1)
    with locked(settings), pytest.raises(StackError, match="another up or down is running"):
        stop_stack(settings)
    assert not stop_stack(settings)


def test_a_command_waits_for_a_clean_up_to_end(settings):
    with ThreadPoolExecutor() as pool:
        with locked(settings):
            waiting = pool.submit(stop_stack, settings)
            assert not wait([waiting], timeout=0.2).done
        assert not waiting.result(timeout=30)


def test_a_clean_up_leaves_what_is_due_to_the_command_that_runs(settings):
    with locked(settings):
        assert clean_stack(settings) == CleanUp()


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (
            OSError(28, "No space left on device", "kafka.log"),
            "No space left on device: 'kafka.log'",
        ),
        (subprocess.TimeoutExpired(["mvn", "package"], 60), "mvn did not end within 60 s"),
    ],
)
def test_errors_of_the_system_are_one_line(settings, raised, message):
    with pytest.raises(StackError, match=message), locked(settings):
        raise raised


def test_wiping_an_empty_folder_is_no_error(settings):
    wipe(settings)
