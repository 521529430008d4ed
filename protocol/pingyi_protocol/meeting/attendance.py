"""Who is present: check-in, by hand, leaving early, seats, and the quorum."""

from pingyi_protocol.meeting.commands import CheckIn, CheckInByHand, CheckOut, Command, MoveSeat
from pingyi_protocol.meeting.definition import Quorum
from pingyi_protocol.meeting.events import CheckedIn, CheckedOut, Event, SeatMoved
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.soundness import SEAT, place_of


def quorum_number(quorum: Quorum, members: int) -> int:
    """Return the least number of present members that meets ``quorum`` of ``members``."""
    whole, rest = divmod(quorum.numerator * members, quorum.denominator)
    return whole + 1 if quorum.strict or rest else whole


def quorum_met(meeting: Meeting) -> bool:
    """Whether enough members are present now."""
    if meeting.definition is None:
        return False
    return len(meeting.present) >= quorum_number(meeting.definition.meeting.quorum, len(meeting.entitled))


def check_in(meeting: Meeting, command: Command, _body: CheckIn, _at: int) -> Event | Refusal:
    """A member becomes present."""
    return arrival(meeting, command.person, "")


def check_in_by_hand(meeting: Meeting, _command: Command, body: CheckInByHand, _at: int) -> Event | Refusal:
    """The clerk makes a member present, and says why."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    return arrival(meeting, body.person, body.reason)


def arrival(meeting: Meeting, person: str, reason: str) -> Event | Refusal:
    """Only who is entitled is counted, and once."""
    refused = not_a_member(meeting, person)
    if refused is not None:
        return refused
    if person in meeting.present:
        return Refusal(Reason.ALREADY_PRESENT, {"person": person})
    return CheckedIn(person, reason)


def check_out(meeting: Meeting, _command: Command, body: CheckOut, _at: int) -> Event | Refusal:
    """A member who leaves no longer counts as present."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    refused = not_a_member(meeting, body.person)
    if refused is not None:
        return refused
    if body.person not in meeting.present:
        return Refusal(Reason.NOT_PRESENT, {"person": body.person})
    return CheckedOut(body.person, body.reason)


def move_seat(meeting: Meeting, _command: Command, body: MoveSeat, _at: int) -> Event | Refusal:
    """A member moves to a seat that nobody has."""
    if not SEAT.fullmatch(body.seat):
        return Refusal(Reason.SEAT_MALFORMED)
    definition = meeting.definition
    if definition is None or definition.person(body.person) is None:
        return Refusal(Reason.NO_SUCH_PERSON, {"person": body.person, "role": ""})
    if any(place_of(meeting.seat_of(other.number)) == place_of(body.seat) for other in definition.roster):
        return Refusal(Reason.SEAT_TAKEN, {"seat": body.seat})
    return SeatMoved(body.person, body.seat)


def not_a_member(meeting: Meeting, person: str) -> Refusal | None:
    """Why this person cannot be counted as present, if so."""
    if person in meeting.entitled:
        return None
    line = meeting.definition.person(person) if meeting.definition else None
    if line is None:
        return Refusal(Reason.NO_SUCH_PERSON, {"person": person, "role": ""})
    return Refusal(Reason.NOT_ENTITLED, {"person": person})
