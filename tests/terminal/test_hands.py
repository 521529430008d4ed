"""A whole meeting at a seat and at the chair's console, by keys only and by touching only, on a real server."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
import zmq.asyncio
from textual.app import App

from kit.chairs import Clock
from kit.factories import small_definition
from kit.hall import Memory, free_port, open_hall
from kit.hands import Hands, Keys, Touch, until
from kit.real_seat import present_chair, profile_of, seated
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseMeeting, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.chair.app import SETTLE_SECONDS, ChairApp
from pingyi_terminal.link import attach
from pingyi_terminal.seat.app import SeatApp

BOTH = pytest.mark.parametrize("hands", [Keys(), Touch()], ids=["keys", "touch"])


@BOTH
async def test_a_seat_needs_one_kind_of_hands_only(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        profile, keys = await profile_of(hall, "M02", tmp_path / "profiles")
        ask = await present_chair(hall)
        async with seated(profile, keys) as (app, pilot):
            await hands.do(app, pilot, "Enter  签到", "enter")
            await hands.do(app, pilot, "呼叫", "f9")
            await until(app, pilot, "已呼叫")
            await hands.do(app, pilot, "帮助", "f1")
            await hands.do(app, pilot, "返回", "escape")
            assert isinstance(await ask(OpenRound("1")), Receipt)
            await hands.do(app, pilot, " 90 ", "9", "0")
            await hands.do(app, pilot, " 右 ", "right")
            await hands.do(app, pilot, "遮挡", "f4")
            await hands.do(app, pilot, "遮挡", "f4")
            await hands.do(app, pilot, "Enter  确认 91 分", "enter")
            await hands.do(app, pilot, "Enter  送出 91 分", "enter")
            await until(app, pilot, "已写入会议记录")
            await hands.do(app, pilot, "修改", "f6")
            await hands.do(app, pilot, " 左 ", "left")
            await hands.do(app, pilot, "Enter  确认 90 分", "enter")
            await hands.do(app, pilot, "返回修改", "escape")
            await hands.do(app, pilot, " 100 ", "end")
            await hands.do(app, pilot, "Enter  确认 100 分", "enter")
            await hands.do(app, pilot, "Enter  送出 100 分", "enter")
            await until(app, pilot, "100 分  优秀")
            assert isinstance(await ask(CloseRound("1", 1)), Receipt)
            assert isinstance(await ask(AnnounceRound("1", 1)), Receipt)
            assert isinstance(await ask(OpenRound("2")), Receipt)
            await hands.do(app, pilot, " 85 ", "8", "5")
            await hands.do(app, pilot, "Enter  填第 2 个", "enter")
            await hands.do(app, pilot, "弃权", "f3")
            await hands.do(app, pilot, "Enter  核对并提交", "enter")
            await hands.do(app, pilot, "Enter  提交 2 个评分", "enter")
            await until(app, pilot, "已填 1 / 2  弃权 1")
            assert isinstance(await ask(CloseRound("2", 1)), Receipt)
            assert isinstance(await ask(AnnounceRound("2", 1)), Receipt)
            assert isinstance(await ask(CloseMeeting()), Receipt)
            await until(app, pilot, "会议记录最终指纹")
        cast = [answer for one in hall.recorder.meeting.rounds for answer in one.ballots["M02"].answers]
        assert [answer.score for answer in cast if isinstance(answer, Score)] == [Decimal(100), Decimal(85), None]


@BOTH
async def test_the_chair_needs_one_kind_of_hands_only(hands: Hands, tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=4, port=free_port())) as hall:
        keys = generate_device_keys()
        facts = await enrol(zmq.asyncio.Context.instance(), await hall.code("M01", Role.CHAIR), keys)
        seats = [await hall.admit(f"M{place:02}") for place in range(1, 5)]
        clock = Clock()

        def begin(app: App[None]) -> tuple[Session, "asyncio.Task[None]"]:
            return attach(app, facts, keys, Memory())

        app = ChairApp(begin, Language.CHINESE, clock)
        async with app.run_test(size=(120, 36)) as pilot:

            async def twice(words: str, key: str) -> None:
                await hands.do(app, pilot, words, key)
                await until(app, pilot, "再按一次")
                clock.seconds += SETTLE_SECONDS
                await hands.do(app, pilot, "Enter  再按一次", "enter")

            async def vote(item: str, *targets: str) -> None:
                for seat in seats:
                    await seat.until(lambda session: session.picture and session.picture.live)
                    cast = Cast(item, 1, tuple(Score(target, "", Decimal(90)) for target in targets))
                    assert isinstance(await seat.session.ask(cast), Receipt)

            for seat in seats:
                assert isinstance(await seat.session.ask(CheckIn()), Receipt)
            await until(app, pilot, "全体已签到")
            await hands.do(app, pilot, "帮助", "f1")
            await hands.do(app, pilot, "关闭", "escape")
            await twice("Enter  开始第 1 项打分", "enter")
            await vote("1", "T01")
            await hands.do(app, pilot, "暂停", "f4")
            await hands.do(app, pilot, "继续", "f4")
            await hands.do(app, pilot, "加 1 分钟", "plus")
            await hands.do(app, pilot, "作废", "f8")
            await hands.do(app, pilot, "计票与实到人数不符", "2")
            await hands.do(app, pilot, "Enter  宣布作废", "enter")
            await twice("收回作废", "f8")
            await twice("Enter  结束打分", "enter")
            await twice("Enter  宣布结果", "enter")
            await hands.do(app, pilot, "Enter  转到第 2 项", "enter")
            await twice("Enter  开始第 2 项打分", "enter")
            await vote("2", "T02", "T03")
            await twice("Enter  结束打分", "enter")
            await twice("Enter  宣布结果", "enter")
            await twice("散会", "f7")
            await until(app, pilot, "会议记录最终指纹")
        meeting = hall.recorder.meeting
        assert meeting.closed
        assert [one.phase for one in meeting.rounds] == [Phase.ANNOUNCED, Phase.ANNOUNCED]
