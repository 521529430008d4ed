"""Digits as people and scanners type them, whatever input method is on."""

import unicodedata

from pingyi_protocol.wording import WordedError

_DIGITS = frozenset("0123456789")
# blanks, line breaks, invisible marks and every kind of dash
_PASSED_OVER = frozenset({"Cc", "Cf", "Pd", "Zl", "Zp", "Zs"})
_MINUS_SIGN = "\N{MINUS SIGN}"  # which is no dash by its category
# well above any code with its blanks; longer text is not looked at
_MOST_CHARACTERS = 4000


class EnrolmentCodeError(WordedError):
    """The code cannot be made or taken; the text says what is wrong with it. Never holds the code itself."""


def digits_of(text: str) -> str:
    """Return the digits in ``text``; blanks, line breaks, dashes and full-width forms do not matter.

    Raises EnrolmentCodeError for any other character, with its place among those that count (from 1), and for text
    that is far too long for any code.
    """
    if len(text) > _MOST_CHARACTERS:
        raise EnrolmentCodeError("keys.code_none")
    plain = [one for one in unicodedata.normalize("NFKC", text) if not _passed_over(one)]
    if plain and plain[0] not in _DIGITS:
        raise EnrolmentCodeError("keys.code_none")
    for place, character in enumerate(plain, start=1):
        if character not in _DIGITS:
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise EnrolmentCodeError("keys.code_character", character=shown, place=place)
    return "".join(plain)


def _passed_over(character: str) -> bool:
    return unicodedata.category(character) in _PASSED_OVER or character == _MINUS_SIGN
