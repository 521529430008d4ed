"""The composite as documents say it: the table, who is to be scored again, and each total worked out step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from pingyi_protocol.meeting.components import Component, ComponentPart, EvidenceLine
from pingyi_protocol.meeting.evidence import most_votes
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine, Missing, PartFigures
from pingyi_protocol.meeting.measures import equals, exact_text, six_places
from pingyi_protocol.record.results import RoundResult, TargetResult
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.report.formulas import formula_of, measure_formula, rule_of
from pingyi_server.exports.report.parts import (
    CompositeReport,
    Stack,
    StackedBar,
    Steps,
    Table,
    figure,
    table_of,
)
from pingyi_server.exports.tables import named
from pingyi_server.exports.view import View

SHA_SHOWN = 16
"""Characters of a file's SHA-256 that are printed; the record has all 64."""


def composite_report(view: View, words: Catalogue) -> CompositeReport | None:
    """Return the composites as they stand, None for a meeting without components."""
    return Composites(view, words).report() if view.results.composite else None


@dataclass(frozen=True)
class Composites:
    """Says the composites in the words of one language."""

    view: View
    words: Catalogue

    @property
    def components(self) -> tuple[Component, ...]:
        """What composites are made of."""
        return self.view.definition.components

    @property
    def ordered(self) -> list[CompositeLine]:
        """The lines, the best first, and those without a total at the end."""
        return sorted(self.view.results.composite, key=lambda line: (line.rank is None, line.rank or 0))

    def report(self) -> CompositeReport:
        """Return everything."""
        announced = self.view.results.composite_announced
        return CompositeReport(
            announced=announced,
            status=self.words("report.composite_announced" if announced else "report.composite_not_announced"),
            rules=tuple(self.rules()),
            table=self.table(),
            chart=self.chart(),
            again=tuple(self.name(line) for line in self.ordered if line.again),
            sources=self.sources(),
            steps=tuple(self.steps(line) for line in self.ordered),
        )

    def name(self, line: CompositeLine) -> str:
        """Return the name of a target."""
        return self.view.definition.target(line.target).name

    def rules(self) -> Iterator[str]:
        """Yield how scores become a composite, and what follows from it."""
        rules = self.view.definition.composite
        yield self.words("report.composite_rule", decimals=rules.decimals)
        if rules.bands:
            said = (self.words("report.band_from", band=band.name, least=figure(band.least)) for band in rules.bands)
            yield self.words("report.composite_bands", bands=self.words("export.comma").join(said))
        if rules.again_below is not None:
            yield self.words("report.composite_again", below=figure(rules.again_below))

    def table(self) -> Table:
        """Return every target with the score of each component, its total, place and band."""
        columns = [("rank", self.words("export.rank"), True), ("name", self.words("export.target_name"), False)]
        columns += [
            (f"component {one.id}", self.words("report.weighed", name=one.name, weight=figure(one.weight)), True)
            for one in self.components
        ]
        columns += [("total", self.words("export.composite"), True), ("band", self.words("export.band"), False)]
        columns += [("again", self.words("report.again"), False), ("missing", self.words("export.missing"), False)]
        columns += [("manual", self.words("export.manual"), False)]
        return table_of(self.words("export.composite"), columns, (self.row(line) for line in self.ordered))

    def row(self, line: CompositeLine) -> dict[str, str]:
        """Return one target."""
        scores = {f"component {one.component}": figure(one.score) for one in line.components}
        return scores | {
            "rank": figure(line.rank),
            "name": self.name(line),
            "total": figure(line.total),
            "band": line.band or "",
            "again": self.words("report.again_mark") if line.again else "",
            "missing": self.lacking(line),
            "manual": self.words("export.by_hand") if self.by_hand(line) else "",
        }

    def by_hand(self, line: CompositeLine) -> bool:
        """Whether the committee's own scores of a target were entered by hand."""
        committee = {component.id for component in self.components if component.committee}
        exact = [found.exact for found in line.components if found.component in committee]
        return any(self.measured(line.target, one)[0].manual for one in exact)

    def lacking(self, line: CompositeLine) -> str:
        """Return the names of what a target lacks."""
        return self.words("export.comma").join(self.named(one) for one in line.missing)

    def named(self, one: Missing) -> str:
        """Return the name of a component, with its part where one is meant."""
        return named(one, self.view.definition)

    def chart(self) -> Stack | None:
        """Return the weighted components of the targets that have a total, None where there are none."""
        lines = [line for line in self.ordered if line.total is not None]
        bars = tuple(
            StackedBar(self.name(line), tuple(one.weighted for one in line.components), figure(line.total))
            for line in lines
        )
        kinds = (self.words("report.weighed", name=one.name, weight=figure(one.weight)) for one in self.components)
        return Stack(self.words("report.chart_composite"), tuple(kinds), bars) if bars else None

    def sources(self) -> Table:
        """Return what each component comes from: its rule, and the file that was imported for it."""
        names = ("source", "weight", "rule", "file", "sha256", "leaf")
        headings = ("report.source", "export.weight", "report.rule", "report.file", "report.sha256", "export.leaf")
        columns = [
            (name, self.words(key), name in ("weight", "leaf")) for name, key in zip(names, headings, strict=True)
        ]
        rows = [row for component in self.components for row in self.source_rows(component)]
        return table_of(self.words("report.sources"), columns, rows)

    def source_rows(self, component: Component) -> Iterator[dict[str, str]]:
        """Yield a component, and its parts where it has any."""
        if component.committee:
            rule = self.words("report.rule_committee")
            yield {"source": component.name, "weight": figure(component.weight), "rule": rule}
            return
        if component.parts:
            rule = self.words("report.rule_parts")
            yield {"source": component.name, "weight": figure(component.weight), "rule": rule}
        for part in component.sources:
            weight = part.weight if component.parts else component.weight
            row = {"source": self.named(Missing(component.id, part.id)), "weight": figure(weight)}
            yield row | {"rule": rule_of(part.rule, self.words)} | self.file_of(component, part)

    def file_of(self, component: Component, part: ComponentPart) -> dict[str, str]:
        """Return what was imported for a part, nothing where nothing was."""
        for one in self.view.results.evidence:
            if (one.component, one.part) == (component.id, part.id):
                return {"file": one.file, "sha256": one.sha256[:SHA_SHOWN], "leaf": figure(one.leaf)}
        return {}

    def steps(self, line: CompositeLine) -> Steps:
        """Return how one target's total is worked out."""
        columns = [
            ("source", self.words("report.source"), False),
            ("formula", self.words("report.formula"), False),
            ("score", self.words("report.step_score"), True),
            ("weight", self.words("export.weight"), True),
            ("weighted", self.words("report.step_weighted"), True),
        ]
        rows = [row for found in line.components for row in self.component_rows(line, found)]
        caption = self.words("report.steps", name=self.name(line))
        return Steps(line.target, self.name(line), table_of(caption, columns, rows), tuple(self.conclusion(line)))

    def component_rows(self, line: CompositeLine, found: ComponentFigures) -> Iterator[dict[str, str]]:
        """Yield the parts of a component, and then the component itself."""
        component = next(one for one in self.components if one.id == found.component)
        for part in found.parts:
            name = self.named(Missing(component.id, part.part))
            yield self.step(name, self.evidence_formula(line.target, component, part.part), part)
        if component.committee:
            formula = measure_formula(*self.measured(line.target, found.exact), self.words)
        elif component.parts:
            formula = " + ".join(shared(part) for part in found.parts)
        else:
            formula = self.evidence_formula(line.target, component, "")
        yield self.step(component.name, formula, found)

    def step(self, name: str, formula: str, found: ComponentFigures | PartFigures) -> dict[str, str]:
        """Return one line of the working out."""
        score = Fraction(found.exact)
        return {
            "source": name,
            "formula": formula,
            "score": exact_text(score),
            "weight": figure(found.weight),
            "weighted": exact_text(weighted(found)),
        }

    def evidence_formula(self, target: str, component: Component, part: str) -> str:
        """Return how the material of a target becomes its score."""
        source = next(one for one in component.sources if one.id == part)
        lines = self.lines_of(component, part)
        line = next(one for one in lines if one.target == target)
        return formula_of(source.rule, line.material, max(most_votes(lines), default=0))

    def lines_of(self, component: Component, part: str) -> tuple[EvidenceLine, ...]:
        """Return the evidence that counts for a part."""
        return next(
            one.lines for one in self.view.results.evidence if (one.component, one.part) == (component.id, part)
        )

    def measured(self, target: str, exact: str) -> tuple[RoundResult, TargetResult]:
        """Return the latest announced round that gave a target this measure, with what it gave."""
        return next(
            (one, result)
            for one in reversed(self.view.results.rounds)
            for result in one.targets
            if (result.figures.target, result.figures.exact) == (target, exact)
        )

    def conclusion(self, line: CompositeLine) -> Iterator[str]:
        """Yield the sum, what is published of it and what follows, or what is missing."""
        if line.total is None or line.exact is None:
            yield self.words("report.step_missing", missing=self.lacking(line))
            return
        parts = " + ".join(six_places(weighted(one)) for one in line.components)
        yield self.words("report.step_sum", parts=parts, sum=equals(Fraction(line.exact)))
        decimals = self.view.definition.composite.decimals
        yield self.words("report.step_rounded", decimals=decimals, total=figure(line.total))
        said = [self.words("report.ranked", rank=line.rank)]
        said += [line.band] if line.band is not None else []
        said += [self.words("report.again_yes")] if line.again else []
        yield self.words("report.comma").join(said)


def composite_words(line: CompositeLine, words: Catalogue) -> str:
    """Return a target's total, band and place in a few words; "" without a total."""
    if line.total is None:
        return ""
    said = [figure(line.total), *([line.band] if line.band is not None else []), words("report.ranked", rank=line.rank)]
    said += [words("report.again_yes")] if line.again else []
    return words("report.comma").join(said)


def weighted(found: ComponentFigures | PartFigures) -> Fraction:
    """Return the unrounded score times the weight."""
    return Fraction(found.exact) * Fraction(found.weight) / 100


def shared(part: PartFigures) -> str:
    """Return one summand of a component's score."""
    return f"{six_places(Fraction(part.exact))} × {figure(part.weight)} %"
