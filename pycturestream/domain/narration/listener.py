"""What one listener of a camera hears of it, by what they have chosen."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Places, Verbosity
from pycturestream.domain.frames.picture_measure import PictureFault
from pycturestream.domain.narration import finding
from pycturestream.domain.narration.finding import FindState
from pycturestream.domain.narration.on_request import answer, describe
from pycturestream.domain.narration.sentence import Group, Sentence
from pycturestream.domain.times import Millis
from pycturestream.domain.tracking.scene import NarratedObject
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language

Mode = Literal["change", "quiet", "find"]
"""Sentences when something changes; only what is dangerous; the way to one thing, and what is
dangerous. In all of them also why nothing can be seen: silence must not seem to mean safety."""
Question = Literal["now", "all"]
"""What is there now, or everything that is in view."""

URGENT = 1
"""The priority of what comes closer: it interrupts, because it may be here before the sentence
that is being spoken ends."""


class Listener(Struct, frozen=True):
    """What a listener has chosen, and how far they have been led to what they look for."""

    language: Language = DEFAULT_LANGUAGE
    verbosity: Verbosity = "normal"
    places: Places = "sectors"
    mode: Mode = "change"
    find: str = ""
    """The label of what they look for; empty: nothing yet."""
    found: FindState = FindState()


def choose(listener: Listener, **choices: object) -> Listener:
    """Return the listener with other choices; whoever looks for something else begins anew."""
    chosen = replace(listener, **choices)
    looks_anew = (chosen.mode, chosen.find) != (listener.mode, listener.find)
    return replace(chosen, found=FindState()) if looks_anew else chosen


def hears(listener: Listener, said: Sentence) -> Sentence | None:
    """Return what the listener hears of a sentence about a change, if anything."""
    if listener.mode == "change" or said.is_about_picture:
        return said
    dangerous = tuple(group for group in said.groups if _is_dangerous(group))
    return replace(said, groups=dangerous) if dangerous else None


def led(
    listener: Listener, in_view: Iterable[NarratedObject], captured_at: Millis
) -> tuple[Listener, Sentence | None]:
    """Return the listener after a frame, and what leads them to what they look for, if anything."""
    if listener.mode != "find" or not listener.find:
        return listener, None
    found, said = finding.step(listener.found, listener.find, in_view, captured_at)
    return replace(listener, found=found), said


def answered(
    listener: Listener,
    question: Question,
    in_view: Iterable[NarratedObject],
    fault: PictureFault = "",
) -> Sentence:
    """Return the answer to a question, whatever was told before, in any mode.

    `fault` says why nothing can be seen in the picture, if so.
    """
    if question == "all":
        return describe(in_view, fault=fault)
    return answer(in_view, verbosity=listener.verbosity, fault=fault)


def urgency(said: Sentence) -> int:
    """Return the priority for an ear, 0 to 3: from 1 on it interrupts."""
    return max(said.priority, URGENT * any(map(_is_dangerous, said.groups)))


def _is_dangerous(group: Group) -> bool:
    return bool(group.danger or group.motion)
