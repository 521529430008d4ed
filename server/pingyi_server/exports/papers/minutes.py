"""The minutes of a meeting on A4: who was there, every item with its figures, ranking, signatures, fingerprint."""

from collections.abc import Iterator
from dataclasses import replace

from pingyi_protocol.record.results import Attendance
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.papers.blocks import (
    Block,
    annex,
    charts,
    facts,
    figures,
    heading,
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
from pingyi_server.exports.report.parts import CompositeReport, Fact, ItemReport, Report, RoundReport
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
        yield charts([report.ranking.chart])
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
        lines = [
            block
            for steps in report.composite.steps
            for block in (table(steps.table, dense=True), *(paragraph(line) for line in steps.conclusion))
        ]
        yield words("minutes.steps"), [table(report.composite.sources, dense=True), *lines]


def composite(found: CompositeReport, words: Catalogue) -> Iterator[Block]:
    """Yield every target's composite, and who is to be scored again."""
    yield paragraph(found.status) if found.announced else mark(found.status)
    yield paragraph(words("minutes.sentence").join(found.rules))
    yield table(found.table)
    if found.chart is not None:
        yield charts([found.chart])
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
    if item.rounds or item.reason:
        yield facts([manner(item, words)])
    else:
        yield figures([manner(item, words), Fact(words("export.status"), item.status)])
    if item.reason:
        yield mark(words("minutes.withdrawn", reason=item.reason))
    if item.rounds:
        yield paragraph(words("minutes.sentence").join(item.rules))
    for one in item.rounds:
        if len(item.rounds) > 1 or not one.announced:
            yield heading(3, words("minutes.round", round=one.heading, status=one.status))
        yield from round_blocks(one, words)


def manner(item: ItemReport, words: Catalogue) -> Fact:
    """Return how an item is voted on: its kind, and whether by open or by secret ballot."""
    return Fact(words("minutes.manner"), words("minutes.kind", kind=item.kind, secrecy=item.secrecy))


def round_blocks(one: RoundReport, words: Catalogue) -> Iterator[Block]:
    """Yield what is said of a round."""
    if one.manual:
        yield mark(one.manual)
    yield from (paragraph(remark) for remark in one.remarks)
    if one.facts:
        yield figures(one.facts)
    # of targets the tables say it
    yield from (facts([Fact(words("export.outcome"), each.text)]) for each in one.outcomes if not each.target)
    yield from (table(each) for each in one.tables)
    if one.charts:
        yield charts(one.charts)
    if one.named:
        yield facts(one.named)
