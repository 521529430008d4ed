"""The agenda changed on the spot: items added, put in another order, withdrawn, and what was voted on left alone."""

from decimal import Decimal
from itertools import permutations

import msgspec
import pytest

from kit.every_kind import CRITERIA, MOTION, RATING, SCORE, SELECTION, SHEET, hall, ruled, scored
from kit.factories import live_rules, small_definition
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import AddItem, LoadDefinition, WithdrawItem
from pingyi_protocol.meeting.definition import (
    TRIAL,
    Item,
    MotionRules,
    Option,
    Passing,
    Problem,
    RatingRules,
    ScoreRules,
    Secrecy,
    SelectionRules,
    Target,
)
from pingyi_protocol.meeting.events import AgendaReordered, ItemAdded, ItemWithdrawn
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason

change = msgspec.structs.replace

HALL = hall(SCORE, MOTION, RATING)


def order(book: Playbook) -> list[str]:
    return [item.id for item in book.meeting.agenda]


# added


@pytest.mark.parametrize("item", [SHEET, CRITERIA, SELECTION])
def test_an_item_is_added_as_the_last_and_voted_on_like_any_other(item: Item) -> None:
    book = full_house(HALL).add(item).came_to(ItemAdded(item, (), ()))
    assert order(book) == ["score", "motion", "rating", item.id]
    book.open(item.id).close().announce().stands(Phase.ANNOUNCED).followed()


def test_an_item_is_added_while_another_is_open_and_disturbs_nothing() -> None:
    book = full_house(HALL).open("motion").vote(Option.FOR, "M01")
    before = book.newest
    book.add(SHEET)
    assert book.newest == before
    book.vote(Option.FOR, "M02").close().followed()


def test_new_targets_and_their_problems_come_with_the_item() -> None:
    late, problem = Target("T09", "水利局", "水利"), Problem("T09", "河道清淤不及时", "汛期前完成")
    item = Item("9", "水利局整改评议", ("T09",))
    book = full_house(HALL).add(item, (late,), (problem,)).open("9").cast("M01", 90).close().announce()
    assert book.figures.targets[0].total == Decimal(90)
    definition = book.followed().definition
    assert definition is not None
    assert (definition.target("T09"), definition.problems_of("T09")) == (late, (problem,))


@pytest.mark.parametrize(
    "body",
    [
        AddItem(change(SHEET, id="score")),
        AddItem(change(SHEET, id="")),
        AddItem(change(SHEET, title=" ")),
        AddItem(change(SHEET, id=TRIAL.id)),
        AddItem(change(SHEET, targets=())),
        AddItem(change(SHEET, targets=("T02", "T02"))),
        AddItem(change(SHEET, targets=("T99",))),
        AddItem(SHEET, (Target("T01", "另一个局"),)),
        AddItem(SHEET, (Target("T08", "文化和旅游局"),)),
        AddItem(SHEET, (), (Problem("T99", "问题"),)),
        AddItem(change(MOTION, id="m", targets=("T01",))),
        AddItem(ruled(SHEET, secrecy=Secrecy.SECRET)),
        AddItem(ruled(SHEET, MotionRules(passing=Passing(2, 1)))),
        AddItem(change(SELECTION, rules=SelectionRules(winners=5, most=5))),
        AddItem(change(CRITERIA, criteria=CRITERIA.criteria[:1])),
        AddItem(change(CRITERIA, rules=RatingRules())),
        AddItem(ruled(SHEET, ScoreRules(pass_mark=Decimal("NaN")))),
        AddItem(ruled(SHEET, ScoreRules(lowest=Decimal("sNaN"), pass_mark=Decimal(60)))),
        AddItem(ruled(SHEET, ScoreRules(pass_mark=Decimal("1E+999999")))),
    ],
)
def test_an_item_on_which_no_meeting_can_be_held_is_not_added(body: AddItem) -> None:
    book = full_house(HALL)
    before = book.meeting
    book.clerk(body).refused(Reason.ITEM_UNSOUND, item=body.item.id)
    assert book.meeting is before


def test_an_item_that_a_scrutineer_must_sign_is_added_only_where_there_is_one() -> None:
    signed = ruled(change(MOTION, id="signed"), confirmed=True)
    full_house(HALL).add(signed).followed()
    full_house(small_definition(members=2)).add(signed).refused(Reason.ITEM_UNSOUND, count=1)


# in another order


def test_all_items_come_in_another_order() -> None:
    book = full_house(HALL).reorder("rating", "score", "motion")
    book.came_to(AgendaReordered(("rating", "score", "motion")))
    assert order(book) == ["rating", "score", "motion"]
    book.open("motion").vote(Option.FOR, "M01").close().followed()


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("score", "motion"),
        ("score", "motion", "rating", "rating"),
        ("score", "motion", "motion"),
        ("score", "motion", "other"),
        ("score", "motion", "rating", TRIAL.id),
    ],
)
def test_the_order_names_every_item_once(wrong: tuple[str, ...]) -> None:
    book = full_house(HALL)
    book.reorder(*wrong).refused(Reason.ORDER_MISFIT)
    assert order(book) == ["score", "motion", "rating"]


@pytest.mark.parametrize("wanted", list(permutations(["score", "motion", "rating"])))
def test_items_that_were_opened_keep_their_order_among_themselves(wanted: tuple[str, ...]) -> None:
    book = full_house(HALL).open("score").cast("M01", 90).close().announce().open("rating").void()
    before = book.meeting.rounds
    book.reorder(*wanted)
    if wanted.index("score") < wanted.index("rating"):
        assert order(book) == list(wanted)
    else:
        book.refused(Reason.ITEM_VOTED)
    assert book.meeting.rounds == before
    book.followed()


# withdrawn


@pytest.mark.parametrize("voided", [False, True])
def test_an_item_on_which_nothing_was_decided_is_withdrawn_and_keeps_its_line(voided: bool) -> None:
    book = full_house(HALL)
    if voided:
        book.open("motion").vote(Option.FOR, "M01").void()
    rounds = book.meeting.rounds
    book.withdraw("motion", "材料不齐").came_to(ItemWithdrawn("motion", "材料不齐"))
    assert book.meeting.phase_of("motion") is Phase.WITHDRAWN
    assert book.meeting.withdrawn["motion"] == "材料不齐"
    assert (order(book), book.meeting.rounds) == (["score", "motion", "rating"], rounds)
    book.open("motion").refused(Reason.ITEM_WITHDRAWN)
    book.withdraw("motion").refused(Reason.ITEM_WITHDRAWN)
    book.open("rating").close().followed()


def test_an_item_with_a_round_that_stands_is_not_withdrawn_because_a_later_one_is_void() -> None:
    book = full_house(HALL).open("motion").close().announce().open("motion").void()
    book.withdraw("motion").refused(Reason.ITEM_VOTED)


def test_what_was_voted_on_is_not_withdrawn() -> None:
    book = full_house(HALL).open("motion")
    book.withdraw("motion").refused(Reason.ROUND_OPEN, item="motion")
    book.pause().withdraw("motion").refused(Reason.ROUND_OPEN)
    book.close().withdraw("motion").refused(Reason.ITEM_VOTED)
    book.announce().withdraw("motion").refused(Reason.ITEM_VOTED)
    book.withdraw("score").followed()


def test_only_an_item_of_the_agenda_is_withdrawn_and_for_a_reason() -> None:
    book = full_house(HALL)
    book.withdraw("other").refused(Reason.NO_SUCH_ITEM, item="other")
    book.withdraw(TRIAL.id).refused(Reason.NO_SUCH_ITEM)
    book.withdraw("motion", " ").refused(Reason.TEXT_REFUSED)


def test_a_withdrawn_item_is_replaced_by_one_of_another_number() -> None:
    """With components a target's own score comes from one item, and the withdrawn one gives none."""
    book = full_house(small_definition()).withdraw("1")
    again = Item("1b", "文化和旅游局整改评议（改）", ("T01",), live_rules())
    book.add(change(again, id="1")).refused(Reason.ITEM_UNSOUND, item="1", count=1)
    book.add(change(again, id="2b", targets=("T02",))).refused(Reason.ITEM_UNSOUND)
    book.add(again).open("1b").answer("M01", scored("T01", 90)).close().announce().followed()


def test_a_definition_loaded_anew_has_its_own_agenda_and_what_was_withdrawn_stays_so() -> None:
    book = full_house(HALL).add(SHEET).withdraw("score").reorder("sheet", "score", "motion", "rating")
    book.clerk(LoadDefinition(HALL))
    assert (order(book), set(book.meeting.withdrawn)) == (["score", "motion", "rating"], {"score"})
    book.open("score").refused(Reason.ITEM_WITHDRAWN)
    book.open("motion").close()
    book.clerk(WithdrawItem("rating", "材料不齐")).clerk(LoadDefinition(HALL)).refused(Reason.MEETING_UNDERWAY)
