"""Whole meetings of random commands: what must hold after every single one of them."""

import statistics
from decimal import Decimal
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kit.factories import live_rules, small_definition
from kit.playbook import CHAIR, Given, Playbook
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Answer,
    Body,
    Cast,
    CheckIn,
    CheckInByHand,
    CheckOut,
    CloseMeeting,
    CloseRound,
    ExtendRound,
    LiftRecusal,
    LoadDefinition,
    MoveSeat,
    OpenRound,
    PauseRound,
    Recuse,
    ResumeRound,
    Score,
    VoidRound,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Press, Role
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    CheckedOut,
    Event,
    RecusalLifted,
    Recused,
    RoundClosed,
    RoundOpened,
    RoundVoided,
)
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal, Round
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.picture import Picture, difference, updated
from pingyi_server.gateway.publisher import Projector

PEOPLE = [f"M{place:02}" for place in range(1, 6)]
people = st.sampled_from([*PEOPLE, "A01", "M99"])
items = st.sampled_from(["1", "2", "3"])
numbers = st.sampled_from([1, 1, 1, 1, 0, 2])
good_scores = st.one_of(st.integers(0, 100), st.none())
odd_scores = st.sampled_from([None, "50", "101", "-1", "0.5", "NaN", "1E+2"])
reasons = st.sampled_from(["理由", "", "a\nb"])
seats = st.sampled_from(["9-01", "9-02", "1-01", "1-1", "x"])
Steering = type[PauseRound] | type[ResumeRound] | type[CloseRound] | type[AnnounceRound]
moves: st.SearchStrategy[Steering] = st.sampled_from([PauseRound, ResumeRound, CloseRound, AnnounceRound])


class WholeMeeting(RuleBasedStateMachine):
    """Any command from anybody at any time; the model keeps its own account of the events."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Playbook(None)
        self.projector = Projector("epoch")
        self.picture: Picture | None = None
        self.counted = 0
        self.present: set[str] = set()
        self.for_round: dict[tuple[str, int], set[str]] = {}
        self.ballots: dict[tuple[str, int], dict[str, tuple[Answer, ...]]] = {}
        self.received: dict[tuple[str, int], int] = {}
        self.closed: dict[tuple[str, int], RoundFigures] = {}
        self.void: dict[tuple[str, int], str] = {}
        self.recused: dict[str, set[str]] = {}
        self.recused_for_round: dict[tuple[str, int], set[str]] = {}

    @initialize(press=st.sampled_from(Press), seconds=st.sampled_from([None, 5]), ends=st.booleans())
    def load(self, press: Press, seconds: int | None, ends: bool) -> None:
        rules = live_rules(press=press, seconds=seconds, timer_closes=ends)
        self.book.clerk(LoadDefinition(small_definition(members=5, rules=rules)))
        self.book.enrol(*CHAIR)
        for person in PEOPLE:
            self.book.enrol(person)

    def say(self, principal: Principal, body: Body) -> None:
        """Let somebody say something; what is refused changes nothing."""
        before, leaves = self.book.meeting, len(self.book.entries)
        self.book.say(principal, body)
        if isinstance(self.book.outcome, Refusal):
            assert self.book.meeting is before
            assert len(self.book.entries) == leaves
            self.book.outcome = None

    def member(self, person: str, body: Body) -> None:
        if person in PEOPLE:
            self.say(Principal(person, Role.MEMBER), body)

    # commands, more often sensible than not

    @rule(person=st.sampled_from(PEOPLE))
    def arrive(self, person: str) -> None:
        self.member(person, CheckIn())

    @rule(person=people, reason=reasons)
    def arrive_by_hand(self, person: str, reason: str) -> None:
        self.say(CLERK, CheckInByHand(person, reason))

    @rule(person=people, reason=reasons)
    def leave(self, person: str, reason: str) -> None:
        self.say(CLERK, CheckOut(person, reason))

    @rule(person=people, seat=seats)
    def move(self, person: str, seat: str) -> None:
        self.say(CLERK, MoveSeat(person, seat))

    @rule(person=people, item=items, reason=reasons)
    def recuse(self, person: str, item: str, reason: str) -> None:
        self.say(CLERK, Recuse(person, item, reason))

    @rule(person=people, item=items)
    def lift_recusal(self, person: str, item: str) -> None:
        self.say(CLERK, LiftRecusal(person, item, "理由"))

    @rule(item=items)
    def open(self, item: str) -> None:
        for person in PEOPLE[:3]:  # a quorum, or most runs would never open anything
            self.member(person, CheckIn())
        earlier = self.book.meeting.round_of(item)
        self.say(CHAIR, OpenRound(item, earlier.number + 1 if earlier else 1))

    @rule(item=items, number=numbers)
    def open_astray(self, item: str, number: int) -> None:
        self.say(CHAIR, OpenRound(item, number))

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(reason=reasons)
    def declare_void(self, reason: str) -> None:
        self.say(CHAIR, VoidRound(self.book.newest.item, self.book.newest.number, reason))

    @rule(item=items, number=numbers)
    def declare_void_astray(self, item: str, number: int) -> None:
        self.say(CHAIR, VoidRound(item, number, "理由"))

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(ballots=st.lists(st.tuples(st.sampled_from(PEOPLE), good_scores, good_scores), min_size=1, max_size=4))
    def cast(self, ballots: list[tuple[str, Given, Given]]) -> None:
        for person, *given in ballots:
            targets = self.book.meeting.items[self.book.newest.item].targets
            self.member(person, self.book.ballot(*given[: len(targets)]))

    @rule(person=st.sampled_from(PEOPLE), item=items, number=numbers, score=odd_scores)
    def cast_astray(self, person: str, item: str, number: int, score: Given) -> None:
        answer = Score("T01", "", None if score is None else Decimal(score))
        self.member(person, Cast(item, number, (answer,)))

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(kind=moves)
    def steer(self, kind: Steering) -> None:
        self.say(CHAIR, kind(self.book.newest.item, self.book.newest.number))

    @rule(item=items, number=numbers, kind=moves)
    def steer_astray(self, item: str, number: int, kind: Steering) -> None:
        self.say(CHAIR, kind(item, number))

    @precondition(lambda self: len(self.book.meeting.rounds) > 1)
    @rule()
    def end(self) -> None:
        self.say(CHAIR, CloseMeeting())

    @rule(item=items, number=numbers, seconds=st.integers(-1, 10))
    def extend(self, item: str, number: int, seconds: int) -> None:
        self.say(CHAIR, ExtendRound(item, number, seconds))

    @rule()
    def load_again(self) -> None:
        self.say(CLERK, LoadDefinition(small_definition(members=5)))

    @rule(milliseconds=st.integers(0, 6000), looked=st.booleans())
    def time_passes(self, milliseconds: int, looked: bool) -> None:
        self.book.wait(milliseconds / 1000)
        if looked:
            self.book.tick()

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule()
    def crash(self) -> None:
        self.book.restart()

    @precondition(lambda self: self.book.meeting.closed is None)
    @rule(person=st.sampled_from(PEOPLE))
    def replace_terminal(self, person: str) -> None:
        self.book.enrol(person, device=f"device {self.book.sent}")

    # what must hold

    def account(self) -> None:
        """Take the new events into the model's own account."""
        for entry in self.book.entries[self.counted :]:
            self.account_recusal(entry.event)
            match entry.event:
                case CheckedIn(person, _):
                    self.present.add(person)
                    for key in self.ballots.keys() - self.closed.keys() - self.void.keys():
                        self.for_round[key].add(person)
                case CheckedOut(person, _):
                    self.present.discard(person)
                case RoundOpened(item, number, _):
                    self.for_round[item, number] = set(self.present)
                    self.recused_for_round[item, number] = set(self.recused.get(item, ()))
                    self.ballots[item, number] = {}
                case BallotCast(person, item, number, _, answers):
                    assert (item, number) not in self.closed.keys() | self.void.keys()
                    assert person not in self.recused_for_round[item, number]
                    self.ballots[item, number][person] = answers
                case RoundClosed(item, number, first, last, present, received, recused):
                    assert recused == len(self.for_round[item, number] & self.recused_for_round[item, number])
                    assert first < last + 2 <= entry.index + 1
                    assert (present, received) == (len(self.for_round[item, number]), len(self.ballots[item, number]))
                    self.closed[item, number] = round_figures(self.book.meeting, self.round(item, number))
                case RoundVoided(item, number, reason):
                    assert (item, number) not in self.void
                    self.void[item, number] = reason
                case _:
                    pass
        self.counted = len(self.book.entries)
        if self.book.meeting.closed is not None:
            assert self.book.meeting.closed == self.counted - 1

    def account_recusal(self, event: Event) -> None:
        match event:
            case Recused(person, item, _):
                self.recused.setdefault(item, set()).add(person)
            case RecusalLifted(person, item, _):
                self.recused[item].remove(person)
            case _:
                pass

    def round(self, item: str, number: int) -> Round:
        return next(one for one in self.book.meeting.rounds if (one.item, one.number) == (item, number))

    @invariant()
    def the_rounds_are_what_the_events_say(self) -> None:
        self.account()
        meeting = self.book.meeting
        assert set(meeting.present) == self.present
        assert sum(one.live for one in meeting.rounds) <= 1
        assert [(one.item, one.number) for one in meeting.rounds] == list(self.ballots)
        for item in meeting.items:
            assert [one.number for one in meeting.rounds if one.item == item] == [
                *range(1, 1 + sum(key[0] == item for key in self.ballots))
            ]
        for one in meeting.rounds:
            key = (one.item, one.number)
            assert set(one.present) == self.for_round[key]
            assert {person: ballot.answers for person, ballot in one.ballots.items()} == self.ballots[key]
            assert set(one.ballots) <= set(one.present) <= meeting.entitled
            assert set(one.recused) == self.recused_for_round[key]
            assert len(one.ballots) >= self.received.get(key, 0)
            self.received[key] = len(one.ballots)
            assert (one.phase is Phase.VOID, one.reason) == (key in self.void, self.void.get(key, ""))

    @invariant()
    def closed_figures_never_change(self) -> None:
        self.account()
        for (item, number), figures in self.closed.items():
            assert round_figures(self.book.meeting, self.round(item, number)) == figures

    @invariant()
    def the_figures_are_those_of_an_independent_count(self) -> None:
        self.account()
        one = self.book.meeting.latest
        if one is None:
            return
        figures = round_figures(self.book.meeting, one)
        for place, target in enumerate(figures.targets):
            answers = [answers[place].score for answers in self.ballots[one.item, one.number].values()]
            given = [Fraction(score) for score in answers if score is not None]
            assert (target.scores, target.abstentions) == (len(given), answers.count(None))
            able = self.for_round[one.item, one.number] - self.recused_for_round[one.item, one.number]
            assert target.not_voted == len(able) - len(answers)
            counts = (target.scores, target.abstentions, target.not_voted, figures.recused)
            assert sum(counts) == figures.present == len(self.for_round[one.item, one.number])
            assert Fraction(target.total) == sum(given)
            if given:
                assert target.exact is not None
                assert Fraction(target.exact) == statistics.mean(given)
                assert Fraction(target.least or 0) == min(given)
                assert Fraction(target.greatest or 0) == max(given)
                assert abs(Fraction(target.median or 0) - statistics.median(given)) <= Fraction(1, 200)
            assert sum(value.count for value in target.values) == len(given)

    @invariant()
    def the_terminals_picture_is_the_projection(self) -> None:
        number = 0 if self.picture is None else self.picture.sequence + 1
        full = self.projector.picture(self.book.meeting, str(self.book.meeting.size), self.book.at, number)
        if self.picture is not None:
            assert updated(self.picture, difference(self.picture, full)) == full
        self.picture = full

    def teardown(self) -> None:
        """The verifier arrives at the same meeting."""
        self.book.followed()


TestWholeMeetings = WholeMeeting.TestCase
TestWholeMeetings.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
