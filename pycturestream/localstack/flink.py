"""A Flink cluster of one job manager and its task managers, from the apache-flink package.

The distribution's own shell scripts start three JVMs to read the configuration before each
server; here the memory is in the configuration by parts, and the server is started at once.
"""

import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any

import pyflink
import requests
from ruamel.yaml import YAML

from pycturestream.code_fingerprint import code_fingerprint, current_fingerprint
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.localstack.fetch import fetch
from pycturestream.localstack.java import FAST_START, java_home
from pycturestream.localstack.loopback import loopback_options, write_loopback_class
from pycturestream.localstack.rest_door import rest_door, write_rest_door
from pycturestream.localstack.server import PYTHON, Server
from pycturestream.localstack.server_names import JOB_MANAGER, task_manager_name

DISTRIBUTION = Path(pyflink.__path__[0])
CONFIGURATION = PROJECT_FOLDER / "flink-conf"
LOG_TO_OUTPUT = CONFIGURATION / "log4j-console.properties"
METRICS_PORT = "metrics.reporter.prom.port"

Configuration = dict[str, Any]

_writing = Lock()
"""Threads prepare all servers at the same time."""


class _FlinkServer(Server):
    def prepare(self) -> None:
        write_configuration(self.settings)

    @property
    def written(self) -> Path:
        return flink_folder(self.settings)

    def environment(self) -> dict[str, str]:
        return flink_environment(self.settings)


class JobManagerServer(_FlinkServer):
    name = JOB_MANAGER

    @property
    def ports(self) -> Mapping[int, str]:
        ports = self.settings.ports
        return {
            ports.flink: "Flink's web UI",
            ports.flink_rpc: "Flink's job manager",
            ports.flink_blob: "Flink's blob server",
            ports.jobmanager_metrics: "the job manager's metrics",
        }

    def command(self) -> list[str]:
        memory = _memory(configuration(self.settings), "jobmanager")
        heap, direct = memory("heap"), memory("off-heap")
        return [
            *java(self.settings),
            *loopback_options(flink_folder(self.settings)),
            f"-Dlog.file={self.log}",  # shown by the web UI
            f"-Xms{heap}m",
            f"-Xmx{heap}m",
            f"-XX:MaxDirectMemorySize={direct}m",
            f"-XX:MaxMetaspaceSize={memory('jvm-metaspace')}m",
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            f"--configDir={flink_folder(self.settings) / 'conf'}",
            f"-D{METRICS_PORT}={self.settings.ports.jobmanager_metrics}",
        ]

    def is_ready(self) -> bool:
        return _answer(self.settings, "overview") is not None


class TaskManagerServer(_FlinkServer):
    """One of them or several: the second one is called taskmanager-2."""

    name = task_manager_name(1)

    def __init__(self, settings: Settings, number: int = 1) -> None:
        self.name = task_manager_name(number)
        super().__init__(settings)
        self._number = number
        self._code = flink_folder(settings) / f"{self.name}.code"

    @property
    def ports(self) -> Mapping[int, str]:
        return {self._metrics_port: "the task manager's metrics"}

    @property
    def has_old_code(self) -> bool:
        """Whether it was started with other code than this process has."""
        return not self._code.exists() or self._code.read_text() != code_fingerprint()

    def prepare(self) -> None:
        super().prepare()
        self._code.write_text(current_fingerprint())

    def command(self) -> list[str]:
        memory = _memory(configuration(self.settings), "taskmanager")
        heap = memory("framework.heap") + memory("task.heap")
        off_heap = memory("framework.off-heap") + memory("task.off-heap")
        return [
            *java(self.settings),
            *loopback_options(flink_folder(self.settings)),
            f"-Dlog.file={self.log}",  # shown by the web UI
            f"-Xms{heap}m",
            f"-Xmx{heap}m",
            f"-XX:MaxDirectMemorySize={off_heap + memory('network', 'max')}m",
            f"-XX:MaxMetaspaceSize={memory('jvm-metaspace')}m",
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            f"--configDir={flink_folder(self.settings) / 'conf'}",
            f"-D{METRICS_PORT}={self._metrics_port}",
            f"-Dtaskmanager.resource-id={self.name}",  # by which the web UI and `is_ready` know it
        ]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **embedded_python_environment()}

    def is_ready(self) -> bool:
        answer = _answer(self.settings, "taskmanagers") or {"taskmanagers": []}
        return any(
            each["id"] == self.name and each["slotsNumber"] > 0 for each in answer["taskmanagers"]
        )

    @property
    def reads(self) -> tuple[Path, ...]:
        return (*super().reads, PYTHON, self.settings.model_folder)

    @property
    def reads_all(self) -> bool:
        # Pictures by reference are their producer's alone.
        return bool(self.settings.reference_folder)

    @property
    def _metrics_port(self) -> int:
        return self.settings.ports.taskmanager_metrics_of(self._number)


def flink_folder(settings: Settings) -> Path:
    return settings.data_folder.resolve() / "flink"


def configuration(settings: Settings) -> Configuration:
    """Return flink-conf/config.yaml with this copy's addresses, ports, folders and Python."""
    host, ports, folder = settings.host, settings.ports, flink_folder(settings)
    return {
        **YAML(typ="safe").load(CONFIGURATION / "config.yaml"),
        "jobmanager.rpc.address": host,
        "jobmanager.rpc.port": ports.flink_rpc,
        "jobmanager.bind-host": host,
        "taskmanager.host": host,
        "taskmanager.bind-host": host,
        "rest.address": host,
        "rest.bind-address": host,
        # No rest.bind-port, which is the same by itself: SQL gateways would want to bind it too.
        "rest.port": ports.flink,
        "blob.server.port": ports.flink_blob,
        "execution.checkpointing.interval": f"{settings.checkpoint_interval_ms} ms",
        "execution.checkpointing.dir": (folder / "checkpoints").as_uri(),
        "execution.checkpointing.savepoint-dir": (folder / "savepoints").as_uri(),
        "io.tmp.dirs": str(folder / "temporary"),
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
    }


def write_configuration(settings: Settings) -> None:
    """Make Flink's conf and lib folders; all servers and the client use them.

    A file with the right content is not touched: a server may be reading it.
    """
    folder = flink_folder(settings)
    for name in ("conf", "lib", "temporary", "checkpoints", "savepoints"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with _writing:
        text = StringIO()
        YAML(typ="safe").dump(configuration(settings), text)
        config = folder / "conf" / "config.yaml"
        if not config.exists() or config.read_text() != text.getvalue():
            config.write_text(text.getvalue())
        write_loopback_class(folder)
        write_rest_door(folder)
        links = {folder / "lib" / jar.name: jar for jar in _jars(settings)}
        for link in set((folder / "lib").iterdir()) - links.keys():
            link.unlink()  # of an older version
        for link, jar in links.items():
            if not (link.is_symlink() and link.readlink() == jar):
                link.unlink(missing_ok=True)
                link.symlink_to(jar)


def flink_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of Flink's servers, its client and its Python workers."""
    folder = flink_folder(settings)
    return {
        "FLINK_HOME": str(DISTRIBUTION),
        "FLINK_CONF_DIR": str(folder / "conf"),
        "FLINK_LIB_DIR": str(folder / "lib"),
        "FLINK_OPT_DIR": str(DISTRIBUTION / "opt"),
        "FLINK_PLUGINS_DIR": str(DISTRIBUTION / "plugins"),
        "FLINK_BIN_DIR": str(DISTRIBUTION / "bin"),
        "JAVA_HOME": str(java_home()),
    }


def embedded_python_environment() -> dict[str, str]:
    """Return the environment in which a task manager finds this Python and this copy's code.

    Python that runs inside the task manager takes notice of no virtual environment and of none of
    its .pth files, which would lead to an editable install.
    """
    paths = [str(PROJECT_FOLDER), sysconfig.get_path("purelib"), os.environ.get("PYTHONPATH")]
    return {
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


def java(
    settings: Settings, jars: Iterable[Path] = (), *, log_to: Path = LOG_TO_OUTPUT
) -> list[str]:
    """Return a Java command with Flink's classes; the caller adds memory and main class.

    `jars` are those that the servers don't need.
    """
    options = configuration(settings)["env.java.opts.all"].split()
    return [
        str(java_home() / "bin" / "java"),
        *FAST_START,
        *options,
        f"-Dlog4j.configurationFile={log_to.as_uri()}",
        "-classpath",
        ":".join(
            [
                f"{flink_folder(settings) / 'lib'}/*",
                str(rest_door(flink_folder(settings))),
                *map(str, jars),
            ]
        ),
    ]


def _jars(settings: Settings) -> Iterable[Path]:
    yield from (DISTRIBUTION / "lib").glob("*.jar")
    # Python operators need it on the cluster; a job can't bring it along (docs/decisions).
    yield from (DISTRIBUTION / "opt").glob("flink-python-*.jar")
    yield from (fetch(settings) / "flink").glob("*.jar")


def _memory(config: Configuration, server: str) -> Any:
    def megabytes(part: str, bound: str = "size") -> int:
        value = str(config[f"{server}.memory.{part}.{bound}"])
        match = re.fullmatch(r"(\d+) ?mb?", value)
        if match is None:
            raise ValueError(f"{server}.memory.{part}.{bound}: {value} is not like '64 mb'")
        return int(match.group(1))

    return megabytes


def _answer(settings: Settings, path: str) -> dict[str, Any] | None:
    try:
        answer = requests.get(f"{settings.flink}/{path}", timeout=2)
        return answer.json() if answer.ok else None
    except (requests.RequestException, ValueError):
        return None
