"""For whom cards are made: whom the clerk names, or everybody who has neither a device nor a card."""

from collections.abc import Sequence
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_server.cards.card import everybody, has_device
from pingyi_server.cards.printing import CardsError


class Chosen(NamedTuple):
    """Who gets a card, in the order of the cards, and how many keep one that was not used yet."""

    fresh: list[Principal]
    kept: int = 0


def named(meeting: Meeting, definition: Definition, members: Sequence[str], role: Role | None) -> Chosen:
    """Return these members (numbers, or ``hall``) in each of their roles, or in ``role`` alone.

    CardsError names who is not there, or has no such role.
    """
    found = [one for one in everybody(meeting, definition) if one.person in members and role in (None, one.role)]
    missing = sorted(set(members) - {one.person for one in found})
    if missing:
        raise CardsError("cards.unknown", members=", ".join(missing))
    return Chosen(found)


def lacking(meeting: Meeting, definition: Definition, role: Role | None, *, again: bool) -> Chosen:
    """Return who has no device, and no card that was not used yet; with ``again`` those get a new one.

    In ``role`` alone where it is given. CardsError when nobody is left.
    """
    without = [
        one for one in everybody(meeting, definition) if role in (None, one.role) and not has_device(meeting, one)
    ]
    fresh = [one for one in without if again or one not in meeting.code_of]
    if not fresh:
        raise CardsError("cards.nobody")
    return Chosen(fresh, len(without) - len(fresh))
