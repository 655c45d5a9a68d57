"""`pycturestream load`: a steady load of real frames, for measurements."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from statistics import fmean
from typing import Annotated, Any

import typer

from producers.load import Load, Report, Schedule, encode_pictures
from producers.picture import SourceError
from producers.publisher import Publisher
from producers.source import SourceOptions, open_source
from pycturestream.cli.output import AsJson, errors, print_json
from pycturestream.cli.publish import summary
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import rfc3339
from pycturestream.errors import CommandError, UsageError
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted

CLIP = PROJECT_FOLDER / "samples" / "plaza.mp4"
STATUS_INTERVAL_S = 1.0


def load(
    cameras: Annotated[int, typer.Option(min=1, max=10_000, help="How many cameras.")],
    fps: Annotated[float, typer.Option(min=0.001, help="Frames a second of each of them.")],
    seconds: Annotated[
        float | None, typer.Option(min=0.001, help="How long; default: until Ctrl-C.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            help="Where its pictures come from, as for `publish`; the first 64 are used.",
            show_default="samples/plaza.mp4",
        ),
    ] = str(CLIP),
    seed: Annotated[int, typer.Option(help="Of the random offsets of the cameras' clocks.")] = 0,
    prefix: Annotated[str, typer.Option(help="Cameras are named PREFIX-01, PREFIX-02 …")] = "load",
    *,
    as_json: AsJson = False,
) -> None:
    """Publish real frames of many cameras at a steady rate, live, for measurements.

    Frames are encoded before the start. Each is scheduled by the clock and carries the time
    at which it was due, however late it was sent: the lag says how late.

    Example: `pycturestream load --cameras 8 --fps 2 --seconds 60`
    """
    if not is_camera_id(f"{prefix}-{cameras:02}"):
        raise UsageError(
            f"--prefix {prefix}: expected up to 58 of A-Z a-z 0-9 . _ -, "
            "starting with a letter or digit"
        )
    configure_logs(settings().log_format)
    schedule = Schedule(cameras, fps, float("inf") if seconds is None else seconds, seed)
    with until_interrupted() as stop:
        clock = SystemClock(stop)
        try:
            jpegs = encode_pictures(open_source(source, SourceOptions("replay")), settings(), clock)
        except SourceError as error:
            raise CommandError(str(error)) from error
        publisher = Publisher(settings(), "live", clock)
        try:
            if not publisher.connect():
                raise CommandError(
                    f"Kafka at {settings().kafka} does not answer: start the stack with "
                    "`pycturestream up`"
                )
            work = Load(schedule, jpegs, publisher, prefix)
            _run(work, clock)
        finally:
            publisher.close()
    if as_json:
        print_json([as_record(work.report(), jpegs)])
    else:
        print(sentence(work.report()))


def sentence(report: Report) -> str:
    """Return the report in words."""
    lag = ", ".join(f"{name} {ms:.1f} ms" for name, ms in report.lag_ms().items())
    return (
        f"{report.sent} sent in {report.seconds:.1f} s ({report.rate:.1f}/s, late {lag}): "
        f"{summary(report.total)}"
    )


def as_record(report: Report, jpegs: Sequence[bytes]) -> dict[str, Any]:
    """Return the report as a JSON record, with the counts of each camera."""
    return {
        "seconds": round(report.seconds, 3),
        "started_at": rfc3339(report.started_at),
        "sent": report.sent,
        "rate": round(report.rate, 2),
        "lag_ms": report.lag_ms(),
        "picture_bytes": round(fmean(map(len, jpegs))),
        "published": report.total.published,
        "dropped": report.total.dropped,
        "cameras": {
            camera_id: {"published": counts.published, "dropped": counts.dropped}
            for camera_id, counts in report.counts.items()
        },
    }


def _run(work: Load, clock: SystemClock) -> None:
    """Run the load in a thread of its own, and show its progress."""
    with ThreadPoolExecutor(1) as pool, errors.status("starting", spinner="line") as status:
        running = pool.submit(work.run, clock)
        while not running.done():
            wait([running], STATUS_INTERVAL_S)
            status.update(sentence(work.report()))
        running.result()
