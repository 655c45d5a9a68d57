"""The colours of what is drawn, and which of two can be read on a third.

They are those of Okabe and Ito (2008, "Color Universal Design: how to make figures and
presentations that are friendly to colorblind people"), which people with any kind of colour
blindness tell apart. No colour says anything that a text or a form doesn't say too.
"""

from typing import Final, NamedTuple
from zlib import crc32

from pycturestream.domain.detection import PERSON


class Colour(NamedTuple):
    """0..255 each, in OpenCV's order."""

    blue: int
    green: int
    red: int

    @property
    def hexadecimal(self) -> str:
        """Return it as style sheets have it: `#rrggbb`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK: Final = Colour(0, 0, 0)
WHITE: Final = Colour(255, 255, 255)
ORANGE: Final = Colour(0, 159, 230)
SKY_BLUE: Final = Colour(233, 180, 86)
BLUISH_GREEN: Final = Colour(115, 158, 0)
YELLOW: Final = Colour(66, 228, 240)
BLUE: Final = Colour(178, 114, 0)
VERMILLION: Final = Colour(0, 94, 213)
REDDISH_PURPLE: Final = Colour(167, 121, 204)

OF_PEOPLE: Final = ORANGE
OF_OTHERS: Final = (SKY_BLUE, BLUISH_GREEN, YELLOW, REDDISH_PURPLE)
OF_ZONES: Final = BLUE
OF_THREATS: Final = VERMILLION


def of_label(label: str) -> Colour:
    """Return the colour of a label: the same in all pictures, but shared with other labels."""
    return OF_PEOPLE if label == PERSON else OF_OTHERS[crc32(label.encode()) % len(OF_OTHERS)]


def text_on(background: Colour) -> Colour:
    """Return black or white, whichever can be read better: their contrast is at least 4.5."""
    return max(BLACK, WHITE, key=lambda colour: contrast(colour, background))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1..21, as WCAG 2 defines it.

    Texts need 4.5, lines 3. Black and white together always have 4.58 for one of them: that is the
    square root of 21.
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance, 0..1, of sRGB (IEC 61966-2-1)."""
    blue, green, red = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (each / 255 for each in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
