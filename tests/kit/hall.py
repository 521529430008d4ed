"""A whole hall in one event loop: a real server on real sockets, and sessions with keys of their own."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import zmq.asyncio

from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.meeting.commands import Body, Command, CountersignCode, IssueCode, LoadDefinition
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import LiveRound, Picture
from pingyi_server.exports.running import Exporter
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.limits import Limits
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.gateway.service import MeetingServer
from pingyi_server.gateway.sockets import bind_sockets


class Memory:
    """Keeps what a session keeps, in memory."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}
        self.receipts: dict[str, bytes] = {}
        self.note: str | None = None
        self.believed: bytes | None = None

    def keep(self, command_id: str, sent: bytes) -> None:
        self.sent[command_id] = sent

    def waiting(self) -> list[tuple[str, bytes]]:
        return list(self.sent.items())

    def settle(self, command_id: str, receipt: bytes) -> None:
        self.receipts[command_id] = receipt
        self.sent.pop(command_id, None)

    def drop(self, command_id: str, reason: str) -> None:
        assert reason
        self.sent.pop(command_id, None)

    def head(self) -> str | None:
        return self.note

    def remember_head(self, note: str) -> None:
        self.note = note

    def kept_receipts(self) -> list[bytes]:
        return list(self.receipts.values())

    def trust(self) -> bytes | None:
        return self.believed

    def remember_trust(self, trust: bytes) -> None:
        self.believed = trust


class Deaf:
    """Remembers what a session says, and lets a test wait for a change."""

    def __init__(self) -> None:
        self.answers: list[tuple[Command, Receipt | Refusal]] = []
        self.alarms: list[ReceiptError] = []
        self.lifted = 0
        self.changed = asyncio.Event()

    def picture_changed(self) -> None:
        self.changed.set()

    def link_changed(self) -> None:
        self.changed.set()

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        self.answers.append((command, answer))
        self.changed.set()

    def alarm_raised(self, fault: ReceiptError) -> None:
        self.alarms.append(fault)
        self.changed.set()

    def alarm_lifted(self) -> None:
        self.lifted += 1
        self.changed.set()


class Terminal:
    """A session with what it keeps and hears; ``session.run`` is under way while the hall is open."""

    def __init__(self, facts: ProfileFacts, keys: DeviceKeys, memory: Memory | None = None) -> None:
        self.facts = facts
        self.keys = keys
        self.memory = memory or Memory()
        self.ear = Deaf()
        self.running: asyncio.Task[None] | None = None
        self.session = Session(zmq.asyncio.Context.instance(), facts, keys, self.memory, self.ear)

    @property
    def picture(self) -> Picture:
        """The picture that the session holds."""
        assert self.session.picture is not None
        return self.session.picture

    @property
    def round(self) -> LiveRound:
        """The newest round in the picture."""
        assert self.picture.live is not None
        return self.picture.live

    async def until(self, condition: Callable[[Session], object], within: float = WAIT_SECONDS) -> None:
        """Wait until the session is as the test wants it."""
        async with asyncio.timeout(within):
            while not condition(self.session):
                self.ear.changed.clear()
                await self.ear.changed.wait()


class Hall:
    """An open hall: its folder, its recorder, and a way to let people in."""

    def __init__(self, folder: MeetingFolder, recorder: Recorder, port: int, server: MeetingServer) -> None:
        self.folder = folder
        self.recorder = recorder
        self.port = port
        self.server = server
        self.stop = asyncio.Event()
        self.serving = asyncio.create_task(server.run(self.stop))
        self.tasks: list[asyncio.Task[None]] = []
        self.chair: Terminal | None = None

    async def code(self, person: str, role: Role) -> EnrolmentCode:
        """Issue a code as the clerk does."""
        secret = secrets.token_bytes(12)
        await self.clerk(IssueCode(person, role, secret_hash(secret)))
        if secret_hash(secret) in self.recorder.meeting.unsigned_codes:
            chair = self.chair or await self.admit("M01", Role.CHAIR)
            assert isinstance(await chair.session.ask(CountersignCode(person, role, secret_hash(secret))), Receipt)
        return EnrolmentCode(
            ("127.0.0.1",), self.port, self.folder.server_keys().transport.public, person, role, secret
        )

    async def clerk(self, body: Body) -> Receipt:
        """Let the clerk change the meeting."""
        [answer] = await self.recorder.record([Submission(*self.folder.signed(body), 0)])
        assert isinstance(answer, Receipt)
        return answer

    async def admit(self, person: str, role: Role = Role.MEMBER) -> Terminal:
        """Enrol a terminal over the enrolment socket and start its session."""
        keys = generate_device_keys()
        terminal = Terminal(await self.enrolled(person, role, keys), keys)
        self.start(terminal)
        await terminal.until(lambda session: session.picture and session.definition)
        return terminal

    async def enrolled(self, person: str, role: Role, keys: DeviceKeys) -> ProfileFacts:
        """Enrol these keys over the enrolment socket."""
        return await enrol(zmq.asyncio.Context.instance(), await self.code(person, role), keys, WAIT_SECONDS)

    def start(self, terminal: Terminal) -> "asyncio.Task[None]":
        """Run a terminal's session for as long as the hall is open."""
        self.chair = terminal if terminal.facts.role is Role.CHAIR else self.chair
        terminal.running = asyncio.create_task(terminal.session.run())
        self.tasks.append(terminal.running)
        return terminal.running

    async def switch_off(self, terminal: Terminal) -> None:
        """End a terminal's session."""
        assert terminal.running is not None
        terminal.running.cancel()
        await asyncio.wait([terminal.running])
        self.tasks.remove(terminal.running)


PORTS = range(10000, 32000)
"""Below those that systems give to connections of their own (Linux: from 32768 on), so nobody has one by chance."""

MEETING_PORTS = 4


def ports_of_this_process() -> range:
    """Return where this process's servers may listen: its part of the ports, where other processes test beside it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = (PORTS.stop - PORTS.start) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return range(PORTS.start + worker * share, PORTS.start + (worker + 1) * share)


def walk(ports: range) -> Iterator[int]:
    """Go round through the first ports of all fours, from anywhere on: one comes again after all others."""
    firsts = ports[: len(ports) - len(ports) % MEETING_PORTS : MEETING_PORTS]
    start = secrets.randbelow(len(firsts))
    return cycle((*firsts[start:], *firsts[:start]))


WALK = walk(ports_of_this_process())


def free_port() -> int:
    """Return the first of four free consecutive ports."""
    for port in WALK:
        try:
            for place in range(MEETING_PORTS):
                with socket.socket() as one:
                    # as servers bind: what an ended one's connections leave behind is in nobody's way
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    one.bind(("", port + place))
        except OSError:
            continue
        return port
    raise AssertionError("the walk has no end")


@asynccontextmanager
async def open_hall(
    path: Path, definition: Definition, database: str | None = None, limits: Limits | None = None
) -> AsyncIterator[Hall]:
    """Load ``definition`` into a folder at ``path`` (or go on with the one there) and serve it."""
    folder = MeetingFolder(path, database)
    first = not folder.begun
    if first:
        folder.begin(definition)
    ledger = folder.open_ledger()
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    if first:
        await recorder.record([Submission(*folder.first_command(), 0)])
    context = zmq.asyncio.Context.instance()
    port = definition.meeting.port
    sockets = bind_sockets(context, folder.server_keys().transport, "127.0.0.1", port, limits)
    if first:
        await recorder.record([Submission(*folder.signed(LoadDefinition(definition)), 0)])
    exporter = Exporter(folder)
    hall = Hall(folder, recorder, port, MeetingServer(context, sockets, recorder, limits, exporter))
    try:
        yield hall
    finally:
        hall.stop.set()
        for task in hall.tasks:
            task.cancel()
        await asyncio.gather(*hall.tasks, return_exceptions=True)
        try:
            await hall.serving
        finally:
            sockets.close()
            exporter.stop()
            recorder.close()
