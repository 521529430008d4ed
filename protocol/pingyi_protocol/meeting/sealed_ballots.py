"""Secret ballots in a round: when one is taken, and which of them hold once the proofs are checked."""

from collections.abc import Callable
from typing import TypeAlias

from pingyi_protocol.meeting.commands import CastSecret, Command
from pingyi_protocol.meeting.events import BallotsChecked, Event, InvalidBallot, SecretBallotCast
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import castable
from pingyi_protocol.meeting.sealed import newest_first, questions_of
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ballot import Question, check_shape, fault_of

Fault: TypeAlias = Callable[[Question, bytes, str], str]
"""What is wrong with a ballot to a question under a member's public key, "" for nothing."""


def cast_secret(meeting: Meeting, command: Command, body: CastSecret, at: int) -> Event | Refusal:
    """A member who is present casts a ballot that is written as one; whether its proofs hold is found out later."""
    one = castable(meeting, command, body, at)
    if isinstance(one, Refusal):
        return one
    asked = questions_of(meeting, one)
    if not asked:
        return Refusal(Reason.BALLOT_OPEN, {"item": one.item})
    if len(asked) != len(body.sealed):
        return Refusal(Reason.BALLOT_MALFORMED)
    try:
        for question, text in zip(asked, body.sealed, strict=True):
            check_shape(question.encoding, text)
    except SecretError:
        return Refusal(Reason.BALLOT_MALFORMED)
    return SecretBallotCast(command.person, body.item, body.round, command.id, body.sealed)


def to_be_checked(meeting: Meeting) -> Round | None:
    """Return the closed secret round whose proofs are yet to be checked, the newest, if there is one."""
    if meeting.closed is not None or meeting.continuing is not None:
        return None
    waiting = (one for one in reversed(meeting.rounds) if one.phase is Phase.CLOSED)
    return next((one for one in waiting if one.sealing is not None and not one.sealing.checked), None)


def ballots_checked(meeting: Meeting, one: Round, fault: Fault = fault_of) -> BallotsChecked:
    """Return what the check of a round's proofs comes to; ``fault`` may know what worker processes found."""
    asked, sealing = questions_of(meeting, one), one.sealing
    found: list[InvalidBallot] = []
    for person in sorted(one.ballots) if sealing is not None else ():
        for ballot in newest_first(one, person):
            faults = (fault(question, ballot.key, text) for question, text in zip(asked, ballot.sealed, strict=True))
            wrong = next(filter(None, faults), "")
            if not wrong:
                break
            found.append(InvalidBallot(person, ballot.id, wrong))
    return BallotsChecked(one.item, one.number, tuple(found))
