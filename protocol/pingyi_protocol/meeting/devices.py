"""Who gets a device that speaks for them: one-time codes, enrolments, and devices that may speak no more."""

from pingyi_protocol.keys.signing import key_id, parse_public_key
from pingyi_protocol.keys.transport import parse_transport_key
from pingyi_protocol.meeting.commands import Command, CountersignCode, Enrol, IssueCode, RevokeDevice, WithdrawCode
from pingyi_protocol.meeting.definition import Definition, Person, Role
from pingyi_protocol.meeting.events import (
    CodeCountersigned,
    CodeIssued,
    CodeWithdrawn,
    DeviceEnrolled,
    DeviceRevoked,
    Event,
)
from pingyi_protocol.meeting.evolve import CLERK, HALL
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wording import WordedError


def may_act(meeting: Meeting, person: str, role: Role) -> bool:
    """Whether the roster lets this person act in this role."""
    if Principal(person, role) in (CLERK, HALL):
        return True
    # whoever is entitled is a member; the look-up spares every ballot a walk through the roster
    if role is Role.MEMBER and person in meeting.entitled:
        return True
    line = meeting.definition.person(person) if meeting.definition else None
    return line is not None and role in line.roles


def speakers(definition: Definition) -> tuple[Principal, ...]:
    """Return all who may have a terminal, in the order of the roster and of one person's roles, and the hall last."""
    people = (Principal(one.number, role) for one in definition.roster for role in Role if role in roles_of(one))
    return (*(one for one in people if one != CLERK), HALL)


def roles_of(person: Person) -> frozenset[Role]:
    """Return the roles in which this person may have a terminal: whoever is entitled is a member."""
    return frozenset(person.roles) | ({Role.MEMBER} if person.entitled else set())


def issue_code(meeting: Meeting, _command: Command, body: IssueCode, _at: int) -> Event | Refusal:
    """A code is for somebody on the roster in a role that they have, or for the hall's display.

    Whoever takes it gets the voice of a member who has been here, or signs for the hall while it votes: then the chair
    has to agree. The chair's own new terminal waits for nobody: the broken one may be the chair's.
    """
    if not may_act(meeting, body.person, body.role):
        return Refusal(Reason.NO_SUCH_PERSON, {"person": body.person, "role": body.role})
    hexadecimal = len(body.secret_hash) == 64 and all(digit in "0123456789abcdef" for digit in body.secret_hash)  # noqa: PLR2004 - SHA-256 in hex
    if not hexadecimal or body.secret_hash in meeting.codes:
        return Refusal(Reason.MALFORMED)
    here = body.role is Role.MEMBER and meeting.has_been_here(body.person)
    waits = here or (body.role is Role.SCRUTINEER and meeting.begun)
    return CodeIssued(body.person, body.role, body.secret_hash, waits)


def countersign_code(meeting: Meeting, _command: Command, body: CountersignCode, _at: int) -> Event | Refusal:
    """The chair lets this very code be taken."""
    if meeting.unsigned_codes.get(body.secret_hash) != Principal(body.person, body.role):
        return Refusal(Reason.NO_CODE_WAITS, {"person": body.person})
    return CodeCountersigned(body.person, body.role)


def waiting_codes(meeting: Meeting) -> tuple[CountersignCode, ...]:
    """Return what the chair is to sign, by the people's numbers."""
    waiting = sorted((whom, code) for code, whom in meeting.unsigned_codes.items())
    return tuple(CountersignCode(whom.person, whom.role, code) for whom, code in waiting)


def withdraw_code(meeting: Meeting, _command: Command, body: WithdrawCode, _at: int) -> Event | Refusal:
    """A code that was not taken ends by the clerk's word."""
    if Principal(body.person, body.role) not in meeting.code_of:
        return Refusal(Reason.NO_CODE, {"person": body.person})
    return CodeWithdrawn(body.person, body.role)


def enrol(meeting: Meeting, command: Command, body: Enrol, _at: int) -> Event | Refusal:
    """A device is enrolled once, under an outstanding code of its principal, with good keys nobody else has."""
    principal = Principal(command.person, command.role)
    if meeting.codes.get(body.code) != principal:
        return Refusal(Reason.CODE_UNKNOWN)
    if body.code in meeting.unsigned_codes:
        return Refusal(Reason.CODE_NOT_COUNTERSIGNED)
    try:
        public = parse_public_key(body.signing_key)
        parse_transport_key(body.transport_key)
    except WordedError:
        return Refusal(Reason.KEY_REFUSED)
    taken = body.transport_key in meeting.transports or body.transport_key == meeting.server_key
    if taken or key_id(public) in meeting.devices or body.signing_key == meeting.log_key:
        return Refusal(Reason.KEY_REFUSED)
    return DeviceEnrolled(command.person, command.role, body.code, body.signing_key, body.transport_key, body.pinned)


def revoke_device(meeting: Meeting, _command: Command, body: RevokeDevice, _at: int) -> Event | Refusal:
    """A device is silenced by the clerk's word; the clerk's own is not, for nobody could go on after it."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    principal = Principal(body.person, body.role)
    if principal == CLERK:
        return Refusal(Reason.CLERK_DEVICE)
    if principal not in meeting.sessions:
        return Refusal(Reason.NO_DEVICE, {"person": body.person})
    return DeviceRevoked(body.person, body.role, body.reason)
