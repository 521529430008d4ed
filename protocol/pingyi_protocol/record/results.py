"""The results of a meeting as its record gives them: the one source of every export, and part of the bundle."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from fractions import Fraction

from msgspec.structs import replace

from pingyi_protocol.meeting.appraisal import composite_of
from pingyi_protocol.meeting.components import EvidenceLine
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, MeasureKind, ScoreRules
from pingyi_protocol.meeting.figures import (
    ChoiceFigures,
    CompositeLine,
    GroupFigures,
    RoundFigures,
    SelectionFigures,
    TargetFigures,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.measures import shared_ranks
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.checkpoint import Checkpoint, fingerprint
from pingyi_protocol.record.results_secret import SecretRound, Signer, secret_round

FORMAT = "pingyi-results/5"


class Attendance(StrEnum):
    """Whether somebody on the roster was there when the record ends; ``WITHOUT_VOTE`` are not counted (列席)."""

    PRESENT = "present"
    LEFT = "left"
    EXCUSED = "excused"
    ABSENT = "absent"
    WITHOUT_VOTE = "without_vote"


class Attendee(Struct, frozen=True):
    """One line of the roster: where they sit at the end, whether they are there, and the reason where there is one."""

    number: str
    name: str
    group: str
    seat: str
    attendance: Attendance
    reason: str


class AgendaLine(Struct, frozen=True):
    """One item of the agenda as it became; ``reason`` is why it was withdrawn, else empty."""

    item: str
    title: str
    kind: str
    phase: Phase
    reason: str


class TargetResult(Struct, frozen=True):
    """One scored target in an announced round.

    ``rank`` is its place among all targets with an announced measure, each by the round that announced it last;
    ties share a place (1, 2, 2, 4). None where there is no measure, or a later round announced another one.
    """

    name: str
    figures: TargetFigures
    rank: int | None


class ChoiceResult(Struct, frozen=True):
    """What was chosen for one target in an announced round; ``name`` is "" for a motion."""

    name: str
    figures: ChoiceFigures


class SelectionResult(Struct, frozen=True):
    """What a selection came to in an announced round; ``names`` of the candidates, in their order."""

    names: tuple[str, ...]
    figures: SelectionFigures


class RecusedMember(Struct, frozen=True):
    """A member who was recused from a round, and why; ``present``: was there all the same."""

    number: str
    name: str
    reason: str
    present: bool


class RoundResult(Struct, frozen=True):
    """One round: its item, ``title`` and ``kind``, where it stands, how many were present and how many ballots came in.

    ``first`` is the leaf of its opening, ``last`` the last leaf that counts (None while it takes ballots, and where
    it was void before its close). ``measure`` is a score item's own, else None. ``secrecy`` is the item's, ``reason``
    why the round is void, ``manual`` why the clerk entered the result by hand, ``invalid`` how many of the ballots that
    came in are invalid, in a secret round or by hand; ``confirmed`` who signed the count, ``voided_by`` who signed that
    it is void, if anybody. ``recused`` are the recused, present or not, in the order of the roster. ``secret`` says how
    a secret round was held; it is None for an open one, and where no ballots were cast but a result entered by hand.
    ``targets``, ``choices``, ``selection`` and ``groups`` hold the figures; they are empty until these are announced,
    and when the round is void.
    """

    item: str
    title: str
    kind: str
    round: int
    phase: Phase
    first: int
    last: int | None
    measure: MeasureKind | None
    secrecy: str
    present: int
    received: int
    invalid: int
    reason: str
    manual: str
    confirmed: Signer | None
    voided_by: Signer | None
    recused: tuple[RecusedMember, ...]
    secret: SecretRound | None = None
    targets: tuple[TargetResult, ...] = ()
    choices: tuple[ChoiceResult, ...] = ()
    selection: SelectionResult | None = None
    groups: tuple[GroupFigures, ...] = ()


class EvidenceFile(Struct, frozen=True):
    """What counts of a component or its ``part`` ("": the whole): the file, its SHA-256 (hex), its leaf and lines."""

    component: str
    part: str
    file: str
    sha256: str
    leaf: int
    lines: tuple[EvidenceLine, ...]


class Results(Struct, frozen=True):
    """All that a meeting has announced, under the head of ``size`` leaves with this ``fingerprint``.

    ``due`` members are entitled to vote and ``present`` of them were there at the end; ``attendance`` is the roster
    with who was. ``simulated`` marks invented data. Trial votes count for nothing and are not among the ``rounds``.
    The ``composite`` is as it stands at the end, and takes each target's measure from the round that announced it last;
    ``composite_announced`` says that the hall has been told. ``evidence`` is what counts in it.
    """

    format: str
    meeting: str
    name: str
    session: str
    date: str
    simulated: bool
    origin: str
    size: int
    fingerprint: str
    due: int
    present: int
    attendance: tuple[Attendee, ...]
    agenda: tuple[AgendaLine, ...]
    rounds: tuple[RoundResult, ...]
    composite: tuple[CompositeLine, ...]
    composite_announced: bool
    evidence: tuple[EvidenceFile, ...]


def results_of(meeting: Meeting, announced: Iterable[tuple[str, int]], head: Checkpoint) -> Results:
    """Return the results of ``meeting`` under ``head``; its definition has been loaded.

    ``announced`` are the announced rounds as (item, round), in the order of their announcement; those that were
    declared void later count no more.
    """
    definition = meeting.definition
    if definition is None:
        raise ValueError("a meeting without a definition has no results")
    rounds = {(one.item, one.number): one for one in meeting.rounds if one.item != TRIAL.id}
    standing = [key for key in announced if rounds[key].phase is Phase.ANNOUNCED]
    figures = {key: round_figures(meeting, rounds[key]) for key in standing}
    latest = {target.target: (key, target) for key, found in figures.items() for target in found.targets}
    measures = {target: Fraction(one.exact) if one.exact else None for target, (_, one) in latest.items()}
    ranks = shared_ranks({target: measure for target, measure in measures.items() if measure is not None})

    def targets(key: tuple[str, int], found: RoundFigures) -> tuple[TargetResult, ...]:
        return tuple(
            TargetResult(
                definition.target(one.target).name,
                one,
                ranks.get(one.target) if latest[one.target][0] == key else None,
            )
            for one in found.targets
        )

    def result(key: tuple[str, int], one: Round) -> RoundResult:
        plain = round_result(definition, meeting.items[one.item], one)
        found = figures.get(key)
        return plain if found is None else with_figures(plain, definition, found, targets(key, found))

    facts = definition.meeting
    return Results(
        format=FORMAT,
        meeting=meeting.id,
        name=facts.name,
        session=facts.session,
        date=facts.date,
        simulated=facts.simulated,
        origin=head.origin,
        size=head.size,
        fingerprint=fingerprint(head),
        due=len(meeting.entitled),
        present=len(meeting.present),
        attendance=tuple(attendees(meeting, definition)),
        agenda=tuple(agenda(meeting)),
        rounds=tuple(result(key, one) for key, one in rounds.items()),
        composite=composite_of(meeting),
        composite_announced=bool(meeting.composite),
        evidence=tuple(
            EvidenceFile(component, part, one.file, one.sha256, one.leaf, one.lines)
            for (component, part), one in sorted(meeting.evidence.items())
        ),
    )


def attendees(meeting: Meeting, definition: Definition) -> Iterator[Attendee]:
    """Yield who is there and who is not, in the order of the roster."""
    for person in definition.roster:
        who = person.number
        left, excused = meeting.left.get(who), meeting.excused.get(who)
        if not person.entitled:
            attendance = Attendance.WITHOUT_VOTE
        elif who in meeting.present:
            attendance = Attendance.PRESENT
        elif left is not None:
            attendance = Attendance.LEFT
        else:
            attendance = Attendance.ABSENT if excused is None else Attendance.EXCUSED
        yield Attendee(who, person.name, person.group, meeting.seat_of(who), attendance, left or excused or "")


def agenda(meeting: Meeting) -> Iterator[AgendaLine]:
    """Yield the items in the order that they have at the end."""
    for item in meeting.agenda:
        yield AgendaLine(
            item.id, item.title, item.rules.kind, meeting.phase_of(item.id), meeting.withdrawn.get(item.id, "")
        )


def round_result(definition: Definition, item: Item, one: Round) -> RoundResult:
    """Return one round without figures."""
    return RoundResult(
        item=one.item,
        title=item.title,
        kind=item.rules.kind,
        round=one.number,
        phase=one.phase,
        first=one.first,
        last=one.last,
        measure=item.rules.measure if isinstance(item.rules, ScoreRules) else None,
        secrecy=item.rules.secrecy.value,
        present=len(one.present),
        received=one.received,
        invalid=one.invalid,
        reason=one.reason,
        manual=one.manual.reason if one.manual else "",
        confirmed=signer_of(definition, one.confirmed),
        voided_by=signer_of(definition, one.voided_by),
        recused=tuple(
            RecusedMember(person.number, person.name, one.recused[person.number], person.number in one.present)
            for person in definition.entitled
            if person.number in one.recused
        ),
        secret=secret_round(definition, item, one),
    )


def signer_of(definition: Definition, number: str) -> Signer | None:
    """Return who signed by number and name, None for nobody."""
    person = definition.person(number)
    return Signer(person.number, person.name) if person is not None else None


def with_figures(
    plain: RoundResult, definition: Definition, found: RoundFigures, targets: tuple[TargetResult, ...]
) -> RoundResult:
    """Return the round with the figures that were announced."""

    def named(target: str) -> str:
        return definition.target(target).name if target else ""

    choices = tuple(ChoiceResult(named(one.target), one) for one in found.choices)
    selection = found.selection and SelectionResult(
        tuple(named(one.target) for one in found.selection.candidates), found.selection
    )
    return replace(plain, targets=targets, choices=choices, selection=selection, groups=found.groups)
