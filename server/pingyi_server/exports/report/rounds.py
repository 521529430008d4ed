"""The items of the agenda and their rounds, as documents say them."""

from collections.abc import Iterator
from dataclasses import dataclass

from pingyi_protocol.meeting.definition import (
    Definition,
    Item,
    MotionRules,
    Passing,
    RatingRules,
    Rules,
    ScoreRules,
    Secrecy,
    SelectionRules,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.results import (
    AgendaLine,
    RecusedMember,
    RoundResult,
    TargetResult,
)
from pingyi_protocol.record.results_secret import SecretRound, Signer
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.report.charts import (
    candidates_chart,
    distribution_chart,
    measures_chart,
    ratings_chart,
    votes_chart,
)
from pingyi_server.exports.report.parts import Chart, Fact, ItemReport, Outcome, RoundReport, figure
from pingyi_server.exports.report.tables import Tables, passed_words, place_words
from pingyi_server.exports.results import opens_words, overridden_words, voted_again
from pingyi_server.exports.view import View


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
        if self.item.rules.secrecy is Secrecy.SECRET:
            yield self.secret_rule(self.item.rules)

    def secret_rule(self, rules: Rules) -> str:
        """Return what of a secret round is opened, and what it takes."""
        opens = rules.opens.value if isinstance(rules, ScoreRules) else "counts"
        said, threshold = self.words(f"report.rule_opens_{opens}"), self.definition.meeting.threshold
        return self.words("report.rule_secret", opens=said, least=rules.least_ballots, threshold=threshold)

    def round(self, one: RoundResult, rounds: tuple[RoundResult, ...]) -> RoundReport:
        """Return one round; figures, charts and codes only where it is announced."""
        again = voted_again(one, rounds)
        announced = one.phase is Phase.ANNOUNCED
        tables = Tables(self.definition, self.words, self.item)
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
            tables=tuple(tables.of(one, again)),
            spread=tables.spread(one) if one.targets else None,
            charts=tuple(self.charts(one)),
            chart=self.chart(one),
            codes=self.view.codes.get((one.item, one.round), ()) if announced else (),
        )

    def remarks(self, one: RoundResult) -> Iterator[str]:
        """Yield what a reader of the figures must know."""
        if one.phase is Phase.VOID:
            yield self.words("report.void", reason=one.reason)
        for result in one.targets:
            if result.figures.measure is None:
                yield self.words("report.too_few", name=result.name)
        if one.secret is not None:
            yield from self.secret_remarks(one, one.secret)

    def secret_remarks(self, one: RoundResult, found: SecretRound) -> Iterator[str]:
        """Yield what is particular about the opening of a secret round."""
        if one.phase is Phase.CLOSED and not found.unsealed:
            yield self.words("report.sealed", parts=len(found.parts), threshold=found.threshold)
        if found.overridden is not None:
            yield self.words("report.overridden", reason=found.overridden.reason)

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
                yield Outcome(
                    candidate.target, name, place_words(one.selection.figures, candidate.target, again, self.words)
                )

    def score_outcome(self, one: RoundResult, result: TargetResult) -> str:
        """Return measure, band and place in a few words."""
        found = result.figures
        if found.measure is None:
            return self.words("export.too_few")
        measure = self.words(f"export.measure_{one.measure}")
        parts = [self.words("report.measured", measure=measure, value=figure(found.measure))]
        parts += [found.band] if found.band is not None else []
        parts += [self.words("report.ranked", rank=result.rank)] if result.rank is not None else []
        parts += [passed_words(found.passed, self.words)] if found.passed is not None else []
        return self.words("report.comma").join(parts)

    def facts(self, one: RoundResult) -> Iterator[Fact]:
        """Yield how many were there and what came in."""
        yield Fact(self.words("export.present"), figure(one.present))
        if one.phase is not Phase.ANNOUNCED:
            return
        yield Fact(self.words("export.received"), figure(one.received))
        if one.recused:
            yield Fact(self.words("export.recused"), figure(sum(member.present for member in one.recused)))
        if one.manual or one.secret:
            yield Fact(self.words("export.invalid"), figure(one.invalid))
        if one.selection is not None:
            found = one.selection.figures
            yield Fact(self.words("export.abstentions"), figure(found.abstentions))
            yield Fact(self.words("export.not_voted"), figure(found.not_voted))
            yield Fact(self.words("report.places"), figure(found.places))
            yield Fact(self.words("export.base"), figure(found.base))
            yield Fact(self.words("export.needed"), figure(found.needed))
        if one.secret is not None:
            yield from self.opening(one, one.secret)

    def opening(self, one: RoundResult, found: SecretRound) -> Iterator[Fact]:
        """Yield how a secret round was opened, without naming anybody."""
        yield Fact(self.words("export.opens"), opens_words(one, found, self.words))
        numbers = {"parts": len(found.parts), "holders": len(found.holders), "threshold": found.threshold}
        yield Fact(self.words("report.parts"), self.words("report.parts_of", **numbers))
        yield Fact(self.words("export.cosigned"), figure(found.cosigned))
        yield Fact(self.words("export.election_key"), found.key)

    def named(self, one: RoundResult) -> Iterator[Fact]:
        """Yield what names members."""
        if one.recused:
            said = self.words("export.comma").join(self.recused(member) for member in one.recused)
            yield Fact(self.words("export.recused_members"), said)
        if one.confirmed is not None:
            yield Fact(self.words("export.confirmed"), signed(one.confirmed))
        if one.voided_by is not None:
            yield Fact(self.words("export.voided_by"), signed(one.voided_by))
        if one.secret is not None:
            yield from self.named_secret(one.secret)

    def named_secret(self, found: SecretRound) -> Iterator[Fact]:
        """Yield who had shares of a secret round's key, who opened it, and whose ballots are not valid."""
        invalid = tuple(Signer(each.number, each.name) for each in found.invalid)
        said = (("invalid_members", invalid), ("holders", found.holders), ("opened_by", found.parts))
        for name, people in (*said, ("bad_parts", found.bad)):
            if people:
                yield Fact(self.words(f"export.{name}"), self.words("export.comma").join(map(signed, people)))
        if found.overridden is not None:
            yield Fact(self.words("export.overridden"), overridden_words(found.overridden, self.words))

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

    def chart(self, one: RoundResult) -> Chart | None:
        """Return the one picture of the round: of several targets it compares them."""
        measured = [result for result in one.targets if result.figures.measure is not None]
        if isinstance(self.item.rules, ScoreRules) and len(one.targets) > 1 and measured:
            return measures_chart(self.item.rules, measured, self.words)
        if isinstance(self.item.rules, RatingRules) and one.choices:
            return ratings_chart(one.choices, self.item.title, self.words)
        return next(self.charts(one), None)
