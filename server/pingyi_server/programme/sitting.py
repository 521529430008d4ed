"""What one meeting says of its targets: who stood for selection, who was scored, and who falls short."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Definition, Item, MeetingFacts, ScoreRules, SelectionRules
from pingyi_protocol.meeting.figures import CompositeLine, SelectionFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.results import Results, RoundResult, TargetResult


@dataclass(frozen=True, eq=False)
class Sitting:
    """One meeting as its record stands: the ``folder`` it was read from, what was prepared, and what was announced.

    ``closed`` says that nothing more will come, ``waiting`` that the record is a copy that was put back and that not
    everybody has signed yet.
    """

    folder: str
    definition: Definition
    results: Results
    closed: bool
    waiting: bool = False

    @property
    def id(self) -> str:
        """The meeting's id, which the one after it names."""
        return self.results.meeting

    @property
    def facts(self) -> MeetingFacts:
        """The meeting's own facts."""
        return self.definition.meeting

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that were not withdrawn."""
        return tuple(item for item in self.definition.agenda if self.phase(item) is not Phase.WITHDRAWN)

    def phase(self, item: Item) -> Phase:
        """Where an item stands."""
        return next(line.phase for line in self.results.agenda if line.item == item.id)


class Candidacy(NamedTuple):
    """How a target stood for selection.

    ``votes`` are those of its last announced round, None before one. ``decided`` is False while a round is to come
    that it may stand in.
    """

    item: Item
    votes: int | None
    chosen: bool
    decided: bool


class Scoring(NamedTuple):
    """How a target was scored in a meeting, by the round that announced it last.

    ``line`` is its composite once that is announced; ``pending`` says that there will be one. ``threshold`` is the
    composite's, else the item's pass mark, None where neither is set. ``below`` says whether the published figure is
    below it, None without a threshold or while the composite that it goes by is pending.
    """

    round: RoundResult
    result: TargetResult
    line: CompositeLine | None
    pending: bool
    threshold: Decimal | None
    below: bool | None

    @property
    def measure(self) -> Decimal | None:
        """The committee's own figure."""
        return self.result.figures.measure

    @property
    def figure(self) -> Decimal | None:
        """The figure that counts: the composite where it is announced, else the committee's own."""
        return self.measure if self.line is None else self.line.total


def candidacy(sitting: Sitting, target: str) -> Candidacy | None:
    """Return how a target (id) stood for selection; of several items by the one that chose it, else by the last."""
    found = [
        candidacy_in(sitting, item, target)
        for item in sitting.items
        if isinstance(item.rules, SelectionRules) and target in item.targets
    ]
    return next((one for one in found if one.chosen), found[-1] if found else None)


def candidacy_in(sitting: Sitting, item: Item, target: str) -> Candidacy:
    """Return how a target stood in one selection."""
    rounds = list(selection_rounds(sitting, item))
    votes = [one.votes for figures in rounds for one in figures.candidates if one.target == target]
    decided = sitting.closed or (bool(rounds) and target not in rounds[-1].tied)
    return Candidacy(item, votes[-1] if votes else None, target in elected(sitting, item), decided and bool(rounds))


def selection_rounds(sitting: Sitting, item: Item) -> Iterator[SelectionFigures]:
    """Yield the figures of the announced rounds of a selection, in their order."""
    for one in sitting.results.rounds:
        if one.item == item.id and one.selection is not None:
            yield one.selection.figures


def elected(sitting: Sitting, item: Item) -> tuple[str, ...]:
    """Return who has won a place of a selection, in the order of the rounds, as ``counting.elected`` does.

    A round among all the candidates begins anew; one among some of them adds to those before.
    """
    found: tuple[str, ...] = ()
    for figures in selection_rounds(sitting, item):
        stood = tuple(one.target for one in figures.candidates)
        whole = isinstance(item.rules, SelectionRules) and (stood, figures.places) == (item.targets, item.rules.winners)
        found = figures.winners if whole else (*found, *figures.winners)
    return found


def tied(sitting: Sitting, item: Item) -> tuple[str, ...]:
    """Return who goes to another round of a selection."""
    rounds = list(selection_rounds(sitting, item))
    return rounds[-1].tied if rounds else ()


def awaits_score(sitting: Sitting, target: str) -> bool:
    """Whether a target is still to be scored in this meeting."""
    on_agenda = any(isinstance(item.rules, ScoreRules) and target in item.targets for item in sitting.items)
    return on_agenda and not sitting.closed and scoring(sitting, target) is None


def scoring(sitting: Sitting, target: str) -> Scoring | None:
    """Return how a target (id) was scored; None before it is announced, and where too few scores gave no result."""
    found = [
        (one, result)
        for one in sitting.results.rounds
        for result in one.targets
        # whoever has a rank in a round has its measure from there
        if result.figures.target == target and result.rank is not None
    ]
    if not found:
        return None
    one, result = found[-1]
    results = sitting.results
    line = next((each for each in results.composite if each.target == target), None)
    announced = line if results.composite_announced else None
    pending = line is not None and announced is None
    least = sitting.definition.composite.again_below if line is not None else None
    if least is None:
        mark = pass_mark(sitting, one)
        return Scoring(
            one, result, announced, pending, mark, result.figures.passed is False if mark is not None else None
        )
    return Scoring(one, result, announced, pending, least, announced.again if announced is not None else None)


def pass_mark(sitting: Sitting, one: RoundResult) -> Decimal | None:
    """Return the pass mark of a round's item."""
    item = sitting.definition.item(one.item)
    return item.rules.pass_mark if item is not None and isinstance(item.rules, ScoreRules) else None
