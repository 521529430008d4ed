"""What the system lets the server have, beside what so many seats need."""

from collections.abc import Iterator

from pingyi_server.capacity import MIB, backlog, memory_available, memory_for, shortages
from pingyi_server.doctor.finding import Area, Finding, good, look, mend
from pingyi_server.open_files import files_for, most_files


def limit_findings(people: int) -> Iterator[Finding]:
    """Yield what is to be said of open files, the queue at the door and memory, for so many people."""
    wanted = files_for(people)
    most = most_files(wanted)
    if most is not None and most < wanted:
        yield mend(Area.LIMITS, "serve.open_files", limit=most, wanted=wanted, people=people)
    else:
        yield good(Area.LIMITS, "doctor.limits_files", limit=most or "∞", wanted=wanted, people=people)
    short = list(shortages(people))
    for one in short:
        yield look(Area.LIMITS, one.key, **one.values)
    free = memory_available()
    if not short and free is not None:
        values = {"backlog": backlog(), "free": free // MIB, "needed": memory_for(people) // MIB, "people": people}
        yield good(Area.LIMITS, "doctor.limits_room", **values)
