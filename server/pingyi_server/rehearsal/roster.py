"""A meeting with another number of members, for whoever simulates them."""

import msgspec

from pingyi_protocol.meeting.definition import Person, Role
from pingyi_server.imports.mapping import MeetingFile

FEWEST_SEATS, MOST_SEATS = 5, 3000
SEATS_A_ROW = 9
HERE = ("127.0.0.1",)


def resized(file: MeetingFile, seats: int, port: int) -> MeetingFile:
    """Return the meeting with this many members, chair and scrutineers among them, on this machine alone."""
    definition = file.definition
    members = sorted(definition.entitled, key=rank)[:seats]
    kept = {person.number for person in members}
    others = [person for person in definition.roster if not person.entitled]
    roster = [person for person in definition.roster if person.number in kept]
    last = max((int(person.seat.partition("-")[0]) for person in definition.roster if person.seat), default=0)
    roster += [further(place, last) for place in range(1, seats - len(roster) + 1)]
    facts = msgspec.structs.replace(definition.meeting, addresses=HERE, port=port, simulated=True)
    smaller = msgspec.structs.replace(definition, meeting=facts, roster=(*roster, *others))
    return MeetingFile(smaller, tuple(one for one in file.recusals if one.person in kept))


def rank(person: Person) -> tuple[bool, bool, bool]:
    """Return whom a smaller meeting needs most, the lowest first."""
    return Role.CHAIR not in person.roles, not person.chief, Role.SCRUTINEER not in person.roles


def further(place: int, last: int) -> Person:
    """Return a member beyond those of the roster, in the rows behind its last one."""
    row, column = divmod(place - 1, SEATS_A_ROW)
    return Person(number=f"X{place:04}", name=f"M X{place}", seat=f"{last + row + 1}-{column + 1:02}", group="1")
