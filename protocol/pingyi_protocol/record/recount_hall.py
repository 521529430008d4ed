"""Who was there, what was cast and what was signed, collected from the events of a record for the second count."""

from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.components import EvidenceLine
from pingyi_protocol.meeting.definition import Definition, Item, Secrecy
from pingyi_protocol.meeting.events import (
    BallotCast,
    BallotsChecked,
    CeremonyBegun,
    CheckedIn,
    CheckedOut,
    CompositeAnnounced,
    DefinitionLoaded,
    ElectionKeyMade,
    Event,
    EvidenceImported,
    Excused,
    ItemAdded,
    ItemWithdrawn,
    OpeningPartTaken,
    RecusalLifted,
    Recused,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundOpened,
    RoundUnsealed,
    RoundVoided,
    SecretBallotCast,
)
from pingyi_protocol.meeting.figures import CompositeLine, RoundFigures
from pingyi_protocol.record.recount_secret import Sealed, SealedCast
from pingyi_protocol.secret.ceremony import ElectionKey

Key = tuple[str, int]


@dataclass(frozen=True)
class Cast:
    """A ballot on leaf ``leaf``."""

    leaf: int
    person: str
    answers: tuple[Answer, ...]


class Announced(NamedTuple):
    """Figures, who had signed the count when they were announced, and whether the item had been withdrawn."""

    figures: RoundFigures
    confirmed: str
    withdrawn: bool


class Composed(NamedTuple):
    """Composites as they were announced, and what they were made from: the definition, what was in force, by then.

    ``results`` are the announced rounds that were not void, in their order.
    """

    lines: tuple[CompositeLine, ...]
    definition: Definition
    agenda: tuple[Item, ...]
    evidence: dict[tuple[str, str], tuple[EvidenceLine, ...]]
    results: tuple[Key, ...]


class Hall:
    """What the events say. ``groups`` are the review groups of all who are entitled, in the order of the roster.

    By (item, round): who was ``present`` and ``recused``, the ``standing`` candidates and their places, the ``ballots``
    on their leaves, what was ``entered`` by hand, who ``confirmed`` it, what was ``closed`` and ``announced``, and what
    is ``void``; of a secret one what was ``sealed``. ``evidence`` is what counts, by component and part, ``composed``
    every announced composite.
    """

    def __init__(self) -> None:
        """Begin with an empty hall."""
        self.agenda: dict[str, Item] = {}
        self.groups: dict[str, str] = {}
        self.chief = ""
        self.recused_leave = self.late_ballots = True
        self.here: set[str] = set()
        self.left: dict[str, str] = {}
        self.excused: dict[str, str] = {}
        self.withdrawn: dict[str, str] = {}
        self.recusals: dict[str, set[str]] = {}
        self.live: Key | None = None
        self.present: dict[Key, set[str]] = {}
        self.recused: dict[Key, set[str]] = {}
        self.standing: dict[Key, tuple[tuple[str, ...], int]] = {}
        self.ballots: dict[Key, list[Cast]] = {}
        self.entered: dict[Key, ResultEntered] = {}
        self.confirmed: dict[Key, str] = {}
        self.closed: dict[Key, RoundClosed] = {}
        self.announced: dict[Key, Announced] = {}
        self.void: set[Key] = set()
        self.definition: Definition | None = None
        self.evidence: dict[tuple[str, str], tuple[EvidenceLine, ...]] = {}
        self.composed: list[Composed] = []
        self.sealed: dict[Key, Sealed] = {}
        self.making: tuple[str, ...] = ()
        self.key: tuple[ElectionKey, tuple[str, ...]] | None = None

    def claim(self, event: Event) -> None:
        """Note what a close or an announcement claims, also one that the rules do not bear out."""
        match event:
            case RoundClosed(item, number):
                self.closed[item, number] = event
            case ResultAnnounced(figures):
                key = (figures.item, figures.round)
                self.announced[key] = Announced(figures, self.confirmed.get(key, ""), figures.item in self.withdrawn)
            case CompositeAnnounced(lines) if self.definition is not None:
                agenda = tuple(item for item in self.agenda.values() if item.id not in self.withdrawn)
                results = tuple(key for key in self.announced if key not in self.void)
                self.composed.append(Composed(lines, self.definition, agenda, dict(self.evidence), results))
            case _:
                pass

    def take(self, leaf: int, event: Event) -> None:
        """Note an event that is borne out."""
        match event:
            case RoundOpened(item):
                self.live = self.begin(event)
                if item in self.agenda and self.agenda[item].rules.secrecy is Secrecy.SECRET and self.key:
                    self.sealed[self.live] = Sealed(*self.key)
            case ResultEntered():
                self.entered[self.begin(event)] = event
            case BallotCast(person, item, number):
                self.ballots[item, number].append(Cast(leaf, person, event.answers))
            case RoundConfirmed(item, number, person):
                self.confirmed[item, number] = person
            case RoundClosed(item, number):
                self.end((item, number))
            case RoundVoided(item, number):
                self.end((item, number))
                self.void.add((item, number))
            case DefinitionLoaded(definition):
                self.take_definition(definition)
            case _:
                self.take_secret(leaf, event)

    def take_secret(self, leaf: int, event: Event) -> None:
        """Note what belongs to secret rounds and their keys."""
        match event:
            case CeremonyBegun():
                self.making = tuple(one.person for one in event.scrutineers)
            case ElectionKeyMade():
                self.key = (event.key, self.making)
            case SecretBallotCast(person, item, number):
                # how many were received is counted as in any round
                self.ballots[item, number].append(Cast(leaf, person, ()))
                self.sealed[item, number].ballots.append(SealedCast(leaf, person, event.ballot, event.sealed))
            case BallotsChecked(item, number, invalid):
                self.sealed[item, number].wrong = {one.ballot for one in invalid}
            case OpeningPartTaken(person, item, number) | RoundUnsealed(person, item, number):
                sealed = self.sealed[item, number]
                if isinstance(event, RoundUnsealed):
                    sealed.totals = event.lines
                if isinstance(event, RoundUnsealed) or event.good:
                    sealed.parts[sealed.holders.index(person) + 1] = event.parts
            case _:
                self.take_agenda(event)

    def take_agenda(self, event: Event) -> None:
        """Note what changes the agenda or the evidence."""
        match event:
            case EvidenceImported(component, part):
                self.evidence[component, part] = event.lines
            case ItemAdded(item, targets) if self.definition is not None:
                self.agenda[item.id] = item
                self.definition = replace(self.definition, targets=(*self.definition.targets, *targets))
            case ItemWithdrawn(item, reason):
                self.withdrawn[item] = reason
            case _:
                self.take_member(event)

    def begin(self, event: RoundOpened | ResultEntered) -> Key:
        """Begin a round with who is here, and who is recused, at this moment."""
        key = (event.item, event.round)
        self.present[key] = set(self.here)
        self.recused[key] = set(self.recusals.get(event.item, ()))
        self.standing[key] = (event.candidates, event.places)
        self.ballots[key] = []
        return key

    def end(self, key: Key) -> None:
        """Let nobody join this round any more; another one can be open while it is declared void."""
        self.live = None if self.live == key else self.live

    def take_definition(self, definition: Definition) -> None:
        """Take another definition; who is no longer entitled is no longer anything, evidence of other targets gone."""
        earlier, self.definition = self.definition, definition
        if earlier is None or (earlier.targets, earlier.components) != (definition.targets, definition.components):
            self.evidence = {}
        self.agenda = {item.id: item for item in definition.agenda}
        self.groups = {person.number: person.group for person in definition.roster if person.entitled}
        self.chief = next((person.number for person in definition.roster if person.chief), "")
        self.recused_leave = definition.meeting.recused_leave
        self.late_ballots = definition.meeting.late_ballots
        entitled = set(self.groups)
        self.here &= entitled
        self.left = {person: reason for person, reason in self.left.items() if person in entitled}
        self.excused = {person: reason for person, reason in self.excused.items() if person in entitled}
        self.recusals = {item: self.recusals.get(item, set()) & entitled for item in self.agenda}
        self.withdrawn = {item: why for item, why in self.withdrawn.items() if item in self.agenda}

    def take_member(self, event: Event) -> None:
        """Note who comes, goes, is excused, does not vote on an item, or does so again."""
        match event:
            case CheckedIn(person):
                self.here.add(person)
                self.left.pop(person, None)
                self.excused.pop(person, None)
                if self.live is not None and self.late_ballots:
                    self.present[self.live].add(person)
            case CheckedOut(person, reason):
                self.here.discard(person)
                self.left[person] = reason
            case Excused(person, reason):
                self.excused[person] = reason
            case Recused(person, item):
                self.recusals.setdefault(item, set()).add(person)
            case RecusalLifted(person, item):
                self.recusals.setdefault(item, set()).discard(person)
            case _:
                pass
