"""One look at everything, in order; nothing is changed by it."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

from pingyi_protocol.keys.places import MEETING_LOCK
from pingyi_protocol.meeting.definition import Definition, Language, MeetingFacts
from pingyi_server.doctor.clock import Clocks, clock_findings
from pingyi_server.doctor.database import Record, read_database
from pingyi_server.doctor.disk import disk_findings
from pingyi_server.doctor.finding import Area, Finding, look
from pingyi_server.doctor.fonts import font_findings
from pingyi_server.doctor.keys import key_findings
from pingyi_server.doctor.limits import limit_findings
from pingyi_server.doctor.ports import port_findings
from pingyi_server.doctor.versions import version_findings
from pingyi_server.folder import FolderError, MeetingFolder

SEATS = 100
"""How many seats a machine is looked at for while no meeting says."""


def findings(folder: MeetingFolder | None) -> Iterator[Finding]:
    """Yield what is to be said of this machine, and of a meeting's folder where one is named, area by area."""
    clocks = Clocks()
    record = read_database(folder) if folder is not None and folder.begun else Record()
    definition = record.definition
    facts = definition.meeting if definition else MeetingFacts("", "", "", Language.CHINESE)
    yield from disk_findings(folder.path if folder else Path.cwd(), ballots_of(definition))
    yield from limit_findings(len(definition.roster) if definition else SEATS)
    ours = folder is not None and is_served(folder, facts.port)
    yield from port_findings(facts.port, facts.addresses, ours=ours, planned=definition is not None)
    yield from font_findings(definition)
    if folder is None:
        yield look(Area.DATABASE, "doctor.no_folder")
    elif not folder.begun and not folder.clerk.exists():
        yield look(Area.DATABASE, "doctor.not_loaded", folder=folder.typed)
    else:
        yield from record.findings
        yield from key_findings(folder)
    yield from version_findings()
    # at the end, so that a jump meanwhile is seen
    yield from clock_findings(clocks, record.newest)


def ballots_of(definition: Definition | None) -> int:
    """Return how many ballots a meeting takes when everybody votes on everything, and each item a second time."""
    return 2 * len(definition.entitled) * len(definition.agenda) if definition else 0


def is_served(folder: MeetingFolder, port: int) -> bool:
    """Whether a server of this very folder runs on these ports; its lock is looked at, and neither made nor kept."""
    try:
        served = folder.served()
        with (folder.path / MEETING_LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return served is not None and served.port == port
    except (FileNotFoundError, FolderError):
        pass
    return False
