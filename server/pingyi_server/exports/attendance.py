"""Who was there: the roster with all arrivals, departures and excuses, as the minutes list them."""

from collections.abc import Iterator

from pingyi_protocol.meeting.events import CheckedIn, CheckedOut
from pingyi_protocol.record.results import Attendance, Attendee
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.tables import Cell, Row, headings, preamble, table_of
from pingyi_server.exports.view import Movement, View

COLUMNS = ("number", "name", "group", "seat", "attendance", "reason_why", "history")


def attendance_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield due and present, and everybody on the roster; times are labels by the server's clock."""
    yield from preamble(view, words)
    yield [words("export.number_due"), view.results.due]
    for kind in (Attendance.PRESENT, Attendance.LEFT, Attendance.EXCUSED, Attendance.ABSENT):
        number = sum(one.attendance is kind for one in view.results.attendance)
        yield [words(f"export.number_{kind}"), number]
    rows = (attendee_row(one, view.movements.get(one.number, ()), words) for one in view.results.attendance)
    yield from table_of(headings(COLUMNS, words), rows)


def attendee_row(one: Attendee, movements: tuple[Movement, ...], words: Catalogue) -> dict[str, Cell]:
    """Return one line of the roster: how they stand now, and everything that led to it, in order."""
    return {
        "number": one.number,
        "name": one.name,
        "group": one.group,
        "seat": one.seat,
        "attendance": words(f"export.attendance_{one.attendance}"),
        "reason_why": one.reason,
        "history": words("export.semicolon").join(movement_words(each, words) for each in movements),
    }


def movement_words(one: Movement, words: Catalogue) -> str:
    """Return when a member came, went or was excused, and the reason where there is one."""
    if one.kind is CheckedIn:
        key = "by_hand" if one.reason else "checked_in"
    else:
        key = "left" if one.kind is CheckedOut else "excused"
    return words(f"export.movement_{key}", time=one.time, reason=one.reason)
