"""What a terminal or the clerk left unanswered: a later start sends a ballot again, and never an act for its moment."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from kit.factories import small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from pingyi_protocol.client.served import Served
from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import Body, CheckIn, CheckInByHand, CloseRound, MoveSeat, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.wire.messages import Receipt
from pingyi_server import clerk
from pingyi_server.folder import FolderError


def recorded(hall: Hall, since: int) -> list[str]:
    """The kinds of the leaves from this one on."""
    leaves = list(hall.recorder.ledger.store.leaves())
    return [type(decode_entry(leaf).event).__name__ for _, leaf in leaves[since:]]


async def test_what_the_chair_confirmed_before_the_last_start_is_not_done_unasked(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=2, port=free_port())) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
        for task in hall.tasks:
            task.cancel()
        hall.tasks.clear()
        offline = Terminal(chair.facts, chair.keys, chair.memory)
        left = [offline.session.submit(OpenRound("1")), offline.session.submit(CloseRound("1", 1))]
        Terminal(seat.facts, seat.keys, seat.memory).session.submit(CheckIn())
        size = hall.recorder.meeting.size
        again, member = Terminal(chair.facts, chair.keys, chair.memory), Terminal(seat.facts, seat.keys, seat.memory)
        assert (again.session.given_up, again.session.outstanding, again.memory.waiting()) == (left, {}, [])
        assert member.session.given_up == []
        for one in (again, member):
            hall.start(one)
        await member.until(lambda session: session.picture and not session.outstanding)
        await again.until(lambda session: session.picture and session.picture.head.size > size)
        assert recorded(hall, size) == ["CheckedIn"]


async def test_what_the_clerk_broke_off_is_never_carried_out_behind_another_act(tmp_path: Path) -> None:
    definition = small_definition(members=3, port=free_port())
    async with open_hall(tmp_path, definition) as hall:
        folder, size = hall.folder, hall.recorder.meeting.size
        command, envelope = folder.signed(CheckInByHand("M02", "理由"))
        # the power went while the clerk waited
        folder.clerk_profile().keep(command.id, msgspec.json.encode(envelope))
        with folder.locked():
            folder.note_served(Served("127.0.0.1", hall.port))
            assert isinstance(await clerk.submit(folder, MoveSeat("M02", "9-9")), Receipt)
        assert recorded(hall, size) == ["SeatMoved"]


@pytest.mark.parametrize("cancels", [True, False])
async def test_an_act_without_an_answer_is_given_up_and_said_to_be_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cancels: bool
) -> None:
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        folder = hall.folder
    with folder.locked():
        folder.note_served(Served("127.0.0.1", hall.port))
        monkeypatch.setattr(clerk, "ANSWER_SECONDS", 30 if cancels else 0.1)
        under_way = asyncio.Event()
        ask = Session.ask

        async def noted(session: Session, body: Body) -> Receipt | Refusal:
            under_way.set()
            return await ask(session, body)

        monkeypatch.setattr(Session, "ask", noted)
        asking = asyncio.create_task(clerk.submit(folder, CheckInByHand("M02", "理由")))
        if cancels:
            await under_way.wait()
            asking.cancel()
        with pytest.raises(FolderError, match=r"record|记录在案"):
            await asking
        assert folder.clerk_profile().waiting() == []
