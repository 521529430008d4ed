"""A throw-away meeting for measuring: who takes part is on its record before the server starts, a round is open."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
from zmq.utils import z85

from pingyi_protocol.client.enrolment import request_for
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Body, Cast, CheckIn, Command, IssueCode, LoadDefinition, OpenRound, Score
from pingyi_protocol.meeting.definition import (
    Audience,
    Definition,
    Item,
    Language,
    MeetingFacts,
    Person,
    Role,
    ScoreRules,
    Target,
)
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_protocol.wording import WordedError
from pingyi_server.bench.zmtp import Address
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder, Submission

PORTS = 4
LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0
LOG_END = 1000
LOOK_SECONDS = 0.5
WATCH_SECONDS = 0.005
COMMAND_LINE = "pingyi_protocol.command_line"
ROLES = (Role.MEMBER, Role.CHAIR)
ITEM = "1"
HIDDEN = ScoreRules()
SHOWN = ScoreRules(running=Audience.ALL)
"""Everybody sees the figures while the round is open."""


class StageError(WordedError):
    """A measurement failed; the text says at what."""

    package = "pingyi_server"
    exit_code = 1


class Enrolled(Struct, frozen=True):
    """A device on the record, with all that its terminal keeps."""

    facts: ProfileFacts
    keys: DeviceKeys

    def command(self, body: Body) -> Envelope:
        """Sign a new command."""
        facts = self.facts
        command = Command(facts.meeting, secrets.token_hex(16), facts.person, facts.role, "", body)
        return seal(msgspec.json.encode(command), self.keys.signing_key)


class Stage:
    """The meeting's folder, its chair, the wall, and its members in the order of the roster, all of them checked in."""

    def __init__(self, folder: MeetingFolder, chair: Enrolled, wall: Enrolled, members: list[Enrolled]) -> None:
        """Take what is on the record."""
        self.folder = folder
        self.chair = chair
        self.wall = wall
        self.members = members
        self.log = folder.path / "server.log"
        self.process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> Address:
        """Where the server listens."""
        facts = self.chair.facts
        return Address(LOOPBACK, facts.port, z85.decode(facts.server_key.encode()))

    @property
    def pid(self) -> int:
        """The number of the server's process; StageError when it has ended by itself."""
        if self.process is None or self.process.returncode is not None:
            raise StageError("bench.server_ended", log=self.log.read_text(errors="replace")[-LOG_END:].strip())
        return self.process.pid

    async def stands(self) -> None:
        """Wait for ever; StageError when the server has ended by itself."""
        while self.pid:  # noqa: ASYNC110 - a process that nobody else waits for sets no event
            await asyncio.sleep(LOOK_SECONDS)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Run ``pingyi serve`` in a process of its own; StageError when it does not start."""
        try:
            await self.start()
            yield
        finally:
            await self.stop(signal.SIGTERM)

    async def start(self, module: str = COMMAND_LINE) -> None:
        """Start the server and wait until it listens; StageError when it does not. ``module`` has its main function."""
        self.folder.note_served(None)  # whoever was killed left its note behind
        with self.log.open("ab") as log:
            # whoever presses Ctrl+C tells us, and we tell the server, when nobody needs it any more
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", f"from {module} import main; main()", "serve", str(self.folder.path)),
                stdout=log,
                stderr=log,
                env=apart(),
                start_new_session=True,
            )
        until = asyncio.get_running_loop().time() + START_SECONDS
        while self.pid and self.folder.served() is None:
            if asyncio.get_running_loop().time() > until:
                raise StageError("bench.server_slow", seconds=int(START_SECONDS))
            await asyncio.sleep(WATCH_SECONDS)

    async def stop(self, how: signal.Signals) -> None:
        """End the server with this signal, unless it has ended."""
        if self.process is None:
            return
        if self.process.returncode is None:
            self.process.send_signal(how)
        await self.process.wait()


def meeting_of(members: int, port: int, rules: ScoreRules) -> Definition:
    """Return a meeting of so many members, the first of them the chair too, that scores one target by these rules."""
    people = tuple(
        Person(f"M{place:04}", f"M{place:04}", roles=ROLES if place == 1 else (Role.MEMBER,))
        for place in range(1, members + 1)
    )
    return Definition(
        MeetingFacts("bench", "bench", "2026-11-01", Language.ENGLISH, port=port, simulated=True),
        people,
        (Target("T", "T"),),
        (Item(ITEM, "T", ("T",), rules),),
    )


def ballot() -> Cast:
    """Return a ballot of the open round."""
    return Cast(ITEM, 1, (Score("T", "", Decimal(secrets.randbelow(101))),))


async def set_up(path: Path, members: int, rules: ScoreRules = HIDDEN) -> Stage:
    """Write the record of a meeting up to its first open round into a new folder at ``path``."""
    folder = MeetingFolder(path)
    definition = meeting_of(members, free_port(), rules)
    who = [Principal(person.number, role) for role in ROLES for person in definition.roster if role in person.roles]
    async with on_record(folder, definition) as recorder:
        *seats, chair, wall = await enrolled(folder, recorder, [*who, HALL])
        await recorded(recorder, [submission(seat.command(CheckIn())) for seat in seats])
        await recorded(recorder, [submission(chair.command(OpenRound(ITEM)))])
    return Stage(folder, chair, wall, seats)


@asynccontextmanager
async def on_record(folder: MeetingFolder, definition: Definition) -> AsyncIterator[Recorder]:
    """Begin the record of a meeting in a new folder, and give what more can be recorded with, without a server."""
    folder.begin(definition)
    ledger = folder.open_ledger()
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    try:
        await recorded(recorder, [Submission(*folder.first_command(), 0)])
        await recorded(recorder, [Submission(*folder.signed(LoadDefinition(definition)), 0)])
        yield recorder
    finally:
        recorder.close()


async def enrolled(folder: MeetingFolder, recorder: Recorder, who: list[Principal]) -> list[Enrolled]:
    """Enrol a device for each; its receipt stands in its facts."""
    facts = folder.clerk_profile().facts
    keys = [generate_device_keys() for _ in who]
    codes = [
        EnrolmentCode(facts.addresses, facts.port, facts.server_key, one.person, one.role, os.urandom(SECRET_BYTES))
        for one in who
    ]
    issued = [IssueCode(code.person, code.role, secret_hash(code.secret)) for code in codes]
    await recorded(recorder, [Submission(*folder.signed(body), 0) for body in issued])
    requests = [request_for(code, one, facts.meeting, pinned=False) for code, one in zip(codes, keys, strict=True)]
    receipts = await recorded(recorder, [submission(request.envelope) for request in requests])
    return [
        Enrolled(
            msgspec.structs.replace(
                facts, person=one.person, role=one.role, enrolment=msgspec.json.encode(receipt).decode()
            ),
            key,
        )
        for one, key, receipt in zip(who, keys, receipts, strict=True)
    ]


def submission(envelope: Envelope) -> Submission:
    """Return what the server makes of an envelope that it admitted."""
    command = decode_command(envelope)
    if isinstance(command, Refusal):
        raise StageError("bench.not_recorded", reason=command.reason)
    return Submission(command, envelope, 0)


async def recorded(recorder: Recorder, batch: list[Submission]) -> list[Receipt]:
    """Record a batch in which nothing may be refused."""
    answers = await recorder.record(batch)
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    if len(receipts) != len(batch):
        raise StageError("bench.not_recorded", reason=", ".join(sorted({reason_of(answer) for answer in answers})))
    return receipts


def apart() -> dict[str, str]:
    """Return the environment without the database that it may name: that is a real meeting's."""
    return {name: value for name, value in os.environ.items() if name != "PINGYI_DATABASE"}


def reason_of(answer: Receipt | Refused) -> str:
    """Return why something was refused, "" where it was not."""
    return answer.refusal.reason if isinstance(answer, Refused) else ""


def free_port() -> int:
    """Return the first of the consecutive ports that a meeting needs, all of them free on this machine."""
    while True:
        port = 20000 + secrets.randbelow(30000)
        bound = [socket.socket() for _ in range(PORTS)]
        try:
            for place, one in enumerate(bound):
                one.bind((LOOPBACK, port + place))
        except OSError:
            continue
        finally:
            for one in bound:
                one.close()
        return port
