"""What the hall display shows, chosen from the meeting's picture and how long it has stood. Pure.

A face holds plain values and no words: the widgets of ``faces`` say them in the language of the moment.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.definition import Definition, Item, MeasureKind, ScoreRules, Secrecy, Target
from pingyi_protocol.meeting.figures import RoundFigures, TargetFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.measures import shared_ranks
from pingyi_protocol.wire.picture import LiveRound, Picture, from_bitmap
from pingyi_terminal.running import large_enough

RANKS_A_PAGE = 11


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things stand, in seconds.

    ``result``: the announced result of one target, or the table of a sheet, before the ranking follows; ``page``:
    each target of a sheet, and each page of a long ranking; ``finale``: so long stands the final fingerprint before
    a display that follows the end leaves.
    """

    result: float = 8.0
    page: float = 6.0
    finale: float = 8.0


class Moment(NamedTuple):
    """What the face hangs on: as long as it is the same, the same thing stands on the wall."""

    item: str
    round: int
    phase: Phase
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The server was not heard yet."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Before the first item: who is present, whether that is a quorum, and how far the agenda is.

    ``following`` is the item that comes next, None when there is none.
    """

    present: int
    due: int
    quorum: int
    announced: int
    items: int
    following: Item | None
    fingerprint: str

    @property
    def missing(self) -> int:
        """How many more must be present."""
        return max(0, self.quorum - self.present)


@dataclass(frozen=True, slots=True)
class Polling:
    """An item takes ballots, or is closed and its figures are not published.

    ``received`` of ``base`` members have a ballot in the round; ``running`` are the figures so far where
    everybody may see them, ``withheld`` says that there are some, of too few ballots to be shown.
    """

    item: Item
    round: int
    targets: tuple[Target, ...]
    phase: Phase
    base: int
    received: int
    running: RoundFigures | None
    withheld: bool = False

    @property
    def closed(self) -> bool:
        """Whether no more ballots are taken."""
        return self.phase is Phase.CLOSED


@dataclass(frozen=True, slots=True)
class Void:
    """The round that was opened last counts for nothing, for this reason."""

    item: Item
    round: int
    targets: tuple[Target, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """The published figures of one target, the ``page``-th (from 1) of ``pages`` on its sheet."""

    item: Item
    round: int
    target: Target
    figures: TargetFigures
    present: int
    recused: int
    announced: bool
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The published figures of all targets that were scored on one sheet, in its order."""

    item: Item
    round: int
    lines: tuple[tuple[Target, TargetFigures], ...]
    present: int
    announced: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """One target in the ranking; ``rank`` and ``exact`` are None where there were too few scores."""

    target: Target
    figures: TargetFigures
    rules: ScoreRules
    rank: int | None
    exact: Fraction | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """One page of the targets by their published measure.

    ``measures`` and ``secrecies`` are those of all ranked items; ``complete`` when every item is announced.
    ``fingerprint`` is the final one, empty while the meeting goes on.
    """

    lines: tuple[Placed, ...]
    page: int
    pages: int
    measures: frozenset[MeasureKind]
    secrecies: frozenset[Secrecy]
    complete: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Final:
    """The meeting is closed: the fingerprint of its whole record, and how far the agenda came."""

    announced: int
    items: int
    fingerprint: str


Face: TypeAlias = Waiting | Idle | Polling | Void | Result | Sheet | Ranking | Final


def moment(picture: Picture | None) -> Moment | None:
    """Return what the face hangs on, None before the first round."""
    live = picture.live if picture else None
    return Moment(live.item, live.round, live.phase, picture.closed) if picture and live else None


def choose(
    definition: Definition | None, picture: Picture | None, standing: float, pace: Pace, *, ranking: bool | None = None
) -> Face:
    """Return what to show when the present moment has stood for ``standing`` seconds.

    ``ranking`` is the operator's word: True shows the ranking, False keeps it away, None lets it come by itself.
    """
    if definition is None or picture is None:
        return Waiting()
    live = picture.live
    item = definition.item(live.item) if live else None
    if ranking and picture.published:
        return ranking_face(definition, picture, standing, pace)
    if picture.closed or live is None or item is None:
        return resting_face(definition, picture)
    figures = next((one for one in picture.published if (one.item, one.round) == (live.item, live.round)), None)
    if figures is None:
        return unpublished_face(definition, picture, live, item)
    since = standing - result_seconds(len(figures.targets), pace)
    announced = live.phase is Phase.ANNOUNCED
    if announced and ranking is None and since >= 0 and worth_ranking(picture):
        return ranking_face(definition, picture, since, pace)
    return result_face(definition, item, figures, announced, standing, pace)


def ended(picture: Picture | None, standing: float, pace: Pace) -> bool:
    """Whether the meeting is closed and its final fingerprint has stood long enough."""
    return picture is not None and picture.closed and standing >= pace.finale


def complete(picture: Picture) -> bool:
    """Whether there are items and all are announced."""
    return bool(picture.items) and all(one.phase is Phase.ANNOUNCED for one in picture.items)


def announced_in(picture: Picture) -> int:
    """Return how many items are announced."""
    return sum(one.phase is Phase.ANNOUNCED for one in picture.items)


def worth_ranking(picture: Picture) -> bool:
    """Whether there is something to compare, or nothing more to come."""
    return len(newest_figures(picture)) > 1 or complete(picture)


def result_seconds(targets: int, pace: Pace) -> float:
    """Return how long the result of a round with so many targets stands: its pages, then the sheet's table."""
    return pace.result + (targets * pace.page if targets > 1 else 0)


def resting_face(definition: Definition, picture: Picture) -> Idle | Final:
    """Return the face before the first item, or after the close of the meeting."""
    if picture.closed:
        return Final(announced_in(picture), len(picture.items), picture.head.fingerprint)
    pending = (definition.item(one.item) for one in picture.items if one.phase is Phase.PENDING)
    due = len(definition.entitled)
    return Idle(
        present=len(from_bitmap(picture.present)),
        due=due,
        quorum=least_of(definition.meeting.quorum, due),
        announced=announced_in(picture),
        items=len(picture.items),
        following=next(pending, None),
        fingerprint=picture.head.fingerprint,
    )


def unpublished_face(definition: Definition, picture: Picture, live: LiveRound, item: Item) -> Polling | Void:
    """Return the face of a round without published figures: it takes ballots, waits for its result, or is void."""
    targets = tuple(definition.target(target) for target in item.targets)
    if live.phase is Phase.VOID:
        return Void(item, live.round, targets, picture.status(item.id).reason)
    running = large_enough(live.running)
    withheld = live.running is not None and running is None
    return Polling(item, live.round, targets, live.phase, live.base, live.received, running, withheld)


def result_face(
    definition: Definition, item: Item, figures: RoundFigures, announced: bool, standing: float, pace: Pace
) -> Result | Sheet:
    """Return the page of the result that stands now; a sheet's pages and its table come round again."""
    pages = len(figures.targets)
    page = 0 if pages == 1 else int(standing % result_seconds(pages, pace) // pace.page)
    if page < pages:
        one = figures.targets[page]
        target = definition.target(one.target)
        return Result(item, figures.round, target, one, figures.present, figures.recused, announced, page + 1, pages)
    lines = tuple((definition.target(one.target), one) for one in figures.targets)
    return Sheet(item, figures.round, lines, figures.present, announced)


def ranking_face(definition: Definition, picture: Picture, since: float, pace: Pace) -> Ranking:
    """Return the page of the ranking that stands ``since`` seconds after the ranking came."""
    places = placed(definition, picture)
    pages = max(1, -(-len(places) // RANKS_A_PAGE))
    page = int(max(0.0, since) // pace.page) % pages
    return Ranking(
        lines=places[page * RANKS_A_PAGE : (page + 1) * RANKS_A_PAGE],
        page=page + 1,
        pages=pages,
        measures=frozenset(one.rules.measure for one in places),
        secrecies=frozenset(one.rules.secrecy for one in places),
        complete=complete(picture),
        fingerprint=picture.head.fingerprint if picture.closed else "",
    )


def newest_figures(picture: Picture) -> dict[str, tuple[str, TargetFigures]]:
    """Return the item and the newest published figures of each target that has some."""
    return {one.target: (published.item, one) for published in picture.published for one in published.targets}


def placed(definition: Definition, picture: Picture) -> tuple[Placed, ...]:
    """Return the targets with published figures by rank, ties in the definition's order, those without a result last.

    Ranks are taken on the exact measures and shared (1, 2, 2, 4).
    """
    newest = newest_figures(picture)
    exact = {target: Fraction(one.exact) for target, (_, one) in newest.items() if one.exact is not None}
    ranks = shared_ranks(exact)
    rules = {item.id: item.rules for item in definition.agenda}
    places = (
        Placed(target, newest[target.id][1], rules[newest[target.id][0]], ranks.get(target.id), exact.get(target.id))
        for target in definition.targets
        if target.id in newest
    )
    return tuple(sorted(places, key=lambda one: one.rank or len(newest) + 1))
