"""The items of the agenda and their rounds, as documents say them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pingyi_protocol.meeting.definition import (
    Definition,
    Item,
    MotionRules,
    Passing,
    RatingRules,
    ScoreRules,
    Secrecy,
    SelectionRules,
)
from pingyi_protocol.meeting.figures import GroupChoice, GroupTarget, OptionCount, SelectionFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.results import (
    AgendaLine,
    ChoiceResult,
    RecusedMember,
    RoundResult,
    SelectionResult,
    Signer,
    TargetResult,
)
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.report.charts import candidates_chart, distribution_chart, votes_chart
from pingyi_server.exports.report.parts import Chart, Fact, ItemReport, Outcome, RoundReport, Table, figure, table_of
from pingyi_server.exports.results import voted_again
from pingyi_server.exports.view import View

Line = Mapping[str, str]

SPREAD = ("greatest", "least", "mean", "trimmed_mean", "median", "deviation")
"""Figures that say how scores are spread."""


def item_reports(view: View, words: Catalogue) -> Iterator[ItemReport]:
    """Yield the items in the order that they have at the end."""
    for line in view.results.agenda:
        item = view.definition.item(line.item)
        if item is not None:
            yield Items(view, words, item, line).report()


def share_of(passing: Passing, words: Catalogue) -> str:
    """Return the share that passes and what it is taken of."""
    base = words(f"report.base_{passing.base}")
    key = "report.share_more" if passing.strict else "report.share_least"
    return words(key, base=base, numerator=passing.numerator, denominator=passing.denominator)


def signed(signer: Signer) -> str:
    """Return who signed."""
    return f"{signer.number} {signer.name}"


@dataclass(frozen=True)
class Items:
    """Says one item in the words of one language."""

    view: View
    words: Catalogue
    item: Item
    line: AgendaLine

    def spoken(self, key: str) -> str:
        """Return a word that screens and records share."""
        return catalogue("pingyi_protocol", self.words.language)(key)

    @property
    def definition(self) -> Definition:
        """What the clerk prepared."""
        return self.view.definition

    def report(self) -> ItemReport:
        """Return the item with all its rounds."""
        rounds = tuple(one for one in self.view.results.rounds if one.item == self.item.id)
        is_open = self.item.rules.secrecy is Secrecy.OPEN
        return ItemReport(
            item=self.item.id,
            title=self.item.title,
            kind=self.spoken(f"kind.{self.item.rules.kind}"),
            secrecy=self.words("report.open_ballot" if is_open else "report.secret_ballot"),
            is_open=is_open,
            status=self.status(self.line.phase),
            reason=self.line.reason,
            rules=tuple(self.rules()),
            rounds=tuple(self.round(one, rounds) for one in rounds),
        )

    def status(self, phase: Phase) -> str:
        """Return where an item or a round stands."""
        return self.words("report.pending") if phase is Phase.PENDING else self.words(f"export.{phase}")

    def rules(self) -> Iterator[str]:
        """Yield how ballots become a result."""
        match self.item.rules:
            case ScoreRules() as rules:
                measure = self.words(f"export.measure_{rules.measure}")
                scale = {"lowest": figure(rules.lowest), "highest": figure(rules.highest)}
                yield self.words("report.rule_score", measure=measure, decimals=rules.decimals, **scale)
                if rules.pass_mark is not None:
                    yield self.words("report.rule_pass_mark", mark=figure(rules.pass_mark))
                if rules.question is not None:
                    yield self.words("report.rule_question", share=share_of(rules.question, self.words))
            case MotionRules(passing=passing):
                yield self.words("report.rule_motion", share=share_of(passing, self.words))
            case RatingRules(passing=passing):
                yield self.words("report.rule_rating", share=share_of(passing, self.words))
            case SelectionRules() as rules:
                yield self.words("report.rule_selection", most=rules.most, winners=rules.winners)
                if rules.passing is not None:
                    yield self.words("report.rule_winner", share=share_of(rules.passing, self.words))

    def round(self, one: RoundResult, rounds: tuple[RoundResult, ...]) -> RoundReport:
        """Return one round; figures, charts and codes only where it is announced."""
        again = voted_again(one, rounds)
        announced = one.phase is Phase.ANNOUNCED
        return RoundReport(
            round=one.round,
            heading=self.words("report.round", round=one.round),
            status=self.status(one.phase),
            announced=announced,
            manual=self.words("report.manual", reason=one.manual) if one.manual else "",
            remarks=tuple(self.remarks(one)),
            outcomes=tuple(self.outcomes(one, again)),
            facts=tuple(self.facts(one)),
            named=tuple(self.named(one)),
            tables=tuple(self.tables(one, again)),
            charts=tuple(self.charts(one)),
            codes=self.view.codes.get((one.item, one.round), ()) if announced else (),
        )

    def remarks(self, one: RoundResult) -> Iterator[str]:
        """Yield what a reader of the figures must know."""
        if one.phase is Phase.VOID:
            yield self.words("report.void", reason=one.reason)
        for result in one.targets:
            if result.figures.measure is None:
                yield self.words("report.too_few", name=result.name)

    def outcomes(self, one: RoundResult, again: int | None) -> Iterator[Outcome]:
        """Yield what the round came to, a line a target."""
        for result in one.targets:
            yield Outcome(result.figures.target, result.name, self.score_outcome(one, result))
        for choice in one.choices:
            text = self.spoken(f"outcome.{choice.figures.outcome}")
            if one.targets:
                text = self.words("report.question_outcome", outcome=text)
            yield Outcome(choice.figures.target, choice.name, text)
        if one.selection is not None:
            for candidate in one.selection.figures.candidates:
                name = self.definition.target(candidate.target).name
                yield Outcome(candidate.target, name, self.place(one.selection.figures, candidate.target, again))

    def score_outcome(self, one: RoundResult, result: TargetResult) -> str:
        """Return measure, band and place in a few words."""
        found = result.figures
        if found.measure is None:
            return self.words("export.too_few")
        measure = self.words(f"export.measure_{one.measure}")
        parts = [self.words("report.measured", measure=measure, value=figure(found.measure))]
        parts += [found.band] if found.band is not None else []
        parts += [self.words("report.ranked", rank=result.rank)] if result.rank is not None else []
        parts += [self.passed(found.passed)] if found.passed is not None else []
        return self.words("report.comma").join(parts)

    def passed(self, passed: bool | None) -> str:
        """Say whether a pass mark was reached, "" where there is none."""
        return "" if passed is None else self.spoken("outcome.passed" if passed else "outcome.rejected")

    def place(self, found: SelectionFigures, target: str, again: int | None) -> str:
        """Say whether a candidate was chosen; who was tied may have been voted on again."""
        tie = "tied" if again is None else "tied_decided"
        key = "selected" if target in found.winners else tie if target in found.tied else "not_selected"
        return self.words(f"export.{key}", round=again)

    def facts(self, one: RoundResult) -> Iterator[Fact]:
        """Yield how many were there and what came in."""
        yield Fact(self.words("export.present"), figure(one.present))
        if one.phase is not Phase.ANNOUNCED:
            return
        yield Fact(self.words("export.received"), figure(one.received))
        if one.recused:
            yield Fact(self.words("export.recused"), figure(sum(member.present for member in one.recused)))
        if one.manual:
            yield Fact(self.words("export.invalid"), figure(one.invalid))
        if one.selection is not None:
            found = one.selection.figures
            yield Fact(self.words("export.abstentions"), figure(found.abstentions))
            yield Fact(self.words("export.not_voted"), figure(found.not_voted))
            yield Fact(self.words("report.places"), figure(found.places))
            yield Fact(self.words("export.base"), figure(found.base))
            yield Fact(self.words("export.needed"), figure(found.needed))

    def named(self, one: RoundResult) -> Iterator[Fact]:
        """Yield what names members."""
        if one.recused:
            said = self.words("export.comma").join(self.recused(member) for member in one.recused)
            yield Fact(self.words("export.recused_members"), said)
        if one.confirmed is not None:
            yield Fact(self.words("export.confirmed"), signed(one.confirmed))
        if one.voided_by is not None:
            yield Fact(self.words("export.voided_by"), signed(one.voided_by))

    def recused(self, member: RecusedMember) -> str:
        """Return who was recused and why."""
        return self.words("export.recused_member", number=member.number, name=member.name, reason=member.reason)

    def charts(self, one: RoundResult) -> Iterator[Chart]:
        """Yield the pictures of the announced figures."""
        for result in one.targets:
            if result.figures.values and isinstance(self.item.rules, ScoreRules):
                yield distribution_chart(self.item.rules, result, self.words)
        for choice in one.choices:
            yield votes_chart(choice, self.item.title, self.words)
        if one.selection is not None:
            yield candidates_chart(one.selection, self.item.title, self.words)

    def tables(self, one: RoundResult, again: int | None) -> Iterator[Table]:
        """Yield the announced figures."""
        if one.targets:
            yield self.scores(one)
            yield self.spread(one)
            if any(result.figures.criteria for result in one.targets):
                yield self.criteria(one)
        if one.choices:
            yield self.choices(one)
        if one.selection is not None:
            yield self.selection(one.selection, again)
        if one.groups:
            yield self.groups(one)

    def columns(self, *names: str, text: tuple[str, ...] = ()) -> list[tuple[str, str, bool]]:
        """Return columns with the headings that all exports share; those in ``text`` hold no figures."""
        return [(name, self.words(f"export.{name}"), name not in text) for name in names]

    def scores(self, one: RoundResult) -> Table:
        """Return sum, number and measure of each target."""
        names = ("target_name", "scores", "abstentions", "not_voted", "total", "measure", "band", "rank", "outcome")
        columns = self.columns(*names, text=("target_name", "band", "outcome"))
        measure = self.words(f"export.{one.measure}")
        columns = [(name, measure if name == "measure" else heading, number) for name, heading, number in columns]
        rows = (
            {
                "target_name": result.name,
                "scores": figure(result.figures.scores),
                "abstentions": figure(result.figures.abstentions),
                "not_voted": figure(result.figures.not_voted),
                "total": figure(result.figures.total),
                "measure": figure(result.figures.measure) or self.words("export.too_few"),
                "band": result.figures.band or "",
                "rank": figure(result.rank),
                "outcome": self.passed(result.figures.passed),
            }
            for result in one.targets
        )
        return table_of(self.words("report.table_scores"), columns, rows)

    def spread(self, one: RoundResult) -> Table:
        """Return how the scores of each target are spread, and how many lie in each band."""
        # the item's own measure stands with the sum
        same = [name for name in SPREAD if name != one.measure]
        bands = [band.name for band in self.item.rules.bands] if isinstance(self.item.rules, ScoreRules) else []
        columns = self.columns("target_name", *same, text=("target_name",))
        columns += [(f"band {band}", band, True) for band in bands]
        rows = [
            {"target_name": result.name}
            | {name: figure(getattr(result.figures, name)) for name in same}
            | {f"band {band.band}": figure(band.count) for band in result.figures.bands}
            for result in one.targets
        ]
        dropped = {result.figures.dropped for result in one.targets if result.figures.dropped}
        caption = self.words("report.table_spread")
        if dropped:
            caption = self.words("report.table_spread_dropped", dropped=max(dropped))
        return table_of(caption, columns, rows)

    def criteria(self, one: RoundResult) -> Table:
        """Return the figures of each criterion."""
        columns = self.columns(
            "target_name", "criterion", "weight", "scores", "total", "measure", text=("target_name", "criterion")
        )
        rows = []
        for result in one.targets:
            declared = {criterion.id: criterion for criterion in self.item.criteria_of(result.figures.target)}
            for found in result.figures.criteria:
                criterion = declared[found.criterion]
                rows.append(
                    {
                        "target_name": result.name,
                        "criterion": criterion.name,
                        "weight": figure(criterion.weight),
                        "scores": figure(found.scores),
                        "total": figure(found.total),
                        "measure": figure(found.measure) or self.words("export.too_few"),
                    }
                )
        return table_of(self.words("report.table_criteria"), columns, rows)

    def choices(self, one: RoundResult) -> Table:
        """Return the votes by choice, a line a target."""
        options = tuple(count.option for count in one.choices[0].figures.counts)
        columns = [("target_name", self.words("export.target_name"), False)]
        columns += [(option.value, self.option(option.value), True) for option in options]
        columns += self.columns("not_voted", "invalid", "base", "needed", "outcome", text=("outcome",))
        rows = (self.choice_row(one, result) for result in one.choices)
        caption = self.words("report.table_question" if one.targets else "report.table_votes")
        return table_of(caption, columns, rows)

    def option(self, option: str) -> str:
        """Return what can be chosen."""
        return self.words("export.abstentions" if option == "abstain" else f"export.{option}")

    def choice_row(self, one: RoundResult, result: ChoiceResult) -> Line:
        """Return the votes on one target."""
        found = result.figures
        return counted(found.counts) | {
            "target_name": result.name,
            "not_voted": figure(found.not_voted),
            "invalid": figure(one.invalid) if one.manual else "",
            "base": figure(found.base),
            "needed": figure(found.needed),
            "outcome": self.spoken(f"outcome.{found.outcome}"),
        }

    def selection(self, result: SelectionResult, again: int | None) -> Table:
        """Return the votes of each candidate."""
        columns = self.columns("target_name", "votes", "outcome", text=("target_name", "outcome"))
        rows = (
            {
                "target_name": name,
                "votes": figure(candidate.votes),
                "outcome": self.place(result.figures, candidate.target, again),
            }
            for name, candidate in zip(result.names, result.figures.candidates, strict=True)
        )
        return table_of(self.words("report.table_selection"), columns, rows)

    def groups(self, one: RoundResult) -> Table:
        """Return what each review group gave, where the group is large enough."""
        text = ("group", "target_name", "kind")
        columns = self.columns("group", "group_present", "received", "target_name", "kind", text=text)
        columns += self.columns("scores", "total", "measure")
        options = dict.fromkeys(count.option.value for choice in one.choices for count in choice.figures.counts)
        columns += [(option, self.option(option), True) for option in options]
        columns += self.columns("withheld", text=("withheld",))
        rows = []
        for group in one.groups:
            start = {
                "group": group.group,
                "group_present": figure(group.present),
                "received": figure(group.received),
            }
            parts: tuple[GroupTarget | GroupChoice, ...] = (*group.targets, *group.choices)
            rows += [start | self.group_kind(one, found) | self.group_row(found) for found in parts]
        return table_of(self.words("report.table_groups"), columns, rows)

    def group_kind(self, one: RoundResult, found: GroupTarget | GroupChoice) -> dict[str, str]:
        """Tell a score from the old question, where a target has both."""
        if not (one.targets and one.choices):
            return {}
        return {"kind": self.spoken("kind.question" if isinstance(found, GroupChoice) else "kind.score")}

    def group_row(self, found: GroupTarget | GroupChoice) -> dict[str, str]:
        """Return what one group gave one target, or that it is withheld."""
        name = {"target_name": self.definition.target(found.target).name if found.target else ""}
        if isinstance(found, GroupChoice):
            return name | (self.withheld() if found.counts is None else counted(found.counts))
        if found.scores is None:
            return name | self.withheld()
        measure = figure(found.measure) or self.words("export.too_few")
        return name | {"scores": figure(found.scores), "total": figure(found.total), "measure": measure}

    def withheld(self) -> dict[str, str]:
        """Say that there are too few for a figure."""
        return {"withheld": self.words("export.too_small")}


def counted(counts: tuple[OptionCount, ...]) -> dict[str, str]:
    """Return how often each option was chosen."""
    return {one.option.value: figure(one.count) for one in counts}
