"""Fetches the Java servers and jars that pom.xml names, once."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError
from pycturestream.localstack.java import java_home

POM = Path(__file__).parent / "pom.xml"
MAVEN_MINUTES = 20
"""170 MB in all: enough for a line of 2 Mbit/s."""


def downloads(settings: Settings) -> Path:
    """Return the folder of this pom.xml's downloads; its name changes with their versions."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    return settings.download_folder.resolve() / digest


def is_fetched(settings: Settings) -> bool:
    return downloads(settings).is_dir()


def fetch(settings: Settings) -> Path:
    """Fetch what is missing; return the folder of `kafka`, `flink`, `sql`, `elasticsearch`.

    Raises StackError without Maven, or when Maven fails.
    """
    folder = downloads(settings)
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError("no mvn on PATH: install Maven (Debian: apt-get install maven)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two copies that start at once fetch once.
    with FileLock(folder.parent / ".lock"):
        if not folder.is_dir():
            _run_maven(maven, folder)
    return folder


def _run_maven(maven: str, folder: Path) -> None:
    # A folder with its final name is complete, whenever this process ends.
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    log = folder.parent / "maven.log"
    command = [maven, "--batch-mode", "--quiet", f"--file={POM}", f"-Ddownloads={partial}"]
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                [*command, "package"],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "JAVA_HOME": str(java_home())},
                timeout=MAVEN_MINUTES * 60,
            )
        except subprocess.TimeoutExpired as error:
            raise StackError(
                f"Maven did not fetch the servers within {MAVEN_MINUTES} min; see {log}, and try"
                " again: what it has fetched is kept"
            ) from error
    if done.returncode != 0:
        raise StackError(f"Maven could not fetch the servers ({first_error(log)}); see {log}")
    partial.rename(folder)


def first_error(log: Path) -> str:
    """Return the first error that Maven printed."""
    lines = log.read_text(errors="replace").splitlines()
    return next((line for line in lines if "ERROR" in line), "no error printed").strip()
