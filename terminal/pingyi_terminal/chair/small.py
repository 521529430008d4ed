"""What a terminal that is too small for the hall shows of it: the count, the figures and the people in lines. Pure."""

from collections.abc import Iterator

from pingyi_terminal.chair.parts import ChairView, TargetRow

GAP = "  "


def small_lines(view: ChairView) -> Iterator[str]:
    """Return the lines, those that matter most first: what has no room at the end is left out."""
    count, figures, floor = view.count, view.figures, view.floor
    if count.figure is not None:
        yield GAP.join(filter(None, (count.heading, f"{count.figure} / {count.whole}", count.line.text)))
    yield from floor.reading
    if figures.figure or figures.rows:
        yield GAP.join(filter(None, (figures.heading, figures.figure, figures.band.text, *map(cell_of, figures.rows))))
    elif not floor.reading:
        yield GAP.join((figures.heading, *figures.lines))
    people = (GAP.join(filter(None, (who.seat, who.name))) for who in floor.people)
    if not floor.reading:
        yield GAP.join(filter(None, (floor.heading.text, floor.note)))
        yield (GAP * 2).join(people)


def cell_of(row: TargetRow) -> str:
    """Return a row of figures as part of a line."""
    return " ".join(filter(None, (row.name, row.shown, row.band)))
