"""What is said, without any language: groups of objects, their places, and what is dangerous."""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from pycturestream.domain.cameras.camera import Verbosity
from pycturestream.domain.frames.picture_measure import PictureFault
from pycturestream.domain.times import Millis
from pycturestream.languages.phrases import most_words, spoken

Kind = Literal["groups", "nothing", "dark", "blurred", "covered", "towards-left", "towards-right"]
"""Groups of objects; nothing is in view; what is wrong with the picture; where to turn."""
Place = Literal[
    "left",
    "center",
    "right",
    "top",
    "top left",
    "top center",
    "top right",
    "bottom",
    "bottom left",
    "bottom center",
    "bottom right",
    "several",
]
"""A sector, a whole column (`left`), a whole row (`top`), or several places."""
Motion = Literal["", "approaching"]

WORD_LIMITS: dict[Verbosity, int] = {"short": 7, "normal": 13, "full": 26}
"""Words of a sentence about several groups, in any language; 13 hold two groups in corners. They
take three seconds when espeak-ng speaks, at 170 words a minute, four where something approaches
(docs/decisions/0046), and are as much as anybody remembers while walking. One group is told
whatever its length: a zone may have a long name."""
SPOKEN_WITHIN_MS = 2_000
"""A walker has gone three steps by then: what an older picture shows is elsewhere."""


class Group(Struct, frozen=True):  # hashable: groups are keys
    """Objects of one label that are mentioned together."""

    count: Annotated[int, Meta(ge=1, le=65_535)]
    label: str
    """As the model names it; `object` in an alert about several labels."""
    place: Place
    hour: Annotated[int, Meta(ge=0, le=12)] = 0
    """The same on a clock face on which twelve is straight ahead; 0: it has no one hour."""
    zone: str = ""
    """Of the camera, where an alert is about it."""
    motion: Motion = ""
    danger: Annotated[int, Meta(ge=0, le=3)] = 0
    """The level of an alert that was raised, 1 to 3; 0: there is none."""
    sure: bool = True


class Sentence(Struct, frozen=True):
    """What is said at once."""

    kind: Kind
    groups: tuple[Group, ...] = ()
    """The most important first."""

    @property
    def priority(self) -> int:
        """0 for a description, 1 to 3 for the level of the worst alert in it."""
        return max((group.danger for group in self.groups), default=0)

    @property
    def is_about_picture(self) -> bool:
        """Whether it says why nothing can be seen."""
        return self.kind in get_args(PictureFault)


class Narration(Struct, frozen=True):
    """A sentence about one frame of a camera, in the camera's language."""

    camera_id: str
    frame_id: str
    captured_at: Millis
    language: str
    text: str
    sentence: Sentence


def may_be_spoken(captured_at: Millis, now: Millis, limit_ms: int = SPOKEN_WITHIN_MS) -> bool:
    """Whether a sentence about a picture is still true when its first word would be heard."""
    return now - captured_at <= limit_ms


def importance(group: Group) -> tuple[int, bool, bool, int, str, str]:
    """Return what groups are ordered by: danger, approaching, then the largest number.

    What is unsure comes last: `perhaps` must not seem to hold for what follows.
    """
    return (
        -group.danger,
        not group.motion,
        not group.sure,
        -group.count,
        group.label,
        group.place,
    )


def within(groups: tuple[Group, ...], word_limit: int) -> tuple[Group, ...]:
    """Return the first groups that one sentence holds: at least one."""
    words = 2 * any(group.danger for group in groups)  # `À noter`
    for number, group in enumerate(groups):
        joined = number > 0 and not group.motion and not groups[number - 1].motion
        words += words_of(group) + joined  # `and`
        if number and words > word_limit:
            return groups[:number]
    return groups


def words_of(group: Group) -> int:
    """Return how many words a group has at most, whatever the language.

    So listeners of all languages are told the same groups.
    """
    words = most_words(group.label) + 3 * bool(group.motion) + (not group.sure)
    if group.zone:
        return words + 3 + len(spoken(group.zone).split())  # `dans la zone`
    return words + 2 + len(group.place.split())  # `at the`
