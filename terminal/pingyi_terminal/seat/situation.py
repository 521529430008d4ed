"""All that decides what a seat shows, and what can be read from it at a glance. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Answer, Cast, CastSecret, Command
from pingyi_protocol.meeting.definition import Definition, Item, Person, SelectionRules
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.picture import LiveRound, Picture, from_bitmap
from pingyi_terminal.seat.draft import Draft
from pingyi_terminal.seat.faces import Aside, Frame, Head, OwnBallot, RoundKey
from pingyi_terminal.seat.form import Form, form_of

places = lru_cache(maxsize=16)(from_bitmap)
"""The places of a bitmap; the same few bitmaps are asked for again and again."""


@dataclass(frozen=True)
class RefusedBallot:
    """A ballot of one's own that the server refused."""

    ballot: Cast | CastSecret
    refusal: Refusal

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What it answered; nothing where it is sealed."""
        return answers_in(self.ballot)


@dataclass(frozen=True)
class Situation:
    """All that decides what a seat shows.

    ``remaining`` are the milliseconds left of the live round (None: no countdown), ``check_in_left`` those of the
    check-in's window (0: over, None: it is not open yet, or there is none); ``lost_seconds`` how long the
    link has been down; ``outstanding`` the signed commands without an answer; ``ballots`` the own ballots that are
    on the record, ``refused`` those that are not; ``complaint`` why the last check-in was refused; ``calling``
    that this seat's call to the clerk stands. ``sealing`` are the rounds whose ballots are being encrypted.
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
    check_in_left: int | None = None
    calling: bool = False
    sealing: frozenset[RoundKey] = frozenset()


def frame_of(situation: Situation) -> Frame:
    """Return what stands around every face."""
    definition = situation.definition
    line = own_line(situation)
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
        restored=situation.picture is not None and situation.picture.watch.continuing is not None,
        final=situation.picture.head.fingerprint if situation.picture and situation.picture.closed else "",
        calling=situation.calling,
        recess=situation.picture is not None and in_recess(situation.picture),
        election_key=election_key(situation.picture) if situation.picture is not None else "",
    )


def election_key(picture: Picture) -> str:
    """Return the fingerprint of the key of the round that was opened last, else of the rounds to come; "" if none.

    It is worked out here from the key itself: what else a server shows of it says nothing.
    """
    live = picture.live
    key = live.key if live is not None and live.key is not None else picture.secret.key
    return key.fingerprint if key is not None else ""


def answers_in(ballot: Cast | CastSecret) -> tuple[Answer, ...]:
    """Return what can be read of a signed ballot: nothing of a sealed one."""
    return ballot.answers if isinstance(ballot, Cast) else ()


def in_recess(picture: Picture) -> bool:
    """Whether there is a break: it was called, and no round takes ballots."""
    return picture.recess and (picture.live is None or picture.live.phase not in LIVE)


def head_of(situation: Situation, definition: Definition, live: LiveRound) -> Head:
    """Return which round this is about."""
    return Head(
        key=(live.item, live.round),
        items=len(definition.agenda),
        seconds=seconds_of(situation.remaining),
        paused=live.phase is Phase.PAUSED,
        unconfirmed=live.unconfirmed,
    )


def seconds_of(milliseconds: int | None) -> int | None:
    """Return whole seconds: 1 ms left still shows one, so that a clock reads 0:00 only when the time is up."""
    return None if milliseconds is None else -(-milliseconds // 1000)


def round_form(picture: Picture | None, item: Item, number: int) -> Form:
    """Return what a ballot of this round asks: that of the newest round knows its candidates."""
    if not isinstance(item.rules, SelectionRules):
        return form_of(item)
    live = picture.live if picture else None
    if picture is None or live is None or (live.item, live.round) != (item.id, number):
        return form_of(item, item.targets, item.rules.winners)
    before = next((one for one in picture.published if (one.item, one.round) == (item.id, number - 1)), None)
    tied = before.selection.tied if before is not None and before.selection is not None else ()
    runoff = live.candidates != item.targets or live.candidates == tied
    return form_of(item, live.candidates, live.places, runoff=runoff)


def waiting_ballot(situation: Situation, key: RoundKey) -> Cast | CastSecret | None:
    """Return the newest signed ballot of this round that has no answer yet."""
    casts = (command.body for command in reversed(situation.outstanding) if isinstance(command.body, Cast | CastSecret))
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
