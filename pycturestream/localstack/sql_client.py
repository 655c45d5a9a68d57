"""Flink's interactive SQL client, on the cluster of the settings."""

import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from pycturestream.config.settings import Settings
from pycturestream.localstack.flink import DISTRIBUTION, java, write_configuration
from pycturestream.localstack.sql_files import declarations
from pycturestream.localstack.sql_gateway import sql_environment, sql_jars

LOG_TO_FILE = DISTRIBUTION / "conf" / "log4j-cli.properties"
"""Flink's own for clients: the terminal is for the conversation."""


def converse(settings: Settings) -> int:
    """Let the user talk with Flink's SQL client; return its exit status.

    The tables are declared. It reads and writes the terminal, or whatever stands for it.
    """
    write_configuration(settings)
    log = settings.data_folder.resolve() / "logs" / "sql-client.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        tables = Path(folder) / "tables.sql"
        tables.write_text(declarations(settings), "utf-8")
        # Ctrl-C is for the client, which ends a query by it and not itself. Java would be deaf to
        # it had it been ignored before; a handler is not inherited.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run(
                [
                    *java(settings, sql_jars(settings), log_to=LOG_TO_FILE),
                    f"-Dlog.file={log}",
                    "-Xmx384m",
                    "org.apache.flink.table.client.SqlClient",
                    f"--history={settings.data_folder.resolve() / 'sql-history'}",
                    f"--init={tables}",
                ],
                check=False,
                env=sql_environment(settings),
            ).returncode
        finally:
            signal.signal(signal.SIGINT, before)
