"""``face_of(situation)``: which face a seat shows. Pure: all that it depends on is in the situation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.commands import Cast, CheckIn, Command
from pingyi_protocol.meeting.definition import Definition, Item, Person, Press, Target
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.picture import LiveRound, Picture, from_bitmap
from pingyi_terminal.seat.draft import Draft, Entry, blank, unsent
from pingyi_terminal.seat.faces import (
    Agenda,
    AgendaLine,
    Alarm,
    Arrival,
    Aside,
    Base,
    Closed,
    Connecting,
    Details,
    Face,
    Filling,
    Frame,
    Head,
    Help,
    Leaving,
    OwnBallot,
    Recorded,
    Recused,
    Result,
    RoundKey,
    Sent,
    TakenOver,
    Voided,
)

TOO_LATE = frozenset({Reason.CLOSED, Reason.MEETING_CLOSED})
"""Why a ballot that was signed in time, as its seat saw it, does not count."""

places = lru_cache(maxsize=16)(from_bitmap)
"""The places of a bitmap; the same few bitmaps are asked for again and again."""


@dataclass(frozen=True)
class RefusedBallot:
    """A ballot of one's own that the server refused."""

    ballot: Cast
    refusal: Refusal


@dataclass(frozen=True)
class Situation:
    """All that decides what a seat shows.

    ``remaining`` are the milliseconds left of the live round (None: no countdown), ``lost_seconds`` how long the
    link has been down; ``outstanding`` the signed commands without an answer; ``ballots`` the own ballots that are
    on the record, ``refused`` those that are not; ``complaint`` why the last check-in was refused.
    """

    person: str
    definition: Definition | None
    picture: Picture | None
    link: Link
    remaining: int | None = None
    lost_seconds: float = 0.0
    outstanding: tuple[Command, ...] = ()
    drafts: Mapping[RoundKey, Draft] = field(default_factory=dict)
    ballots: Mapping[RoundKey, OwnBallot] = field(default_factory=dict)
    refused: Mapping[RoundKey, RefusedBallot] = field(default_factory=dict)
    complaint: Refusal | None = None
    alarm: ReceiptError | None = None
    aside: Aside = Aside.NONE
    discreet: bool = False
    unsaved: bool = False


def face_of(situation: Situation) -> Face:
    """Return what to show now."""
    base = base_of(situation)
    match situation.aside:
        case Aside.HELP:
            return Help(base.frame, base)
        case Aside.LEAVING:
            return Leaving(base.frame, len(situation.outstanding), filled_in(base))
        case Aside.DETAILS if isinstance(base, Filling):
            row = base.draft.row
            return Details(base.frame, base.head, base.targets[row], base.problems[row])
        case Aside.AGENDA if isinstance(base, Recorded | Closed | Voided | Recused | Result | Sent):
            return agenda(situation, base.frame, aside=True) or base
        case _:
            return base


def base_of(situation: Situation) -> Base:
    """Return the face that the meeting itself asks for."""
    frame = frame_of(situation)
    if situation.alarm is not None:
        return Alarm(frame, situation.alarm)
    if situation.link is Link.REVOKED:
        return TakenOver(frame)
    on_agenda = agenda(situation, frame)
    if on_agenda is None:
        return Connecting(frame, len(situation.outstanding))
    return round_face(situation, frame, on_agenda.arrival) or on_agenda


def filled_in(base: Base) -> tuple[Entry, ...] | None:
    """Return what leaving now would lose; None if nothing."""
    if not isinstance(base, Filling):
        return None
    return unsent(base.draft, base.earlier.answers if base.earlier else None)


def frame_of(situation: Situation) -> Frame:
    """Return what stands around every face."""
    definition = situation.definition
    line = definition.person(situation.person) if definition else None
    moved = situation.picture.seats.get(situation.person) if situation.picture else None
    lost = situation.link is Link.LOST or (situation.link is Link.CONNECTING and situation.picture is not None)
    return Frame(
        meeting=definition.meeting.name if definition else "",
        session=definition.meeting.session if definition else "",
        simulated=definition.meeting.simulated if definition else False,
        seat=moved or (line.seat if line else ""),
        name=line.name if line else "",
        link=situation.link,
        lost=int(situation.lost_seconds) if lost else 0,
        discreet=situation.discreet,
        unsaved=situation.unsaved,
        unrecorded=situation.picture is not None and not situation.picture.recording,
        final=situation.picture.head.fingerprint if situation.picture and situation.picture.closed else "",
    )


def round_face(situation: Situation, frame: Frame, arrival: Arrival) -> Base | None:
    """Return the face of the round that was opened last; None where the agenda is what there is to see."""
    definition, picture = situation.definition, situation.picture
    live = picture.live if picture else None
    item = definition.item(live.item) if definition and live else None
    if definition is None or picture is None or live is None or item is None or arrival is Arrival.NO_VOTE:
        return None
    head = head_of(situation, definition, live)
    targets = tuple(definition.target(target) for target in item.targets)
    waiting = waiting_ballot(situation, head.key)
    if waiting is not None:
        return Sent(frame, head, item, targets, waiting.answers)
    if arrival is not Arrival.DONE:
        return None
    if live.phase is Phase.VOID:
        voted = head.key in situation.ballots or has_voted(situation)
        return Voided(frame, head, item, targets, picture.status(item.id).reason, voted)
    refused = situation.refused.get(head.key)
    late = refused.ballot.answers if refused and refused.refusal.reason in TOO_LATE else None
    if live.phase in LIVE and late is None:
        return open_face(situation, frame, head, item, targets)
    return ended_face(situation, frame, head, item, targets)


def open_face(situation: Situation, frame: Frame, head: Head, item: Item, targets: tuple[Target, ...]) -> Base:
    """Return the face of a round that takes ballots: to fill in, recorded, or recused."""
    live = situation.picture.live if situation.picture else None
    if live is not None and is_in(live.recused, situation):
        return Recused(frame, head, item, targets)
    own = situation.ballots.get(head.key)
    draft = situation.drafts.get(head.key)
    refused = situation.refused.get(head.key)
    if draft is None and (own is not None or has_voted(situation)):
        return recorded(situation, frame, head, item, targets)
    definition = situation.definition
    problems = tuple(definition.problems_of(target) if definition else () for target in item.targets)
    return Filling(
        frame, head, item, targets, problems, draft or blank(item), own, refused.refusal if refused else None
    )


def ended_face(situation: Situation, frame: Frame, head: Head, item: Item, targets: tuple[Target, ...]) -> Base | None:
    """Return the face of a round that takes no more ballots: its result, or what became of the own ballot."""
    picture = situation.picture
    live = picture.live if picture else None
    if picture is None or live is None:
        return None
    own = situation.ballots.get(head.key)
    refused = situation.refused.get(head.key)
    late = refused.ballot.answers if refused and refused.refusal.reason in TOO_LATE else None
    voted = own is not None or has_voted(situation)
    recused = is_in(live.recused, situation)
    was_present = is_in(live.present, situation) and not recused
    draft = situation.drafts.get(head.key)
    typed = unsent(draft, own.answers if own else None) if draft else None
    figures = next((one for one in picture.published if (one.item, one.round) == head.key), None)
    counted = voted and late is None and typed is None
    # that something did not count is said first, and again beside the announced result
    if figures is not None and (live.phase is Phase.ANNOUNCED or counted):
        missed = was_present and not voted
        announced = live.phase is Phase.ANNOUNCED
        return Result(
            frame,
            head,
            item,
            targets,
            figures,
            own,
            missed=missed,
            late=late is not None,
            unsent=typed,
            announced=announced,
        )
    if not counted and (was_present or voted or late is not None):
        return Closed(frame, head, item, targets, late, typed, voted, own)
    if recused:
        return Recused(frame, head, item, targets)
    return recorded(situation, frame, head, item, targets) if voted else None


def recorded(situation: Situation, frame: Frame, head: Head, item: Item, targets: tuple[Target, ...]) -> Recorded:
    """Return the face of a ballot that is on the record."""
    live = situation.picture.live if situation.picture else None
    is_open = live is not None and live.phase in LIVE
    return Recorded(
        frame,
        head,
        item,
        targets,
        situation.ballots.get(head.key),
        open=is_open,
        received=live.received if live else 0,
        base=live.base if live else 0,
        may_change=is_open and item.rules.press is Press.LAST,
    )


def agenda(situation: Situation, frame: Frame, *, aside: bool = False) -> Agenda | None:
    """Return the agenda; None before the server was heard."""
    definition, picture = situation.definition, situation.picture
    if definition is None or picture is None:
        return None
    lines = tuple(agenda_line(situation, picture, place, item) for place, item in enumerate(definition.agenda, start=1))
    entitled = len(definition.entitled)
    return Agenda(
        frame,
        lines,
        arrival_of(situation),
        present=len(places(picture.present)),
        due=entitled,
        quorum=least_of(definition.meeting.quorum, entitled),
        complaint=situation.complaint,
        aside=aside,
    )


def agenda_line(situation: Situation, picture: Picture, place: int, item: Item) -> AgendaLine:
    """Return one line of the agenda."""
    status = next((one for one in picture.items if one.item == item.id), None)
    figures = picture.figures(item.id)
    alone = figures.targets[0] if figures and len(figures.targets) == 1 else None
    measure = f"{alone.measure:.{item.rules.decimals}f}" if alone and alone.measure is not None else ""
    phase = status.phase if status else Phase.PENDING
    own = situation.ballots.get((item.id, status.round)) if status else None
    recused = status is not None and is_in(status.recused, situation)
    return AgendaLine(place, item.title, phase, measure, own, recused)


def arrival_of(situation: Situation) -> Arrival:
    """Return whether the member counts as present."""
    line = own_line(situation)
    if line is None or not line.entitled:
        return Arrival.NO_VOTE
    if situation.picture is not None and is_in(situation.picture.present, situation):
        return Arrival.DONE
    sent = any(isinstance(command.body, CheckIn) for command in situation.outstanding)
    return Arrival.SENT if sent else Arrival.NEEDED


def head_of(situation: Situation, definition: Definition, live: LiveRound) -> Head:
    """Return which round this is about."""
    ids = [item.id for item in definition.agenda]
    # 1 ms left still shows a second: the clock reads 0:00 only when the time is up
    seconds = None if situation.remaining is None else -(-situation.remaining // 1000)
    return Head((live.item, live.round), ids.index(live.item) + 1, len(ids), seconds, live.phase is Phase.PAUSED)


def waiting_ballot(situation: Situation, key: RoundKey) -> Cast | None:
    """Return the newest signed ballot of this round that has no answer yet."""
    casts = (command.body for command in reversed(situation.outstanding) if isinstance(command.body, Cast))
    return next((body for body in casts if (body.item, body.round) == key), None)


def has_voted(situation: Situation) -> bool:
    """Whether the meeting holds a ballot of this member in the round that was opened last."""
    live = situation.picture.live if situation.picture else None
    return live is not None and is_in(live.voted, situation)


def is_in(bitmap: str, situation: Situation) -> bool:
    """Whether this member is in a bitmap over the roster."""
    roster = situation.definition.roster if situation.definition else ()
    return any(roster[place].number == situation.person for place in places(bitmap) if place < len(roster))


def own_line(situation: Situation) -> Person | None:
    """Return the member's line of the roster."""
    return situation.definition.person(situation.person) if situation.definition else None
