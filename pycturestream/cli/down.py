"""`pycturestream down`: stops the local stack."""

from typing import Annotated

import typer

from pycturestream.cli.output import console
from pycturestream.cli.up import progress
from pycturestream.config.settings import settings
from pycturestream.localstack.stack import stop_stack, wipe


def down(
    *,
    wipe_data: Annotated[
        bool, typer.Option("--wipe", help="Delete all stored data; downloads stay.")
    ] = False,
) -> None:
    """Stop the servers that `up` started, and nothing else.

    Example: `pycturestream down --wipe`
    """
    stopped = stop_stack(settings(), progress())
    if wipe_data:
        wipe(settings())
    if not stopped:
        console.print("nothing is running")
    if wipe_data:
        console.print(f"data deleted in {settings().data_folder}", soft_wrap=True, highlight=False)
