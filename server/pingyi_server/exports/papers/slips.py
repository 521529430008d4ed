"""One page for each item, to be signed right after its announcement."""

from collections.abc import Iterator

from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.papers.blocks import Block, facts, mark, paragraph, seal, signatures, title
from pingyi_server.exports.papers.minutes import manner, round_blocks
from pingyi_server.exports.papers.typeset import typeset
from pingyi_server.exports.papers.wording import called, in_languages, languages_of
from pingyi_server.exports.report.parts import Fact, ItemReport, NoticeKind, Report
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import View


def all_slips(source: Source) -> bytes:
    """Return a slip of every announced item, in the order of the agenda; nothing where none is announced."""
    announced = [line.item for line in source.view.results.agenda if is_announced(source.view, line.item)]
    return slips_of(source, announced) if announced else b""


def slips_of(source: Source, items: list[str]) -> bytes:
    """Return the slips of these announced items as one PDF; UnmadeError without a font for them."""

    def papers(report: Report, words: Catalogue) -> Iterator[list[Block]]:
        reports = {item.item: item for item in report.items}
        for item in items:
            yield list(slip(report, reports[item], words))

    return typeset(in_languages(source, papers), called(source, "slip"), languages_of(source), slips=True)


def is_announced(view: View, item: str) -> bool:
    """Whether an announced round of an item stands."""
    return any(one.item == item and one.phase is Phase.ANNOUNCED for one in view.results.rounds)


def slip(report: Report, item: ItemReport, words: Catalogue) -> Iterator[Block]:
    """Yield what the slip of an item says: its announced rounds, and what became of the others."""
    yield title(report, words("minutes.slip"))
    # what other items had by hand, and that the meeting goes on, is no matter of this one
    notices = [one.text for one in report.notices if one.kind in (NoticeKind.SIMULATED, NoticeKind.WAITING)]
    if notices:
        yield mark(*notices)
    yield facts([Fact(words("export.item"), item.title), manner(item, words)])
    yield paragraph(words("minutes.sentence").join(item.rules))
    for one in item.rounds:
        if len(item.rounds) > 1:
            yield facts([Fact(one.heading, one.status)])
        # of a selection with a tie each round has chosen some
        yield from round_blocks(one, words) if one.announced else map(paragraph, one.remarks)
    yield signatures(report.signatures, words("minutes.date"))
    yield seal(report.seal)
