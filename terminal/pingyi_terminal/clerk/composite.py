"""The page of composites: the table, what is missing by name, and each total worked out step by step. Pure."""

from collections.abc import Iterator
from fractions import Fraction

from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine, Missing, PartFigures
from pingyi_protocol.meeting.measures import equals, six_places
from pingyi_protocol.text import Catalogue
from pingyi_terminal.choices import short_name
from pingyi_terminal.clerk.situation import Situation
from pingyi_terminal.clerk.table import Cell, Column

MOST_COMPONENTS = 5
"""Components that have a column; the others stand in the steps."""

SCORE = 6
"""Cells of a score such as 100.00."""

Row = tuple[Cell, ...]


def composites(words: Catalogue, situation: Situation) -> tuple[tuple[Column, ...], tuple[Row, ...], int, str]:
    """Return each target with the score of its components, its total and what follows; below, what that is worth."""
    components = situation.definition.components[:MOST_COMPONENTS]
    # five columns leave names of targets no room for more
    width = SCORE if len(components) == MOST_COMPONENTS else SCORE + 2
    columns = (
        Column(words("clerk.column_rank"), 4),
        Column(words("clerk.column_target"), 0),
        *(Column(one.name, width, 20) for one in components),
        Column(words("clerk.column_total"), SCORE),
        Column(words("clerk.column_follows"), 10, 16),
    )
    rows = tuple(row_of(words, situation.definition, components, line) for line in situation.composites)
    cursor = situation.composites.index(situation.composite) if situation.composite is not None else 0
    return columns, rows, cursor, "\n".join(standing(words, situation))


def row_of(words: Catalogue, definition: Definition, components: tuple[Component, ...], line: CompositeLine) -> Row:
    """Return one target."""
    scores = {one.component: f"{one.score:f}" for one in line.components}
    return (
        Cell("" if line.rank is None else str(line.rank), "dim"),
        Cell(short_name(definition, line.target), bold=True),
        *(Cell(scores.get(one.id, "-").rjust(SCORE), "dim") for one in components),
        Cell(("-" if line.total is None else f"{line.total:f}").rjust(SCORE), bold=True),
        following(words, line),
    )


def following(words: Catalogue, line: CompositeLine) -> Cell:
    """Return what follows from a total, or how much keeps it from being one."""
    if line.missing:
        return Cell(words("clerk.composite_short", count=len(line.missing)), "warning", bold=True)
    if line.again:
        return Cell(words("clerk.composite_again"), "warning", bold=True)
    return Cell(line.band or "", "dim")


def standing(words: Catalogue, situation: Situation) -> Iterator[str]:
    """Yield whether the composites are announced, and what the one under the cursor misses."""
    lines, line = situation.composites, situation.composite
    lacking = sum(1 for one in lines if one.missing)
    if situation.picture.composite:
        yield words("clerk.composite_announced")
    elif lacking:
        yield words("clerk.composite_lacking", count=lacking)
    else:
        yield words("clerk.composite_waiting" if lines else "clerk.composite_none")
    if line is not None and line.missing:
        name = short_name(situation.definition, line.target)
        yield words("clerk.composite_missing", target=name, missing=named_all(words, situation.definition, line))
    more = situation.definition.components[MOST_COMPONENTS:]
    if more:
        yield words("clerk.composite_more", names=words("clerk.comma").join(one.name for one in more))


def beside(words: Catalogue, situation: Situation, line: CompositeLine) -> Iterator[tuple[str, str]]:
    """Yield lines about one target and the colour of each."""
    definition = situation.definition
    yield definition.target(line.target).name, "foreground"
    if line.total is None:
        yield words("clerk.composite_no_total"), "warning"
        for one in line.missing:
            yield f"  {named(definition, one)}", "warning"
        return
    yield words("clerk.composite_total", total=f"{line.total:f}", rank=line.rank), "foreground"
    yield from ((told, "dim") for told in (line.band,) if told)
    if line.again:
        yield words("clerk.composite_again"), "warning"


def named(definition: Definition, one: Missing) -> str:
    """Return the name of a component, with its part where one is meant."""
    return next(each for each in definition.components if each.id == one.component).name_of(one.part)


def part_name(definition: Definition, one: Missing) -> str:
    """Return the name of a part, "" where the whole component is meant."""
    parts = next(each.parts for each in definition.components if each.id == one.component)
    return next((each.name for each in parts if each.id == one.part), "")


def named_all(words: Catalogue, definition: Definition, line: CompositeLine) -> str:
    """Return the names of all that a target lacks."""
    return words("clerk.comma").join(named(definition, one) for one in line.missing)


def steps(words: Catalogue, definition: Definition, line: CompositeLine) -> tuple[str, tuple[str, ...]]:
    """Return a title, and how the total of a target comes about, such as an officer can work out again by hand."""
    title = words("clerk.steps_title", target=definition.target(line.target).name)
    return title, tuple(step_lines(words, definition, line))


def step_lines(words: Catalogue, definition: Definition, line: CompositeLine) -> Iterator[str]:
    """Yield one line a step."""
    for found in line.components:
        name = named(definition, Missing(found.component))
        if found.parts:
            for one in found.parts:
                yield f"  {step(words, part_name(definition, Missing(found.component, one.part)), one)}"
            parts = " + ".join(six_places(weighted(one)) for one in found.parts)
            yield words("clerk.steps_sum", name=name, parts=parts, sum=equals(Fraction(found.exact)))
        yield step(words, name, found)
    if line.total is None or line.exact is None:
        yield words("clerk.steps_missing", missing=named_all(words, definition, line))
        return
    parts = " + ".join(six_places(weighted(one)) for one in line.components)
    yield words("clerk.steps_sum", name=words("clerk.column_total"), parts=parts, sum=equals(Fraction(line.exact)))
    told = [words("clerk.steps_rounded", decimals=definition.composite.decimals, total=f"{line.total:f}")]
    told += [words("clerk.steps_rank", rank=line.rank), *([line.band] if line.band else [])]
    told += [words("clerk.composite_again")] if line.again else []
    yield words("clerk.comma").join(told)


def step(words: Catalogue, name: str, found: ComponentFigures | PartFigures) -> str:
    """Return what one component, or a part, adds."""
    score = Fraction(found.exact)
    shown = six_places(score) if Fraction(six_places(score)) == score else found.exact
    return words("clerk.steps_one", name=name, score=shown, weight=f"{found.weight:f}", sum=equals(weighted(found)))


def weighted(found: ComponentFigures | PartFigures) -> Fraction:
    """Return the unrounded score times the weight."""
    return Fraction(found.exact) * Fraction(found.weight) / 100
