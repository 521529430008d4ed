"""The year as one table for a spreadsheet: a line for each problem of each target."""

from collections.abc import Iterator

from pingyi_protocol.text import Catalogue
from pingyi_server.exports.tables import Cell, Row, table_of
from pingyi_server.programme.year import Overview, Programme, Promise, Story

COLUMNS = (
    *("programme.csv_programme", "programme.csv_batch", "programme.target", "programme.stage"),
    *("programme.csv_kind", "programme.csv_before", "programme.csv_after", "programme.problem"),
    *("report.goal", "report.measures", "report.deadline", "report.responsible"),
)
"""The headings, by the keys of their words."""


def sheet(found: Overview, words: Catalogue) -> Iterator[Row]:
    """Yield the headings and the lines; invented data is labelled above them."""
    if any(sitting.facts.simulated for one in found.programmes for sitting in one.sittings):
        yield [words("export.simulated")]
    yield from table_of({key: words(key) for key in COLUMNS}, lines(found, words))


def lines(found: Overview, words: Catalogue) -> Iterator[dict[str, Cell]]:
    """Yield a line for each promise that stands; a target without one has a line too."""
    for one in found.programmes:
        for story in one.stories:
            target = target_cells(one, story, words)
            standing = [promise for promise in story.promises if promise.stands]
            yield from (target | promise_cells(promise) for promise in standing)
            if not standing:
                yield target


def target_cells(one: Programme, story: Story, words: Catalogue) -> dict[str, Cell]:
    """Return where a target stands."""
    cells: dict[str, Cell] = {
        "programme.csv_programme": one.name,
        "programme.csv_batch": story.batch,
        "programme.target": story.name,
        "programme.stage": words(f"programme.stage_{story.stage}"),
    }
    if not story.scorings:
        return cells
    last, change = story.scorings[-1][1], story.change
    composite = last.line is not None if change is None else change.composite
    return cells | {
        "programme.csv_kind": words("programme.composite" if composite else "programme.measure"),
        "programme.csv_before": None if change is None else change.before,
        "programme.csv_after": last.figure if change is None else change.after,
    }


def promise_cells(promise: Promise) -> dict[str, Cell]:
    """Return what was promised."""
    problem = promise.problem
    return {
        "programme.problem": problem.title,
        "report.goal": problem.goal,
        "report.measures": problem.measures,
        "report.deadline": problem.deadline,
        "report.responsible": problem.responsible,
    }
