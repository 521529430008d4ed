"""What the chair's screen is made from, and the questions that all its parts ask of it. Pure.

The meeting's part comes from the server; the ``Draft`` is what only this console knows: where the cursor is, what
waits for a second Enter, what was sent and has no answer yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.commands import Body
from pingyi_protocol.meeting.definition import Definition, Item, Person
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.picture import Backstage, LiveRound, Picture, from_bitmap
from pingyi_protocol.wording import WordedError
from pingyi_terminal.running import large_enough
from pingyi_terminal.widgets import SeatState

STALLED_SECONDS = 12
"""Without a ballot for this long, while some are missing, the count has stalled."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """A step that only moves this console: to the agenda item with this id."""

    item: str


class Here(StrEnum):
    """A step that ends this console and leaves the meeting as it is."""

    LEAVE = "leave"


Deed: TypeAlias = Body | GoTo | Here
"""What a step does: a command to the meeting, or something on this console alone."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What this console knows for itself.

    ``chosen`` is the item under the cursor, None while it follows the meeting. ``asking`` waits for its second Enter.
    ``sent`` has no answer yet; ``refused`` is what was answered with ``refusal``, or could not be sent for ``fault``,
    which says why. ``left_over`` was signed before the last start and is not sent again. ``quiet`` are the seconds
    since the last ballot, ``lost`` those for which the terminal of a present member (by roster place) has not answered.
    """

    chosen: str | None = None
    asking: Deed | None = None
    sent: Body | None = None
    refused: Body | None = None
    refusal: Refusal | None = None
    fault: str = ""
    left_over: tuple[Body, ...] = ()
    alarm: WordedError | None = None
    quiet: float = 0.0
    lost: Mapping[int, float] = field(default_factory=dict)

    @property
    def complaint(self) -> bool:
        """Whether the last command came to nothing and the chair has not put that away."""
        return self.refusal is not None or self.fault != "" or self.left_over != ()

    def undisturbed(self) -> "Draft":
        """Return the draft without question and complaint."""
        return replace(self, asking=None, refused=None, refusal=None, fault="")


@dataclass(frozen=True)
class Situation:
    """The meeting as this console sees it now. ``remaining`` is the live round's countdown in milliseconds.

    What walks over all members is worked out once for all who ask.
    """

    definition: Definition
    picture: Picture
    backstage: Backstage | None = None
    link: Link = Link.UP
    remaining: int | None = None
    draft: Draft = Draft()

    @property
    def live(self) -> LiveRound | None:
        """The round that takes ballots now."""
        one = self.picture.live
        return one if one is not None and one.phase in LIVE else None

    @property
    def stage(self) -> Item | None:
        """The item that the screen is about: the open one, else the chosen, else the last opened, else the next.

        None when nothing is on the agenda.
        """
        if self.live is not None:
            return self.definition.item(self.live.item)
        chosen = self.definition.item(self.draft.chosen) if self.draft.chosen else None
        latest = self.definition.item(self.picture.live.item) if self.picture.live else None
        return chosen or latest or self.next_item

    @property
    def cursor(self) -> Item | None:
        """The item that the agenda marks."""
        chosen = self.definition.item(self.draft.chosen) if self.draft.chosen else None
        return chosen or self.stage

    @property
    def next_item(self) -> Item | None:
        """The first item that was never opened."""
        return next((item for item in self.definition.agenda if self.phase_of(item) is Phase.PENDING), None)

    @property
    def round(self) -> LiveRound | None:
        """The round of the item on stage, where it is the one that was opened last."""
        one, stage = self.picture.live, self.stage
        return one if one is not None and stage is not None and one.item == stage.id else None

    def phase_of(self, item: Item) -> Phase:
        """Where this item stands."""
        return self.picture.status(item.id).phase

    @property
    def ready(self) -> bool:
        """Whether a command could be sent now: the link is up and no other one waits for its answer."""
        return self.link is Link.UP and self.draft.sent is None

    @property
    def published(self) -> RoundFigures | None:
        """The figures of the item on stage that everybody sees, None where its newest round has none."""
        stage = self.stage
        newest = self.picture.figures(stage.id) if stage is not None else None
        latest = stage is not None and newest is not None and newest.round == self.picture.status(stage.id).round
        return newest if latest else None

    @property
    def figures(self) -> RoundFigures | None:
        """The figures of the item on stage, as far as the chair may see them."""
        one = self.round
        running = [one.running] if one is not None and one.running else []
        if self.backstage is not None and self.backstage.running is not None and one is not None:
            behind = self.backstage.running
            running += [behind] if (behind.item, behind.round) == (one.item, one.round) else []
        # two ways lead here; the one that has counted more is the newer
        newest = max(running, key=lambda figures: figures.received, default=None)
        return large_enough(newest) if self.live is not None else self.published or newest

    @cached_property
    def attendance(self) -> "Attendance":
        """Due, present and quorum."""
        return attendance_in(self)

    @cached_property
    def members(self) -> "tuple[Member, ...]":
        """Every entitled member in roster order."""
        return members_in(self)

    @cached_property
    def turnout(self) -> "Turnout | None":
        """The turnout of the round on stage, None where there is no such round in the picture."""
        return turnout_in(self)

    @property
    def closing(self) -> bool:
        """Whether the countdown is over and the server is about to close the round."""
        stage = self.stage
        over = self.live is not None and self.live.phase is Phase.OPEN and self.remaining == 0
        return over and stage is not None and stage.rules.timer_closes


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many are due and present, and how many the meeting needs."""

    due: int
    present: int
    quorum: int

    @property
    def short(self) -> int:
        """How many are missing for the quorum."""
        return max(0, self.quorum - self.present)


@dataclass(frozen=True, slots=True)
class Member:
    """One member on the chair's screen: the line of the roster, the seat now, and how they stand.

    ``gone``: counted as present for the round, has left since, and can no longer vote.
    """

    place: int
    person: Person
    seat: str
    state: SeatState
    gone: bool = False


def attendance_in(situation: Situation) -> Attendance:
    """Return due, present and quorum."""
    definition = situation.definition
    due = len(definition.entitled)
    return Attendance(due, len(from_bitmap(situation.picture.present)), least_of(definition.meeting.quorum, due))


def members_in(situation: Situation) -> tuple[Member, ...]:
    """Return every entitled member in roster order."""
    picture, one = situation.picture, situation.round
    present = from_bitmap(picture.present)
    counted = from_bitmap(one.present) if one else present
    voted = from_bitmap(one.voted) if one else frozenset()
    recused = recused_in(situation)
    connected = from_bitmap(situation.backstage.connected) if situation.backstage else present
    found = []
    for place, person in enumerate(situation.definition.roster):
        if not person.entitled:
            continue
        if place in voted:
            state = SeatState.VOTED
        elif place not in present:
            state = SeatState.ABSENT
        elif place in recused:
            state = SeatState.RECUSED
        else:
            state = SeatState.PRESENT if place in connected else SeatState.LOST
        gone = place in counted - recused and place not in present and place not in voted
        seat = picture.seats.get(person.number, person.seat)
        found.append(Member(place, person, seat, state, gone))
    return tuple(found)


def recused_in(situation: Situation) -> frozenset[int]:
    """Return the roster places of those who are recused from the round on stage, or would be from its next one."""
    one, stage = situation.round, situation.stage
    if one is not None:
        return from_bitmap(one.recused)
    return from_bitmap(situation.picture.status(stage.id).recused) if stage is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who has voted in the round on stage: ``voted`` of ``base``, where ``able`` were present and not recused.

    ``waiting`` can still vote, ``gone`` cannot.
    """

    voted: int
    base: int
    able: int
    waiting: tuple[Member, ...]
    gone: tuple[Member, ...]

    @property
    def missing(self) -> int:
        """How many who were present and could vote have not."""
        return self.able - self.voted

    @property
    def complete(self) -> bool:
        """Whether nobody is left who could vote."""
        return self.able > 0 and not self.waiting


def turnout_in(situation: Situation) -> Turnout | None:
    """Return the turnout of the round on stage, None where there is no such round in the picture."""
    one = situation.round
    if one is None:
        return None
    counted = from_bitmap(one.present)
    all_members = situation.members
    waiting = tuple(
        member
        for member in all_members
        if member.place in counted and member.state in (SeatState.PRESENT, SeatState.LOST)
    )
    gone = tuple(member for member in all_members if member.gone)
    return Turnout(one.received, one.base, len(counted - from_bitmap(one.recused)), waiting, gone)


class Attention(StrEnum):
    """What the chair's bell rings for."""

    COMPLETE = "complete"
    STALLED = "stalled"


def attention(situation: Situation) -> Attention | None:
    """Return what there is to look up for: everybody present has voted, or ballots have stopped coming."""
    count = situation.turnout
    if situation.live is None or count is None:
        return None
    if count.complete:
        return Attention.COMPLETE
    # before the first ballot everybody is reading: that is no stall
    return Attention.STALLED if count.voted and situation.draft.quiet >= STALLED_SECONDS else None
