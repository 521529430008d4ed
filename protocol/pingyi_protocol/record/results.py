"""The results of a meeting as its record gives them: the one source of every export, and part of the bundle."""

from collections.abc import Iterable
from fractions import Fraction

from pingyi_protocol.meeting.composite import composite
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Definition, MeasureKind, Struct
from pingyi_protocol.meeting.figures import CompositeLine, TargetFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.measures import shared_ranks
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.record.checkpoint import Checkpoint, fingerprint

FORMAT = "pingyi-results/1"


class TargetResult(Struct, frozen=True):
    """One target in an announced round.

    ``rank`` is its place among all targets with an announced measure, each by the round that announced it last;
    ties share a place (1, 2, 2, 4). None where there is no measure, or a later round announced another one.
    """

    name: str
    figures: TargetFigures
    rank: int | None


class RecusedMember(Struct, frozen=True):
    """A member who was recused from a round, and why; ``present``: was there all the same."""

    number: str
    name: str
    reason: str
    present: bool


class RoundResult(Struct, frozen=True):
    """One round: its item and ``title``, where it stands, how many were present and how many ballots it received.

    ``first`` is the leaf of its opening, ``last`` the last leaf that counts (None while it takes ballots, and where
    it was void before its close). ``targets`` holds the figures; it is empty until they are announced, and when the
    round is void, for ``reason``. ``recused`` are the recused, present or not, in the order of the roster.
    """

    item: str
    title: str
    round: int
    phase: Phase
    first: int
    last: int | None
    measure: MeasureKind
    present: int
    received: int
    reason: str
    recused: tuple[RecusedMember, ...]
    targets: tuple[TargetResult, ...]


class Results(Struct, frozen=True):
    """All that a meeting has announced, under the head of ``size`` leaves with this ``fingerprint``.

    ``due`` members are entitled to vote and ``present`` of them were there at the end. ``simulated`` marks
    invented data. The composite takes each target's measure from the round that announced it last.
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
    rounds: tuple[RoundResult, ...]
    composite: tuple[CompositeLine, ...]


def results_of(meeting: Meeting, announced: Iterable[tuple[str, int]], head: Checkpoint) -> Results:
    """Return the results of ``meeting`` under ``head``; its definition has been loaded.

    ``announced`` are the announced rounds as (item, round), in the order of their announcement; those that were
    declared void later count no more.
    """
    definition = meeting.definition
    if definition is None:
        raise ValueError("a meeting without a definition has no results")
    rounds = {(one.item, one.number): one for one in meeting.rounds}
    standing = [key for key in announced if rounds[key].phase is Phase.ANNOUNCED]
    figures = {key: round_figures(meeting, rounds[key]).targets for key in standing}
    latest = {target.target: (key, target) for key, targets in figures.items() for target in targets}
    measures = {target: Fraction(one.exact) if one.exact else None for target, (_, one) in latest.items()}
    ranks = shared_ranks({target: measure for target, measure in measures.items() if measure is not None})

    def results(key: tuple[str, int]) -> tuple[TargetResult, ...]:
        return tuple(
            TargetResult(
                definition.target(one.target).name,
                one,
                ranks.get(one.target) if latest[one.target][0] == key else None,
            )
            for one in figures.get(key, ())
        )

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
        rounds=tuple(round_result(definition, one, results(key)) for key, one in rounds.items()),
        composite=composite(definition, measures),
    )


def round_result(definition: Definition, one: Round, targets: tuple[TargetResult, ...]) -> RoundResult:
    """Return one round with the figures that were announced."""
    item = definition.item(one.item)
    if item is None:
        raise ValueError(f"round of the unknown item {one.item}")
    return RoundResult(
        item=one.item,
        title=item.title,
        round=one.number,
        phase=one.phase,
        first=one.first,
        last=one.last,
        measure=item.rules.measure,
        present=len(one.present),
        received=len(one.ballots),
        reason=one.reason,
        recused=tuple(
            RecusedMember(person.number, person.name, one.recused[person.number], person.number in one.present)
            for person in definition.entitled
            if person.number in one.recused
        ),
        targets=targets,
    )
