"""The command line as its users have it: processes that a test starts and talks to."""

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from pycturestream.config.settings import PROJECT_FOLDER


@pytest.fixture
def start():
    """Yield what starts a command; none outlives the test."""
    with ExitStack() as processes:

        def start(*arguments, **environment):
            process = subprocess.Popen(
                [sys.executable, "-m", "pycturestream.cli.main", *arguments],
                env={**os.environ, **environment},
                cwd=PROJECT_FOLDER,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        yield start
