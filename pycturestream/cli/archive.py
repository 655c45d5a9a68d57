"""`pycturestream archive`: what the archive holds, whether it agrees, locks and retention."""

from collections import Counter, deque
from collections.abc import Iterator
from heapq import nlargest
from typing import Annotated

import msgspec
import typer
from kafka.errors import KafkaError

from pycturestream.application.archived_alerts import find_lock, lock_alert
from pycturestream.archive.archive import Archive
from pycturestream.archive.check import Check, Finding
from pycturestream.archive.locks import Lock, Locks, LockSigner
from pycturestream.archive.retention import Retention
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Limit, Since, Until, user_name
from pycturestream.cli.output import AsJson, print_json, print_line, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.contracts.archived import ArchivedRecord
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import ArchiveName, date
from pycturestream.domain.archive.retention import MEGABYTE
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import EARLIEST, LATEST, rfc3339
from pycturestream.errors import CommandError, ServiceError, UsageError
from pycturestream.log.archived import ArchivedWriter, logged_pictures
from pycturestream.log.cameras import known_cameras

app = typer.Typer(
    help="Show, check and lock archived pictures, and remove those that are due.",
    no_args_is_help=True,
)

AlertId = Annotated[str, typer.Argument(help="As `pycturestream alerts` shows it.")]


@app.command("list")
def list_pictures(
    *,
    camera: CameraId = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List archived pictures, the newest first.

    Example: `pycturestream archive list --camera gate --since 2h`
    """
    archive = _archive()
    cameras = [_camera_id(camera)] if camera else archive.cameras()
    begin, end = EARLIEST if since is None else since, LATEST if until is None else until
    newest: list[ArchiveName] = []
    for camera_id in cameras:
        found = archive.files(camera_id, date(begin), date(end))
        names = (files.name for files in found if files.is_described)
        wanted = (name for name in names if begin <= name.at < end)
        newest += deque(wanted, maxlen=limit)
    records = list(_described(archive, nlargest(limit, newest, key=lambda name: name.at)))
    if as_json:
        print_json(msgspec.to_builtins(record) for record in records)
        return
    print_table(
        ("taken", "camera", "why", "bytes", "until", "path"),
        (
            (
                when(record.captured_at),
                record.camera_id,
                ", ".join((*record.why, *filter(None, (record.reason,)))),
                record.size,
                when(record.expires_at),
                record.path or "not kept: it can't be blurred",
            )
            for record in records
        ),
        empty="no archived pictures",
    )


@app.command()
def check(
    *,
    camera: CameraId = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Remove what nothing describes or was changed, and have the log say what is there."
            " Locked pictures and files of others stay.",
        ),
    ] = False,
    log: Annotated[
        bool, typer.Option("--log/--no-log", help="Compare with the log in Kafka, too.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Check that descriptions, pictures, locks and the log agree; the status is 1 if they do not.

    Every picture is read, and its SHA-256 compared.

    Example: `pycturestream archive check --repair`
    """
    if repair and not log:
        raise UsageError("--repair writes to the log: leave out --no-log")
    of_camera = _camera_id(camera) if camera else None
    writer = ArchivedWriter(settings())
    with error_mapping(settings()):
        checking = Check(
            _archive(),
            (lambda: logged_pictures(settings(), of_camera)) if log else None,
            LockSigner(settings()).public_key,
            now(),
            settings().result_retention_ms,
            of_camera,
        )
        try:
            findings = list(checking.run(writer.write if repair else None))
        finally:
            writer.close()
    if as_json:
        print_json(msgspec.to_builtins(finding) for finding in findings)
    else:
        _show_findings(findings, checking)
    if left := sum(not finding.repaired for finding in findings):
        raise CommandError(f"{left} of {len(findings)} findings are not repaired")


@app.command()
def retention(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove pictures that are too old or too many by the settings of their cameras, now.

    The picture service does this every ten minutes while it runs.

    Example: `pycturestream archive retention --dry-run`
    """
    numbers, sizes = Counter[str](), Counter[str]()
    fault: Exception | None = None
    writer = ArchivedWriter(settings())
    with error_mapping(settings()):
        cleaning = Retention(_archive(), writer.write)
        try:
            archiving = _archiving()
        except KafkaError as error:
            # What is older than was planned goes all the same.
            archiving, fault = {}, error
        try:
            would = (held for held, _ in cleaning.due(archiving, now()))
            for held in would if dry_run else cleaning.run(archiving, now()):
                numbers[held.name.camera_id] += 1
                sizes[held.name.camera_id] += held.size
        except (KafkaError, ServiceError) as error:
            fault = error
        finally:
            writer.close()
    if numbers or not fault:
        _show_removed(numbers, sizes, dry_run=dry_run, as_json=as_json)
    if fault:
        with error_mapping(settings()):
            raise fault


@app.command()
def lock(
    alert_id: AlertId,
    *,
    reason: Annotated[str, typer.Option(help="Why they are kept, for the record.")],
    by: Annotated[
        str,
        typer.Option(help="Who locks them.", default_factory=user_name, show_default="you"),
    ],
    as_json: AsJson = False,
) -> None:
    """Lock the archived pictures of an alert: no retention removes them until they are unlocked.

    A signed manifest beside them holds the reason, and the checksum of each picture.

    Example: `pycturestream archive lock 'people:gate_20261121T090000125Z#0' --reason burglary`
    """
    # It loads what searches alerts.
    from pycturestream.cli.composition.alerts import alert_service  # noqa: PLC0415

    if not reason.strip():
        raise UsageError("say why they are locked: --reason 'burglary, case 4711'")
    with alert_service() as service:
        alert = service.alert(alert_id)
    with error_mapping(settings()):
        locked = lock_alert(
            _archive(), LockSigner(settings()), alert, reason=reason, by=by, now=now()
        )
    if as_json:
        print_json([msgspec.to_builtins(locked)])
    else:
        print_line(f"{len(locked.pictures)} pictures of {alert_id} are locked")


@app.command()
def unlock(alert_id: AlertId, *, as_json: AsJson = False) -> None:
    """Unlock the pictures of an alert: the retention of their camera applies again.

    Example: `pycturestream archive unlock 'people:gate_20261121T090000125Z#0'`
    """
    archive = _archive()
    found = find_lock(archive, alert_id)
    if found is None:
        raise CommandError(f"{alert_id} is not locked: `pycturestream archive locks` lists what is")
    Locks(archive).remove(found)
    if as_json:
        print_json([{"unlocked": alert_id, "pictures": len(found.pictures)}])
    else:
        print_line(f"{len(found.pictures)} pictures of {alert_id} are no longer locked")


@app.command()
def locks(*, camera: CameraId = None, as_json: AsJson = False) -> None:
    """List the alerts whose pictures are locked.

    Example: `pycturestream archive locks`
    """
    archive = _archive()
    cameras = [_camera_id(camera)] if camera else archive.cameras()
    found = [
        one
        for camera_id in cameras
        for _, one in Locks(archive).of(camera_id)
        if isinstance(one, Lock)  # a check reports the others
    ]
    if as_json:
        print_json(msgspec.to_builtins(one) for one in found)
        return
    print_table(
        ("locked", "camera", "pictures", "by", "reason", "alert"),
        (
            (
                when(one.locked_at),
                one.camera_id,
                len(one.pictures),
                one.by,
                one.reason,
                one.alert_id,
            )
            for one in found
        ),
        empty="nothing is locked",
    )


def _show_removed(
    numbers: Counter[str], sizes: Counter[str], *, dry_run: bool, as_json: bool
) -> None:
    """Print how many pictures are, or would be, removed, and their bytes; both by camera."""
    if as_json:
        print_json(
            {"camera_id": camera_id, "pictures": number, "bytes": sizes[camera_id]}
            for camera_id, number in sorted(numbers.items())
        )
        return
    print_table(
        ("camera", "would be removed" if dry_run else "removed", "MB"),
        (
            (camera_id, number, f"{sizes[camera_id] / MEGABYTE:.1f}")
            for camera_id, number in sorted(numbers.items())
        ),
        empty="nothing is due",
    )


def _archive() -> Archive:
    return Archive.of(settings())


def _camera_id(text: str) -> str:
    if not is_camera_id(text):
        raise UsageError(f"--camera {text[:80]}: no camera has such an id")
    return text


def _archiving() -> dict[str, Archiving | None]:
    return {
        name: decode_camera_or_default(data, name).archive
        for name, data in known_cameras(settings()).items()
    }


def _described(archive: Archive, names: list[ArchiveName]) -> Iterator[ArchivedRecord]:
    """Yield descriptions; a check reports those that can't be read."""
    for name in names:
        try:
            record = archive.find(name)
        except CodecError:
            continue
        if record:
            yield record


def _show_findings(findings: list[Finding], checking: Check) -> None:
    checked = checking.checked
    print_table(
        ("finding", "path", "detail", "repaired"),
        ((one.kind, one.path, one.detail, "yes" if one.repaired else "no") for one in findings),
        empty="everything agrees",
    )
    print_line(
        f"checked at {when(rfc3339(checking.now))}: pictures {checked.pictures} "
        f"({checked.bytes / MEGABYTE:.1f} MB), locks {checked.locks}"
    )
