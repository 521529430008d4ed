"""The rows of a table of results: of targets, of candidates, of review groups. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from pingyi_protocol.meeting.ballots import scores_of
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.definition import Item, Option, Target
from pingyi_protocol.meeting.figures import (
    ChoiceFigures,
    GroupChoice,
    GroupFigures,
    GroupTarget,
    OptionCount,
    Outcome,
    SelectionFigures,
    TargetFigures,
)
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Groups, Result
from pingyi_terminal.seat.form import scale_of
from pingyi_terminal.seat.parts import Cell, Column
from pingyi_terminal.seat.wordings import points

TABLE_COLUMNS = (Column(3, "right"), Column(0), Column(12, "right"), Column(9, "right"), Column(12, "center"))
GROUP_COLUMNS = (Column(12), Column(0), Column(14, "right"))
GOOD = frozenset({Outcome.PASSED, Outcome.SATISFIED, Outcome.BASICALLY_SATISFIED})
Cells = tuple[Cell, ...]


def measure_of(figures: TargetFigures, item: Item) -> str:
    """Return the published measure with its decimals, "" where there were too few scores."""
    return shown(figures.measure, item)


def shown(measure: Decimal | None, item: Item) -> str:
    """Return a measure with the item's decimals, "" where there is none."""
    return "" if measure is None else f"{measure:.{scale_of(item).decimals}f}"


def table_rows(words: Catalogue, face: Result) -> Iterator[Cells]:
    """Yield a heading, and the rows of each target or candidate."""
    if face.figures.selection is not None:
        yield from selection_rows(words, face, face.figures.selection)
        return
    scored = bool(face.figures.targets)
    names = ("own", "measure", "band") if scored else ("own_choice", "", "measure")
    yield heading(words, "number", "target", *names)
    scores = {one.target: one for one in face.figures.targets}
    choices = {one.target: one for one in face.figures.choices}
    for place, target in enumerate(face.targets, start=1):
        if target.id in scores:
            yield from score_rows(words, face, place, target, scores[target.id])
        if target.id in choices:
            yield from choice_rows(words, face, 0 if target.id in scores else place, target, choices[target.id])


def heading(words: Catalogue, *names: str) -> Cells:
    """Return the row of the columns' names."""
    return tuple(Cell(words(f"seat.column_{name}") if name else "", "dim") for name in names)


def score_rows(words: Catalogue, face: Result, place: int, target: Target, figures: TargetFigures) -> Iterator[Cells]:
    """Yield the row of a scored target, and one for each of its criteria."""
    yield (
        Cell(str(place), "dim"),
        Cell(target.name, bold=True),
        Cell(own_score(words, face, target.id, ""), "dim"),
        Cell(measure_of(figures, face.item) or words("seat.no_measure"), "accent", bold=True),
        Cell(figures.band or ""),
    )
    names = {criterion.id: criterion.name for criterion in face.item.criteria_of(target.id)}
    for criterion in figures.criteria:
        yield (
            Cell(""),
            Cell(f"  {names.get(criterion.criterion, criterion.criterion)}", "dim"),
            Cell(own_score(words, face, target.id, criterion.criterion), "dim"),
            Cell(shown(criterion.measure, face.item) or words("seat.no_measure")),
            Cell(""),
        )


def choice_rows(words: Catalogue, face: Result, place: int, target: Target, figures: ChoiceFigures) -> Iterator[Cells]:
    """Yield the outcome of a rating, or of the old question (``place`` 0), and under it how many chose what."""
    name = target.name if place else f"  {words('seat.column_question')}"
    yield (
        Cell(str(place) if place else "", "dim"),
        Cell(name, bold=bool(place)),
        Cell(own_choice(words, face, target.id), "dim"),
        Cell(""),
        Cell(words(f"seat.short_{figures.outcome}"), "ok" if figures.outcome in GOOD else "warning", bold=True),
    )
    needed = words("seat.needed_short", needed=figures.needed, base=figures.base)
    yield Cell(""), Cell(f"{counts_words(words, figures.counts, figures.not_voted)}  {needed}", "dim")


def counts_words(words: Catalogue, counts: tuple[OptionCount, ...], not_voted: int | None = None) -> str:
    """Return how many chose each option, and how many nothing."""
    said = [f"{words(f'seat.short_{one.option}')} {one.count}" for one in counts]
    if not_voted is not None:
        said.append(f"{words('seat.short_not_voted')} {not_voted}")
    return "  ".join(said)


def own_score(words: Catalogue, face: Result, target: str, criterion: str) -> str:
    """Return the own score of a target or a criterion, "" where there is none to show."""
    if face.ballot is None or face.frame.discreet:
        return ""
    whole = dict(scores_of(face.item, face.ballot.answers))
    return points(whole[target, criterion], words) if (target, criterion) in whole else ""


def own_choice(words: Catalogue, face: Result, target: str) -> str:
    """Return the own choice about a target, "" where there is none to show."""
    if face.ballot is None or face.frame.discreet:
        return ""
    answers = (answer for answer in face.ballot.answers if isinstance(answer, Choice) and answer.target == target)
    return next((words(f"seat.short_{answer.option}") for answer in answers), "")


def selection_rows(words: Catalogue, face: Result, figures: SelectionFigures) -> Iterator[Cells]:
    """Yield the candidates, those with most votes first, and who is chosen or tied."""
    yield heading(words, "number", "candidate", "own_choice", "votes", "measure")
    numbers = {target.id: place for place, target in enumerate(face.targets, start=1)}
    names = {target.id: target.name for target in face.targets}
    for one in sorted(figures.candidates, key=lambda candidate: -candidate.votes):
        won, tied = one.target in figures.winners, one.target in figures.tied
        state = "selected" if won else "tied" if tied else ""
        yield (
            Cell(str(numbers[one.target]), "dim"),
            Cell(names[one.target], bold=won or tied),
            Cell(own_choice(words, face, one.target), "dim"),
            Cell(str(one.votes), "accent", bold=True),
            Cell(words(f"choices.{state}") if state else "", "ok" if won else "warning", bold=True),
        )


def group_rows(words: Catalogue, face: Groups) -> Iterator[Cells]:
    """Yield the rows of each review group."""
    yield heading(words, "group", "group_result", "group_voted")
    for group in face.figures.groups:
        lines = list(group_lines(words, face, group))
        voted = words("seat.round_count", received=group.received, present=group.present)
        yield Cell(group.group, bold=True), Cell(lines[0] if lines else ""), Cell(voted, "dim")
        yield from ((Cell(""), Cell(line)) for line in lines[1:])


def group_lines(words: Catalogue, face: Groups, group: GroupFigures) -> Iterator[str]:
    """Yield what a group gave each target."""
    names = {target.id: target.short_name or target.name for target in face.targets}
    several = len(face.targets) > 1
    for target in group.targets:
        yield labelled(names[target.target] if several else "", group_measure(words, face.item, target))
    for choice in group.choices:
        label = names.get(choice.target, "") if several else ""
        yield labelled(label, group_counts(words, choice))


def labelled(label: str, said: str) -> str:
    """Return what was said, after what it is about."""
    return f"{label}  {said}" if label else said


def group_measure(words: Catalogue, item: Item, target: GroupTarget) -> str:
    """Return the measure of a group and how many scored, or that they are too few to be shown."""
    if target.scores is None:
        return words("seat.group_withheld")
    measure = shown(target.measure, item) or words("seat.no_measure")
    return words("seat.group_measure", measure=measure, scores=target.scores)


def group_counts(words: Catalogue, choice: GroupChoice) -> str:
    """Return the choices of a group, or that they are too few to be shown."""
    if choice.counts is None:
        return words("seat.group_withheld")
    votes = [one for one in choice.counts if one.option is Option.CHOSEN]
    if votes:
        return words("seat.votes_count", count=votes[0].count)
    return counts_words(words, choice.counts)
