"""A secret ballot at a seat on a real server: sealed in the outbox, sent again with the same bytes, and opened."""

from pathlib import Path

import msgspec
import pytest

from kit.every_kind import SCORE
from kit.hall import free_port, open_hall
from kit.real_seat import profile_of, seated, until_says
from kit.screens import plain
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from pingyi_protocol.client import vigil
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import AnnounceRound, CastSecret, CloseRound, Command, OpenRound
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.wire.envelope import Envelope
from pingyi_terminal.seat.app import SeatApp

SCORED = secretly(SCORE, press="last")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two presses may be quick, and terminals of so small a hall cosign at once."""
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)


def kept(profile: Profile) -> list[tuple[str, Envelope]]:
    """What waits in the outbox, of which nothing is readable but that it is a ballot."""
    waiting = [(command_id, msgspec.json.decode(sent, type=Envelope)) for command_id, sent in profile.waiting()]
    for _, envelope in waiting:
        command = decode_command(envelope)
        assert isinstance(command, Command)
        assert isinstance(command.body, CastSecret)
    return waiting


async def test_a_seat_votes_in_secret_and_restarts_with_the_sealed_ballot_unsent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_hall(tmp_path / "hall", sealed_definition(free_port(), SCORED)) as hall:
        room = SealedHall(hall)
        try:
            await room.gather(("M01", "M02", "M03", "M04", "M05"))
            profile, keys = await profile_of(hall, "M06", tmp_path / "profiles")
            async with seated(profile, keys) as (app, pilot):
                await until_says(app, pilot, "Enter  签到")
                await pilot.press("enter")
                await until_says(app, pilot, "无记名，待有密钥")
                await room.make_key()
                await room.press(OpenRound("score", 1))
                await until_says(app, pilot, "请为 文化和旅游局 打分")
                key = hall.recorder.meeting.key
                assert key is not None
                assert key.fingerprint in plain(app)
                await pilot.press("9", "7", "enter", "enter")
                await until_says(app, pilot, "您的票已加密写入会议记录")
                with monkeypatch.context() as cut:
                    cut.setattr(app.session, "send", lambda *_: False)
                    await pilot.press("f6", "8", "8", "enter", "enter")
                    await until_says(app, pilot, "无记名票（文化和旅游局）没有丢")
                    [(waits, sealed)] = kept(profile)
                    await pilot.press("ctrl+q", "enter")
            async with seated(profile, keys) as (app, pilot):
                await until_says(app, pilot, "您的票已加密写入会议记录")
                await room.chair.until(lambda _: waits in hall.recorder.meeting.commands)
                wanted = hall.recorder.meeting.commands[waits]
                leaf = next(body for index, body in hall.recorder.ledger.store.leaves() if index == wanted)
                assert decode_entry(leaf).envelope == sealed
                await room.cast(M01=90, M02=80, M03=70)
                await room.press(CloseRound("score", 1))
                await until_says(app, pilot, "核验后由监票人共同开启")
                await room.openers["M02"].open("score")
                await room.openers["M03"].open("score")
                await room.until("score", "unsealed")
                await room.press(AnnounceRound("score", 1))
                await until_says(app, pilot, "您已无记名投票")
                assert "88 分" not in plain(app)
                [figures] = room.chair.picture.published[-1].targets
                assert figures.total == 88 + 90 + 80 + 70
        finally:
            await room.stop()
