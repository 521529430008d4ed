"""What goes into the urns of secret rounds, in the clear, as nobody in a meeting knows it, and what must come out.

It is kept from what the test itself had members do, never from the events: those only say whether something happened.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from kit.tellers import Book, count_choices, count_scores, count_selection
from pingyi_protocol.meeting.commands import Answer, Score
from pingyi_protocol.meeting.definition import Base, Item, Opens, Press, ScoreRules
from pingyi_protocol.meeting.figures import RoundFigures, TargetFigures
from pingyi_protocol.meeting.model import Meeting, Round

Given = tuple[Answer, ...] | None
"""What a ballot says; None for one whose proofs do not hold."""


@dataclass
class Urn:
    """One secret round: who was there, who did not vote on it, and every ballot that was taken, in its order."""

    item: Item
    places: int
    candidates: tuple[str, ...]
    given: dict[str, list[Given]] = field(default_factory=dict)
    holders: tuple[str, ...] = ()
    parts: list[str] = field(default_factory=list)
    received: int = 0

    @property
    def counting(self) -> dict[str, tuple[Answer, ...]]:
        """What each member's newest ballot that holds says."""
        good = {person: [one for one in ballots if one is not None] for person, ballots in self.given.items()}
        return {person: ballots[-1] for person, ballots in good.items() if ballots}

    @property
    def invalid(self) -> set[str]:
        """Of whom no ballot holds."""
        return set(self.given) - set(self.counting)

    @property
    def openable(self) -> bool:
        """Whether there are enough ballots to be hidden among."""
        return len(self.counting) >= self.item.rules.least_ballots

    def take(self, person: str, given: Given) -> None:
        """A ballot was taken."""
        assert self.item.rules.press is not Press.FIRST or person not in self.given
        self.given.setdefault(person, []).append(given)

    # what must hold

    def agree(self, meeting: Meeting, one: Round, figures: RoundFigures) -> None:
        """Turnout is right at any time; nothing else is known before the totals are out, and then they are right."""
        assert set(one.ballots) == set(self.given) <= set(one.present) - set(one.recused)
        assert one.received == figures.received == len(self.given) >= self.received
        self.received = one.received
        sealing = one.sealing
        assert sealing is not None
        assert figures.invalid == (len(self.invalid) if sealing.checked else 0)
        assert all(not ballot.answers for ballot in one.ballots.values())
        assert len(set(self.parts)) == len(self.parts)
        assert [sealing.holders[index - 1] for index in sorted(sealing.parts)] == sorted(self.parts)
        assert sealing.unsealed == (len(self.parts) == sealing.key.threshold)
        if sealing.unsealed:
            self.count_again(meeting, one, figures)
        else:
            self.nothing_is_known(one, figures)

    @staticmethod
    def nothing_is_known(one: Round, figures: RoundFigures) -> None:
        """No figure but the turnout is other than it was before the first ballot."""
        assert one.sealing is not None
        assert not (*one.tallies, *one.votes, *one.sealing.sums)
        assert all((each.scores, each.abstentions, each.total) == (0, 0, Decimal(0)) for each in figures.targets)
        assert all(not line.count for each in figures.choices for line in each.counts)
        if figures.selection is not None:
            assert not any((*(each.votes for each in figures.selection.candidates), figures.selection.abstentions))

    def count_again(self, meeting: Meeting, one: Round, figures: RoundFigures) -> None:
        """Count by hand what was given, and hold the figures against that."""
        there, recused = set(one.present), set(one.present) & set(one.recused)
        book = Book(there, recused, self.candidates, self.places, self.counting)
        away = len(recused) if meeting.definition is None or meeting.definition.meeting.recused_leave else 0
        bases = {
            Base.ALL_MEMBERS: len(meeting.entitled) - (len(one.recused) if away else 0),
            Base.PRESENT: len(there) - away,
            Base.CAST: len(self.given),
        }
        for scored in figures.targets:
            if isinstance(self.item.rules, ScoreRules) and self.item.rules.opens is Opens.SUM:
                self.count_sum(scored)
            else:
                count_scores(self.item, book, scored)
            rest = (scored.scores, scored.abstentions, scored.not_voted, figures.invalid, len(recused))
            assert sum(rest) == len(there)
        for chosen in figures.choices:
            count_choices(self.item, book, chosen, bases)
            counted = sum(line.count for line in chosen.counts)
            assert counted + chosen.not_voted + figures.invalid + len(recused) == len(there)
        if figures.selection is not None:
            count_selection(self.item, book, figures.selection, bases)

    def count_sum(self, figures: TargetFigures) -> None:
        """The figures of a target of whose scores the sum was opened: as many as a sum tells, and no more."""
        answers = [
            answer.score
            for ballot in self.counting.values()
            for answer in ballot
            if isinstance(answer, Score) and answer.target == figures.target
        ]
        scores = [Fraction(score) for score in answers if score is not None]
        assert (figures.scores, figures.abstentions) == (len(scores), Counter(answers)[None])
        assert Fraction(figures.total) == sum(scores)
        assert figures.exact is None or Fraction(figures.exact) == sum(scores) / len(scores)
        assert (figures.median, figures.least, figures.greatest, figures.values) == (None, None, None, ())
