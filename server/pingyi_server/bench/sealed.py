"""A hall of members in one process who vote secretly: they seal beforehand, cast together, and cosign each close.

Each has a witness of its own that asks and signs when a terminal's does. What is broadcast they all take, but one reads
it for all: in a hall each does that on a machine of its own.
"""

import asyncio
import gc
import heapq
import random
import time
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple, TypeAlias

import msgspec
import zmq

from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.client.session import PING_SECONDS
from pingyi_protocol.client.vigil import Vigil
from pingyi_protocol.keys.signing import SigningKey, parse_public_key
from pingyi_protocol.meeting.commands import Command, Score
from pingyi_protocol.meeting.definition import Definition, Item
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.receipt import ReceiptError, check_receipt
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import (
    Cosign,
    Cosigned,
    Hello,
    Ping,
    Pong,
    Receipt,
    Refused,
    Reply,
    Submit,
    Welcome,
    Witnessed,
    WitnessRequest,
    encode,
    read,
    reply_decoder,
)
from pingyi_protocol.wire.picture import LiveRound, Picture, Update, updated
from pingyi_server.bench.connections import Meeting, Subscriptions
from pingyi_server.bench.stage import Enrolled, StageError
from pingyi_server.bench.workers import lines, say
from pingyi_server.simulation import FILES_BESIDE, Memory, allow_sockets

LONGEST_SECONDS = 120.0
AGAIN_SECONDS = 3.0
IDLE_SECONDS = 0.002
BALLOT = b"ballot"
PONG = b'{"type":"pong/'


class SealedPlan(Struct, frozen=True):
    """Who sits there."""

    seats: tuple[Enrolled, ...]


class Join(Struct, frozen=True, tag="join"):
    """Come in: every witness has the record proved."""


class Seal(Struct, frozen=True, tag="seal"):
    """Let everybody seal a score for the one target of this item, in the round that is open."""

    item: Item
    live: LiveRound


class Cast(Struct, frozen=True, tag="cast"):
    """Send what is sealed, each at a random moment of so many seconds, and wait for all receipts."""

    seconds: float


class Check(Struct, frozen=True, tag="check"):
    """Check all receipts."""


Order: TypeAlias = Join | Seal | Cast | Check


class Done(msgspec.Struct):
    """It is done. ``total`` is the sum of the scores that were sealed."""

    total: int = 0


class Ballot(NamedTuple):
    """A sealed ballot, and the head that its seat believed when it was sent."""

    envelope: Envelope
    seen: Checkpoint | None


class Seat:
    """One member's keys and witness, as its vigil's listener; an alarm is a StageError."""

    def __init__(self, enrolled: Enrolled, members: int, send: Callable[[WitnessRequest | Cosign, str], bool]) -> None:
        """Take up what the enrolment gave."""
        self.enrolled = enrolled
        self.vigil = Vigil(enrolled.facts, enrolled.keys, Memory(), self, send)
        self.vigil.members = members
        self.sealer = Sealer(enrolled.facts.origin, bytes(SigningKey(enrolled.keys.signing_seed).verify_key))
        self.ballot: Ballot | None = None
        self.receipt: Receipt | None = None

    def picture_changed(self) -> None:
        """Show nothing."""

    def link_changed(self) -> None:
        """Show nothing."""

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Leave it to the hall."""

    def alarm_raised(self, fault: ReceiptError) -> None:
        """End the measurement."""
        raise StageError("bench.false_receipt", fault=fault) from fault

    def alarm_lifted(self) -> None:
        """Leave it: nothing was measured."""

    def seal(self, item: Item, live: LiveRound) -> int:
        """Seal and sign a random score, and return it."""
        score = random.randrange(101)  # noqa: S311 - a measurement
        body = self.sealer.seal(item, live, (Score(item.targets[0], "", Decimal(score)),))
        self.ballot, self.receipt = Ballot(self.enrolled.command(body), None), None
        return score

    def check(self) -> None:
        """Hold the receipt to the ballot as a terminal does."""
        if self.ballot is None or self.receipt is None:
            raise AssertionError("all ballots have their receipts by now")
        facts = self.enrolled.facts
        try:
            check_receipt(
                self.receipt, self.ballot.envelope, parse_public_key(facts.log_key), facts.origin, self.ballot.seen
            )
        except ReceiptError as fault:
            raise StageError("bench.false_receipt", fault=fault) from fault


class Hall:
    """All seats."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], plan: SealedPlan) -> None:
        """Begin to connect."""
        self.meeting = Meeting(context, plan.seats)
        self.screen = Subscriptions(context, plan.seats[:1])
        self.rest = Subscriptions(context, plan.seats[1:])
        self.rest.swallow(context)
        self.seats = [Seat(one, len(plan.seats), self.sender(place)) for place, one in enumerate(plan.seats)]
        self.updates = msgspec.json.Decoder(Update)
        self.definition: Definition | None = None
        self.known = ""
        self.picture: Picture | None = None
        self.asked = 0.0
        self.begun, self.pinged = time.monotonic(), 0
        self.looks: list[tuple[float, int]] = []
        """When which seat's vigil wants to look before its next ping."""

    def sender(self, place: int) -> Callable[[WitnessRequest | Cosign, str], bool]:
        """Return what sends the requests of a seat's vigil."""

        def send(request: WitnessRequest | Cosign, number: str) -> bool:
            self.meeting.send(place, number.encode(), encode(request))
            return True

        return send

    async def run(self) -> None:
        """Be there until cancelled."""
        while True:
            busy = self.hear() + self.see() + self.look()
            self.keep_alive(time.monotonic())
            await asyncio.sleep(0 if busy else IDLE_SECONDS)

    def hear(self) -> int:
        """Take what the server answers; return how much it was."""
        heard = 0
        for place, number, body, _ in self.meeting.received(0):
            heard += 1
            if not body.startswith(PONG):
                self.take(place, number, read(reply_decoder(), body))
        return heard

    def take(self, place: int, number: bytes, reply: Reply) -> None:
        """Do what one answer is about; StageError for a refusal."""
        seat = self.seats[place]
        match reply:
            case Welcome():
                if reply.definition is not None:
                    self.definition, self.known = reply.definition, reply.picture.definition
                self.show(reply.picture)
            case Witnessed() | Cosigned() if self.picture is not None:
                seat.vigil.take(reply, number.decode(), self.picture)
                self.note(place)
            case Receipt():
                seat.receipt = reply
            case Refused():
                raise StageError("bench.refused", reason=reply.refusal.reason)
            case Pong() | _:
                pass

    def see(self) -> int:
        """Take what is broadcast; return how much it was."""
        seen = 0
        for _, body in self.screen.received(0):
            seen += 1
            self.show(None if self.picture is None else updated(self.picture, read(self.updates, body)))
        return seen

    def show(self, picture: Picture | None) -> None:
        """Let every vigil see a new picture; where updates are missing, ask for one."""
        if picture is None:
            self.asked = 0.0
            self.picture = None
            return
        if picture is self.picture:
            return
        self.picture = picture
        for place, seat in enumerate(self.seats):
            seat.vigil.meet(picture)
            self.note(place)

    def note(self, place: int) -> None:
        """Note when a vigil wants to look, if it is soon."""
        vigil = self.seats[place].vigil
        if vigil.hurried.is_set():
            vigil.hurried.clear()
            heapq.heappush(self.looks, (time.monotonic() + vigil.left(), place))

    def look(self) -> int:
        """Let those look whose time has come; return how many."""
        looked = 0
        while self.looks and self.looks[0][0] <= time.monotonic():
            _, place = heapq.heappop(self.looks)
            self.seats[place].vigil.look(self.picture)
            self.note(place)
            looked += 1
        return looked

    def keep_alive(self, now: float) -> None:
        """Do for each seat once a second what a terminal does; ask for the picture where there is none."""
        if self.picture is None:
            if now - self.asked > AGAIN_SECONDS:
                self.asked = now
                self.meeting.send(0, b"", encode(Hello(self.known)))
            return
        everybody = len(self.seats)
        while self.pinged < (now - self.begun) / PING_SECONDS * everybody:
            place = self.pinged % everybody
            self.meeting.send(place, b"", encode(Ping()))
            self.seats[place].vigil.look(self.picture)
            self.note(place)
            self.pinged += 1

    async def obey(self, order: Order) -> Done:
        """Do what an order says."""
        match order:
            case Join():
                await self.until(
                    lambda: self.picture is not None and all(seat.vigil.witness.sure for seat in self.seats)
                )
            case Seal(item, live):
                total = 0
                for seat in self.seats:
                    total += seat.seal(item, live)
                    # the others' pings are due meanwhile
                    await asyncio.sleep(0)
                gc.collect()
                gc.freeze()  # what is sealed stays until it is sent
                return Done(total)
            case Cast(seconds):
                await self.cast(seconds)
            case Check():
                for seat in self.seats:
                    seat.check()
                    await asyncio.sleep(0)
        return Done()

    async def cast(self, seconds: float) -> None:
        """Send all ballots, and wait for their receipts."""
        due = sorted((random.random() * seconds, place) for place in range(len(self.seats)))  # noqa: S311 - no secret
        begun = time.monotonic()
        for moment, place in due:
            seat = self.seats[place]
            await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
            if seat.ballot is None:
                raise AssertionError("ballots are sealed before they are cast")
            seat.ballot = Ballot(seat.ballot.envelope, seat.vigil.witness.head)
            self.meeting.send(place, BALLOT, encode(Submit(seat.ballot.envelope, seat.vigil.witness.size)))
        await self.until(lambda: all(seat.receipt is not None for seat in self.seats))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something; StageError when it does not come."""
        until = time.monotonic() + LONGEST_SECONDS
        while not holds():
            if time.monotonic() > until:
                raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))
            await asyncio.sleep(IDLE_SECONDS)


async def take_part() -> None:
    """Connect everybody in the plan on standard input, and do as ordered there."""
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=SealedPlan)
    allow_sockets(len(plan.seats))
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, FILES_BESIDE)
    hall, decoder = Hall(context, plan), msgspec.json.Decoder(Order)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(hall.run())
        async for line in orders:
            say(await hall.obey(decoder.decode(line)))
        running.cancel()
    context.destroy(linger=0)


if __name__ == "__main__":
    asyncio.run(take_part())
