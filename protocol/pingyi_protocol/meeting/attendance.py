"""Who is present: check-in and its window, by hand, leaving early, excuses, seats, and the quorum."""

from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.commands import (
    CheckIn,
    CheckInByHand,
    CheckOut,
    CloseCheckIn,
    Command,
    Excuse,
    MoveSeat,
    OpenCheckIn,
)
from pingyi_protocol.meeting.events import (
    CheckedIn,
    CheckedOut,
    CheckInClosed,
    CheckInOpened,
    Event,
    Excused,
    SeatMoved,
)
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.soundness import SEAT, place_of


def quorum_met(meeting: Meeting) -> bool:
    """Whether enough members are present now."""
    if meeting.definition is None:
        return False
    return len(meeting.present) >= least_of(meeting.definition.meeting.quorum, len(meeting.entitled))


def window(meeting: Meeting) -> int | None:
    """Return how many minutes check-in stays open once it is opened, None where it is always open."""
    return meeting.definition.meeting.check_in_minutes if meeting.definition else None


def check_in_is_open(meeting: Meeting, at: int) -> bool:
    """Whether members may check in themselves at ``at`` on the meeting's clock."""
    until = meeting.check_in_until
    return window(meeting) is None or (until is not None and at < until)


def open_check_in(meeting: Meeting, _command: Command, _body: OpenCheckIn, at: int) -> Event | Refusal:
    """The window opens, also once more, for as long as the definition says."""
    minutes = window(meeting)
    if minutes is None:
        return Refusal(Reason.NO_CHECK_IN_WINDOW)
    return Refusal(Reason.CHECK_IN_OPEN) if check_in_is_open(meeting, at) else CheckInOpened(60 * minutes)


def close_check_in(meeting: Meeting, _command: Command, _body: CloseCheckIn, at: int) -> Event | Refusal:
    """The window closes before its time."""
    if window(meeting) is None:
        return Refusal(Reason.NO_CHECK_IN_WINDOW)
    return CheckInClosed() if check_in_is_open(meeting, at) else Refusal(Reason.CHECK_IN_NOT_OPEN)


def check_in(meeting: Meeting, command: Command, _body: CheckIn, at: int) -> Event | Refusal:
    """A member becomes present, while check-in is open."""
    outcome = arrival(meeting, command.person, "")
    if isinstance(outcome, CheckedIn) and not check_in_is_open(meeting, at):
        return Refusal(Reason.CHECK_IN_NOT_OPEN)
    return outcome


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


def excuse(meeting: Meeting, _command: Command, body: Excuse, _at: int) -> Event | Refusal:
    """A member who has not been there is excused once; whoever comes all the same is present."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    refused = not_a_member(meeting, body.person)
    if refused is not None:
        return refused
    if body.person in meeting.present:
        return Refusal(Reason.ALREADY_PRESENT, {"person": body.person})
    if body.person in meeting.left:
        return Refusal(Reason.ALREADY_LEFT, {"person": body.person})
    if body.person in meeting.excused:
        return Refusal(Reason.ALREADY_EXCUSED, {"person": body.person})
    return Excused(body.person, body.reason)


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
