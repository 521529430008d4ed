"""Whole meetings with secret rounds, of random commands: turnout is right, no score is known early, all come out."""

import tempfile
from base64 import b64decode, b64encode
from functools import cache
from itertools import cycle
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kit.every_kind import MOTION, SCORE, SELECTION, ruled
from kit.every_state import Scene, member, scrutineer
from kit.playbook import CHAIR
from kit.pretending import Picks, ballot_of
from kit.records import Record
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from kit.secret_records import record_of
from kit.tampering import found
from kit.urns import Urn
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Body,
    CheckIn,
    CheckOut,
    CloseRound,
    CountersignVoid,
    OpenPart,
    OpenRound,
    OverrideCosigning,
    PauseRound,
    ResumeRound,
    TakeBackVoid,
    VoidRound,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import TRIAL, Item, Opens, Role, ScoreRules
from pingyi_protocol.meeting.events import BallotsChecked, InvalidBallot, OpeningBegun, RoundUnsealed
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal, Round
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.sealed_ballots import ballots_checked, to_be_checked
from pingyi_protocol.meeting.unsealing import borne_out
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.secret.dealing import respond, take_share
from pingyi_server.gateway.publisher import Projector

change = msgspec.structs.replace

PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")
KEPT = 4
"""So many never leave: with fewer no secret round would ever begin."""

ITEMS = {
    item.id: item
    for item in (
        secretly(MOTION),
        secretly(SCORE, step="20"),
        change(secretly(ruled(SCORE, bands=()), Opens.DISTRIBUTION, step="50"), id="spread"),
        change(secretly(SELECTION, Opens.DISTRIBUTION), targets=("T01", "T02", "T03")),
    )
}
Steering = type[PauseRound] | type[ResumeRound] | type[CloseRound] | type[AnnounceRound] | type[TakeBackVoid]
moves: st.SearchStrategy[Steering] = st.sampled_from([PauseRound, ResumeRound, CloseRound, AnnounceRound, TakeBackVoid])
people = st.sampled_from(PEOPLE)
items = st.sampled_from(sorted(ITEMS))
kinds = st.sampled_from(["good", "good", "good", "good", "good", "copied", "spoiled", "malformed"])
picks = st.lists(st.none() | st.integers(0, 5), min_size=8, max_size=8)
ballots = st.lists(st.tuples(people, picks, kinds), min_size=1, max_size=7)
Sheet = tuple[Picks, str]
Opener = tuple[str, str]
sheets = st.lists(st.tuples(picks, kinds), min_size=6, max_size=14)
"""One of each member in turn, and again from the first."""

distances = st.sampled_from([5, 4, 3, 2, 1, 0])
"""As far as nothing, the close, the check of the proofs, the opening, its end, the announcement."""

parts = st.sampled_from(["good", "good", "good", "another's", "short", "none"])
openers = st.lists(st.tuples(st.sampled_from(OPENERS), parts), min_size=2, max_size=5)
overriding = st.sampled_from(["", "M03", "M02"])
places = st.integers(0, 3)


@cache
def beginning(press: str, seconds: int | None, *, confirmed: bool) -> Scene:
    """All six have come, and three of them have made a key."""
    rules = {"press": press, "seconds": seconds, "confirmed": confirmed}
    book = SecretBook(secret_hall(*(secretly(item, item.rules.opens, **rules) for item in ITEMS.values())))
    book.check_in(*PEOPLE).enrol(*CHAIR).make_key()
    return Scene(book, TRIAL, None)  # type: ignore[arg-type] # nothing is lost here


class SecretMeetings(RuleBasedStateMachine):
    """Anybody says anything at any time; the urns know what was really given."""

    book: SecretBook

    def __init__(self) -> None:
        super().__init__()
        self.urns: dict[tuple[str, int], Urn] = {}
        self.projector = Projector("epoch")

    @initialize(
        press=st.sampled_from(["first", "last"]),
        seconds=st.sampled_from([None, 5]),
        confirmed=st.booleans(),
        item=items,
        sheets=sheets,
        order=openers,
        by=overriding,
    )
    def gather(
        self,
        *,
        press: str,
        seconds: int | None,
        confirmed: bool,
        item: str,
        sheets: list[Sheet],
        order: list[Opener],
        by: str,
    ) -> None:
        """Most runs would never open anything, so the first round comes near to it."""
        book = beginning(press, seconds, confirmed=confirmed).replayed()
        assert isinstance(book, SecretBook)
        book.memory, book.shares, book.dealers = dict(book.memory), dict(book.shares), dict(book.dealers)
        self.book = book
        self.hold(item, sheets, 4, order, by)

    # what the test knows

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds, the newest first."""
        return tuple(reversed(self.book.meeting.rounds))

    def urn(self, one: Round) -> Urn:
        return self.urns[one.item, one.number]

    def at(self, place: int) -> Round:
        """The newest round but so many, of those there are."""
        return self.rounds[place % len(self.rounds)]

    def may_be_opened(self, one: Round) -> bool:
        """Whether a round is on its way to be opened."""
        newest = self.book.meeting.round_of(one.item) == one
        sealing = one.sealing
        assert sealing is not None
        ready = one.phase is Phase.CLOSED and one.voiding is None and newest
        return ready and sealing.checked and not sealing.unsealed and self.urn(one).openable

    def say(self, principal: Principal, body: Body) -> bool:
        """Let somebody say something, and return whether it was accepted; what is refused changes nothing."""
        before, leaves = self.book.meeting, len(self.book.entries)
        self.book.say(principal, body)
        accepted = not isinstance(self.book.outcome, Refusal)
        if not accepted:
            assert self.book.meeting is before
            assert len(self.book.entries) == leaves
            self.book.outcome = None
        if accepted and isinstance(body, OpenRound):
            one = self.book.newest
            assert one.sealing is not None
            item = self.book.meeting.items[one.item]
            self.urns[one.item, one.number] = Urn(item, one.places, one.candidates, holders=one.sealing.holders)
        return accepted

    # who comes and goes, and at which terminal

    @rule(person=st.sampled_from(PEOPLE[KEPT:]), item=items, recused=st.booleans())
    def leave_and_return(self, person: str, item: str, *, recused: bool) -> None:
        if not self.say(CLERK, CheckOut(person, "早退")):
            self.say(member(person), CheckIn())
        if recused and not self.book.meeting.latest and not self.book.meeting.recused_from(item):
            self.book.recuse(person, item)

    @rule(person=people, role=st.sampled_from([Role.MEMBER, Role.MEMBER, Role.SCRUTINEER]))
    def replace_terminal(self, person: str, role: Role) -> None:
        """A member's new device has another key: ballots of the old one are good still, other ones are not."""
        if role is Role.MEMBER or person in OPENERS:
            self.book.enrol(person, role, device=f"device {self.book.sent}")

    # ballots

    def cast_as(self, person: str, which: Picks, kind: str) -> None:
        """A ballot is accepted where nothing speaks against it, also one that does not hold, and only there."""
        one = self.book.newest
        item, urn = self.book.meeting.items[one.item], self.urn(one)
        answers = ballot_of(item, on_grid(item, which), one.candidates, one.places)
        other = PEOPLE[PEOPLE.index(person) - 1]
        body = self.book.sealed(other if kind == "copied" else person, *answers)
        if kind in ("spoiled", "malformed"):
            body = change(body, sealed=(*body.sealed[:-1], harmed(body.sealed[-1], short=kind == "malformed")))
        over = one.deadline is not None and self.book.at >= one.deadline
        again = item.rules.press == "first" and person in urn.given
        there = person in self.book.meeting.present and person in one.present and person not in one.recused
        welcome = one.live and not over and there and not again and kind != "malformed"
        assert self.say(member(person), body) == welcome
        if welcome:
            urn.take(person, answers if kind == "good" else None)

    @precondition(lambda self: self.rounds)
    @rule(ballots=ballots)
    def cast(self, ballots: list[tuple[str, Picks, str]]) -> None:
        for ballot in ballots:
            self.cast_as(*ballot)

    @rule(item=items, sheets=sheets, far=distances, order=openers, by=overriding)
    def hold(self, item: str, sheets: list[Sheet], far: int, order: list[Opener], by: str) -> None:
        """Open an item, let all vote on it, and go on so far."""
        if not self.say(CHAIR, OpenRound(item, self.book.following(item))):
            return
        for person, sheet in zip(cycle(PEOPLE), sheets, strict=False):
            self.cast_as(person, *sheet)
        self.go_on(0, far, order, by)

    @precondition(lambda self: self.rounds)
    @rule(place=places, far=distances, order=openers, by=overriding)
    def go_on(self, place: int, far: int, order: list[Opener], by: str) -> None:
        """Let a round come so far towards its announcement, more or less as in a meeting in which all goes well."""
        if far > 0:
            self.say(CHAIR, CloseRound(self.at(place).item, self.at(place).number))
        if far > 1:
            self.check(truly=True)
        if far > 2 and by:
            self.override(place, by, 0, "断网")
        if far > 2:
            self.begin(place, sorted(self.at(place).present))
        for person, kind in order if far > 3 else ():
            self.part(place, person, kind)
        if far > 4:
            self.confirm()
            self.steer(AnnounceRound, place)

    @precondition(lambda self: self.rounds)
    @rule(kind=moves, place=places)
    def steer(self, kind: Steering, place: int) -> None:
        one = self.at(place)
        done = self.say(CHAIR, kind(one.item, one.number))
        assert not done or kind is not AnnounceRound or (one.sealing is not None and one.sealing.unsealed)

    @precondition(lambda self: self.rounds)
    @rule(place=places, signed=st.booleans())
    def declare_void(self, place: int, *, signed: bool) -> None:
        one = self.at(place)
        self.say(CHAIR, VoidRound(one.item, one.number, "计票有误"))
        if signed:
            self.say(scrutineer("M03"), CountersignVoid(one.item, one.number, "计票有误"))

    @precondition(lambda self: self.rounds)
    @rule()
    def confirm(self) -> None:
        """A scrutineer signs the count, which says how many are invalid: not before that is known."""
        one = self.book.newest
        done = self.say(scrutineer("M03"), change(self.book.count, invalid=len(self.urn(one).invalid)))
        assert not done or (one.sealing is not None and one.sealing.checked)

    # what the server says by itself

    @precondition(lambda self: self.rounds)
    @rule(truly=st.booleans())
    def check(self, *, truly: bool) -> None:
        """The proofs are checked, or the server says something else of them, which nobody believes."""
        one = to_be_checked(self.book.meeting)
        if one is None:
            assert not borne_out(self.book.meeting, BallotsChecked(self.book.newest.item, self.book.newest.number, ()))
            return
        event = ballots_checked(self.book.meeting, one)
        assert {each.person for each in event.invalid} >= self.urn(one).invalid
        slander = InvalidBallot("M01", "f" * 32, "secret.ballot_proof")
        assert not borne_out(self.book.meeting, change(event, invalid=(*event.invalid, slander)))
        assert not event.invalid or not borne_out(self.book.meeting, change(event, invalid=event.invalid[1:]))
        if truly:
            assert borne_out(self.book.meeting, event)
            self.book.own(event)

    @precondition(lambda self: self.rounds)
    @rule(place=places, cosigners=st.lists(people, unique=True, max_size=6))
    def begin(self, place: int, cosigners: list[str]) -> None:
        """An opening begins once, on a head that more than half of those present cosigned."""
        one = self.at(place)
        event = self.book.cosigned(*cosigners, one=one)
        there = set(cosigners) <= set(one.present) and 2 * len(cosigners) > len(one.present)
        assert one.sealing is not None
        assert (event is not None) == (there and self.may_be_opened(one) and not one.sealing.basis)
        self.take_up(event)

    @precondition(lambda self: self.rounds)
    @rule(
        place=places,
        person=st.sampled_from(["M03", "M03", "M02"]),
        back=st.integers(0, 3),
        reason=st.sampled_from(["断网", " "]),
    )
    def override(self, place: int, person: str, back: int, reason: str) -> None:
        """The chief scrutineer answers for a head behind the close, whoever cosigned it."""
        one = self.at(place)
        size = len(self.book.entries) - back
        body = OverrideCosigning(one.item, one.number, size, self.book.root(size), reason)
        assert one.sealing is not None
        covers = one.last is not None and size >= one.last + 2
        welcome = self.may_be_opened(one) and covers and not one.sealing.basis and person == "M03" and is_reason(reason)
        assert self.say(scrutineer(person), body) == welcome
        if welcome:
            self.take_up(self.book.begun(size, body.root, one=self.book.meeting.round_of(one.item)))

    def take_up(self, event: OpeningBegun | None) -> None:
        if event is not None:
            assert borne_out(self.book.meeting, event)
            assert not borne_out(self.book.meeting, change(event, size=event.size - 1))
            self.book.own(event)

    # the opening

    @precondition(lambda self: self.rounds)
    @rule(place=places, person=st.sampled_from(OPENERS), kind=parts)
    def part(self, place: int, person: str, kind: str) -> None:
        """A part is taken from whoever has a share and has given none; a bad one is passed over, and blocks nobody."""
        one = self.at(place)
        urn, sealing = self.urn(one), one.sealing
        assert sealing is not None
        begun = bool(sealing.counts) and self.may_be_opened(one)
        body = OpenPart(one.item, one.number, ("",))
        whose = person if kind != "another's" else next(each for each in urn.holders if each != person)
        good = begun and whose == person and kind == "good"
        if begun and whose in urn.holders and kind != "none":
            body = self.book.parts(whose, one)
        if kind == "short":
            body = change(body, parts=tuple(text[:-4] for text in body.parts))
        welcome = begun and person in urn.holders and person not in urn.parts
        assert self.say(scrutineer(person), body) == welcome
        if not welcome:
            return
        if good:
            urn.parts.append(person)
        unsealed = isinstance(self.book.entries[-1].event, RoundUnsealed)
        assert unsealed == (good and len(urn.parts) == sealing.key.threshold)

    # another key

    @rule(people=st.lists(st.sampled_from(OPENERS), unique=True, min_size=2), spoken=st.integers(0, 14))
    def make_another_key(self, people: list[str], spoken: int) -> None:
        """A ceremony begins, not while a round waits to be opened, and comes so far; another one can always begin."""
        waits = any(
            one.sealed and (one.live or (one.phase is Phase.CLOSED and self.book.meeting.round_of(one.item) == one))
            for one in self.rounds
        )
        attempts = self.book.meeting.attempts
        self.book.begin_ceremony(*sorted(people))
        assert isinstance(self.book.outcome, Refusal) == waits
        self.book.outcome = None
        assert self.book.meeting.attempts == attempts + (not waits)
        for _ in range(0 if waits else spoken):
            self.speak(people[0] if len(people) > 2 else "M02")

    @precondition(lambda self: self.book.meeting.ceremony is not None and self.book.meeting.ceremony.missing)
    @rule(person=st.sampled_from(OPENERS))
    def speak(self, person: str) -> None:
        """Somebody of whom a word is missing says it, this one first; a new terminal's word may not be taken."""
        board = self.book.meeting.ceremony
        assert board is not None
        missing = [board.ceremony.scrutineers[index - 1] for index in board.missing]
        if not missing:
            return
        one = next((one for one in missing if one.person == person), missing[0])
        key = self.book.keys[scrutineer(one.person)]
        answer = respond(self.book.dealers[one.person], board, key)
        assert answer is not None
        known = b64decode(one.key) == bytes(key.verify_key)
        if not self.say(scrutineer(one.person), answer[1]):
            assert not known
            return
        self.book.dealers[one.person] = answer[0]
        board = self.book.meeting.ceremony
        if board is not None and board.step is Step.DONE:
            self.book.shares |= {who: take_share(dealer, board)[1] for who, dealer in self.book.dealers.items()}

    @rule(milliseconds=st.integers(0, 6000), looked=st.booleans())
    def time_passes(self, milliseconds: int, *, looked: bool) -> None:
        self.book.wait(milliseconds / 1000)
        if looked:
            self.book.tick()

    @precondition(lambda self: self.rounds)
    @rule()
    def crash(self) -> None:
        self.book.restart()

    # what must hold

    @invariant()
    def turnout_is_right_and_no_score_is_known_before_it_is_opened(self) -> None:
        for one in self.book.meeting.rounds:
            self.urn(one).agree(self.book.meeting, one, round_figures(self.book.meeting, one))

    @invariant()
    def the_picture_says_what_is_announced_and_no_more(self) -> None:
        full = self.projector.picture(self.book.meeting, "", self.book.at, 0)
        announced = {(one.item, one.number) for one in self.book.meeting.rounds if one.phase is Phase.ANNOUNCED}
        assert {(one.item, one.round) for one in full.published} == announced
        assert {(one.item, one.round) for one in full.secret.rounds}.isdisjoint(announced)

    def teardown(self) -> None:
        """The verifier finds nothing wrong, and arrives at the same meeting."""
        self.book.followed()
        record: Record = record_of([encode_entry(entry) for entry in self.book.entries])
        with tempfile.TemporaryDirectory() as folder:
            assert not found(verify_record(record.write(Path(folder) / "record.zip")))


def on_grid(item: Item, which: Picks) -> Picks:
    """Return the picks as scores that the item allows, or as they are."""
    if not isinstance(item.rules, ScoreRules):
        return which
    return [None if pick is None else min(100, int(item.rules.step) * pick) for pick in which]


def harmed(text: str, *, short: bool) -> str:
    """Return a ballot's text with another last scalar, or without its end."""
    data = bytearray(b64decode(text))
    data[-32] ^= 1
    return b64encode(bytes(data[:-64] if short else data)).decode()


TestSecretMeetings = SecretMeetings.TestCase
TestSecretMeetings.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
