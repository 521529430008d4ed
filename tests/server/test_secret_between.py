"""What comes between the close of a secret round and its result: void, time, another round, and a store that fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from kit.every_kind import MOTION, SCORE
from kit.hall import free_port, open_hall
from kit.ledgers import FailingStore
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from pingyi_protocol.client import vigil
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CloseRound,
    CountersignVoid,
    OpenRound,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Item, Option
from pingyi_protocol.meeting.events import BallotsChecked
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.wire.messages import Receipt

PEOPLE = tuple(f"M{place:02}" for place in range(1, 6))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals of so small a hall cosign at once."""
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)


@asynccontextmanager
async def keyed(path: Path, *items: Item) -> AsyncIterator[SealedHall]:
    """A hall of five whose key is made."""
    definition = sealed_definition(free_port(), *items, members=5)
    async with open_hall(path, definition) as hall:
        room = SealedHall(hall)
        try:
            await room.gather(PEOPLE)
            await room.make_key()
            yield room
        finally:
            await room.stop()


def checks(room: SealedHall) -> list[int]:
    """The rounds of the scored item whose check is on the record."""
    events = (decode_entry(leaf).event for _, leaf in room.hall.recorder.ledger.store.leaves())
    return [event.round for event in events if isinstance(event, BallotsChecked) and event.item == "score"]


async def test_a_round_declared_void_while_it_is_checked_leaves_the_next_ones_to_be_opened_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with keyed(tmp_path, secretly(SCORE, seconds=None), secretly(MOTION, seconds=60)) as room:
        workers, checking = room.hall.server.unsealing.workers, asyncio.Event()
        run = workers.run

        async def held(do: Callable[[object], object], work: object) -> object:
            await checking.wait()
            return await run(do, work)

        monkeypatch.setattr(workers, "run", held)
        await room.hold("score", M01=10, M02=20, M03=30)
        await room.press(VoidRound("score", 1, "计票有误"))
        chief = room.openers["M03"].terminal.session
        assert isinstance(await chief.ask(CountersignVoid("score", 1, "计票有误")), Receipt)
        checking.set()
        await room.press(OpenRound("score", 2))
        await room.cast(M01=90, M02=80, M03=70)
        await room.press(CloseRound("score", 2))
        # the second round is not opened yet when the time of another one runs out
        await room.press(OpenRound("motion", 1))
        await room.vote(Option.FOR, *PEOPLE[:3])
        room.hall.recorder.clock.start += 60_000
        await room.until("motion", "size")
        await room.until("score", "size")
        for item in ("score", "motion"):
            await room.openers["M02"].open(item)
        for item in ("motion", "score"):
            await room.openers["M04"].open(item)
            await room.until(item, "unsealed")
        await room.press(AnnounceRound("motion", 1))
        await room.press(AnnounceRound("score", 2))
        await room.chair.until(lambda _: room.chair.picture.figures("score"))
        figures = room.chair.picture.figures("score")
        assert figures is not None
        assert (figures.targets[0].scores, str(figures.targets[0].total)) == (3, "240")
        assert checks(room) == [2]
        assert [one.phase for one in room.hall.recorder.meeting.rounds] == [
            Phase.VOID,
            Phase.ANNOUNCED,
            Phase.ANNOUNCED,
        ]


FAULTS = (b"ballots-checked/", b"opening-begun/", b"opening-part-taken/", b"round-unsealed/")


class Failing(FailingStore):
    """A store that fails once at each step of an opening, at one before the commit, at the next one after it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.faults = list(FAULTS)

    def append(self, size: int, leaves: Sequence[bytes], note: str) -> None:
        found = next((one for one in self.faults if any(one in leaf for leaf in leaves)), None)
        if found is not None:
            self.faults.remove(found)
            self.mood = "kept" if len(self.faults) % 2 else "lost"
        try:
            super().append(size, leaves, note)
        finally:
            self.mood = "well"


async def test_a_store_that_fails_at_every_step_of_an_opening_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_server.folder.SqlStore", Failing)
    monkeypatch.setattr("pingyi_server.gateway.service.RETRY_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.3)
    async with keyed(tmp_path, secretly(SCORE, seconds=None)) as room:
        await room.hold("score", M01=90, M02=80, M03=70, M04=None)
        await room.openers["M02"].open("score")
        await room.openers["M03"].open("score")
        await room.until("score", "unsealed")
        store = room.hall.recorder.ledger.store
        assert isinstance(store, Failing)
        assert not store.faults
        await room.press(AnnounceRound("score", 1))
        await room.chair.until(lambda _: room.chair.picture.figures("score"))
        figures = room.chair.picture.figures("score")
        assert figures is not None
        assert (figures.targets[0].scores, figures.targets[0].abstentions) == (3, 1)
        assert str(figures.targets[0].total) == "240"
        kinds = [msgspec.json.decode(leaf)["event"]["type"] for _, leaf in store.leaves()]
        assert len([kind for kind in kinds if f"{kind.partition('/')[0]}/".encode() in FAULTS]) == len(FAULTS)
