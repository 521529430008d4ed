"""The minutes of a meeting on A4: who was there, every item with its figures, ranking, signatures, fingerprint."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pingyi_protocol.record.results import Attendance
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.papers.blocks import (
    Block,
    annex,
    beside,
    chart,
    facts,
    figures,
    heading,
    kept,
    mark,
    names,
    paragraph,
    seal,
    signatures,
    table,
    title,
)
from pingyi_server.exports.papers.typeset import typeset
from pingyi_server.exports.papers.wording import called, in_languages, languages_of
from pingyi_server.exports.report.parts import (
    Column,
    CompositeReport,
    Fact,
    ItemReport,
    Report,
    RoundReport,
    Steps,
    Table,
)
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import View

MOST_NAMED = 150
"""Of a larger roster the annex alone gives the names: they would be all that one reads."""


def minutes_of(source: Source) -> bytes:
    """Return the minutes as PDF, in both languages where that is asked; UnmadeError without a font for them."""
    paper = in_languages(source, lambda report, words: minutes_blocks(source.view, report, words))
    return typeset([paper], called(source, "title"), languages_of(source), slips=False)


def minutes_blocks(view: View, report: Report, words: Catalogue) -> Iterator[Block]:
    """Yield what the minutes say."""
    yield title(report, words("minutes.title"))
    if report.programme:
        about = words("minutes.programme_batch", programme=report.programme, batch=report.batch)
        yield facts([Fact(words("minutes.programme"), about if report.batch else report.programme)])
    if report.notices:
        yield mark(*(one.text for one in report.notices))
    yield heading(1, words("minutes.attendance"))
    yield from attendance(view, report, words)
    yield heading(1, words("minutes.items"))
    for item in report.items:
        yield heading(2, item.title)
        yield from item_blocks(item, words)
    if report.ranking is not None:
        yield heading(1, words("minutes.ranking"))
        yield table(report.ranking.table)
        # that of the composites shows all targets, too
        if report.composite is None or report.composite.chart is None:
            yield chart(report.ranking.chart)
    if report.composite is not None:
        yield heading(1, words("minutes.composite"))
        yield from composite(report.composite, words)
    yield heading(1, words("minutes.signed"))
    yield signatures(report.signatures, words("minutes.date"))
    yield seal(report.seal)
    annexes = dict(annexes_of(report, words))
    for number, (text, tables) in enumerate(annexes.items(), start=1):
        yield annex(words("minutes.annex" if len(annexes) > 1 else "minutes.annex_only", number=number, title=text))
        yield from tables


def annexes_of(report: Report, words: Catalogue) -> Iterator[tuple[str, list[Block]]]:
    """Yield the title of each annex, and its tables: the roster, and what each total is worked out from."""
    if report.attendance.people is not None:
        yield words("minutes.roster"), [table(replace(report.attendance.people, caption=""), dense=True)]
    if report.composite is not None:
        tables = [report.composite.sources, sums(report.composite.steps, words)]
        # the bulletin has them once they are announced
        where = [paragraph(words("minutes.elsewhere"))] if report.composite.announced else []
        yield words("minutes.steps"), [*(table(one, dense=True) for one in tables), *where]


def sums(steps: Sequence[Steps], words: Catalogue) -> Table:
    """Return how each total comes from scores times weights, and what follows from it, a line a target."""
    columns = (Column(words("export.target_name")), Column(words("export.composite")))
    rows = ((one.name, words("report.comma").join(one.conclusion)) for one in steps)
    return Table(words("minutes.sums"), columns, tuple(rows))


def composite(found: CompositeReport, words: Catalogue) -> Iterator[Block]:
    """Yield every target's composite, and who is to be scored again."""
    yield paragraph(found.status) if found.announced else mark(found.status)
    yield paragraph(words("minutes.sentence").join(found.rules))
    yield table(found.table)
    if found.chart is not None:
        yield chart(found.chart)
    if found.again:
        yield names(words("minutes.again"), found.again)


def attendance(view: View, report: Report, words: Catalogue) -> Iterator[Block]:
    """Yield who was there in figures, whether that was a quorum, and by name where they are not too many."""
    yield figures(report.attendance.facts)
    yield paragraph(report.attendance.quorum)
    roster = view.results.attendance
    if len(roster) <= MOST_NAMED:
        for kind in Attendance:
            people = [one.name for one in roster if one.attendance is kind]
            if people:
                yield names(words(f"minutes.people_{kind}"), people)


def item_blocks(item: ItemReport, words: Catalogue) -> Iterator[Block]:
    """Yield what is said of an item, with all its rounds."""
    how = manner(item, words)
    if item.reason:
        yield facts([how])
        yield mark(words("minutes.withdrawn", reason=item.reason))
    if not item.rounds:
        if not item.reason:
            yield figures([how, Fact(words("export.status"), item.status)])
        return
    # the only round needs no heading, and its figures stand with the item's
    only = len(item.rounds) == 1 and item.rounds[0].announced
    yield kept(figures([how, *(item.rounds[0].facts if only else ())]))
    yield kept(paragraph(words("minutes.sentence").join(item.rules)))
    for one in item.rounds:
        if not only:
            yield heading(3, words("minutes.round", round=one.heading, status=one.status))
        yield from round_blocks(replace(one, facts=()) if only else one, words)


def manner(item: ItemReport, words: Catalogue) -> Fact:
    """Return how an item is voted on: its kind, and whether by open or by secret ballot."""
    return Fact(words("minutes.manner"), words("minutes.kind", kind=item.kind, secrecy=item.secrecy))


def round_blocks(one: RoundReport, words: Catalogue) -> Iterator[Block]:
    """Yield what is said of a round."""
    if one.manual:
        yield mark(one.manual)
    yield from (paragraph(remark) for remark in one.remarks)
    if one.facts:
        yield kept(figures(one.facts))
    # of targets the tables say it
    yield from (facts([Fact(words("export.outcome"), each.text)]) for each in one.outcomes if not each.target)
    yield from shown(one)
    if one.named:
        yield facts(one.named)


def shown(one: RoundReport) -> Iterator[Block]:
    """Yield tables and chart of a round: beside each other where they are those of a single target's scores."""
    if not one.tables:
        return
    first, *others = one.tables
    if one.spread is not None and one.chart is not None and len(first.rows) == 1:
        yield beside(one.chart, [first, one.spread])
        yield from (table(each) for each in others)
        return
    # what the first one is stands above it already
    yield table(replace(first, caption=""))
    if one.spread is not None:
        yield table(one.spread)
    yield from (table(each) for each in others)
    if one.chart is not None:
        yield chart(one.chart)
