"""What a paper says, in the languages that are asked for."""

from collections.abc import Callable, Iterable
from typing import Any

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.papers.pairing import paired
from pingyi_server.exports.report.parts import Report
from pingyi_server.exports.report.whole import report_of
from pingyi_server.exports.source import Source


def languages_of(source: Source) -> tuple[Language, ...]:
    """Return the languages of a paper, the leading one first."""
    others = (one for one in Language if one is not source.language)
    return (source.language, *others) if source.bilingual else (source.language,)


def called(source: Source, paper: str) -> str:
    """Return what a file is called inside: the meeting's name and what the ``paper`` is."""
    return f"{source.view.results.name} {source.words(f'minutes.{paper}')}"


def in_languages(source: Source, said: Callable[[Report, Catalogue], Iterable[Any]]) -> Any:
    """Return the blocks of a paper in its languages; ``said`` gives them in one."""
    reports = (source.report if one is source.language else report_of(source.view, one) for one in languages_of(source))
    first, *others = (list(said(report, catalogue("pingyi_server", report.language))) for report in reports)
    return paired(first, others[0]) if others else first
