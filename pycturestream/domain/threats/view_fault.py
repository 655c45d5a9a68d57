"""What is wrong with the view of a camera: what rules go by, and what records say."""

from typing import Literal

from msgspec import Struct

from pycturestream.domain.times import Millis

Fault = Literal["covered", "blurred", "moved"]


class ViewFault(Struct, frozen=True):
    """What is wrong with the view of one picture, with figures of the picture and the baseline."""

    fault: Fault
    since: Millis
    now: float = 0.0
    """The brightness of a covered picture, the sharpness of a blurred one."""
    usual: float = 0.0
    """The same of the usual view."""
    likeness: float = 0.0
    """To the usual view; of a picture that shows it, 0."""
