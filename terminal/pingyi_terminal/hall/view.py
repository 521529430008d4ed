"""What the hall display shows, chosen from the meeting's picture and how long it has stood. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, ScoreRules
from pingyi_protocol.meeting.figures import RoundFigures, TargetFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.measures import shared_ranks
from pingyi_protocol.wire.picture import LiveRound, Picture, from_bitmap
from pingyi_terminal.hall.face import (
    Break,
    Composites,
    Door,
    Face,
    Final,
    Grouped,
    Idle,
    Moment,
    Pace,
    Placed,
    Polling,
    Published,
    Ranking,
    Result,
    Selected,
    Sheet,
    Void,
    Vote,
    VoteSheet,
    Waiting,
    Wanted,
)
from pingyi_terminal.hall.sealed import key_face, sealed_face
from pingyi_terminal.running import large_enough
from pingyi_terminal.sealed import sealed_round

RANKS_A_PAGE = 11
CANDIDATES_A_PAGE = 11


def moment(picture: Picture | None) -> Moment | None:
    """Return what the face hangs on, None before the first round."""
    live = picture.live if picture else None
    return (
        Moment(live.item, live.round, live.phase, picture.closed, bool(picture.composite)) if picture and live else None
    )


def choose(
    definition: Definition | None,
    picture: Picture | None,
    standing: float,
    pace: Pace,
    wanted: Wanted = Wanted(),  # noqa: B008 - a frozen value
    *,
    check_in_left: int | None = None,
) -> Face:
    """Return what to show when the present moment has stood for ``standing`` seconds.

    Once composites have been announced the ranking is theirs, and it comes at once; a round that takes ballots ends a
    break. ``check_in_left`` is the session's: milliseconds, 0 once check-in is over, None before it opens.
    """
    if definition is None or picture is None:
        return Waiting()
    live, ranking, pause = picture.live, wanted.ranking, wanted.pause
    if (picture.recess if pause is None else pause) and may_pause(picture):
        return Break(announced_in(picture), standing_in(picture), following_of(definition, picture))
    if picture.composite and (ranking or (ranking is None and may_pause(picture))):
        return composites_face(definition, picture, standing, pace)
    if ranking and newest_figures(picture):
        return ranking_face(definition, picture, standing, pace)
    special = key_face(definition, picture, wanted, pace) or late_face(definition, picture, standing, pace, wanted)
    if special is not None or picture.closed or live is None:
        return special or resting_face(definition, picture, check_in_left)
    return stage_face(definition, picture, live, standing, pace, ranking=ranking, check_in_left=check_in_left)


def late_face(definition: Definition, picture: Picture, standing: float, pace: Pace, wanted: Wanted) -> Face | None:
    """Return the face of a result that was announced after another item had been opened, None without one."""
    item, figures, live = definition.item(wanted.late), picture.figures(wanted.late), picture.live
    if item is None or figures is None or picture.closed or (live is not None and live.phase in LIVE):
        return None
    return published_face(definition, picture, item, figures, standing, pace, ranking=wanted.ranking)


def stage_face(
    definition: Definition,
    picture: Picture,
    live: LiveRound,
    standing: float,
    pace: Pace,
    *,
    ranking: bool | None,
    check_in_left: int | None,
) -> Face:
    """Return the face of the round on stage; a trial that is over gives the stage back."""
    item = definition.item(live.item)
    if item is None:
        return resting_face(definition, picture, check_in_left)
    figures = next((one for one in picture.published if (one.item, one.round) == (live.item, live.round)), None)
    if figures is None:
        return unpublished_face(definition, picture, live, item)
    if item is TRIAL and standing >= result_seconds(1, pace):
        return resting_face(definition, picture, check_in_left)
    return published_face(definition, picture, item, figures, standing, pace, ranking=ranking)


def published_face(
    definition: Definition,
    picture: Picture,
    item: Item,
    figures: RoundFigures,
    standing: float,
    pace: Pace,
    *,
    ranking: bool | None,
) -> Face:
    """Return the page of a result that stands now; after the announcement of scores the ranking follows the last."""
    announced = item is not TRIAL and picture.status(item.id).phase is Phase.ANNOUNCED
    pages = pages_of(definition, item, figures, announced=announced)
    since = standing - result_seconds(len(pages), pace)
    if announced and ranking is None and since >= 0 and figures.targets and worth_ranking(picture):
        return ranking_face(definition, picture, since, pace)
    return page_at(pages, standing, pace)


def ended(picture: Picture | None, standing: float, pace: Pace) -> bool:
    """Whether the meeting is closed and its final fingerprint has stood long enough."""
    return picture is not None and picture.closed and standing >= pace.finale


def complete(picture: Picture) -> bool:
    """Whether there are items and all are announced, those aside that were withdrawn."""
    return bool(picture.items) and announced_in(picture) == standing_in(picture)


def standing_in(picture: Picture) -> int:
    """Return how many items the agenda has, without those that were withdrawn."""
    return sum(one.phase is not Phase.WITHDRAWN for one in picture.items)


def announced_in(picture: Picture) -> int:
    """Return how many items are announced."""
    return sum(one.phase is Phase.ANNOUNCED for one in picture.items)


def worth_ranking(picture: Picture) -> bool:
    """Whether there is something to compare, or nothing more to come."""
    return len(newest_figures(picture)) > 1 or complete(picture)


def result_seconds(pages: int, pace: Pace) -> float:
    """Return how long the result of a round with so many pages stands; the last of them stands longest."""
    return pace.result + (pages - 1) * pace.page


def resting_face(definition: Definition, picture: Picture, check_in_left: int | None) -> Idle | Final:
    """Return the face before the first item, or after the close of the meeting."""
    if picture.closed:
        return Final(announced_in(picture), standing_in(picture), picture.head.fingerprint)
    due = len(definition.entitled)
    return Idle(
        present=len(from_bitmap(picture.present)),
        due=due,
        quorum=least_of(definition.meeting.quorum, due),
        announced=announced_in(picture),
        items=standing_in(picture),
        following=following_of(definition, picture),
        fingerprint=picture.head.fingerprint,
        door=door_of(definition, check_in_left),
        check_in=-(-(check_in_left or 0) // 1000),
    )


def may_pause(picture: Picture) -> bool:
    """Whether the wall may say that there is a break: nothing is voted on, and the meeting is not closed."""
    return not picture.closed and (picture.live is None or picture.live.phase not in LIVE)


def following_of(definition: Definition, picture: Picture) -> Item | None:
    """Return the next item of the agenda, None when there is none."""
    pending = (definition.item(one.item) for one in picture.items if one.phase is Phase.PENDING)
    return next(pending, None)


def door_of(definition: Definition, check_in_left: int | None) -> Door:
    """Return whether members may check in themselves."""
    if definition.meeting.check_in_minutes is None:
        return Door.ALWAYS
    if check_in_left is None:
        return Door.NOT_OPEN
    return Door.OPEN if check_in_left else Door.OVER


def unpublished_face(definition: Definition, picture: Picture, live: LiveRound, item: Item) -> Face:
    """Return the face of a round without published figures: it takes ballots, waits for its result, or is void."""
    targets = tuple(definition.target(target) for target in live.candidates or item.targets)
    sealed = sealed_round(picture, item.id) if item is not TRIAL and live.phase is Phase.CLOSED else None
    if sealed is not None:
        return sealed_face(definition, live, item, sealed)
    if live.phase is Phase.VOID:
        reason = "" if item is TRIAL else picture.status(item.id).reason
        return Void(item, live.round, targets, reason)
    # a trial tells of nobody
    running = live.running if item is TRIAL else large_enough(live.running)
    return Polling(
        item,
        live.round,
        targets,
        live.phase,
        live.base,
        live.received,
        running,
        withheld=live.running is not None and running is None,
        unconfirmed=live.unconfirmed,
        manual=live.manual,
        fingerprint=live.key.fingerprint if live.key is not None else "",
    )


def page_at(pages: tuple[Published, ...], standing: float, pace: Pace) -> Published:
    """Return the page of a result that stands now; they come round again."""
    place = int(standing % result_seconds(len(pages), pace) // pace.page)
    return pages[min(place, len(pages) - 1)]


def pages_of(definition: Definition, item: Item, figures: RoundFigures, *, announced: bool) -> tuple[Published, ...]:
    """Return what is shown of a round, in turn: each scored target and their table, the votes, the groups."""
    return (
        *score_pages(definition, item, figures, announced=announced),
        *vote_pages(definition, item, figures, announced=announced),
        *selection_pages(definition, item, figures, announced=announced),
        *group_pages(definition, item, figures, announced=announced),
    )


def score_pages(definition: Definition, item: Item, figures: RoundFigures, *, announced: bool) -> Iterator[Published]:
    """Each target by itself, and where there are several the table of all."""
    pages, present, manual = len(figures.targets), figures.present, figures.manual
    lines = tuple((definition.target(one.target), one) for one in figures.targets)
    for page, (target, one) in enumerate(lines, start=1):
        counts, places = (present, figures.recused), (page, pages)
        yield Result(item, figures.round, target, one, *counts, announced, *places, manual, figures.invalid)
    if pages > 1:
        yield Sheet(item, figures.round, lines, present, announced, manual)


def vote_pages(definition: Definition, item: Item, figures: RoundFigures, *, announced: bool) -> Iterator[Published]:
    """The votes on one question, large, or on several, as a table."""
    votes = figures.choices
    if len(votes) == 1:
        target = definition.target(votes[0].target) if votes[0].target else None
        yield Vote(item, figures, target, votes[0], announced)
    elif votes:
        lines = tuple((definition.target(one.target), one) for one in votes)
        yield VoteSheet(item, figures, lines, announced)


def selection_pages(
    definition: Definition, item: Item, figures: RoundFigures, *, announced: bool
) -> Iterator[Published]:
    """The candidates of a selection by their votes, a page at a time."""
    found = figures.selection
    if found is None:
        return
    falling = sorted(found.candidates, key=lambda one: -one.votes)
    pages = max(1, -(-len(falling) // CANDIDATES_A_PAGE))
    for page in range(pages):
        shown = falling[page * CANDIDATES_A_PAGE : (page + 1) * CANDIDATES_A_PAGE]
        lines = tuple((definition.target(one.target), one.votes) for one in shown)
        yield Selected(item, figures, found, lines, announced, page + 1, pages)


def group_pages(definition: Definition, item: Item, figures: RoundFigures, *, announced: bool) -> Iterator[Published]:
    """The review groups side by side, where the item asks for them."""
    if figures.groups:
        yield Grouped(item, figures, tuple(definition.target(target) for target in item.targets), announced)


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


def composites_face(definition: Definition, picture: Picture, standing: float, pace: Pace) -> Composites:
    """Return the page of the composites that stands ``standing`` seconds after they were announced."""
    falling = sorted(picture.composite, key=lambda one: one.rank or 0)
    pages = max(1, -(-len(falling) // RANKS_A_PAGE))
    page = int(max(0.0, standing) // pace.page) % pages
    shown = falling[page * RANKS_A_PAGE : (page + 1) * RANKS_A_PAGE]
    bands = Counter(one.band for one in picture.composite)
    return Composites(
        lines=tuple((definition.target(one.target), one) for one in shown),
        page=page + 1,
        pages=pages,
        bands=tuple((band.name, bands[band.name]) for band in definition.composite.bands),
        again=tuple(definition.target(one.target) for one in falling if one.again),
    )


def newest_figures(picture: Picture) -> dict[str, tuple[str, TargetFigures]]:
    """Return the item and the newest published figures of each target that has some."""
    return newest_of(picture.published)


def newest_of(published: Sequence[RoundFigures]) -> dict[str, tuple[str, TargetFigures]]:
    """Return the same of these rounds, in the order in which they were opened."""
    return {one.target: (figures.item, one) for figures in published for one in figures.targets}


def ranks_of(newest: Mapping[str, tuple[str, TargetFigures]]) -> dict[str, int]:
    """Return the ranks of the targets, those without a result aside."""
    return shared_ranks({target: Fraction(one.exact) for target, (_, one) in newest.items() if one.exact is not None})


def movements(picture: Picture) -> dict[str, int | Literal["new"]]:
    """Return what the newest result did to each rank; nothing where it is the first, or the meeting is closed."""
    scored = [figures for figures in picture.published if figures.targets]
    before, now = ranks_of(newest_of(scored[:-1])), ranks_of(newest_of(scored))
    if picture.closed or not before:
        return {}
    return {target: before[target] - rank if target in before else "new" for target, rank in now.items()}


def placed(definition: Definition, picture: Picture) -> tuple[Placed, ...]:
    """Return the targets with published figures by rank, ties in the definition's order, those without a result last.

    Ranks are taken on the exact measures and shared (1, 2, 2, 4).
    """
    newest = newest_figures(picture)
    exact = {target: Fraction(one.exact) for target, (_, one) in newest.items() if one.exact is not None}
    ranks, moved = ranks_of(newest), movements(picture)
    rules = {item.id: item.rules for item in definition.agenda if isinstance(item.rules, ScoreRules)}
    places = (
        Placed(
            target,
            newest[target.id][1],
            rules[newest[target.id][0]],
            ranks.get(target.id),
            exact.get(target.id),
            moved.get(target.id),
        )
        for target in definition.targets
        if target.id in newest
    )
    return tuple(sorted(places, key=lambda one: one.rank or len(newest) + 1))
