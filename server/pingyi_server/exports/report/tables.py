"""The tables of a round: what was counted, by target, criterion, option and review group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pingyi_protocol.meeting.definition import Definition, Item, ScoreRules
from pingyi_protocol.meeting.figures import GroupChoice, GroupTarget, OptionCount, SelectionFigures
from pingyi_protocol.record.results import ChoiceResult, RoundResult, SelectionResult
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.report.parts import Table, figure, table_of

Line = Mapping[str, str]

SPREAD = ("greatest", "least", "mean", "trimmed_mean", "median", "deviation")
"""Figures that say how scores are spread."""


@dataclass(frozen=True)
class Tables:
    """Writes the announced figures of one item in the words of one language."""

    definition: Definition
    words: Catalogue
    item: Item

    def spoken(self, key: str) -> str:
        """Return a word that screens and records share."""
        return catalogue("pingyi_protocol", self.words.language)(key)

    def of(self, one: RoundResult, again: int | None) -> Iterator[Table]:
        """Yield the announced figures, but for how scores are spread."""
        if one.targets:
            yield self.scores(one)
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
                "outcome": passed_words(result.figures.passed, self.words),
            }
            for result in one.targets
        )
        return table_of(self.words("report.table_scores"), columns, rows)

    def spread(self, one: RoundResult) -> Table | None:
        """Return how the scores of each target are spread, and how many lie in each band; None where nobody knows."""
        if one.secret is not None and not any(result.figures.values for result in one.targets):
            return None
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
            "invalid": figure(one.invalid) if one.manual or one.secret else "",
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
                "outcome": place_words(result.figures, candidate.target, again, self.words),
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


def passed_words(passed: bool | None, words: Catalogue) -> str:
    """Say whether a pass mark was reached, "" where there is none."""
    outcome = "outcome.passed" if passed else "outcome.rejected"
    return "" if passed is None else catalogue("pingyi_protocol", words.language)(outcome)


def place_words(found: SelectionFigures, target: str, again: int | None, words: Catalogue) -> str:
    """Say whether a candidate was chosen; who was tied may have been voted on in round ``again``."""
    tie = "tied" if again is None else "tied_decided"
    key = "selected" if target in found.winners else tie if target in found.tied else "not_selected"
    return words(f"export.{key}", round=again)


def counted(counts: tuple[OptionCount, ...]) -> dict[str, str]:
    """Return how often each option was chosen."""
    return {one.option.value: figure(one.count) for one in counts}
