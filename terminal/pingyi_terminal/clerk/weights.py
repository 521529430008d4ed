"""Other weights tried on the composites as they stand: totals, ranks, and what changes. Nothing is saved. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import normalize

from pingyi_protocol.meeting.composite import Source, WeightsError, recomputed, reweighted
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.text import Catalogue
from pingyi_terminal.choices import short_name
from pingyi_terminal.clerk.table import Cell, Column

WEIGHT = re.compile(r"\d{1,3}(\.\d{1,6})?")
WHOLE = Decimal(100)
SCORE = 6

Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What has a weight: a component, or (``inner``) a part of one, with the weight that it has, in per cent."""

    source: Source
    name: str
    weight: Decimal
    inner: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """The weights that must be a whole together: of all components (``name`` ""), or of the parts of one.

    ``total`` is None while one of them cannot be read.
    """

    name: str
    total: Decimal | None

    @property
    def whole(self) -> bool:
        """Whether they are."""
        return self.total == WHOLE


@dataclass(frozen=True, slots=True)
class Trial:
    """What comes of weights: their sums, and the lines by rank; no lines unless every sum is a whole."""

    sums: tuple[Sum, ...]
    lines: tuple[CompositeLine, ...]


def fields_of(definition: Definition) -> tuple[Field, ...]:
    """Return what has a weight, each component before its parts."""
    found: list[Field] = []
    for one in definition.components:
        found.append(Field((one.id, ""), one.name, one.weight, inner=False))
        found += [Field((one.id, part.id), part.name, part.weight, inner=True) for part in one.parts]
    return tuple(found)


def read(text: str) -> Decimal | None:
    """Return the weight that was typed, in per cent, full-width digits too; None for what is none."""
    typed = normalize("NFKC", text).strip().removesuffix("%").strip()
    weight = Decimal(typed) if WEIGHT.fullmatch(typed) else None
    return weight if weight is not None and weight <= WHOLE else None


def tried(definition: Definition, lines: tuple[CompositeLine, ...], typed: Mapping[Source, str]) -> Trial:
    """Return what the ``lines`` would be under the weights that were ``typed``."""
    weights = {source: read(text) for source, text in typed.items()}
    sums = tuple(sums_of(definition, weights))
    known = {source: weight for source, weight in weights.items() if weight is not None}
    try:
        found = recomputed(reweighted(definition.components, known), definition.composite, lines)
    except WeightsError:
        found = ()
    if len(known) < len(weights):
        found = ()
    return Trial(sums, tuple(sorted(found, key=lambda line: (line.rank is None, line.rank or 0))))


def sums_of(definition: Definition, weights: Mapping[Source, Decimal | None]) -> Iterator[Sum]:
    """Yield the sum of the components, and of the parts of each that has any."""
    yield Sum("", total_of([weights[one.id, ""] for one in definition.components]))
    for one in definition.components:
        if one.parts:
            yield Sum(one.name, total_of([weights[one.id, part.id] for part in one.parts]))


def total_of(weights: list[Decimal | None]) -> Decimal | None:
    """Return the sum of the weights, None where one cannot be read."""
    known = [weight for weight in weights if weight is not None]
    return sum(known, start=Decimal(0)) if len(known) == len(weights) else None


def table_of(
    words: Catalogue, definition: Definition, record: tuple[CompositeLine, ...], trial: Trial
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """Return each target as tried beside what is on record, and what changes; without a trial, what is on record."""
    columns = (
        Column(words("clerk.column_rank"), 4),
        Column(words("clerk.column_target"), 0),
        Column(words("clerk.column_tried"), SCORE),
        Column(words("clerk.column_stands"), 10),
        Column(words("clerk.column_change"), 6, 14),
    )
    before = {line.target: line for line in record}
    shown = {line.target: line for line in trial.lines}
    order = trial.lines or record
    return columns, tuple(row_of(words, definition, before[one.target], shown.get(one.target)) for one in order)


def row_of(words: Catalogue, definition: Definition, before: CompositeLine, after: CompositeLine | None) -> Row:
    """Return one target."""
    total = "-" if after is None or after.total is None else f"{after.total:f}"
    stood = "-" if before.total is None else f"{before.total:f} ({before.rank})"
    return (
        Cell("" if after is None or after.rank is None else str(after.rank), bold=True),
        Cell(short_name(definition, before.target)),
        Cell(total.rjust(SCORE), bold=True),
        Cell(stood, "dim"),
        Cell(" ".join(changes(words, before, after)), "warning", bold=True),
    )


def changes(words: Catalogue, before: CompositeLine, after: CompositeLine | None) -> Iterator[str]:
    """Yield what is otherwise than on record: the rank, the band, and whether a target is to be scored again."""
    if after is None or after.rank is None or before.rank is None:
        return
    if after.rank != before.rank:
        # many Chinese fonts draw an arrow two cells wide
        yield f"{'↑' if after.rank < before.rank else '↓'} {abs(after.rank - before.rank)}"
    if after.again != before.again:
        yield words("clerk.try_again" if after.again else "clerk.try_not_again")
    elif after.band != before.band:
        yield after.band or words("clerk.try_no_band")
