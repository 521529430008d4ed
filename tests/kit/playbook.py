"""A test that reads as the script of a meeting: no sockets, no disk, a clock that the script sets.

Every accepted line makes a real signed leaf, so that at the end ``followed`` lets the verifier's code walk the same
leaves and compares what it arrives at with what the script did. A refusal must be named by the next line, or the
script fails there: nothing goes wrong unseen.
"""

import hashlib
from decimal import Decimal
from typing import Self

import msgspec
import zmq
from zmq.utils import z85

from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.meeting.admission import device_of, read_command, read_newcomer, signed_by
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceRound,
    Answer,
    AnswerCount,
    Body,
    Cast,
    CheckIn,
    CheckInByHand,
    CheckOut,
    Choice,
    CloseMeeting,
    CloseRound,
    Command,
    ConfirmRound,
    CountersignCode,
    CountersignVoid,
    CreateMeeting,
    Enrol,
    EnterResult,
    Excuse,
    ExtendRound,
    IssueCode,
    LiftRecusal,
    LoadDefinition,
    MoveSeat,
    OpenRound,
    PauseRound,
    Recuse,
    ReorderAgenda,
    ResumeRound,
    Score,
    VoidRound,
    WithdrawItem,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.definition import Definition, Item, Option, Problem, Role, Target
from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.evolve import CLERK, evolve
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Principal, Round
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import restarted, timer
from pingyi_protocol.record.entry import Entry, decode_entry, encode_entry
from pingyi_protocol.record.replay import follow
from pingyi_protocol.wire.envelope import Envelope, seal

MEETING = "5" * 32
ORIGIN = "pingyi/playbook"
CHAIR = Principal("M01", Role.CHAIR)

Given = Decimal | int | str | None


def signing_key(name: str) -> SigningKey:
    """The signing key of this name, always the same."""
    return SigningKey(hashlib.sha256(f"signing {name}".encode()).digest())


def transport_key(name: str) -> str:
    """The public transport key of this name, always the same."""
    return zmq.curve_public(z85.encode(hashlib.sha256(f"transport {name}".encode()).digest())).decode()


def code_of(secret: str) -> str:
    """The code that is known by this secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def scores(*given: Given) -> tuple[Decimal | None, ...]:
    """Scores as they stand on a ballot; None abstains."""
    return tuple(None if score is None else Decimal(score) for score in given)


class Playbook:
    """A meeting under way. ``at`` is its clock in milliseconds; whoever acts for the first time is enrolled first."""

    def __init__(self, definition: Definition | None) -> None:
        self.meeting = Meeting()
        self.entries: list[Entry] = []
        self.commands: dict[int, Command] = {}
        self.at = 0
        self.sent = 0
        self.outcome: Event | Refusal | None = None
        self.keys: dict[Principal, SigningKey] = {CLERK: signing_key("clerk")}
        created = CreateMeeting(
            ORIGIN,
            public_text(signing_key("log")),
            transport_key("server"),
            public_text(self.keys[CLERK]),
            transport_key("clerk"),
        )
        self.say(CLERK, created)
        if definition is not None:
            self.clerk(LoadDefinition(definition))

    # what is said, and what came of it

    def command(self, principal: Principal, body: Body, command_id: str = "") -> Command:
        """The next command of this principal."""
        self.sent += 1
        return Command(MEETING, command_id or f"{self.sent:032x}", *principal, "2026-11-01T09:00:00Z", body)

    def say(self, principal: Principal, body: Body, command_id: str = "") -> Self:
        """Let a principal send a command, signed by its newest device."""
        return self.send(seal(msgspec.json.encode(self.command(principal, body, command_id)), self.keys[principal]))

    def send(self, envelope: Envelope) -> Self:
        """Let an envelope arrive: admit, decide, and record what came of it."""
        self.settled()
        command = self.admitted(envelope)
        outcome = command if isinstance(command, Refusal) else decide(self.meeting, command, self.at)
        self.outcome = outcome
        if not isinstance(outcome, Refusal) and not isinstance(command, Refusal):
            self.commands[len(self.entries)] = command
            self.record(outcome, envelope, command.id)
        return self

    def admitted(self, envelope: Envelope) -> Command | Refusal:
        """Admit as the server does: by the device that signed, or by the key that a newcomer shows."""
        shown = msgspec.json.decode(envelope.payload)["body"]
        if shown["type"] in ("create-meeting/1", "enrol/2") and envelope.key not in self.meeting.devices:
            return read_newcomer(envelope, shown["signing_key"])
        device = device_of(self.meeting, envelope)
        if isinstance(device, Refusal):
            return device
        return signed_by(envelope, device.signing_key) or read_command(envelope, device)

    def record(self, event: Event, envelope: Envelope | None, command_id: str) -> None:
        """Put a leaf on the record."""
        entry = Entry(len(self.entries), self.at, "2026-11-01T01:00:00.000+00:00", envelope, event)
        self.entries.append(entry)
        self.meeting = evolve(self.meeting, event, self.at, command_id)

    def settled(self) -> None:
        """Fail when the last line was refused and the script did not say so."""
        assert not isinstance(self.outcome, Refusal), f"line {self.sent} was refused: {self.outcome}"

    def refused(self, reason: Reason, **values: object) -> Self:
        """The last line was refused for this reason, with these values among its own."""
        assert isinstance(self.outcome, Refusal), f"line {self.sent} was accepted: {self.outcome}"
        assert self.outcome.reason is reason
        assert self.outcome.values | {name: str(value) for name, value in values.items()} == self.outcome.values
        self.outcome = None
        return self

    def came_to(self, event: Event) -> Self:
        """The last line led to this event."""
        assert self.outcome == event
        return self

    def stands(self, phase: Phase) -> Self:
        """The newest round is in this phase."""
        assert self.newest.phase is phase
        return self

    # the acts

    def enrol(self, person: str, role: Role = Role.MEMBER, device: str = "") -> Self:
        """Issue a code and take it with a device of this name, by default one of the principal's own."""
        principal = Principal(person, role)
        name = device or f"{person} {role}"
        self.clerk(IssueCode(person, role, code_of(name)))
        if code_of(name) in self.meeting.unsigned_codes:
            self.chair(CountersignCode(person, role, code_of(name)))
        return self.take_code(principal, name)

    def take_code(self, principal: Principal, name: str, secret: str = "") -> Self:
        """Enrol the device of this name under the code with this secret (by default of the same name)."""
        key = signing_key(name)
        body = Enrol(code_of(secret or name), public_text(key), transport_key(name), pinned=False)
        self.send(seal(msgspec.json.encode(self.command(principal, body)), key))
        if not isinstance(self.outcome, Refusal):
            self.keys[principal] = key
        return self

    def acting(self, principal: Principal, body: Body) -> Self:
        """Say it, after enrolling where that was not done yet."""
        if principal not in self.keys:
            self.enrol(*principal)
        return self.say(principal, body)

    def clerk(self, body: Body) -> Self:
        """Let the clerk act."""
        return self.say(CLERK, body)

    def chair(self, body: Body) -> Self:
        """Let the chair act."""
        return self.acting(CHAIR, body)

    def member(self, person: str, body: Body) -> Self:
        """Let a member act."""
        return self.acting(Principal(person, Role.MEMBER), body)

    def check_in(self, *people: str) -> Self:
        """Each of them checks in."""
        for person in people:
            self.member(person, CheckIn())
        return self

    def check_in_by_hand(self, person: str, reason: str = "终端故障") -> Self:
        """The clerk checks a member in."""
        return self.clerk(CheckInByHand(person, reason))

    def check_out(self, person: str, reason: str = "早退") -> Self:
        """The clerk notes that a member has left."""
        return self.clerk(CheckOut(person, reason))

    def move(self, person: str, seat: str) -> Self:
        """The clerk moves a member."""
        return self.clerk(MoveSeat(person, seat))

    def excuse(self, person: str, reason: str = "出差") -> Self:
        """The clerk notes that a member is excused."""
        return self.clerk(Excuse(person, reason))

    def recuse(self, person: str, item: str, reason: str = "近亲属在该单位任职") -> Self:
        """The clerk recuses a member from an item."""
        return self.clerk(Recuse(person, item, reason))

    def lift(self, person: str, item: str, reason: str = "登记有误") -> Self:
        """The clerk lifts a recusal."""
        return self.clerk(LiftRecusal(person, item, reason))

    def add(self, item: Item, targets: tuple[Target, ...] = (), problems: tuple[Problem, ...] = ()) -> Self:
        """The clerk adds an item."""
        return self.clerk(AddItem(item, targets, problems))

    def reorder(self, *order: str) -> Self:
        """The clerk puts the items in this order."""
        return self.clerk(ReorderAgenda(order))

    def withdraw(self, item: str, reason: str = "材料不齐") -> Self:
        """The clerk withdraws an item."""
        return self.clerk(WithdrawItem(item, reason))

    def following(self, item: str) -> int:
        """The number of an item's next round."""
        earlier = self.meeting.round_of(item)
        return earlier.number + 1 if earlier else 1

    def open(self, item: str, *among: str) -> Self:
        """The chair opens an item, or its next round, among all or those tied."""
        return self.chair(OpenRound(item, self.following(item), among))

    def enter(
        self, item: str, received: int, *counts: AnswerCount, invalid: int = 0, among: tuple[str, ...] = ()
    ) -> Self:
        """The clerk enters an item's next round by hand."""
        return self.clerk(EnterResult(item, self.following(item), "表决器故障", received, invalid, counts, among))

    @property
    def count(self) -> ConfirmRound:
        """What a scrutineer signs of the newest round."""
        one = self.newest
        invalid, counts = (one.manual.invalid, one.manual.counts) if one.manual else (0, ())
        return ConfirmRound(one.item, one.number, len(one.present), one.received, one.recused_present, invalid, counts)

    def confirm(self, person: str) -> Self:
        """A scrutineer signs the count of the newest round."""
        return self.acting(Principal(person, Role.SCRUTINEER), self.count)

    def pause(self) -> Self:
        """The chair stops the countdown."""
        return self.chair(PauseRound(self.newest.item, self.newest.number))

    def resume(self) -> Self:
        """The chair lets the countdown run on."""
        return self.chair(ResumeRound(self.newest.item, self.newest.number))

    def extend(self, seconds: int) -> Self:
        """The chair adds time."""
        return self.chair(ExtendRound(self.newest.item, self.newest.number, seconds))

    def close(self) -> Self:
        """The chair closes the newest round."""
        return self.chair(CloseRound(self.newest.item, self.newest.number))

    def announce(self) -> Self:
        """The chair announces the newest round."""
        return self.chair(AnnounceRound(self.newest.item, self.newest.number))

    def propose_void(self, reason: str = "计票有误") -> Self:
        """The chair declares the newest round void."""
        return self.chair(VoidRound(self.newest.item, self.newest.number, reason))

    def void(self, reason: str = "计票有误") -> Self:
        """The chair declares the newest round void and the scrutineer agrees, where that is needed."""
        self.propose_void(reason)
        if self.newest.voiding is None:
            return self
        return self.acting(
            Principal("M03", Role.SCRUTINEER), CountersignVoid(self.newest.item, self.newest.number, reason)
        )

    def close_meeting(self) -> Self:
        """The chair closes the meeting."""
        return self.chair(CloseMeeting())

    def cast(self, person: str, *given: Given) -> Self:
        """A member scores the targets of the newest round's item, in their order; None abstains."""
        return self.member(person, self.ballot(*given))

    def ballot(self, *given: Given) -> Cast:
        """A ballot for the newest round."""
        item = self.meeting.items[self.newest.item]
        answers = (Score(target, "", score) for target, score in zip(item.targets, scores(*given), strict=True))
        return Cast(item.id, self.newest.number, tuple(answers))

    def answer(self, person: str, *answers: Answer) -> Self:
        """A member casts a ballot of these answers in the newest round."""
        return self.member(person, Cast(self.newest.item, self.newest.number, answers))

    def vote(self, option: Option, *people: str) -> Self:
        """Each of them votes so on the newest round's motion."""
        for person in people:
            self.answer(person, Choice("", option))
        return self

    def select(self, person: str, *chosen: str) -> Self:
        """A member chooses candidates in the newest round."""
        return self.answer(person, *(Choice(target, Option.CHOSEN) for target in chosen))

    def wait(self, seconds: float) -> Self:
        """Time passes, and nobody looks at the clock."""
        self.at += round(1000 * seconds)
        return self

    def tick(self) -> Self:
        """The server looks at the clock."""
        return self.own(timer(self.meeting, self.at))

    def restart(self) -> Self:
        """The server comes back from a crash: its clock goes on where the record ends."""
        self.at = self.meeting.at
        return self.own(restarted(self.meeting))

    def own(self, event: Event | None) -> Self:
        """Record what nobody signed."""
        self.settled()
        if event is not None:
            self.record(event, None, "")
        return self

    # what stands

    @property
    def newest(self) -> Round:
        """The round that was opened last."""
        latest = self.meeting.latest
        assert latest is not None
        return latest

    @property
    def figures(self) -> RoundFigures:
        """What the newest round comes to."""
        return round_figures(self.meeting, self.newest)

    @property
    def remaining(self) -> int | None:
        """Milliseconds left of the newest round's countdown."""
        return self.newest.remaining_at(self.at)

    def followed(self) -> Meeting:
        """Walk the leaves as the verifier does; it must arrive at the same meeting."""
        self.settled()
        meeting = Meeting()
        for entry in self.entries:
            meeting = follow(meeting, decode_entry(encode_entry(entry)))
        assert meeting == self.meeting
        return meeting


def full_house(definition: Definition) -> Playbook:
    """A playbook in which every member is present, and the chair has a console."""
    return Playbook(definition).enrol(*CHAIR).check_in(*(person.number for person in definition.entitled))
