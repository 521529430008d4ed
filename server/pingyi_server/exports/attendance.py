"""Who was there: the roster with arrivals and departures, as the minutes list them."""

from collections.abc import Iterator

from pingyi_protocol.meeting.events import CheckedIn, CheckedOut
from pingyi_protocol.record.results import Attendance, Attendee
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.tables import Cell, Row, headings, preamble, table_of
from pingyi_server.exports.view import Movement, View

COLUMNS = ("number", "name", "group", "seat", "attendance", "reason_why", "arrived", "hand", "hand_reason", "departed")


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
    """Return one line of the roster, with the first arrival and, of who is not there any more, the departure."""
    arrivals = [each for each in movements if each.kind is CheckedIn]
    departures = [each for each in movements if each.kind is CheckedOut]
    by_hand = [each.reason for each in arrivals if each.reason]
    return {
        "number": one.number,
        "name": one.name,
        "group": one.group,
        "seat": one.seat,
        "attendance": words(f"export.attendance_{one.attendance}"),
        "reason_why": one.reason,
        "arrived": arrivals[0].time if arrivals else "",
        "hand": words("export.by_hand") if by_hand else "",
        "hand_reason": words("export.comma").join(by_hand),
        "departed": departures[-1].time if departures and one.attendance is Attendance.LEFT else "",
    }
