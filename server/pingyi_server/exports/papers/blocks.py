"""The parts of a paper, as the template draws them by their ``kind``; all in one language."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from pingyi_protocol.keys.qr import qr_svg
from pingyi_server.exports.report.parts import Chart, Fact, Report, Seal, Signature, Table

Block: TypeAlias = dict[str, Any]


def title(report: Report, text: str) -> Block:
    """Return the title of a paper: the meeting's name, what the paper is, and below it which meeting of which day."""
    return {"kind": "title", "name": report.name, "text": text, "session": report.session, "date": report.date}


def heading(level: int, text: str) -> Block:
    """Return a numbered heading of level 1 to 3."""
    return {"kind": "heading", "level": level, "text": text}


def annex(text: str) -> Block:
    """Return the heading of an annex, which begins a page."""
    return {"kind": "annex", "text": text}


def paragraph(text: str) -> Block:
    """Return a paragraph."""
    return {"kind": "paragraph", "text": text}


def kept(block: Block) -> Block:
    """Return a block that stands on one page with what follows it."""
    return block | {"kept": True}


def mark(*texts: str) -> Block:
    """Return what must not be overlooked, in a frame."""
    return {"kind": "mark", "texts": list(texts)}


def facts(rows: Iterable[Fact]) -> Block:
    """Return facts, each on a line of its own."""
    return {"kind": "facts", "rows": [[one.label, one.value] for one in rows]}


def figures(rows: Iterable[Fact]) -> Block:
    """Return short facts one behind the other."""
    return {"kind": "figures", "rows": [[one.label, one.value] for one in rows]}


def names(label: str, people: Iterable[str]) -> Block:
    """Return people by name behind a label."""
    return {"kind": "names", "label": label, "names": list(people)}


def table(one: Table, *, dense: bool = False) -> Block:
    """Return a table; its headings are repeated on each page. A ``dense`` one is set smaller."""
    return {
        "kind": "table",
        "caption": one.caption,
        "dense": dense,
        "headings": [column.heading for column in one.columns],
        "numeric": [column.number for column in one.columns],
        "rows": [list(row) for row in one.rows],
    }


def chart(one: Chart) -> Block:
    """Return a chart under its title."""
    return {"kind": "chart", "title": one.title, "chart": one}


def beside(one: Chart, tables: Iterable[Table]) -> Block:
    """Return a chart under its title, and to the left of it the only row of each table, but for the name before it."""
    rows = [
        [column.heading, cell]
        for each in tables
        for column, cell in zip(each.columns[1:], each.rows[0][1:], strict=True)
    ]
    return chart(one) | {"kind": "beside", "rows": rows}


def signatures(lines: Iterable[Signature], date: str) -> Block:
    """Return lines to be signed and dated."""
    return {"kind": "signatures", "date": date, "lines": [{"role": one.role, "name": one.name} for one in lines]}


def seal(one: Seal) -> Block:
    """Return the fingerprint with its QR code."""
    about = {"label": one.label, "fingerprint": one.fingerprint, "text": one.explanation}
    return {"kind": "seal", **about, "qr": qr_svg(one.qr)}
