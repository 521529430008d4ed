"""The scrutineer's screen of secret rounds: what waits for Enter, what goes by itself, and what is never done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from kit.booths import SecretBooth
from kit.every_kind import scored
from kit.screens import plain
from kit.secret_book import OPENERS
from kit.secret_play import SPREAD, SUM, SecretPlay, gathered, scoring
from kit.snapshots import Shows
from pingyi_protocol.meeting.commands import Command, ConfirmRound, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.record.replay import DeviationError
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.link import CommandAnswered
from pingyi_terminal.scrutineer.app import SETTLE_SECONDS

USUAL, LARGE = (80, 24), (120, 36)
ZH, EN = Language.CHINESE, Language.ENGLISH


@asynccontextmanager
async def watched(
    play: SecretPlay, person: str = "M02", language: Language = ZH, size: tuple[int, int] = USUAL, **seen: Any
) -> AsyncIterator[tuple[SecretBooth, Pilot[None]]]:
    """The screen of a scrutineer over a play."""
    booth = SecretBooth(play, person, language, **seen)
    async with booth.app.run_test(size=size) as pilot:
        await booth.news(pilot)
        yield booth, pilot


async def confirm(booth: SecretBooth, pilot: Pilot[None]) -> None:
    """Press Enter, let the question settle, and press it again."""
    await pilot.press("enter")
    booth.clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")
    await pilot.pause()


def ceremony() -> SecretPlay:
    """A ceremony has begun, and nobody has said anything."""
    play = gathered(SUM, keyed=False)
    play.book.begin_ceremony(*OPENERS)
    return play


def opening(*given: str) -> SecretPlay:
    """A round of which the sum is to be opened; these have given their parts."""
    play = scoring()
    play.book.close().check().begin_opening().opens(*given)
    return play


def cosigning() -> SecretPlay:
    """A round that waits to be cosigned."""
    play = scoring()
    play.book.close().check()
    return play


async def test_who_is_asked_takes_part_after_asking_twice(shows: Shows) -> None:
    async with watched(ceremony(), may_take_part=True, pinned=False) as (booth, pilot):
        shows(booth.app, "asked", "第 1 次密钥仪式：第 1 步", "请按 Enter 参加", "pingyi keys pin", "参加密钥仪式")
        await pilot.press("enter", "enter")
        assert booth.played.taken == 0
        await pilot.press("escape")
        await confirm(booth, pilot)
        assert booth.played.taken == 1
    async with watched(ceremony(), "M01") as (booth, pilot):
        assert "这一次没有您参加" in plain(booth.app)
    async with watched(ceremony()) as (booth, pilot):
        assert "另一台设备" in plain(booth.app)
        await confirm(booth, pilot)
        assert booth.played.taken == 0


async def test_a_ceremony_goes_by_itself_and_ends_in_a_fingerprint(shows: Shows) -> None:
    play = ceremony()
    play.book.answers(*OPENERS).answers(*OPENERS).answers("M02")
    async with watched(play, taking_part=True) as (booth, pilot):
        shows(booth.app, "under-way", "第 3 步，共 4 步", "还在等：M03 委员03、M04 委员04", "本终端自动完成")
        play.book.answers("M03", "M04").answers(*OPENERS)
        booth.played.facts = {}
        await booth.news(pilot)
        shows(booth.app, "fingerprint", "无记名密钥已产生，请朗读指纹", "请逐字朗读")
        key = play.meeting.key
        assert key is not None
        play.book.open("score")
        await booth.news(pilot)
        # it stays where it can be looked up
        assert f"指纹 {key.fingerprint}" in plain(booth.app)
    async with watched(gathered(SUM), language=EN, size=LARGE) as (booth, _):
        shows(booth.app, "fingerprint-large", "read its fingerprint aloud", "Your share is kept on this machine")


@pytest.mark.parametrize("size", [USUAL, LARGE])
async def test_a_round_is_opened_after_asking_twice(size: tuple[int, int], shows: Shows) -> None:
    async with watched(opening("M04"), size=size) as (booth, pilot):
        shows(booth.app, f"open-{size[0]}", "只开启总和", "与本终端核对一致", "已交份额：M04 委员04（1 / 2）")
        await pilot.press("enter", "enter")
        assert booth.played.opened == []
        await pilot.press("escape")
        await confirm(booth, pilot)
        [sent] = booth.session.submitted
        assert isinstance(sent.body, OpenPart)
        assert "已送出份额" in plain(booth.app)
        following = booth.play.meeting.size
        booth.app.post_message(CommandAnswered(sent, Receipt(sent.id, following, "", (), "", ())))
        await booth.news(pilot)
        # the answer comes before the record is read so far, and asks for nothing again
        assert "已交份额：第 score 项第 1 轮" in plain(booth.app)
        assert "再按一次" not in plain(booth.app)
        booth.play.book.opens("M02")  # type: ignore[attr-defined]  # a secret play has a book
        await booth.news(pilot)
        assert "已交份额：第 score 项第 1 轮" in plain(booth.app)


async def test_the_round_says_how_far_it_is_in_each_state(shows: Shows) -> None:
    play = scoring(SPREAD)
    play.book.close()
    async with watched(play) as (booth, pilot):
        assert "正在核验各票的证明" in plain(booth.app)
        assert "开启各分值的人数" in plain(booth.app)
        play.book.check()
        await booth.news(pilot)
        shows(booth.app, "cosigning", "等待过半数在场终端联署", "须 4 台")
        play.book.begin_opening().opens("M02")
        await booth.news(pilot)
        assert "您的份额已记入会议记录" in plain(booth.app)
    async with watched(opening("M02"), language=EN) as (booth, _):
        shows(booth.app, "given-english", "Your part is on the record", "Not given yet: M03")


async def test_invalid_ballots_are_named_and_too_few_are_never_opened() -> None:
    play = gathered(SUM)
    play.book.open("score")
    play.sealed(*(scored("T01", value) for value in (90, 80, 85)))
    copied = play.book.sealed("M01", scored("T01", 100))
    play.book.member("M05", copied).close().check()
    async with watched(play) as (booth, _):
        assert "无效票：M05 委员05" in plain(booth.app)
    play = gathered(SUM)
    play.book.open("score")
    play.sealed(*(scored("T01", value) for value in (90, 80))).book.close().check()
    async with watched(play) as (booth, pilot):
        assert "有效票 2 张，少于 3 张：不予开启" in plain(booth.app)
        await confirm(booth, pilot)
        assert booth.played.opened == []


async def test_the_chief_answers_for_a_head_with_a_reason(shows: Shows) -> None:
    play = cosigning()
    async with watched(play, "M03", overridable=(("score", 1),)) as (booth, pilot):
        assert "担保开启" in plain(booth.app)
        await pilot.press("f8")
        await pilot.press("enter")
        shows(booth.app, "override", "担保开启第 score 项第 1 轮", "部分席位终端断线", "请写明理由")
        await pilot.press("3", "enter")
        await pilot.pause()
        [sent] = booth.session.submitted
        assert sent.body == OverrideCosigning("score", 1, play.meeting.size, play.book.root(), "会场网络故障")
        play.book.override("M03", "会场网络故障")
        await booth.news(pilot)
    async with watched(play, "M02") as (booth, pilot):
        assert "M03 委员03 已说明理由担保开启" in plain(booth.app)
        await pilot.press("f8")
        assert "部分席位终端断线" not in plain(booth.app)
    async with watched(cosigning(), "M03", overridable=(("score", 1),)) as (booth, pilot):
        await pilot.press("f8", "escape")
        assert booth.session.submitted == []


async def test_a_record_that_does_not_hold_is_an_alarm_and_stops_everything(shows: Shows) -> None:
    fault = DeviationError("deviation.unsigned", index=57)
    async with watched(opening(), fault=fault, openings=()) as (booth, pilot):
        shows(booth.app, "alarm", "警报：第 57 条", "本终端已停止参与")
        assert booth.rings == 1
        await confirm(booth, pilot)
        await booth.news(pilot)
        assert booth.rings == 1
        assert booth.played.opened == []
        assert booth.session.submitted == []


async def test_what_is_said_anew_after_a_restart_is_not_told_as_left_over() -> None:
    booth = SecretBooth(opening(), "M02")
    part = booth.play.book.parts("M02")  # type: ignore[attr-defined]  # a secret play has a book
    booth.session.given_up = [Command("meeting", "0" * 32, "M02", Role.SCRUTINEER, "", part)]
    async with booth.app.run_test(size=USUAL):
        assert not booth.app.draft.left_over
    booth = SecretBooth(opening(), "M02")
    booth.session.given_up = [Command("meeting", "0" * 32, "M02", Role.SCRUTINEER, "", ConfirmRound("1", 1, 6, 4, 1))]
    async with booth.app.run_test(size=USUAL):
        assert booth.app.draft.left_over


async def test_what_the_disk_does_not_keep_is_told() -> None:
    full = OSError(28, "No space left on device")
    async with watched(opening(), mishap=full, language=EN) as (booth, _):
        assert "No space left" in plain(booth.app)


async def test_while_the_record_is_read_it_says_how_far() -> None:
    play = gathered(SUM)
    async with watched(play, meeting=None, openings=(), behind=20) as (booth, _):
        assert f"正在逐条核对会议记录：{play.meeting.size} / {play.meeting.size + 20} 条" in plain(booth.app)
