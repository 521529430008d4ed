"""The chair's console as it is seen and pressed, over a meeting that the test drives."""

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from textual.pilot import Pilot

from kit.chairs import FINGERPRINT, Desk, Play
from kit.factories import live_rules, small_definition
from kit.screens import plain
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CloseMeeting,
    CloseRound,
    ExtendRound,
    OpenRound,
    PauseRound,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.imports.sample import sample_meeting
from pingyi_terminal.chair.app import SETTLE_SECONDS
from pingyi_terminal.link import AlarmRaised, CommandAnswered

USUAL = (120, 36)
SMALL = (100, 30)
CLERKS = {Reason.ITEM_UNSOUND, Reason.MEETING_UNDERWAY, Reason.EVIDENCE_UNSOUND, Reason.COMPONENT_UNKNOWN}
"""Refusals of what only a clerk can ask for."""

OTHERS = {
    Reason.BALLOT_SECRET,
    Reason.KEY_MESSAGE_REFUSED,
    Reason.OPENING_NOT_BEGUN,
    Reason.TOO_FEW_BALLOTS,
    Reason.TOTALS_REFUSED,
}
"""Refusals of what only members and scrutineers do in secret rounds."""


def a_desk(present: int = 43, language: Language = Language.CHINESE) -> Desk:
    play = Play(sample_meeting(language).definition)
    play.arrive(present)
    return Desk(play, language)


def vote(desk: Desk, count: int, score: int = 92) -> None:
    """Let the first ``count`` of those present vote on an item of one target."""
    for person in sorted(desk.play.meeting.present)[:count]:
        desk.play.vote(person, score)


async def confirm(desk: Desk, pilot: Pilot[None]) -> None:
    """Press Enter, wait, and press it again."""
    await pilot.press("enter")
    desk.clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")


async def answer(desk: Desk, pilot: Pilot[None], refusal: Refusal | None = None) -> None:
    """Answer the last command, with a receipt unless it is refused."""
    command = desk.session.submitted[-1]
    desk.app.post_message(CommandAnswered(command, refusal or Receipt(command.id, 0, "", (), "", ())))
    await pilot.pause()


async def test_below_quorum_the_screen_says_who_is_missing_and_how_many() -> None:
    desk = a_desk(present=17)
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        seen = plain(desk.app)
        for words in (
            "模拟数据", "应到 45", "实到 17", "法定 23 差 6", "15:42:07", "记 名",
            "法定人数不足，不能开始", "还差 6 人签到", "还没签到的 28 人", "另有 17 人", "议程 1/13",
        ):  # fmt: skip
            assert words in seen, words
        await confirm(desk, pilot)
        assert desk.session.submitted == []


async def test_opening_asks_once_and_the_second_enter_sends_it() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        assert "Enter  开始第 1 项打分" in plain(desk.app)
        assert "实到 43，计时 2:00，按下后再问一次" in plain(desk.app)
        await pilot.press("enter")
        assert "再按一次：开始第 1 项打分" in plain(desk.app)
        assert desk.session.submitted == []
        desk.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        assert [command.body for command in desk.session.submitted] == [OpenRound("1")]
        assert "已送出：开始打分" in plain(desk.app)
        await answer(desk, pilot)
        assert "已送出" not in plain(desk.app)


async def test_a_key_held_down_confirms_nothing_and_escape_backs_out() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.press("enter", "enter", "enter")
        assert desk.session.submitted == []
        await pilot.press("escape")
        assert "再按一次" not in plain(desk.app)


async def test_an_open_round_shows_the_count_the_missing_and_the_live_mean() -> None:
    desk = a_desk()
    desk.play.open("1")
    desk.play.silent = {"043"}
    vote(desk, 36)
    async with desk.app.run_test(size=USUAL) as pilot:
        desk.session.left = 108_000
        await desk.news(pilot)
        seen = plain(desk.app)
        for words in (
            "评分中  评议文旅局", "/ 43", "还没投的 7 人", "断 5-07 李伟", "到 5-01 曾庆林", "5-07 已断线 0 秒",
            "实时均分 36 人", "优秀", "Enter  结束打分", "还有 7 人未投，按下后再问一次", "剩余", "评分中",
        ):  # fmt: skip
            assert words in seen, words
        desk.clock.seconds += 14
        await desk.news(pilot)
        assert "14 秒没有新票" in plain(desk.app)
        assert "5-07 已断线 14 秒" in plain(desk.app)
        assert desk.rings == 1


async def test_a_round_is_void_for_a_prepared_or_a_typed_reason_and_not_without() -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await pilot.press("f8")
        assert "宣布第 1 项第 1 轮作废" in plain(desk.app)
        await pilot.press("enter")
        assert "请写明理由" in plain(desk.app)
        await pilot.press("escape")
        assert desk.session.submitted == []
        await pilot.press("f8", "２", "enter")
        await answer(desk, pilot)
        await pilot.press("f8", *"停电1次", "enter")
        await pilot.pause()
        bodies = [command.body for command in desk.session.submitted]
        assert bodies == [VoidRound("1", 1, "计票与实到人数不符"), VoidRound("1", 1, "停电1次")]
        assert "已送出：本轮作废" in plain(desk.app)


async def test_after_a_void_round_enter_votes_again_and_f9_asks_for_it_after_the_announcement() -> None:
    desk = a_desk()
    desk.play.open("1")
    desk.play.void("停电一次")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        seen = plain(desk.app)
        for words in ("第 1 轮已作废", "停电一次", "Enter  第 1 项重新表决"):
            assert words in seen, words
        await confirm(desk, pilot)
        await answer(desk, pilot)
        desk.play.open("1")
        desk.play.close()
        desk.play.announce()
        await desk.news(pilot)
        await pilot.press("f9")
        assert "再按一次：第 1 项重新表决" in plain(desk.app)
        desk.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        assert [command.body for command in desk.session.submitted] == [OpenRound("1", 2), OpenRound("1", 3)]


async def test_the_bell_rings_once_when_everybody_present_has_voted() -> None:
    desk = a_desk()
    desk.play.open("1")
    vote(desk, 42)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        assert desk.rings == 0
        vote(desk, 43)
        await desk.news(pilot)
        await desk.news(pilot)
        assert desk.rings == 1
        assert "已全部投票" in plain(desk.app)
        assert "实到者已全部投票，按下后再问一次" in plain(desk.app)


async def test_extending_and_pausing_ask_nothing_and_full_width_plus_works() -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        for key in ("plus", "＋", "f4"):
            await pilot.press(key)
            await answer(desk, pilot)
        bodies = [command.body for command in desk.session.submitted]
        assert bodies == [ExtendRound("1", 1, 60), ExtendRound("1", 1, 60), PauseRound("1", 1)]
        desk.play.pause(67_000)
        await desk.news(pilot)
        seen = plain(desk.app)
        assert "已暂停" in seen
        assert "F4  继续" in seen
        assert "计时暂停" in seen


async def test_close_and_announcement_lead_to_the_next_item() -> None:
    desk = a_desk()
    desk.play.open("1")
    vote(desk, 40)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await confirm(desk, pilot)
        desk.play.close()
        await answer(desk, pilot)
        await desk.news(pilot)
        seen = plain(desk.app)
        for words in (
            "已截止",
            "截止时已公布，尚未宣布",
            "打分 40 人，弃权 0 人，未按 3 人。",
            "Enter  宣布结果",
        ):
            assert words in seen, words
        await confirm(desk, pilot)
        desk.play.announce()
        await answer(desk, pilot)
        await desk.news(pilot)
        assert "92.00 优秀" in plain(desk.app)
        assert "均分 92.00 分，等次优秀。" in plain(desk.app)
        assert [command.body for command in desk.session.submitted] == [CloseRound("1", 1), AnnounceRound("1", 1)]
        await pilot.press("enter")
        assert "Enter  开始第 2 项打分" in plain(desk.app)
        assert "未开始  评议人社局" in plain(desk.app)


@pytest.mark.parametrize("size", [USUAL, SMALL, (80, 24)])
async def test_f7_closes_the_meeting_after_one_more_enter_and_says_what_is_left(size: tuple[int, int]) -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        await pilot.press("f7", "escape")
        desk.play.close()
        await desk.news(pilot)
        await pilot.press("f7")
        for words in ("再按一次：散会", "未进行：2、3、4、5，另有 8 项", "未宣布结果：1"):
            assert words in plain(desk.app), words
        await pilot.press("escape", "f7")
        assert desk.session.submitted == []
        desk.clock.seconds += 1
        await pilot.press("enter")
        assert [command.body for command in desk.session.submitted] == [CloseMeeting()]
        assert "已送出：散会" in plain(desk.app)
        desk.play.end()
        await answer(desk, pilot)
        await desk.news(pilot)
        for words in ("已散会", "会议记录最终指纹", FINGERPRINT):
            assert words in plain(desk.app), words
        await pilot.press("f7", "f8", "f9", "enter", "enter")
        assert len(desk.session.submitted) == 1


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("size", [SMALL, (80, 24)])
async def test_all_of_the_help_is_seen_at_once(size: tuple[int, int], language: Language) -> None:
    desk = a_desk(language=language)
    async with desk.app.run_test(size=size) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert desk.app.screen.query_one("#help").region.height <= size[1]
        assert desk.app.screen.max_scroll_y == 0


async def test_a_lost_link_is_said_at_once_and_stops_the_keys() -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await desk.link(pilot, Link.LOST, 14)
        seen = plain(desk.app)
        assert "连接中断 14 秒（自 15:41:53）" in seen
        assert "连接中断，暂不能操作" in seen
        await confirm(desk, pilot)
        await pilot.press("plus", "f4")
        assert desk.session.submitted == []
        await desk.link(pilot, Link.UP, 0)
        assert "连接中断" not in plain(desk.app)


async def test_a_command_that_waits_for_the_link_says_that_it_will_arrive() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await confirm(desk, pilot)
        await desk.link(pilot, Link.LOST, 5)
        assert "连接中断，恢复后自动送达" in plain(desk.app)


async def test_a_refusal_is_shown_in_words_until_it_is_put_away() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await confirm(desk, pilot)
        await answer(desk, pilot, Refusal(Reason.BELOW_QUORUM, {"present": "22", "quorum": "23"}))
        seen = plain(desk.app)
        assert "未被接受：开始打分" in seen
        assert "实到 22 人，法定人数为 23" in seen
        await pilot.press("escape")
        assert "未被接受" not in plain(desk.app)


@pytest.mark.parametrize("language", Language)
async def test_every_refusal_that_a_chair_can_get_has_room_beside_a_running_countdown(language: Language) -> None:
    desk = a_desk(language=language)
    async with desk.app.run_test(size=USUAL) as pilot:
        await confirm(desk, pilot)
        desk.play.open("1")
        await desk.news(pilot)
        await answer(desk, pilot, Refusal(Reason.NOT_TIED))
        room = desk.app.screen.query_one("#aside-lines").content_size
        words = catalogue("pingyi_protocol", language).words
        cut = {
            reason
            for reason in set(Reason) - CLERKS - OTHERS
            if len(Text(words[f"refusal.{reason}"]).wrap(Console(), room.width)) > room.height
        }
        assert (room.height, cut) == (4, set())


async def test_a_command_that_the_disk_does_not_keep_is_not_sent_and_the_chair_is_told() -> None:
    desk = a_desk()
    desk.session.broken = OSError(28, "No space left on device")
    async with desk.app.run_test(size=USUAL) as pilot:
        await confirm(desk, pilot)
        seen = plain(desk.app)
        assert "未能送出：开始打分" in seen
        assert "本机磁盘：No space left on" in seen
        assert "Enter  开始第 1 项打分" in seen
        assert desk.session.submitted == []


async def test_a_session_that_cannot_go_on_ends_the_console_with_its_fault() -> None:
    desk = a_desk()
    desk.ends_with = OSError(5, "Input/output error")
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert not desk.app.is_running
    assert desk.app.fault is desk.ends_with


async def test_a_revoked_console_and_a_record_that_does_not_fit_are_shouted() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.link(pilot, Link.REVOKED, 0)
        assert "另一台设备已接替主持" in plain(desk.app)
        desk.app.post_message(AlarmRaised(ReceiptError("receipt.other_command")))
        await pilot.pause()
        assert "警报：回执对应的不是所送出的内容。" in plain(desk.app)
        assert desk.rings == 1


async def test_leaving_asks_while_a_round_is_open() -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await pilot.press("ctrl+q")
        assert "再按一次：离开主持台" in plain(desk.app)
        await pilot.press("escape")
        assert "离开主持台" not in plain(desk.app)
        await pilot.press("ctrl+q")
        desk.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        await pilot.pause()
        assert not desk.app.is_running


async def test_leaving_is_at_once_when_nothing_is_open() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not desk.app.is_running


async def test_arrows_and_mouse_choose_another_item() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.press("down", "down")
        assert "Enter  开始第 3 项打分" in plain(desk.app)
        assert "医疗保障局" in plain(desk.app)
        await pilot.click("#agenda-list", offset=(6, 10))
        assert "Enter  开始第 5 项打分" in plain(desk.app)
        await pilot.press("escape")
        assert "Enter  开始第 1 项打分" in plain(desk.app)


async def test_hints_can_be_clicked_where_the_agenda_is_folded() -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=SMALL) as pilot:
        await desk.news(pilot)
        row = plain(desk.app).splitlines()[-1]
        await pilot.click("#hints", offset=(cell_len(row[: row.index("下")]), 1))
        assert "议程 2/13  评议人社局  未开始" in plain(desk.app)
        await pilot.click("#hints", offset=(cell_len(row[: row.index("F4")]), 1))
        assert [command.body for command in desk.session.submitted] == [PauseRound("1", 1)]


async def test_the_gold_block_can_be_clicked_but_a_double_click_opens_nothing() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.click("#step")
        await pilot.click("#step")
        assert desk.session.submitted == []
        desk.clock.seconds += SETTLE_SECONDS
        await pilot.click("#step")
        assert [command.body for command in desk.session.submitted] == [OpenRound("1")]


@pytest.mark.parametrize("size", [(80, 24), (99, 36), (120, 29)])
async def test_below_100_by_30_it_says_so_and_words_stand_in_place_of_the_hall(size: tuple[int, int]) -> None:
    desk = a_desk(language=Language.ENGLISH)
    desk.play.open("1")
    vote(desk, 40)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        said = " ".join(plain(desk.app).split())
        width, height = size
        assert f"The console needs at least 100 x 30 characters; here are {width} x {height}." in said
        assert "voted / may vote 40 / 43 3 still to vote" in said
        assert "Mean so far, 40 92.00 excellent" in said
        assert "Not voted yet: 3 5-05 Lu Zhigang 5-06 Jiang Xinyi 5-07 Li Wei" in said
        assert "V 1-01" not in said
        await confirm(desk, pilot)
        assert [command.body for command in desk.session.submitted] == [CloseRound("1", 1)]
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        assert "needs at least" not in plain(desk.app)
        assert "Not voted yet: 3" in plain(desk.app)


async def test_a_name_without_room_is_cut_visibly() -> None:
    desk = a_desk()
    definition = desk.session.definition
    assert definition is not None
    longest = msgspec.structs.replace(definition.roster[0], name="Wang Jiangguo of the North")
    desk.session.definition = msgspec.structs.replace(definition, roster=(longest, *definition.roster[1:]))
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        assert "Wang.." in plain(desk.app)


async def test_english_says_the_same() -> None:
    desk = a_desk(language=Language.ENGLISH)
    desk.play.open("1")
    vote(desk, 40)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        seen = plain(desk.app)
        for words in (
            "simulated", "due 45", "present 43", "quorum 23 met", "OPEN BALLOT", "open  Culture, Tourism",
            "Not voted yet: 3", "Enter  close scoring", "3 not voted; asks again", "Mean so far, 40", "excellent",
        ):  # fmt: skip
            assert words in seen, words


async def test_the_language_changes_while_a_round_is_open() -> None:
    desk = a_desk()
    desk.play.open("1")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await pilot.press("f2")
        assert "close scoring" in plain(desk.app)
        assert "P not yet 43" in plain(desk.app)
        assert "未投" not in plain(desk.app)
        await pilot.press("f2")
        assert "结束打分" in plain(desk.app)


async def test_help_says_what_can_be_pressed_now_and_enter_only_closes_it() -> None:
    desk = a_desk()
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.press("f1")
        seen = plain(desk.app)
        assert "开始第 1 项打分（大方块中的下一步）" in seen
        assert "计时延长 1 分钟，不再询问（现在不可用）" in seen
        await pilot.press("enter")
        assert "大方块中的下一步" not in plain(desk.app)
        assert "再按一次" not in plain(desk.app)


async def test_at_100_by_30_the_agenda_folds_and_nothing_that_counts_is_lost() -> None:
    desk = a_desk()
    desk.play.open("1")
    vote(desk, 40)
    async with desk.app.run_test(size=SMALL) as pilot:
        desk.session.left = 108_000
        await desk.news(pilot)
        seen = plain(desk.app)
        for words in (
            "议程 1/13  评议文旅局  评分中", "/ 43", "还有 3 人未投", "实时均分 40 人", "还没投的 3 人",
            "Enter  结束打分", "还有 3 人未投，按下后再问一次", "接下来", "剩余", "F4  暂停", "Ctrl+Q",
        ):  # fmt: skip
            assert words in seen, words
        assert "评议水利局" not in seen
        assert "100" in seen.splitlines()[21]  # the axis of the distribution, above the block
        await pilot.resize_terminal(*USUAL)
        await pilot.pause()
        assert "评议水利局" in plain(desk.app)


async def test_an_agenda_longer_than_the_screen_keeps_the_cursor_in_sight_and_counts_the_rest() -> None:
    definition = small_definition(members=5)
    items = tuple(
        type(definition.agenda[0])(str(number), f"第{number}项评议", ("T01",), live_rules()) for number in range(1, 31)
    )
    play = Play(type(definition)(definition.meeting, definition.roster, definition.targets, items))
    desk = Desk(play)
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        assert "第1项评议" in plain(desk.app)
        await pilot.press(*["down"] * 19)
        seen = plain(desk.app)
        assert "第20项评议" in seen
        shown = [number for number in range(1, 31) if f"第{number}项评议" in seen]
        assert shown == list(range(shown[0], shown[-1] + 1))
        assert f"上 {shown[0]} 项  下 {30 - shown[-1]} 项" in seen


async def test_names_and_titles_are_never_markup() -> None:
    definition = small_definition(members=3)
    person = type(definition.roster[0])("M09", "[b]王[/b]", seat="1-09")
    target = type(definition.targets[0])("T01", "[red]局[/]")
    item = type(definition.agenda[0])("1", "[/b]评议", ("T01",), live_rules())
    desk = Desk(Play(type(definition)(definition.meeting, (*definition.roster, person), (target,), (item,))))
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        seen = plain(desk.app)
        assert "[/b]评议" in seen
        assert "[red]局[/]" in seen
        assert "1-09 [b]王[/b]" in seen


async def test_before_the_server_is_heard_the_screen_says_that_it_connects() -> None:
    desk = a_desk()
    desk.session.picture = None
    desk.session.link, desk.session.link_seconds = Link.CONNECTING, 4
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        assert "正在连接会议服务器（自 15:42:03）" in plain(desk.app)
        await pilot.press("enter", "plus", "f4", "up", "f1", "escape")
        assert desk.session.submitted == []
        await desk.link(pilot, Link.UP, 0)
        await desk.news(pilot)
        assert "开始第 1 项打分" in plain(desk.app)
