"""How a round becomes void: the chair says so and why, and a scrutineer who is another person signs the very same."""

from pingyi_protocol.meeting.commands import Command, CountersignVoid, TakeBackVoid, VoidRound
from pingyi_protocol.meeting.definition import TRIAL, Role
from pingyi_protocol.meeting.events import Event, RoundVoided, VoidProposed, VoidTakenBack
from pingyi_protocol.meeting.life import Move
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import lawful_round


def void(meeting: Meeting, command: Command, body: VoidRound, at: int) -> Event | Refusal:
    """The newest round of an item is to count for nothing, by the chair's word and for a reason."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    one = lawful_round(meeting, body.item, body.round, Move.VOID, at)
    if isinstance(one, Refusal):
        return one
    if one.item == TRIAL.id:
        # it counts for nothing anyway
        return RoundVoided(body.item, body.round, body.reason, "")
    if not scrutineer_beside(meeting, command.person):
        return Refusal(Reason.NO_SCRUTINEER)
    return VoidProposed(body.item, body.round, body.reason, command.person)


def countersign_void(meeting: Meeting, command: Command, body: CountersignVoid, at: int) -> Event | Refusal:
    """A scrutineer who is not the chair says the very same, and the round is void."""
    one = lawful_round(meeting, body.item, body.round, Move.VOID, at)
    if isinstance(one, Refusal):
        return one
    if one.voiding is None or one.voiding.reason != body.reason:
        return Refusal(Reason.VOID_MISFIT)
    if command.person == one.voiding.chair:
        return Refusal(Reason.SAME_PERSON)
    return RoundVoided(body.item, body.round, body.reason, command.person)


def to_be_countersigned(meeting: Meeting) -> tuple[CountersignVoid, ...]:
    """Return what a scrutineer is to sign now, the newest round first."""
    return tuple(
        CountersignVoid(one.item, one.number, one.voiding.reason)
        for one in reversed(meeting.rounds)
        if one.voiding is not None
    )


def take_back_void(meeting: Meeting, _command: Command, body: TakeBackVoid, at: int) -> Event | Refusal:
    """The chair lets the round stand."""
    one = lawful_round(meeting, body.item, body.round, Move.VOID, at)
    if isinstance(one, Refusal):
        return one
    return Refusal(Reason.VOID_MISFIT) if one.voiding is None else VoidTakenBack(body.item, body.round)


def scrutineer_beside(meeting: Meeting, chair: str) -> bool:
    """Whether the roster has a scrutineer who is another person than this one."""
    roster = meeting.definition.roster if meeting.definition else ()
    return any(Role.SCRUTINEER in person.roles and person.number != chair for person in roster)
