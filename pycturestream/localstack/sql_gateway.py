"""Runs statements of Flink SQL on the cluster, through a gateway that lives as long as they do.

The gateway is Flink's own: it plans a statement, submits it as a job, and hands out what comes
back, with types, over REST. It needs three seconds to start and 300 MB.
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
from pycturestream.localstack.errors import StackError
from pycturestream.localstack.fetch import fetch
from pycturestream.localstack.flink import (
    DISTRIBUTION,
    flink_environment,
    java,
    write_configuration,
)
from pycturestream.localstack.processes import MARK
from pycturestream.localstack.submit import complaint

START_PATIENCE_S = 180.0
"""Four seconds on two idle cores; a loaded machine is far slower."""
END_PATIENCE_S = 10.0
REQUEST_TIMEOUT_S = 60.0
POLL_S = 0.1
API = "v2"
"""The first that hands out rows as plain JSON."""
QUIET: Final = (OSError, requests.RequestException)


class StatementError(StackError):
    """Flink refused a statement, or its job failed. The message is the cause, in one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave: rows of JSON values, times among them as RFC 3339."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def records(self) -> Iterator[Mapping[str, Any]]:
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


class SqlSession:
    """A conversation in which what one statement declares is known to the next."""

    def __init__(self, address: str) -> None:
        self._gateway = address
        self._session = f"/sessions/{self._ask('POST', '/sessions', {})['sessionHandle']}"

    def run(self, statement: str) -> Answer | None:
        """Run a statement to its end; None where it has nothing to tell, such as SET or CREATE.

        Raises StatementError.
        """
        asked = self._ask("POST", f"{self._session}/statements", {"statement": statement})
        operation = f"{self._session}/operations/{asked['operationHandle']}"
        try:
            return self._collect(f"{operation}/result/0?rowFormat=JSON")
        finally:
            with suppress(*QUIET):
                requests.delete(f"{self._gateway}/{API}{operation}/close", timeout=END_PATIENCE_S)

    def close(self) -> None:
        """End the conversation; a job that still runs for it is cancelled."""
        with suppress(*QUIET):
            requests.delete(f"{self._gateway}/{API}{self._session}", timeout=END_PATIENCE_S)

    def _collect(self, page: str) -> Answer | None:
        columns: tuple[str, ...] = ()
        rows: list[Sequence[Any]] = []
        while True:
            told = self._ask("GET", page)
            if told["resultType"] != "NOT_READY" and told["resultKind"] != "SUCCESS":
                columns = tuple(column["name"] for column in told["results"]["columns"])
                new = [row["fields"] for row in told["results"]["data"]]
                rows += new
            else:
                new = []
            following = told.get("nextResultUri")
            if told["resultType"] == "EOS" or following is None:
                return Answer(columns, rows) if columns else None
            page = re.sub(r"^/v\d+", "", following)
            if not new:
                time.sleep(POLL_S)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = requests.request(
            method, f"{self._gateway}/{API}{path}", json=body, timeout=REQUEST_TIMEOUT_S
        )
        told = answer.json()
        if not answer.ok:
            raise StatementError(root_cause("\n".join(told["errors"])))
        return told


def root_cause(trace: str) -> str:
    """Return the line of a Java stack trace that tells most, without the exception's name.

    That is the innermost cause, or the innermost one that says where in the statement.
    """
    causes = re.findall(r"^(?:Caused by: )?(?:[a-z]\w*\.)+[A-Z][\w$]*: (.+)$", trace, re.MULTILINE)
    placed = [cause for cause in causes if ", column " in cause]
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    return str(next(iter([*placed[-1:], *causes[-1:], *lines]), "without a word"))


@contextmanager
def sql_session(settings: Settings) -> Iterator[SqlSession]:
    """Start a gateway, yield a session on it, and end both.

    Raises StackError when the gateway does not start.
    """
    write_configuration(settings)
    log = settings.data_folder.resolve() / "logs" / "sql-gateway.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    port = _free_port(settings.host)
    address = f"http://{settings.host}:{port}"
    endpoint = "-Dsql-gateway.endpoint.rest"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [
                *java(settings, sql_jars(settings)),
                "-Xmx384m",
                "org.apache.flink.table.gateway.SqlGateway",
                f"{endpoint}.address={settings.host}",
                f"{endpoint}.bind-address={settings.host}",
                f"{endpoint}.port={port}",
                # Whoever asks and is killed leaves no query behind for long.
                "-Dsql-gateway.session.idle-timeout=1min",
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=sql_environment(settings),
            # Ctrl-C is for us: the gateway has still to cancel the query.
            start_new_session=True,
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
    """Return the jars that SQL needs beside Flink's own; the package lacks the gateway's."""
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
    deadline = time.monotonic() + START_PATIENCE_S
    while True:
        with suppress(*QUIET):
            if requests.get(f"{address}/{API}/info", timeout=END_PATIENCE_S).ok:
                return
        if gateway.poll() is not None or time.monotonic() > deadline:
            cause = complaint(log.read_text("utf-8", errors="replace"))
            raise StackError(f"Flink's SQL gateway did not start: {cause} (log: {log})")
        time.sleep(POLL_S)


def _end(gateway: subprocess.Popen[bytes]) -> None:
    gateway.terminate()
    try:
        gateway.wait(END_PATIENCE_S)
    except subprocess.TimeoutExpired:
        gateway.kill()


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])
