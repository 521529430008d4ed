"""How broad texts are, and with them the columns of a table: a paper has no time to try."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

ONE_LINE = 10
"""A column whose texts need no more ems keeps each on one line."""

LEAST = 5
"""A column that may break its texts has so many ems, unless a word in it needs more."""

MOST = 40
"""A column that needs more counts for so many ems where columns share what is left."""

SHORT = 5
"""A heading of so many ems stays on one line."""

LONGEST_WORD = 14
"""A word of more ems may be broken anywhere; fingerprints, and of hashes what is shown, are shorter."""

LETTERS = re.compile(rf"[!-~\u00a0-\u1fff]{{{LONGEST_WORD},}}")
SOFT_BREAK = "\N{ZERO WIDTH SPACE}"

SMALLER = 0.75
"""The size of the second language."""


def with_columns(block: dict[str, Any]) -> dict[str, Any]:
    """Return a table with the ems that each of its columns has ``at_least``, and the ``share`` it takes of the rest."""
    columns = list(zip(block["headings"], *block["rows"], strict=True))
    whole = [max([0.0, *map(ems, cells), *heading_ems(heading)]) for heading, *cells in columns]
    words = [longest_word(cells) for cells in columns]
    broken = [needed > ONE_LINE for needed in whole]
    at_least = [
        max(word, LEAST) if breaks else needed for needed, word, breaks in zip(whole, words, broken, strict=True)
    ]
    share = [
        min(needed, MOST) if breaks or not any(broken) else 0.0 for needed, breaks in zip(whole, broken, strict=True)
    ]
    return {**block, "at_least": at_least, "share": share}


def heading_ems(heading: Any) -> Iterator[float]:
    """Yield the ems that a heading needs in each of its languages: it may take two lines."""
    if isinstance(heading, Mapping):
        yield from heading_ems(heading["first"])
        yield from (SMALLER * one for one in heading_ems(heading["second"]))
    elif any(map(is_wide, heading)):
        yield ems(heading) / 2 + 0.5 if ems(heading) > SHORT else ems(heading)
    yield longest_word([heading])


def longest_word(texts: Sequence[Any]) -> float:
    """Return the ems of the longest word; Chinese breaks anywhere."""
    return max((ems(word) * scale for text in texts for word, scale in words_of(text)), default=0.0)


def words_of(text: Any) -> Iterator[tuple[str, float]]:
    """Yield what stays on one line, and how large it is."""
    if isinstance(text, Mapping):
        yield from words_of(text["first"])
        yield from ((word, scale * SMALLER) for word, scale in words_of(text["second"]))
    else:
        broken = "".join(f" {one} " if is_wide(one) else one for one in text.replace(SOFT_BREAK, " "))
        yield from ((word, 1.0) for word in broken.split())


def ems(text: Any) -> float:
    """Return the breadth of a text in ems, rather too much; of a pair that of the broader one."""
    if isinstance(text, Mapping):
        return max(ems(text["first"]), SMALLER * ems(text["second"]))
    return sum(1.0 if is_wide(one) or one in "MW@%" else 0.75 if one.isupper() else 0.57 for one in text)


def is_wide(character: str) -> bool:
    """Whether a character is as broad as high."""
    return east_asian_width(character) in "WFA"


def soft(text: str) -> str:
    """Let a word that is too long for a line break; Chinese breaks anywhere."""
    return LETTERS.sub(lambda word: SOFT_BREAK.join(pieces(word[0])), text)


def pieces(word: str) -> Iterator[str]:
    """Yield a word in pieces that are not too long."""
    piece = ""
    for letter in word:
        if ems(piece + letter) > LONGEST_WORD:
            yield piece
            piece = ""
        piece += letter
    yield piece
