"""The same answers openly and secretly come to the same; other answers look the same until the last part is there."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache, partial

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SELECTION, SHEET, ruled
from kit.every_state import Scene
from kit.pretending import Picks, ballot_of
from kit.secret_book import SecretBook, secret_hall, secretly
from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import TRIAL, Item, Opens, ScoreRules
from pingyi_protocol.meeting.figures import RoundFigures, TargetFigures
from pingyi_protocol.record.entry import encode_entry
from pingyi_server.gateway.publisher import Projector

change = msgspec.structs.replace

PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")
TOLD_BY_A_SUM = ("target", "scores", "abstentions", "not_voted", "total", "measure", "exact", "mean", "passed")
LOWEST = Decimal(40)
STEP = Decimal(20)
RULES: dict[str, object] = {"lowest": LOWEST, "step": STEP, "bands": (), "display": "on_announcement"}
ITEMS = {
    item.id: ruled(item, None, **(RULES if isinstance(item.rules, ScoreRules) else {}))
    for item in (SHEET, CRITERIA, QUESTIONED, MOTION, RATING, change(SELECTION, targets=("T01", "T02", "T03")))
}
kinds = st.sampled_from(sorted(ITEMS))
picks = st.lists(st.none() | st.integers(0, 3), min_size=8, max_size=8)
halls = st.lists(st.lists(picks, min_size=1, max_size=2), min_size=3, max_size=6)


@cache
def beginning(kind: str, opens: Opens | None) -> Scene:
    """A round of this kind has been opened, with open ballots where nothing is to be opened."""
    item = ITEMS[kind] if opens is None else secretly(ITEMS[kind], opens)
    book = SecretBook(secret_hall(item)).check_in(*PEOPLE).make_key().open(kind)
    return Scene(book, TRIAL, None)  # type: ignore[arg-type] # nothing is lost here


def begun(kind: str, opens: Opens | None) -> SecretBook:
    book = beginning(kind, opens).replayed()
    assert isinstance(book, SecretBook)
    book.memory = {}
    return book


def answers_of(item: Item, which: Picks) -> tuple[Answer, ...]:
    """Return a ballot of these picks, its scores on the item's grid."""
    ballot = ballot_of(item, which, item.targets, 2)
    return tuple(one if isinstance(one, Choice) or one.score is None else on_grid(one) for one in ballot)


def on_grid(one: Score) -> Score:
    return change(one, score=min(Decimal(100), LOWEST + STEP * (one.score or 0)))


def published(kind: str, opens: Opens | None, hall: list[list[Picks]]) -> RoundFigures:
    """What a hall's ballots come to, in which some vote again."""
    book = begun(kind, opens)
    item = book.meeting.items[kind]
    for again in range(2):
        for person, ballots in zip(PEOPLE, hall, strict=False):
            for which in ballots[again : again + 1]:
                (book.answer if opens is None else book.seal)(person, *answers_of(item, which))
    book.close()
    if opens is not None:
        book.unseal()
    book.announce().followed()
    return book.figures


def as_summed(one: TargetFigures) -> list[object]:
    return [getattr(one, field) for field in TOLD_BY_A_SUM]


@settings(max_examples=12, deadline=None)
@given(kind=kinds, hall=halls)
def test_secret_and_open_halls_publish_the_same(kind: str, hall: list[list[Picks]]) -> None:
    openly, summed = published(kind, None, hall), published(kind, Opens.SUM, hall)
    assert change(summed, targets=()) == change(openly, targets=())
    for one, other in zip(summed.targets, openly.targets, strict=True):
        assert as_summed(one) == as_summed(other)
        assert one.criteria == other.criteria
    if kind != "criteria":
        assert published(kind, Opens.DISTRIBUTION, hall) == openly


def seen(kind: str, opens: Opens, hall: list[Picks]) -> Iterator[object]:
    """What everybody, the chair and whoever reads the record's lengths sees up to the last part but one."""
    book, projector = begun(kind, opens), Projector("epoch")
    for person, which in zip(PEOPLE, hall, strict=True):
        book.seal(person, *answers_of(book.meeting.items[kind], which))
    steps: tuple[Callable[[], object], ...] = (book.close, book.check, book.begin_opening, partial(book.opens, "M02"))
    for step in steps:
        step()
        picture = projector.picture(book.meeting, "", book.at, 0)
        backstage = projector.backstage(book.meeting, set(PEOPLE), (), ("M02", "M03"))
        yield picture, backstage, book.figures, [len(encode_entry(entry)) for entry in book.entries]


@settings(max_examples=6, deadline=None)
@given(kind=kinds, hall=st.lists(picks, min_size=6, max_size=6), other=st.lists(picks, min_size=6, max_size=6))
def test_until_the_last_part_other_answers_look_the_same(kind: str, hall: list[Picks], other: list[Picks]) -> None:
    for opens in Opens if kind != "criteria" else (Opens.SUM,):
        for one, another in zip(seen(kind, opens, hall), seen(kind, opens, other), strict=True):
            assert one == another
