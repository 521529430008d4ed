"""Three scrutineers at real terminals make a key and open a round, though one drops out and another stays away."""

import asyncio
import time
from pathlib import Path

import pytest

from kit.every_kind import SCORE
from kit.hall import Hall, free_port, open_hall
from kit.processes import Terminal as Screen
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import OPENERS, secretly
from pingyi_protocol.client import vigil
from pingyi_protocol.keys.enrolment_code import encode as code_text
from pingyi_protocol.meeting.commands import AnnounceRound
from pingyi_protocol.meeting.definition import Role
from pingyi_terminal.scrutineer.app import SETTLE_SECONDS

MEMBERS = tuple(f"M{place:02}" for place in range(1, 7))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals of so small a hall cosign at once."""
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)


class Desk:
    """A scrutineer's terminal, which can be cut off and started anew."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.screen: Screen

    async def begin(self, *code: str) -> None:
        """Start the program; the first time with a code."""
        self.screen = await asyncio.to_thread(Screen, "scrutineer", *code, "--profile", self.root)

    async def until(self, *texts: str) -> str:
        """Wait until these texts stand on the screen, while the hall goes on."""
        return await asyncio.to_thread(self.screen.until, *texts)

    async def press_twice(self) -> None:
        """Do what the block says, as a person does."""
        await asyncio.to_thread(self.screen.press, "enter")
        await self.until("再按一次")
        await asyncio.to_thread(time.sleep, 2 * SETTLE_SECONDS)
        await asyncio.to_thread(self.screen.press, "enter")


async def desks_in(hall: Hall, root: Path) -> dict[str, Desk]:
    """Three terminals, enrolled with the codes of their cards."""
    desks = {person: Desk(root / person) for person in OPENERS}
    for person, desk in desks.items():
        await desk.begin(code_text(await hall.code(person, Role.SCRUTINEER)))
    for desk in desks.values():
        await desk.until("会议进行情况", "本终端已逐条核对会议记录")
    return desks


async def begin_ceremony(room: SealedHall, people: int) -> None:
    """The chair begins a ceremony with all scrutineers, once so many of them are there."""

    def ready(least: int) -> bool:
        backstage = room.chair.session.backstage
        return backstage is not None and backstage.ceremony is not None and len(backstage.ceremony.scrutineers) >= least

    await room.chair.until(lambda _: ready(people))
    backstage = room.chair.session.backstage
    assert backstage is not None
    assert backstage.ceremony is not None
    await room.press(backstage.ceremony)


async def test_a_key_is_made_and_a_round_opened_with_one_dropping_out_and_another_missing(tmp_path: Path) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE))
    async with open_hall(tmp_path / "hall", definition) as hall:
        room = SealedHall(hall)
        await room.gather(MEMBERS, ())
        desks = await desks_in(hall, tmp_path)
        second, third, fourth = desks.values()

        # M04's machine fails before it takes part: the two others wait, one of them across a power cut
        await begin_ceremony(room, 3)
        for desk in (second, third):
            await desk.until("第 1 次密钥仪式：第 1 步", "请按 Enter 参加")
        fourth.screen.kill()
        for desk in (second, third):
            await desk.press_twice()
            await desk.until("本终端自动完成")
        second.screen.kill()
        await second.begin()
        await second.until("还在等：M04 委员04", "本终端自动完成")

        # begun anew, with M04 back
        await fourth.begin()
        await begin_ceremony(room, 3)
        for desk in desks.values():
            await desk.until("第 2 次密钥仪式", "请按 Enter 参加")
            await desk.press_twice()
        for desk in desks.values():
            await desk.until("请朗读指纹")
        assert room.chair.picture.secret.fingerprint
        for desk in desks.values():
            [kept] = desk.root.glob("*/*/shares.json")
            assert kept.stat().st_mode & 0o077 == 0
            assert b"secret" not in kept.read_bytes()

        # M04 stays away from the opening, M03 is started anew before it
        fourth.screen.kill()
        await room.hold("score", M01=90, M02=80, M03=None, M04=85, M05=100)
        await second.until("开启：交出我的份额", "只开启总和", "与本终端核对一致")
        await second.press_twice()
        await second.until("您的份额已记入会议记录", "还没交：M03 委员03、M04 委员04")
        third.screen.kill()
        await third.begin()
        await third.until("开启：交出我的份额", "已交份额：M02 委员02（1 / 2）")
        await third.press_twice()
        await room.until("score", "unsealed")
        await room.press(AnnounceRound("score", 1))
        await room.chair.until(lambda _: room.chair.picture.figures("score"))
        figures = room.chair.picture.figures("score")
        assert figures is not None
        assert str(figures.targets[0].total) == "355"
        for desk in (second, third):
            await desk.until("会议进行情况")
