"""The Dockerfile builds from files that exist, with the versions of the lock files."""

import re
import subprocess
import sys
import tomllib

import pytest
from ruamel.yaml import YAML

from pycturestream.config.settings import PROJECT_FOLDER

TEXT = (PROJECT_FOLDER / "Dockerfile").read_text("utf-8")
IGNORED = (PROJECT_FOLDER / ".dockerignore").read_text("utf-8").splitlines()
INCLUDED = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}


def pins(file: str) -> dict[str, str]:
    text = (PROJECT_FOLDER / file).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def argument(name: str) -> str:
    (value,) = re.findall(rf'^ARG {name}="?([^"\n]+)', TEXT, re.MULTILINE)
    return value


def copied() -> list[str]:
    """Return what is copied from the project, with the arguments' defaults."""
    lines = re.findall(r"^COPY (?!--from)(?:--\S+ )*(\S+) \S+$", TEXT, re.MULTILINE)
    return [re.sub(r"\$\{(\w+)\}", lambda match: argument(match[1]), line) for line in lines]


def test_flink_is_of_the_version_that_python_speaks():
    assert argument("FLINK").startswith(f"{pins('requirements.txt')['apache-flink']}-")


def test_python_is_of_the_version_that_the_project_asks_for():
    project = tomllib.loads((PROJECT_FOLDER / "pyproject.toml").read_text("utf-8"))["project"]

    for version in re.findall(r"uv (?:python install|venv --python) (\S+)", TEXT):
        assert project["requires-python"] == f"=={version}.*"


def test_uv_is_of_the_version_that_is_pinned():
    assert f"uv:{pins('requirements-development.txt')['uv']} " in TEXT


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_exists_and_is_sent_to_the_builder(source: str):
    assert (PROJECT_FOLDER / source).exists()
    assert source == "." or source.split("/", maxsplit=1)[0] in INCLUDED


def test_nothing_is_sent_to_the_builder_that_is_not_named():
    rules = [line for line in IGNORED if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert not INCLUDED & {".env", ".git", ".data", ".venv", "samples"}


def test_every_package_of_the_project_goes_into_the_image():
    tools = tomllib.loads((PROJECT_FOLDER / "pyproject.toml").read_text("utf-8"))["tool"]
    packages = {name.rstrip("*") for name in tools["setuptools"]["packages"]["find"]["include"]}

    assert packages <= INCLUDED


def test_dependencies_are_checked_against_their_hashes():
    assert "uv pip sync --require-hashes" in TEXT
    for file in ("requirements.txt", "requirements-gpu.txt"):
        text = (PROJECT_FOLDER / file).read_text("utf-8")
        assert text.count("==") <= text.count("--hash=sha256:")


def test_the_gpu_image_differs_in_tensorflow_and_in_nothing_else():
    cpu, gpu = pins("requirements.txt"), pins("requirements-gpu.txt")

    assert cpu.pop("tensorflow-cpu") == gpu.pop("tensorflow")
    cuda = {name for name in gpu if name.startswith("nvidia-")}
    assert cuda
    assert {name: version for name, version in gpu.items() if name not in cuda} == cpu


def test_the_connector_is_the_one_that_the_stack_uses():
    pom = (PROJECT_FOLDER / "pycturestream" / "localstack" / "pom.xml").read_text("utf-8")
    (execution,) = re.findall(r"dependency:copy@(\w+)", TEXT)

    (block,) = re.findall(rf"<id>{execution}</id>.*?</execution>", pom, re.DOTALL)
    assert "<goals><goal>copy</goal></goals>" in block
    assert "<artifactId>flink-sql-connector-kafka</artifactId>" in block
    assert f"<outputDirectory>${{downloads}}/{execution}</outputDirectory>" in block
    assert f"--from=jars /jars/{execution}/*.jar /opt/flink/lib/" in TEXT


@pytest.mark.parametrize("names", [["config.yaml"], ["config.yaml", "config.gpu.yaml"]])
def test_flinks_configuration_is_put_together_in_the_order_of_its_parts(names: list[str]):
    (script,) = re.findall(r"<<'MERGE'\n(.*?)^MERGE$", TEXT, re.DOTALL | re.MULTILINE)
    folder = PROJECT_FOLDER / "flink-conf"

    merged = subprocess.run(
        [sys.executable, "-", *names],
        input=script,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    yaml = YAML(typ="safe")
    wanted: dict[str, object] = {}
    for name in names:
        wanted |= yaml.load(folder / name)
    assert yaml.load(merged) == wanted


def test_python_inside_a_task_manager_finds_packages_and_program():
    (paths,) = re.findall(r"PYTHONPATH=(\S+)$", TEXT, re.MULTILINE)
    (version,) = re.findall(r"uv venv --python (\S+)", TEXT)

    program, packages = paths.split(":")
    assert program == "/opt/pycturestream"
    assert packages == f"/opt/venv/lib/python{version}/site-packages"


def test_it_runs_as_flinks_own_user():
    assert re.findall(r"^USER (\w+)$", TEXT, re.MULTILINE)[-1] == "flink"
