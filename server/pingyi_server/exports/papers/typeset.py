"""Papers as one PDF, with the fonts of this machine that hold all that they say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.exports.charts import svg_of
from pingyi_server.exports.papers.blocks import Block
from pingyi_server.exports.papers.columns import soft, with_columns
from pingyi_server.exports.source import UnmadeError
from pingyi_server.typesetting.fonts import FANG_SONG, HEI, KAI, XIAO_BIAO_SONG, MissingGlyphsError, families_for
from pingyi_server.typesetting.setting import pdf, template

LATIN = "Libertinus Serif"
"""Comes with the typesetter: the letters of a paper in English."""

DRAWN = ("qr", "svg")
"""What is a picture and no text."""


TEMPLATE = template("pingyi_server.exports.papers", "paper.typ")


def typeset(papers: Sequence[list[Block]], title: str, languages: Sequence[Language], *, slips: bool) -> bytes:
    """Return papers as PDF/A: each on a page of its own where they are ``slips``, else one behind the other.

    The first of two ``languages`` leads. UnmadeError names the characters that no font of this machine has.
    """
    return pdf(TEMPLATE, filling(papers, title, languages, slips=slips), tagged=True)


def filling(papers: Sequence[list[Block]], title: str, languages: Sequence[Language], *, slips: bool) -> dict[str, Any]:
    """Return what the template takes for these papers; UnmadeError as above."""
    first, last = languages[0], languages[-1]
    try:
        fonts = fonts_for(set().union(*texts(papers), title), first)
    except MissingGlyphsError as fault:
        raise UnmadeError("minutes.unmade", fault=fault) from fault
    return {
        "title": title,
        "language": first.value,
        "second": last.value,
        "colon": catalogue("pingyi_server", first)("minutes.colon"),
        "fonts": fonts,
        "slips": slips,
        "papers": [[completed(softened(block), fonts["black"]) for block in blocks] for blocks in papers],
    }


def fonts_for(characters: set[str], language: Language) -> dict[str, list[str]]:
    """Return the families of each part of a paper, the first ones preferred; MissingGlyphsError where any is left."""
    latin = [LATIN] if language is Language.ENGLISH else []
    body = [*latin, *families_for(characters, FANG_SONG)]
    return {
        "body": body,
        "latin": [LATIN, *body],
        "title": [*latin, *families_for(characters, XIAO_BIAO_SONG)],
        "script": [*latin, *families_for(characters, KAI)],
        "black": list(families_for(characters, HEI)),
    }


def texts(part: Any) -> Iterator[str]:
    """Give every text of a paper, those in charts too."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        yield from (text for key, value in part.items() if key not in DRAWN for text in texts(value))
    elif isinstance(part, list | tuple):
        yield from (text for value in part for text in texts(value))
    elif is_dataclass(part):
        yield from (text for one in fields(part) for text in texts(getattr(part, one.name)))


def softened(part: Any) -> Any:
    """Return a paper in whose texts words that are too long may break; what stands in charts they cut themselves."""
    if isinstance(part, str):
        return soft(part)
    if isinstance(part, Mapping):
        return {key: value if key in DRAWN else softened(value) for key, value in part.items()}
    if isinstance(part, list):
        return [softened(one) for one in part]
    return part


def completed(block: Block, families: list[str]) -> Block:
    """Return a block with what follows from its texts: the columns of a table, and pictures for charts."""
    if block["kind"] == "table":
        return with_columns(block)
    if "chart" in block:
        svg = svg_of(block["chart"], families, flat=True)
        return {key: value for key, value in block.items() if key != "chart"} | {"svg": svg}
    return block
