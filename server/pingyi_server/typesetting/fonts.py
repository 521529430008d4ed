"""Which fonts of this machine hold every character of a document: the typesetter itself leaves out in silence."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

import typst
from fontTools.ttLib import TTFont

from pingyi_protocol.wording import WordedError

SANS = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei"),
)
"""Families for Chinese without serifs, the first one that is there preferred."""

SONG = (
    *("Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "NSimSun", "STSong", "Songti SC", "FandolSong"),
    *("AR PL UMing CN", *SANS),
)
"""Families for Chinese with serifs."""

FANG_SONG = (
    *("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02S", "FZFangSong-Z02", "FandolFang R", "FandolFang"),
    *("Zhuque Fangsong (technical preview)", *SONG),
)
"""仿宋, in which official papers are set, then what looks most like it."""

KAI = (
    *("KaiTi_GB2312", "KaiTi", "STKaiti", "Kaiti SC", "FZKai-Z03S", "FZKai-Z03", "FandolKai", "AR PL UKai CN"),
    *("LXGW WenKai", *FANG_SONG),
)
"""楷体, for headings of the second level."""

XIAO_BIAO_SONG = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", *SONG)
"""小标宋, for titles."""

HEI = ("SimHei", "FZHei-B01S", "FZHei-B01", "STHeiti", *SANS)
"""黑体, for headings of the first level and for labels."""

PACKAGE = "fonts-noto-cjk"
"""The system's package that holds a font for nearly every Chinese character."""

REGULAR = 400
UNDRAWN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


class MissingGlyphsError(WordedError):
    """No font of this machine holds some characters; ``missing`` are they."""

    package = "pingyi_server"
    exit_code = 1

    def __init__(self, missing: frozenset[str]) -> None:
        """Name some of them."""
        super().__init__("typesetting.missing", characters=listed(missing), package_name=PACKAGE)
        self.missing = missing


def families_for(characters: Iterable[str], preferred: tuple[str, ...]) -> tuple[str, ...]:
    """Return families of this machine that together hold all ``characters``, the preferred ones first.

    One family is enough nearly always; others come in for what it lacks. Blanks and invisible marks count for nothing.
    MissingGlyphsError when characters are left.
    """
    missing = {one for one in characters if unicodedata.category(one) not in UNDRAWN}
    found: list[str] = []
    for family in in_order(preferred):
        held = {one for one in missing if ord(one) in drawn_by(family)}
        if held:
            found.append(family)
            missing -= held
        if not missing:
            return tuple(found)
    raise MissingGlyphsError(frozenset(missing))


def in_order(preferred: tuple[str, ...]) -> Iterator[str]:
    """Give the families of this machine, the preferred ones first in their order, the others by name."""
    yield from (family for family in preferred if family in files())
    yield from sorted(family for family in files() if family not in preferred)


@cache
def fonts() -> typst.Fonts:
    """Return this machine's fonts and those that the typesetter brings, looked up once."""
    return typst.Fonts()


@cache
def files() -> dict[str, tuple[str, int]]:
    """Return where each family's plainest font lies: file, and its place in it."""
    regular = sorted(fonts().fonts(), key=lambda font: (abs(font.weight - REGULAR), font.style != "normal"))
    return {font.family: (font.path, font.index) for font in reversed(regular) if font.path is not None}


@cache
def drawn_by(family: str) -> frozenset[int]:
    """Return the code points that a family draws."""
    path, index = files()[family]
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def listed(characters: frozenset[str], most: int = 12) -> str:
    """Return some of these characters for a message, each with its number."""
    named = [f"{one} (U+{ord(one):04X})" for one in sorted(characters)[:most]]
    return " ".join([*named, "…"] if len(characters) > most else named)
