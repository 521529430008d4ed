"""Which files an export has besides the record, and what makes each."""

from collections.abc import Callable, Mapping
from typing import Final

from pingyi_protocol.record.bundle import readable
from pingyi_server.exports.attendance import attendance_table
from pingyi_server.exports.ballots import ballots_table
from pingyi_server.exports.results import groups_table, results_table
from pingyi_server.exports.source import Source
from pingyi_server.exports.tables import composite_table, encode_csv

RESULTS_JSON = "results.json"
RESULTS = "results.csv"
BALLOTS = "ballots.csv"
GROUPS = "groups.csv"
ATTENDANCE = "attendance.csv"
COMPOSITE = "composite.csv"
WORKBOOK = "results.xlsx"
BULLETIN = "bulletin.html"
MINUTES = "minutes.pdf"
SLIPS = "slips.pdf"


def results(source: Source) -> bytes:
    """Return every round's figures as CSV."""
    return encode_csv(results_table(source.view, source.words))


def results_json(source: Source) -> bytes:
    """Return all that was announced as JSON, as it stands in the record too."""
    return readable(source.view.results)


def ballots(source: Source) -> bytes:
    """Return who gave what in open ballots as CSV."""
    return encode_csv(ballots_table(source.view, source.words))


def groups(source: Source) -> bytes:
    """Return what each review group gave as CSV, nothing where no item asks for it."""
    asked = any(item.rules.least_group is not None for item in source.view.definition.agenda)
    return encode_csv(groups_table(source.view, source.words)) if asked else b""


def attendance(source: Source) -> bytes:
    """Return who was there as CSV."""
    return encode_csv(attendance_table(source.view, source.words))


def composite(source: Source) -> bytes:
    """Return the composite of each target as CSV."""
    return encode_csv(composite_table(source.view, source.words))


def workbook(source: Source) -> bytes:
    """Return all of it as one workbook."""
    from pingyi_server.exports.workbook.making import workbook_of  # noqa: PLC0415 - a server starts without it

    return workbook_of(source)


def bulletin(source: Source) -> bytes:
    """Return the page for the public."""
    from pingyi_server.exports.bulletin import page  # noqa: PLC0415 - a server starts without what draws charts

    return page.bulletin(source)


def minutes(source: Source) -> bytes:
    """Return the minutes to be signed."""
    from pingyi_server.exports.papers.minutes import minutes_of  # noqa: PLC0415 - a server starts without a typesetter

    return minutes_of(source)


def slips(source: Source) -> bytes:
    """Return a page for each announced item, to be signed; nothing where none is announced."""
    from pingyi_server.exports.papers.slips import all_slips  # noqa: PLC0415 - a server starts without a typesetter

    return all_slips(source)


MAKERS: Final[Mapping[str, Callable[[Source], bytes]]] = {
    RESULTS: results,
    RESULTS_JSON: results_json,
    BALLOTS: ballots,
    GROUPS: groups,
    ATTENDANCE: attendance,
    COMPOSITE: composite,
    WORKBOOK: workbook,
    BULLETIN: bulletin,
    MINUTES: minutes,
    SLIPS: slips,
}
"""What makes each file, by its name: no bytes where a meeting has none of it, UnmadeError where this machine cannot."""
