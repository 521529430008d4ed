"""Halls whose database is put back to an older copy: behind everybody's back, or by ``pingyi restore``."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

import msgspec

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.commands import Body, Cast, CheckIn, CountersignContinuation, DeclareContinuation, Score
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Continuing
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.sockets import PortError
from pingyi_server.ledger.backup import write_backup

REASON = "磁盘损坏，换上备份"


def ballot(score: int, item: str = "1") -> Cast:
    """A ballot for the first round of an item with one target."""
    return Cast(item, 1, (Score("T01", "", Decimal(score)),))


def watched(members: int = 3) -> Definition:
    """A small meeting with M02 as a scrutineer too, without a countdown."""
    definition = small_definition(members=members, port=free_port(), rules=live_rules(seconds=None))
    roster = tuple(
        msgspec.structs.replace(one, roles=(*one.roles, Role.SCRUTINEER)) if one.number == "M02" else one
        for one in definition.roster
    )
    return msgspec.structs.replace(definition, roster=roster)


@asynccontextmanager
async def hall_at(path: Path, definition: Definition, *terminals: Terminal) -> AsyncIterator[Hall]:
    """Open a hall, as soon as its port is free, with these terminals; they end with it and keep what they keep."""
    while True:
        try:
            async with open_hall(path, definition) as hall:
                for terminal in terminals:
                    hall.start(terminal)
                yield hall
        except PortError:
            await asyncio.sleep(0.05)
        else:
            return


def again(terminal: Terminal) -> Terminal:
    """The same terminal, started anew from what it keeps."""
    return Terminal(terminal.facts, terminal.keys, terminal.memory)


async def done(terminal: Terminal, *bodies: Body) -> None:
    """Let a terminal do something that is accepted."""
    for body in bodies:
        async with asyncio.timeout(WAIT_SECONDS):
            assert isinstance(await terminal.session.ask(body), Receipt)


async def staffed(hall: Hall) -> tuple[Terminal, list[Terminal], Terminal]:
    """Let in the chair, all members, who check in, and the scrutineer's console."""
    chair = await hall.admit("M01", Role.CHAIR)
    scrutineer = await hall.admit("M02", Role.SCRUTINEER)
    assert hall.recorder.meeting.definition is not None
    seats = [await hall.admit(one.number) for one in hall.recorder.meeting.definition.entitled]
    for seat in seats:
        await done(seat, CheckIn())
    return chair, seats, scrutineer


async def continued(chair: Terminal, scrutineer: Terminal) -> Continuing:
    """Let chair and scrutineer sign what is shown to them."""
    await chair.until(lambda session: session.picture and session.picture.watch.continuing)
    copy = chair.picture.watch.continuing
    assert copy is not None
    values = (copy.size, copy.root, copy.reason)
    async with asyncio.timeout(WAIT_SECONDS):
        assert isinstance(await chair.session.ask(DeclareContinuation(*values)), Receipt)
        assert isinstance(await scrutineer.session.ask(CountersignContinuation(*values)), Receipt)
    return copy


async def calm(terminal: Terminal) -> None:
    """Wait until a terminal believes the server, and nothing of its own waits."""
    for _ in range(200):
        session = terminal.session
        if session.vigil.alarm is None and session.picture and session.vigil.witness.sure and not session.outstanding:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(session.vigil.alarm, session.outstanding)


def backed_up(folder: MeetingFolder, to: Path) -> Path:
    """Back the meeting up, also while it is served."""
    facts = folder.clerk_profile().facts
    with closing(folder.open_store()) as store:
        write_backup(store, to, facts.log_key, facts.origin)
    return to


def swapped_in(folder: Path, copy: Path) -> None:
    """Put an older copy in place of the database, as somebody would who wants nobody to notice."""
    for name in ("meeting.db", "meeting.db-wal", "meeting.db-shm"):
        (folder / name).unlink(missing_ok=True)
    with sqlite3.connect(copy) as source, sqlite3.connect(folder / "meeting.db") as target:
        source.backup(target)
    source.close()
    target.close()
