"""The sheets of people: who was there, and what each review group gave."""

from pingyi_protocol.record.results import Attendance
from pingyi_server.exports.attendance import COLUMNS, attendee_row
from pingyi_server.exports.results import GROUP_COLUMNS, Lines
from pingyi_server.exports.tables import headings, preamble
from pingyi_server.exports.view import View
from pingyi_server.exports.workbook.pages import Book

COUNTED = (Attendance.PRESENT, Attendance.LEFT, Attendance.EXCUSED, Attendance.ABSENT)


def attendance(book: Book, view: View) -> None:
    """Write due and present, and everybody on the roster."""
    words, page = book.words, book.page("attendance", landscape=False)
    for line in preamble(view, words):
        page.line(*line)
    page.line(words("export.number_due"), view.results.due)
    for kind in COUNTED:
        number = sum(one.attendance is kind for one in view.results.attendance)
        page.line(words(f"export.number_{kind}"), number)
    page.line()
    rows = (attendee_row(one, view.movements.get(one.number, ()), words) for one in view.results.attendance)
    page.table(headings(COLUMNS, words), rows, frozen=2)
    page.finish()


def groups(book: Book, view: View) -> None:
    """Write what each review group gave, where items ask for it."""
    lines = Lines(view.definition, book.words)
    rows = [row for one in view.results.rounds for group in one.groups for row in lines.of_group(one, group)]
    if rows:
        page = book.page("groups")
        for line in preamble(view, book.words):
            page.line(*line)
        page.table(headings(GROUP_COLUMNS, book.words), rows, frozen=2)
        page.finish()
