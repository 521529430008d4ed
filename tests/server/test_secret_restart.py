"""Secret rounds go on though workers are killed, ballots do not hold, and the server is started anew in between."""

import asyncio
import os
import signal
from pathlib import Path

import msgspec
import pytest

from kit.every_kind import SCORE, scored
from kit.hall import Hall, free_port, open_hall
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client import vigil
from pingyi_protocol.meeting.commands import AnnounceRound, CloseRound, OpenRound, OverrideCosigning
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import Receipt

PEOPLE = tuple(f"M{place:02}" for place in range(1, 7))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals of so small a hall cosign at once."""
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)


async def kill_a_worker(hall: Hall) -> None:
    """End one of the server's worker processes as the system does when memory runs out."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (pool := hall.server.unsealing.workers.pool) is None or not pool._processes:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    os.kill(next(iter(pool._processes)), signal.SIGKILL)


@pytest.mark.usefixtures("soon")
async def test_a_round_is_opened_over_two_restarts_a_killed_worker_and_a_ballot_that_does_not_hold(
    tmp_path: Path,
) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE))
    async with open_hall(tmp_path, definition) as hall:
        room = SealedHall(hall)
        await room.gather(PEOPLE)
        await room.make_key()
        await room.press(OpenRound("score", 1))
        await room.cast(M01=90, M02=80, M03=70)
        await kill_a_worker(hall)
        # whoever copies another one's ballot has a receipt for it, and no proof
        copied = await room.seal("M05", scored("T01", 100))
        assert isinstance(await room.seats["M04"].session.ask(copied), Receipt)
        await room.cast(M05=60, M06=50)
        # a newest ballot that does not hold leaves the one before it standing
        assert isinstance(await room.seats["M06"].session.ask(copied), Receipt)
        await room.press(CloseRound("score", 1))
    async with open_hall(tmp_path, definition) as hall:
        await room.move(hall)
        begun = await room.until("score", "size")
        assert begun.invalid == ("M04",)
        await room.openers["M02"].open("score")
        await room.until("score", "parts")
    async with open_hall(tmp_path, definition) as hall:
        await room.move(hall)
        await room.openers["M03"].open("score")
        await room.until("score", "unsealed")
        await room.press(AnnounceRound("score", 1))
        await room.chair.until(lambda _: room.chair.picture.figures("score"))
        figures = room.chair.picture.figures("score")
        await room.stop()
    assert figures is not None
    assert (figures.targets[0].scores, str(figures.targets[0].total)) == (5, "350")


async def test_where_nobody_cosigns_the_chief_scrutineer_answers_for_our_head_and_for_no_other(tmp_path: Path) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE))
    async with open_hall(tmp_path, definition) as hall:
        room = SealedHall(hall)
        await room.gather(PEOPLE[:4])
        await room.make_key()
        await room.press(OpenRound("score", 1))
        await room.cast(M01=90, M02=80, M04=70)
        for person in ("M01", "M02", "M04"):
            await hall.switch_off(room.seats[person])
        await room.press(CloseRound("score", 1))
        await room.until("score", "checked")
        chief = room.openers["M03"]
        await chief.terminal.until(lambda _: any(True for _ in chief.scrutiny.overridable()))
        body = chief.scrutiny.override("score", 1, "三台终端已关闭")
        assert isinstance(body, OverrideCosigning)
        other = msgspec.structs.replace(body, root="A" * 43 + "=")
        assert await chief.terminal.session.ask(other) == Refusal(Reason.OPENING_MISFIT)
        assert isinstance(await chief.terminal.session.ask(body), Receipt)
        begun = await room.until("score", "size")
        assert (begun.size, begun.overridden) == (body.size, "M03")
        await room.stop()
