"""Keeps a JVM's servers off the network where they can't be told an address.

Flink's metrics reporter and the channels to its Python workers, through which the pictures go,
listen on all of a machine's addresses, and no setting changes that. They all ask Java for
`new InetSocketAddress(port)`. Flink's JVMs therefore get that one class with another constant: it
then calls getLoopbackAddress() where it called anyLocalAddress().
"""

import hashlib
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from pycturestream.localstack.errors import StackError
from pycturestream.localstack.java import REMEDY, java_home

CLASS = Path("java/net/InetSocketAddress.class")
ANY = b"\x01\x00\x0fanyLocalAddress"
LOOPBACK = b"\x01\x00\x12getLoopbackAddress"
"""Names in a class file: the tag 1, the length in two bytes, the text."""


def write_loopback_class(folder: Path) -> None:
    """Write this Java's class, with the constant changed, to where the options point.

    Raises StackError when Java came without its tools.
    """
    target = _patch(folder) / CLASS
    if target.exists():
        return
    tool = java_home() / "bin" / "jimage"
    if not tool.is_file():
        raise StackError(f"{java_home()} is a Java without tools: {REMEDY}")
    with TemporaryDirectory() as extracted:
        subprocess.run(
            [
                tool,
                "extract",
                f"--dir={extracted}",
                f"--include=/java.base/{CLASS}",
                java_home() / "lib" / "modules",
            ],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        original = (Path(extracted) / "java.base" / CLASS).read_bytes()
    if original.count(ANY) != 1:
        raise StackError(f"{java_home()} can't be kept to loopback: use JDK 17 or 21")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(original.replace(ANY, LOOPBACK))


def loopback_options(folder: Path) -> list[str]:
    """Return the options that make a JVM take the class of this folder."""
    return ["--patch-module", f"java.base={_patch(folder)}"]


def _patch(folder: Path) -> Path:
    # The class fits one build of Java only, which its `release` file names.
    build = hashlib.sha256((java_home() / "release").read_bytes()).hexdigest()[:12]
    return folder / f"loopback-{build}"
