"""The clerk's console without a server: hands, languages, sizes, and what it says when something is not well."""

import msgspec
import pytest
from textual.events import MouseScrollDown

from kit.chairs import Play
from kit.clerks import Clerk, StillDesk, still_console
from kit.factories import small_definition
from kit.screens import plain
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import AddItem, AnswerCount, CheckOut, Choice, EnterResult
from pingyi_protocol.meeting.definition import Item, Language, MotionRules, Option, SelectionRules
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import AdditionRead, AnswerCall, ReadAddition, StartExport
from pingyi_protocol.wire.office import Exporting, Health, Office
from pingyi_terminal.clerk.acts import Act
from pingyi_terminal.clerk.asking import AskScreen, HelpScreen
from pingyi_terminal.clerk.entering import ResultScreen
from pingyi_terminal.clerk.screen import ClerkScreen
from pingyi_terminal.clerk.situation import Draft, Page
from pingyi_terminal.clerk.table import Pages, Table
from pingyi_terminal.link import AlarmLifted, AlarmRaised, CommandAnswered, LinkChanged, PictureChanged
from pingyi_terminal.widgets import ActionBlock

BOTH = pytest.mark.parametrize("language", list(Language), ids=lambda one: one.value)
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["small", "large"])


def quiet(members: int = 30) -> StillDesk:
    """A meeting in which everybody is there and nobody calls."""
    play = Play(small_definition(members))
    play.arrive(members)
    session = StillDesk(play)
    assert session.desk is not None
    session.desk = msgspec.structs.replace(session.desk, calling=())
    return session


async def news(clerk: Clerk, desk: Office) -> None:
    """Let the server tell something else."""
    session = clerk.app.session
    assert isinstance(session, StillDesk)
    session.desk = desk
    clerk.app.post_message(PictureChanged())
    await clerk.pilot.pause()


@SIZES
@BOTH
async def test_help_names_every_key_and_what_is_not_possible_now(language: Language, size: tuple[int, int]) -> None:
    session = quiet()
    app = still_console(session, language)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)
        shown = plain(app)
        for chip in ("F3", "F4", "F5", "F6", "F7", "F8", "F9", "Enter", "Tab", "Ctrl+Q"):
            assert chip in shown
        assert {"zh": "现在不可用", "en": "not now"}[language.value] in shown
        await pilot.press("escape")
        assert isinstance(app.screen, ClerkScreen)


@SIZES
async def test_mouse_alone_turns_pages_chooses_a_line_and_opens_what_can_be_done(size: tuple[int, int]) -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=size) as pilot:
        await pilot.click(Table, offset=(5, 4))
        await pilot.pause()
        situation = app.situation()
        assert situation is not None
        assert situation.line is situation.found[3]
        await pilot.click(Table, offset=(5, 4))
        await pilot.pause()
        assert isinstance(app.screen, AskScreen)
        await pilot.press("escape")
        await pilot.click(ActionBlock)
        await pilot.pause()
        assert isinstance(app.screen, AskScreen)
        await pilot.press("escape")
        await pilot.click(Pages, offset=(18, 0))
        await pilot.pause()
        pages = [app.draft.page]
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        assert [*pages, app.draft.page] == [Page.AGENDA, Page.EXPORTS]
        await pilot.click(ActionBlock)
        await pilot.pause()
        assert session.requested == [StartExport(None)]


async def test_page_keys_and_the_wheel_move_through_a_long_roster() -> None:
    app = still_console(quiet(200))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "委员100" not in plain(app)
        await pilot.press(*["pagedown"] * 10)
        assert "委员100" in plain(app)
        table = app.screen.query_one(Table)
        before = table.cursor
        table.post_message(MouseScrollDown(table, 5, 5, 0, 1, 0, shift=False, meta=False, ctrl=False))
        await pilot.pause()
        assert table.cursor == before + 3


@BOTH
async def test_a_state_that_is_typed_finds_whoever_is_in_it(language: Language) -> None:
    play = Play(small_definition(30))
    play.arrive(28)
    session = StillDesk(play)
    app = still_console(session, language)
    async with app.run_test(size=(120, 36)) as pilot:
        for absent in ("absent", "未到"):
            await pilot.press("escape", "escape", *absent)
            situation = app.situation()
            assert situation is not None
            assert [line.who.person for line in situation.found] == ["M29", "M30"]


async def test_a_key_of_the_menu_does_its_act_there_too() -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "F5  签到" in plain(app)
        asked = []
        for key in ("f4", "f3"):
            await pilot.press(key)
            assert isinstance(app.screen, AskScreen)
            asked.append(app.screen.question.act)
            await pilot.press("escape", "enter")
        assert asked == [Act.WITHDRAW_CODE, Act.ISSUE]


async def test_a_long_list_of_items_leaves_the_low_screen_its_keys() -> None:
    items = tuple(Item(str(place), f"决议{place}", rules=MotionRules()) for place in range(1, 15))
    play = Play(msgspec.structs.replace(small_definition(5), agenda=items))
    play.arrive(5)
    app = still_console(StillDesk(play))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f7")
        await pilot.pause()
        assert "Esc" in plain(app)
        assert "写入记录" in plain(app)
        assert "下面还有 8 项" in plain(app)
        await pilot.press(*["down"] * 13)
        assert "决议14" in plain(app)
        assert "下面还有" not in plain(app)


async def test_an_answer_about_a_file_that_nobody_waits_for_any_more_is_left() -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("tab", "f7", *"a.toml", "enter")
        await pilot.pause()
        assert session.requested == [ReadAddition("a.toml")]
        assert "正在读取 a.toml" in plain(app)
        await pilot.press("escape")
        session.addition = AdditionRead("a.toml", (AddItem(Item("9", "临时动议", rules=MotionRules())),))
        app.post_message(PictureChanged())
        await pilot.pause(0.6)
        assert isinstance(app.screen, ClerkScreen)
        assert session.addition is None


async def test_no_item_is_added_after_one_that_was_refused() -> None:
    session = quiet()
    app = still_console(session)
    items = tuple(AddItem(Item(number, "动议", rules=MotionRules())) for number in ("8", "9"))
    warnings: dict[str, tuple[str, ...]] = {language.value: ("odd",) for language in Language}
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("tab", "f7", *"a.toml", "enter")
        session.addition = AdditionRead("a.toml", items, warnings)
        app.post_message(PictureChanged())
        await Clerk(app, pilot).until("请核对：odd")
        await pilot.press("enter")
        await pilot.pause()
        assert [command.body for command in session.submitted] == [items[0]]
        app.post_message(CommandAnswered(session.submitted[0], Refusal(Reason.NOT_ALLOWED)))
        await pilot.pause()
        assert len(session.submitted) == 1
        assert not app.adding


async def test_a_run_off_by_hand_asks_about_those_alone_who_stand_again() -> None:
    item = Item("1", "票决", ("T01", "T02", "T03"), SelectionRules(winners=2, most=2))
    play = Play(msgspec.structs.replace(small_definition(5), agenda=(item,)))
    play.arrive(5)
    play.open("1")
    for person, rivals in zip(("M01", "M02", "M03"), (("T02",), ("T03",), ()), strict=True):
        play.choose(person, *((target, Option.CHOSEN) for target in ("T01", *rivals)))
    play.close()
    play.announce()
    session = StillDesk(play)
    app = still_console(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("tab", "f6")
        await pilot.pause()
        form = app.screen
        assert isinstance(form, ResultScreen)
        assert form.item.targets == ("T02", "T03")
        await pilot.press("3", "down", "down", "2", "down", "1", "down", "down", *"power", "f6", "f6")
        await pilot.pause()
        [command] = session.submitted
        app.post_message(
            CommandAnswered(
                command, Refusal(Reason.RESULT_OVER_PRESENT, {"received": "3", "invalid": "0", "present": "2"})
            )
        )
        await pilot.press("f6", "f6", "f6")
        await pilot.pause()
        assert [one.body for one in session.submitted] == [command.body, command.body], "what was typed is there again"
        counts = (AnswerCount(Choice("T02", Option.CHOSEN), 2), AnswerCount(Choice("T03", Option.CHOSEN), 1))
        assert command.body == EnterResult("1", 2, "power", 3, 0, counts, ("T02", "T03"))


async def test_what_was_asked_about_is_what_is_sent_although_the_cursor_moves_meanwhile() -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*"M07", "f5")
        app.draft = Draft()
        await pilot.press(*"left early", "enter")
        await pilot.pause()
        assert [command.body for command in session.submitted] == [CheckOut("M07", "left early")]


@BOTH
async def test_refusals_alarms_and_a_lost_link_are_said_in_words(language: Language) -> None:
    session = quiet()
    app = still_console(session, language)
    said = {
        "zh": ("未受理：", "连接中断", "没有送出"),
        "en": ("Refused:", "link is lost", "Not sent"),
    }[language.value]
    async with app.run_test(size=(120, 36)) as pilot:
        clerk = Clerk(app, pilot)
        await pilot.press(*"M07", "f5", *"left", "enter")
        await pilot.pause()
        app.post_message(CommandAnswered(session.submitted[0], Refusal(Reason.NOT_PRESENT, {"person": "M07"})))
        await clerk.until(said[0])
        await pilot.press("escape")
        assert said[0] not in clerk.screen
        session.link = Link.LOST
        app.post_message(LinkChanged())
        await clerk.until(said[1])
        assert {"zh": "好", "en": "good"}[language.value] not in clerk.screen, "nobody knows now whether all is well"
        assert app.screen.query_one(ActionBlock).state == "faint"
        await pilot.press("f3")
        assert isinstance(app.screen, ClerkScreen)
        session.link = Link.UP
        app.post_message(AlarmRaised(ReceiptError("receipt.other_definition")))
        await clerk.when(lambda: app.screen.query_one("#shout").display)
        await pilot.press("f3")
        assert isinstance(app.screen, ClerkScreen)
        app.post_message(AlarmLifted())
        await clerk.when(lambda: not app.screen.query_one("#shout").display)
        assert session.desk is not None
        await news(clerk, msgspec.structs.replace(session.desk, calling=("M02",)))
        await clerk.until("委员02")
        session.link = Link.LOST
        await pilot.press("f9")
        await pilot.pause()
        assert session.requested == [AnswerCall("M02")]


@BOTH
async def test_health_that_is_not_well_has_a_word_and_comes_first_where_there_is_little_room(
    language: Language,
) -> None:
    session = quiet()
    app = still_console(session, language)
    bad, watch = {"zh": ("故障", "注意"), "en": ("bad", "watch")}[language.value]
    async with app.run_test(size=(120, 36)) as pilot:
        clerk = Clerk(app, pilot)
        assert bad not in clerk.screen
        assert session.desk is not None
        health = Health(commits=3, median=2_000, worst=900_000, free=10**9)
        await news(clerk, msgspec.structs.replace(session.desk, health=health))
        await clerk.until(bad, watch)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        first = {"zh": "延迟 2.0 毫秒", "en": "Latency 2.0 ms"}[language.value]
        await clerk.when(lambda: clerk.screen.splitlines()[1].strip().startswith(first))


@BOTH
async def test_an_export_under_way_shows_how_far_it_is_and_a_failed_one_why(language: Language) -> None:
    session = quiet()
    app = still_console(session, language)
    async with app.run_test(size=(80, 24)) as pilot:
        clerk = Clerk(app, pilot)
        await pilot.press("tab", "tab")
        assert session.desk is not None
        await news(clerk, msgspec.structs.replace(session.desk, exporting=Exporting("/m/exports/1", 32, 50)))
        await clerk.until("64%", "/m/exports/1")
        await pilot.press("f3")
        assert session.requested == []
        failed = Exporting("/m/exports/1", fault={"zh": "磁盘已满", "en": "disk full"})
        await news(clerk, msgspec.structs.replace(session.desk, exporting=failed))
        await clerk.until({"zh": "磁盘已满", "en": "disk full"}[language.value])
        await pilot.press("f3")
        assert session.requested == [StartExport(None)]


async def test_a_slip_is_asked_for_once_something_is_announced() -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("tab", "tab", "f4")
        assert session.requested == []
        assert session.picture is not None
        first, *others = session.picture.items
        announced = msgspec.structs.replace(first, phase=Phase.ANNOUNCED)
        session.picture = msgspec.structs.replace(session.picture, items=(announced, *others))
        await pilot.press("f4")
        assert session.requested == [StartExport(None, slip=True)]


async def test_a_resize_in_the_middle_of_typing_loses_nothing() -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*"M07", "f5", *"ill")
        await pilot.resize_terminal(80, 24)
        await pilot.press(*" today", "enter")
        await pilot.pause()
        assert [command.body for command in session.submitted] == [CheckOut("M07", "ill today")]
