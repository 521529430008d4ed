"""Records of large meetings, in which everybody votes on everything and every seat cosigns."""

import random
from decimal import Decimal

import msgspec

from kit.factories import live_rules, small_definition
from kit.records import Scribe
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Cast,
    CheckIn,
    CloseMeeting,
    CloseRound,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.definition import Definition, Item, Role, Target

BATCH = 64
"""Ballots under one signed head: what a busy server takes into one commit."""


def large_definition(members: int, items: int) -> Definition:
    """A meeting that scores one target in each item, without time limits."""
    targets = tuple(Target(f"T{place:02}", f"部门{place:02}") for place in range(1, items + 1))
    agenda = tuple(
        Item(str(place), f"{one.name}整改评议", (one.id,), live_rules(seconds=None))
        for place, one in enumerate(targets, start=1)
    )
    small = small_definition(members)
    return msgspec.structs.replace(small, targets=targets, agenda=agenda, problems=(), components=())


def large_meeting(members: int, items: int) -> Scribe:
    """Let the meeting happen, from enrolment to its close, with a ballot of each member on each item.

    The chair and every seat cosign the head of each close and the final one.
    """
    dice = random.Random(members * items)  # noqa: S311 - scores that differ, the same in every run
    scribe = Scribe(large_definition(members, items))
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, members + 1)]
    scribe.sign()
    for seat in seats:
        scribe.do(seat, CheckIn())
    for item in scribe.meeting.agenda:
        scribe.do(chair, OpenRound(item.id))
        [target] = item.targets
        for first in range(0, members, BATCH):
            for seat in seats[first : first + BATCH]:
                scribe.do(seat, Cast(item.id, 1, (Score(target, "", Decimal(dice.randint(60, 100))),)))
            scribe.sign()
        scribe.do(chair, CloseRound(item.id, 1))
        scribe.witness(chair, *seats)
        scribe.do(chair, AnnounceRound(item.id, 1))
        scribe.sign()
    scribe.do(chair, CloseMeeting())
    scribe.witness(chair, *seats)
    return scribe
