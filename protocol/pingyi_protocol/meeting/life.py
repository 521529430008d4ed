"""The life of a round: one table, and what is not in it is refused."""

from enum import StrEnum


class Phase(StrEnum):
    """Where an item stands. ``PENDING`` has no round yet, ``WITHDRAWN`` gets no other one."""

    PENDING = "pending"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    ANNOUNCED = "announced"
    VOID = "void"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What can be done with an item and its round. ``REVOTE`` opens the next round, and the earlier one stays.

    ``ENTER`` is a round that hands or paper decided, entered as a whole; ``CONFIRM`` is a scrutineer's signature, and
    ``UNSEAL`` whatever leads to the totals of a secret one.
    """

    OPEN = "open"
    REVOTE = "revote"
    CAST = "cast"
    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    ENTER = "enter"
    CONFIRM = "confirm"
    UNSEAL = "unseal"
    ANNOUNCE = "announce"
    VOID = "void"
    WITHDRAW = "withdraw"


LIFE: dict[tuple[Phase, Move], Phase] = {
    (Phase.PENDING, Move.OPEN): Phase.OPEN,
    (Phase.PENDING, Move.ENTER): Phase.CLOSED,
    (Phase.PENDING, Move.WITHDRAW): Phase.WITHDRAWN,
    (Phase.OPEN, Move.CAST): Phase.OPEN,
    (Phase.OPEN, Move.EXTEND): Phase.OPEN,
    (Phase.OPEN, Move.PAUSE): Phase.PAUSED,
    (Phase.OPEN, Move.CLOSE): Phase.CLOSED,
    # a pause stops the countdown, not the members: a ballot in flight is never lost to it
    (Phase.PAUSED, Move.CAST): Phase.PAUSED,
    (Phase.PAUSED, Move.EXTEND): Phase.PAUSED,
    (Phase.PAUSED, Move.RESUME): Phase.OPEN,
    (Phase.PAUSED, Move.CLOSE): Phase.CLOSED,
    (Phase.CLOSED, Move.CONFIRM): Phase.CLOSED,
    (Phase.CLOSED, Move.UNSEAL): Phase.CLOSED,
    (Phase.CLOSED, Move.ANNOUNCE): Phase.ANNOUNCED,
    # what went wrong may come to light at any time, also after the announcement
    (Phase.OPEN, Move.VOID): Phase.VOID,
    (Phase.PAUSED, Move.VOID): Phase.VOID,
    (Phase.CLOSED, Move.VOID): Phase.VOID,
    (Phase.ANNOUNCED, Move.VOID): Phase.VOID,
    (Phase.CLOSED, Move.REVOTE): Phase.OPEN,
    (Phase.ANNOUNCED, Move.REVOTE): Phase.OPEN,
    (Phase.VOID, Move.REVOTE): Phase.OPEN,
    (Phase.CLOSED, Move.ENTER): Phase.CLOSED,
    (Phase.ANNOUNCED, Move.ENTER): Phase.CLOSED,
    (Phase.VOID, Move.ENTER): Phase.CLOSED,
    (Phase.VOID, Move.WITHDRAW): Phase.WITHDRAWN,
}

LIVE = frozenset({Phase.OPEN, Phase.PAUSED})
"""The phases in which ballots are taken."""


def diagram() -> str:
    """Return the table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {Phase.PENDING}"]
    lines += [f"    {phase} --> {after}: {move}" for (phase, move), after in LIFE.items()]
    return "\n".join(lines)
