"""The scrutineer's screen: it shows what is to be signed, to whom it belongs, and signs exactly that."""

from decimal import Decimal

import msgspec
import pytest
from textual.pilot import Pilot

from kit.chairs import NOON, Booth, Play
from kit.factories import small_definition
from kit.screens import plain
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnswerCount,
    Choice,
    ConfirmRound,
    CountersignContinuation,
    CountersignVoid,
    Score,
)
from pingyi_protocol.meeting.definition import Item, Language, MotionRules, Option, Role, ScoreRules, SelectionRules
from pingyi_protocol.meeting.events import DefinitionLoaded
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Continuing
from pingyi_terminal.link import AlarmRaised, CommandAnswered, LinkChanged
from pingyi_terminal.scrutineer.app import SETTLE_SECONDS
from pingyi_terminal.scrutineer.situation import Situation
from pingyi_terminal.scrutineer.step import step_of
from pingyi_terminal.scrutineer.view import scrutineer_view

ZH = catalogue("pingyi_terminal", Language.CHINESE)
ORIGIN = "pingyi/test"
SMALL, LARGE = (80, 24), (120, 36)
SIGNED = Item("1", "决议", rules=MotionRules(confirmed=True))
FREE = Item("2", "又一项", rules=MotionRules())


def hall(*items: Item) -> Play:
    """Six members, M02 the chief scrutineer and M03 another one, all present."""
    base = small_definition(members=6)
    roles = {"M02": (Role.MEMBER, Role.SCRUTINEER), "M03": (Role.MEMBER, Role.SCRUTINEER)}
    roster = tuple(
        msgspec.structs.replace(one, roles=roles.get(one.number, one.roles), chief=one.number == "M02")
        for one in base.roster
    )
    play = Play(msgspec.structs.replace(base, roster=roster, agenda=items or (SIGNED, FREE)))
    play.arrive(6)
    return play


def closed(*items: Item) -> Play:
    """Four voted on the first item, M06 is recused, M05 did not press; it is closed."""
    play = hall(*items)
    play.recuse("M06", "1")
    play.open("1")
    for place in range(1, 5):
        play.choose(f"M{place:02}", ("", Option.FOR))
    play.close()
    return play


def seen_by(play: Play, person: str) -> Situation:
    assert play.meeting.definition is not None
    return Situation(play.meeting.definition, play.picture, person, ORIGIN, play.backstage)


async def confirm(booth: Booth, pilot: Pilot[None]) -> None:
    """Press Enter, let the question settle, and press it again."""
    await pilot.press("enter")
    booth.clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")


async def answer(booth: Booth, pilot: Pilot[None], refusal: Refusal | None = None) -> None:
    """Answer the last signature, with a receipt unless it is refused."""
    command = booth.session.submitted[-1]
    booth.app.post_message(CommandAnswered(command, refusal or Receipt(command.id, 57, "", (), "", ())))
    await pilot.pause()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_chief_signs_exactly_the_count_that_is_shown(size: tuple[int, int]) -> None:
    play = closed()
    booth = Booth(play, "M02")
    async with booth.app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = plain(booth.app)
        for words in ("请核对计票：第 1 项 决议，第 1 轮", "实到", "收到", "未按", "回避", "Enter  签字确认计票"):
            assert words in seen, words
        assert "无效票" not in seen
        await pilot.press("enter", "enter")
        assert "再按一次：签字确认计票" in plain(booth.app)
        assert booth.session.submitted == []  # a key held down signs nothing
        await pilot.press("escape")
        await confirm(booth, pilot)
        assert [one.body for one in booth.session.submitted] == [ConfirmRound("1", 1, 6, 4, 1)]
        assert "已送出签字" in plain(booth.app)
        play.sign("M02")
        await answer(booth, pilot)
        await booth.news(pilot)
        seen = plain(booth.app)
        assert "已签字：第 1 项第 1 轮" in seen
        assert "记录第 57 条" in seen
        assert "现在没有需要签字的" in seen


def test_the_numbers_are_those_that_the_count_is_checked_with() -> None:
    shown = scrutineer_view(ZH, seen_by(closed(), "M02"), NOON)
    assert shown.figures == ((6, "实到"), (4, "收到"), (1, "未按"), (1, "回避"))


async def test_who_is_not_the_chief_sees_the_count_and_is_told_who_signs_it() -> None:
    booth = Booth(closed(), "M03", Language.ENGLISH)
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        seen = plain(booth.app)
        assert "Check the count: item 1" in seen
        assert "the chief scrutineer signs this" in seen
        assert "M02 委员02" in seen
        await confirm(booth, pilot)
        assert booth.session.submitted == []


@pytest.mark.parametrize("person", ["M02", "M03"])
def test_any_scrutineer_signs_a_result_by_hand_where_the_item_asks_for_no_chief(person: str) -> None:
    play = hall(FREE)
    counts = AnswerCount(Choice("", Option.FOR), 3), AnswerCount(Choice("", Option.AGAINST), 2)
    play.enter("2", 6, *counts, invalid=1)
    shown = scrutineer_view(ZH, seen_by(play, person), NOON)
    assert shown.step.does == ConfirmRound("2", 1, 6, 6, 0, 1, counts)
    assert shown.figures[-1] == (1, "无效票")
    assert shown.lines == (
        "手工计票，理由：表决器断电",
        "赞成：3 票，反对：2 票",
        "赞成 3 票，反对 2 票，弃权 0 票，未按 0 人。",
        "全体 6，须 4 票：未通过。",
    )


def test_entered_scores_and_candidates_are_one_line_for_each_target() -> None:
    play = hall(Item("1", "评议", ("T01", "T02"), ScoreRules()))
    given = [("T01", Decimal(90), 4), ("T01", None, 2), ("T02", Decimal(80), 6)]
    play.enter("1", 6, *(AnswerCount(Score(target, "", score), count) for target, score, count in given))
    lines = scrutineer_view(ZH, seen_by(play, "M03"), NOON).lines
    assert lines[1:] == (
        "文化和旅游局：90：4 票，弃权：2 票",
        "人社局：80：6 票",
        "文化和旅游局 90.00",
        "人社局 80.00",
    )
    play = hall(Item("1", "票决", ("T01", "T02"), SelectionRules(winners=1, most=2)))
    play.enter("1", 6, AnswerCount(Choice("T01", Option.CHOSEN), 5), AnswerCount(Choice("", Option.ABSTAIN), 1))
    assert scrutineer_view(ZH, seen_by(play, "M03"), NOON).lines[1] == "文化和旅游局：5 票，弃权：1 票"


async def test_a_count_that_changes_under_the_question_has_to_be_asked_for_anew() -> None:
    play = hall(FREE)
    play.enter("2", 6, AnswerCount(Choice("", Option.FOR), 6))
    booth = Booth(play, "M03")
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        play.enter("2", 5, AnswerCount(Choice("", Option.FOR), 5))
        await booth.news(pilot)
        booth.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        assert booth.session.submitted == []
        booth.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        [sent] = booth.session.submitted
        assert isinstance(sent.body, ConfirmRound)
        assert (sent.body.round, sent.body.received) == (2, 5)


async def test_a_refusal_is_told_in_words_until_it_is_put_away() -> None:
    booth = Booth(closed(), "M02")
    async with booth.app.run_test(size=SMALL) as pilot:
        await confirm(booth, pilot)
        await answer(booth, pilot, Refusal(Reason.ALREADY_CONFIRMED, {"person": "M02"}))
        refused = catalogue("pingyi_protocol", Language.CHINESE)("refusal.already_confirmed", person="M02")
        assert refused[:6] in plain(booth.app)
        await pilot.press("escape")
        assert refused[:6] not in plain(booth.app)


async def test_what_the_disk_does_not_keep_is_not_sent() -> None:
    booth = Booth(closed(), "M02", Language.ENGLISH)
    booth.session.broken = OSError(28, "No space left on device")
    async with booth.app.run_test(size=LARGE) as pilot:
        await confirm(booth, pilot)
        assert "Nothing was sent" in plain(booth.app)
        assert "sign this count" in plain(booth.app)


async def test_otherwise_it_says_where_the_meeting_stands() -> None:
    play = hall()
    booth = Booth(play, "M03")
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        seen = plain(booth.app)
        for words in ("应到 6 人，实到 6 人，法定人数 4 已达。", "还没有开始表决。", "指纹 K7M2-Q9XD-4TRB-8W3F"):
            assert words in seen, words
        play.open("trial")
        await booth.news(pilot)
        assert "正在进行：试投票，第 1 轮，已投 0 / 6。" in plain(booth.app)
        play.close()
        play.open("2")
        play.void()
        await booth.news(pilot)
        assert "已作废：2 又一项，第 1 轮" in plain(booth.app)
        play.end()
        await booth.news(pilot)
        assert "已散会" in plain(booth.app)
        await pilot.press("f2")
        assert "Where the meeting stands" in plain(booth.app)


def test_a_copy_that_was_put_back_comes_before_any_count_and_waits_for_the_chair() -> None:
    here = seen_by(closed(), "M02")
    copy = Continuing(12, "A" * 43 + "=", "磁盘损坏", declared=False)
    picture = msgspec.structs.replace(here.picture, watch=msgspec.structs.replace(here.picture.watch, continuing=copy))
    waiting = Situation(here.definition, picture, "M02", ORIGIN, here.backstage)
    shown = scrutineer_view(ZH, waiting, NOON)
    assert (shown.heading, shown.step.does, shown.step.label) == ("记录换上了较早的副本", None, "等待主持人签字")
    assert shown.lines[0].startswith("副本共 12 条，指纹 ")
    declared = msgspec.structs.replace(copy, declared=True)
    watch = msgspec.structs.replace(picture.watch, continuing=declared)
    ready = Situation(here.definition, msgspec.structs.replace(picture, watch=watch), "M02", ORIGIN, here.backstage)
    assert step_of(ZH, ready).does == CountersignContinuation(12, copy.root, "磁盘损坏")


def announced() -> Play:
    """The first item is announced, by the count that the chief signed."""
    play = closed()
    play.sign("M02")
    play.announce()
    return play


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("language", "words", "done"),
    [
        (
            Language.CHINESE,
            ("请核对作废：第 1 项 决议，第 1 轮", "理由：停电", "赞成 4 票", "会签：这一轮作废", "不同意请告诉主持人"),
            "已会签：第 1 项第 1",
        ),
        (
            Language.ENGLISH,
            ("To be void: item 1, 决议, round 1", "Reason: 停电", "For 4", "sign that it is void", "tell the chair"),
            "Countersigned: item 1, round 1 is",
        ),
    ],
)
async def test_a_round_that_is_to_be_void_is_shown_with_reason_and_figures_and_signed_after_asking(
    size: tuple[int, int], language: Language, words: tuple[str, ...], done: str
) -> None:
    play = announced()
    play.declare("停电")
    booth = Booth(play, "M03", language)
    async with booth.app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = plain(booth.app)
        assert [text for text in words if text not in seen] == []
        await pilot.press("enter", "enter")
        assert booth.session.submitted == []
        await pilot.press("escape")
        await confirm(booth, pilot)
        assert [one.body for one in booth.session.submitted] == [CountersignVoid("1", 1, "停电")]
        play.void("停电")
        await answer(booth, pilot)
        await booth.news(pilot)
        assert done in plain(booth.app)


def test_the_numbers_of_a_round_that_is_to_be_void_are_those_of_its_count() -> None:
    play = announced()
    play.declare()
    expected = ((6, "实到"), (4, "收到"), (1, "未按"), (1, "回避"))
    assert scrutineer_view(ZH, seen_by(play, "M03"), NOON).figures == expected
    # another item does not change them
    play.open("2")
    assert scrutineer_view(ZH, seen_by(play, "M03"), NOON).figures == expected


def test_of_an_open_round_that_is_to_be_void_no_result_is_shown() -> None:
    play = hall()
    play.open("2")
    play.choose("M04", ("", Option.AGAINST))
    play.declare()
    shown = scrutineer_view(ZH, seen_by(play, "M03"), NOON)
    assert shown.figures[:2] == ((6, "实到"), (1, "收到"))
    assert not any("反对" in line for line in shown.lines)
    assert "本轮还在进行，照常收票；会签后立即停止。" in shown.lines


async def test_one_person_in_two_roles_cannot_sign_as_two() -> None:
    play = announced()
    definition = play.meeting.definition
    assert definition is not None
    roster = tuple(
        msgspec.structs.replace(one, roles=(*one.roles, Role.SCRUTINEER)) if Role.CHAIR in one.roles else one
        for one in definition.roster
    )
    play.happen(DefinitionLoaded(msgspec.structs.replace(definition, roster=roster)))
    play.declare()
    booth = Booth(play, "M01")
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        seen = plain(booth.app)
        assert "主持人本人不能会签" in seen
        assert "M02 委员02、M03 委员03" in seen
        await confirm(booth, pilot)
        assert booth.session.submitted == []


async def test_of_several_things_that_wait_each_can_be_turned_to_and_signed() -> None:
    play = announced()
    play.declare("停电")
    play.open("2")
    play.close()
    play.declare("计票有误")
    play.enter("2", 6, AnswerCount(Choice("", Option.FOR), 6))
    booth = Booth(play, "M02")
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        headings = []
        for _ in range(4):
            headings.append(plain(booth.app).splitlines()[2].strip())
            await pilot.press("f6")
        assert headings[0] == headings[3]
        assert [heading[:5] for heading in headings] == ["（1/3）", "（2/3）", "（3/3）", "（1/3）"]
        await confirm(booth, pilot)
        [sent] = booth.session.submitted
        assert sent.body == CountersignVoid("1", 1, "停电")


async def test_the_bell_rings_once_for_each_thing_that_comes_to_be_signed() -> None:
    play = announced()
    booth = Booth(play, "M03")
    async with booth.app.run_test(size=SMALL) as pilot:
        await booth.news(pilot)
        assert booth.rings == 0
        play.declare("停电")
        await booth.news(pilot)
        await booth.news(pilot)
        assert booth.rings == 1
        play.enter("2", 6, AnswerCount(Choice("", Option.FOR), 6))
        await booth.news(pilot)
        assert booth.rings == 2


async def test_a_reason_that_changes_under_the_question_has_to_be_asked_for_anew() -> None:
    play = announced()
    play.declare("停电")
    booth = Booth(play, "M03")
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        play.declare("计票有误")
        await booth.news(pilot)
        booth.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        assert booth.session.submitted == []
        assert "再按一次" in plain(booth.app)


async def test_a_lost_link_a_revoked_terminal_and_a_record_that_does_not_fit_are_shouted() -> None:
    booth = Booth(closed(), "M02")
    async with booth.app.run_test(size=SMALL) as pilot:
        for link, words in (
            (Link.LOST, "连接中断"),
            (Link.REVOKED, "另一台设备已接替本监票台"),
            (Link.ELSEWHERE, "另一台设备正用同一密钥监票"),
            (Link.TAKEN_OVER, "另一台设备已接替本监票台"),
        ):
            booth.session.link = link
            booth.app.post_message(LinkChanged())
            await pilot.pause()
            assert words in plain(booth.app)
            await confirm(booth, pilot)
            assert booth.session.submitted == []
        booth.session.link = Link.UP
        booth.app.post_message(AlarmRaised(ReceiptError("receipt.other_command")))
        await pilot.pause()
        assert "警报：回执对应的不是所送出的内容。" in plain(booth.app)


async def test_before_the_server_is_heard_it_says_that_it_connects() -> None:
    booth = Booth(hall(), "M02")
    booth.session.picture = None
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        assert "正在连接" in plain(booth.app)
        await booth.news(pilot)
        assert "会议进行情况" in plain(booth.app)


def test_the_turnout_stands_in_figures_before_an_item_and_while_one_is_open() -> None:
    play = hall()
    assert scrutineer_view(ZH, seen_by(play, "M03"), NOON).figures == ((6, "应到"), (6, "实到"), (4, "法定人数"))
    play.recuse("M05", "2")
    play.open("2")
    play.choose("M01", ("", Option.FOR))
    shown = scrutineer_view(ZH, seen_by(play, "M03"), NOON)
    assert shown.figures == ((6, "实到"), (1, "已投"), (4, "未投"), (1, "回避"))
    play.close()
    shown = scrutineer_view(ZH, seen_by(play, "M03"), NOON)
    assert shown.figures == ((6, "实到"), (1, "收到"), (4, "未按"), (1, "回避"))


def test_a_break_is_said() -> None:
    play = hall()
    play.recess = True
    assert "主持人已宣布休会。" in scrutineer_view(ZH, seen_by(play, "M03"), NOON).lines


async def test_the_word_about_the_last_signature_goes_when_the_next_thing_waits() -> None:
    play = closed()
    booth = Booth(play, "M02")
    async with booth.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        booth.clock.seconds += 1
        await pilot.press("enter")
        [command] = booth.session.submitted
        play.sign("M02")
        await booth.news(pilot)
        booth.app.post_message(CommandAnswered(command, Receipt(command.id, 40, "", (), "", ())))
        await pilot.pause()
        assert "已签字：第 1 项第 1 轮" in plain(booth.app)
        play.announce()
        play.declare("停电")
        await booth.news(pilot)
        seen = plain(booth.app)
        assert "请核对作废" in seen
        assert "已签字" not in seen
