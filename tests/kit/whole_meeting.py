"""A whole meeting from the first code to the close, and everything in it that is nobody else's business."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import zmq.asyncio

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Terminal
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import enrol, introduced, resolved
from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.keys.enrolment_code import encode as code_text
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Cast,
    CheckIn,
    CheckInByHand,
    Choice,
    CloseMeeting,
    CloseRound,
    ConfirmRound,
    OpenRound,
    Recuse,
    Score,
)
from pingyi_protocol.meeting.definition import Definition, Item, MotionRules, Option, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import Receipt

SCORES = tuple(map(Decimal, ("87.31", "92.47", "78.53")))
REASON = "终端故障，由工作人员代为签到"
RECUSED = "近亲属在该局任职，依法回避"


def definition(port: int) -> Definition:
    """Five members, a score item and a motion that M03, the chief scrutineer, has to sign."""
    small = small_definition(5, port, live_rules(step=Decimal("0.01"), seconds=None))
    roster = tuple(
        msgspec.structs.replace(one, roles=(Role.MEMBER, Role.SCRUTINEER), chief=True) if one.number == "M03" else one
        for one in small.roster
    )
    motion = Item("2", "关于批准年度决算的决议", (), MotionRules(confirmed=True))
    return msgspec.structs.replace(small, roster=roster, agenda=(small.agenda[0], motion))


@dataclass
class Secrets:
    """By name: what codes and keys are made of, what ballots and a refused one say, what the meeting is about."""

    refused: list[tuple[str, str]] = field(default_factory=lambda: [("a refused score", '"66.66"')])
    keys: list[tuple[str, bytes | str]] = field(default_factory=list)
    ballots: list[tuple[str, str]] = field(default_factory=list)
    about: list[tuple[str, str]] = field(default_factory=list)


Via = Callable[[EnrolmentCode], EnrolmentCode]


class WholeMeeting:
    """Holds a meeting in an open hall; ``via`` is the way that a code's terminal takes to the server."""

    def __init__(self, hall: Hall, via: Via) -> None:
        """Begin."""
        self.hall = hall
        self.via = via
        self.secrets = Secrets()
        self.ballots_sent = 0

    async def enter(self, person: str, role: Role = Role.MEMBER, *, typed: bool = False) -> Terminal:
        """Enrol a terminal and start its session."""
        code = self.via(await self.hall.code(person, role))
        keys, context = generate_device_keys(), zmq.asyncio.Context.instance()
        self.secrets.keys += [
            (f"secret of {person} {role}", code.secret),
            (f"code of {person} {role}", code_text(code)),
            (f"seed of {person} {role}", keys.signing_seed),
            (f"transport of {person} {role}", keys.transport.secret),
        ]
        if typed:
            short = TypedCode(code.addresses[0], code.port, code.secret)
            server_key = await introduced(short)
            assert server_key == code.server_key
            code = await resolved(context, short, server_key)
        terminal = Terminal(await enrol(context, code, keys), keys)
        self.hall.start(terminal)
        if role is Role.CHAIR:
            self.hall.chair = terminal
        await terminal.until(lambda session: session.picture and session.definition)
        return terminal

    async def hold(self) -> None:
        """Let everything happen."""
        loaded = self.hall.recorder.meeting.definition
        assert loaded is not None
        chair = await self.enter("M01", Role.CHAIR)
        seats = [await self.enter(f"M{place:02}", typed=place == 2) for place in range(1, 5)]
        scrutineer = await self.enter("M03", Role.SCRUTINEER)
        wall = await self.enter("hall", Role.HALL)
        for seat in seats:
            await recorded(seat.session.ask(CheckIn()))
        await self.hall.clerk(CheckInByHand("M05", REASON))
        await self.hall.clerk(Recuse("M04", "1", RECUSED))
        await recorded(chair.session.ask(OpenRound("1")))
        for seat, score in zip(seats, SCORES, strict=False):
            await recorded(seat.session.ask(Cast("1", 1, (Score("T01", "", score),))))
        await recorded(chair.session.ask(CloseRound("1", 1)))
        late = await seats[0].session.ask(Cast("1", 1, (Score("T01", "", Decimal("66.66")),)))
        assert late == Refusal(Reason.CLOSED)
        await recorded(chair.session.ask(AnnounceRound("1", 1)))
        await recorded(chair.session.ask(OpenRound("2")))
        for seat, option in zip(seats, (Option.FOR, Option.AGAINST, Option.FOR), strict=False):
            await recorded(seat.session.ask(Cast("2", 1, (Choice("", option),))))
        await recorded(chair.session.ask(CloseRound("2", 1)))
        await recorded(scrutineer.session.ask(ConfirmRound("2", 1, 5, 3, 0)))
        await recorded(chair.session.ask(AnnounceRound("2", 1)))
        await recorded(chair.session.ask(CloseMeeting()))
        for terminal in (chair, *seats, scrutineer, wall):
            await terminal.until(lambda session: session.picture and session.picture.closed)
        self.note(loaded)

    def note(self, loaded: Definition) -> None:
        """Note what the meeting was about."""
        secrets, meeting = self.secrets, self.hall.recorder.meeting
        secrets.keys += [
            ("the server's transport key", self.hall.folder.server_keys().transport.secret),
            ("the clerk's seed", self.hall.folder.clerk_keys().signing_seed),
        ]
        secrets.ballots += [(f"score {score}", f'"{score}"') for score in SCORES]
        secrets.ballots += [("a ballot", '"answers":[{"type":"'), ("a vote", '"option":"against"')]
        secrets.about += [("the meeting's id", meeting.id), ("a reason", REASON), ("a recusal's reason", RECUSED)]
        secrets.about += [("the meeting's name", loaded.meeting.name), ("a command", '"body":{"type":"')]
        secrets.about += [(f"name of {one.number}", one.name) for one in loaded.roster]
        secrets.about += [(f"title of {one.id}", one.title) for one in loaded.agenda]
        secrets.about += [(f"name of {one.id}", one.name) for one in loaded.targets]
        secrets.about += [("a report", one.report) for one in loaded.problems if one.report]
        secrets.about += [("a problem", one.title) for one in loaded.problems]


async def recorded(asked: Awaitable[Receipt | Refusal]) -> Receipt:
    """What was asked is on the record."""
    async with asyncio.timeout(WAIT_SECONDS):
        answer = await asked
    assert isinstance(answer, Receipt), answer
    return answer
