"""The gold block: the one next legal step, what it costs, and whether it asks once more. Pure."""

from dataclasses import dataclass

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CloseMeeting,
    CloseRound,
    DeclareContinuation,
    ExtendRound,
    OpenRound,
    PauseRound,
    ResumeRound,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Display, Item
from pingyi_protocol.meeting.life import LIFE, Move, Phase
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Continuing
from pingyi_terminal.chair.situation import Deed, GoTo, Here, Situation
from pingyi_terminal.widgets.keys import ActionState

EXTENSION = 60
"""Seconds that one press adds to the countdown."""


@dataclass(frozen=True, slots=True)
class Step:
    """What Enter does now. ``does`` is None where nothing can be done; ``asks`` wants a second Enter."""

    does: Deed | None
    label: str
    detail: str
    asks: bool = False
    state: ActionState = "normal"


def next_step(words: Catalogue, situation: Situation) -> Step:
    """Return the step that Enter takes, in words; a step that was begun shows its question."""
    if situation.draft.asking is Here.LEAVE:
        return Step(Here.LEAVE, words("chair.ask_leave"), words("chair.ask_leave_detail"), asks=True, state="danger")
    again = revote(situation)
    if again is not None and situation.draft.asking == again:
        return asked_again(words, situation, again)
    end = ending(situation)
    if end is not None and situation.draft.asking == end:
        question = words("chair.ask", step=words("chair.end"))
        return Step(end, question, words("chair.ask_detail", cost=words("chair.cost_end")), asks=True, state="danger")
    step = lawful_step(words, situation)
    if step.asks and situation.draft.asking == step.does:
        question = words("chair.ask", step=step.label)
        copy = situation.picture.watch.continuing
        what = words("chair.cost_continue", size=copy.size) if copy else cost(words, situation)
        return Step(step.does, question, words("chair.ask_detail", cost=what), True, "danger")
    return step


def lawful_step(words: Catalogue, situation: Situation) -> Step:
    """Return the next step before anybody asked for it."""
    stage = situation.stage
    blocked = blocked_step(words, situation)
    if blocked is not None or stage is None:
        return blocked or idle(words("chair.no_agenda"), "")
    match situation.phase_of(stage):
        case Phase.PENDING | Phase.VOID:
            return opening(words, situation, stage)
        case Phase.ANNOUNCED:
            return going_on(words, situation)
        case Phase.CLOSED:
            does: Deed = AnnounceRound(stage.id, situation.picture.status(stage.id).round)
            label = words("chair.announce")
        case _:
            does = CloseRound(stage.id, situation.picture.status(stage.id).round)
            label = words("chair.close")
    return Step(does, label, words("chair.asks_again", cost=cost(words, situation)), asks=True)


def blocked_step(words: Catalogue, situation: Situation) -> Step | None:
    """Return the block that says why nothing can be done now, None when something can."""
    if situation.link is Link.REVOKED:
        return idle(words("chair.revoked_block"), words("chair.revoked_block_detail"))
    if situation.draft.sent is not None:
        doing = words(f"chair.sent_{kind_of(situation.draft.sent)}")
        waiting = "chair.sent_detail" if situation.link is Link.UP else "chair.sent_detail_lost"
        return idle(doing, words(waiting))
    if situation.link is not Link.UP:
        return idle(words("chair.lost_block"), words("chair.lost_block_detail"))
    return standing_still(words, situation)


def standing_still(words: Catalogue, situation: Situation) -> Step | None:
    """Return the block of a meeting that is over, waits for signatures, or is about to close its round; else None."""
    if situation.picture.closed:
        return idle(words("chair.ended"), words("chair.ended_detail"))
    if situation.picture.watch.continuing is not None:
        return continuing(words, situation.picture.watch.continuing)
    if situation.closing:
        return idle(words("chair.closing"), words("chair.closing_detail"))
    return None


def continuing(words: Catalogue, copy: Continuing) -> Step:
    """Sign that the meeting goes on from an older copy of its record; then wait for the scrutineer."""
    if copy.declared:
        return idle(words("chair.countersigning"), words("chair.countersigning_detail"))
    asked_again = words("chair.asks_again", cost=words("chair.cost_continue", size=copy.size))
    does = DeclareContinuation(copy.size, copy.root, copy.reason)
    return Step(does, words("chair.continue"), asked_again, asks=True, state="danger")


def opening(words: Catalogue, situation: Situation, stage: Item) -> Step:
    """Open the item, if enough members are present."""
    short = situation.attendance.short
    if short:
        return idle(words("chair.below_quorum"), words("chair.below_quorum_detail", short=short))
    again = revote(situation)
    label = words("chair.revote" if again else "chair.open", item=stage.id)
    return Step(again or OpenRound(stage.id), label, words("chair.asks_again", cost=cost(words, situation)), asks=True)


def asked_again(words: Catalogue, situation: Situation, again: OpenRound) -> Step:
    """Ask whether the item on stage is to be voted on once more."""
    stays = words("chair.cost_revote", round=again.round)
    price = cost(words, situation) if situation.picture.status(again.item).phase is Phase.VOID else stays
    question = words("chair.ask", step=words("chair.revote", item=again.item))
    return Step(again, question, words("chair.ask_detail", cost=price), asks=True, state="danger")


def going_on(words: Catalogue, situation: Situation) -> Step:
    """Turn to the next item, which alone changes nothing for the hall; after the last one close the meeting."""
    following = situation.next_item
    if following is None:
        detail = words("chair.asks_again", cost=words("chair.cost_end"))
        return Step(CloseMeeting(), words("chair.end"), detail, asks=True)
    return Step(GoTo(following.id), words("chair.go_on", item=following.id), following.title)


def cost(words: Catalogue, situation: Situation) -> str:
    """Return what the next step costs or brings, as the first half of a sentence."""
    stage, count = situation.stage, situation.turnout
    if stage is None:
        return ""
    phase = situation.phase_of(stage)
    if phase in (Phase.PENDING, Phase.VOID):
        present = situation.attendance.present
        if stage.rules.seconds is None:
            return words("chair.cost_open", present=present)
        return words("chair.cost_open_timed", present=present, time=clock_of(1000 * stage.rules.seconds))
    if phase is Phase.CLOSED:
        shown_already = stage.rules.display is not Display.ON_ANNOUNCEMENT
        return words("chair.cost_announce_shown" if shown_already else "chair.cost_announce")
    if count is None or not count.missing:
        return words("chair.cost_close_complete")
    return words("chair.cost_close", missing=count.missing)


def idle(label: str, detail: str) -> Step:
    """Return a block that stays in place and does nothing."""
    return Step(None, label, detail, state="faint")


def kind_of(deed: Deed) -> str:
    """Return the word in catalogue keys for a command of the chair."""
    kinds: dict[type[Deed], str] = {
        OpenRound: "open",
        ExtendRound: "extend",
        PauseRound: "pause",
        ResumeRound: "resume",
        CloseRound: "close",
        AnnounceRound: "announce",
        VoidRound: "void",
        CloseMeeting: "end",
        DeclareContinuation: "continue",
    }
    return kinds.get(type(deed), "other")


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


def ending(situation: Situation) -> CloseMeeting | None:
    """Return the command that closes the meeting, None while a round takes ballots or nothing can be sent."""
    waiting = situation.picture.watch.continuing is not None
    busy = situation.live is not None or waiting or situation.picture.closed
    return None if busy or not situation.ready else CloseMeeting()


def revote(situation: Situation) -> OpenRound | None:
    """Return the command that opens the next round of the item on stage, None while it cannot be sent."""
    stage = situation.stage
    if (
        situation.picture.closed
        or stage is None
        or situation.live is not None
        or situation.attendance.short
        or not situation.ready
    ):
        return None
    status = situation.picture.status(stage.id)
    return OpenRound(stage.id, status.round + 1) if (status.phase, Move.REVOTE) in LIFE else None


def voidable(situation: Situation) -> tuple[str, int] | None:
    """Return (item, round) of the round on stage if it can be declared void now."""
    stage = situation.stage
    if situation.picture.closed or stage is None or not situation.ready:
        return None
    status = situation.picture.status(stage.id)
    return (stage.id, status.round) if (status.phase, Move.VOID) in LIFE else None


def changeable(situation: Situation) -> tuple[str, int] | None:
    """Return (item, round) of the live round if its countdown can be changed now."""
    one = situation.live
    if one is None or situation.remaining is None or situation.closing or not situation.ready:
        return None
    return one.item, one.round


def clock_of(milliseconds: int) -> str:
    """Return minutes and seconds as ``m:ss``, a begun second counted whole, so that 0:00 means over."""
    minutes, seconds = divmod(-(-milliseconds // 1000), 60)
    return f"{minutes}:{seconds:02}"
