"""One live session a seat: who is listened to when the keys of a device are in two places."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from pingyi_server.gateway.seats import MOST_OUSTED, Route, Seats, Verdict

SILENT = 6.0
HERE, THERE = Route("meeting", b"here"), Route("meeting", b"there")


def standing(_: Route) -> bool:
    return True


def broken(_: Route) -> bool:
    return False


def seated(now: float = 0.0) -> Seats:
    seats = Seats(SILENT)
    assert seats.hear("seat", HERE, now, pinned=False, stands=broken) == (Verdict.LIVE, None)
    return seats


def test_copied_keys_get_nothing_while_the_member_is_there() -> None:
    seats = seated()
    for second in range(1, 100):
        assert seats.hear("seat", HERE, second, pinned=False, stands=broken)[0] is Verdict.LIVE
        assert seats.hear("seat", THERE, second + 0.5, pinned=False, stands=standing) == (Verdict.ELSEWHERE, None)
        assert not seats.is_live("seat", THERE)


def test_a_terminal_that_was_killed_and_started_again_is_let_in_at_once() -> None:
    assert seated().hear("seat", THERE, 0.1, pinned=False, stands=broken) == (Verdict.LIVE, None)


def test_a_session_whose_connection_broke_waits_when_another_came_meanwhile_and_may_come_back() -> None:
    seats = seated()
    assert seats.hear("seat", THERE, 1, pinned=False, stands=broken)[0] is Verdict.LIVE
    assert seats.hear("seat", HERE, 2, pinned=False, stands=standing)[0] is Verdict.ELSEWHERE
    assert seats.hear("seat", HERE, 3.1, pinned=False, stands=broken)[0] is Verdict.LIVE


def test_one_who_has_been_silent_is_followed_told_and_never_heard_again() -> None:
    seats = seated()
    assert seats.hear("seat", THERE, 5, pinned=False, stands=standing) == (Verdict.ELSEWHERE, None)
    assert seats.hear("seat", THERE, 6.5, pinned=False, stands=standing) == (Verdict.LIVE, HERE)
    for second in range(7, 60):
        assert seats.hear("seat", HERE, second, pinned=False, stands=broken) == (Verdict.TAKEN_OVER, None)


def test_a_server_that_was_held_up_does_not_take_everybody_for_silent() -> None:
    seats = seated()
    assert seats.hear("seat", THERE, 60.0, pinned=False, stands=standing) == (Verdict.ELSEWHERE, None)
    assert seats.hear("seat", HERE, 60.1, pinned=False, stands=standing) == (Verdict.LIVE, None)
    assert seats.hear("seat", THERE, 61.5, pinned=False, stands=standing) == (Verdict.ELSEWHERE, None)


def test_who_has_typed_the_pin_takes_over_and_the_first_is_told() -> None:
    seats = seated()
    assert seats.hear("seat", THERE, 0.1, pinned=True, stands=standing) == (Verdict.LIVE, HERE)
    assert seats.hear("seat", HERE, 0.2, pinned=True, stands=standing) == (Verdict.TAKEN_OVER, None)


def test_whether_a_connection_stands_is_tried_twice_a_second_however_often_another_knocks() -> None:
    seats, asked = seated(), []

    def asking(route: Route) -> bool:
        asked.append(route)
        return True

    for knock in range(500):
        seats.hear("seat", THERE, 1 + knock / 100, pinned=False, stands=asking)
        seats.hear("seat", HERE, 1 + knock / 100, pinned=False, stands=asking)
    assert asked == [HERE] * 10


def test_who_takes_over_a_thousand_times_fills_no_memory() -> None:
    seats = seated()
    for number in range(1000):
        seats.hear("seat", Route("meeting", b"%d" % number), number, pinned=True, stands=standing)
    assert len(seats.seats["seat"].ousted) == MOST_OUSTED


class Contest(RuleBasedStateMachine):
    """Three sessions with the keys of one device, in any order: never are two listened to at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.seats = Seats(SILENT)
        self.now = 0.0
        self.told: set[Route] = set()
        self.gone: set[Route] = set()

    @rule(who=st.integers(0, 2), pause=st.floats(0, 8), pinned=st.booleans(), gone=st.sets(st.integers(0, 2)))
    def speak(self, who: int, pause: float, pinned: bool, gone: set[int]) -> None:
        self.now += pause
        route = Route("meeting", bytes([who]))
        was_live = self.seats.is_live("seat", route)
        verdict, before = self.seats.hear(
            "seat", route, self.now, pinned=pinned, stands=lambda one: one.id[0] not in gone
        )
        if route in self.told:
            assert verdict is Verdict.TAKEN_OVER
        if was_live:
            assert verdict is Verdict.LIVE
        if before is not None:
            self.told.add(before)
            assert before != route
        live = [
            Route("meeting", bytes([one]))
            for one in range(3)
            if self.seats.is_live("seat", Route("meeting", bytes([one])))
        ]
        assert len(live) == 1
        assert (live == [route]) == (verdict is Verdict.LIVE)
        assert not set(live) & self.told


TestContest = Contest.TestCase
