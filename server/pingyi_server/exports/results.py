"""The results as tables: a row for each thing that was voted on, whatever its kind, and one a review group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pingyi_protocol.meeting.definition import Definition, ItemKind, Option, ScoreRules
from pingyi_protocol.meeting.figures import CriterionFigures, GroupChoice, GroupFigures, GroupTarget, OptionCount
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.results import ChoiceResult, RoundResult, SelectionResult, TargetResult
from pingyi_protocol.record.results_secret import Overridden, SecretRound, Signer
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.tables import Cell, Row, headings, preamble, table_of
from pingyi_server.exports.view import View

CHOICES = ("for", "against", "satisfied", "basically_satisfied", "not_satisfied", "votes")
RESULT_COLUMNS = (
    *("item", "title", "kind", "round", "status", "reason", "voided_by", "manual", "manual_reason", "confirmed"),
    *("target", "target_name", "criterion"),
    *("present", "recused", "not_voted", "invalid", "abstentions"),
    *(*CHOICES, "base", "needed", "outcome"),
    *("scores", "total", "measure_kind", "measure", "mean", "trimmed_mean", "dropped", "median", "deviation"),
    *("least", "greatest", "band", "rank", "recused_members"),
)
SECRET_COLUMNS = (
    *("secrecy", "opens", "invalid_members", "election_key", "holders", "opened_by", "bad_parts"),
    *("cosigned", "overridden"),
)
"""How secret rounds were held; only of a meeting that has some."""

GROUP_COLUMNS = (
    *("item", "title", "kind", "round", "group", "group_present", "received", "target", "target_name", "withheld"),
    *("abstentions", *CHOICES, "scores", "total", "measure"),
)
# a row's own name for what the ballots call otherwise
NAMES = {Option.CHOSEN: "votes", Option.ABSTAIN: "abstentions"}

Cells = dict[str, Cell]


def results_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield every round: its figures once they are announced, and only where it stands before, or why it is void."""
    scored = [item.rules for item in view.definition.agenda if isinstance(item.rules, ScoreRules)]
    bands = dict.fromkeys(band.name for rules in scored for band in rules.bands)
    columns = headings(RESULT_COLUMNS, words)
    columns |= {band_column(band): words("export.band_count", band=band) for band in bands}
    columns |= headings(secret_columns(view), words)
    lines = Lines(view.definition, words)
    yield from preamble(view, words)
    yield from table_of(columns, (*lines.rounds(view.results.rounds), *lines.withdrawn(view)))


def secret_columns(view: View) -> tuple[str, ...]:
    """Return the columns about secret rounds, none where there are no such rounds."""
    return SECRET_COLUMNS if any(one.secret is not None for one in view.results.rounds) else ()


def groups_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield what each review group gave, of the rounds whose items ask for it."""
    lines = Lines(view.definition, words)
    yield from preamble(view, words)
    rows = (row for one in view.results.rounds for group in one.groups for row in lines.of_group(one, group))
    yield from table_of(headings(GROUP_COLUMNS, words), rows)


def band_column(band: str) -> str:
    """Return the name of the column that counts the scores in a band."""
    return f"band {band}"


@dataclass(frozen=True)
class Lines:
    """Rows by the names of their columns, in the words of one language."""

    definition: Definition
    words: Catalogue

    def spoken(self, key: str) -> str:
        """Return a word that screens and records share."""
        return catalogue("pingyi_protocol", self.words.language)(key)

    def rounds(self, rounds: tuple[RoundResult, ...]) -> Iterator[Cells]:
        """Yield the rows of each round, one without figures where there are none."""
        for one in rounds:
            rows = list(self.figures(one, voted_again(one, rounds))) or [{}]
            yield from (self.start(one) | row for row in rows)

    def withdrawn(self, view: View) -> Iterator[Cells]:
        """Yield a row for each item that was withdrawn."""
        for line in view.results.agenda:
            if line.phase is Phase.WITHDRAWN:
                kind, status = self.spoken(f"kind.{line.kind}"), self.words(f"export.{line.phase}")
                about: Cells = {"item": line.item, "title": line.title, "kind": kind}
                yield about | {"status": status, "reason": line.reason}

    def start(self, one: RoundResult) -> Cells:
        """Return what every row of a round says."""
        recused = (
            self.words("export.recused_member", number=member.number, name=member.name, reason=member.reason)
            for member in one.recused
        )
        return {
            **self.about(one),
            "status": self.words(f"export.{one.phase}"),
            "reason": one.reason,
            "voided_by": signed_by(one.voided_by),
            "manual": self.words("export.by_hand") if one.manual else "",
            "manual_reason": one.manual,
            "confirmed": signed_by(one.confirmed),
            "recused_members": self.words("export.comma").join(recused),
            "secrecy": self.words(f"sheets.{one.secrecy}"),
            **(self.secret(one, one.secret) if one.secret is not None else {}),
        }

    def secret(self, one: RoundResult, found: SecretRound) -> Cells:
        """Return how a secret round was held, as far as it came."""
        comma, said = self.words("export.comma"), found.overridden
        return {
            "opens": opens_words(one, found, self.words),
            "invalid_members": comma.join(f"{each.number} {each.name}" for each in found.invalid),
            "election_key": found.key,
            "holders": comma.join(map(signed_by, found.holders)),
            "opened_by": comma.join(map(signed_by, found.parts)),
            "bad_parts": comma.join(map(signed_by, found.bad)),
            "cosigned": None if found.head is None else found.cosigned,
            "overridden": "" if said is None else overridden_words(said, self.words),
        }

    def about(self, one: RoundResult) -> Cells:
        """Return which round it is."""
        return {"item": one.item, "title": one.title, "kind": self.spoken(f"kind.{one.kind}"), "round": one.round}

    def figures(self, one: RoundResult, again: int | None) -> Iterator[Cells]:
        """Yield the announced figures of a round; those tied in it were voted on in round ``again``, if yet."""
        for target in one.targets:
            yield self.turnout(one, target.figures.not_voted) | self.score(one, target)
            yield from (self.criterion(target, found) for found in target.figures.criteria)
        for choice in one.choices:
            yield self.turnout(one, choice.figures.not_voted) | self.choice(one, choice)
        if one.selection is not None:
            for candidate in self.candidates(one.selection, again):
                yield self.turnout(one, one.selection.figures.not_voted) | candidate

    def turnout(self, one: RoundResult, not_voted: int) -> Cells:
        """Return who was there and voted on nothing, or did not do so validly."""
        recused = sum(member.present for member in one.recused)
        return {"present": one.present, "recused": recused, "not_voted": not_voted, "invalid": one.invalid}

    def score(self, one: RoundResult, result: TargetResult) -> Cells:
        """Return the figures of a scored target."""
        found = result.figures
        same = ("scores", "abstentions", "total", "mean", "trimmed_mean", "dropped", "median", "deviation")
        passed = None if found.passed is None else "passed" if found.passed else "rejected"
        return {
            **{name: getattr(found, name) for name in (*same, "target", "least", "greatest", "band")},
            "target_name": result.name,
            "measure_kind": self.words(f"export.measure_{one.measure}"),
            "measure": self.words("export.too_few") if found.measure is None else found.measure,
            "outcome": self.spoken(f"outcome.{passed}") if passed else None,
            "rank": result.rank,
            **{band_column(band.band): band.count for band in found.bands},
        }

    def criterion(self, result: TargetResult, found: CriterionFigures) -> Cells:
        """Return the figures of one criterion."""
        target = result.figures.target
        criteria = (one for item in self.definition.agenda for one in item.criteria_of(target))
        return {
            "target": target,
            "target_name": result.name,
            "criterion": next(one.name for one in criteria if one.id == found.criterion),
            "scores": found.scores,
            "total": found.total,
            "measure": self.words("export.too_few") if found.measure is None else found.measure,
        }

    def choice(self, one: RoundResult, result: ChoiceResult) -> Cells:
        """Return the votes by choice on one target."""
        found = result.figures
        return {
            **counted(found.counts),
            "kind": self.spoken("kind.question" if one.targets else f"kind.{one.kind}"),
            "target": found.target,
            "target_name": result.name,
            "base": found.base,
            "needed": found.needed,
            "outcome": self.spoken(f"outcome.{found.outcome}"),
        }

    def candidates(self, result: SelectionResult, again: int | None) -> Iterator[Cells]:
        """Yield the votes of each candidate."""
        found = result.figures
        for name, candidate in zip(result.names, found.candidates, strict=True):
            tie = "tied" if again is None else "tied_decided"
            won, tied = candidate.target in found.winners, candidate.target in found.tied
            yield {
                "target": candidate.target,
                "target_name": name,
                "abstentions": found.abstentions,
                "votes": candidate.votes,
                "base": found.base,
                "needed": found.needed,
                "outcome": self.words(f"export.{'selected' if won else tie if tied else 'not_selected'}", round=again),
            }

    def of_group(self, one: RoundResult, group: GroupFigures) -> Iterator[Cells]:
        """Yield what one group gave each target, or that it is withheld."""
        start = {**self.about(one), "group": group.group, "group_present": group.present, "received": group.received}
        parts: tuple[GroupTarget | GroupChoice, ...] = (*group.targets, *group.choices)
        for found in parts:
            name = self.definition.target(found.target).name if found.target else ""
            yield start | {"target": found.target, "target_name": name} | self.given(one, found)

    def given(self, one: RoundResult, found: GroupTarget | GroupChoice) -> Cells:
        """Return the figures of one group on one target."""
        if isinstance(found, GroupChoice):
            kind: Cells = {"kind": self.spoken("kind.question" if one.targets else f"kind.{one.kind}")}
            return kind | (self.withheld() if found.counts is None else counted(found.counts))
        if found.scores is None:
            return self.withheld()
        too_few = found.measure is None
        measure = self.words("export.too_few") if too_few else found.measure
        return {"scores": found.scores, "total": found.total, "measure": measure}

    def withheld(self) -> Cells:
        """Say that there are too few for a figure."""
        return {"withheld": self.words("export.too_small")}


def opens_words(one: RoundResult, found: SecretRound, words: Catalogue) -> str:
    """Say what of a secret round is opened: of scores the sum or all of them, of choices how many chose what."""
    return words(f"export.opens_{found.opens if one.kind == ItemKind.SCORE else 'counts'}")


def overridden_words(said: Overridden, words: Catalogue) -> str:
    """Say who answers for opening a round on a head that too few had cosigned, and why."""
    return words("export.overridden_by", number=said.number, name=said.name, reason=said.reason)


def signed_by(signer: Signer | None) -> str:
    """Return who signed by number and name, "" for nobody."""
    return f"{signer.number} {signer.name}" if signer is not None else ""


def voted_again(one: RoundResult, rounds: tuple[RoundResult, ...]) -> int | None:
    """Return the number of the announced round among those who were tied in this one, None where there is none."""
    tied = set(one.selection.figures.tied) if one.selection is not None else set()
    later = (other for other in rounds if other.item == one.item and other.round > one.round)
    among = ((other.round, other.selection.figures.candidates) for other in later if other.selection is not None)
    return next((number for number, stood in among if tied.issuperset(each.target for each in stood)), None)


def counted(counts: Iterable[OptionCount]) -> Cells:
    """Return how often each option was chosen."""
    return {NAMES.get(one.option, one.option.value): one.count for one in counts}
