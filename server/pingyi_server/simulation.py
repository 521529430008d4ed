"""Simulated members and a simulated chair: real clients with keys of their own, in one process beside the server.

What a member does depends on the seed alone (``habits``), never on timing: the same seed gives the same figures.
"""

import asyncio
import contextlib
import random
import resource
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import PING_SECONDS, Session
from pingyi_protocol.client.vigil import SPREAD_SECONDS
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    BeginCeremony,
    Cast,
    CheckIn,
    CloseMeeting,
    CloseRound,
    Command,
    ConfirmRound,
    CountersignVoid,
    IssueCode,
    OpenCheckIn,
    OpenRound,
)
from pingyi_protocol.meeting.definition import Definition, Item, Role, Secrecy
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import LiveRound, SealedRound, from_bitmap
from pingyi_server.folder import MeetingFolder
from pingyi_server.habits import Habit, Standing, habit
from pingyi_server.simulated_scrutineer import open_secret_rounds

FILES_BESIDE = 200
SOCKETS_EACH = 8
# those still tied after them draw lots, which is no business of ours
MOST_ROUNDS = 3


class SimulationError(Exception):
    """A simulated terminal met what a real one would call the clerk for."""


class Pace(NamedTuple):
    """Seconds: over how long members check in and vote, and how long the chair lets a result stand."""

    arrival: float
    voting: float
    standing: float


class Memory:
    """Keeps what a session keeps for as long as the process lives."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sent: dict[str, bytes] = {}
        self.note: str | None = None
        self.believed: bytes | None = None

    def keep(self, command_id: str, sent: bytes) -> None:
        """Keep a command."""
        self.sent[command_id] = sent

    def waiting(self) -> list[tuple[str, bytes]]:
        """Return what was not answered."""
        return list(self.sent.items())

    def settle(self, command_id: str, receipt: bytes) -> None:  # noqa: ARG002 - a simulated member shows nobody the receipt
        """Forget the command that is on the record."""
        self.sent.pop(command_id, None)

    def drop(self, command_id: str, reason: str) -> None:  # noqa: ARG002 - the answer went to whoever asked
        """Forget a refused command."""
        self.sent.pop(command_id, None)

    def head(self) -> str | None:
        """Return the last head."""
        return self.note

    def remember_head(self, note: str) -> None:
        """Remember a head."""
        self.note = note

    def kept_receipts(self) -> list[bytes]:
        """Return nothing: a simulated member hands in nothing again."""
        return []

    def trust(self) -> bytes | None:
        """Return what is believed of the record."""
        return self.believed

    def remember_trust(self, trust: bytes) -> None:
        """Remember what is believed of the record."""
        self.believed = trust


class Ear:
    """A listener that wakes whoever waits for news, and fails on what must never be."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.news = asyncio.Event()
        self.fault: ReceiptError | None = None

    def picture_changed(self) -> None:
        """Wake."""
        self.news.set()

    def link_changed(self) -> None:
        """Wake."""
        self.news.set()

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Leave it to whoever asked."""

    def alarm_raised(self, fault: ReceiptError) -> None:
        """Remember it and wake."""
        self.fault = fault
        self.news.set()

    def alarm_lifted(self) -> None:
        """Forget it."""
        self.fault = None

    async def wait(self) -> None:
        """Wait for news; SimulationError when it is an alarm."""
        await self.news.wait()
        self.news.clear()
        if self.fault is not None:
            raise SimulationError(str(self.fault)) from self.fault


class SimulatedTerminal:
    """A session with its ear, run for as long as the block lasts."""

    def __init__(self, session: Session, ear: Ear) -> None:
        """Take an enrolled session."""
        self.session = session
        self.ear = ear

    async def definition(self) -> Definition:
        """Return the definition as soon as the server was heard."""
        while self.session.picture is None or self.session.definition is None:
            await self.ear.wait()
        return self.session.definition


async def attend(terminal: SimulatedTerminal, person: str, seed: int, pace: Pace) -> None:
    """Check in, and vote once on each round when it opens, until cancelled."""
    definition = await terminal.definition()
    session, ear = terminal.session, terminal.ear
    place = next(index for index, one in enumerate(definition.roster) if one.number == person)
    if session.picture is not None and place not in from_bitmap(session.picture.present):
        while definition.meeting.check_in_minutes is not None and session.picture.check_in is None:
            await ear.wait()
        await asyncio.sleep(pace.arrival * random.Random(f"{seed}/{person}").random())  # noqa: S311 - a simulation, repeatable on purpose
        await session.ask(CheckIn())
    done: set[tuple[str, int]] = set()
    while True:
        live = session.picture.live if session.picture else None
        if live is not None and live.phase in LIVE and (live.item, live.round) not in done:
            done.add((live.item, live.round))
            item = definition.item(live.item)
            if item is not None and place not in from_bitmap(live.voted) | from_bitmap(live.recused):
                await vote(session, item, live, habit(seed, person, item, standing_of(live)), pace)
        await ear.wait()


def standing_of(live: LiveRound) -> Standing:
    """Return what the picture says of who stands for what."""
    return Standing(live.round, live.candidates, live.places)


async def vote(session: Session, item: Item, live: LiveRound, one: Habit, pace: Pace) -> None:
    """Cast what the habit says, when it says."""
    if one.answers is None:
        return
    await asyncio.sleep(pace.voting * one.when)
    if live.key is None:
        await session.ask(Cast(item.id, live.round, one.answers))
    else:
        await session.ask(await asyncio.to_thread(session.sealer.seal, item, live, one.answers))


async def scrutinise(terminal: SimulatedTerminal, pace: Pace) -> None:
    """Sign the count of each round that waits for it, and what the chair declares void, until cancelled."""
    await terminal.definition()
    session, ear = terminal.session, terminal.ear
    signed: ConfirmRound | None = None
    while True:
        seen = session.backstage
        if seen is not None and seen.confirming not in (None, signed):
            signed = seen.confirming
            await agreed(session, signed)
        elif seen is not None and seen.voiding:
            await countersign(terminal, seen.voiding[0], pace)
        else:
            await ear.wait()


async def countersign(terminal: SimulatedTerminal, void: CountersignVoid, pace: Pace) -> None:
    """Agree that a round is void, after a while in which the chair may take it back."""
    session = terminal.session
    await asyncio.sleep(pace.standing)
    answer = await session.ask(void)
    if isinstance(answer, Refusal):
        if answer.reason is not Reason.VOID_MISFIT:
            raise SimulationError(f"refused: {answer.reason}")
        return
    while session.backstage is not None and void in session.backstage.voiding:
        await terminal.ear.wait()


async def preside(terminal: SimulatedTerminal, seed: int, pace: Pace, rounds: int | None = None) -> None:
    """Open, close and announce every item, once everybody has arrived, and the composites, then close the meeting.

    Those tied in a selection are voted on again. After so many ``rounds``, if it is given, nothing more is opened.
    """
    definition = await terminal.definition()
    session, ear = terminal.session, terminal.ear
    if definition.meeting.check_in_minutes is not None and session.picture and session.picture.check_in is None:
        await agreed(session, OpenCheckIn())
    while session.picture is None or len(from_bitmap(session.picture.present)) < len(definition.entitled):
        await ear.wait()
    if any(item.rules.secrecy is Secrecy.SECRET for item in definition.agenda):
        await make_key(terminal, definition)
    await asyncio.sleep(pace.standing)
    left = MOST_ROUNDS * len(definition.agenda) if rounds is None else rounds
    for item in definition.agenda:
        if session.picture.status(item.id).phase is not Phase.PENDING:
            continue
        tied: tuple[str, ...] = ()
        for number in range(1, min(MOST_ROUNDS, left) + 1):
            tied = await hold(terminal, definition, OpenRound(item.id, number, tied), seed, pace)
            left -= 1
            if not tied:
                break
    if definition.components:
        await compose(session)
    # the hall shows the last ranking before the final fingerprint
    await asyncio.sleep(2 * pace.standing)
    await agreed(session, CloseMeeting())


async def make_key(terminal: SimulatedTerminal, definition: Definition) -> None:
    """Let all scrutineers make the election key, unless there is one."""
    session, everybody, begun = terminal.session, len(openers(definition)), 0
    while session.picture is None or session.picture.secret.key is None:
        offered = session.backstage.ceremony if session.backstage is not None else None
        if offered is not None and len(offered.scrutineers) == everybody and not under_way(session, begun):
            await agreed(session, offered)
            begun = offered.attempt
        await terminal.ear.wait()


def under_way(session: Session, begun: int) -> bool:
    """Whether a key ceremony waits for somebody, or the one begun as attempt ``begun`` is not in the picture yet."""
    ceremony = session.picture.secret.ceremony if session.picture else None
    if ceremony is None or ceremony.attempt < begun:
        return begun > 0
    return bool(ceremony.missing)


async def compose(session: Session) -> None:
    """Announce the composites, unless evidence for them has not come: then they stay unannounced."""
    answer = await session.ask(AnnounceComposite())
    if isinstance(answer, Refusal) and answer.reason not in (Reason.COMPOSITE_MISSING, Reason.NO_COMPOSITE):
        raise SimulationError(f"refused: {answer.reason}")


async def hold(
    terminal: SimulatedTerminal, definition: Definition, opening: OpenRound, seed: int, pace: Pace
) -> tuple[str, ...]:
    """Open, close and announce a round, and return who is tied."""
    session, ear, (item, number) = terminal.session, terminal.ear, (opening.item, opening.round)
    await agreed(session, opening)
    while (live := live_round(session, item, number)) is None:
        await ear.wait()
    expected = ballots_expected(definition, live, seed)
    while live is not None and live.received < expected:
        await ear.wait()
        live = live_round(session, item, number)
    await asyncio.sleep(pace.standing / 3)
    await agreed(session, CloseRound(item, number))
    while not ready(session, item, number):
        await ear.wait()
    if too_few(session, item):
        return ()
    await asyncio.sleep(pace.standing / 3)
    await agreed(session, AnnounceRound(item, number))
    await asyncio.sleep(pace.standing)
    figures = session.picture.figures(item) if session.picture else None
    while session.picture is None or figures is None or figures.round != number:
        await ear.wait()
        figures = session.picture.figures(item) if session.picture else None
    return figures.selection.tied if figures.selection else ()


def ready(session: Session, item: str, number: int) -> bool:
    """Whether a closed round is signed where it has to be, and opened where it is secret or never can be."""
    live = live_round(session, item, number)
    if live is None or live.phase in LIVE or live.unconfirmed:
        return False
    return live.key is None or too_few(session, item) or any(one.unsealed for one in sealed(session, item))


def too_few(session: Session, item: str) -> bool:
    """Whether the newest round of an item can never be opened."""
    return any(one.too_few for one in sealed(session, item))


def sealed(session: Session, item: str) -> tuple[SealedRound, ...]:
    """Return how far the opening of an item's newest round has come, nothing where none is to be opened."""
    rounds = session.picture.secret.rounds if session.picture else ()
    return tuple(one for one in rounds if one.item == item)


def live_round(session: Session, item: str, number: int) -> LiveRound | None:
    """Return what the picture says of this round while it is the last one."""
    live = session.picture.live if session.picture else None
    return live if live is not None and (live.item, live.round) == (item, number) else None


def ballots_expected(definition: Definition, live: LiveRound, seed: int) -> int:
    """Return how many ballots will come in: from all who are not recused and have the habit to vote on it."""
    item, standing, recused = definition.item(live.item), standing_of(live), from_bitmap(live.recused)
    voters = (one.number for place, one in enumerate(definition.roster) if one.entitled and place not in recused)
    return sum(item is not None and habit(seed, who, item, standing).answers is not None for who in voters)


async def agreed(
    session: Session,
    body: OpenCheckIn | OpenRound | CloseRound | ConfirmRound | AnnounceRound | BeginCeremony | CloseMeeting,
) -> None:
    """Submit what the chair, or the scrutineer, is bound to be allowed."""
    answer = await session.ask(body)
    if isinstance(answer, Refusal):
        raise SimulationError(f"refused: {answer.reason}")


async def admit(
    context: zmq.asyncio.Context, folder: MeetingFolder, clerk: Session, who: Principal
) -> SimulatedTerminal:
    """Let the clerk issue a code, and enrol a terminal with it over the network."""
    definition = clerk.definition
    if definition is None:
        raise SimulationError("the clerk knows no meeting yet")
    secret = secrets.token_bytes(SECRET_BYTES)
    answer = await clerk.ask(IssueCode(who.person, who.role, secret_hash(secret)))
    if isinstance(answer, Refusal):
        raise SimulationError(f"no code for {who.person}: {answer.reason}")
    facts = folder.clerk_facts()
    keys = generate_device_keys()
    code = EnrolmentCode(facts.addresses, facts.port, facts.server_key, who.person, who.role, secret)
    ear = Ear()
    return SimulatedTerminal(Session(context, await enrol(context, code, keys), keys, Memory(), ear), ear)


async def simulate(folder: MeetingFolder, people: Iterable[str], seed: int, pace: Pace, *, chair: bool) -> None:
    """Run these members, a scrutineer where there is one, and the chair with ``chair``, on the folder's running server.

    Returns when the simulated chair has closed the meeting; without one it goes on until cancelled.
    SimulationError when anything happens that should not.
    """
    people = tuple(people)
    allow_sockets(len(people))
    with zmq.asyncio.Context(io_threads=1) as context:
        context.set(zmq.MAX_SOCKETS, SOCKETS_EACH * len(people) + FILES_BESIDE)
        await play(context, folder, people, seed, pace, chair=chair)


async def play(
    context: zmq.asyncio.Context, folder: MeetingFolder, people: tuple[str, ...], seed: int, pace: Pace, *, chair: bool
) -> None:
    """Run everybody's sessions, as ``simulate`` says."""
    async with asyncio.TaskGroup() as sessions:
        ear = Ear()
        clerk = Session(context, folder.clerk_facts(), folder.clerk_keys(), Memory(), ear, folder.office())
        running = [sessions.create_task(clerk.run())]
        definition = await SimulatedTerminal(clerk, ear).definition()
        for person in people:
            member = await admit(context, folder, clerk, Principal(person, Role.MEMBER))
            running.append(sessions.create_task(member.session.run()))
            running.append(sessions.create_task(attend(member, person, seed, pace)))
        signing = scrutineers(definition)
        for who in dict.fromkeys((*signing, *openers(definition))):
            scrutineer = await admit(context, folder, clerk, Principal(who, Role.SCRUTINEER))
            running.append(sessions.create_task(scrutineer.session.run()))
            if who in signing:
                running.append(sessions.create_task(scrutinise(scrutineer, pace)))
            if who in openers(definition):
                running.append(sessions.create_task(open_secret_rounds(scrutineer.session)))
        if chair:
            whose = next(person.number for person in definition.roster if Role.CHAIR in person.roles)
            presiding = await admit(context, folder, clerk, Principal(whose, Role.CHAIR))
            running.append(sessions.create_task(presiding.session.run()))
            await preside(presiding, seed, pace)
            # the members' terminals still have to cosign the last close and the final head
            await asyncio.sleep(2 * (SPREAD_SECONDS + PING_SECONDS))
            for task in running:
                task.cancel()


def scrutineers(definition: Definition) -> list[str]:
    """Return who signs counts and void rounds: the chief, or any scrutineer where there is none; never the chair."""
    able = [
        person for person in definition.roster if Role.SCRUTINEER in person.roles and Role.CHAIR not in person.roles
    ]
    return [person.number for person in sorted(able, key=lambda person: not person.chief)[:1]]


def openers(definition: Definition) -> tuple[str, ...]:
    """Return who makes the key of secret rounds and opens them: every scrutineer, where there are such rounds."""
    if all(item.rules.secrecy is Secrecy.OPEN for item in definition.agenda):
        return ()
    return tuple(person.number for person in definition.roster if Role.SCRUTINEER in person.roles)


def allow_sockets(people: int) -> None:
    """Raise this process's limit of open files as far as it may go, for that many terminals."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SOCKETS_EACH * people + FILES_BESIDE
    if soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a simulation in a process of its own is told, as one line of JSON on standard input."""

    folder: str
    people: tuple[str, ...]
    seed: int
    pace: Pace
    chair: bool


def main() -> None:
    """Run the simulation that standard input describes."""
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=Plan)
    work = simulate(MeetingFolder(Path(plan.folder)), plan.people, plan.seed, plan.pace, chair=plan.chair)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work)


if __name__ == "__main__":
    main()
