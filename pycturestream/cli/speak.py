"""`pycturestream speak`: a person hears a camera."""

import select
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from pycturestream.application.speaking import Commentary, Listener, Report, Speaker
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.output import AsJson, errors, print_json, print_line
from pycturestream.cli.watch import OutageLines, pushed_records
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.detector.registry import read_description
from pycturestream.domain.cameras.camera import Camera, Places, Verbosity
from pycturestream.domain.narration.sentence import may_be_spoken
from pycturestream.domain.times import Millis, format_span, parse_rfc3339, rfc3339
from pycturestream.errors import CommandError, UsageError
from pycturestream.languages.catalog import Language
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.languages.phrases import noun
from pycturestream.log.cameras import known_cameras
from pycturestream.signals import ends_as
from pycturestream.speech.synthesizer import find_synthesizer
from pycturestream.speech.voice import Loudspeaker, Voice, WavFile, WavFolder
from pycturestream.stores.redis_view import RedisView

WORDS_A_MINUTE = 170
"""As people talk. Who is used to a screen reader may like twice that."""
TICK_S = 0.05
"""How often it looks whether a sentence has ended, or somebody asks: nobody hears such a pause."""
OUTCOMES = {"spoken": "spoken", "replaced": "replaced by a newer sentence", "outdated": "too old"}
"""What becomes of sentences."""


def speak(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    *,
    language: Annotated[
        Language | None,
        typer.Option(help="Default: the camera's, and so are its places and verbosity."),
    ] = None,
    places: Annotated[
        Places | None, typer.Option(help="`on the left`, or `at ten o'clock`.")
    ] = None,
    verbosity: Annotated[
        Verbosity | None, typer.Option(help="Of a sentence: about 7, 13 or 26 words at most.")
    ] = None,
    find: Annotated[
        str,
        typer.Option(metavar="LABEL", help="Find one thing: where it is, and the way to it."),
    ] = "",
    now: Annotated[bool, typer.Option("--now", help="Say what is there now, and end.")] = False,
    describe: Annotated[
        bool, typer.Option("--describe", help="Say everything that is there now, and end.")
    ] = False,
    wav: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Write instead of playing: one file if it ends in .wav, else a folder of them.",
        ),
    ] = None,
    rate: Annotated[int, typer.Option(min=80, max=450, help="Words a minute.")] = WORDS_A_MINUTE,
    as_json: AsJson = False,
) -> None:
    """Speak what a camera sees, in the listener's language, until Ctrl-C.

    Enter asks what is there now. Each sentence is printed with the time from its picture to the
    start of speech.

    Example: `pycturestream speak gate --language de`
    """
    if now + describe + bool(find) > 1:
        raise UsageError("choose one of --now, --describe and --find")
    with error_mapping(settings()):
        use_words_of_model(settings().model_folder / settings().model)
        own = Camera(camera) if language else _camera(camera)
        listener = Listener(
            language=language or own.language,
            places=places or own.places,
            verbosity=verbosity or own.verbosity,
            labels=own.narrated_labels,
            find=_label(find, language or own.language) if find else "",
        )
        if not (own.narration or now or describe):
            line = f"warning: narration of {camera} is switched off: only answers are spoken"
            errors.print(line, soft_wrap=True, highlight=False, markup=False)
        limit_ms = settings().spoken_within_ms
        commentary = Commentary(listener, limit_ms, settings().offline_after_ms)
        clock, printer = SystemClock(), _Printer(as_json=as_json)
        with (
            ends_as(signal.default_int_handler),  # a player must not go on without the command
            _voice(wav, rate) as voice,
            closing(RedisView(settings())) as view,
            closing(Speaker(voice, clock, limit_ms, printer.print)) as speaker,
        ):
            if now or describe:
                commentary.latest = view.latest(camera)
                _require_recent(view, camera, commentary.latest, clock.now())
                speaker.offer(commentary.answer(clock.now(), fully=describe))
                speaker.finish()
            else:
                _follow(view, camera, commentary, speaker, clock, printer)


def _follow(
    view: RedisView,
    camera: str,
    commentary: Commentary,
    speaker: Speaker,
    clock: SystemClock,
    printer: "_Printer",
) -> None:
    """Speak what is pushed about a camera, and answer, until KeyboardInterrupt."""
    outages = OutageLines(quiet=printer.as_json)
    try:
        records = pushed_records(view, [camera], outages.tell, tick_s=TICK_S)
        next(records)  # subscribed: between the newest record and what is pushed, nothing is missed
        commentary.latest = view.latest(camera)
        if first := commentary.start(clock.now()):
            speaker.offer(first)
        for pushed in records:
            if said := commentary.heard(pushed, clock.now()):
                speaker.offer(said)
            if _is_asked():
                speaker.offer(commentary.answer(clock.now()))
            speaker.advance()
    finally:
        printer.sum_up()


def _is_asked() -> bool:
    """Whether somebody has pressed Enter in the terminal."""
    terminal = sys.stdin
    if terminal is None or terminal.closed or not terminal.isatty():
        return False
    return bool(select.select([terminal], [], [], 0)[0] and terminal.readline())


def _camera(camera_id: str) -> Camera:
    """Return the settings of a camera; the defaults for one that no file names."""
    return decode_camera_or_default(known_cameras(settings()).get(camera_id), camera_id)


def _label(word: str, language: str) -> str:
    """Return the label that a word means, as the model has it or in the language of the listener.

    Raises UsageError for what the model doesn't know.
    """
    labels = read_description(settings().model_folder / settings().model).labels
    words = {noun(label, language).lower(): label for label in labels}
    words |= {label.lower(): label for label in labels}
    if word.lower() in words:
        return words[word.lower()]
    alike = get_close_matches(word.lower(), words, n=1)
    raise UsageError(
        f"--find {word}: {f'did you mean {alike[0]}? ' if alike else ''}"
        f"The model {settings().model} knows only the labels in "
        f"{settings().model_folder / settings().model / 'labels.txt'}"
    )


def _require_recent(
    view: RedisView, camera: str, latest: Mapping[str, Any] | None, now: Millis
) -> None:
    """Raise CommandError where the newest picture of a camera is too old to be spoken of."""
    if latest is None:
        known = ", ".join(view.cameras()) or "no camera has been seen yet"
        raise CommandError(f"no record of camera {camera}; known cameras: {known}")
    captured_at = parse_rfc3339(latest["captured_at"])
    if not may_be_spoken(captured_at, now, settings().spoken_within_ms):
        raise CommandError(
            f"the newest picture of {camera} is {format_span(now - captured_at)} old"
        )


def _voice(wav: Path | None, rate: int) -> Voice:
    synthesizer = find_synthesizer(rate)
    if wav is None:
        return Loudspeaker(synthesizer)
    if wav.suffix.lower() == ".wav":
        return WavFile(synthesizer, wav)
    return WavFolder(synthesizer, wav)


@dataclass(slots=True)
class _Printer:
    """Prints what becomes of each sentence, and counts it."""

    as_json: bool
    counts: Counter[str] = field(default_factory=Counter)

    def print(self, report: Report) -> None:
        said = report.utterance
        self.counts[report.outcome] += 1
        if self.as_json:
            record = {
                "captured_at": rfc3339(said.captured_at),
                "frame_id": said.frame_id,
                "language": said.language,
                "text": said.text,
                "urgency": said.urgency,
                "outcome": report.outcome,
                "age_ms": report.age_ms,
            }
            print_json([record])
            return
        parts = [when(rfc3339(said.captured_at)), f"{report.age_ms:5} ms", said.text]
        if report.outcome != "spoken":
            parts.append(f"(not spoken: {OUTCOMES[report.outcome]})")
        print_line("  ".join(parts))

    def sum_up(self) -> None:
        if self.counts and not self.as_json:
            parts = [f"{self.counts[outcome]} {words}" for outcome, words in OUTCOMES.items()]
            errors.print(", ".join(parts), soft_wrap=True, highlight=False)
