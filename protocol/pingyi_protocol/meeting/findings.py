"""What a check of a definition finds, and the checks of single values that several tables share."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from pingyi_protocol.hidden import is_hidden
from pingyi_protocol.meeting.definition import Passing, Quorum
from pingyi_protocol.meeting.struct import Struct

Path = tuple[str | int, ...]

GREATEST = Decimal(1_000_000)
FINEST = Decimal("0.000001")


class Finding(Struct, frozen=True):
    """One thing that is wrong.

    ``path`` leads from the definition to it by field names and indices from 0, such as ``("roster", 12, "seat")``,
    or to a whole table or column (``("roster",)``, ``("components", "weight")``). ``code`` is stable and names what is
    wanted; ``values`` fill the words of the code. ``other`` is the earlier line that this one collides with.
    """

    path: Path
    code: str
    found: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    other: Path | None = None


class TextRule(NamedTuple):
    """What a text field may hold: at most ``longest`` characters; ``lines`` allows line breaks."""

    field: str
    longest: int
    required: bool = True
    lines: bool = False


def out_of_range(field: str, found: int, least: int, most: int) -> Finding:
    """Return that a number is not between its limits."""
    return Finding((field,), "between", str(found), {"least": str(least), "most": str(most)})


def is_plain(value: Decimal) -> bool:
    """Whether exact arithmetic on this value stays small: finite, within a million, at most six decimals."""
    return value.is_finite() and abs(value) <= GREATEST and value == value.quantize(FINEST)


def not_plain(path: Path, value: Decimal) -> Finding:
    """Return that a number is not plain."""
    return Finding(path, "plain_number", str(value), {"most": str(GREATEST), "decimals": "6"})


def text_findings(path: Path, text: str, rule: TextRule) -> Iterator[Finding]:
    """Find what a text field may not hold."""
    if rule.required and not text.strip():
        yield Finding(path, "missing", text)
    if len(text) > rule.longest:
        yield Finding(path, "too_long", text, {"longest": str(rule.longest), "length": str(len(text))})
    visible = text.replace("\n", "") if rule.lines else text
    hidden = sorted(set(filter(is_hidden, visible)))
    if hidden:
        names = ", ".join(f"U+{ord(character):04X}" for character in hidden)
        yield Finding(path, "hidden_character_or_line" if "\n" in hidden else "hidden_character", names)


def share_findings(path: Path, share: Quorum | Passing) -> Iterator[Finding]:
    """Find a fraction that is none, or that nobody could be more than."""
    fraction = f"{share.numerator}/{share.denominator}"
    if not 0 < share.numerator <= share.denominator:
        yield Finding(path, "quorum", fraction)
    elif share.strict and share.numerator == share.denominator:
        yield Finding(path, "quorum_unreachable", fraction)
