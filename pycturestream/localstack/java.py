"""Finds the Java that runs Kafka, Elasticsearch and Flink."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from pycturestream.localstack import StackError

OLDEST = 17
"""Kafka 4 and Flink 2.3 need 17; Elasticsearch 8.19 does as well."""
REMEDY = f"install JDK {OLDEST} or newer (Debian: apt-get install openjdk-17-jdk-headless)"

FAST_START = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""For JVMs with little to do: half the start time and a fifth of the memory of the defaults."""


@cache
def java_home() -> Path:
    """Return the folder of a Java that is new enough: JAVA_HOME, else that of `java` on PATH.

    Raises StackError when there is none.
    """
    home = os.environ.get("JAVA_HOME")
    java = Path(home) / "bin" / "java" if home else Path(shutil.which("java") or "")
    if not java.is_file():
        where = f"JAVA_HOME={home} holds no bin/java" if home else "no java on PATH"
        raise StackError(f"{where}: {REMEDY}")
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = java_version(output)
    if version < OLDEST:
        raise StackError(f"{java} is Java {version or 'of an unknown version'}: {REMEDY}")
    return java.resolve().parent.parent


def java_version(output: str) -> int:
    """Return the feature version in the output of `java -version`: 17; 8 for 1.8; 0 if none."""
    match = re.search(r'version "(?:1\.)?(\d+)', output)
    return int(match.group(1)) if match else 0
