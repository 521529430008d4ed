"""Whole meetings of random commands: what must hold after every single one of them."""

from decimal import Decimal

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kit.every_kind import CRITERIA, MOTION, RATING, SELECTION, hall, ruled
from kit.factories import live_rules
from kit.playbook import CHAIR, Playbook
from kit.pretending import Picks, ballot_of, counts_of
from kit.tellers import Tellers
from kit.ushers import Ushers, count_groups, count_trimmed
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceRound,
    AnswerCount,
    Body,
    Cast,
    CheckIn,
    CheckInByHand,
    CheckOut,
    Choice,
    CloseCheckIn,
    CloseMeeting,
    CloseRound,
    ConfirmRound,
    CountersignVoid,
    EnterResult,
    Excuse,
    ExtendRound,
    LiftRecusal,
    LoadDefinition,
    MoveSeat,
    OpenCheckIn,
    OpenRound,
    PauseRound,
    Recuse,
    ReorderAgenda,
    ResumeRound,
    Score,
    TakeBackVoid,
    VoidRound,
    WithdrawItem,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import (
    Base,
    Definition,
    Display,
    Item,
    MotionRules,
    Option,
    Passing,
    Press,
    Role,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.picture import Picture, difference, updated
from pingyi_server.gateway.publisher import Projector

PEOPLE = [f"M{place:02}" for place in range(1, 6)]
SCRUTINEERS = ["M02", "M03"]
GROUPS = {"M01": "一组", "M02": "一组", "M03": "二组", "M04": "二组"}
ITEMS = ["score", "criteria", "motion", "rating", "selection", "trial"]
EXTRA = Item("extra", "临时议题", ("T03",), ScoreRules(question=Passing()))

people = st.sampled_from([*PEOPLE, "A01", "M99"])
items = st.sampled_from([*ITEMS, EXTRA.id])
any_items = st.sampled_from([*ITEMS, EXTRA.id, "nothing"])
numbers = st.sampled_from([1, 1, 1, 1, 0, 2, 10**30])
picks = st.lists(st.none() | st.integers(0, 100), min_size=8, max_size=8)
odd_scores = st.sampled_from(["50", "101", "-1", "0.5", "NaN", "sNaN", "1E+2"]).map(
    lambda text: Score("T01", "", Decimal(text))
)
odd_answers = odd_scores | st.builds(Choice, st.sampled_from(["", "T01", "T09"]), st.sampled_from(Option))
odd_counts = st.builds(AnswerCount, odd_answers, st.sampled_from([-1, 0, 1, 2, 10**30]))
reasons = st.sampled_from(["理由", "理由", "", "a\nb"])
seats = st.sampled_from(["9-01", "9-02", "1-01", "1-1", "x"])
targets = st.sampled_from(["T01", "T02", "T03", "T04", "T09"])
Steering = type[PauseRound] | type[ResumeRound] | type[CloseRound] | type[AnnounceRound]
moves: st.SearchStrategy[Steering] = st.sampled_from([PauseRound, ResumeRound, CloseRound, AnnounceRound])
by_clerk = st.just(CLERK)
by_member = st.sampled_from(PEOPLE).map(lambda person: Principal(person, Role.MEMBER))
by_scrutineer = st.sampled_from(SCRUTINEERS).map(lambda person: Principal(person, Role.SCRUTINEER))
attendance = st.one_of(
    st.tuples(by_member, st.just(CheckIn())),
    st.tuples(by_clerk, st.builds(CheckInByHand, people, reasons)),
    st.tuples(by_clerk, st.builds(CheckOut, people, reasons)),
    st.tuples(by_clerk, st.builds(CheckOut, people, st.just("早退"))),
    st.tuples(by_clerk, st.builds(Excuse, people, reasons)),
    st.tuples(by_clerk, st.builds(Recuse, people, any_items, reasons)),
    st.tuples(by_clerk, st.builds(LiftRecusal, people, any_items, reasons)),
    st.tuples(by_clerk, st.builds(MoveSeat, people, seats)),
    st.tuples(st.sampled_from([CHAIR, CLERK]), st.sampled_from([OpenCheckIn(), CloseCheckIn()])),
)
astray: st.SearchStrategy[tuple[Principal, Body]] = st.one_of(
    st.tuples(st.just(CHAIR), st.builds(OpenRound, any_items, numbers, st.lists(targets, max_size=2).map(tuple))),
    st.tuples(st.just(CHAIR), moves.flatmap(lambda kind: st.builds(kind, any_items, numbers))),
    st.tuples(st.just(CHAIR), st.builds(ExtendRound, any_items, numbers, st.integers(-1, 10))),
    st.tuples(st.just(CHAIR), st.builds(VoidRound, any_items, numbers, reasons)),
    st.tuples(st.just(CHAIR), st.builds(TakeBackVoid, any_items, numbers)),
    st.tuples(by_scrutineer, st.builds(CountersignVoid, any_items, numbers, reasons)),
    st.tuples(by_clerk, st.builds(ReorderAgenda, st.lists(any_items, max_size=6).map(tuple))),
    st.tuples(by_clerk, st.builds(AddItem, st.sampled_from([msgspec.structs.replace(EXTRA, id="score"), MOTION]))),
    st.tuples(
        by_clerk,
        st.builds(
            EnterResult,
            any_items,
            numbers,
            st.just("停电"),
            numbers,
            st.just(0),
            st.lists(odd_counts, max_size=3).map(tuple),
        ),
    ),
    st.tuples(
        by_scrutineer,
        st.builds(
            ConfirmRound,
            any_items,
            numbers,
            numbers,
            numbers,
            numbers,
            numbers,
            st.lists(odd_counts, max_size=2).map(tuple),
        ),
    ),
    st.tuples(by_member, st.builds(Cast, any_items, numbers, st.lists(odd_answers, max_size=3).map(tuple))),
)


class WholeMeeting(RuleBasedStateMachine):
    """Any command from anybody at any time; the tellers keep books of their own on the events."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Playbook(None)
        self.tellers = Tellers()
        self.ushers = Ushers(self.tellers)
        self.projector = Projector("epoch")
        self.picture: Picture | None = None
        self.told = 0
        self.definition: Definition

    @initialize(
        press=st.sampled_from(Press),
        seconds=st.sampled_from([None, 5]),
        ends=st.booleans(),
        minutes=st.sampled_from([None, 1]),
        late=st.booleans(),
        leave=st.booleans(),
        base=st.sampled_from(Base),
    )
    def load(
        self, press: Press, seconds: int | None, ends: bool, minutes: int | None, late: bool, leave: bool, base: Base
    ) -> None:
        common = {"press": press, "seconds": seconds, "timer_closes": ends, "dropped": 1}
        definition = hall(
            Item("score", "评议两局", ("T01", "T02"), live_rules(**common)),
            ruled(CRITERIA, ScoreRules(question=Passing(base=base), least_group=2, seconds=seconds)),
            ruled(
                MOTION, MotionRules(passing=Passing(base=base), confirmed=True, display=Display.ON_CLOSE, least_group=2)
            ),
            ruled(RATING, least_group=2, press=press),
            ruled(SELECTION, SelectionRules(winners=2, most=3, least=1, passing=None if late else Passing(1, 5))),
            check_in_minutes=minutes,
            late_ballots=late,
            recused_leave=leave,
        )
        roster = (msgspec.structs.replace(one, group=GROUPS.get(one.number, "")) for one in definition.roster)
        self.definition = msgspec.structs.replace(definition, roster=tuple(roster))
        self.book.clerk(LoadDefinition(self.definition))
        self.book.enrol(*CHAIR)
        for person in PEOPLE:
            self.book.enrol(person)
        for person in SCRUTINEERS:
            self.book.enrol(person, Role.SCRUTINEER)

    def say(self, principal: Principal, body: Body) -> None:
        """Let somebody say something; what the books find lawful is accepted, and what is refused changes nothing."""
        self.tell()
        welcome = self.ushers.welcome(principal, body, self.book.at)
        before, leaves = self.book.meeting, len(self.book.entries)
        self.book.say(principal, body)
        if isinstance(self.book.outcome, Refusal):
            assert not welcome, (principal, body, self.book.outcome)
            assert self.book.meeting is before
            assert len(self.book.entries) == leaves
            self.book.outcome = None

    def member(self, person: str, body: Body) -> None:
        self.say(Principal(person, Role.MEMBER), body)

    def quorum(self) -> None:
        """Let most be there, or most runs would never open anything."""
        for person in PEOPLE[:4]:
            self.say(CLERK, CheckInByHand(person, "签到"))

    # commands, more often sensible than not

    @rule(said=attendance)
    def come_or_go(self, said: tuple[Principal, Body]) -> None:
        self.say(*said)

    @rule(person=st.sampled_from(PEOPLE), item=items, lifted=st.booleans())
    def leave_and_return(self, person: str, item: str, *, lifted: bool) -> None:
        """Leave, come back oneself, and be recused from an item, rightly or by mistake."""
        self.say(CLERK, Excuse(person, "出差"))
        self.say(CLERK, CheckOut(person, "早退"))
        self.say(CHAIR, OpenCheckIn())
        self.member(person, CheckIn())
        self.say(CLERK, Recuse(person, item, "近亲属在该单位任职"))
        if lifted:
            self.say(CLERK, LiftRecusal(person, item, "登记有误"))

    @rule(said=astray)
    def go_astray(self, said: tuple[Principal, Body]) -> None:
        self.say(*said)

    @rule(data=st.data())
    def change_the_agenda(self, data: st.DataObject) -> None:
        before = [item.id for item in self.book.meeting.agenda]
        order = st.permutations(before).map(lambda order: ReorderAgenda(tuple(order)))
        withdrawal = st.builds(WithdrawItem, any_items, reasons)
        again = st.just(LoadDefinition(self.definition))
        self.say(CLERK, data.draw(st.one_of(st.just(AddItem(EXTRA)), order, withdrawal, again)))

    def open(self, item: str, *among: str) -> None:
        self.quorum()
        self.say(CHAIR, OpenRound(item, self.book.following(item), among))

    @rule(item=items, ballots=st.lists(picks, min_size=1, max_size=4), upto=st.integers(0, 3))
    def hold(self, item: str, ballots: list[Picks], upto: int) -> None:
        """Open an item, let some vote on it, and go on a step, two or three."""
        self.open(item)
        for person, which in zip(PEOPLE, ballots, strict=False):
            self.cast_as(person, which)
        if upto > 0:
            self.steer(CloseRound)
        if upto > 1:
            self.confirm("M03")
        if upto > 2:
            self.steer(AnnounceRound)

    @rule(ballots=st.lists(picks, min_size=2, max_size=4))
    def decide_a_tie(self, ballots: list[Picks]) -> None:
        """Let a selection end in a tie, if it does, and hold the round among the tied."""
        self.hold("selection", ballots, 3)
        latest = self.book.meeting.round_of("selection")
        figures = round_figures(self.book.meeting, latest).selection if latest is not None else None
        if figures is not None and figures.tied:
            self.open("selection", *figures.tied)

    def cast_as(self, person: str, which: Picks) -> None:
        one = self.book.meeting.latest
        if one is None:
            return
        item = self.book.meeting.items[one.item]
        answers = ballot_of(item, which, one.candidates, one.places)
        self.member(person, Cast(one.item, one.number, answers))

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(ballots=st.lists(st.tuples(st.sampled_from(PEOPLE), picks), min_size=1, max_size=4))
    def cast(self, ballots: list[tuple[str, Picks]]) -> None:
        for person, which in ballots:
            self.cast_as(person, which)

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(kind=moves)
    def steer(self, kind: Steering) -> None:
        if self.book.meeting.latest is not None:
            self.say(CHAIR, kind(self.book.newest.item, self.book.newest.number))

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(reason=reasons)
    def declare_void(self, reason: str) -> None:
        self.say(CHAIR, VoidRound(self.book.newest.item, self.book.newest.number, reason))

    @precondition(lambda self: self.book.meeting.voiding is not None)
    @rule(person=st.sampled_from(SCRUTINEERS), agreed=st.booleans())
    def settle_void(self, person: str, *, agreed: bool) -> None:
        """A scrutineer signs what the chair declared void, or the chair lets it stand."""
        one = self.book.meeting.voiding
        if one is None or one.voiding is None:
            return
        if agreed:
            self.say(Principal(person, Role.SCRUTINEER), CountersignVoid(one.item, one.number, one.voiding.reason))
        else:
            self.say(CHAIR, TakeBackVoid(one.item, one.number))

    # by hand

    @precondition(lambda self: self.book.meeting.latest is not None)
    @rule(person=st.sampled_from(SCRUTINEERS))
    def confirm(self, person: str) -> None:
        if self.book.meeting.latest is None:
            return
        self.say(Principal(person, Role.SCRUTINEER), self.book.count)

    @rule(item=items, ballots=st.lists(picks, max_size=5), invalid=st.integers(0, 2))
    def enter(self, item: str, ballots: list[Picks], invalid: int) -> None:
        self.quorum()
        line = self.book.meeting.items.get(item)
        counts = counts_of(line, ballots) if line is not None else ()
        self.say(
            CLERK,
            EnterResult(item, self.book.following(item), "停电", len(ballots) + invalid, invalid, counts),
        )

    # the meeting

    @precondition(lambda self: len(self.book.meeting.rounds) > 5)
    @rule()
    def end(self) -> None:
        self.say(CHAIR, CloseMeeting())

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

    def tell(self) -> None:
        """Let the tellers enter what is new."""
        for entry in self.book.entries[self.told :]:
            self.tellers.take(entry, self.book.meeting)
            self.ushers.take(entry)
        self.told = len(self.book.entries)

    @invariant()
    def the_meeting_is_what_the_events_say_and_what_is_closed_never_changes(self) -> None:
        self.tell()
        self.tellers.agree(self.book.meeting)
        if self.book.meeting.closed is not None:
            assert self.book.meeting.closed == self.told - 1

    @invariant()
    def the_figures_are_those_of_an_independent_count(self) -> None:
        self.tell()
        latest = self.book.meeting.latest
        if latest is not None:
            self.tellers.count_again(self.book.meeting, latest)
            book, item = self.tellers.books[latest.item, latest.number], self.book.meeting.items[latest.item]
            figures = round_figures(self.book.meeting, latest)
            count_groups(self.definition, item, book, figures)
            for target in figures.targets:
                count_trimmed(item, book, target)

    @invariant()
    def the_terminals_picture_is_the_projection_and_shows_nothing_too_early(self) -> None:
        number = 0 if self.picture is None else self.picture.sequence + 1
        full = self.projector.picture(self.book.meeting, str(self.book.meeting.size), self.book.at, number)
        if self.picture is not None:
            assert updated(self.picture, difference(self.picture, full)) == full
        self.picture = full
        self.tell()
        shown = {(one.item, one.round): one for one in full.published}
        for one in self.book.meeting.rounds:
            key = (one.item, one.number)
            if key in shown:
                assert shown[key] == self.tellers.books[key].closed
                assert one.phase in (Phase.CLOSED, Phase.ANNOUNCED)
                assert one.phase is Phase.ANNOUNCED or not self.book.meeting.awaits_confirmation(one)

    def teardown(self) -> None:
        """The verifier arrives at the same meeting."""
        self.book.followed()


TestWholeMeetings = WholeMeeting.TestCase
TestWholeMeetings.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
