"""The agenda changed on the spot: items added, put in another order, withdrawn. What was voted on stays as it is."""

import msgspec

from pingyi_protocol.meeting.commands import AddItem, Command, ReorderAgenda, WithdrawItem
from pingyi_protocol.meeting.events import AgendaReordered, Event, ItemAdded, ItemWithdrawn
from pingyi_protocol.meeting.evolve import with_item
from pingyi_protocol.meeting.life import LIVE, Move, Phase
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import unlawful
from pingyi_protocol.meeting.soundness import findings_of


def add(meeting: Meeting, _command: Command, body: AddItem, _at: int) -> Event | Refusal:
    """An item is added if the meeting can be held on the definition with it; what was withdrawn can so be replaced."""
    if meeting.definition is None:
        return Refusal(Reason.NOTHING_LOADED)
    standing = tuple(item for item in meeting.agenda if item.id not in meeting.withdrawn)
    found = findings_of(with_item(msgspec.structs.replace(meeting.definition, agenda=standing), body))
    if found or body.item.id in meeting.withdrawn:
        return Refusal(Reason.ITEM_UNSOUND, {"item": body.item.id, "count": str(max(1, len(found)))})
    return ItemAdded(body.item, body.targets, body.problems)


def reorder(meeting: Meeting, _command: Command, body: ReorderAgenda, _at: int) -> Event | Refusal:
    """All items come in another order; those that were opened keep theirs among themselves."""
    before = [item.id for item in meeting.agenda]
    if sorted(body.order) != sorted(before):
        return Refusal(Reason.ORDER_MISFIT)
    opened = [item for item in before if meeting.round_of(item) is not None]
    if opened != [item for item in body.order if item in set(opened)]:
        return Refusal(Reason.ITEM_VOTED)
    return AgendaReordered(body.order)


def withdraw(meeting: Meeting, _command: Command, body: WithdrawItem, _at: int) -> Event | Refusal:
    """An item on which nothing was decided is withdrawn, for a reason."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    if all(item.id != body.item for item in meeting.agenda):
        return Refusal(Reason.NO_SUCH_ITEM, {"item": body.item})
    phase = meeting.phase_of(body.item)
    if phase in LIVE:
        return Refusal(Reason.ROUND_OPEN, {"item": body.item})
    # a round that was voted on before the one that is void stands
    if any(one.item == body.item and one.phase is not Phase.VOID for one in meeting.rounds):
        return Refusal(Reason.ITEM_VOTED)
    return unlawful(phase, Move.WITHDRAW) or ItemWithdrawn(body.item, body.reason)
