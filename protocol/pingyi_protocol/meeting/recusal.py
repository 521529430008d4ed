"""Recusal (回避): a member does not vote on an item, for a reason that stands on the record."""

from pingyi_protocol.meeting.attendance import not_a_member
from pingyi_protocol.meeting.commands import Command, LiftRecusal, Recuse
from pingyi_protocol.meeting.events import Event, RecusalLifted, Recused
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal


def recuse(meeting: Meeting, _command: Command, body: Recuse, _at: int) -> Event | Refusal:
    """A member is recused once from an item; it takes effect with the item's next round."""
    refused = unfit(meeting, body)
    if refused is not None:
        return refused
    if (body.item, body.person) in meeting.recusals:
        return Refusal(Reason.ALREADY_RECUSED, {"person": body.person, "item": body.item})
    return Recused(body.person, body.item, body.reason)


def lift(meeting: Meeting, _command: Command, body: LiftRecusal, _at: int) -> Event | Refusal:
    """A recusal that stands is lifted; it takes effect with the item's next round."""
    refused = unfit(meeting, body)
    if refused is not None:
        return refused
    if (body.item, body.person) not in meeting.recusals:
        return Refusal(Reason.NOT_RECUSED, {"person": body.person, "item": body.item})
    return RecusalLifted(body.person, body.item, body.reason)


def unfit(meeting: Meeting, body: Recuse | LiftRecusal) -> Refusal | None:
    """Why this names no member, no item or no reason, if so."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    if all(item.id != body.item for item in meeting.agenda):
        return Refusal(Reason.NO_SUCH_ITEM, {"item": body.item})
    return not_a_member(meeting, body.person)
