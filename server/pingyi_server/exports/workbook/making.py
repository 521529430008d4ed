"""Make the workbook of a meeting's results."""

from datetime import UTC, datetime
from io import BytesIO

import xlsxwriter

from pingyi_protocol.text import Catalogue
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import View
from pingyi_server.exports.workbook.charts import charts
from pingyi_server.exports.workbook.composite import composite, weighted_columns
from pingyi_server.exports.workbook.evidence import evidence
from pingyi_server.exports.workbook.figures import figures, overview, values
from pingyi_server.exports.workbook.matrix import ballots
from pingyi_server.exports.workbook.pages import Book
from pingyi_server.exports.workbook.people import attendance, groups

EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
"""The time inside every workbook: the same record gives the same bytes."""

LONGEST_NAME = 80
"""Characters of a meeting's name at the head of a page, which takes 255 in all."""


def workbook_of(source: Source) -> bytes:
    """Return the workbook: a sheet a table, those that a meeting has."""
    view, content = source.view, BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        about = f"{view.results.name} {view.results.session}"
        workbook.set_properties({"title": about, "comments": view.results.fingerprint, "created": EPOCH})
        book = Book(workbook, source.words, head_of(view, source.words), foot_of(view, source.words))
        overview(book, view)
        found = figures(book, view)
        total = composite(book, view, found, evidence(book, view))
        charts(book, found, total, weighted_columns(view.definition.components))
        values(book, view)
        groups(book, view)
        ballots(book, view)
        attendance(book, view)
    return content.getvalue()


def head_of(view: View, words: Catalogue) -> str:
    """Return what stands at the head of each printed page: the meeting, and what to take its figures for."""
    marks = (("simulated", view.results.simulated), ("waiting", view.waiting), ("unfinished", view.unfinished))
    said = "  ".join(words(f"sheets.{name}") for name, holds in marks if holds)
    meeting = f"{view.results.name}  {view.results.session}"[:LONGEST_NAME].replace("&", "&&")
    return f"&L{meeting}&R{said}"


def foot_of(view: View, words: Catalogue) -> str:
    """Return what stands at the foot of each printed page: the sheet, the record's fingerprint, the page."""
    mark = f"{words('export.fingerprint')} {view.results.fingerprint}"
    return f"&L&A&C{mark}&R{words('sheets.page_of', page='&P', pages='&N')}"
