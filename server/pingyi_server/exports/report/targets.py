"""The targets of a meeting: who ranks where, and what each one promised and got."""

from collections.abc import Iterator
from datetime import date

from pingyi_protocol.meeting.definition import Problem as Promised
from pingyi_protocol.record.results import RoundResult, TargetResult
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.report.charts import ranking_chart
from pingyi_server.exports.report.composite import composite_words
from pingyi_server.exports.report.parts import Fact, ItemReport, Problem, Ranking, TargetReport, figure, table_of
from pingyi_server.exports.view import View

PROMISES = ("goal", "measures", "deadline", "responsible", "report")
"""What a target said of a problem, in the order of print."""


def ranking(view: View, words: Catalogue) -> Ranking | None:
    """Return all targets that have an announced measure with their places, None where there are none."""
    found = sorted(ranked(view), key=lambda pair: pair[1].rank or 0)
    if not found:
        return None
    names = ("rank", "target_name", "measure", "band", "title", "manual")
    columns = [(name, words(f"export.{name}"), name in ("rank", "measure")) for name in names]
    rows = (
        {
            "rank": figure(result.rank),
            "target_name": result.name,
            "measure": figure(result.figures.measure),
            "band": result.figures.band or "",
            "title": one.title,
            "manual": words("export.by_hand") if one.manual else "",
        }
        for one, result in found
    )
    measures = [(result.name, result.figures.measure) for _, result in found if result.figures.measure is not None]
    return Ranking(table_of(words("report.ranking"), columns, rows), ranking_chart(measures, words))


def ranked(view: View) -> Iterator[tuple[RoundResult, TargetResult]]:
    """Yield the targets with a place, each with the round that it has it from."""
    for one in view.results.rounds:
        yield from ((one, result) for result in one.targets if result.rank is not None)


def target_reports(view: View, items: tuple[ItemReport, ...], words: Catalogue) -> Iterator[TargetReport]:
    """Yield every target with its problems and each announced result that is about it."""
    composites = {line.target: line for line in view.results.composite if view.results.composite_announced}
    for target in view.definition.targets:
        problems = (problem_of(problem, words) for problem in view.definition.problems_of(target.id))
        results = [*results_on(target.id, items, words)]
        if target.id in composites:
            results.append(Fact(words("export.composite"), composite_words(composites[target.id], words)))
        yield TargetReport(target.id, target.name, tuple(problems), tuple(results))


def problem_of(problem: Promised, words: Catalogue) -> Problem:
    """Return one problem with what was said of it."""
    said = {name: str(getattr(problem, name)) for name in PROMISES}
    said["deadline"] = date_in(problem.deadline, words)
    return Problem(problem.title, tuple(Fact(words(f"report.{name}"), value) for name, value in said.items() if value))


def results_on(target: str, items: tuple[ItemReport, ...], words: Catalogue) -> Iterator[Fact]:
    """Yield what each announced round came to for this target; where an item had several, with the round's number."""
    for item in items:
        standing = [one for one in item.rounds if one.announced]
        for one in standing:
            label = words("report.title_round", title=item.title, round=one.round) if len(standing) > 1 else item.title
            texts = [outcome.text for outcome in one.outcomes if outcome.target == target]
            if texts:
                marked = [*texts, words("export.by_hand")] if one.manual else texts
                yield Fact(label, words("report.comma").join(marked))


def date_in(text: str, words: Catalogue) -> str:
    """Return a day as it is written in a document; as it was given if it is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return words("report.date", year=day.year, month=day.month, day=day.day)
