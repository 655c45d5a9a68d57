"""Keeps servers inside Flink's JVMs on loopback that offer no setting for their address.

Flink's metrics reporter and its channels to the Python workers, through which the pictures pass,
listen on all addresses of the machine, and no setting changes that: all of them call
`new InetSocketAddress(port)`. The local stack has no passwords, so they must not be reachable from
outside.

What is patched: one constant of one class of the JDK, java.net.InetSocketAddress. The constant is
the name of the method of InetAddress that its constructor calls for a port without an address;
`anyLocalAddress` becomes `getLoopbackAddress`, which has the same signature. The class is extracted
from the installed JDK (bin/jimage), changed, and written into Flink's data folder; the installed
JDK stays as it is. Flink's job manager and task manager of the local stack take it through
`--patch-module java.base=…`; no other JVM does.
"""

import hashlib
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from pycturestream.localstack import StackError
from pycturestream.localstack.java import REMEDY, java_home

CLASS = Path("java/net/InetSocketAddress.class")
ANY = b"\x01\x00\x0fanyLocalAddress"
LOOPBACK = b"\x01\x00\x12getLoopbackAddress"
"""Constants of a class file: the tag 1, the length in two bytes, the text."""


def write_loopback_class(folder: Path) -> None:
    """Write the installed JDK's class, with the constant changed, where `loopback_options` points.

    Raises StackError when it is a JRE without tools, or its class is not as expected.
    """
    target = _patch(folder) / CLASS
    if target.exists():
        return
    tool = java_home() / "bin" / "jimage"
    if not tool.is_file():
        raise StackError(f"{java_home()} has no bin/jimage: {REMEDY}")
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
        raise StackError(f"{java_home()} can't be kept on loopback: use JDK 17 or 21")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(original.replace(ANY, LOOPBACK))


def loopback_options(folder: Path) -> list[str]:
    """Return the options with which a JVM uses the class in this folder."""
    return ["--patch-module", f"java.base={_patch(folder)}"]


def _patch(folder: Path) -> Path:
    # The class fits one build of Java only, which its `release` file names.
    build = hashlib.sha256((java_home() / "release").read_bytes()).hexdigest()[:12]
    return folder / f"loopback-{build}"
