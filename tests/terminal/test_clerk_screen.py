"""The clerk's console without a server: hands, languages, sizes, and what it says when something is not well."""

import msgspec
import pytest
from textual.events import MouseScrollDown

from kit.chairs import Play
from kit.clerks import Clerk, StillDesk, still_console
from kit.factories import small_definition
from kit.screens import plain
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import CheckOut
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import AnswerCall, StartExport
from pingyi_protocol.wire.office import Exporting, Health, Office
from pingyi_terminal.clerk.asking import AskScreen, HelpScreen
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
        await pilot.press("shift+tab", "shift+tab")
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


async def test_a_resize_in_the_middle_of_typing_loses_nothing() -> None:
    session = quiet()
    app = still_console(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*"M07", "f5", *"ill")
        await pilot.resize_terminal(80, 24)
        await pilot.press(*" today", "enter")
        await pilot.pause()
        assert [command.body for command in session.submitted] == [CheckOut("M07", "ill today")]
