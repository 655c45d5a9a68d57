"""One Elasticsearch node."""

from collections.abc import Mapping
from pathlib import Path

import requests
from ruamel.yaml import YAML

from pycturestream.localstack.fetch import fetch
from pycturestream.localstack.java import java_home
from pycturestream.localstack.server import Server
from pycturestream.localstack.server_names import ELASTICSEARCH
from pycturestream.stores.write_block import elasticsearch_write_block

HEAP_MB = 512
"""900 MB in all: enough for some million records of 2 kB."""

# The launcher asks for memory to be touched beforehand; ours may stay unused.
JVM_OPTIONS = f"""\
-Xms{HEAP_MB}m
-Xmx{HEAP_MB}m
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-Djava.io.tmpdir=${{ES_TMPDIR}}
-XX:-AlwaysPreTouch
-XX:+ExitOnOutOfMemoryError
"""

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.}%marker %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class ElasticsearchServer(Server):
    name = ELASTICSEARCH
    niceness = 5
    """A search may wait, a live result may not. A quarter of what others take is left to it."""

    @property
    def ports(self) -> Mapping[int, str]:
        ports = self.settings.ports
        return {
            ports.elasticsearch: "Elasticsearch",
            ports.elasticsearch_transport: "Elasticsearch's transport",
        }

    def prepare(self) -> None:
        for name in ("config", "data", "logs", "temporary"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        config = self.folder / "config"
        YAML().dump(self.configuration(), config / "elasticsearch.yml")
        (config / "jvm.options").write_text(JVM_OPTIONS)
        (config / "log4j2.properties").write_text(LOGGING)

    def configuration(self) -> dict[str, object]:
        """Return elasticsearch.yml. A setting that the server does not know is fatal."""
        return {
            "cluster.name": "pycturestream",
            "node.name": "local",
            "discovery.type": "single-node",
            "network.host": self.settings.host,
            "http.port": self.settings.ports.elasticsearch,
            "transport.port": self.settings.ports.elasticsearch_transport,
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            # Loopback only, without passwords: the local stack is for one user of one machine.
            "xpack.security.enabled": False,
            # A disk that is nearly full for other reasons must not make the indices read-only.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            # All that a look at the disk still does then, every 30 s unless told otherwise, is lift
            # a write block that somebody has set.
            "cluster.info.update.interval": "1h",
            # Counted by the heap in use, requests are refused at 95 %, garbage included, which the
            # serial collector clears only when the heap is full: it would never come to that.
            "indices.breaker.total.use_real_memory": False,
        }

    def command(self) -> list[str]:
        return [str(self._home() / "bin" / "elasticsearch")]

    def environment(self) -> dict[str, str]:
        return {
            "ES_JAVA_HOME": str(java_home()),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "temporary"),
            # The launcher is a JVM of its own that only waits.
            "CLI_JAVA_OPTS": "-Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "HOME": str(self.folder / "temporary"),
        }

    def is_ready(self) -> bool:
        try:
            health = requests.get(
                f"{self.settings.elasticsearch}/_cluster/health",
                params={"wait_for_status": "yellow", "timeout": "1s"},
                timeout=3,
            )
            return health.ok and not health.json()["timed_out"]
        except (requests.RequestException, ValueError):
            return False

    def write_block(self) -> str:
        return elasticsearch_write_block(self.settings)

    def _home(self) -> Path:
        (home,) = (fetch(self.settings) / "elasticsearch").glob("elasticsearch-*")
        return home
