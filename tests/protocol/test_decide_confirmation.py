"""What people sign and enter in place of the devices: the count, and results that hands or paper gave."""

from decimal import Decimal
from itertools import chain, combinations, combinations_with_replacement

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.every_kind import (
    CRITERIA,
    MOTION,
    QUESTIONED,
    RATING,
    SCORE,
    SELECTION,
    hall,
    motion_counts,
    ruled,
    scored,
    times,
)
from kit.playbook import CHAIR, Playbook, full_house
from pingyi_protocol.meeting.commands import AnswerCount, Choice, ConfirmRound, EnterResult, Score
from pingyi_protocol.meeting.confirmation import misselected_count
from pingyi_protocol.meeting.definition import Item, Option, Role, SelectionRules
from pingyi_protocol.meeting.events import ResultEntered, RoundConfirmed
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.figures import Outcome
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason

change = msgspec.structs.replace

FOR, AGAINST, ABSTAIN = (Choice("", option) for option in (Option.FOR, Option.AGAINST, Option.ABSTAIN))
EVERY = hall(SCORE, CRITERIA, QUESTIONED, MOTION, RATING, SELECTION)
CONFIRMED = hall(ruled(MOTION, confirmed=True), ruled(SCORE, confirmed=True))


def chosen(target: str, count: int) -> AnswerCount:
    return times(count, Choice(target, Option.CHOSEN))


# the scrutineer's signature


def closed(item: str = "motion") -> Playbook:
    """An item that asks for the signature, closed with three of five ballots and one recused."""
    book = full_house(CONFIRMED).recuse("M05", item).open(item)
    if item == "motion":
        return book.vote(Option.FOR, "M01", "M02").vote(Option.ABSTAIN, "M03").close()
    return book.cast("M01", 90).cast("M02", 80).cast("M03", None).close()


@pytest.mark.parametrize("item", ["motion", "score"])
def test_the_chief_scrutineers_signature_comes_between_close_and_announcement(item: str) -> None:
    book = closed(item)
    book.announce().refused(Reason.NOT_CONFIRMED)
    book.confirm("M02").refused(Reason.NOT_CHIEF_SCRUTINEER, person="M03")
    book.announce().refused(Reason.NOT_CONFIRMED)
    assert book.count == ConfirmRound(item, 1, present=5, received=3, recused=1)
    book.confirm("M03").came_to(RoundConfirmed(item, 1, "M03")).stands(Phase.CLOSED)
    assert (book.newest.confirmed, book.meeting.awaits_confirmation(book.newest)) == ("M03", False)
    book.confirm("M03").refused(Reason.ALREADY_CONFIRMED, person="M03")
    book.announce().stands(Phase.ANNOUNCED).followed()


def test_where_no_chief_is_named_any_scrutineer_signs() -> None:
    roster = tuple(change(person, chief=False) for person in CONFIRMED.roster)
    book = full_house(change(CONFIRMED, roster=roster)).open("motion").close()
    book.confirm("M02").came_to(RoundConfirmed("motion", 1, "M02")).announce().followed()


def test_only_scrutineers_sign() -> None:
    book = closed()
    for principal in (CHAIR, CLERK, Principal("M02", Role.MEMBER)):
        book.say(principal, book.count).refused(Reason.NOT_ALLOWED)


def test_an_item_that_asks_for_none_may_be_signed_all_the_same() -> None:
    book = full_house(EVERY).open("motion").vote(Option.FOR, "M01").close().confirm("M02")
    book.came_to(RoundConfirmed("motion", 1, "M02")).announce().followed()


@pytest.mark.parametrize(
    "wrong",
    [
        {"present": 4},
        {"present": 6},
        {"received": 4},
        {"received": -3},
        {"recused": 0},
        {"invalid": 1},
        {"present": 10**30},
        {"counts": (times(1, FOR),)},
        {"counts": (times(1, scored("T01", "sNaN")),)},
    ],
)
def test_another_count_than_the_one_that_stands_is_not_signed(wrong: dict[str, object]) -> None:
    book = closed().enrol("M03", Role.SCRUTINEER)
    before = book.meeting
    book.say(Principal("M03", Role.SCRUTINEER), change(book.count, **wrong)).refused(Reason.CONFIRMATION_MISFIT)
    assert book.meeting is before
    book.confirm("M03").followed()


def test_a_new_round_needs_its_own_signature() -> None:
    book = closed().confirm("M03").void("清点有误")
    assert book.newest.confirmed == "M03"
    book.open("motion").vote(Option.FOR, "M01").close().announce().refused(Reason.NOT_CONFIRMED)
    book.confirm("M03").announce().followed()


def test_who_comes_or_goes_after_the_close_changes_nothing_in_what_is_signed() -> None:
    book = closed()
    before = book.count
    book.check_out("M01").check_out("M04")
    assert book.count == before
    book.confirm("M03").announce().followed()


# results by hand


def counted(book: Playbook, item: str) -> Playbook:
    """The item's next round is entered: four ballots, one of them invalid."""
    by_item: dict[str, tuple[AnswerCount, ...]] = {
        "score": (times(2, scored("T01", 90)), times(1, scored("T01", None))),
        "criteria": (
            times(2, scored("T01", "86.875")),
            times(1, scored("T01", "0.1")),
            times(3, scored("T02", 70)),
        ),
        "questioned": (
            times(3, scored("T01", 90)),
            times(2, Choice("T01", Option.FOR)),
            times(1, Choice("T01", Option.AGAINST)),
            times(3, scored("T02", None)),
            times(3, Choice("T02", Option.ABSTAIN)),
        ),
        "motion": motion_counts(2, 0, 1),
        "rating": (
            times(3, Choice("T01", Option.SATISFIED)),
            times(1, Choice("T02", Option.BASICALLY_SATISFIED)),
            times(2, Choice("T02", Option.NOT_SATISFIED)),
        ),
        "selection": (chosen("T01", 2), chosen("T03", 1), times(1, ABSTAIN)),
    }
    return book.enter(item, 4, *by_item[item], invalid=1)


@pytest.mark.parametrize("item", [item.id for item in EVERY.agenda])
def test_a_result_by_hand_of_any_kind_is_a_closed_round_that_a_scrutineer_signs_first(item: str) -> None:
    book = counted(full_house(EVERY), item).stands(Phase.CLOSED)
    assert isinstance(book.outcome, ResultEntered)
    figures = book.figures
    assert (figures.present, figures.received, figures.invalid, figures.manual) == (5, 4, 1, "表决器故障")
    assert (book.newest.received, book.newest.not_voted, len(book.newest.ballots)) == (4, 1, 0)
    for target in figures.targets:
        assert target.scores + target.abstentions + target.not_voted + figures.invalid == 5
        assert target.criteria == ()
    for choice in figures.choices:
        assert sum(one.count for one in choice.counts) + choice.not_voted + figures.invalid == 5
    book.announce().refused(Reason.NOT_CONFIRMED)
    book.confirm("M02").announce().stands(Phase.ANNOUNCED).followed()


def test_the_figures_by_hand_are_those_of_the_counts() -> None:
    book = counted(full_house(EVERY), "criteria")
    whole, other = book.figures.targets
    assert (whole.total, whole.exact, other.total) == (Decimal("173.85"), "1159/20", Decimal(210))
    [motion] = counted(book, "motion").figures.choices
    # two of five members are not more than half of all
    assert (motion.base, motion.needed, motion.outcome) == (5, 3, Outcome.REJECTED)
    first, second = counted(book, "rating").figures.choices
    assert (first.outcome, second.outcome) == (Outcome.SATISFIED, Outcome.NOT_SATISFIED)
    selection = counted(book, "selection").figures.selection
    assert selection is not None
    assert (selection.winners, selection.abstentions, selection.not_voted) == (("T01", "T03"), 1, 1)
    book.followed()


def test_the_chief_signs_a_result_by_hand_where_the_item_asks_for_the_chief() -> None:
    book = full_house(CONFIRMED).enter("motion", 3, *motion_counts(3, 0))
    book.confirm("M02").refused(Reason.NOT_CHIEF_SCRUTINEER)
    book.confirm("M03").announce().followed()


def with_clerk(number: str) -> Playbook:
    """Everybody is there, and this scrutineer is a clerk too."""
    definition = hall(MOTION, SCORE)
    roster = tuple(
        change(person, roles=(*person.roles, Role.CLERK)) if person.number == number else person
        for person in definition.roster
    )
    return full_house(change(definition, roster=roster))


def test_who_is_clerk_and_scrutineer_in_one_person_does_not_sign_the_result_that_he_enters() -> None:
    book = with_clerk("M02")
    book.acting(Principal("M02", Role.CLERK), EnterResult("motion", 1, "停电", 3, 0, motion_counts(3, 0)))
    book.confirm("M02").refused(Reason.SAME_PERSON).announce().refused(Reason.NOT_CONFIRMED)
    book.confirm("M03").announce().followed()


def test_a_clerk_signs_a_count_of_the_devices_as_any_scrutineer() -> None:
    with_clerk("M02").open("motion").vote(Option.FOR, "M01").close().confirm("M02").announce().followed()


def test_no_result_is_entered_by_hand_where_only_clerks_could_sign_it() -> None:
    definition = with_clerk("M02").meeting.definition
    assert definition is not None
    roster = tuple(
        change(person, roles=(Role.MEMBER,), chief=False) if person.number == "M03" else person
        for person in definition.roster
    )
    book = full_house(change(definition, roster=roster))
    book.enter("motion", 3, *motion_counts(3, 0)).refused(Reason.NO_SCRUTINEER)


@pytest.mark.parametrize(
    "wrong",
    [
        {"received": 3, "invalid": 0},
        {"invalid": 0},
        {"counts": ()},
        {"counts": motion_counts(1, 1, 1)},
        {"counts": motion_counts(2, 0, 1)[::-1]},
        {"counts": (*motion_counts(2, 0, 1), times(1, scored("", "sNaN")))},
    ],
)
def test_the_very_counts_that_were_entered_are_signed(wrong: dict[str, object]) -> None:
    book = counted(full_house(EVERY), "motion").enrol("M02", Role.SCRUTINEER)
    body = change(book.count, **wrong)
    book.say(Principal("M02", Role.SCRUTINEER), body).refused(Reason.CONFIRMATION_MISFIT)
    book.confirm("M02").followed()


def test_devices_that_fail_during_a_round_void_it_and_hands_give_the_next() -> None:
    book = full_house(EVERY).open("motion").vote(Option.FOR, "M01")
    book.enter("motion", 5, *motion_counts(5, 0)).refused(Reason.ROUND_OPEN)
    book.void("表决器故障").enter("motion", 5, *motion_counts(4, 1))
    assert [one.number for one in book.meeting.rounds] == [1, 2]
    book.confirm("M02").announce().open("motion").stands(Phase.OPEN).followed()


def test_a_result_by_hand_needs_a_quorum_a_reason_the_next_number_and_an_item() -> None:
    book = Playbook(EVERY).enrol(*CHAIR).check_in("M01", "M02")
    counts = motion_counts(2, 0)
    book.enter("motion", 2, *counts).refused(Reason.BELOW_QUORUM, present=2, quorum=3)
    book.check_in("M03").enter("nothing", 2, *counts).refused(Reason.NO_SUCH_ITEM)
    book.clerk(EnterResult("motion", 2, "停电", 2, 0, counts)).refused(Reason.OTHER_ROUND, next=1)
    book.clerk(EnterResult("motion", 1, " ", 2, 0, counts)).refused(Reason.TEXT_REFUSED)
    book.clerk(EnterResult("motion", 1, "停电", 2, 0, counts)).followed()


def test_an_open_item_holds_up_a_result_by_hand_of_another() -> None:
    book = full_house(EVERY).open("score")
    counted(book, "motion").refused(Reason.ROUND_OPEN, item="score")


@pytest.mark.parametrize(("received", "invalid"), [(5, 0), (6, 0), (10**30, 0), (-1, 0), (2, 3), (2, -1), (-1, -1)])
def test_no_more_ballots_than_members_who_may_vote_and_no_more_invalid_than_ballots(
    received: int, invalid: int
) -> None:
    book = full_house(EVERY).recuse("M05", "motion")
    counts = motion_counts(received, 0) if 0 < received < 10 else ()
    book.enter("motion", received, *counts, invalid=invalid).refused(
        Reason.RESULT_OVER_PRESENT, received=received, invalid=invalid, present=4
    )
    book.enter("motion", 4, *motion_counts(4, 0)).followed()


def test_invalid_ballots_alone_are_a_result_too() -> None:
    book = full_house(EVERY).enter("motion", 3, invalid=3)
    [motion] = book.figures.choices
    assert (motion.outcome, motion.not_voted, book.figures.invalid) == (Outcome.REJECTED, 2, 3)
    book.followed()


MISFITS: list[tuple[Item, int, tuple[AnswerCount, ...], Reason]] = [
    (MOTION, 3, (), Reason.RESULT_MISFIT),
    (MOTION, 3, motion_counts(2, 0), Reason.RESULT_MISFIT),
    (MOTION, 3, motion_counts(2, 2), Reason.RESULT_MISFIT),
    (MOTION, 3, (times(10**30, FOR),), Reason.RESULT_MISFIT),
    (MOTION, 3, (times(4, FOR), times(-1, AGAINST)), Reason.ANSWERS_MISFIT),
    (MOTION, 3, (*motion_counts(3, 0), times(0, AGAINST)), Reason.ANSWERS_MISFIT),
    (MOTION, 3, (times(2, FOR), times(1, FOR)), Reason.ANSWERS_MISFIT),
    (MOTION, 3, (times(3, Choice("T01", Option.FOR)),), Reason.ANSWERS_MISFIT),
    (MOTION, 3, (times(3, Choice("", Option.SATISFIED)),), Reason.ANSWERS_MISFIT),
    (MOTION, 3, (times(3, scored("", 90)),), Reason.ANSWERS_MISFIT),
    (ruled(MOTION, abstention=False), 3, motion_counts(2, 0, 1), Reason.ABSTENTION_NOT_ALLOWED),
    (SCORE, 3, (times(2, scored("T01", 90)),), Reason.TARGET_MISFIT),
    (SCORE, 3, (times(2, scored("T01", 90)), times(2, scored("T01", 80))), Reason.TARGET_MISFIT),
    (SCORE, 3, (times(3, scored("T01", 101)),), Reason.SCORE_OFF_GRID),
    (SCORE, 3, (times(3, scored("T01", "90.5")),), Reason.SCORE_OFF_GRID),
    (SCORE, 3, (times(3, scored("T01", "90.0")),), Reason.SCORE_OFF_GRID),
    (SCORE, 3, (times(3, scored("T01", "sNaN")),), Reason.SCORE_OFF_GRID),
    (SCORE, 3, (times(3, scored("T01", "NaN")),), Reason.SCORE_OFF_GRID),
    (SCORE, 3, (times(3, scored("T01", "1E+999999")),), Reason.SCORE_OFF_GRID),
    (SCORE, 3, (times(3, scored("T02", 90)),), Reason.ANSWERS_MISFIT),
    (SCORE, 3, (times(3, Choice("T01", Option.FOR)),), Reason.ANSWERS_MISFIT),
    (CRITERIA, 1, (times(1, scored("T01", 90, "p1")), times(1, scored("T02", 90))), Reason.ANSWERS_MISFIT),
    (CRITERIA, 1, (times(1, scored("T01", "90.5")), times(1, scored("T02", "90.5"))), Reason.SCORE_OFF_GRID),
    (CRITERIA, 1, (times(1, scored("T01", "100.5")), times(1, scored("T02", 90))), Reason.SCORE_OFF_GRID),
    (QUESTIONED, 1, (times(1, scored("T01", 90)), times(1, scored("T02", 90))), Reason.TARGET_MISFIT),
    (RATING, 2, (times(2, Choice("T01", Option.SATISFIED)),), Reason.TARGET_MISFIT),
    (SELECTION, 2, (chosen("T01", 3),), Reason.SELECTION_MISFIT),
    (SELECTION, 2, (chosen("T01", 1),), Reason.SELECTION_MISFIT),
    (SELECTION, 2, (chosen("T01", 2), chosen("T02", 2), chosen("T03", 1)), Reason.SELECTION_MISFIT),
    (SELECTION, 2, (chosen("T01", 2), times(1, ABSTAIN)), Reason.SELECTION_MISFIT),
    (SELECTION, 2, (times(3, ABSTAIN),), Reason.SELECTION_MISFIT),
    (SELECTION, 2, (chosen("T09", 2),), Reason.ANSWERS_MISFIT),
    (SELECTION, 2, (chosen("", 2),), Reason.ANSWERS_MISFIT),
    (SELECTION, 2, (times(2, Choice("T01", Option.ABSTAIN)),), Reason.ANSWERS_MISFIT),
    (SELECTION, 2, (times(2, Choice("T01", Option.FOR)),), Reason.ANSWERS_MISFIT),
    (SELECTION, 2, (times(2, scored("T01", "sNaN")),), Reason.ANSWERS_MISFIT),
    (ruled(SELECTION, abstention=False), 2, (times(2, ABSTAIN),), Reason.ABSTENTION_NOT_ALLOWED),
]


@pytest.mark.parametrize(("item", "received", "counts", "reason"), MISFITS)
def test_counts_that_ballots_cannot_give_are_refused_and_change_nothing(
    item: Item, received: int, counts: tuple[AnswerCount, ...], reason: Reason
) -> None:
    book = full_house(hall(item))
    before = book.meeting
    book.enter(item.id, received, *counts).refused(reason)
    assert book.meeting is before


ballots = list(chain.from_iterable(combinations("abc", size) for size in range(4)))


@given(
    st.integers(0, 3),
    st.integers(1, 3),
    st.integers(0, 4),
    st.integers(0, 2),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 4)),
)
def test_a_selection_by_hand_is_taken_exactly_when_some_ballots_give_it(
    least: int, more: int, choosing: int, abstained: int, votes: dict[str, int]
) -> None:
    """Against a search through every heap of so many ballots."""
    most = max(1, min(3, least + more - 1))
    lines = tuple(chosen(target, count) for target, count in votes.items())
    lines += (times(abstained, ABSTAIN),) if abstained else ()
    refused = misselected_count(
        SelectionRules(most=most, least=least), lines, choosing + abstained, ("a", "b", "c"), (least, most)
    )
    lawful = [ballot for ballot in ballots if least <= len(ballot) <= most]
    possible = any(
        all(sum(target in ballot for ballot in heap) == votes.get(target, 0) for target in "abc")
        for heap in combinations_with_replacement(lawful, choosing)
    )
    assert (refused is None) == possible


def test_a_round_among_those_tied_can_be_entered_by_hand() -> None:
    book = full_house(EVERY).enter("selection", 5, chosen("T01", 5), chosen("T02", 2), chosen("T03", 2))
    book.enter("selection", 5, chosen("T02", 3), among=("T02", "T03")).refused(Reason.NOT_TIED)
    book.confirm("M02").announce()
    over = (chosen("T02", 4), chosen("T03", 2))
    book.enter("selection", 5, *over, among=("T02", "T03")).refused(Reason.SELECTION_MISFIT, least=1, most=1)
    book.enter("selection", 5, chosen("T02", 3), chosen("T03", 2), among=("T02", "T03"))
    found = book.figures.selection
    assert found is not None
    assert (found.places, found.winners, found.tied) == (1, ("T02",), ())
    book.confirm("M02").announce().followed()


def test_a_score_counted_by_hand_is_what_ballots_would_have_given() -> None:
    by_hand = full_house(EVERY).enter("score", 3, times(2, scored("T01", 90)), times(1, scored("T01", 70)))
    by_ballot = full_house(EVERY).open("score").cast("M01", 90).cast("M02", 90).cast("M03", 70).close()
    assert by_hand.figures.targets == by_ballot.figures.targets
    assert isinstance(by_hand.newest.manual, msgspec.Struct)
    assert by_hand.newest.manual.counts[0].answer == Score("T01", "", Decimal(90))
