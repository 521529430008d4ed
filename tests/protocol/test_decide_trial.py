"""The trial vote: every seat shows that it works, and nothing of it counts."""

import pytest

from kit.every_kind import MOTION, SCORE, hall, motion_counts
from kit.factories import small_definition
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import LoadDefinition
from pingyi_protocol.meeting.definition import TRIAL, Option
from pingyi_protocol.meeting.events import RoundOpened
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason

HALL = hall(SCORE, MOTION)


def tried() -> Playbook:
    """Two have come, and both press; a third comes while the trial is open."""
    book = Playbook(HALL).check_in("M01", "M02").open(TRIAL.id).vote(Option.FOR, "M01").vote(Option.ABSTAIN, "M02")
    return book.check_in("M03").vote(Option.AGAINST, "M03")


def test_it_needs_no_quorum_and_counts_who_pressed() -> None:
    book = tried().close()
    [motion] = book.figures.choices
    assert [one.count for one in motion.counts] == [1, 1, 1]
    assert (book.figures.received, motion.not_voted) == (3, 0)
    book.open("motion").came_to(RoundOpened("motion", 1, None)).followed()


def test_who_has_not_checked_in_casts_nothing_in_it_either() -> None:
    tried().vote(Option.FOR, "M04").refused(Reason.NOT_PRESENT)


def test_it_is_neither_announced_nor_signed_nor_entered_by_hand() -> None:
    book = tried()
    book.announce().refused(Reason.NOT_CLOSED)
    book.close().announce().refused(Reason.TRIAL)
    book.confirm("M02").refused(Reason.TRIAL)
    book.enter(TRIAL.id, 3, *motion_counts(3, 0)).refused(Reason.TRIAL)
    book.stands(Phase.CLOSED).followed()


def test_it_can_be_held_again_until_the_first_item_is_opened() -> None:
    book = tried().close().open(TRIAL.id).void().open("motion").vote(Option.FOR, "M01", "M02", "M03").close().announce()
    book.open(TRIAL.id).refused(Reason.TRIAL)
    assert [(one.item, one.number) for one in book.meeting.rounds] == [("trial", 1), ("trial", 2), ("motion", 1)]
    announced = book.meeting.round_of("motion")
    assert announced is not None
    assert announced.votes["", Option.FOR] == 3
    book.followed()


def test_it_is_no_beginning_and_a_corrected_file_can_still_be_loaded_but_not_while_it_is_open() -> None:
    book = tried()
    book.clerk(LoadDefinition(HALL)).refused(Reason.ROUND_OPEN, item=TRIAL.id)
    book.close().clerk(LoadDefinition(small_definition(members=2)))
    assert set(book.meeting.present) == {"M01", "M02"}
    assert book.figures.received == 3
    book.clerk(LoadDefinition(HALL)).check_in("M03").open("motion").followed()


def test_nobody_is_recused_from_it() -> None:
    full_house(HALL).recuse("M02", TRIAL.id).refused(Reason.NO_SUCH_ITEM, item=TRIAL.id)


def test_an_item_waits_for_the_end_of_it() -> None:
    tried().open("motion").refused(Reason.ROUND_OPEN, item=TRIAL.id)


@pytest.mark.parametrize("item", ["motion", "score"])
def test_its_presses_are_not_the_next_items(item: str) -> None:
    book = tried().close().open(item)
    assert (book.newest.received, len(book.newest.votes), len(book.newest.tallies)) == (0, 0, 0)
