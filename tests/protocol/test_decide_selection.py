"""Selections and their rounds among those tied, and whole motions and ratings, from the chair's opening on."""

import pytest

from kit.every_kind import MOTION, RATING, SELECTION, TARGETS, hall, ruled
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.counting import elected
from pingyi_protocol.meeting.definition import Base, Display, MotionRules, Option, Passing, SelectionRules
from pingyi_protocol.meeting.events import ResultAnnounced, RoundOpened
from pingyi_protocol.meeting.figures import Outcome, SelectionFigures
from pingyi_protocol.meeting.refusal import Reason

HALL = hall(SELECTION)


def found(book: Playbook) -> SelectionFigures:
    figures = book.figures.selection
    assert figures is not None
    return figures


def with_tie() -> Playbook:
    """T01 wins one of two places; T02 and T03 are tied for the other."""
    book = full_house(HALL).open("selection").came_to(RoundOpened("selection", 1, None, TARGETS, 2))
    book.select("M01", "T01", "T02").select("M02", "T01", "T03").select("M03", "T01", "T02").select("M04", "T03")
    return book.answer("M05", Choice("", Option.ABSTAIN)).close()


def test_a_tie_at_the_edge_goes_to_a_round_among_the_tied_for_the_places_left() -> None:
    book = with_tie().announce()
    assert (found(book).winners, found(book).tied, found(book).abstentions) == (("T01",), ("T02", "T03"), 1)
    book.open("selection", "T02", "T03").came_to(RoundOpened("selection", 2, None, ("T02", "T03"), 1))
    book.select("M01", "T01").refused(Reason.ANSWERS_MISFIT)
    book.select("M01", "T02", "T03").refused(Reason.SELECTION_SIZE, chosen=2, least=1, most=1)
    book.select("M01", "T02").select("M02", "T03").select("M03", "T03").close().announce()
    assert (found(book).places, found(book).winners, found(book).tied) == (1, ("T03",), ())
    assert [one.target for one in found(book).candidates] == ["T02", "T03"]
    book.followed()


def test_who_is_elected_is_said_over_all_announced_rounds() -> None:
    book = with_tie()
    assert elected(book.meeting, SELECTION) == ()
    book.announce()
    assert elected(book.meeting, SELECTION) == ("T01",)
    book.open("selection", "T02", "T03").select("M01", "T02").void("设备故障")
    assert elected(book.meeting, SELECTION) == ("T01",)
    book.open("selection", "T02", "T03").close().announce()
    assert elected(book.meeting, SELECTION) == ("T01",)
    book.open("selection", "T02", "T03").select("M01", "T03").close().announce()
    assert elected(book.meeting, SELECTION) == ("T01", "T03")
    assert elected(book.meeting, MOTION) == ()


def test_a_round_among_all_begins_the_selection_anew() -> None:
    book = with_tie().announce().open("selection").select("M01", "T02", "T03").close().announce()
    assert elected(book.meeting, SELECTION) == ("T02", "T03")


def test_a_tie_among_the_tied_goes_to_one_more() -> None:
    book = with_tie().announce().open("selection", "T02", "T03").select("M01", "T02").select("M02", "T03")
    book.close().announce()
    assert found(book).tied == ("T02", "T03")
    book.open("selection", "T02", "T03").select("M01", "T02").close().announce()
    assert (book.newest.number, found(book).winners) == (3, ("T02",))
    book.followed()


def test_a_round_among_the_tied_that_fills_no_place_is_held_again_among_the_same() -> None:
    book = with_tie().announce().open("selection", "T02", "T03").close().announce()
    assert (found(book).winners, found(book).tied, found(book).places) == ((), (), 1)
    book.open("selection", "T01", "T02", "T03").refused(Reason.NOT_TIED)
    book.open("selection", "T02", "T03").came_to(RoundOpened("selection", 3, None, ("T02", "T03"), 1))
    book.select("M01", "T03").close().announce()
    assert found(book).winners == ("T03",)
    # now every place is filled
    book.open("selection", "T02").refused(Reason.NOT_TIED)
    book.followed()


@pytest.mark.parametrize("among", [("T02",), ("T03", "T02"), ("T02", "T03", "T04"), ("T01", "T02", "T03"), ("T09",)])
def test_only_those_tied_stand_again_and_in_their_order(among: tuple[str, ...]) -> None:
    with_tie().announce().open("selection", *among).refused(Reason.NOT_TIED)


def test_the_tie_is_announced_before_it_is_decided() -> None:
    book = with_tie()
    book.open("selection", "T02", "T03").refused(Reason.NOT_TIED)
    book.announce().open("selection", "T02", "T03").followed()


def test_a_void_round_among_the_tied_is_held_again_and_a_void_tie_is_none() -> None:
    book = with_tie().announce().open("selection", "T02", "T03").select("M01", "T02").void("设备故障")
    book.open("selection", "T02", "T03").came_to(RoundOpened("selection", 3, None, ("T02", "T03"), 1))
    book.select("M01", "T03").close().announce()
    assert found(book).winners == ("T03",)
    voided = with_tie().announce().void("计票有误")
    voided.open("selection", "T02", "T03").refused(Reason.NOT_TIED)
    voided.open("selection").came_to(RoundOpened("selection", 2, None, TARGETS, 2)).followed()


def test_without_a_tie_there_is_no_round_among_anybody() -> None:
    book = full_house(hall(SELECTION, MOTION)).open("selection", "T01", "T02").refused(Reason.NOT_TIED)
    book.open("selection").select("M01", "T01", "T02").close().announce()
    book.open("selection", "T01", "T02").refused(Reason.NOT_TIED)
    book.open("motion", "T01").refused(Reason.NOT_TIED)
    book.open("selection").followed()


def test_where_nobody_has_won_yet_no_more_of_the_tied_are_chosen_than_there_are_places() -> None:
    """Nobody has won, so all places are left; choosing three of the three tied for two would decide nothing."""
    rules = SelectionRules(winners=2, most=4, least=1)
    book = full_house(hall(ruled(SELECTION, rules))).open("selection")
    book.select("M01", "T01", "T02", "T03").select("M02", "T01", "T02", "T03").select("M03", "T04").close().announce()
    assert (found(book).winners, found(book).tied) == ((), ("T01", "T02", "T03"))
    book.open("selection", "T01", "T02", "T03")
    book.select("M01", "T01", "T02", "T03").refused(Reason.SELECTION_SIZE, most=2)
    book.select("M01", "T01", "T02").close().announce()
    assert found(book).winners == ("T01", "T02")
    book.followed()


def test_an_empty_selection_is_a_ballot_where_nobody_must_be_chosen() -> None:
    book = full_house(hall(ruled(SELECTION, SelectionRules(winners=1, most=1, least=0)))).open("selection")
    book.select("M01").select("M02", "T01").close().announce()
    assert (book.figures.received, found(book).abstentions, found(book).not_voted) == (2, 0, 3)
    book.followed()


def test_a_selection_under_a_passing_rule_leaves_places_empty() -> None:
    rules = SelectionRules(winners=2, most=2, passing=Passing(1, 2, Base.ALL_MEMBERS))
    book = full_house(hall(ruled(SELECTION, rules))).open("selection")
    for person in ("M01", "M02", "M03"):
        book.select(person, "T01")
    book.select("M04", "T02").select("M05", "T02").close().announce()
    assert (found(book).base, found(book).needed, found(book).winners, found(book).tied) == (5, 3, ("T01",), ())
    book.followed()


def test_a_motion_is_announced_with_its_outcome_at_once() -> None:
    item = ruled(MOTION, MotionRules(display=Display.ON_CLOSE))
    book = full_house(hall(item)).open("motion").vote(Option.FOR, "M01", "M02").vote(Option.AGAINST, "M03")
    assert book.figures.choices[0].outcome is Outcome.REJECTED
    book.vote(Option.FOR, "M03").vote(Option.ABSTAIN, "M04").close().announce()
    assert isinstance(book.outcome, ResultAnnounced)
    [motion] = book.outcome.figures.choices
    assert [one.count for one in motion.counts] == [3, 0, 1]
    assert (motion.not_voted, motion.base, motion.needed, motion.outcome) == (1, 5, 3, Outcome.PASSED)
    assert (book.outcome.figures.targets, book.outcome.figures.selection) == ((), None)
    book.followed()


def test_each_target_of_a_rating_has_its_own_outcome() -> None:
    book = full_house(hall(RATING)).open("rating")
    for person, second in zip(
        ("M01", "M02", "M03"), (Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.BASICALLY_SATISFIED), strict=True
    ):
        book.answer(person, Choice("T01", Option.SATISFIED), Choice("T02", second))
    first, other = book.close().figures.choices
    assert (first.outcome, other.outcome) == (Outcome.SATISFIED, Outcome.BASICALLY_SATISFIED)
    assert (first.needed, first.not_voted, other.count(Option.BASICALLY_SATISFIED)) == (3, 2, 2)
    book.announce().followed()
