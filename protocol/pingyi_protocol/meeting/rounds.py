"""A round from its opening to its announcement: when a move is lawful, and what it leads to."""

from pingyi_protocol.meeting.attendance import quorum_met
from pingyi_protocol.meeting.ballots import misfit
from pingyi_protocol.meeting.choices import least_of, standing_again
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Cast,
    CastSecret,
    CloseRound,
    Command,
    ExtendRound,
    OpenRound,
    PauseRound,
    ResumeRound,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import TRIAL, Item, Press, Secrecy, SelectionRules
from pingyi_protocol.meeting.events import (
    BallotCast,
    Event,
    ResultAnnounced,
    RoundClosed,
    RoundExtended,
    RoundOpened,
    RoundPaused,
    RoundResumed,
)
from pingyi_protocol.meeting.key_ceremony import not_sealable
from pingyi_protocol.meeting.life import LIFE, Move, Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.refusal import Reason, Refusal

LONGEST_EXTENSION = 3600

WHY_NOT: dict[Phase, Reason] = {
    Phase.PENDING: Reason.NO_SUCH_ROUND,
    Phase.OPEN: Reason.ROUND_OPEN,
    Phase.PAUSED: Reason.PAUSED,
    Phase.CLOSED: Reason.ALREADY_CLOSED,
    Phase.ANNOUNCED: Reason.ALREADY_ANNOUNCED,
    Phase.VOID: Reason.ROUND_VOID,
    Phase.WITHDRAWN: Reason.ITEM_WITHDRAWN,
}
"""What to say when a phase does not allow a move, unless the move has a better word."""

BETTER_WORD: dict[tuple[Phase, Move], Reason] = {
    (Phase.CLOSED, Move.CAST): Reason.CLOSED,
    (Phase.ANNOUNCED, Move.CAST): Reason.CLOSED,
    (Phase.OPEN, Move.RESUME): Reason.NOT_PAUSED,
    (Phase.OPEN, Move.ANNOUNCE): Reason.NOT_CLOSED,
    (Phase.PAUSED, Move.ANNOUNCE): Reason.NOT_CLOSED,
    (Phase.OPEN, Move.CONFIRM): Reason.NOT_CLOSED,
    (Phase.PAUSED, Move.CONFIRM): Reason.NOT_CLOSED,
    (Phase.OPEN, Move.UNSEAL): Reason.NOT_CLOSED,
    (Phase.PAUSED, Move.UNSEAL): Reason.NOT_CLOSED,
    (Phase.CLOSED, Move.WITHDRAW): Reason.ITEM_VOTED,
    (Phase.ANNOUNCED, Move.WITHDRAW): Reason.ITEM_VOTED,
}


def open_round(meeting: Meeting, _command: Command, body: OpenRound, _at: int) -> Event | Refusal:
    """One item at a time is open, and only with a quorum; what was closed or is void can be voted on again."""
    if body.item == TRIAL.id and meeting.begun:
        return Refusal(Reason.TRIAL)
    item = openable(meeting, body.item, body.round, Move.OPEN, Move.REVOTE)
    if isinstance(item, Refusal):
        return item
    standing = candidates_of(meeting, item, body.among)
    if isinstance(standing, Refusal):
        return standing
    refused = not_sealable(meeting, item) if item.rules.secrecy is Secrecy.SECRET else None
    return refused or RoundOpened(item.id, body.round, item.rules.seconds, *standing)


def openable(meeting: Meeting, item_id: str, number: int, first: Move, again: Move) -> Item | Refusal:
    """Return the item whose next round, of this number, may begin now, by the one move or the other."""
    item = meeting.items.get(item_id)
    if item is None:
        return Refusal(Reason.NO_SUCH_ITEM, {"item": item_id})
    earlier = meeting.round_of(item.id)
    refused = unlawful(meeting.phase_of(item.id), first if earlier is None else again)
    if refused is not None:
        return refused
    following = 1 if earlier is None else earlier.number + 1
    if number != following:
        # a doubled command means the round that it opened the first time
        return Refusal(Reason.OTHER_ROUND, {"item": item.id, "round": str(number), "next": str(following)})
    return in_the_way(meeting, item, earlier) or item


def in_the_way(meeting: Meeting, item: Item, earlier: Round | None) -> Refusal | None:
    """Why no round of this item can begin now whatever its own life allows, if so."""
    live = meeting.live_round
    if live is not None:
        return Refusal(Reason.ROUND_OPEN, {"item": live.item})
    if earlier is not None and earlier.voiding is not None:
        return Refusal(Reason.VOID_WAITS, {"item": item.id})
    # seats are tried while people are still coming
    if item is not TRIAL and not quorum_met(meeting) and meeting.definition is not None:
        least = least_of(meeting.definition.meeting.quorum, len(meeting.entitled))
        return Refusal(Reason.BELOW_QUORUM, {"present": str(len(meeting.present)), "quorum": str(least)})
    return None


def candidates_of(meeting: Meeting, item: Item, among: tuple[str, ...]) -> tuple[tuple[str, ...], int] | Refusal:
    """Return who stands for how many places in a selection's next round: all, or ``among`` those who stand again."""
    if not isinstance(item.rules, SelectionRules):
        return Refusal(Reason.NOT_TIED) if among else ((), 0)
    if not among:
        return item.targets, item.rules.winners
    # a void round among those tied is held again
    counting = (one for one in reversed(meeting.rounds) if one.item == item.id and one.phase is not Phase.VOID)
    earlier = next(counting, None)
    found = round_figures(meeting, earlier).selection if earlier and earlier.phase is Phase.ANNOUNCED else None
    again = standing_again(found, item.targets) if found is not None else ((), 0)
    return again if again[0] == among else Refusal(Reason.NOT_TIED)


def extend(meeting: Meeting, _command: Command, body: ExtendRound, at: int) -> Event | Refusal:
    """A countdown gets longer while it runs or stands still."""
    one = lawful_round(meeting, body.item, body.round, Move.EXTEND, at)
    if isinstance(one, Refusal):
        return one
    if one.remaining_at(at) is None:
        return Refusal(Reason.NO_COUNTDOWN)
    if not 0 < body.seconds <= LONGEST_EXTENSION:
        return Refusal(Reason.SECONDS_OUT_OF_RANGE, {"most": str(LONGEST_EXTENSION)})
    return RoundExtended(body.item, body.round, body.seconds)


def pause(meeting: Meeting, _command: Command, body: PauseRound, at: int) -> Event | Refusal:
    """The countdown stands still."""
    one = lawful_round(meeting, body.item, body.round, Move.PAUSE, at)
    if isinstance(one, Refusal):
        return one
    return RoundPaused(body.item, body.round, one.remaining_at(at))


def resume(meeting: Meeting, _command: Command, body: ResumeRound, at: int) -> Event | Refusal:
    """The countdown runs on."""
    one = lawful_round(meeting, body.item, body.round, Move.RESUME, at)
    return one if isinstance(one, Refusal) else RoundResumed(body.item, body.round)


def cast(meeting: Meeting, command: Command, body: Cast, at: int) -> Event | Refusal:
    """A member who is present casts a whole ballot, before the deadline."""
    one = castable(meeting, command, body, at)
    if isinstance(one, Refusal):
        return one
    if one.sealing is not None:
        return Refusal(Reason.BALLOT_SECRET, {"item": one.item})
    refused = misfit(meeting.items[body.item], body.answers, one.candidates, one.places)
    return refused or BallotCast(command.person, body.item, body.round, command.id, body.answers)


def castable(meeting: Meeting, command: Command, body: Cast | CastSecret, at: int) -> Round | Refusal:
    """Return the round in which this member may cast a ballot now, else the refusal."""
    if command.person not in meeting.entitled:
        return Refusal(Reason.NOT_ENTITLED, {"person": command.person})
    if command.person not in meeting.present:
        return Refusal(Reason.NOT_PRESENT, {"person": command.person})
    one = lawful_round(meeting, body.item, body.round, Move.CAST, at)
    if isinstance(one, Refusal):
        return one
    return passed_over(one, meeting.items[body.item], command.person) or one


def passed_over(one: Round, item: Item, person: str) -> Refusal | None:
    """Why this member casts no ballot, or no other one, in this round, if so."""
    if person in one.recused:
        return Refusal(Reason.RECUSED, {"reason": one.recused[person]})
    if person not in one.present:
        return Refusal(Reason.CAME_LATE)
    if item.rules.press is Press.FIRST and person in one.ballots:
        return Refusal(Reason.ALREADY_VOTED)
    return None


def close(meeting: Meeting, _command: Command, body: CloseRound, at: int) -> Event | Refusal:
    """No more ballots, by the chair's word."""
    one = lawful_round(meeting, body.item, body.round, Move.CLOSE, at)
    return one if isinstance(one, Refusal) else closing(meeting, one)


def closing(meeting: Meeting, one: Round) -> RoundClosed:
    """Return the close of this round after the leaf that is last now."""
    counts = (len(one.present), len(one.ballots), one.recused_present)
    return RoundClosed(one.item, one.number, one.first, meeting.size - 1, *counts)


def announce(meeting: Meeting, _command: Command, body: AnnounceRound, at: int) -> Event | Refusal:
    """The figures become public, once whoever has to sign them has."""
    one = lawful_round(meeting, body.item, body.round, Move.ANNOUNCE, at)
    if isinstance(one, Refusal):
        return one
    if one.item == TRIAL.id:
        return Refusal(Reason.TRIAL)
    if one.sealed:
        return Refusal(Reason.NOT_UNSEALED, {"item": one.item, "missing": ", ".join(awaited_parts(one))})
    if meeting.awaits_confirmation(one):
        return Refusal(Reason.NOT_CONFIRMED)
    if one.voiding is not None:
        return Refusal(Reason.VOID_WAITS, {"item": one.item})
    return ResultAnnounced(round_figures(meeting, one))


def awaited_parts(one: Round) -> tuple[str, ...]:
    """Return of whom parts of a secret round's opening are not there, whoever of them it takes."""
    return one.sealing.missing if one.sealing is not None else ()


def timer(meeting: Meeting, at: int) -> RoundClosed | None:
    """Return the close that the countdown brings about at ``at``, if it does."""
    one = meeting.live_round
    if one is None or one.deadline is None or at < one.deadline or not meeting.items[one.item].rules.timer_closes:
        return None
    return closing(meeting, one)


def restarted(meeting: Meeting) -> RoundPaused | RoundClosed | None:
    """Return what a restart of the server brings about: a pause at the last durable remaining time, if any is left."""
    one = meeting.live_round
    if one is None or one.deadline is None:
        return None
    return timer(meeting, meeting.at) or RoundPaused(one.item, one.number, one.remaining_at(meeting.at))


def lawful_round(meeting: Meeting, item: str, number: int, move: Move, at: int) -> Round | Refusal:
    """Return the round that a command names if the table of its life allows the move now, else the refusal."""
    one = meeting.round_of(item)
    if one is None or one.number != number:
        return Refusal(Reason.NO_SUCH_ROUND, {"item": item, "round": str(number)})
    refused = unlawful(one.phase, move)
    if refused is not None:
        return refused
    # the countdown really ends the vote, also in the moment before its close is on the record
    over = one.deadline is not None and at >= one.deadline and meeting.items[item].rules.timer_closes
    if over and move in (Move.CAST, Move.EXTEND, Move.PAUSE):
        return Refusal(Reason.CLOSED)
    return one


def unlawful(phase: Phase, move: Move) -> Refusal | None:
    """Why the table of a round's life does not allow the move, if so."""
    if (phase, move) in LIFE:
        return None
    return Refusal(BETTER_WORD.get((phase, move), WHY_NOT[phase]))
