"""What minutes and bulletin say: every sentence, table and chart of a meeting, in their order.

All of it is text of one language, every figure written out once, and the exact lengths that charts are drawn from.
Nothing here is laid out: the documents decide where it stands. What names a member is in parts of its own, which
``published`` takes away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from pingyi_protocol.meeting.definition import Language


@dataclass(frozen=True)
class Fact:
    """A value and what it is."""

    label: str
    value: str


@dataclass(frozen=True)
class Column:
    """The heading of a column; ``number`` says that it holds figures, which stand at the right."""

    heading: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text, each as long as ``columns``."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Mark:
    """A line across a chart: where it stands, and what it says."""

    value: Decimal
    text: str


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, what stands at its end, and the place of its kind in the chart's ``kinds``."""

    label: str
    value: Decimal
    shown: str
    kind: int = 0


@dataclass(frozen=True)
class Bars:
    """Lying bars, one under the other. Each begins at ``start``; ``start_said`` says so where that is not 0."""

    title: str
    bars: tuple[Bar, ...]
    kinds: tuple[str, ...] = ()
    mark: Mark | None = None
    start: Decimal = Decimal(0)
    start_said: str = ""


@dataclass(frozen=True)
class Distribution:
    """How many members gave each value: a bar at each value from ``lowest`` to ``highest``, by its band."""

    title: str
    bars: tuple[Bar, ...]
    kinds: tuple[str, ...]
    lowest: Decimal
    highest: Decimal
    across: str
    up: str
    mark: Mark | None = None


@dataclass(frozen=True)
class Stack:
    """A lying bar a target, put together from one piece for each of ``kinds``; ``shown`` stands at its end."""

    title: str
    kinds: tuple[str, ...]
    bars: tuple["StackedBar", ...]


@dataclass(frozen=True)
class StackedBar:
    """The pieces of one bar, in the order of the chart's ``kinds``."""

    label: str
    pieces: tuple[Decimal, ...]
    shown: str


Chart: TypeAlias = Bars | Distribution | Stack


class NoticeKind(StrEnum):
    """What a reader must know before the rest."""

    SIMULATED = "simulated"
    WAITING = "waiting"
    UNFINISHED = "unfinished"
    MANUAL = "manual"


@dataclass(frozen=True)
class Notice:
    """What stands at the head of every document, and why."""

    kind: NoticeKind
    text: str


@dataclass(frozen=True)
class AttendanceReport:
    """How many were there (``facts``), the ``quorum`` in a sentence; ``people`` names everybody on the roster."""

    facts: tuple[Fact, ...]
    quorum: str
    met: bool
    people: Table | None


@dataclass(frozen=True)
class Outcome:
    """What a round came to for one target in a few words; ``target`` and ``name`` are "" for a motion."""

    target: str
    name: str
    text: str


@dataclass(frozen=True)
class RoundReport:
    """One round of an item.

    ``announced`` says that it stands and has figures. ``manual`` is the mark of a result by hand with its reason, ""
    for ballots. ``remarks`` are whole sentences: why it is void, who got too few scores. ``named`` are facts that name
    members: who was recused and why, who signed. ``spread`` is the table of how scores are spread, the others are
    ``tables``. ``charts`` show everything, ``chart`` the whole round in one. ``codes`` are the tracking codes of the
    ballots that count, sorted.
    """

    round: int
    heading: str
    status: str
    announced: bool
    manual: str
    remarks: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    facts: tuple[Fact, ...]
    named: tuple[Fact, ...]
    tables: tuple[Table, ...]
    spread: Table | None
    charts: tuple[Chart, ...]
    chart: Chart | None
    codes: tuple[str, ...]


@dataclass(frozen=True)
class ItemReport:
    """One item of the agenda with all its rounds, none where it was never opened.

    ``secrecy`` says 记名 or 无记名 in the document's language. ``rules`` are sentences: how ballots become a result.
    ``reason`` is why it was withdrawn, else "".
    """

    item: str
    title: str
    kind: str
    secrecy: str
    is_open: bool
    status: str
    reason: str
    rules: tuple[str, ...]
    rounds: tuple[RoundReport, ...]


@dataclass(frozen=True)
class Ranking:
    """All targets with an announced measure, the best first."""

    table: Table
    chart: Bars


@dataclass(frozen=True)
class Steps:
    """How one target's composite is worked out: a line for each part and component, then the sum in sentences."""

    target: str
    name: str
    table: Table
    conclusion: tuple[str, ...]


@dataclass(frozen=True)
class CompositeReport:
    """The composites of all targets, the best first.

    ``status`` says in words whether they are ``announced``; before that they can still change. ``rules`` are sentences,
    ``again`` the names of those to be scored again, ``sources`` the rule and the file of each component.
    """

    announced: bool
    status: str
    rules: tuple[str, ...]
    table: Table
    chart: Stack | None
    again: tuple[str, ...]
    sources: Table
    steps: tuple[Steps, ...]


@dataclass(frozen=True)
class Problem:
    """What a target promised to mend; ``facts`` are goal, measures, deadline, person in charge and report, if given."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class TargetReport:
    """One target: its problems with what it promised, and each result that it got, by the item's title."""

    target: str
    name: str
    problems: tuple[Problem, ...]
    results: tuple[Fact, ...]


@dataclass(frozen=True)
class Signature:
    """A line to be signed."""

    role: str
    name: str


@dataclass(frozen=True)
class Seal:
    """What pins the record: its ``fingerprint`` over ``size`` entries, ``final`` after the close.

    ``qr`` is what a QR code of it holds.
    """

    label: str
    fingerprint: str
    qr: str
    size: int
    final: bool
    explanation: str


@dataclass(frozen=True)
class Report:
    """All that is said of a meeting. ``programme`` and ``batch`` are "" where it belongs to none."""

    language: Language
    name: str
    session: str
    date: str
    programme: str
    batch: str
    notices: tuple[Notice, ...]
    attendance: AttendanceReport
    items: tuple[ItemReport, ...]
    ranking: Ranking | None
    composite: CompositeReport | None
    targets: tuple[TargetReport, ...]
    signatures: tuple[Signature, ...]
    seal: Seal


def published(report: Report) -> Report:
    """Return what can be published: no composite before it is announced, and nothing that names a member.

    So there is no roster, nobody recused, nobody who signed, and no line to sign.
    """
    items = tuple(replace(item, rounds=tuple(replace(one, named=()) for one in item.rounds)) for item in report.items)
    composite = report.composite if report.composite is not None and report.composite.announced else None
    attendance = replace(report.attendance, people=None)
    return replace(report, attendance=attendance, items=items, composite=composite, signatures=())


def figure(value: Decimal | int | None) -> str:
    """Return a figure as every document writes it; "" for none."""
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def table_of(caption: str, columns: Sequence[tuple[str, str, bool]], rows: Iterable[Mapping[str, str]]) -> Table:
    """Return a table of ``columns`` (name, heading, whether figures); one that is empty in every row is left out."""
    lines = list(rows)
    kept = [(name, Column(heading, number)) for name, heading, number in columns if any(row.get(name) for row in lines)]
    return Table(
        caption,
        tuple(column for _, column in kept),
        tuple(tuple(row.get(name, "") for name, _ in kept) for row in lines),
    )
