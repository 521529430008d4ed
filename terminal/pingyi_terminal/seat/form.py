"""What a ballot asks: its lines in order, and what can be answered on each. Pure."""

from pingyi_protocol.meeting.ballots import limits, sheet
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.definition import GRADES, QUESTION, Item, Option, RatingRules, ScoreRules, SelectionRules
from pingyi_protocol.meeting.struct import Struct

MOST_DIGITS = 9
"""So many candidates have a digit each."""


class Line(Struct, frozen=True):
    """One thing to answer about ``target`` ("" for a motion): a score, whole or under a ``criterion``, or a choice.

    ``options`` are what can be chosen, in order, abstaining last where it is allowed; a score's line has none.
    """

    target: str
    criterion: str = ""
    options: tuple[Option, ...] = ()

    @property
    def scored(self) -> bool:
        """Whether a score is asked for."""
        return not self.options


class Form(Struct, frozen=True):
    """What a ballot of ``item`` asks in one round.

    Every one of the ``lines`` is to be answered; of a selection there is one for each candidate, and ``least`` to
    ``most`` of them are chosen for ``places``. ``runoff``: the candidates are those who were tied in the round before.
    """

    item: Item
    lines: tuple[Line, ...]
    least: int = 0
    most: int = 0
    places: int = 0
    runoff: bool = False

    @property
    def selects(self) -> bool:
        """Whether candidates are chosen from a list."""
        return isinstance(self.item.rules, SelectionRules)

    @property
    def lone(self) -> bool:
        """Whether there is one line to answer and nothing else."""
        return len(self.lines) == 1 and not self.selects

    @property
    def scale(self) -> ScoreRules:
        """The rules by which the item is scored; TypeError if it is not."""
        return scale_of(self.item)

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that are asked about, in order; none of a motion."""
        return tuple(dict.fromkeys(line.target for line in self.lines if line.target))

    def siblings(self, row: int) -> tuple[int, ...]:
        """Return the rows of all scores of the target of ``row``: one abstains from all of them or from none."""
        asked = self.lines[row]
        return tuple(at for at, line in enumerate(self.lines) if line.target == asked.target and line.scored)


def scale_of(item: Item) -> ScoreRules:
    """Return the rules by which an item is scored; TypeError if it is not."""
    if not isinstance(item.rules, ScoreRules):
        raise TypeError(f"item {item.id} has no scores")
    return item.rules


def form_of(item: Item, candidates: tuple[str, ...] = (), places: int = 0, *, runoff: bool = False) -> Form:
    """Return what a ballot of ``item`` asks; ``candidates`` stand for ``places`` in a round of a selection."""
    rules = item.rules
    abstention = (Option.ABSTAIN,) if rules.abstention else ()
    if isinstance(rules, SelectionRules):
        least, most = limits(rules, places, tied=candidates != item.targets)
        lines = tuple(Line(candidate, options=(Option.CHOSEN,)) for candidate in candidates)
        return Form(item, lines, least, most, places, runoff)
    options = (*(GRADES if isinstance(rules, RatingRules) else QUESTION), *abstention)
    asked = ((target, criterion, options if kind is Choice else ()) for kind, target, criterion in sheet(item))
    return Form(item, tuple(Line(*line) for line in asked))
