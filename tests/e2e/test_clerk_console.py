"""The clerk's console over a real server: what it shows and what each act leaves on the record."""

from decimal import Decimal
from pathlib import Path

import pytest
from textual.widgets import Static

from kit.clerks import Clerk, console
from kit.factories import small_definition
from kit.hall import Hall, free_port, open_hall
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode, secret_hash
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.wire.messages import Call, Receipt
from pingyi_terminal.clerk.asking import CodeScreen
from pingyi_terminal.clerk.table import Table
from pingyi_terminal.widgets import QRCode

BOTH = pytest.mark.parametrize("language", list(Language), ids=lambda one: one.value)
SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["large", "small"])


def definition(members: int = 6) -> Definition:
    return small_definition(members, port=free_port())


def meeting(hall: Hall) -> Meeting:
    return hall.recorder.meeting


async def reason(clerk: Clerk, text: str) -> None:
    """Type a reason into the panel and confirm."""
    await clerk.type(text)
    await clerk.press("enter")


@SIZES
@BOTH
async def test_it_shows_everybody_and_finds_them_by_name_number_and_seat(
    tmp_path: Path, language: Language, size: tuple[int, int]
) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        seat = await hall.admit("M02")
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        async with console(hall, language, size) as clerk:
            here, online = {"zh": ("在场", "在线"), "en": ("here", "online")}[language.value]
            await clerk.until("委员02", here, online)
            for sought in ("m02", "委员02", "１-02"):
                await clerk.type(sought)
                await clerk.when(lambda: "委员03" not in clerk.screen)
                assert "委员02" in clerk.screen
                await clerk.press("escape")
                await clerk.until("委员03")
            other = {"zh": "Roster", "en": "名册与终端"}[language.value]
            await clerk.press("f2")
            await clerk.until(other)


async def test_a_code_is_shown_once_and_lets_a_terminal_in(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall, console(hall) as clerk:
        await clerk.type("M04")
        await clerk.press("f3")
        await clerk.until("给 1-04 M04 委员04 (成员) 发卡？")
        await clerk.press("enter")
        await clerk.until("只显示这一次")
        screen = clerk.app.screen
        assert isinstance(screen, CodeScreen)
        code: EnrolmentCode = screen.code
        assert screen.query_one(QRCode).data == encode(code)
        assert meeting(hall).code_of[Principal("M04", Role.MEMBER)] == secret_hash(code.secret)
        await clerk.press("escape")
        assert clerk.app.codes == {}
        await clerk.until("已发卡")
        await clerk.press("f4", "enter")
        await clerk.when(lambda: Principal("M04", Role.MEMBER) not in meeting(hall).code_of)
        await clerk.until("未登记")


async def test_a_code_for_who_has_checked_in_says_that_the_chair_has_to_agree(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        seat = await hall.admit("M02")
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        async with console(hall) as clerk:
            await clerk.type("M02")
            await clerk.until("在场")
            await clerk.press("f3")
            await clerk.until("主持人同意后新卡才能使用")
            await clerk.press("enter")
            await clerk.until("主持人同意后才能使用。")
            await clerk.press("escape")
            await clerk.until("待主持人")
            assert meeting(hall).unsigned_codes


async def test_attendance_seats_and_terminals_are_mended_with_a_reason(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        await hall.admit("M03")
        async with console(hall) as clerk:
            await clerk.type("M03")
            await clerk.until("监票人")
            await clerk.press("f5", "enter")
            await clerk.until("请写明理由")
            await reason(clerk, "忘带眼镜")
            await clerk.until("在场", "M03 委员03 已代为签到。已写入记录")
            await clerk.press("f5")
            await reason(clerk, "去开会")
            await clerk.until("早退")
            assert meeting(hall).left["M03"] == "去开会"
            await clerk.press("f6")
            await reason(clerk, "1-01")
            await clerk.until("未受理")
            assert meeting(hall).seat_of("M03") == "1-03"
            await clerk.press("f6")
            await reason(clerk, "5-05")
            await clerk.when(lambda: meeting(hall).seat_of("M03") == "5-05")
            await clerk.press("f7")
            await clerk.press("down")
            await reason(clerk, "近亲属在该单位任职")
            await clerk.when(lambda: ("2", "M03") in meeting(hall).recusals)
            await clerk.press("f8")
            await reason(clerk, "终端丢失")
            await clerk.until("已停用")
            assert Principal("M03", Role.MEMBER) not in meeting(hall).sessions
        assert meeting(hall).excused.get("M03") is None


async def test_excused_is_the_second_choice_of_who_has_not_come(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall, console(hall) as clerk:
        await clerk.type("M05")
        await clerk.press("f5", "down")
        await reason(clerk, "请假")
        await clerk.until("请假", "已写入记录")
        assert meeting(hall).excused["M05"] == "请假"


@SIZES
async def test_a_call_is_loud_and_answered_by_one_key(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        seat = await hall.admit("M02")
        async with console(hall, size=size) as clerk:
            await clerk.until("在线")
            assert seat.session.request(Call(wanted=True))
            await clerk.until("呼叫 1", "已去处理呼叫")
            await clerk.press("f9")
            await seat.until(lambda session: not session.calling)
            await clerk.when(lambda: "已去处理呼叫" not in clerk.screen)
            situation = clerk.app.situation()
            assert situation is not None
            assert situation.line is not None
            assert situation.line.who == Principal("M02", Role.MEMBER)


async def test_the_agenda_is_moved_first_on_the_screen_and_then_on_the_record(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall, console(hall) as clerk:
        await clerk.press("tab", "f4")
        await clerk.until("新的顺序还没有写入记录")
        assert [item.id for item in meeting(hall).agenda] == ["1", "2"]
        await clerk.press("escape")
        await clerk.when(lambda: "新的顺序还没有写入记录" not in clerk.screen)
        await clerk.press("f4", "f5", "enter")
        await clerk.when(lambda: [item.id for item in meeting(hall).agenda] == ["2", "1"])
        await clerk.until("已写入记录")
        await clerk.press("f8")
        await reason(clerk, "材料不齐")
        await clerk.when(lambda: meeting(hall).withdrawn)
        await clerk.until("已撤下")


async def test_items_are_added_from_a_file_in_the_meetings_folder(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(
        '[[agenda]]\nnumber = "8"\ntitle = "临时动议"\nkind = "motion"\n'
        '[[agenda]]\nnumber = "9"\ntitle = "再一项"\nkind = "motion"\n',
        encoding="utf-8",
    )
    (tmp_path / "bad.toml").write_text('[[agenda]]\nnumber = "8"\nkind = "dance"\n', encoding="utf-8")
    async with open_hall(tmp_path, definition()) as hall, console(hall) as clerk:
        await clerk.press("tab", "f7")
        await clerk.until("会议文件夹")
        await clerk.press("enter")
        await clerk.until("请写明文件名")
        await reason(clerk, "bad.toml")
        await clerk.until("没有从 bad.toml 增加议题", "dance")
        await clerk.press("escape", "f7")
        await reason(clerk, "more.toml")
        await clerk.until("把 more.toml 里的 2 项", "临时动议", "再一项")
        assert len(meeting(hall).agenda) == 2
        await clerk.press("enter")
        await clerk.until("已增加议题：9 再一项。已写入记录")
        assert [item.id for item in meeting(hall).agenda] == ["1", "2", "8", "9"]
        await clerk.when(lambda: (situation := clerk.app.situation()) and situation.item and situation.item.id == "9")


async def test_a_result_by_hand_is_read_asked_about_once_more_and_signed(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        for person in ("M01", "M02", "M03", "M04"):
            seat = await hall.admit(person)
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        async with console(hall) as clerk:
            await clerk.press("tab")
            await clerk.press("f6")
            for text in ("4", "1", "90x2", "1"):
                await clerk.type(text)
                await clerk.press("enter")
            await clerk.type("停电")
            await clerk.press("f6")
            await clerk.until("请再看一遍", "收到 4，无效 1")
            assert not meeting(hall).rounds
            await clerk.press("f6")
            await clerk.when(lambda: meeting(hall).rounds)
            [one] = meeting(hall).rounds
            assert one.phase is Phase.CLOSED
            assert one.manual is not None
            assert (one.manual.received, one.manual.invalid, one.manual.reason) == (4, 1, "停电")


@BOTH
async def test_an_export_shows_its_path_and_the_files_are_there(tmp_path: Path, language: Language) -> None:
    async with open_hall(tmp_path, definition()) as hall, console(hall, language) as clerk:
        await clerk.press("tab", "tab", "f3")
        await clerk.until({"zh": "已完成", "en": "Done"}[language.value])
        [folder] = (tmp_path / "exports").iterdir()
        assert str(clerk.app.screen.query_one("#under", Static).content) == str(folder)
        assert (folder / "record.zip").exists()


async def test_health_names_what_is_not_well(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        seat, chair = await hall.admit("M02"), await hall.admit("M01", Role.CHAIR)
        members = [await hall.admit(person) for person in ("M01", "M03", "M04")]
        for one in (seat, *members):
            assert isinstance(await one.session.ask(CheckIn()), Receipt)
        async with console(hall) as clerk:
            await clerk.until("5 / 5", "在场的都在线", "正常", "尚无")
            await hall.switch_off(seat)
            await clerk.until("4 / 5", "1 席断线", "断线")
            for body in (OpenRound("1"), CloseRound("1", 1), AnnounceRound("1", 1)):
                assert isinstance(await chair.session.ask(body), Receipt)
            await clerk.until("份会签", "到第")
            await clerk.when(lambda: "0 份会签" not in clerk.screen)


async def test_acts_of_the_command_line_work_beside_an_open_console(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall, console(hall) as clerk:
        with hall.folder.clerk_profile().held():
            await clerk.type("M05")
            await clerk.press("f5")
            await reason(clerk, "迟到")
            await clerk.until("在场")


async def test_a_vote_is_seen_as_cast_and_never_how(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(person) for person in ("M01", "M02", "M03", "M04")]
        for one in seats:
            assert isinstance(await one.session.ask(CheckIn()), Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        async with console(hall) as clerk:
            await clerk.until("未投", "议题 1 正在进行")
            assert isinstance(await seats[1].session.ask(Cast("1", 1, (Score("T01", "", Decimal(87)),))), Receipt)
            await clerk.until("已投")
            rows = clerk.app.screen.query_one(Table).rows
            assert not any("87" in cell.text for row in rows for cell in row)


async def test_once_the_hall_has_voted_a_scrutineers_card_waits_for_the_chair_too(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        for person in ("M01", "M02", "M03", "M04"):
            seat = await hall.admit(person)
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        async with console(hall) as clerk:
            await clerk.type("M03")
            await clerk.press("down", "f3")
            await clerk.until("监票人", "屏幕上显示一次")
            await clerk.press("escape")
            assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
            await clerk.until("未投")
            await clerk.press("f3")
            await clerk.until("主持人同意后新卡才能使用")
            await clerk.press("enter")
            await clerk.until("主持人同意后才能使用。")
            assert list(meeting(hall).unsigned_codes.values()) == [Principal("M03", Role.SCRUTINEER)]
