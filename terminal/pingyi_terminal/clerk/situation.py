"""What the clerk's console is made from, and the questions that its parts ask of it. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import Self
from unicodedata import normalize

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.choices import standing_again
from pingyi_protocol.meeting.commands import Body
from pingyi_protocol.meeting.definition import Definition, Item, Language, Person, Role, SelectionRules
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.meeting.life import LIVE
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import Backstage, LiveRound, Picture, from_bitmap
from pingyi_terminal.console_draft import ConsoleDraft
from pingyi_terminal.sealed import has_secret


class Page(StrEnum):
    """What the console lists."""

    ROSTER = "roster"
    AGENDA = "agenda"
    EXPORTS = "exports"
    COMPOSITE = "composite"
    SEALED = "sealed"


class Presence(StrEnum):
    """Where a member is; ``NONE`` for a role that checks nothing in."""

    PRESENT = "present"
    LEFT = "left"
    EXCUSED = "excused"
    ABSENT = "absent"
    NONE = "none"


class Machine(StrEnum):
    """How a terminal is: it answers, it does not, it is on its way (code out, or waiting for the chair), or is none."""

    ONLINE = "online"
    LOST = "lost"
    ISSUED = "issued"
    WAITS = "waits"
    REVOKED = "revoked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the roster: somebody in one role, where they are, and how their terminal is.

    ``coded``: a code is out for them, ``waits``: it can only be taken once the chair has agreed. ``voted`` in the live
    round, None where they have no ballot in it. ``namesake``: somebody else on the roster has the same name.
    """

    who: Principal
    person: Person | None
    seat: str
    presence: Presence
    machine: Machine
    coded: bool
    waits: bool
    enrolled: bool
    calling: bool
    voted: bool | None
    recused: bool
    namesake: bool

    @property
    def name(self) -> str:
        """The person's name, "" for the hall's display."""
        return self.person.name if self.person else ""

    @property
    def number(self) -> str:
        """The person's number, "" for the hall's display."""
        return self.person.number if self.person else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command of this console; ``fault`` says why it was never sent."""

    body: Body
    answer: Receipt | Refusal | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Draft(ConsoleDraft):
    """What this console knows for itself.

    ``sought`` is what was typed to find somebody, ``chosen`` who is under the cursor, ``item`` likewise on the agenda,
    whose ``order`` (ids) is not saved yet; ``target`` is the one of the composites. ``ages`` are the seconds since each
    call was first seen. ``unasked``: what is not on the record did not go out. ``reading`` is the file of new items
    that the server is reading for this console.
    """

    page: Page = Page.ROSTER
    sought: str = ""
    chosen: Principal | None = None
    item: str = ""
    target: str = ""
    order: tuple[str, ...] = ()
    outcome: Outcome | None = None
    unasked: bool = False
    reading: str = ""
    ages: Mapping[str, float] = field(default_factory=dict)

    def undisturbed(self) -> Self:
        """Return the draft without what was said last."""
        return replace(self, outcome=None, unasked=False, reading="")


@dataclass(frozen=True)
class Situation:
    """The meeting as this console sees it now. What walks over the roster is worked out once for all who ask."""

    definition: Definition
    picture: Picture
    backstage: Backstage | None = None
    desk: Office | None = None
    link: Link = Link.UP
    draft: Draft = Draft()

    @property
    def live(self) -> LiveRound | None:
        """The round that takes ballots now."""
        one = self.picture.live
        return one if one is not None and one.phase in LIVE else None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Everybody in each role, by seat; those without one after them, the hall last."""
        return tuple(sorted(lines_of(self), key=place_of))

    @cached_property
    def found(self) -> tuple[Line, ...]:
        """The lines that fit what was typed."""
        sought = folded(self.draft.sought).split()
        return tuple(line for line in self.lines if all(fits(line, part) for part in sought))

    @property
    def line(self) -> Line | None:
        """The line under the cursor: the chosen one while it is listed, else the first."""
        chosen = next((one for one in self.found if one.who == self.draft.chosen), None)
        return chosen or next(iter(self.found), None)

    @cached_property
    def agenda(self) -> tuple[Item, ...]:
        """The items in the order that is shown: that of the record, or one that is not saved yet."""
        by_id = {item.id: item for item in self.definition.agenda}
        if sorted(self.draft.order) != sorted(by_id):
            return self.definition.agenda
        return tuple(by_id[one] for one in self.draft.order)

    @property
    def reordered(self) -> bool:
        """Whether the order that is shown is not saved yet."""
        return self.agenda != self.definition.agenda

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        chosen = next((one for one in self.agenda if one.id == self.draft.item), None)
        return chosen or next(iter(self.agenda), None)

    @property
    def pages(self) -> tuple[Page, ...]:
        """What there is to list: composites only where the meeting has components, secret rounds where it has some."""
        there = {Page.COMPOSITE: bool(self.definition.components), Page.SEALED: has_secret(self.definition)}
        return tuple(page for page in Page if there.get(page, True))

    @cached_property
    def composites(self) -> tuple[CompositeLine, ...]:
        """The composites as they stand, by rank; those without a total at the end."""
        lines = self.backstage.composite if self.backstage is not None else self.picture.composite
        return tuple(sorted(lines, key=lambda line: (line.rank is None, line.rank or 0)))

    @property
    def composite(self) -> CompositeLine | None:
        """The composite under the cursor."""
        chosen = next((one for one in self.composites if one.target == self.draft.target), None)
        return chosen or next(iter(self.composites), None)

    @property
    def calling(self) -> tuple[str, ...]:
        """Who calls (numbers), the longest first."""
        return self.desk.calling if self.desk is not None else ()

    @property
    def ready(self) -> bool:
        """Whether a command could be sent now: the link is up, the record fits, and none waits for its answer."""
        return self.link is Link.UP and self.draft.sent is None and self.draft.alarm is None


def again_on(situation: Situation, item: Item) -> tuple[str, ...]:
    """Return who stands again in a selection after its latest result, nobody where all do."""
    figures = situation.picture.figures(item.id)
    if figures is None or figures.selection is None or not isinstance(item.rules, SelectionRules):
        return ()
    return standing_again(figures.selection, item.targets)[0]


def lines_of(situation: Situation) -> list[Line]:
    """Return a line for everybody who may have a terminal."""
    definition, picture = situation.definition, situation.picture
    desk = situation.desk or Office()
    places = {person.number: place for place, person in enumerate(definition.roster)}
    connected, enrolled, revoked, issued = (
        from_bitmap(one) for one in (desk.connected, desk.enrolled, desk.revoked, desk.issued)
    )
    waiting = {Principal(one.person, one.role) for one in situation.backstage.codes} if situation.backstage else set()
    presence = presences(picture)
    live = situation.live
    counted, voted, recused = (
        from_bitmap(one) for one in ((live.present, live.voted, live.recused) if live else ("", "", ""))
    )
    names = Counter(person.name for person in definition.roster)
    found: list[Line] = []
    for index, who in enumerate(speakers(definition)):
        place = places.get(who.person, -1)
        person = definition.roster[place] if who != HALL else None
        member = who.role is Role.MEMBER
        here = presence.get(place, Presence.ABSENT) if member else Presence.NONE
        machine = machine_of(index in enrolled, index in connected, index in issued, index in revoked)
        found.append(
            Line(
                who=who,
                person=person,
                seat=picture.seats.get(who.person, person.seat) if person else "",
                presence=here,
                machine=Machine.WAITS if who in waiting and machine is Machine.ISSUED else machine,
                coded=index in issued,
                waits=who in waiting,
                enrolled=index in enrolled,
                calling=member and who.person in desk.calling,
                voted=place in voted if member and place in counted - recused else None,
                recused=member and place in recused,
                namesake=person is not None and names[person.name] > 1,
            )
        )
    return found


def machine_of(enrolled: bool, connected: bool, issued: bool, revoked: bool) -> Machine:
    """Return how a terminal is."""
    if enrolled:
        return Machine.ONLINE if connected else Machine.LOST
    if issued:
        return Machine.ISSUED
    return Machine.REVOKED if revoked else Machine.NONE


def presences(picture: Picture) -> dict[int, Presence]:
    """Return where members are, by their places on the roster; who is not named is absent."""
    known = ((picture.excused, Presence.EXCUSED), (picture.left, Presence.LEFT), (picture.present, Presence.PRESENT))
    return {place: presence for bitmap, presence in known for place in from_bitmap(bitmap)}


def place_of(line: Line) -> tuple[bool, bool, tuple[int, ...], str, int]:
    """Return what lines are sorted by."""
    numbers = tuple(int(part) for part in line.seat.split("-") if part.isdecimal())
    return line.who == HALL, not line.seat, numbers, line.who.person, list(Role).index(line.who.role)


def folded(text: str) -> str:
    """Return a text as it is compared: without regard to width and case."""
    return normalize("NFKC", text).casefold()


def fits(line: Line, part: str) -> bool:
    """Whether a word that was typed is part of what stands in a line, or the whole word for its state."""
    return part in text_of(line) or part in states_of(line.presence, line.machine)


@cache
def states_of(presence: Presence, machine: Machine) -> frozenset[str]:
    """Return the words for a state in both languages, as they stand in the roster."""
    shown = "off" if machine is Machine.LOST and presence is not Presence.PRESENT else machine
    both = [catalogue("pingyi_terminal", language) for language in Language]
    told = [words(key) for words in both for key in (f"clerk.presence_{presence}", f"clerk.machine_{shown}")]
    return frozenset(word for one in told for word in folded(one).split())


def text_of(line: Line) -> str:
    """Return what is searched of a line."""
    return folded(f"{line.number} {line.name} {line.seat}")
