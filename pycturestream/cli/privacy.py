"""`pycturestream privacy`: proves what is kept of pictures, and removes what is due."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress as Bars

from pycturestream.application.proving import Progress, no_progress, prove
from pycturestream.cli.output import AsJson, errors, print_json, print_line, print_table
from pycturestream.config.settings import settings
from pycturestream.errors import CommandError, ServiceError, UsageError
from pycturestream.localstack.clean_up import CleanUp
from pycturestream.localstack.left_folders import remove_left_folders
from pycturestream.localstack.stack import clean_stack
from pycturestream.privacy.proof import Advance, Finding, Report

OUTCOMES = {
    "clean": "no picture is where it may not be",
    "not allowed": "there are pictures where they may not be",
    "incomplete": "not everything could be searched, so nothing is proved",
}

app = typer.Typer(help="Prove what is kept of pictures; remove what is due.")


@app.command("prove")
def prove_command(
    *,
    folder: Annotated[
        list[Path] | None,
        typer.Option(help="Search this folder too, such as a volume of Docker."),
    ] = None,
    stores: Annotated[
        bool, typer.Option(help="Ask Elasticsearch and Redis for all that they hold.")
    ] = True,
    output: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Write the report there as JSON, and its checksum to FILE.sha256."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Search all that is stored for pictures, and say which of them may be there.

    The data folder with the log and Flink's checkpoints, the reference folder, temporary folders,
    Elasticsearch and Redis. The exit status is 1 if a picture is where it may not be, or if
    something could not be searched.

    Example: `pycturestream privacy prove --output proof.json`
    """
    for each in folder or ():
        if not each.is_dir():
            raise UsageError(f"--folder: {each} is no folder")
    with _bars() as progress:
        report = prove(settings(), folder or (), stores=stores, progress=progress)
    if output:
        _write(report, output)
    if as_json:
        print_json([{**msgspec.to_builtins(report), "sha256": report.checksum}])
    else:
        _show(report)
    if report.outcome != "clean":
        raise CommandError(OUTCOMES[report.outcome])


@app.command("clean")
def clean_command(*, as_json: AsJson = False) -> None:
    """Remove what is due: from the log of a stopped stack, and pictures by reference.

    Also data folders among the temporary files that killed tests and benchmarks left. For a timer,
    where neither `up` nor a producer may run again for long. It stops nothing, and removes nothing
    that is not due.

    Example: `pycturestream privacy clean`
    """
    done, failure = CleanUp(), None
    try:
        done = clean_stack(settings())
    except ServiceError as error:
        failure = error  # whatever it is, left folders are due all the same
    try:
        folders = remove_left_folders(settings().data_folder)
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    _show_removed(done, folders, failed=failure is not None, as_json=as_json)
    if failure:
        raise failure


def _show_removed(done: CleanUp, folders: list[Path], *, failed: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "segments": done.log.segments,
                    "bytes": done.log.bytes,
                    "references": done.references,
                    "folders": [str(each) for each in folders],
                }
            ]
        )
        return
    for each in folders:
        print_line(f"removed {each}, which nobody used")
    if done.sentence:
        print_line(done.sentence)
    if not folders and not done.sentence and not failed:
        print_line("nothing was due")


def _write(report: Report, output: Path) -> None:
    """Write the report, and beside it the checksum as `sha256sum --check` reads it."""
    checksum = output.with_name(f"{output.name}.sha256")
    try:
        output.write_bytes(report.encoded)
        checksum.write_text(f"{report.checksum}  {output.name}\n")
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error


def _show(report: Report) -> None:
    print_table(
        ("searched", "files", "MB"),
        ((each.what, each.files, f"{each.bytes / 1e6:.1f}") for each in report.searched),
        empty="nothing was searched",
    )
    print_table(
        ("pictures in", "", "number", "until", "the first"),
        (
            (each.where, _allowed(each), each.pictures, each.until, each.places[0])
            for each in report.found
        ),
        empty="no picture was found",
    )
    for each in report.not_searched:
        print_line(f"not searched: {each.what}: {each.why}")
    print_line(f"{report.began_at} to {report.ended_at}: {OUTCOMES[report.outcome]}")
    print_line(f"SHA-256 {report.checksum}")


def _allowed(found: Finding) -> str:
    return "allowed" if found.allowed else f"NOT ALLOWED: {found.why}"


@contextmanager
def _bars() -> Iterator[Progress]:
    """Yield what shows a bar for each part of the search, if the error output is a terminal."""
    if not errors.is_terminal:
        yield no_progress
        return
    with Bars(console=errors, transient=True) as bars:

        def begin(what: str, total: int) -> Advance:
            task = bars.add_task(what, total=total)
            return lambda searched: bars.advance(task, searched)

        yield begin
