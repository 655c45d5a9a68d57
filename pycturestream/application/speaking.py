"""What a listener of a camera hears: its sentences in their language, as records come in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from pycturestream.clock import Clock
from pycturestream.contracts.detections import DetectionsRecord, fault_in_view, objects_in_view
from pycturestream.contracts.narrations import NarrationRecord
from pycturestream.domain.cameras.camera import Places, Verbosity
from pycturestream.domain.narration import finding, on_request, speaking
from pycturestream.domain.narration.sentence import WORD_LIMITS, Sentence, may_be_spoken, within
from pycturestream.domain.narration.speaking import (
    CANNOT_WAIT,
    Speaking,
    Utterance,
    urgency_of,
)
from pycturestream.domain.narration.wording import in_words
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.languages import catalog
from pycturestream.speech.voice import Speech, Voice
from pycturestream.stores.redis_view import Pushed

Json = Mapping[str, Any]
Outcome = Literal["spoken", "replaced", "outdated"]
POLL_S = 0.02
"""How often somebody who waits for the end of a sentence looks."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What somebody wants to hear."""

    language: str = catalog.DEFAULT_LANGUAGE
    places: Places = "sectors"
    verbosity: Verbosity = "normal"
    labels: tuple[str, ...] = ()
    """Of answers: only objects of these labels; none named: all but faces."""
    find: str = ""
    """A label: the way to it instead of descriptions."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a sentence, and when."""

    utterance: Utterance
    outcome: Outcome
    age_ms: int
    """From when its picture was captured to the start of speech, or to when it was given up."""


class Speaker:
    """Speaks one sentence at a time, as `domain.narration.speaking` decides.

    Somebody calls `advance` several times a second: there is no thread.
    """

    def __init__(
        self, voice: Voice, clock: Clock, limit_ms: int, report: Callable[[Report], None]
    ) -> None:
        self._voice, self._clock, self._limit_ms, self._report = voice, clock, limit_ms, report
        self._state = Speaking()
        self._speech: Speech | None = None

    def offer(self, new: Utterance) -> None:
        """Speak a sentence when its turn comes, or now. Raises ServiceError."""
        self._state, replaced = speaking.offer(self._state, new)
        if replaced:
            self._tell(replaced, "replaced")
        self.advance()

    def advance(self) -> None:
        """Begin what is due. Raises ServiceError where nothing can be heard."""
        is_over = self._speech is None or self._speech.is_over()
        turn = speaking.advance(
            self._state, self._clock.now(), is_over=is_over, limit_ms=self._limit_ms
        )
        self._state = turn.state
        if is_over:
            self._speech = None
        if turn.outdated:
            self._tell(turn.outdated, "outdated")
        if turn.begun:
            self.close()
            self._speech = self._voice.speak(turn.begun)
            self._tell(turn.begun, "spoken")

    def finish(self) -> None:
        """Return when all has been spoken. Raises ServiceError."""
        while self._state.spoken or self._state.waiting:
            self.advance()
            self._clock.sleep(POLL_S)

    def close(self) -> None:
        """Cut short what is being spoken."""
        if self._speech:
            self._speech.stop()
        self._speech = None

    def _tell(self, utterance: Utterance, outcome: Outcome) -> None:
        age_ms = self._clock.now() - utterance.captured_at
        self._report(Report(utterance, outcome, age_ms))


class Commentary:
    """Turns the records of one camera into sentences for one listener."""

    def __init__(self, listener: Listener, limit_ms: int, silent_after_ms: int) -> None:
        """Take how old a picture may be, and after what time without one that is said."""
        self._listener = listener
        self._limit_ms, self._silent_after_ms = limit_ms, silent_after_ms
        self.latest: Json | None = None
        """The newest detections record. Whoever begins to listen reads the first from Redis."""
        self._found = finding.FindState()
        self._seen_at: Millis = 0
        """When the last picture came that may be spoken of."""
        self._silent = False
        """Whether the listener knows that no picture comes."""

    def start(self, now: Millis) -> Utterance | None:
        """Return the first sentence: what is there now, unless something is to be found."""
        self._seen_at, self._silent = now, not self._is_fresh(self.latest, now)
        if self._listener.find and not (self._silent or self._shows_nothing()):
            return None
        return self.answer(now)

    def answer(self, now: Millis, *, fully: bool = False) -> Utterance:
        """Return what the newest picture shows, or that there is no recent one."""
        if self.latest is None or not self._is_fresh(self.latest, now):
            return self._no_picture(now)
        record = msgspec.convert(self.latest, DetectionsRecord)
        in_view = objects_in_view(record)
        fault = fault_in_view(record)
        if fully:
            sentence = on_request.describe(in_view, fault=fault)
        else:
            sentence = on_request.answer(
                in_view,
                verbosity=self._listener.verbosity,
                labels=self._listener.labels,
                fault=fault,
            )
        return self._utterance(sentence, record, CANNOT_WAIT)

    def heard(self, pushed: Pushed | None, now: Millis) -> Utterance | None:
        """Return what the listener hears of a record that was pushed; None: nothing was."""
        if pushed is not None and pushed.channel == "narrations":
            return self._narrated(pushed.record)
        if pushed is not None and pushed.channel == "detections":
            self.latest = pushed.record
            if self._is_fresh(pushed.record, now):
                return self._detected(pushed.record, now)
        return self._waited(now)

    def _narrated(self, pushed: Json) -> Utterance | None:
        """Return a sentence of the camera in the listener's words, if they are to hear it.

        Whoever looks for something hears only what can't wait, and why nothing can be found.
        """
        record = msgspec.convert(pushed, NarrationRecord)
        sentence, urgency = record.sentence, urgency_of(record.priority, record.groups)
        if self._listener.find and not (urgency or sentence.is_about_picture):
            return None
        if sentence.kind == "groups" and not sentence.groups:  # of an older program
            return Utterance(
                record.text,
                record.language,
                record.frame_id,
                parse_rfc3339(record.captured_at),
                urgency,
            )
        groups = within(sentence.groups, WORD_LIMITS[self._listener.verbosity])
        return self._utterance(Sentence(sentence.kind, groups), record, urgency)

    def _detected(self, pushed: Json, now: Millis) -> Utterance | None:
        """Return the way to what is to be found, or what is there when pictures come again."""
        was_silent, self._seen_at, self._silent = self._silent, now, False
        if self._listener.find:
            record = msgspec.convert(pushed, DetectionsRecord)
            captured_at = parse_rfc3339(record.captured_at)
            self._found, sentence = finding.step(
                self._found, self._listener.find, objects_in_view(record), captured_at
            )
            return self._utterance(sentence, record) if sentence else None
        return self.answer(now) if was_silent else None

    def _waited(self, now: Millis) -> Utterance | None:
        """Return that no picture comes any more, once: silence must not seem to mean safety."""
        if self._silent or now - self._seen_at < self._silent_after_ms:
            return None
        self._silent = True
        return self._no_picture(now)

    def _shows_nothing(self) -> bool:
        """Whether nothing can be seen in the newest picture."""
        record = msgspec.convert(self.latest, DetectionsRecord)
        return bool(fault_in_view(record)) and not record.objects

    def _is_fresh(self, record: Json | None, now: Millis) -> bool:
        return record is not None and may_be_spoken(
            parse_rfc3339(record["captured_at"]), now, self._limit_ms
        )

    def _no_picture(self, now: Millis) -> Utterance:
        language = self._listener.language
        text = catalog.text(language, "no-picture")
        return Utterance(text, language, "", now, CANNOT_WAIT)

    def _utterance(
        self, said: Sentence, record: DetectionsRecord | NarrationRecord, urgency: int = 0
    ) -> Utterance:
        return Utterance(
            in_words(said, self._listener.language, self._listener.places),
            self._listener.language,
            record.frame_id,
            parse_rfc3339(record.captured_at),
            urgency,
        )
