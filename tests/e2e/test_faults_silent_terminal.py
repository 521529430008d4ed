"""A terminal that stops reading: the others see and do everything as before, and the server keeps its size."""

import asyncio
import signal
from decimal import Decimal
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.processes import Terminal as Screen
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.sockets import connect
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Hello, Receipt, encode
from pingyi_protocol.wire.picture import from_bitmap
from pingyi_server.gateway.limits import Limits


class Frozen:
    """A device whose program hangs: its sockets are open, and nobody takes what arrives."""

    def __init__(self, terminal: Terminal) -> None:
        facts, keys = terminal.facts, terminal.keys.transport
        context = zmq.asyncio.Context.instance()
        self.sockets = []
        for kind, offset in ((zmq.DEALER, 0), (zmq.SUB, 1)):
            socket = connect(context, kind, facts.addresses, facts.port + offset, facts.server_key, keys)
            socket.linger = 0
            socket.rcvhwm = 1
            self.sockets.append(socket)
        self.sockets[1].subscribe(b"")

    async def ask(self, times: int) -> None:
        """Ask for the whole picture again and again, and never look at an answer."""
        for _ in range(times):
            await self.sockets[0].send_multipart([b"", encode(Hello(""))])

    def close(self) -> None:
        """Let go."""
        for socket in self.sockets:
            socket.close()


def resident() -> int:
    """The memory of this process, server and all, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


async def voted(seat: Terminal, times: int) -> None:
    """Change one's score so often; each is answered in good time."""
    for number in range(times):
        async with asyncio.timeout(WAIT_SECONDS):
            answer = await seat.session.ask(Cast("1", 1, (Score("T01", "", Decimal(number % 101)),)))
        assert isinstance(answer, Receipt)


async def opened(hall: Hall, seats: int) -> list[Terminal]:
    """The chair and so many seats, checked in, the first item open."""
    chair = await hall.admit("M01", Role.CHAIR)
    found = [await hall.admit(f"M{place:02}") for place in range(1, seats + 1)]
    for seat in found:
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
    assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
    return [chair, *found]


@pytest.mark.parametrize("broadcasts", [400, pytest.param(6000, marks=pytest.mark.full)], ids=["short", "long"])
async def test_terminals_that_never_read_cost_the_others_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broadcasts: int
) -> None:
    monkeypatch.setattr("pingyi_server.gateway.service.TICK_SECONDS", 0.001)
    # the one who votes for all the news is no attacker
    often = Limits(ballots_per_second=1e6, ballots_burst=1_000_000, requests_per_second=1e6, requests_burst=1_000_000)
    async with open_hall(tmp_path, small_definition(9, free_port(), live_rules(seconds=None)), limits=often) as hall:
        chair, seat, *others = await opened(hall, 9)
        for task in hall.tasks[2:]:
            task.cancel()
        frozen = [Frozen(one) for one in others]
        await voted(seat, 50)
        before, told = resident(), chair.picture.sequence
        for one in frozen:
            await one.ask(500)
        await voted(seat, broadcasts)
        # every change was broadcast by itself, and whoever listens has heard the last
        await chair.until(lambda _: chair.picture.head.size == hall.recorder.meeting.size)
        assert chair.picture.sequence - told >= broadcasts * 9 // 10
        assert [one.ear.alarms for one in (chair, seat)] == [[], []]
        # eight of them, with thousands of messages each that nobody takes
        assert resident() - before < 150_000_000
        for one in frozen:
            one.close()


async def test_a_seat_that_hung_shows_the_result_as_soon_as_it_goes_on(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(3, free_port(), live_rules(seconds=None))) as hall:
        keys = generate_device_keys()
        Profile.create(tmp_path / "profiles", await hall.enrolled("M03", Role.MEMBER, keys), keys)
        screen = await asyncio.to_thread(Screen, "seat", "--profile", tmp_path / "profiles", "--lang", "zh")
        await asyncio.to_thread(screen.until, "您还没有签到")
        screen.press("enter")
        await asyncio.to_thread(screen.until, "您已签到")
        chair, first, second = await opened(hall, 2)
        await asyncio.to_thread(screen.until, "请先输入分数")
        screen.process.send_signal(signal.SIGSTOP)
        for seat, score in ((first, 90), (second, 80)):
            answer = await seat.session.ask(Cast("1", 1, (Score("T01", "", Decimal(score)),)))
            assert isinstance(answer, Receipt)
        for body in (CloseRound("1", 1), AnnounceRound("1", 1)):
            assert isinstance(await chair.session.ask(body), Receipt)
        # the server has noticed that it does not answer, and whoever looks at the chair's console sees it
        place = 2
        await chair.until(lambda one: one.backstage and place not in from_bitmap(one.backstage.connected))
        screen.process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(screen.until, "没有收到您的票")
        screen.kill()
