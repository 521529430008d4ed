"""What the chair's screen is made from, and the questions that all its parts ask of it. Pure.

The meeting's part comes from the server; the ``Draft`` is what only this console knows: where the cursor is, what
waits for a second Enter, what was sent and has no answer yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Self, TypeAlias

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.commands import Body, CountersignCode, CountersignVoid
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Person
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.picture import Backstage, LiveRound, Picture, from_bitmap
from pingyi_terminal.console_draft import ConsoleDraft
from pingyi_terminal.running import large_enough
from pingyi_terminal.widgets import SeatState

STALLED_SECONDS = 12
"""Without a ballot for this long, while some are missing, the count has stalled."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """A step that only moves this console: to the agenda item with this id."""

    item: str


class Here(StrEnum):
    """A step on this console alone that leaves the meeting as it is: to end it, or to ask who makes a key."""

    LEAVE = "leave"
    CEREMONY = "ceremony"


Deed: TypeAlias = Body | GoTo | Here
"""What a step does: a command to the meeting, or something on this console alone."""


@dataclass(frozen=True, slots=True)
class Draft(ConsoleDraft):
    """What this console knows for itself.

    ``chosen`` is the item under the cursor, None while it follows the meeting. ``asking`` waits for its second Enter.
    ``refused`` is what was answered with ``refusal``, or could not be sent for ``fault``,
    which says why. ``left_over`` was signed before the last start and is not sent again. ``quiet`` are the seconds
    since the last ballot, ``lost`` those for which the terminal of a present member (by roster place) has not answered.
    """

    chosen: str | None = None
    asking: Deed | None = None
    refused: Body | None = None
    refusal: Refusal | None = None
    fault: str = ""
    left_over: tuple[Body, ...] = ()
    quiet: float = 0.0
    lost: Mapping[int, float] = field(default_factory=dict)

    @property
    def complaint(self) -> bool:
        """Whether the last command came to nothing and the chair has not put that away."""
        return self.refusal is not None or self.fault != "" or self.left_over != ()

    def undisturbed(self) -> Self:
        """Return the draft without question and complaint."""
        return replace(self, asking=None, refused=None, refusal=None, fault="")


@dataclass(frozen=True)
class Situation:
    """The meeting as this console sees it now. ``remaining`` is the live round's countdown in milliseconds.

    ``check_in`` are the milliseconds left of the check-in's window: 0 once it is over, None before it or without one.
    What walks over all members is worked out once for all who ask.
    """

    definition: Definition
    picture: Picture
    backstage: Backstage | None = None
    link: Link = Link.UP
    remaining: int | None = None
    draft: Draft = Draft()
    check_in: int | None = None

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
        latest = self.definition.item(self.picture.live.item) if self.picture.live else None
        return self.chosen or latest or self.next_item

    @property
    def cursor(self) -> Item | None:
        """The item that the agenda marks."""
        return self.chosen or self.stage

    @property
    def chosen(self) -> Item | None:
        """The item that the chair has put the cursor on, None while it follows the meeting."""
        return next((item for item in self.listed if item.id == self.draft.chosen), None)

    @property
    def listed(self) -> tuple[Item, ...]:
        """What stands on the agenda: its items, and before them the trial vote until the first one is opened."""
        begun = any(one.round for one in self.picture.items)
        return self.definition.agenda if begun else (TRIAL, *self.definition.agenda)

    @property
    def next_item(self) -> Item | None:
        """The first item that was never opened."""
        return next((item for item in self.definition.agenda if self.phase_of(item) is Phase.PENDING), None)

    @property
    def round(self) -> LiveRound | None:
        """The round of the item on stage, where it is the one that was opened last."""
        one, stage = self.picture.live, self.stage
        return one if one is not None and stage is not None and one.item == stage.id else None

    @property
    def voting(self) -> LiveRound | None:
        """The round on stage, where ballots were cast: a result that was entered by hand has none."""
        return self.round if self.round is not None and not self.round.manual else None

    def phase_of(self, item: Item) -> Phase:
        """Where this item stands."""
        if item is TRIAL:
            one = self.picture.live
            return one.phase if one is not None and one.item == TRIAL.id else Phase.PENDING
        return self.picture.status(item.id).phase

    def round_of(self, item: Item) -> int:
        """The number of this item's latest round, 0 before the first."""
        if item is TRIAL:
            one = self.picture.live
            return one.round if one is not None and one.item == TRIAL.id else 0
        return self.picture.status(item.id).round

    def voiding_of(self, item: Item) -> CountersignVoid | None:
        """What was declared of this item's latest round and a scrutineer has still to sign, None for nothing."""
        waiting = self.backstage.voiding if self.backstage is not None else ()
        return next((one for one in waiting if (one.item, one.round) == (item.id, self.round_of(item))), None)

    @property
    def voiding(self) -> CountersignVoid | None:
        """The same of the item on stage."""
        return self.voiding_of(self.stage) if self.stage is not None else None

    @property
    def codes(self) -> tuple[CountersignCode, ...]:
        """The codes that nobody can take before the chair has agreed, also while an older copy waits for signatures."""
        if self.backstage is None or self.picture.closed:
            return ()
        return self.backstage.codes

    @property
    def ready(self) -> bool:
        """Whether a command could be sent now: the link is up, the record fits, and none waits for its answer."""
        return self.link is Link.UP and self.draft.sent is None and not self.mistrusted

    @property
    def restored(self) -> bool:
        """Whether an older copy of the record was put back and waits for signatures."""
        return self.picture.watch.continuing is not None

    @property
    def mistrusted(self) -> bool:
        """Whether its witness shouts: no command is sent to a server whose record does not go on from what was seen."""
        return self.draft.alarm is not None and self.draft.alarm.key.startswith("witness.")

    @property
    def published(self) -> RoundFigures | None:
        """The figures of the item on stage that everybody sees, None where its newest round has none."""
        stage = self.stage
        newest = self.picture.figures(stage.id) if stage is not None else None
        latest = stage is not None and newest is not None and newest.round == self.round_of(stage)
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
    def unconfirmed(self) -> bool:
        """Whether a scrutineer has to sign the count of the item on stage before it is announced."""
        stage, signing = self.stage, self.backstage.confirming if self.backstage is not None else None
        if stage is None or self.phase_of(stage) is not Phase.CLOSED:
            return False
        latest = self.round is not None and self.round.unconfirmed
        return latest or (signing is not None and (signing.item, signing.round) == (stage.id, self.round_of(stage)))

    @property
    def quorum_lost(self) -> bool:
        """Whether fewer are present than the open round needs; a trial vote needs none."""
        return self.live is not None and self.live.item != TRIAL.id and self.attendance.short > 0

    @property
    def closing(self) -> bool:
        """Whether the countdown is over and the server is about to close the round."""
        stage = self.stage
        over = self.live is not None and self.live.phase is Phase.OPEN and self.remaining == 0
        return over and stage is not None and stage.rules.timer_closes


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many are due and present, how many the meeting needs, and how many ``left`` early or are ``excused``."""

    due: int
    present: int
    quorum: int
    left: int
    excused: int

    @property
    def short(self) -> int:
        """How many are missing for the quorum."""
        return max(0, self.quorum - self.present)


class Away(StrEnum):
    """Why nobody waits for a member who is not there, if so."""

    NOT = "not"
    LEFT = "left"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Member:
    """One member on the chair's screen: the line of the roster, the seat now, and how they stand.

    ``gone``: counted as present for the round, has left since, and can no longer vote. ``away`` says
    whether they left early or are excused, ``calling`` that they call the clerk.
    """

    place: int
    person: Person
    seat: str
    state: SeatState
    gone: bool = False
    away: Away = Away.NOT
    calling: bool = False


def attendance_in(situation: Situation) -> Attendance:
    """Return due, present and quorum."""
    definition, picture = situation.definition, situation.picture
    due = len(definition.entitled)
    present, left, excused = (len(from_bitmap(one)) for one in (picture.present, picture.left, picture.excused))
    return Attendance(due, present, least_of(definition.meeting.quorum, due), left, excused)


def members_in(situation: Situation) -> tuple[Member, ...]:
    """Return every entitled member in roster order."""
    picture, one = situation.picture, situation.voting
    present = from_bitmap(picture.present)
    away = dict.fromkeys(from_bitmap(picture.left), Away.LEFT) | dict.fromkeys(
        from_bitmap(picture.excused), Away.EXCUSED
    )
    counted = from_bitmap(one.present) if one else present
    voted = from_bitmap(one.voted) if one else frozenset()
    recused = recused_in(situation)
    connected = from_bitmap(situation.backstage.connected) if situation.backstage else present
    calling = from_bitmap(situation.backstage.calling) if situation.backstage else frozenset()
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
        found.append(Member(place, person, seat, state, gone, away.get(place, Away.NOT), place in calling))
    return tuple(found)


def recused_in(situation: Situation) -> frozenset[int]:
    """Return the roster places of those who are recused from the round on stage, or would be from its next one."""
    one, stage = situation.round, situation.stage
    if one is not None:
        return from_bitmap(one.recused)
    if stage is None or stage is TRIAL:
        return frozenset()
    return from_bitmap(situation.picture.status(stage.id).recused)


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
    one = situation.voting
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
    QUORUM_LOST = "quorum_lost"


def attention(situation: Situation) -> Attention | None:
    """Return what there is to look up for: the quorum is lost, all present have voted, or ballots have stopped."""
    count = situation.turnout
    if situation.live is None or count is None or situation.restored:
        return None
    if situation.quorum_lost:
        return Attention.QUORUM_LOST
    if count.complete:
        return Attention.COMPLETE
    # before the first ballot everybody is reading: that is no stall
    return Attention.STALLED if count.voted and situation.draft.quiet >= STALLED_SECONDS else None
