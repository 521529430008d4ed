"""The whole report: from one reading of the record to all that minutes and bulletin say."""

from collections.abc import Iterator
from datetime import datetime

from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.definition import Definition, Language, Person, Role
from pingyi_protocol.record.results import Attendance, Attendee
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.attendance import attendee_row
from pingyi_server.exports.report.composite import composite_report
from pingyi_server.exports.report.parts import (
    AttendanceReport,
    Fact,
    Notice,
    NoticeKind,
    Report,
    Seal,
    Signature,
    Table,
    figure,
    table_of,
)
from pingyi_server.exports.report.rounds import item_reports
from pingyi_server.exports.report.targets import date_in, ranking, target_reports
from pingyi_server.exports.view import View

COUNTED = (Attendance.PRESENT, Attendance.LEFT, Attendance.EXCUSED, Attendance.ABSENT)
SIGNING = (Role.CHAIR, Role.SCRUTINEER, Role.CLERK)


def report_of(view: View, language: Language | None = None) -> Report:
    """Return the report in ``language``, None for the meeting's own."""
    facts = view.definition.meeting
    words = catalogue("pingyi_server", language or facts.language)
    items = tuple(item_reports(view, words))
    return Report(
        language=words.language,
        name=facts.name,
        session=facts.session,
        date=date_in(facts.date, words),
        programme=facts.programme,
        batch=facts.batch,
        notices=tuple(notices(view, words)),
        attendance=attendance(view, words),
        items=items,
        ranking=ranking(view, words),
        composite=composite_report(view, words),
        targets=tuple(target_reports(view, items, words)),
        signatures=tuple(signatures(view.definition, words)),
        seal=seal(view, words),
    )


def notices(view: View, words: Catalogue) -> Iterator[Notice]:
    """Yield what to take the document for."""
    if view.results.simulated:
        yield Notice(NoticeKind.SIMULATED, words("export.simulated"))
    if view.waiting:
        yield Notice(NoticeKind.WAITING, words("export.waiting"))
    if view.unfinished:
        yield Notice(NoticeKind.UNFINISHED, words("export.unfinished"))
    manual = {one.title: None for one in view.results.rounds if one.manual}
    if manual:
        yield Notice(NoticeKind.MANUAL, words("report.manual_items", titles=words("export.comma").join(manual)))


def attendance(view: View, words: Catalogue) -> AttendanceReport:
    """Return who was due and there, and whether enough were; who left early had come."""
    results = view.results
    number = {kind: sum(one.attendance is kind for one in results.attendance) for kind in Attendance}
    facts = [Fact(words("export.number_due"), figure(results.due))]
    facts += [Fact(words(f"export.number_{kind}"), figure(number[kind])) for kind in COUNTED]
    without = number[Attendance.WITHOUT_VOTE]
    facts += [Fact(words("report.without_vote"), figure(without))] if without else []
    quorum = view.definition.meeting.quorum
    needed = least_of(quorum, results.due)
    came = number[Attendance.PRESENT] + number[Attendance.LEFT]
    share = words(
        "report.share_more" if quorum.strict else "report.share_least",
        base=words("report.base_all_members"),
        numerator=quorum.numerator,
        denominator=quorum.denominator,
    )
    key = "report.quorum_met" if came >= needed else "report.quorum_missed"
    return AttendanceReport(
        tuple(facts), words(key, needed=needed, share=share, came=came), came >= needed, people(view, words)
    )


def people(view: View, words: Catalogue) -> Table:
    """Return the roster with all arrivals, departures and excuses."""
    names = ("number", "name", "group", "seat", "attendance", "reason_why", "history")
    columns = [(name, words(f"export.{name}"), False) for name in names]
    rows = (person_row(one, view, words) for one in view.results.attendance)
    return table_of(words("report.people"), columns, rows)


def person_row(one: Attendee, view: View, words: Catalogue) -> dict[str, str]:
    """Return one line of the roster."""
    day = view.definition.meeting.date
    movements = tuple(each._replace(time=clock_time(each.time, day)) for each in view.movements.get(one.number, ()))
    cells = attendee_row(one, movements, words)
    return {name: str(cell or "") for name, cell in cells.items()}


def clock_time(label: str, day: str) -> str:
    """Return the label of a time as the clocks of this place show it, with the day where that is not the meeting's."""
    moment = datetime.fromisoformat(label).astimezone()
    return moment.strftime("%H:%M" if moment.date().isoformat() == day else "%Y-%m-%d %H:%M")


def signatures(definition: Definition, words: Catalogue) -> Iterator[Signature]:
    """Yield a line for each who signs: chair, scrutineers with the chief first, clerk.

    A role that nobody on the roster has is signed for all the same, without a name: clerks need not be on it.
    """
    for role in SIGNING:
        people = [person for person in sorted(definition.roster, key=lambda one: not one.chief) if role in person.roles]
        for person in people:
            yield Signature(words(f"report.{signing_as(person, role)}"), person.name)
        if not people:
            yield Signature(words(f"report.{role}"), "")


def signing_as(person: Person, role: Role) -> str:
    """Return as what somebody signs."""
    return "chief_scrutineer" if role is Role.SCRUTINEER and person.chief else str(role)


def seal(view: View, words: Catalogue) -> Seal:
    """Return what pins the record that all this is from."""
    code = view.results.fingerprint
    key = "report.seal_not_final" if view.unfinished else "report.seal_final"
    label = "report.fingerprint_now" if view.unfinished else "report.fingerprint_final"
    explanation = words(key, size=view.results.size)
    return Seal(words(label), code, code, view.results.size, not view.unfinished, explanation)
