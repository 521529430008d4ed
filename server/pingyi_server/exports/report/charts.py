"""What the charts of documents show: bars with their names, lengths and words, from announced figures."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from pingyi_protocol.meeting.definition import Option, ScoreRules
from pingyi_protocol.record.results import ChoiceResult, SelectionResult, TargetResult
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.report.parts import Bar, Bars, Distribution, Mark, Stack, StackedBar, figure

ROUND_TO = 10
"""An axis that does not begin at 0 begins at a multiple of this."""


def distribution_chart(rules: ScoreRules, result: TargetResult, words: Catalogue) -> Distribution:
    """Return how many members gave a target each value, by the band that the value lies in."""
    found = result.figures
    names = tuple(band.name for band in rules.bands)
    counts = {band.band: band.count for band in found.bands}
    kinds = tuple(words("report.kind_count", name=name, count=counts.get(name, 0)) for name in names)
    below = any(band_of(value.value, rules) == len(names) for value in found.values)
    others = sum(value.count for value in found.values if band_of(value.value, rules) == len(names))
    mark = None
    if found.measure is not None:
        measure = words(f"export.measure_{rules.measure}")
        mark = Mark(found.measure, words("report.measured", measure=measure, value=figure(found.measure)))
    return Distribution(
        title=words("report.chart_values", name=result.name),
        bars=tuple(
            Bar(figure(one.value), Decimal(one.count), figure(one.count), band_of(one.value, rules))
            for one in found.values
        ),
        kinds=(*kinds, words("report.kind_none", count=others)) if names and below else kinds,
        lowest=axis_start(min(one.value for one in found.values), rules.lowest),
        highest=rules.highest,
        across=words("export.score"),
        up=words("report.members"),
        mark=mark,
    )


def band_of(value: Decimal, rules: ScoreRules) -> int:
    """Return the place of the band that a value lies in; behind the last one for none."""
    return next((place for place, band in enumerate(rules.bands) if value >= band.least), len(rules.bands))


def axis_start(least: Decimal, lowest: Decimal) -> Decimal:
    """Return where an axis begins so that the least value has room, not below ``lowest``."""
    return max(lowest, (least - 1) // ROUND_TO * ROUND_TO)


def measures_chart(rules: ScoreRules, results: Sequence[TargetResult], words: Catalogue) -> Bars:
    """Return the measures of a sheet's targets, the greatest first, with the pass mark where there is one."""
    names = [(one.name, one.figures.measure) for one in results if one.figures.measure is not None]
    names.sort(key=lambda one: -one[1])
    drawn = ranking_chart(names, words)
    mark = None
    if rules.pass_mark is not None:
        mark = Mark(rules.pass_mark, words("report.pass_mark", mark=figure(rules.pass_mark)))
    return replace(drawn, title=words(f"export.measure_{rules.measure}"), mark=mark)


def ratings_chart(results: Sequence[ChoiceResult], title: str, words: Catalogue) -> Stack:
    """Return how many chose each grade, a bar a target, with the grade that it came to."""
    kinds = [
        words("export.abstentions" if one.option is Option.ABSTAIN else f"export.{one.option}")
        for one in results[0].figures.counts
    ]
    spoken = catalogue("pingyi_protocol", words.language)
    bars = tuple(
        StackedBar(
            one.name,
            (*(Decimal(count.count) for count in one.figures.counts), Decimal(one.figures.not_voted)),
            spoken(f"outcome.{one.figures.outcome}"),
        )
        for one in results
    )
    return Stack(words("report.chart_votes", name=title), (*kinds, words("export.not_voted")), bars)


def votes_chart(result: ChoiceResult, title: str, words: Catalogue) -> Bars:
    """Return the votes by choice, with how many are needed."""
    found = result.figures
    bars = []
    for one in found.counts:
        abstained = one.option is Option.ABSTAIN
        name = words("export.abstentions" if abstained else f"export.{one.option}")
        bars.append(Bar(name, Decimal(one.count), figure(one.count), int(abstained)))
    bars.append(Bar(words("export.not_voted"), Decimal(found.not_voted), figure(found.not_voted), 1))
    needed = Mark(Decimal(found.needed), words("report.needed", needed=found.needed))
    return Bars(words("report.chart_votes", name=result.name or title), tuple(bars), mark=needed)


def candidates_chart(result: SelectionResult, title: str, words: Catalogue) -> Bars:
    """Return the votes of the candidates, the most first; who has a place is told from the others."""
    found = result.figures
    pairs = sorted(zip(result.names, found.candidates, strict=True), key=lambda pair: -pair[1].votes)
    bars = tuple(
        Bar(name, Decimal(one.votes), figure(one.votes), 0 if one.target in found.winners else 1) for name, one in pairs
    )
    kinds = (words("export.selected"), words("report.others"))
    # nobody is chosen without a vote: only more than one is worth a line
    needed = Mark(Decimal(found.needed), words("report.needed", needed=found.needed)) if found.needed > 1 else None
    return Bars(words("report.chart_votes", name=title), bars, kinds, needed)


def ranking_chart(names: list[tuple[str, Decimal]], words: Catalogue) -> Bars:
    """Return targets with their measures, as they are ordered already."""
    start = axis_start(min(value for _, value in names), Decimal(0))
    said = words("report.axis_start", start=figure(start)) if start else ""
    bars = tuple(Bar(name, value, figure(value)) for name, value in names)
    return Bars(words("report.ranking"), bars, start=start, start_said=said)
