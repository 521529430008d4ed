"""Names that people would take for one another: what Unicode knows of look-alikes, for warnings only.

The characters are compared as in UTS 39 (https://www.unicode.org/reports/tr39/), section 4, with its data as
confusable_homoglyphs carries it: after NFKC and without what does not show, look-alikes count as one.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

from pingyi_protocol.hidden import is_hidden
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.findings import Finding

APART = frozenset({"ARABIC", "ARMENIAN", "CHEROKEE", "CYRILLIC", "DEVANAGARI", "GREEK", "HEBREW", "LATIN"})
"""Scripts of which no name mixes two; with Chinese characters Latin letters stand now and then, others hardly."""

FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that show as nothing and are no format characters."""


def look_alikes(definition: Definition) -> Iterator[Finding]:
    """Find members, and targets, whose names look alike, and names that mix letters of several scripts."""
    for table in ("roster", "targets"):
        first: dict[str, int] = {}
        for index, line in enumerate(getattr(definition, table)):
            if not line.name.strip():
                continue
            path = (table, index, "name")
            earlier = first.setdefault(skeleton(line.name), index)
            if earlier != index:
                yield Finding(path, "looks_like", signs(line.name), other=(table, earlier, "name"))
            mixed = scripts(line.name)
            if len(mixed - {"HAN"}) > 1 or ("HAN" in mixed and mixed - {"HAN", "LATIN"}):
                names = ", ".join(sorted(mixed)).title()
                yield Finding(path, "mixed_scripts", signs(line.name), {"scripts": names})


def skeleton(name: str) -> str:
    """Return what is left of a name to the eye: two that look alike have the same."""
    seen = (one for one in unicodedata.normalize("NFKC", name) if not (is_hidden(one) or one in FILLERS))
    return "".join(prototype(one) for one in seen if not one.isspace())


@cache
def prototype(character: str) -> str:
    """Return what stands for all that look like this character.

    The library's table names both the prototype of each look-alike and all look-alikes of each prototype.
    """
    from confusable_homoglyphs import confusables  # noqa: PLC0415 - a megabyte that only the loading of a file needs

    table = confusables.confusables_data
    alike = table.get(character, ())
    if len(alike) != 1:
        return character
    [other] = (str(one["c"]) for one in alike)
    # of a pair that knows only each other either will do, as long as it is always the same
    return other if len(table.get(other, ())) > 1 else min(character, other)


def signs(name: str) -> str:
    """Return a name with the code points of the letters in it that are not Chinese: they may look like others."""
    foreign = [one for one in name if one.isalpha() and not one.isascii() and script(one) != "HAN"]
    return " ".join((name, *(f"U+{ord(one):04X}" for one in dict.fromkeys(foreign))))


def scripts(name: str) -> set[str]:
    """Return the scripts of a name's letters, as far as few names mix them."""
    return {script(one) for one in name} & (APART | {"HAN"})


def script(character: str) -> str:
    """Return the script of a character, in capitals."""
    from confusable_homoglyphs import categories  # noqa: PLC0415 - see prototype

    return str(categories.alias(character))
