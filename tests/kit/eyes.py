"""How far apart two colours are for an eye that lacks one kind of cone."""

from enum import Enum
from math import sqrt

from textual.color import Color

Triple = tuple[float, float, float]


class Blindness(Enum):
    """The three kinds at their full degree.

    The matrices are for linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
    Color Vision Deficiency", IEEE TVCG 15 (2009), table of severity 1.0.
    """

    NO_RED = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
    NO_GREEN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
    NO_BLUE = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))


SRGB_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
"""IEC 61966-2-1, white D65."""
WHITE = (0.95047, 1.0, 1.08883)


def times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def lab(colour: str, blindness: Blindness) -> Triple:
    """CIELAB of ``colour`` (#RRGGBB) as that eye sees it."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in Color.parse(colour).rgb)
    )
    seen_red, seen_green, seen_blue = (min(1.0, max(0.0, part)) for part in times(blindness.value, (red, green, blue)))
    parts = zip(times(SRGB_TO_XYZ, (seen_red, seen_green, seen_blue)), WHITE, strict=True)
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (p / w for p, w in parts))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str, blindness: Blindness) -> float:
    """Return the distance of two colours (CIE76) for that eye; 2.3 is a just noticeable one."""
    pairs = zip(lab(one, blindness), lab(other, blindness), strict=True)
    return sqrt(sum((a - b) ** 2 for a, b in pairs))
