"""The server is killed at every stage of a secret round's opening, as by a power cut; its result stays right."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from kit.burst import Server
from kit.every_kind import SCORE
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.processes import pingyi
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from pingyi_protocol.meeting.commands import AnnounceRound, CloseRound, ConfirmRound, OpenRound
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.folder import MeetingFolder

PEOPLE = ("M01", "M02", "M03", "M04", "M05")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.3)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.0)
    monkeypatch.setattr("pingyi_protocol.client.sockets.LONGEST_RECONNECT_MILLISECONDS", 200)


class Outside:
    """A hall whose server is a process of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, terminal: Terminal) -> None:
        """Run a terminal's session."""
        self.tasks.append(asyncio.create_task(terminal.session.run()))

    async def power_cut(self) -> None:
        """Kill the server and start it again; whoever waits for it finds out when it serves."""
        await self.server.kill()
        await self.server.start()


async def test_a_round_is_opened_over_a_kill_at_each_of_its_stages(tmp_path: Path) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE, seconds=None), members=5)
    folder = MeetingFolder(tmp_path / "meeting")
    folder.path.mkdir()
    async with open_hall(folder.path, definition) as hall:
        room = SealedHall(hall)
        await room.gather(PEOPLE)
        await room.make_key()
        await room.press(OpenRound("score", 1))
        await room.cast(M01=90, M02=80, M03=70, M04=None)
    server = Server(folder)
    outside = Outside(server)
    await server.start()
    try:
        await room.move(cast(Hall, outside))
        await room.press(CloseRound("score", 1))
        # while the proofs are checked
        await outside.power_cut()
        await room.until("score", "checked")
        chief = room.openers["M03"].terminal.session
        assert isinstance(await chief.ask(ConfirmRound("score", 1, 5, 4, 0)), Receipt)
        # as soon as the count is signed
        await outside.power_cut()
        await room.until("score", "size")
        # once the opening has begun
        await outside.power_cut()
        await room.openers["M02"].open("score")
        await room.until("score", "parts")
        # with one part of two
        await outside.power_cut()
        await room.openers["M03"].open("score")
        await room.until("score", "unsealed")
        await room.press(AnnounceRound("score", 1))
        await room.chair.until(lambda _: room.chair.picture.figures("score"))
        figures = room.chair.picture.figures("score")
    finally:
        await room.stop()
        for task in outside.tasks:
            task.cancel()
        await asyncio.gather(*outside.tasks, return_exceptions=True)
        await server.kill()
    assert figures is not None
    [target] = figures.targets
    assert (target.scores, target.abstentions, str(target.total)) == (3, 1, "240")
    assert figures.received == 4
    alarms = [one.ear.alarms for one in (room.chair, *room.seats.values())]
    assert alarms == [[]] * len(alarms)
    pingyi("export", folder.path, "--out", tmp_path / "out")
    assert verify_record(tmp_path / "out" / "record.zip").valid
