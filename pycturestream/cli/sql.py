"""`pycturestream sql`: queries in Flink SQL on the tables of the log."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any

import msgspec
import requests
import typer

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.output import AsJson, errors, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError, UsageError
from pycturestream.localstack.sql_client import run_client
from pycturestream.localstack.sql_files import FOLDER, TABLES, declarations, statements
from pycturestream.localstack.sql_gateway import Result, StatementError, sql_session


def sql(
    file: Annotated[
        typer.FileText | None,
        typer.Argument(
            encoding="utf-8",
            help="Statements to run; - reads standard input. Without it, the SQL client starts.",
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Query the log in Flink SQL: run a file and print the results, or start the SQL client.

    The tables of sql/tables.sql are declared: detections, counts, newest_counts, alerts,
    narrations, camera_events and frames. The folder sql/ has queries to begin with.

    Example: `pycturestream sql sql/attendance.sql`
    """
    if as_json and file is None:
        raise UsageError("--json needs a FILE: the SQL client prints no records")
    _check_cluster()
    if file is None:
        errors.print(_hint(), soft_wrap=True, highlight=False, markup=False)
        with error_mapping(settings()):
            raise typer.Exit(run_client(settings()))
    for result in _results(file.read(), file.name):
        if as_json:
            print_json(result.records())
        else:
            rows = ([_shown(value) for value in row] for row in result.rows)
            print_table(result.columns, rows, empty="no rows")


def _results(text: str, name: str) -> Iterator[Result]:
    with error_mapping(settings()), ExitStack() as held:
        with errors.status("starting Flink's SQL gateway …"):
            session = held.enter_context(sql_session(settings()))
            for statement in statements(declarations(settings())):
                session.run(statement)
        for number, statement in enumerate(statements(text), 1):
            try:
                with errors.status(f"running statement {number} of {name} …"):
                    result = session.run(statement)
            except StatementError as error:
                raise CommandError(f"{name}, statement {number}: {error}") from error
            if result:
                yield result


def _check_cluster() -> None:
    with error_mapping(settings()):
        requests.get(f"{settings().flink}/overview", timeout=5).raise_for_status()


def _hint() -> str:
    queries = sorted(file.name for file in FOLDER.glob("*.sql") if file != TABLES)
    return (
        "SHOW TABLES; lists the tables, QUIT; ends. "
        f"{FOLDER} has queries to begin with: {', '.join(queries)}"
    )


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
