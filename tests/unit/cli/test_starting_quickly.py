"""A command loads what it needs, and the list of all commands loads none of them."""

import subprocess
import sys

import pytest
import typer

from pycturestream.cli.commands import COMMANDS
from pycturestream.cli.main import application, load_command
from pycturestream.config.settings import PROJECT_FOLDER

HEAVY = {
    *("elasticsearch", "kafka", "redis", "requests"),
    *("av", "cv2", "fastapi", "jinja2", "numpy", "pandas", "psutil", "pyarrow", "pyflink", "scipy"),
    *("stamina", "structlog", "tensorflow", "uvicorn"),
}
"""Libraries that take a twentieth of a second or more, alone or with what they load."""


def loaded(*words: str) -> set[str]:
    """Return the heavy libraries that a command has loaded when it ends."""
    code = (
        "import sys\n"
        "from pycturestream.cli import main\n"
        "try:\n"
        "    main.main()\n"
        "finally:\n"
        "    sys.stderr.write('\\n'.join(['', *sys.modules]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT_FOLDER,
    )
    assert "Traceback" not in ended.stderr
    return HEAVY & set(ended.stderr.splitlines())


def test_the_list_of_all_commands_loads_none_of_them():
    assert loaded("--help") == set()


def test_a_mistyped_command_loads_none():
    assert loaded("laest") == set()


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["latest", "gate"], {"redis"}),
        (["watch", "--json"], {"psutil", "redis"}),
        (["tokens", "list"], set()),
    ],
    ids=["latest", "watch", "tokens"],
)
def test_a_command_loads_no_client_but_that_of_the_server_that_it_asks(
    words, needed, monkeypatch, tmp_path
):
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path))
    # No server is there: the error must not load the clients of the others either.
    monkeypatch.setenv("PYCTURESTREAM_REDIS_ADDRESS", "redis://127.0.0.1:1/0")

    assert loaded(*words) == needed


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_each_command_what_its_own_help_says(name):
    listed = typer.main.get_group(application()).commands[name]

    first_paragraph, *_ = load_command(name).help.split("\n\n")

    assert listed.help == " ".join(first_paragraph.split())
