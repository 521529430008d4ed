"""A burst: real seats on real sockets vote at a server in a process of its own, which a test kills while they do."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import zmq.asyncio

from kit.hall import Deaf, Memory
from kit.processes import DYING_WITH_US, ENVIRONMENT, PINGYI, pingyi
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import request_for
from pingyi_protocol.client.session import Link, Session
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Body, Cast, CheckIn, Command, IssueCode, LoadDefinition, Score
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.bundle import Bundle
from pingyi_protocol.record.checkpoint import verify_checkpoint
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.simulation import allow_sockets


class Server:
    """``pingyi serve`` in a process that can be killed and started again."""

    def __init__(self, folder: MeetingFolder) -> None:
        self.folder = folder
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; whoever waits for it finds out when it serves."""
        with (self.folder.path / "server.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *DYING_WITH_US, PINGYI, "serve", self.folder.path, "--database", self.folder.database,
                stdout=log, stderr=log, env=ENVIRONMENT,
            )  # fmt: skip

    async def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def living(self) -> None:
        """Fail when it ended by itself."""
        assert self.process is not None
        assert self.process.returncode is None, (self.folder.path / "server.log").read_text()[-3000:]


class Seat:
    """A member's session, all that it submitted and all that it was answered."""

    def __init__(self, context: zmq.asyncio.Context, folder: MeetingFolder, person: str, role: Role) -> None:
        self.person, self.role = person, role
        self.keys: DeviceKeys = generate_device_keys()
        self.secret = os.urandom(SECRET_BYTES)
        self.context = context
        self.folder = folder
        self.facts = msgspec.structs.replace(folder.clerk_profile().facts, person=person, role=role)
        self.memory = Memory()
        self.ear = Deaf()
        self.cast: list[Command] = []
        self.session: Session

    def enrolment(self) -> Submission:
        """Take the code as the device would over the network."""
        facts = self.facts
        code = EnrolmentCode(facts.addresses, facts.port, facts.server_key, self.person, self.role, self.secret)
        return submission(request_for(code, self.keys, facts.meeting, pinned=False).envelope)

    def signed(self, body: Body) -> Submission:
        """Sign a command that is recorded before the server runs."""
        command = Command(self.facts.meeting, os.urandom(16).hex(), self.person, self.role, "", body)
        return submission(seal(msgspec.json.encode(command), self.keys.signing_key))

    def begin(self) -> "asyncio.Task[None]":
        """Connect."""
        self.session = Session(self.context, self.facts, self.keys, self.memory, self.ear)
        return asyncio.create_task(self.session.run())

    def vote(self, score: int) -> None:
        """Press."""
        self.cast.append(self.session.submit(Cast("1", 1, (Score("T01", "", Decimal(score)),))))

    @property
    def receipts(self) -> list[Receipt]:
        """The receipts that it took."""
        return [msgspec.json.decode(one, type=Receipt) for one in self.memory.receipts.values()]


def submission(envelope: Envelope) -> Submission:
    """What the server makes of an envelope that it admitted."""
    command = decode_command(envelope)
    assert not isinstance(command, Refusal)
    return Submission(command, envelope, 0)


class Burst:
    """Seats with a server to kill. ``unanswered`` counts the ballots under way at each kill."""

    def __init__(self, server: Server, seats: list[Seat], chair: Seat) -> None:
        self.server = server
        self.seats = seats
        self.chair = chair
        self.unanswered: list[int] = []

    async def until(self, condition: Callable[[], bool], look: float = 0.005) -> None:
        """Wait while the server lives, looking every so many seconds."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                self.server.living()
                await asyncio.sleep(look)

    def waiting(self) -> int:
        """How many ballots have no answer yet."""
        return sum(len(seat.session.outstanding) for seat in self.seats)

    async def kill_in_a_burst(self, luck: random.Random) -> None:
        """Let every seat press at once, kill the server among the answers, and start it again."""
        before = self.waiting()
        for seat in self.seats:
            seat.vote(luck.randint(0, 100))
        # at any moment of the first answers' way, or as soon as a part of them is here
        if luck.random() < 0.5:
            await asyncio.sleep(luck.random() * 0.1)
        else:
            left = luck.randint(len(self.seats) // 4, before + len(self.seats) - 1)
            await self.until(lambda: self.waiting() <= left, look=0)
        self.unanswered.append(self.waiting())
        await self.server.kill()
        await self.server.start()

    async def settled(self) -> None:
        """Every seat has come back by itself and every ballot was answered."""
        await self.until(lambda: self.waiting() == 0)
        await self.until(lambda: all(seat.session.link is Link.UP for seat in self.seats))


@asynccontextmanager
async def burst(folder: MeetingFolder, definition: Definition) -> AsyncIterator[Burst]:
    """Enrol and check in everybody, start the server, connect all seats and the chair."""
    members = [person.number for person in definition.entitled]
    allow_sockets(len(members) + 1)
    context = zmq.asyncio.Context()
    context.set(zmq.MAX_SOCKETS, 8 * len(members) + 200)
    folder.begin(definition)
    seats = [Seat(context, folder, person, Role.MEMBER) for person in members]
    chair = Seat(context, folder, members[0], Role.CHAIR)
    await prepare(folder, definition, seats, chair)
    server = Server(folder)
    await server.start()
    tasks = [seat.begin() for seat in (*seats, chair)]
    try:
        both = Burst(server, seats, chair)
        await both.until(lambda: all(seat.session.picture for seat in (*seats, chair)))
        yield both
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.kill()
        context.destroy(linger=0)


async def prepare(folder: MeetingFolder, definition: Definition, seats: list[Seat], chair: Seat) -> None:
    """Write the beginning of the record in this process."""
    ledger = folder.open_ledger()
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    codes = [IssueCode(seat.person, seat.role, secret_hash(seat.secret)) for seat in (*seats, chair)]
    try:
        await recorded(recorder, [Submission(*folder.first_command(), 0)])
        await recorded(recorder, [Submission(*folder.signed(LoadDefinition(definition)), 0)])
        await recorded(recorder, [Submission(*folder.signed(code), 0) for code in codes])
        enrolments = await recorded(recorder, [seat.enrolment() for seat in (*seats, chair)])
        for seat, receipt in zip((*seats, chair), enrolments, strict=True):
            # with it a seat also checks that its own keys stand in the record
            seat.facts = msgspec.structs.replace(seat.facts, enrolment=msgspec.json.encode(receipt).decode())
        await recorded(recorder, [seat.signed(CheckIn()) for seat in seats])
    finally:
        recorder.close()


async def recorded(recorder: Recorder, batch: list[Submission]) -> list[Receipt]:
    """Record a batch in which nothing may be refused."""
    answers = await recorder.record(batch)
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert len(receipts) == len(batch), answers
    return receipts


def checked(burst: Burst, out: Path) -> None:
    """Export and verify the record, and hold every receipt and every press of every seat against it."""
    folder = burst.server.folder
    pingyi("export", folder.path, "--database", folder.database, "--out", out)
    assert "有效" in pingyi("verify", out / "record.zip")
    with Bundle(out / "record.zip") as bundle:
        leaves = list(bundle.leaves())
    log = MerkleLog(leaf_hash(leaf) for leaf in leaves)
    recorded = Counter(
        (command.person, command.id)
        for envelope in (decode_entry(leaf).envelope for leaf in leaves)
        if envelope is not None and isinstance(command := decode_command(envelope), Command)
    )
    assert set(recorded.values()) == {1}
    for seat in burst.seats:
        assert seat.ear.alarms == []
        assert [type(answer) for _, answer in seat.ear.answers] == [Receipt] * len(seat.cast)
        assert {receipt.command for receipt in seat.receipts} == {command.id for command in seat.cast}
        assert all(recorded[seat.person, command.id] for command in seat.cast)
        for receipt in seat.receipts:
            assert leaves[receipt.index] == receipt.leaf.encode()
            head = verify_checkpoint(receipt.checkpoint, seat.session.log_key, seat.facts.origin)
            # the head of each receipt is the beginning of the final record, and covers its leaf
            assert head.root == log.root(head.size)
            assert receipt.index < head.size
