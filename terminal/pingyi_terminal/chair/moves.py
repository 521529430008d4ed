"""What the chair can do now besides the next step: each command, or None while it cannot be sent. Pure."""

from pingyi_protocol.meeting.choices import standing_again
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    CloseCheckIn,
    CloseMeeting,
    CountersignCode,
    ExtendRound,
    OpenCheckIn,
    OpenRound,
    PauseRound,
    ResumeRound,
    TakeBackVoid,
)
from pingyi_protocol.meeting.definition import TRIAL, Item
from pingyi_protocol.meeting.life import LIFE, LIVE, Move, Phase
from pingyi_protocol.wire.messages import CallRecess
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.sealed import has_secret, held_up

EXTENSION = 60
"""Seconds that one press adds to the countdown."""


def extension(situation: Situation) -> ExtendRound | None:
    """Return the command that adds a minute, None while there is nothing to extend."""
    one = changeable(situation)
    return ExtendRound(one[0], one[1], EXTENSION) if one else None


def pausing(situation: Situation) -> PauseRound | ResumeRound | None:
    """Return the command that stops the countdown or lets it run on, None while there is none."""
    one = changeable(situation)
    if one is None or situation.live is None:
        return None
    return ResumeRound(*one) if situation.live.phase is Phase.PAUSED else PauseRound(*one)


def changeable(situation: Situation) -> tuple[str, int] | None:
    """Return (item, round) of the live round if its countdown can be changed now."""
    one = situation.live
    if one is None or situation.remaining is None or situation.closing or situation.restored or not situation.ready:
        return None
    return one.item, one.round


def ending(situation: Situation) -> CloseMeeting | None:
    """Return the command that closes the meeting, None while a round is open or to be void, or nothing can be sent."""
    return CloseMeeting() if between_rounds(situation) and not void_waits(situation) else None


def composing(situation: Situation) -> AnnounceComposite | None:
    """Return the command that announces the composites: nothing is missing, and no item was never opened."""
    lines = situation.backstage.composite if situation.backstage is not None else ()
    waits = lines and not situation.picture.composite and not any(line.missing for line in lines)
    return AnnounceComposite() if waits and situation.next_item is None and between_rounds(situation) else None


def check_in_switch(situation: Situation) -> OpenCheckIn | CloseCheckIn | None:
    """Return the command that opens the check-in's window or closes it, None where there is none."""
    windowless = situation.definition.meeting.check_in_minutes is None
    if windowless or situation.restored or situation.picture.closed or not situation.ready:
        return None
    return CloseCheckIn() if situation.check_in else OpenCheckIn()


def recess_switch(situation: Situation) -> CallRecess | None:
    """Return the message that calls a break, or ends it; None while a round is open or the meeting is over."""
    return CallRecess(not situation.picture.recess) if between_rounds(situation) else None


def trial(situation: Situation) -> OpenRound | None:
    """Return the command that opens the next trial vote, None once an item was opened."""
    if TRIAL not in situation.listed or not between_rounds(situation):
        return None
    return OpenRound(TRIAL.id, situation.round_of(TRIAL) + 1)


def revote(situation: Situation) -> OpenRound | None:
    """Return the command that opens the next round of the item on stage anew, None while it cannot be sent."""
    stage = situation.stage
    if stage is TRIAL:
        return trial(situation) if situation.round_of(TRIAL) else None
    if stage is None or situation.attendance.short or situation.voiding or not between_rounds(situation):
        return None
    anew = (situation.phase_of(stage), Move.REVOTE) in LIFE and not held_up(situation.picture, stage)
    return OpenRound(stage.id, situation.round_of(stage) + 1) if anew else None


def runoff(situation: Situation) -> OpenRound | None:
    """Return the command that opens a round among those who stand again for the last places, None where nobody does."""
    stage = situation.stage
    again = revote(situation)
    if again is None or stage is None or situation.phase_of(stage) is Phase.CLOSED:
        return None
    standing = situation.picture.figures(stage.id)
    found = standing.selection if standing is not None else None
    among, _ = standing_again(found, stage.targets) if found is not None else ((), 0)
    return OpenRound(again.item, again.round, among) if among else None


def voidable(situation: Situation) -> tuple[str, int] | None:
    """Return (item, round) of the round on stage if it can be declared void now; a trial vote counts anyway not.

    What was declared already waits for the scrutineer and can only be taken back.
    """
    stage = situation.stage
    if situation.picture.closed or situation.restored or stage is None or stage is TRIAL or not situation.ready:
        return None
    if situation.voiding:
        return None
    return (stage.id, situation.round_of(stage)) if (situation.phase_of(stage), Move.VOID) in LIFE else None


def taking_back(situation: Situation) -> TakeBackVoid | None:
    """Return the command that lets the round on stage stand after all, None where no voiding of it waits."""
    one = situation.voiding
    if one is None or situation.picture.closed or situation.restored or not situation.ready:
        return None
    return TakeBackVoid(one.item, one.round)


def void_waits(situation: Situation) -> tuple[str, ...]:
    """Return the items of which a round waits for the scrutineer to be void: the meeting is not closed before."""
    return tuple(item.id for item in situation.definition.agenda if situation.voiding_of(item) is not None)


def agreeing(situation: Situation) -> CountersignCode | None:
    """Return the command that agrees to a code: the first that waits, or the one after that which is asked about."""
    codes = situation.codes if situation.ready else ()
    if not codes:
        return None
    asked = next((place for place, code in enumerate(codes, 1) if code == situation.draft.asking), 0)
    return codes[asked % len(codes)]


def ceremonial(situation: Situation) -> bool:
    """Whether the chair can look at the key ceremony now, and begin one where none stands in the way."""
    return has_secret(situation.definition) and between_rounds(situation)


def unopened(situation: Situation) -> Item | None:
    """Return the first item off the stage with a secret round that can still be opened, None for none."""
    waiting = {one.item for one in situation.picture.secret.rounds if not one.too_few}
    return next((one for one in situation.definition.agenda if one.id in waiting and one is not situation.stage), None)


def between_rounds(situation: Situation) -> bool:
    """Whether no round takes ballots, the meeting goes on, and a command could be sent."""
    live = situation.picture.live is not None and situation.picture.live.phase in LIVE
    return situation.ready and not (live or situation.restored or situation.picture.closed)
