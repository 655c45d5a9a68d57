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
"""Flink's own for clients: the terminal is for statements and results."""


def run_client(settings: Settings) -> int:
    """Run Flink's SQL client with the tables declared; return its exit status.

    It reads from standard input and writes to standard output.
    """
    write_configuration(settings)
    log = settings.data_folder.resolve() / "logs" / "sql-client.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        tables = Path(folder) / "tables.sql"
        tables.write_text(declarations(settings), "utf-8")
        # Ctrl-C is for the client, which ends a query and not itself. Java would inherit an
        # ignored signal, but not a handler.
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
