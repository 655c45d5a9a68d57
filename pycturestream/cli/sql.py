"""`pycturestream sql`: questions in Flink SQL, to the tables of the log."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any

import msgspec
import requests
import typer

from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.output import AsJson, errors, print_json, print_table
from pycturestream.cli.stack_errors import stacking
from pycturestream.config.settings import settings
from pycturestream.localstack.sql_client import converse
from pycturestream.localstack.sql_files import FOLDER, TABLES, declarations, statements
from pycturestream.localstack.sql_gateway import Answer, StatementError, sql_session


def sql(
    file: Annotated[
        typer.FileText | None,
        typer.Argument(
            encoding="utf-8",
            help="Statements to run; - reads them from the input. Without: a conversation.",
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask the log in Flink SQL: run a file and print its answers, or talk with the SQL client.

    The tables of sql/tables.sql are declared: detections, counts, newest_counts, alerts,
    narrations, camera_events and frames. Queries to begin with are in the folder sql/.

    Example: `pycturestream sql sql/attendance.sql`
    """
    if as_json and file is None:
        raise UsageError("--json goes with a FILE: a conversation has no records")
    _check_cluster()
    if file is None:
        errors.print(_hint(), soft_wrap=True, highlight=False, markup=False)
        with stacking():
            raise typer.Exit(converse(settings()))
    for answer in _answers(file.read(), file.name):
        if as_json:
            print_json(answer.records())
        else:
            rows = ([_shown(value) for value in row] for row in answer.rows)
            print_table(answer.columns, rows, empty="no rows")


def _answers(text: str, name: str) -> Iterator[Answer]:
    with stacking(), ExitStack() as held:
        with errors.status("starting Flink's SQL gateway …"):
            session = held.enter_context(sql_session(settings()))
            for statement in statements(declarations(settings())):
                session.run(statement)
        for number, statement in enumerate(statements(text), 1):
            try:
                with errors.status(f"running statement {number} of {name} …"):
                    answer = session.run(statement)
            except StatementError as error:
                raise CommandError(f"{name}, statement {number}: {error}") from error
            if answer:
                yield answer


def _check_cluster() -> None:
    try:
        requests.get(f"{settings().flink}/overview", timeout=5).raise_for_status()
    except requests.RequestException as error:
        raise CommandError(
            f"no Flink at {settings().flink}: start the stack with `pycturestream up`"
        ) from error


def _hint() -> str:
    queries = sorted(file.name for file in FOLDER.glob("*.sql") if file != TABLES)
    return (
        "SHOW TABLES; tells what can be asked, QUIT; ends. "
        f"Queries to begin with are in {FOLDER}: {', '.join(queries)}"
    )


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
