"""The figures that a round yields, as they are published, recorded and shown."""

from decimal import Decimal

from pingyi_protocol.meeting.definition import Struct


class BandCount(Struct, frozen=True):
    """How many scores lie in a band."""

    band: str
    count: int


class ValueCount(Struct, frozen=True):
    """How many members gave a value."""

    value: Decimal
    count: int


class TargetFigures(Struct, frozen=True):
    """The figures of one target in one round.

    ``scores`` members scored, ``abstentions`` abstained, ``not_voted`` could vote and cast nothing.
    ``total`` is the exact sum. ``measure`` is the item's own measure rounded half-up to its decimals, None
    when there were too few scores; ``exact`` is the same unrounded, as a fraction ``"1776/19"`` in lowest
    terms (``"93/1"`` when whole), on which ranks are taken. ``mean``, ``trimmed_mean``, ``median`` and
    ``deviation`` (population) are rounded the same way, None where undefined. ``dropped`` scores left the
    trimmed mean at each end, 0 where there is none. ``band`` is the band of the rounded measure. ``values``
    holds the values that were given, rising; ``bands`` every band of the item, in its order, counting each
    score as it was given; scores below the last band are in none.
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


class RoundFigures(Struct, frozen=True):
    """The figures of a whole round. ``received`` members cast a ballot out of ``present``, ``recused`` of whom did not.

    Scores, abstentions, those who did not vote, and the recused make up those present.
    """

    item: str
    round: int
    present: int
    received: int
    recused: int
    targets: tuple[TargetFigures, ...]


class CompositeLine(Struct, frozen=True):
    """One target's composite.

    ``parts`` are the components that are there, in the definition's order; ``total`` is the composite rounded
    half-up to two decimals, ``exact`` the same unrounded as a fraction in lowest terms, both None while components
    are ``missing`` (their ids). ``rank`` shares places (1, 2, 2, 4), is taken on ``exact`` and is None without it.
    """

    target: str
    parts: tuple["CompositePart", ...]
    missing: tuple[str, ...]
    total: Decimal | None
    exact: str | None
    rank: int | None


class CompositePart(Struct, frozen=True):
    """What one component adds: its ``score``, its ``weight`` in per cent, and ``weighted``, the score times the weight.

    Both scores are rounded half-up to two decimals, each by itself, for print: the total is not their sum.
    """

    component: str
    score: Decimal
    weight: Decimal
    weighted: Decimal
