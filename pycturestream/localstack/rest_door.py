"""Keeps pages of other sites out of Flink's REST interface, of job manager and SQL gateway.

A page in any browser on this machine can post to loopback, and Flink runs what is posted to it:
`web.submit.enable: false` closes only one of the ways. Flink takes handlers of requests from its
class path; ours is flink-conf/rest-door/, compiled by the installed JDK (docs/decisions/0034).
"""

import hashlib
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pyflink

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.localstack import StackError
from pycturestream.localstack.java import OLDEST, REMEDY, java_home

SOURCES = PROJECT_FOLDER / "flink-conf" / "rest-door"
FLINK_CLASSES = Path(pyflink.__path__[0]) / "lib"


def rest_door(folder: Path) -> Path:
    """Return the class path of the compiled handler, a subfolder of this one."""
    content = b"".join(path.read_bytes() for path in sorted(SOURCES.rglob("*")) if path.is_file())
    return folder / f"rest-door-{hashlib.sha256(content).hexdigest()[:12]}"


def write_rest_door(folder: Path) -> None:
    """Compile the handler to where `rest_door` points, unless that is done.

    Raises StackError when Java is a JRE without tools, or the compiler fails.
    """
    target = rest_door(folder)
    if target.exists():
        return
    compiler = java_home() / "bin" / "javac"
    if not compiler.is_file():
        raise StackError(f"{java_home()} has no bin/javac: {REMEDY}")
    with TemporaryDirectory(dir=folder) as unfinished:
        classes = Path(unfinished) / "classes"
        shutil.copytree(SOURCES, classes, ignore=shutil.ignore_patterns("*.java"))
        compiled = subprocess.run(
            [
                *(compiler, "-nowarn", "--release", str(OLDEST), "-d", classes),
                *("-classpath", f"{FLINK_CLASSES}/*"),
                *SOURCES.glob("*.java"),
            ],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if compiled.returncode != 0:
            raise StackError(f"{compiler} failed: {compiled.stderr.strip().splitlines()[0]}")
        classes.rename(target)
