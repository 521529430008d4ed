"""How the value of one column is read from what a file holds, and written back: the kinds of column.

``read`` takes what a spreadsheet or TOML file gives (text, numbers, booleans, dates), never None; ``text`` gives the
words that a workbook shows, ``plain`` what a TOML file holds. Full-width digits and both languages are taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache

from pingyi_protocol.meeting.definition import Band, Language, Role
from pingyi_protocol.text import catalogue

Raw = str | int | float | Decimal | bool | datetime | date | time | timedelta
Plain = str | int | bool | Decimal | list[str] | None

# a spreadsheet computes with 15 significant digits; what a float holds beyond them is noise
SPREADSHEET_DIGITS = ".15g"
LEAST_INEXACT = 10**15
GREATEST_EXPONENT = 12
NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?")
FRACTION = re.compile(r"([0-9]{1,6})\s*/\s*([0-9]{1,6})")
DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
BAND = re.compile(r"(?:(.*\S)\s+|(.*[^\s0-9.+-])[:：]?)([+-]?[0-9]+(?:\.[0-9]+)?)")
# U+FF01 to U+FF5E are the full-width forms of ASCII, U+3000 that of the space
HALFWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# the word of the roster for who is the chief among the scrutineers
CHIEF = "chief_scrutineer"
BETWEEN_SEVERAL = re.compile(r"[;；,，、\n]+")


@dataclass(frozen=True)
class Unusable:
    """Stands for a cell that a file's reader could not use: the code of the finding and what was there."""

    code: str
    found: str


class UnreadableError(Exception):
    """A cell holds something that its column does not take; ``code`` and ``values`` as in a finding."""

    def __init__(self, code: str, **values: str) -> None:
        """Keep what is wanted."""
        super().__init__(code)
        self.code = code
        self.values = values


class Text:
    """Text without the space around it. Numbers are taken as they are written; line breaks become plain newlines."""

    blank: object = ""
    several = False
    choice: str | None = None

    def read(self, raw: Raw) -> object:
        """Return the value, or raise UnreadableError."""
        return text_of(raw)

    def text(self, value: object, language: Language) -> str:  # noqa: ARG002 - kinds with words need the language
        """Return what people read in a workbook."""
        return str(value)

    def plain(self, value: object) -> Plain:
        """Return what a TOML file holds."""
        return str(value)


class Code(Text):
    """Text that identifies, such as ``017`` or ``3-07``: full-width digits and letters are made plain."""

    def read(self, raw: Raw) -> object:
        """Return the code; a date means that the spreadsheet changed what was typed."""
        return halfwidth(text_of(raw))


class Number(Text):
    """A decimal number; a per cent sign is dropped."""

    blank: object = Decimal(0)

    def read(self, raw: Raw) -> object:
        """Return an exact Decimal without trailing zeros."""
        return decimal_of(raw)

    def text(self, value: object, language: Language) -> str:
        """Return the number without an exponent."""
        return f"{value:f}" if isinstance(value, Decimal) else super().text(value, language)

    def plain(self, value: object) -> Plain:
        """Return an int where the number is whole."""
        if not isinstance(value, Decimal):
            return int(str(value))
        return int(value) if value == value.to_integral_value() else value


class Whole(Number):
    """A whole number."""

    blank: object = 0

    def read(self, raw: Raw) -> object:
        """Return an int."""
        number = decimal_of(raw)
        if number != number.to_integral_value():
            raise UnreadableError("whole_number")
        return int(number)


class Choice(Text):
    """One word of a list, in either language: ``workbook.<choice>_<value>`` in the catalogue."""

    def __init__(self, choice: str, values: Sequence[StrEnum]) -> None:
        """Take the list's name and its values."""
        self.choice: str | None = choice
        self.values = {value.value: value for value in values}
        self.blank = values[0]

    def read(self, raw: Raw) -> object:
        """Return the value whose word, in either language or both, or whose code this is."""
        return self.values[word_of(str(self.choice), text_of(raw), tuple(self.values))]

    def text(self, value: object, language: Language) -> str:
        """Return the word."""
        return catalogue("pingyi_server", language)(f"workbook.{self.choice}_{value}")


class Flag(Text):
    """Yes or no; ``choice`` names other words for it."""

    blank: object = False

    def __init__(self, choice: str = "flag") -> None:
        """Take the name of the list that has a word for ``true`` and for ``false``."""
        self.choice: str | None = choice

    def read(self, raw: Raw) -> object:
        """Return a bool."""
        if isinstance(raw, bool):
            return raw
        return word_of(str(self.choice), text_of(raw), ("true", "false")) == "true"

    def text(self, value: object, language: Language) -> str:
        """Return the word."""
        return catalogue("pingyi_server", language)(f"workbook.{self.choice}_{str(value).lower()}")

    def plain(self, value: object) -> Plain:
        """Return the bool itself."""
        return bool(value)


class Several(Text):
    """Several values in one cell, one a line or with ; , 、 between them."""

    blank: object = ()
    several = True

    def read(self, raw: Raw) -> object:
        """Return the parts as text."""
        return parts_of(raw)

    def text(self, value: object, language: Language) -> str:  # noqa: ARG002 - see Text
        """Return one value a line."""
        return "\n".join(str(part) for part in _tuple(value))

    def plain(self, value: object) -> Plain:
        """Return a list of text."""
        return [str(part) for part in _tuple(value)]


class Roles(Several):
    """What a person acts as: several words of the list of roles, among them ``CHIEF``."""

    choice = "role"

    def read(self, raw: Raw) -> object:
        """Return a tuple of roles, and ``CHIEF``, in the order of the cell."""
        codes = [CHIEF, *(role.value for role in Role if role is not Role.HALL)]
        found = (word_of("role", part, codes) for part in parts_of(raw))
        return tuple(code if code == CHIEF else Role(code) for code in found)

    def text(self, value: object, language: Language) -> str:
        """Return the roles' words."""
        words = catalogue("pingyi_server", language)
        return "; ".join(words(f"workbook.role_{role}") for role in _tuple(value))


class Names(Text):
    """Names of lines elsewhere, kept as text until they can be looked up."""

    several = True

    def plain(self, value: object) -> Plain:
        """Return a list of names."""
        return str(value).split("\n") if value else []


class Day(Text):
    """A calendar day, kept as ``2026-11-01``."""

    def read(self, raw: Raw) -> object:
        """Return the ISO form of a date cell or of a written date."""
        if isinstance(raw, datetime):
            return raw.date().isoformat()
        if isinstance(raw, date):
            return raw.isoformat()
        written = DAY.fullmatch(halfwidth(text_of(raw)))
        if written is None:
            raise UnreadableError("date")
        year, month, day = (int(part) for part in written.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            raise UnreadableError("date") from None


class Fraction(Text):
    """A fraction ``1/2`` as a pair of ints."""

    blank: object = (1, 1)

    def read(self, raw: Raw) -> object:
        """Return (numerator, denominator)."""
        written = FRACTION.fullmatch(halfwidth(text_of(raw)))
        if written is None:
            raise UnreadableError("quorum")
        return int(written[1]), int(written[2])

    def text(self, value: object, language: Language) -> str:  # noqa: ARG002 - see Text
        """Return the fraction as it is written."""
        return str(self.plain(value))

    def plain(self, value: object) -> Plain:
        """Return the fraction as it is written."""
        return "/".join(str(part) for part in _tuple(value))


class Bands(Text):
    """Bands as ``优秀 90; 良好 80``: a name and the least value of each."""

    blank: object = ()

    def read(self, raw: Raw) -> object:
        """Return a tuple of Band in the order of the cell."""
        return tuple(self._band(part) for part in parts_of(raw))

    def text(self, value: object, language: Language) -> str:  # noqa: ARG002 - see Text
        """Return the bands as they are written."""
        return "; ".join(f"{band.name} {band.least:f}" for band in _tuple(value) if isinstance(band, Band))

    def plain(self, value: object) -> Plain:
        """Return the bands as they are written."""
        return self.text(value, Language.ENGLISH)

    @staticmethod
    def _band(part: str) -> Band:
        written = BAND.fullmatch(halfwidth(part))
        if written is None:
            raise UnreadableError("bands")
        # the name as it was typed: only the number is made plain
        number = written[3]
        name = part[: len(part) - len(number)].strip().rstrip(":：")
        return Band(name.strip(), decimal_of(number))


def text_of(raw: Raw) -> str:
    """Return what was typed, without the space around it."""
    if isinstance(raw, bool):
        raise UnreadableError("text")
    if isinstance(raw, date | time | timedelta):
        raise UnreadableError("became_date")
    if isinstance(raw, str):
        return raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    number = Decimal(format(raw, SPREADSHEET_DIGITS)) if isinstance(raw, float) else Decimal(raw)
    if not number.is_finite() or abs(number) >= LEAST_INEXACT:
        raise UnreadableError("lost_digits")
    return f"{number:f}"


def decimal_of(raw: Raw) -> Decimal:
    """Return the number, exactly as it was written."""
    if isinstance(raw, bool | date | time | timedelta):
        raise UnreadableError("number")
    if isinstance(raw, float):
        raw = Decimal(format(raw, SPREADSHEET_DIGITS))
    if isinstance(raw, str):
        written = halfwidth(raw).strip().removesuffix("%").rstrip()
        if not NUMBER.fullmatch(written):
            raise UnreadableError("number")
        raw = Decimal(written)
    number = Decimal(raw)
    if not number.is_finite() or number.adjusted() > GREATEST_EXPONENT:
        raise UnreadableError("number")
    # a fixed form (no exponent, no trailing zeros, no -0), so that equal numbers are equal on the record too
    plain = f"{number:f}"
    return Decimal(plain.rstrip("0").rstrip(".") if "." in plain else plain) + 0


def parts_of(raw: Raw) -> tuple[str, ...]:
    """Split a cell that holds several values."""
    return tuple(part.strip() for part in BETWEEN_SEVERAL.split(text_of(raw)) if part.strip())


def halfwidth(text: str) -> str:
    """Return ``text`` with full-width digits, letters and signs made plain, and nothing else changed."""
    return text.translate(HALFWIDTH)


def folded(text: str) -> str:
    """Return ``text`` so that letter case, width and spaces do not matter."""
    wide = halfwidth(text).casefold().replace("_", " ")
    return re.sub(r"\s*/\s*", "/", " ".join(wide.split()))


@cache
def both_languages(key: str) -> frozenset[str]:
    """Return every way to write the words of ``key``: either language, or both with a slash or a space, folded."""
    chinese = catalogue("pingyi_server", Language.CHINESE)(key)
    english = catalogue("pingyi_server", Language.ENGLISH)(key)
    return frozenset(map(folded, (chinese, english, f"{chinese} / {english}", f"{chinese} {english}")))


@cache
def _words(choice: str, code: str) -> frozenset[str]:
    return both_languages(f"workbook.{choice}_{code}") | {folded(code)}


def word_of(choice: str, text: str, codes: Sequence[str]) -> str:
    """Return the code whose word ``text`` is, or raise UnreadableError."""
    wanted = folded(text)
    for code in codes:
        if wanted in _words(choice, code):
            return code
    raise UnreadableError("choice", choice=choice)


def _tuple(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)
