"""Dependencies point inward: the rooms keep to what design and style say of them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TECHNOLOGY = {
    "cv2",
    "elasticsearch",
    "fastapi",
    "itsdangerous",
    "jinja2",
    "kafka",
    "pandas",
    "pyflink",
    "redis",
    "requests",
    "tensorflow",
}
ROOMS = {
    "commands",
    "consumers",
    "dashboards",
    "evaluation",
    "jobs",
    "models",
    "producers",
    "stack",
    "stores",
    "udfs",
    "web",
}


def imports(path: Path) -> set[str]:
    """Return the top-level packages that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("path", files("pycturestream"), ids=lambda path: path.name)
def test_the_core_imports_no_technology_and_no_other_room(path):
    assert not imports(path) & (TECHNOLOGY | ROOMS)


@pytest.mark.parametrize("room", sorted(ROOMS - {"commands"}))
def test_nothing_imports_the_command_line(room):
    assert not {path.name for path in files(room) if "commands" in imports(path)}


@pytest.mark.parametrize("room", sorted(ROOMS - {"jobs"}))
def test_nothing_imports_the_jobs(room):
    assert not {path.name for path in files(room) if "jobs" in imports(path)}


def test_the_topologies_hold_no_address():
    for path in files("jobs"):
        assert "127.0.0.1" not in path.read_text("utf-8"), path.name
        assert "localhost" not in path.read_text("utf-8"), path.name
