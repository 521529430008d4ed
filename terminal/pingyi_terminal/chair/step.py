"""The gold block: the one next legal step, what it costs, and whether it asks once more. Pure."""

from dataclasses import dataclass

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    BeginCeremony,
    CloseCheckIn,
    CloseMeeting,
    CloseRound,
    CountersignCode,
    DeclareContinuation,
    ExtendRound,
    OpenCheckIn,
    OpenRound,
    PauseRound,
    ResumeRound,
    TakeBackVoid,
    VoidRound,
)
from pingyi_protocol.meeting.confirmation import signers
from pingyi_protocol.meeting.definition import TRIAL, Definition, Display, Item, MotionRules, RatingRules, ScoreRules
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Continuing, SealedRound
from pingyi_terminal.chair.moves import (
    check_in_switch,
    composing,
    ending,
    revote,
    runoff,
    taking_back,
    trial,
    unopened,
    void_waits,
)
from pingyi_terminal.chair.situation import Deed, GoTo, Here, Situation
from pingyi_terminal.sealed import Stage, ceremony_step, obstacle, sealed_round, stage_of, stage_words
from pingyi_terminal.widgets.keys import ActionState


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
    asking = situation.draft.asking
    if asking is Here.LEAVE:
        return Step(Here.LEAVE, words("chair.ask_leave"), words("chair.ask_leave_detail"), asks=True, state="danger")
    step = lawful_step(words, situation)
    if asking is not None and step.asks and asking == step.does:
        return question(words, step, price_of(words, situation, step))
    for other in (trial_step, revote_step, ending_step, take_back_step, agree_step):
        beside = other(words, situation)
        if asking is not None and beside is not None and asking == beside.does:
            return question(words, beside, beside.detail)
    return step


def question(words: Catalogue, step: Step, price: str) -> Step:
    """Ask whether this step is to be taken."""
    label = words("chair.ask", step=step.label)
    return Step(step.does, label, words("chair.ask_detail", cost=price), asks=True, state="danger")


def trial_step(words: Catalogue, situation: Situation) -> Step | None:
    """Hold a trial vote, None while there can be none."""
    does = trial(situation)
    return Step(does, words("chair.open_trial"), words("chair.cost_trial"), asks=True) if does else None


def revote_step(words: Catalogue, situation: Situation) -> Step | None:
    """Vote on the item on stage once more, None while that cannot be."""
    does, stage = revote(situation), situation.stage
    if does is None or stage is None:
        return None
    stays = words("chair.cost_revote", round=does.round)
    price = cost(words, situation) if situation.phase_of(stage) is Phase.VOID else stays
    return Step(does, words("chair.revote", item=does.item), price, asks=True)


def ending_step(words: Catalogue, situation: Situation) -> Step | None:
    """Close the meeting, None while that cannot be."""
    does = ending(situation)
    return Step(does, words("chair.end"), words("chair.cost_end"), asks=True) if does else None


def take_back_step(words: Catalogue, situation: Situation) -> Step | None:
    """Let the round on stage stand after all, None where no voiding of it waits."""
    does = taking_back(situation)
    if does is None:
        return None
    return Step(does, words("chair.take_back", round=does.round), words("chair.cost_take_back"), asks=True)


def agree_step(words: Catalogue, situation: Situation) -> Step | None:
    """Agree to the code that was asked about, None where it waits no more."""
    asking = situation.draft.asking
    code = next((code for code in situation.codes if situation.ready and code == asking), None)
    if code is None:
        return None
    who = named(situation.definition, code.person)
    return Step(code, words("chair.agree", who=who), words("chair.cost_agree"), asks=True)


def named(definition: Definition, number: str) -> str:
    """Return a member's number and name."""
    person = definition.person(number)
    return f"{number} {person.name}" if person is not None else number


def price_of(words: Catalogue, situation: Situation, step: Step) -> str:
    """Return what the next step costs, for its question."""
    copy = situation.picture.watch.continuing
    if copy is not None:
        return words("chair.cost_continue", size=copy.size)
    match step.does:
        case OpenCheckIn():
            return words("chair.cost_check_in", minutes=situation.definition.meeting.check_in_minutes)
        case CloseMeeting():
            return words("chair.cost_end")
        case AnnounceComposite():
            return words("chair.cost_compose")
        case OpenRound(among=among) if among:
            return words("chair.cost_runoff", places=places_left(situation))
        case _:
            return cost(words, situation)


def lawful_step(words: Catalogue, situation: Situation) -> Step:
    """Return the next step before anybody asked for it."""
    stage = situation.stage
    blocked = blocked_step(words, situation)
    if blocked is not None or stage is None:
        return blocked or idle(words("chair.no_agenda"), "")
    phase = situation.phase_of(stage)
    if phase in (Phase.ANNOUNCED, Phase.WITHDRAWN) or (stage is TRIAL and phase in (Phase.CLOSED, Phase.VOID)):
        return going_on(words, situation)
    match phase:
        case Phase.PENDING | Phase.VOID:
            return opening(words, situation, stage)
        case Phase.CLOSED:
            waits = waiting_step(words, situation, stage)
            if waits is not None:
                return waits
            does: Deed = AnnounceRound(stage.id, situation.round_of(stage))
            label = words("chair.announce")
        case _:
            does = CloseRound(stage.id, situation.round_of(stage))
            label = words("chair.close", doing=doing_of(words, stage))
    return Step(does, label, words("chair.asks_again", cost=cost(words, situation)), asks=True)


def waiting_step(words: Catalogue, situation: Situation, stage: Item) -> Step | None:
    """Return the block of a closed round that others have to see to before it is announced, None where nobody has."""
    sealed = sealed_round(situation.picture, stage.id)
    if situation.voiding is not None:
        return idle(words("chair.voiding_block"), words("chair.voiding_detail"))
    if sealed is not None and not sealed.unsealed:
        return unsealing(words, situation, stage, sealed)
    return signing(words, situation, stage) if situation.unconfirmed else None


def blocked_step(words: Catalogue, situation: Situation) -> Step | None:
    """Return the block that says why nothing can be done now, None when something can."""
    if situation.link.shut_out:
        shut = situation.link.shut
        return idle(words(f"chair.{shut}_block"), words(f"chair.{shut}_block_detail"))
    if situation.draft.sent is not None:
        waiting = "chair.sent_detail" if situation.link is Link.UP else "chair.sent_detail_lost"
        return idle(sent_words(words, situation.definition, situation.draft.sent), words(waiting))
    if situation.link is not Link.UP:
        return idle(words("chair.lost_block"), words("chair.lost_block_detail"))
    if situation.mistrusted and not situation.restored:
        return idle(words("chair.alarm_block"), words("chair.alarm_block_detail"))
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


def signing(words: Catalogue, situation: Situation, stage: Item) -> Step:
    """Wait for the scrutineer who has to sign the count."""
    people = signers(situation.definition, stage)
    if len(people) > 1:
        return idle(words("chair.confirming"), words("chair.confirming_any"))
    who = [f"{person.number} {person.name}" for person in people]
    return idle(words("chair.confirming"), who[0] if who else words("chair.confirming_nobody"))


def opening(words: Catalogue, situation: Situation, stage: Item) -> Step:
    """Open the item, if enough members are present; else let them check in, or say how many are missing."""
    if stage is TRIAL:
        step = trial_step(words, situation)
        detail = words("chair.asks_again", cost=words("chair.cost_trial"))
        return Step(step.does, step.label, detail, asks=True) if step else idle(words("chair.open_trial"), "")
    short, switch = situation.attendance.short, check_in_switch(situation)
    if short and isinstance(switch, OpenCheckIn):
        minutes = situation.definition.meeting.check_in_minutes
        price = words("chair.asks_again", cost=words("chair.cost_check_in", minutes=minutes))
        return Step(switch, words("chair.open_check_in"), price, asks=True)
    if short:
        return idle(words("chair.below_quorum"), words("chair.below_quorum_detail", short=short))
    unready = unready_step(words, situation, stage)
    if unready is not None:
        return unready
    tied = runoff(situation)
    if tied is not None:
        return runoff_step(words, situation, tied)
    again = revote(situation)
    label = words("chair.open", item=stage.id, doing=doing_of(words, stage))
    label = words("chair.revote", item=stage.id) if again else label
    return Step(again or OpenRound(stage.id), label, words("chair.asks_again", cost=cost(words, situation)), asks=True)


def unready_step(words: Catalogue, situation: Situation, stage: Item) -> Step | None:
    """Make the key of a secret item first, or say for whom it waits; None where nothing stands in its way."""
    refused = obstacle(words, situation.definition, situation.picture, stage)
    if refused is None:
        return None
    ceremony = situation.picture.secret.ceremony
    match refused.reason:
        case Reason.NO_ELECTION_KEY:
            return Step(Here.CEREMONY, words("sealed.block_key"), words("sealed.block_key_detail"))
        case Reason.CEREMONY_UNDERWAY if ceremony is not None:
            # the aside names who is awaited
            return idle(words("sealed.block_underway"), ceremony_step(words, ceremony))
        case _:
            return idle(words("sealed.block_few"), words("sealed.block_few_detail", **refused.values))


def unsealing(words: Catalogue, situation: Situation, stage: Item, sealed: SealedRound) -> Step:
    """Wait for a closed secret round to be opened; what waits for people does not keep the next item from its turn."""
    following, how = situation.next_item, stage_of(sealed)
    if how is Stage.CHECKING:
        return idle(words("sealed.wait_block"), words("sealed.wait_checking"))
    waits = words("sealed.wait_item", item=stage.id, stage=stage_words(words, situation.definition, sealed))
    if how is Stage.TOO_FEW:
        waits = words("sealed.too_few")
    if following is None:
        return idle(words("sealed.wait_block") if how is not Stage.TOO_FEW else waits, waits)
    return Step(GoTo(following.id), words("chair.go_on", item=following.id), waits)


def runoff_step(words: Catalogue, situation: Situation, tied: OpenRound) -> Step:
    """Vote again on those who are tied for the last places."""
    price = words("chair.asks_again", cost=words("chair.cost_runoff", places=places_left(situation)))
    return Step(tied, words("chair.runoff", count=len(tied.among)), price, asks=True)


def places_left(situation: Situation) -> int:
    """Return for how many places those stand who are tied in the result of the item on stage."""
    stage = situation.stage
    standing = situation.picture.figures(stage.id) if stage is not None else None
    found = standing.selection if standing is not None else None
    return found.places - len(found.winners) if found is not None else 0


def going_on(words: Catalogue, situation: Situation) -> Step:
    """Turn to the next item, which alone changes nothing for the hall; after the last one close the meeting.

    Those who are tied come first.
    """
    tied, following = runoff(situation), situation.next_item
    if tied is not None:
        return runoff_step(words, situation, tied)
    waiting = void_waits(situation)
    if following is None and waiting:
        return idle(words("chair.end_waits"), words("chair.end_waits_detail", items=words("chair.and").join(waiting)))
    does = composing(situation)
    if does is not None:
        detail = words("chair.asks_again", cost=words("chair.cost_compose"))
        return Step(does, words("chair.compose"), detail, asks=True)
    left = unopened(situation)
    if following is None and left is not None:
        return Step(GoTo(left.id), words("sealed.go_back", item=left.id), left.title)
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
        present, seconds = situation.attendance.present, stage.rules.seconds
        timed = clock_of(1000 * seconds) if seconds is not None else ""
        return words("chair.cost_open_timed" if timed else "chair.cost_open", present=present, time=timed)
    if phase is Phase.CLOSED:
        shown_already = stage.rules.display is not Display.ON_ANNOUNCEMENT
        return words("chair.cost_announce_shown" if shown_already else "chair.cost_announce")
    if count is None or not count.missing:
        return words("chair.cost_close_complete")
    return words("chair.cost_close", missing=count.missing)


def idle(label: str, detail: str) -> Step:
    """Return a block that stays in place and does nothing."""
    return Step(None, label, detail, state="faint")


def kind_of_item(item: Item) -> str:
    """Return the word in catalogue keys for what is done on this item."""
    if item is TRIAL:
        return "trial"
    match item.rules:
        case ScoreRules():
            return "score"
        case MotionRules():
            return "motion"
        case RatingRules():
            return "rating"
        case _:
            return "selection"


def doing_of(words: Catalogue, item: Item) -> str:
    """Return what is done on this item: scoring, a vote, a rating, a selection."""
    return words(f"chair.doing_{kind_of_item(item)}")


def kind_of(deed: Deed) -> str:
    """Return the word in catalogue keys for a command of the chair."""
    kinds: dict[type[Deed], str] = {
        OpenRound: "open",
        ExtendRound: "extend",
        PauseRound: "pause",
        ResumeRound: "resume",
        CloseRound: "close",
        AnnounceRound: "announce",
        AnnounceComposite: "compose",
        VoidRound: "void",
        TakeBackVoid: "take_back",
        CountersignCode: "agree",
        OpenCheckIn: "open_check_in",
        CloseCheckIn: "close_check_in",
        CloseMeeting: "end",
        DeclareContinuation: "continue",
        BeginCeremony: "ceremony",
    }
    return kinds.get(type(deed), "other")


def sent_words(words: Catalogue, definition: Definition, deed: Deed) -> str:
    """Say what was sent."""
    return words(f"chair.sent_{kind_of(deed)}", doing=object_of(words, definition, deed))


def deed_words(words: Catalogue, definition: Definition, deed: Deed) -> str:
    """Name what a command does."""
    return words(f"chair.word_{kind_of(deed)}", doing=object_of(words, definition, deed))


def object_of(words: Catalogue, definition: Definition, deed: Deed) -> str:
    """Return what a command opens or closes, "" for others."""
    item = definition.item(deed.item) if isinstance(deed, OpenRound | CloseRound) else None
    return doing_of(words, item) if item is not None else ""


def clock_of(milliseconds: int) -> str:
    """Return minutes and seconds as ``m:ss``, a begun second counted whole, so that 0:00 means over."""
    minutes, seconds = divmod(-(-milliseconds // 1000), 60)
    return f"{minutes}:{seconds:02}"
