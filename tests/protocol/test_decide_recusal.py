"""Recusal as scripts: who does not vote on what, from when on, and how the numbers stand beside it."""

import pytest

from kit.every_kind import MOTION, RATING, SELECTION, hall, motion_counts, ruled
from kit.factories import small_definition
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import LoadDefinition
from pingyi_protocol.meeting.definition import Base, MotionRules, Option, Passing, RatingRules, SelectionRules
from pingyi_protocol.meeting.events import RecusalLifted, Recused, ResultAnnounced, RoundClosed
from pingyi_protocol.meeting.figures import Outcome
from pingyi_protocol.meeting.refusal import Reason

HALL = small_definition(members=5)


def test_a_recused_member_casts_nothing_and_is_neither_an_abstention_nor_one_who_did_not_vote() -> None:
    book = full_house(HALL).recuse("M02", "1", "配偶在该局任职")
    book.came_to(Recused("M02", "1", "配偶在该局任职")).open("1").cast("M01", 90).cast("M03", None)
    book.cast("M02", 80).refused(Reason.RECUSED)
    book.close()
    assert isinstance(book.outcome, RoundClosed)
    assert (book.outcome.present, book.outcome.received, book.outcome.recused) == (5, 2, 1)
    book.announce()
    assert isinstance(book.outcome, ResultAnnounced)
    figures = book.outcome.figures
    [target] = figures.targets
    assert (target.scores, target.abstentions, target.not_voted, figures.recused, figures.present) == (1, 1, 2, 1, 5)
    book.followed()


def test_it_holds_for_one_item_only() -> None:
    book = full_house(HALL).recuse("M02", "1").open("2").cast("M02", 90, 80)
    assert set(book.newest.ballots) == {"M02"}
    book.followed()


def test_an_open_round_stays_as_it_is_and_the_next_one_takes_the_change() -> None:
    book = full_house(HALL).recuse("M02", "1").open("1").recuse("M03", "1").cast("M03", 90)
    book.lift("M02", "1").came_to(RecusalLifted("M02", "1", "登记有误")).cast("M02", 90).refused(Reason.RECUSED)
    assert book.newest.not_voted == 3
    book.void().open("1").cast("M02", 80).cast("M03", 90).refused(Reason.RECUSED)
    assert (set(book.newest.recused), book.newest.recused_present) == ({"M03"}, 1)
    book.followed()


def test_one_who_is_recused_and_away_is_counted_only_when_there() -> None:
    book = full_house(HALL).recuse("M05", "1").check_out("M05").open("1")
    assert (book.newest.recused_present, book.newest.not_voted) == (0, 4)
    book.check_in_by_hand("M05")
    assert (book.newest.recused_present, book.newest.not_voted) == (1, 4)
    book.check_out("M05")
    assert (book.newest.recused_present, book.newest.not_voted) == (1, 4)
    book.followed()


@pytest.mark.parametrize(
    ("person", "item", "reason", "refusal"),
    [
        ("M99", "1", "理由", Reason.NO_SUCH_PERSON),
        ("M02", "9", "理由", Reason.NO_SUCH_ITEM),
        ("M02", "1", " ", Reason.TEXT_REFUSED),
    ],
)
def test_member_item_and_reason_are_named(person: str, item: str, reason: str, refusal: Reason) -> None:
    book = full_house(HALL)
    book.recuse(person, item, reason).refused(refusal)
    book.lift(person, item, reason).refused(refusal)


def test_recused_once_and_lifted_once() -> None:
    book = full_house(HALL)
    book.lift("M02", "1").refused(Reason.NOT_RECUSED, person="M02", item="1")
    book.recuse("M02", "1").recuse("M02", "1").refused(Reason.ALREADY_RECUSED, person="M02", item="1")
    book.lift("M02", "1").lift("M02", "1").refused(Reason.NOT_RECUSED)
    book.recuse("M02", "1").followed()


def test_a_definition_loaded_anew_keeps_only_recusals_that_still_mean_something() -> None:
    book = Playbook(HALL).recuse("M02", "1").recuse("M05", "1").clerk(LoadDefinition(small_definition(members=4)))
    assert set(book.meeting.recusals) == {("1", "M02")}
    book.followed()


# the base


@pytest.mark.parametrize(
    ("base", "leave", "whole"),
    [
        (Base.ALL_MEMBERS, True, 3),
        (Base.ALL_MEMBERS, False, 5),
        (Base.PRESENT, True, 2),
        (Base.PRESENT, False, 3),
        (Base.CAST, True, 2),
        (Base.CAST, False, 2),
        (Base.FOR_AND_AGAINST, True, 2),
        (Base.FOR_AND_AGAINST, False, 2),
    ],
)
def test_the_recused_leave_the_base_where_the_hall_says_so(base: Base, leave: bool, whole: int) -> None:
    """Five members, of whom two are recused: one of them is present, and so are two others, who vote."""
    item = ruled(MOTION, MotionRules(passing=Passing(base=base)))
    book = Playbook(hall(item, recused_leave=leave)).recuse("M04", "motion").recuse("M05", "motion")
    book.check_in("M01", "M02", "M04").open("motion").vote(Option.FOR, "M01").vote(Option.AGAINST, "M02").close()
    [motion] = book.figures.choices
    assert (motion.base, motion.not_voted, book.figures.recused) == (whole, 0, 1)
    book.followed()


@pytest.mark.parametrize("leave", [True, False])
def test_what_leaves_the_base_decides_a_close_vote(leave: bool) -> None:
    """Two of four who may vote are for it: at least half of these, and less than half of five."""
    rules = MotionRules(passing=Passing(strict=False))
    book = full_house(hall(ruled(MOTION, rules), recused_leave=leave)).recuse("M05", "motion").open("motion")
    book.vote(Option.FOR, "M01", "M02").close()
    assert (book.figures.choices[0].outcome is Outcome.PASSED) == leave
    book.followed()


def test_ratings_selections_and_results_by_hand_take_the_same_base() -> None:
    rating = ruled(RATING, RatingRules(passing=Passing(base=Base.PRESENT, strict=False)))
    selection = ruled(SELECTION, SelectionRules(winners=2, most=2, passing=Passing(base=Base.PRESENT)))
    book = full_house(hall(rating, selection, MOTION))
    for item in ("rating", "selection", "motion"):
        book.recuse("M05", item)
    book.open("rating").close()
    assert {one.base for one in book.figures.choices} == {4}
    book.open("selection").close()
    assert book.figures.selection is not None
    assert book.figures.selection.base == 4
    book.enter("motion", 4, *motion_counts(4, 0))
    assert (book.figures.choices[0].base, book.figures.choices[0].not_voted) == (4, 0)
    book.followed()


def test_where_everybody_is_recused_nothing_passes_and_nothing_breaks() -> None:
    book = full_house(hall(MOTION))
    for place in range(1, 6):
        book.recuse(f"M{place:02}", "motion")
    book.open("motion").vote(Option.FOR, "M01").refused(Reason.RECUSED)
    book.close()
    [motion] = book.figures.choices
    assert (motion.base, motion.needed, motion.outcome, motion.not_voted) == (0, 1, Outcome.REJECTED, 0)
    book.announce().followed()
