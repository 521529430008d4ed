"""A session through what a hall does to it: lost links, lost broadcasts, restarts, and a server that lies."""

import asyncio
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Hall, Memory, Terminal, free_port, open_hall
from pingyi_protocol.client.session import Link, Session
from pingyi_protocol.keys.signing import SigningKey
from pingyi_protocol.meeting.commands import Cast, CheckIn, CloseRound, OpenRound, ResumeRound, Score
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import Hello, Pong, Receipt, Refused, Request, Welcome
from pingyi_protocol.wire.picture import Continuing, Picture, Watch
from pingyi_server.gateway.publisher import Projector
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.gateway.sockets import PortError

ANSWERS = (Score("T01", "", Decimal(88)),)


@asynccontextmanager
async def hall_at(path: Path, definition: Definition) -> AsyncIterator[Hall]:
    """Open a hall on a port that a hall of this process has just given back, as soon as it is free."""
    while True:
        try:
            async with open_hall(path, definition) as hall:
                yield hall
        except PortError:
            await asyncio.sleep(0.05)
        else:
            return


@asynccontextmanager
async def running(hall: Hall, *terminals: Terminal) -> AsyncIterator[None]:
    """Let terminals outlive the hall that they were admitted to."""
    mine = hall.tasks[-len(terminals) :]
    del hall.tasks[-len(terminals) :]
    try:
        yield
    finally:
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)


def seen_by(hall: Hall, terminal: Terminal) -> Picture:
    """What the terminal ought to see now, projected from the server's state."""
    held = terminal.picture
    fresh = Projector(held.epoch).picture(
        hall.recorder.meeting, hall.recorder.ledger.fingerprint, held.clock, held.sequence
    )
    root = b64encode(hall.recorder.ledger.log.root()).decode()
    fresh = msgspec.structs.replace(fresh, watch=held.watch, head=msgspec.structs.replace(fresh.head, root=root))
    if fresh.live is not None and held.live is not None:
        fresh = msgspec.structs.replace(fresh, live=msgspec.structs.replace(fresh.live, remaining=held.live.remaining))
    return fresh


async def converged(hall: Hall, *terminals: Terminal) -> None:
    """Every terminal comes to show what the server's state is."""
    for terminal in terminals:
        await terminal.until(lambda _: terminal.picture == seen_by(hall, terminal))  # noqa: B023 - awaited at once


def followed(hall: Hall) -> int:
    """The number of leaves, all of which the verifier's code bears out."""
    replay = Replay()
    for _, leaf in hall.recorder.ledger.store.leaves():
        replay.take(decode_entry(leaf))
    assert replay.meeting == hall.recorder.meeting
    return replay.meeting.size


async def scoring(hall: Hall) -> tuple[Terminal, Terminal]:
    """A chair and one seat of a hall with two members, the first item open."""
    chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
    helper = await hall.admit("M01")
    for one in (seat, helper):
        assert isinstance(await one.session.ask(CheckIn()), Receipt)
    hall.tasks.pop().cancel()
    assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
    return chair, seat


# a server that goes and comes back


async def test_a_ballot_that_was_cast_while_the_server_was_down_is_recorded_once_under_its_id(tmp_path: Path) -> None:
    definition = small_definition(members=2, port=free_port())
    async with AsyncExitStack() as stay:
        async with open_hall(tmp_path, definition) as hall:
            chair, seat = await scoring(hall)
            await stay.enter_async_context(running(hall, chair, seat))
        await seat.until(lambda one: one.link is Link.LOST)
        command = seat.session.submit(Cast("1", 1, ANSWERS))
        assert seat.memory.waiting()[0][0] == command.id
        async with hall_at(tmp_path, definition) as hall:
            await seat.until(lambda one: not one.outstanding)
            [(answered, receipt)] = seat.ear.answers[-1:]
            assert (answered, isinstance(receipt, Receipt)) == (command, True)
            assert seat.memory.waiting() == []
            await chair.until(lambda one: one.link is Link.UP)
            # the restart has paused the countdown; the chair lets it run on, and everybody sees it
            await converged(hall, chair, seat)
            assert seat.round.phase is Phase.PAUSED
            assert isinstance(await chair.session.ask(ResumeRound("1", 1)), Receipt)
            await converged(hall, chair, seat)
            assert seat.round.received == 1
            assert hall.recorder.meeting.rounds[0].ballots["M02"].id == command.id
            followed(hall)


async def test_a_command_that_a_killed_terminal_had_signed_goes_out_when_it_starts_again(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=2, port=free_port())) as hall:
        _, seat = await scoring(hall)
        hall.tasks.pop().cancel()
        offline = Terminal(seat.facts, seat.keys, seat.memory)
        command = offline.session.submit(Cast("1", 1, ANSWERS))
        again = Terminal(seat.facts, seat.keys, seat.memory)
        hall.start(again)
        await again.until(lambda one: one.picture and not one.outstanding)
        assert again.ear.answers[0][0] == command
        hall.tasks.pop().cancel()
        twice = Terminal(seat.facts, seat.keys, Memory())
        twice.session.outstanding = {command.id: offline.session.outstanding[command.id]}
        size = hall.recorder.meeting.size
        hall.start(twice)
        await twice.until(lambda one: not one.outstanding)
        [(command_again, receipt)] = twice.ear.answers
        assert (command_again, isinstance(receipt, Receipt)) == (command, True)
        assert hall.recorder.meeting.size == size


async def test_the_link_is_lost_at_once_when_the_server_is_gone(tmp_path: Path) -> None:
    async with AsyncExitStack() as stay:
        async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
            seat = await hall.admit("M02")
            await stay.enter_async_context(running(hall, seat))
            assert seat.session.link is Link.UP
        await seat.until(lambda one: one.link is Link.LOST)


async def test_an_unavailable_store_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    failures = [Reason.UNAVAILABLE] * 3
    record = Recorder.record

    async def failing(recorder: Recorder, submissions: list[Submission]) -> list[Receipt | Refused]:
        if failures and submissions:
            failures.pop()
            return [Refused(one.command.id, Refusal(Reason.UNAVAILABLE)) for one in submissions]
        return await record(recorder, submissions)

    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        monkeypatch.setattr(Recorder, "record", failing)
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        assert failures == []


# broadcasts that are lost


class HardOfHearing(Session):
    """A session that loses broadcasts: whatever ``lost`` says of their number."""

    lost: Callable[[int], bool] = staticmethod(lambda _number: False)

    def show(self, picture: Picture | None) -> None:
        if picture is not None and self.picture is not None and self.lost(picture.sequence):
            return
        super().show(picture)


@pytest.mark.parametrize("lost", [lambda number: number % 3 == 0, lambda number: number % 5 < 3, lambda _: True])
async def test_lost_broadcasts_are_noticed_and_made_good(
    tmp_path: Path, lost: Callable[[int], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    async with open_hall(tmp_path, small_definition(members=5, port=free_port())) as hall:
        deaf = await hall.admit("hall", Role.HALL)
        hall.tasks.pop().cancel()
        context = zmq.asyncio.Context.instance()
        session = HardOfHearing(context, deaf.facts, deaf.keys, deaf.memory, deaf.ear)
        deaf.session = session
        hall.start(deaf)
        await deaf.until(lambda one: one.picture)
        session.lost = lost
        for place in range(1, 6):
            seat = await hall.admit(f"M{place:02}")
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        session.lost = lambda _number: False
        await converged(hall, deaf)


async def test_a_countdown_stands_while_an_older_copy_waits_for_signatures(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=2, port=free_port())) as hall:
        _, seat = await scoring(hall)
        await seat.until(lambda session: session.remaining())
        seat.session.pictured -= 5
        left = seat.round.remaining
        assert left is not None
        assert (seat.session.remaining() or 0) <= left - 5000
        waiting = Watch(continuing=Continuing(9, "", "disk", declared=False))
        seat.session.picture = msgspec.structs.replace(seat.picture, watch=waiting)
        assert seat.session.remaining() == left


# a server that lies


def copied(folder: Path, to: Path) -> None:
    """Copy the database as it is on the disk now."""
    with sqlite3.connect(folder / "meeting.db") as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()


async def test_an_older_copy_of_the_database_is_not_believed(tmp_path: Path) -> None:
    definition = small_definition(members=2, port=free_port())
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with AsyncExitStack() as stay:
        async with open_hall(folder, definition) as hall:
            chair, seat = await scoring(hall)
            await stay.enter_async_context(running(hall, chair, seat))
            copied(folder, tmp_path / "older.db")
            assert isinstance(await seat.session.ask(Cast("1", 1, ANSWERS)), Receipt)
            assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        for name in ("meeting.db", "meeting.db-wal", "meeting.db-shm"):
            (folder / name).unlink(missing_ok=True)
        shutil.copy(tmp_path / "older.db", folder / "meeting.db")
        async with hall_at(folder, definition):
            held = chair.session.head
            command = chair.session.submit(CloseRound("1", 1))
            await chair.until(lambda _: chair.ear.alarms)
            assert command.id in chair.session.outstanding
            assert chair.session.head == held
            assert chair.memory.receipts.get(command.id) is None
            assert all(answered.id != command.id for answered, _ in chair.ear.answers)


@pytest.mark.parametrize(
    "lie",
    [
        lambda receipt, other: msgspec.structs.replace(receipt, leaf=other.leaf, index=other.index, proof=other.proof),
        lambda receipt, other: msgspec.structs.replace(receipt, checkpoint=other.checkpoint),
        lambda receipt, _: msgspec.structs.replace(receipt, index=receipt.index - 1),
        lambda receipt, _: msgspec.structs.replace(receipt, proof=receipt.proof[:-1]),
        lambda receipt, _: msgspec.structs.replace(receipt, proof=("é", *receipt.proof)),
        lambda receipt, _: msgspec.structs.replace(receipt, consistency=()),
        lambda receipt, _: msgspec.structs.replace(receipt, leaf=receipt.leaf + " "),
        lambda receipt, _: msgspec.structs.replace(receipt, leaf=""),
        lambda receipt, _: msgspec.structs.replace(receipt, checkpoint=""),
    ],
)
async def test_a_receipt_that_does_not_fit_raises_an_alarm_and_settles_nothing(
    tmp_path: Path, lie: Callable[[Receipt, Receipt], Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
        await seat.session.ask(CheckIn())
        other = await (await hall.admit("M03")).session.ask(CheckIn())
        assert isinstance(other, Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        answer = Recorder.answer

        def lying(recorder: Recorder, *given: object) -> Receipt | Refused:
            found = answer(recorder, *given)  # type: ignore[arg-type]  # passed on as they came
            return lie(found, other) if isinstance(found, Receipt) else found

        held = seat.session.head
        with monkeypatch.context() as patch:
            patch.setattr(Recorder, "answer", lying)
            command = seat.session.submit(Cast("1", 1, ANSWERS))
            await seat.until(lambda _: seat.ear.alarms)
            assert (command.id in seat.session.outstanding, seat.session.head) == (True, held)
            assert seat.memory.waiting()[0][0] == command.id
        await seat.until(lambda one: not one.outstanding)
        assert command.id in seat.memory.receipts


# devices


async def test_a_device_that_was_replaced_is_told_so_and_stops_asking_often(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        old = await hall.admit("M02")
        assert isinstance(await old.session.ask(CheckIn()), Receipt)
        new = await hall.admit("M02")
        await old.until(lambda one: one.link is Link.REVOKED)
        command = old.session.submit(CheckIn())
        assert new.session.link is Link.UP
        assert await new.session.ask(CheckIn()) == Refusal(Reason.ALREADY_PRESENT, {"person": "M02"})
        assert command.id in old.session.outstanding
        assert old.session.link is Link.REVOKED


async def test_a_command_that_the_server_cannot_read_does_not_block_those_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        with monkeypatch.context() as patch:  # as from a version whose commands this server does not know
            patch.setattr("pingyi_protocol.client.session.seal", sealed)
            assert await seat.session.ask(CheckIn()) == Refusal(Reason.MALFORMED)
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)


def sealed(payload: bytes, key: SigningKey) -> Envelope:
    """Seal something that this version does not write."""
    return seal(payload.replace(b"check-in/1", b"check-in/9"), key)


# one message at a time, without a server


def quiet(terminal: Terminal) -> Terminal:
    """The same device with a session that is not connected."""
    return Terminal(terminal.facts, terminal.keys)


async def test_a_stale_snapshot_or_definition_never_replaces_a_newer_one(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        one = quiet(await hall.admit("M02"))
        meeting = hall.recorder.meeting
    projector = Projector("epoch")
    early = projector.picture(meeting, "", 1000, 5)
    assert meeting.definition is not None
    changed = msgspec.structs.replace(meeting, definition=small_definition(members=4))
    late = projector.picture(changed, "", 2000, 6)
    session = one.session
    session.take(Welcome(early, meeting.definition))
    assert (session.picture, session.definition) == (early, meeting.definition)
    # an update with another definition waits for that definition; picture and definition belong together
    session.show(late)
    assert (session.picture, session.definition) == (early, meeting.definition)
    session.take(Welcome(late, changed.definition))
    assert (session.picture, session.definition) == (late, changed.definition)
    session.take(Welcome(early, meeting.definition))
    assert (session.picture, session.definition) == (late, changed.definition)
    restarted = Projector("another run").picture(changed, "", 3000, 0)
    session.take(Welcome(restarted, None))
    assert session.picture == restarted


async def test_a_gap_or_a_newer_pong_asks_for_a_snapshot_once(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        one = quiet(await hall.admit("M02"))
        picture = hall.recorder.meeting
    session, asked = one.session, list[Request]()

    def send(request: Request, number: str = "") -> bool:
        assert not number
        if isinstance(request, Hello):
            asked.append(request)
        return True

    session.send = send  # type: ignore[method-assign]  # there are no sockets
    held = Projector("epoch").picture(picture, "", 1000, 5)
    session.take(Welcome(held, picture.definition))
    session.take(Pong(1500, "epoch", 5))
    assert asked == []
    session.take(Pong(1500, "epoch", 6))
    session.take(Pong(1600, "epoch", 7))
    session.show(None)
    assert len(asked) == 1
    session.take(Welcome(msgspec.structs.replace(held, sequence=7), None))
    session.show(None)
    assert len(asked) == 2
    assert asked == [Hello(held.definition)] * 2


async def test_an_update_that_comes_twice_does_not_set_the_countdown_back(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=2, port=free_port())) as hall:
        _, seat = await scoring(hall)
        one = quiet(seat)
        meeting = hall.recorder.meeting
    session = one.session
    picture = Projector("epoch").picture(meeting, "", meeting.at, 5)
    session.take(Welcome(picture, meeting.definition))
    session.pictured -= 30
    left = session.remaining()
    assert left is not None
    session.show(session.picture)
    again = session.remaining()
    assert again is not None
    assert again <= left <= 90_000
