"""A hall full of seats in one process: they cast as ordered, and every receipt is checked.

Ballots are signed before the load begins and receipts are checked after it: in a hall each seat does that on a machine
of its own. In between every seat sends, receives, pings once a second as a terminal does, and takes all broadcasts.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator

import msgspec
import zmq

from pingyi_protocol.client.session import PING_SECONDS
from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.commands import Body, CloseRound, OpenRound
from pingyi_protocol.record.checkpoint import Checkpoint, verify_checkpoint
from pingyi_protocol.record.receipt import ReceiptError, check_receipt
from pingyi_protocol.wire.messages import (
    Hello,
    Ping,
    Receipt,
    Reply,
    Submit,
    Welcome,
    encode,
    read,
    reply_decoder,
)
from pingyi_server.bench.connections import Meeting, Subscriptions
from pingyi_server.bench.figures import processor_seconds
from pingyi_server.bench.load import Answer, Ballot, Load
from pingyi_server.bench.orders import (
    Back,
    Cast,
    CrowdPlan,
    Done,
    Felt,
    Hear,
    Heard,
    HearRound,
    Join,
    Joined,
    Next,
    Order,
    Returned,
)
from pingyi_server.bench.shown import PUSH, WELCOME, counts_behind, counts_shown, lags, receipt_of, screen, shows_round
from pingyi_server.bench.stage import ITEM, Enrolled, StageError, ballot
from pingyi_server.bench.workers import lines, say
from pingyi_server.simulation import FILES_BESIDE, allow_sockets

LONGEST_SECONDS = 60.0
POLL_MILLISECONDS = 50.0
AGAIN_SECONDS = 3.0
QUIET_SECONDS = 0.5
"""Nothing was broadcast for so long: all that was to be told has been."""

MIDDLE = 0.1, 0.9
"""A rate is taken between these shares of the answers: first and last come from a hall that is not busy throughout."""


class Hall:
    """All seats, and chair and wall as two more."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], plan: CrowdPlan) -> None:
        """Begin to connect."""
        self.seats = plan.seats
        self.chair, self.display = len(plan.seats), len(plan.seats) + 1
        self.people = (*plan.seats, plan.chair, plan.wall)
        self.log_key = parse_public_key(plan.chair.facts.log_key)
        self.heads = [self.enrolled_under(one) for one in self.people]
        self.meeting = Meeting(context, self.people)
        self.wall = Subscriptions(context, [plan.wall])
        self.rest = Subscriptions(context, plan.seats)
        if not plan.listening:
            self.rest.swallow(context)
        self.definition = ""
        self.welcome = b""
        self.pushes: list[tuple[float, bytes]] = []
        """When the server told the chair something unasked, and what."""
        self.shown: list[tuple[float, bytes]] = []
        """When the wall was shown something, and what."""

    def enrolled_under(self, one: Enrolled) -> Checkpoint:
        """Return the head in the receipt of an enrolment: the first that a terminal believes."""
        receipt = msgspec.json.decode(one.facts.enrolment, type=Receipt)
        return verify_checkpoint(receipt.checkpoint, self.log_key, one.facts.origin)

    def obey(self, order: Order) -> msgspec.Struct:
        """Do what an order says."""
        match order:
            case Join():
                return self.join()
            case Next():
                return self.next(order.round)
            case Cast():
                return self.cast(order)
            case Back():
                return self.back()
            case Hear():
                return self.hear(lambda body: len(body) == order.bytes)
            case HearRound():
                return self.hear_round(order.round)

    def join(self) -> Joined:
        """Let one ask for the definition, and everybody for the picture."""
        asked = 0.0
        while not self.definition:
            if time.monotonic() - asked > AGAIN_SECONDS:
                asked = time.monotonic()
                self.meeting.send(self.chair, b"", encode(Hello("")))
            for reply in self.unasked(POLL_MILLISECONDS):
                if isinstance(reply, Welcome):
                    self.definition = reply.picture.definition
        [(_, self.welcome), *_], _ = self.assemble(0)
        return Joined(self.welcome.decode())

    def back(self) -> Returned:
        """See everybody come back to a server that was killed, and hold what it shows against what was shown before."""
        answers, subscribed = self.assemble(self.rest.hands_shaken())
        expected = screen(self.welcome)
        if any(screen(body) != expected for body in {body for _, body in answers}):
            raise StageError("bench.other_screen")
        return Returned([at for at, _ in answers], subscribed)

    def unasked(self, milliseconds: float) -> Iterator[Reply]:
        """Yield what comes."""
        for _, _, body, _ in self.meeting.received(milliseconds):
            yield read(reply_decoder(), body)

    def next(self, number: int) -> Done:
        """Let the chair close the round before and open this one."""
        if number > 1:
            self.command(CloseRound(ITEM, number - 1))
        self.command(OpenRound(ITEM, number))
        return Done()

    def hear_round(self, number: int) -> Heard:
        """Let the chair close the round before, and open this one when all is quiet again."""
        self.command(CloseRound(ITEM, number - 1))
        quiet = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < quiet:
            for _ in self.rest.received(POLL_MILLISECONDS):
                quiet = time.monotonic() + QUIET_SECONDS
        asked = self.send_command(OpenRound(ITEM, number))
        heard = self.hear(lambda body: shows_round(body, number))
        self.wait_for_receipt()
        return Heard(asked, heard.seats, heard.bytes)

    def hear(self, awaited: Callable[[bytes], bool]) -> Heard:
        """See when everybody has the first message that is awaited."""
        came: dict[bytes, list[float]] = {}
        found, until = b"", time.monotonic() + LONGEST_SECONDS
        while not found or len(came[found]) < len(self.seats):
            for at, body in self.rest.received(POLL_MILLISECONDS):
                if body not in came:
                    came[body] = []
                    found = found or (body if awaited(body) else b"")
                came[body].append(at)
            if time.monotonic() > until:
                raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))
        return Heard(0.0, came[found], len(found))

    def command(self, body: Body) -> None:
        """Have the chair's command on record; StageError when it is refused."""
        self.send_command(body)
        self.wait_for_receipt()

    def send_command(self, body: Body) -> float:
        """Let the chair send a command, and return when."""
        envelope = self.people[self.chair].command(body)
        sent = time.monotonic()
        self.meeting.send(self.chair, b"command", encode(Submit(envelope, 0)))
        return sent

    def wait_for_receipt(self) -> None:
        """Wait for the receipt of the chair's command; StageError when it was refused."""
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            for seat, number, answer, _ in self.meeting.received(POLL_MILLISECONDS):
                if (seat, number) == (self.chair, b"command"):
                    receipt_of(read(reply_decoder(), answer))
                    return
        raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))

    def cast(self, order: Cast) -> Felt:
        """Cast, and check all receipts."""
        turns = range(order.ballots)
        ballots = [[self.signed(seat, order.round, turn) for turn in turns] for seat in range(len(self.seats))]
        gc.collect()
        gc.freeze()  # what is signed stays until it is sent
        self.pushes.clear()
        self.shown.clear()
        before, own = processor_seconds(order.server), time.process_time()
        answers = self.loaded(ballots, order.seconds)
        processor, own = processor_seconds(order.server) - before, time.process_time() - own
        moments = sorted(one.at for one in answers)
        first, last = (int(share * (len(moments) - 1)) for share in MIDDLE)
        self.wait_for_count(order.round, len(self.seats))
        self.check(answers, ballots)
        counted = sorted(one.at for one in answers if one.turn == 0)
        return Felt(
            [1000 * (one.at - one.pressed) for one in answers],
            (last - first) / max(moments[last] - moments[first], 1e-9),
            processor,
            own,
            lags(counted, list(counts_behind(self.pushes, order.round))),
            lags(counted, list(counts_shown(self.shown, order.round))),
        )

    def signed(self, seat: int, number: int, turn: int) -> Ballot:
        """Return a new ballot of a seat in the round of this number."""
        cast = msgspec.structs.replace(ballot(), round=number)
        command = self.people[seat].command(cast)
        end = b'"seen":0}'
        request = encode(Submit(command, 0))
        if not request.endswith(end):
            raise AssertionError("the head is not at the end any more")
        return Ballot(b"%d" % turn, command, request.removesuffix(b"0}"))

    def loaded(self, ballots: list[list[Ballot]], seconds: float) -> list[Answer]:
        """Send all ballots as they are due, and return the answers."""
        load = Load(self.meeting, ballots, [head.size for head in self.heads], seconds)
        while load.left:
            now = time.monotonic()
            if now - load.begun > LONGEST_SECONDS + seconds:
                raise StageError("bench.unanswered", ballots=load.left)
            wait = load.go_on(now)
            for seat, number, body, at in self.meeting.received(min(1000 * wait, POLL_MILLISECONDS)):
                if number and seat < len(ballots):
                    load.answered(seat, number, body, at)
                else:
                    self.note(seat, body, at)
            self.shown.extend(self.wall.received(0))
        return load.answers

    def wait_for_count(self, number: int, count: int) -> None:
        """Wait until chair and wall are shown that so many have voted in this round."""
        until, pinged = time.monotonic() + LONGEST_SECONDS, 0.0
        while (count not in (received for _, received in counts_behind(self.pushes[-1:], number))) or (
            count not in (received for _, received in counts_shown(self.shown[-1:], number))
        ):
            if time.monotonic() > until:
                raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))
            if time.monotonic() - pinged > PING_SECONDS:
                pinged = time.monotonic()
                for seat in (self.chair, self.display):
                    self.meeting.send(seat, b"", encode(Ping()))
            for seat, _, body, at in self.meeting.received(1):
                self.note(seat, body, at)
            self.shown.extend(self.wall.received(1))

    def note(self, seat: int, body: bytes, at: float) -> None:
        """Keep what the server tells chair and wall unasked."""
        if seat == self.chair and body.startswith(PUSH):
            self.pushes.append((at, body))
        elif seat == self.display and body.startswith(WELCOME):
            self.shown.append((at, body))

    def check(self, answers: list[Answer], ballots: list[list[Ballot]]) -> None:
        """Check each receipt as a terminal does; StageError when a ballot was refused or a receipt does not hold."""
        newest = list(self.heads)
        for one in answers:
            receipt = receipt_of(read(reply_decoder(), one.body))
            sent, seen = ballots[one.seat][one.turn].envelope, self.heads[one.seat]
            try:
                head = check_receipt(receipt, sent, self.log_key, self.seats[one.seat].facts.origin, seen)
            except ReceiptError as fault:
                raise StageError("bench.false_receipt", fault=fault) from fault
            newest[one.seat] = max(head, newest[one.seat], key=lambda head: head.size)
        self.heads = newest

    def assemble(self, shaken: int) -> tuple[list[tuple[float, bytes]], float]:
        """Ask for the picture at every seat until each has it, and see all subscribe behind so many handshakes.

        Returns when each was answered and with what, and when the last had subscribed (monotonic, seconds).
        """
        answers: dict[int, tuple[float, bytes]] = {}
        asked = subscribed = 0.0
        hello, begun = encode(Hello(self.definition)), time.monotonic()
        everybody = range(len(self.people))
        while len(answers) < len(everybody) or not subscribed:
            now = time.monotonic()
            if now - begun > LONGEST_SECONDS:
                raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))
            if now - asked > AGAIN_SECONDS:
                asked = now
                for seat in everybody:
                    if seat not in answers:
                        self.meeting.send(seat, b"", hello)
            for seat, _, body, at in self.meeting.received(1 if len(answers) == len(everybody) else POLL_MILLISECONDS):
                if body.startswith(WELCOME):
                    answers.setdefault(seat, (at, body))
            if not subscribed and self.rest.hands_shaken() >= shaken + len(self.seats):
                subscribed = time.monotonic()
        return [answers[seat] for seat in everybody], subscribed


async def take_part() -> None:
    """Connect everybody in the plan on standard input, and do as ordered there."""
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=CrowdPlan)
    allow_sockets(len(plan.seats))
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, FILES_BESIDE)
    hall = Hall(context, plan)
    decoder = msgspec.json.Decoder(Order)
    async for line in orders:
        say(hall.obey(decoder.decode(line)))
    context.destroy(linger=0)


if __name__ == "__main__":
    asyncio.run(take_part())
