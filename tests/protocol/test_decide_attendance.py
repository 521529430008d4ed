"""Who is present, who is enough, and who counts for a round."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.every_kind import MOTION, SCORE, hall, ruled
from kit.factories import small_definition
from kit.playbook import CHAIR, Playbook, full_house
from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.commands import CloseCheckIn, LoadDefinition, OpenCheckIn
from pingyi_protocol.meeting.definition import Option, Press, Quorum
from pingyi_protocol.meeting.events import CheckedIn, CheckedOut, CheckInOpened, Excused, RoundClosed, SeatMoved
from pingyi_protocol.meeting.refusal import Reason

HALL = small_definition(members=5)

quorums = st.builds(
    lambda pair, strict: Quorum(min(pair), max(pair), strict),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.booleans(),
)


@given(quorums, st.integers(0, 4000))
def test_the_quorum_number_is_the_least_that_meets_the_fraction(quorum: Quorum, members: int) -> None:
    def enough(present: int) -> bool:
        share = Fraction(quorum.numerator, quorum.denominator) * members
        return present > share if quorum.strict else present >= share

    least = least_of(quorum, members)
    assert enough(least)
    assert least == 0 or not enough(least - 1)


@pytest.mark.parametrize(
    ("quorum", "members", "needed"),
    [
        (Quorum(1, 2, strict=True), 5, 3),
        (Quorum(1, 2, strict=True), 6, 4),
        (Quorum(1, 2, strict=False), 6, 3),
        (Quorum(2, 3, strict=False), 5, 4),
        (Quorum(1, 1, strict=False), 4, 4),
    ],
)
def test_an_item_opens_with_a_quorum_and_not_with_one_less(quorum: Quorum, members: int, needed: int) -> None:
    definition = small_definition(members)
    facts = msgspec.structs.replace(definition.meeting, quorum=quorum)
    book = Playbook(msgspec.structs.replace(definition, meeting=facts))
    people = [f"M{place:02}" for place in range(1, members + 1)]
    book.check_in(*people[: needed - 1])
    book.open("1").refused(Reason.BELOW_QUORUM, present=needed - 1, quorum=needed)
    book.check_in(people[needed - 1]).open("1")
    book.followed()


def test_a_quorum_that_is_lost_stops_the_next_item_but_not_the_open_one() -> None:
    book = Playbook(HALL).check_in("M01", "M02", "M03").open("1").check_out("M03")
    book.cast("M01", 90).close().announce()
    book.open("2").refused(Reason.BELOW_QUORUM, present=2, quorum=3)
    book.check_in("M03").open("2")
    book.followed()


def test_a_member_checks_in_once_and_again_after_leaving() -> None:
    book = Playbook(HALL).check_in("M02")
    book.came_to(CheckedIn("M02", ""))
    book.check_in("M02").refused(Reason.ALREADY_PRESENT, person="M02")
    book.check_in_by_hand("M02").refused(Reason.ALREADY_PRESENT)
    book.check_out("M02")
    book.came_to(CheckedOut("M02", "早退"))
    book.check_out("M02").refused(Reason.NOT_PRESENT, person="M02")
    book.check_in_by_hand("M02", "终端故障")
    book.came_to(CheckedIn("M02", "终端故障"))
    assert set(book.followed().present) == {"M02"}


def test_only_members_are_counted_as_present() -> None:
    book = Playbook(HALL)
    book.check_in_by_hand("A01").refused(Reason.NOT_ENTITLED, person="A01")
    book.check_out("A01").refused(Reason.NOT_ENTITLED, person="A01")
    book.check_in_by_hand("M99").refused(Reason.NO_SUCH_PERSON, person="M99")
    book.check_out("M99").refused(Reason.NO_SUCH_PERSON, person="M99")


@pytest.mark.parametrize("reason", ["", "   ", "a" * 201, "a\nb", "a\x1b[31m", "a\u202eb", "\u200b", "a\ud800"])
def test_a_reason_is_plain_text(reason: str) -> None:
    book = Playbook(HALL)
    if "\ud800" in reason:  # what is no text cannot even be signed
        with pytest.raises(UnicodeEncodeError):
            book.check_in_by_hand("M02", reason)
        return
    book.check_in_by_hand("M02", reason).refused(Reason.TEXT_REFUSED)
    book.check_in("M02").check_out("M02", reason).refused(Reason.TEXT_REFUSED)


def test_whoever_was_there_at_any_moment_while_the_round_was_open_counts_for_it() -> None:
    book = Playbook(HALL).check_in("M01", "M02", "M03").open("1")
    book.cast("M02", 90).check_out("M02").check_out("M03")
    book.check_in("M04").cast("M04", 80).check_out("M04")
    book.cast("M02", 10).refused(Reason.NOT_PRESENT, person="M02")
    book.check_in("M02").cast("M02", 100)
    book.close()
    assert isinstance(book.outcome, RoundClosed)
    assert (book.outcome.present, book.outcome.received) == (4, 2)
    assert set(book.newest.present) == {"M01", "M02", "M03", "M04"}
    book.check_in("M05")
    assert "M05" not in book.newest.present
    book.followed()


def test_who_left_before_the_opening_does_not_count_for_it() -> None:
    book = full_house(HALL).check_out("M05").open("1")
    assert set(book.newest.present) == {"M01", "M02", "M03", "M04"}
    book.cast("M05", 90).refused(Reason.NOT_PRESENT)


def test_a_member_moves_to_a_free_seat_and_leaves_the_old_one_free() -> None:
    book = Playbook(HALL).move("M02", "9-09")
    book.came_to(SeatMoved("M02", "9-09"))
    book.move("M03", "1-02")
    assert (book.meeting.seat_of("M02"), book.meeting.seat_of("M03")) == ("9-09", "1-02")
    assert book.meeting.seat_of("M01") == "1-01"
    book.followed()


@pytest.mark.parametrize("seat", ["1-03", "1-3", "01-03", "1-02"])
def test_nobody_is_moved_to_a_seat_that_is_taken_however_it_is_written(seat: str) -> None:
    Playbook(HALL).move("M02", seat).refused(Reason.SEAT_TAKEN, seat=seat)


@pytest.mark.parametrize("seat", ["", "3", "row 3", "3-07\n", "３-０７", "3-0007", "-3-07"])
def test_a_seat_is_written_as_in_the_roster(seat: str) -> None:
    Playbook(HALL).move("M02", seat).refused(Reason.SEAT_MALFORMED)


def test_only_people_of_the_roster_sit() -> None:
    book = Playbook(HALL).move("M99", "9-09").refused(Reason.NO_SUCH_PERSON, person="M99")
    book.move("A01", "9-09").followed()


def test_whoever_leaves_the_roster_is_no_longer_present() -> None:
    book = Playbook(HALL).check_in("M01", "M05")
    book.clerk(LoadDefinition(small_definition(members=4)))
    assert set(book.meeting.present) == {"M01"}
    book.followed()


# the window of check-in


WINDOW = hall(MOTION, check_in_minutes=10)


def test_members_check_in_themselves_only_while_the_window_is_open() -> None:
    book = Playbook(WINDOW).check_in("M01").refused(Reason.CHECK_IN_NOT_OPEN)
    opened = book.chair(OpenCheckIn()).came_to(CheckInOpened(600)).at
    book.check_in("M01")
    book.at = opened + 599_999
    book.check_in("M02")
    book.at = opened + 600_000
    book.check_in("M03").refused(Reason.CHECK_IN_NOT_OPEN)
    book.check_in_by_hand("M03", "迟到，窗口已关")
    assert set(book.followed().present) == {"M01", "M02", "M03"}


def test_chair_and_clerk_open_and_close_it_and_a_doubled_command_changes_nothing() -> None:
    book = Playbook(WINDOW)
    book.clerk(CloseCheckIn()).refused(Reason.CHECK_IN_NOT_OPEN)
    book.clerk(OpenCheckIn()).chair(OpenCheckIn()).refused(Reason.CHECK_IN_OPEN)
    book.chair(CloseCheckIn()).clerk(CloseCheckIn()).refused(Reason.CHECK_IN_NOT_OPEN)
    book.check_in("M01").refused(Reason.CHECK_IN_NOT_OPEN)
    book.chair(OpenCheckIn()).check_in("M01").wait(600).chair(OpenCheckIn()).check_in("M02").followed()


def test_who_is_there_already_hears_so_and_not_that_the_window_is_closed() -> None:
    book = Playbook(WINDOW).check_in_by_hand("M01")
    book.check_in("M01").refused(Reason.ALREADY_PRESENT)


def test_without_a_window_check_in_is_always_open() -> None:
    book = Playbook(HALL).enrol(*CHAIR)
    book.chair(OpenCheckIn()).refused(Reason.NO_CHECK_IN_WINDOW)
    book.clerk(CloseCheckIn()).refused(Reason.NO_CHECK_IN_WINDOW)
    book.wait(86_400).check_in("M02").followed()


def test_whoever_left_comes_back_through_the_window_or_by_hand() -> None:
    book = Playbook(WINDOW).clerk(OpenCheckIn()).check_in("M01").clerk(CloseCheckIn()).check_out("M01")
    book.check_in("M01").refused(Reason.CHECK_IN_NOT_OPEN)
    book.check_in_by_hand("M01", "返回").followed()


# left early, excused


def test_who_left_early_is_noted_with_the_reason_until_they_are_back() -> None:
    book = Playbook(HALL).check_in("M02").check_out("M02", "就医")
    assert dict(book.meeting.left.items()) == {"M02": "就医"}
    book.check_in("M02")
    assert not book.meeting.left
    book.followed()


def test_a_member_who_has_not_been_there_is_excused_once_and_present_when_they_come() -> None:
    book = Playbook(HALL).excuse("M02", "出差").came_to(Excused("M02", "出差"))
    assert dict(book.meeting.excused.items()) == {"M02": "出差"}
    book.excuse("M02").refused(Reason.ALREADY_EXCUSED, person="M02")
    book.check_in("M02").excuse("M02").refused(Reason.ALREADY_PRESENT, person="M02")
    assert (set(book.meeting.present), len(book.meeting.excused)) == ({"M02"}, 0)
    book.check_out("M02", "就医").excuse("M02").refused(Reason.ALREADY_LEFT, person="M02")
    book.followed()


def test_only_members_are_excused_and_for_a_reason() -> None:
    book = Playbook(HALL)
    book.excuse("A01").refused(Reason.NOT_ENTITLED, person="A01")
    book.excuse("M99").refused(Reason.NO_SUCH_PERSON, person="M99")
    book.excuse("M02", " ").refused(Reason.TEXT_REFUSED)


def test_whoever_leaves_the_roster_is_neither_excused_nor_away() -> None:
    book = Playbook(HALL).excuse("M05").excuse("M04").check_in("M03").check_out("M03")
    book.clerk(LoadDefinition(small_definition(members=3)))
    assert (set(book.meeting.excused), set(book.meeting.left)) == (set(), {"M03"})
    book.followed()


# late arrivals


def test_who_comes_late_gets_the_open_ballot_at_once() -> None:
    book = Playbook(HALL).check_in("M01", "M02", "M03").open("1").check_in("M04").cast("M04", 90).close()
    assert (len(book.newest.present), book.newest.received) == (4, 1)
    book.followed()


def test_or_waits_for_the_next_round_where_the_hall_says_so() -> None:
    book = Playbook(hall(SCORE, late_ballots=False)).check_in("M01", "M02", "M03").open("score")
    book.check_in("M04").cast("M04", 90).refused(Reason.CAME_LATE)
    book.check_out("M03").check_in("M03").cast("M03", 80).close()
    assert (set(book.newest.present), book.newest.received) == ({"M01", "M02", "M03"}, 1)
    book.announce().open("score").cast("M04", 90)
    assert set(book.newest.present) == {"M01", "M02", "M03", "M04"}
    book.followed()


def test_the_first_press_stays_even_when_its_member_has_gone_and_come_again() -> None:
    book = full_house(hall(ruled(MOTION, press=Press.FIRST))).open("motion").vote(Option.FOR, "M02")
    book.check_out("M02").check_in("M02").vote(Option.AGAINST, "M02").refused(Reason.ALREADY_VOTED)
    assert book.figures.choices[0].count(Option.FOR) == 1
    book.followed()
