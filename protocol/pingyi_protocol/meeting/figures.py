"""The figures that a round yields, as they are published, recorded and shown."""

from decimal import Decimal
from enum import StrEnum

from pingyi_protocol.meeting.definition import Option
from pingyi_protocol.meeting.struct import Struct


class Outcome(StrEnum):
    """What a vote by choice comes to: of a motion or the old question the first two, of a rating a grade."""

    PASSED = "passed"
    REJECTED = "rejected"
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    NOT_SATISFIED = "not_satisfied"


class BandCount(Struct, frozen=True):
    """How many scores lie in a band."""

    band: str
    count: int


class ValueCount(Struct, frozen=True):
    """How many members gave a value."""

    value: Decimal
    count: int


class CriterionFigures(Struct, frozen=True):
    """The figures of one criterion of a target; each field is as in ``TargetFigures``."""

    criterion: str
    scores: int
    total: Decimal
    measure: Decimal | None
    exact: str | None


class TargetFigures(Struct, frozen=True):
    """The figures of one target in one round.

    ``scores`` members scored, ``abstentions`` abstained, ``not_voted`` could vote and cast nothing.
    ``total`` is the exact sum. ``measure`` is the item's own measure rounded half-up to its decimals, None
    when there were too few scores; ``exact`` is the same unrounded, as a fraction ``"1776/19"`` in lowest
    terms (``"93/1"`` when whole), on which ranks are taken. ``mean``, ``trimmed_mean``, ``median`` and
    ``deviation`` (population) are rounded the same way, None where undefined. ``dropped`` scores left the
    trimmed mean at each end, 0 where there is none. ``band`` is the band of the rounded measure. ``values``
    holds the values that were given, rising; ``bands`` every band of the item, in its order, counting each
    score as it was given; scores below the last band are in none. ``passed`` says whether the rounded measure reaches
    the pass mark, None where there is none or no measure. Where the target has ``criteria``, in the item's order, a
    member's score is the sum of the scores under them, each times its weight, over 100.
    """

    target: str
    scores: int
    abstentions: int
    not_voted: int
    total: Decimal
    measure: Decimal | None
    exact: str | None
    mean: Decimal | None
    trimmed_mean: Decimal | None
    median: Decimal | None
    deviation: Decimal | None
    least: Decimal | None
    greatest: Decimal | None
    dropped: int
    band: str | None
    bands: tuple[BandCount, ...]
    values: tuple[ValueCount, ...]
    passed: bool | None = None
    criteria: tuple[CriterionFigures, ...] = ()


class OptionCount(Struct, frozen=True):
    """How many members chose an option."""

    option: Option
    count: int


class ChoiceFigures(Struct, frozen=True):
    """The votes by choice on one target, "" for a motion, in one round.

    ``counts`` holds every option of the question in its order, and abstentions at the end. ``not_voted`` could vote and
    cast nothing. ``needed`` is the least number, out of ``base``, that passes; in a rating a grade counts with those
    above it.
    """

    target: str
    counts: tuple[OptionCount, ...]
    not_voted: int
    base: int
    needed: int
    outcome: Outcome

    def count(self, option: Option) -> int:
        """How many chose this option."""
        return next((one.count for one in self.counts if one.option is option), 0)


class CandidateVotes(Struct, frozen=True):
    """How many members chose a candidate (a target's id)."""

    target: str
    votes: int


class SelectionFigures(Struct, frozen=True):
    """The votes of a selection in one round.

    ``candidates`` in the item's order; ``places`` to be filled. ``winners``, most votes first, have one; the ``tied``
    have the same number of votes for fewer places than they are, and go to a round among them. ``needed`` votes out of
    ``base`` are asked of a winner, at least one. ``not_voted`` could vote and cast nothing.
    """

    candidates: tuple[CandidateVotes, ...]
    places: int
    abstentions: int
    not_voted: int
    base: int
    needed: int
    winners: tuple[str, ...]
    tied: tuple[str, ...]


class GroupTarget(Struct, frozen=True):
    """What one review group gave one target; all None where so few answers would show what somebody gave."""

    target: str
    scores: int | None
    total: Decimal | None
    measure: Decimal | None


class GroupChoice(Struct, frozen=True):
    """What one review group chose for one target; None where so few answers would show what somebody chose."""

    target: str
    counts: tuple[OptionCount, ...] | None


class GroupFigures(Struct, frozen=True):
    """The figures of one review group in one round: ``received`` ballots out of its ``present`` members."""

    group: str
    present: int
    received: int
    targets: tuple[GroupTarget, ...]
    choices: tuple[GroupChoice, ...]


class RoundFigures(Struct, frozen=True):
    """The figures of a whole round. ``received`` members cast a ballot out of ``present``, ``recused`` of whom did not.

    In each part scores or choices, abstentions, ``invalid`` ballots, those who did not vote, and the recused make up
    those present. ``targets`` are a score item's, with the old question in ``choices``; a motion's and a rating's are
    in ``choices`` alone. ``groups`` come with the close. ``manual`` is why the clerk entered the result by hand, ""
    where ballots were cast; only then are there invalid ones.
    """

    item: str
    round: int
    present: int
    received: int
    recused: int
    targets: tuple[TargetFigures, ...] = ()
    choices: tuple[ChoiceFigures, ...] = ()
    selection: SelectionFigures | None = None
    groups: tuple[GroupFigures, ...] = ()
    invalid: int = 0
    manual: str = ""


class PartFigures(Struct, frozen=True):
    """What one part adds to its component, as in ``ComponentFigures``; the weight is in per cent of the component."""

    part: str
    score: Decimal
    exact: str
    weight: Decimal
    weighted: Decimal


class ComponentFigures(Struct, frozen=True):
    """What one component adds: its ``score``, its ``weight`` in per cent, and ``weighted``, the score times the weight.

    ``exact`` is the unrounded score as a fraction in lowest terms. The others are rounded half-up, each by itself, for
    print: the total is not their sum. ``parts`` is empty where the component has none.
    """

    component: str
    score: Decimal
    exact: str
    weight: Decimal
    weighted: Decimal
    parts: tuple[PartFigures, ...] = ()


class Missing(Struct, frozen=True):
    """What a composite lacks: a component, or one ``part`` of it ("": the whole)."""

    component: str
    part: str = ""


class CompositeLine(Struct, frozen=True):
    """One target's composite.

    ``components`` are those that are there, in the definition's order; ``total`` is the composite rounded half-up,
    ``exact`` the same unrounded as a fraction in lowest terms, both None while something is ``missing``. ``rank``
    shares places (1, 2, 2, 4) and is taken on ``exact``; ``band``, and whether the target is to be scored ``again``,
    go by ``total``. Without a total there is none of them.
    """

    target: str
    components: tuple[ComponentFigures, ...]
    missing: tuple[Missing, ...]
    total: Decimal | None
    exact: str | None
    rank: int | None
    band: str | None
    again: bool
