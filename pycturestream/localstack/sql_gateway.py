"""Runs statements of Flink SQL on the cluster, through a gateway that is started for them.

The gateway is Flink's own: it plans a statement, submits it as a job, and returns the typed
results over REST. It needs three seconds to start and 300 MB.
"""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests

from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError
from pycturestream.localstack.fetch import fetch
from pycturestream.localstack.flink import (
    DISTRIBUTION,
    flink_environment,
    flink_folder,
    java,
    write_configuration,
)
from pycturestream.localstack.processes import MARK
from pycturestream.localstack.server import readable
from pycturestream.localstack.submit import root_cause
from pycturestream.localstack.unprivileged import OTHERS, hand_over, make_private, unprivileged

START_TIMEOUT_S = 180.0
"""Four seconds on two idle cores; a loaded machine is far slower."""
END_TIMEOUT_S = 10.0
REQUEST_TIMEOUT_S = 60.0
POLL_S = 0.1
API = "v2"
"""The first that returns rows as plain JSON."""
QUIET: Final = (OSError, requests.RequestException)


class StatementError(StackError):
    """Flink rejected a statement, or its job failed. The message is the cause, in one line."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a statement: rows of JSON values, times among them as RFC 3339."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def records(self) -> Iterator[Mapping[str, Any]]:
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


class SqlSession:
    """A session in which later statements know what earlier ones declared."""

    def __init__(self, address: str) -> None:
        self._gateway = address
        self._session = f"/sessions/{self._ask('POST', '/sessions', {})['sessionHandle']}"

    def run(self, statement: str) -> Result | None:
        """Run a statement to its end; None for one without a result, such as SET or CREATE.

        Raises StatementError.
        """
        started = self._ask("POST", f"{self._session}/statements", {"statement": statement})
        operation = f"{self._session}/operations/{started['operationHandle']}"
        try:
            return self._collect(f"{operation}/result/0?rowFormat=JSON")
        finally:
            with suppress(*QUIET):
                requests.delete(f"{self._gateway}/{API}{operation}/close", timeout=END_TIMEOUT_S)

    def close(self) -> None:
        """End the session; a job that still runs for it is cancelled."""
        with suppress(*QUIET):
            requests.delete(f"{self._gateway}/{API}{self._session}", timeout=END_TIMEOUT_S)

    def _collect(self, page: str) -> Result | None:
        columns: tuple[str, ...] = ()
        rows: list[Sequence[Any]] = []
        while True:
            fetched = self._ask("GET", page)
            if fetched["resultType"] != "NOT_READY" and fetched["resultKind"] != "SUCCESS":
                columns = tuple(column["name"] for column in fetched["results"]["columns"])
                new = [row["fields"] for row in fetched["results"]["data"]]
                rows += new
            else:
                new = []
            following = fetched.get("nextResultUri")
            if fetched["resultType"] == "EOS" or following is None:
                return Result(columns, rows) if columns else None
            page = re.sub(r"^/v\d+", "", following)
            if not new:
                time.sleep(POLL_S)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            response = requests.request(
                method, f"{self._gateway}/{API}{path}", json=body, timeout=REQUEST_TIMEOUT_S
            )
            content = response.json()
        except requests.RequestException as error:
            raise StackError(f"Flink's SQL gateway does not answer: {error}") from error
        if not response.ok:
            raise StatementError(statement_cause("\n".join(content["errors"])))
        return content


def statement_cause(trace: str) -> str:
    """Return the most useful line of a Java stack trace, without the exception's name.

    That is the innermost cause, or the innermost one that names a position in the statement.
    """
    causes = re.findall(r"^(?:Caused by: )?(?:[a-z]\w*\.)+[A-Z][\w$]*: (.+)$", trace, re.MULTILINE)
    placed = [cause for cause in causes if ", column " in cause]
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    return str(next(iter([*placed[-1:], *causes[-1:], *lines]), "no error message"))


@contextmanager
def sql_session(settings: Settings) -> Iterator[SqlSession]:
    """Start a gateway, yield a session on it, and end both.

    Raises StackError when the gateway does not start.
    """
    write_configuration(settings)
    hand_over(flink_folder(settings))
    log = settings.data_folder.resolve() / "logs" / "sql-gateway.log"
    port = _free_port(settings.host)
    address = f"http://{settings.host}:{port}"
    endpoint = "-Dsql-gateway.endpoint.rest"
    with (
        make_private(log).open("w") as output,
        subprocess.Popen(
            unprivileged(
                [
                    *java(settings, sql_jars(settings)),
                    "-Xmx384m",
                    "org.apache.flink.table.gateway.SqlGateway",
                    f"{endpoint}.address={settings.host}",
                    f"{endpoint}.bind-address={settings.host}",
                    f"{endpoint}.port={port}",
                    # A client that is killed leaves no query behind for long.
                    "-Dsql-gateway.session.idle-timeout=1min",
                ],
                readable(settings),
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=sql_environment(settings),
            # Ctrl-C is for us: the gateway still has to cancel the query.
            start_new_session=True,
            umask=OTHERS,
        ) as gateway,
    ):
        try:
            _wait(gateway, address, log)
            session = SqlSession(address)
            try:
                yield session
            finally:
                session.close()
        finally:
            _end(gateway)


def sql_jars(settings: Settings) -> list[Path]:
    """Return the jars that SQL needs on top of Flink's; the package lacks the gateway's."""
    return [
        *(DISTRIBUTION / "opt").glob("flink-sql-client-*.jar"),
        *(fetch(settings) / "sql").glob("*.jar"),
    ]


def sql_environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        **flink_environment(settings),
        MARK: str(settings.data_folder.resolve()),
    }


def _wait(gateway: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        with suppress(*QUIET):
            if requests.get(f"{address}/{API}/info", timeout=END_TIMEOUT_S).ok:
                return
        if gateway.poll() is not None or time.monotonic() > deadline:
            cause = root_cause(log.read_text("utf-8", errors="replace"))
            raise StackError(f"Flink's SQL gateway did not start: {cause} (log: {log})")
        time.sleep(POLL_S)


def _end(gateway: subprocess.Popen[bytes]) -> None:
    gateway.terminate()
    try:
        gateway.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        gateway.kill()


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])
