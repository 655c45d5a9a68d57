"""`pycturestream erase`: removes what a camera saw in a time, everywhere."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from pycturestream.application import erasing
from pycturestream.cli.composition.erasing import places, selection
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.options import All, OneCamera, Since, Until
from pycturestream.cli.output import AsJson, errors, print_json, print_line, print_table
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.contracts.erasures import erasure_record
from pycturestream.domain.erasure import Erasure, PlaceReport
from pycturestream.domain.times import compact, rfc3339
from pycturestream.errors import CommandError, UsageError
from pycturestream.log.erasures import end_erasures, known_erasures, publish_erasure


def erase(
    *,
    camera: OneCamera,
    since: Since = None,
    until: Until = None,
    everything: All = False,
    reason: Annotated[
        str, typer.Option(help="Kept with the erasure, such as a request's number; no names.")
    ] = "",
    receipt: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE",
            help="Where to write what was erased, in numbers. Default: in the data folder.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be erased.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase what a camera saw in a time, everywhere, and see to it that it stays away.

    A record is erased if any moment that it tells of is. What the log can't delete is shown by
    nothing any more, and expires; the receipt says when. The command can be run again at any time.

    Example: `pycturestream erase --camera gate --since 2026-11-21T09:00:00Z --until 0s --dry-run`
    """
    chosen = selection(settings(), camera, since, until, everything=everything, reason=reason)
    everywhere = places(settings())
    if dry_run or not yes:
        if not (dry_run or sys.stdin.isatty()):
            raise UsageError("nobody can be asked here: give --yes, or --dry-run to count only")
        with errors.status("counting …") as status:
            found = erasing.count(chosen, everywhere, status.update)
        if dry_run:
            _show_count(chosen, found, as_json=as_json)
            return
        _show_places(found, "would be erased")
        typer.confirm(_question(chosen), abort=True, err=True)
    _erase(chosen, everywhere, receipt or _default_receipt(chosen), as_json=as_json)


def _erase(
    chosen: Erasure, everywhere: Sequence[erasing.Place], path: Path, *, as_json: bool
) -> None:
    chosen_settings, clock = settings(), SystemClock()
    _require_writable(path)
    try:
        with error_mapping(chosen_settings), errors.status("erasing …") as status:
            reports = erasing.erase(
                chosen,
                everywhere,
                partial(publish_erasure, chosen_settings),
                chosen_settings.store_timeout_ms,
                clock,
                status.update,
            )
            _end_expired(clock.now())
    except KeyboardInterrupt:
        errors.print(
            "interrupted: once written, the erasure holds; run the same command again to finish",
            soft_wrap=True,
        )
        raise
    holds_until = chosen.needed_until(chosen_settings.result_retention_ms)
    written = erasing.receipt(chosen, reports, holds_until, clock.now())
    path.write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=2) + b"\n")
    if as_json:
        print_json([written])
    else:
        _show_places(reports, "erased")
        print_line(f"the erasure holds until {when(rfc3339(holds_until))}; receipt: {path}")
    if not erasing.is_complete(reports):
        raise CommandError("not everything is erased: run the same command again")


def _end_expired(now: int) -> None:
    """End the erasures that nothing needs any more."""
    keep_ms = settings().result_retention_ms
    known = known_erasures(settings())
    if expired := [key for key, one in known.items() if one.needed_until(keep_ms) < now]:
        end_erasures(settings(), expired)


def _default_receipt(chosen: Erasure) -> Path:
    folder = settings().data_folder / "receipts"
    return folder / f"{chosen.key.replace(':', '_')}_{compact(chosen.asked_at)}.json"


def _require_writable(path: Path) -> None:
    """Find out before anything is erased whether the receipt can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError as error:
        raise CommandError(f"the receipt can't be written: {path}: {error.strerror}") from error


def _question(chosen: Erasure) -> str:
    since, until = rfc3339(chosen.since), rfc3339(chosen.until)
    return f"Erase what {chosen.camera_id} saw from {since} until {until}?"


def _show_count(chosen: Erasure, found: Sequence[PlaceReport], *, as_json: bool) -> None:
    if as_json:
        counted = [erasing.place_record(one) for one in found]
        print_json([{"erasure": erasure_record(chosen), "places": counted}])
    else:
        _show_places(found, "would be erased")
    if not erasing.is_complete(found):
        raise CommandError("not everything could be counted")


def _show_places(reports: Sequence[PlaceReport], erased: str) -> None:
    print_table(
        ("place", erased, "can't be deleted", "bytes gone by", "note"),
        (
            (
                one.place,
                _numbers(one.erased),
                _numbers(one.left),
                when(rfc3339(one.gone_at)) if one.gone_at else "",
                one.failure or one.note,
            )
            for one in reports
        ),
        empty="",
    )


def _numbers(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in found.items() if number) or "none"
