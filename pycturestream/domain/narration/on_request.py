"""What is there now: the answer to a listener who asks.

By what the newest picture shows, also for the first time: they don't want to wait for another one.
"""

from collections.abc import Iterable

from pycturestream.domain.cameras.camera import Verbosity
from pycturestream.domain.frames.picture_measure import PictureFault
from pycturestream.domain.narration.grouping import groups_of, narrated
from pycturestream.domain.narration.sentence import (
    WORD_LIMITS,
    Group,
    Sentence,
    within,
)
from pycturestream.domain.tracking.scene import NarratedObject

DESCRIPTION_LIMIT = 60
"""Words of a full description: some twenty seconds."""


def answer(
    in_view: Iterable[NarratedObject],
    *,
    verbosity: Verbosity = "normal",
    labels: Iterable[str] = (),
    fault: PictureFault = "",
) -> Sentence:
    """Return the most important groups, whatever was told before."""
    groups = groups_of(narrated(in_view, labels))
    return _sentence(within(groups, WORD_LIMITS[verbosity]), fault)


def describe(in_view: Iterable[NarratedObject], *, fault: PictureFault = "") -> Sentence:
    """Return everything that is in view but faces, each label in each sector by itself."""
    groups = groups_of(narrated(in_view, ()), merged=False)
    return _sentence(within(groups, DESCRIPTION_LIMIT), fault)


def _sentence(groups: tuple[Group, ...], fault: PictureFault) -> Sentence:
    return Sentence("groups", groups) if groups else Sentence(fault or "nothing")
