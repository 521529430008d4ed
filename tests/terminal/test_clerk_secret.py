"""The clerk and secret rounds: the key and who is awaited, the ceremony begun, every opening, what is to be done."""

import pytest

from kit.clerk_desk import Console
from kit.every_kind import MOTION, scored
from kit.screens import plain
from kit.secret_book import OPENERS
from kit.secret_play import RESOLVED, SUM, SecretPlay, gathered, scoring
from kit.snapshots import Shows
from pingyi_protocol.meeting.commands import BeginCeremony, RevokeDevice
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue
from pingyi_terminal.clerk.secret import secret_rounds
from pingyi_terminal.clerk.situation import Draft, Page, Situation

ZH = catalogue("pingyi_terminal", Language.CHINESE)
USUAL, SMALL, LARGE = (120, 36), (80, 24), (200, 60)


def situation_of(play: SecretPlay) -> Situation:
    return Situation(play.definition, play.picture, play.backstage, draft=Draft(page=Page.SEALED))


def page_of(play: SecretPlay) -> tuple[list[tuple[str, str]], str]:
    """The page's rows as text, and the line under them."""
    _, rows, _, under = secret_rounds(ZH, situation_of(play))
    return [(row[0].text.strip(), row[1].text) for row in rows if row[0].text], under


def test_there_is_no_such_page_where_nothing_is_secret() -> None:
    assert Page.SEALED not in situation_of(gathered(MOTION)).pages
    assert Page.SEALED in situation_of(gathered(RESOLVED)).pages


def test_what_is_missing_is_named_with_what_to_do() -> None:
    play = gathered(SUM, keyed=False)
    play.answering = ("M02", "M03")
    rows, under = page_of(play)
    assert ("M04 委员04", "终端没有应答") in rows
    assert under == "还没有密钥：F3 选择监票人，开始密钥仪式。可在会前进行。"
    play.book.begin_ceremony(*OPENERS).answers("M02")
    rows, under = page_of(play)
    assert ("密钥仪式", "第 1 步，共 4 步") in rows
    assert ("M03 委员03", "等待中  终端在线") in rows
    assert "F3 重新开始" in under
    play.book.clerk(RevokeDevice("M03", Role.SCRUTINEER, "终端遗失"))
    assert ("M03 委员03", "还没有终端，也没有发卡。") in page_of(play)[0]


def test_an_opening_is_told_by_name_and_too_few_ballots_as_what_they_are() -> None:
    play = scoring(SUM, RESOLVED)
    play.book.close().check().begin_opening().opens("M02")
    rows, under = page_of(play)
    assert ("议题 score 第 1 轮", "待开启 1/2") in rows
    assert ("还没开启", "M03 委员03、M04 委员04") in rows
    assert under.startswith("请还没开启的监票人")
    few = gathered(SUM)
    few.book.open(SUM.id)
    few.sealed(scored("T01", 90)).book.close().check()
    assert page_of(few)[1].startswith("有效票太少")


async def test_the_clerk_begins_the_ceremony_and_is_told_that_it_has_begun(shows: Shows) -> None:
    play = gathered(SUM, keyed=False)
    play.answering = ("M02", "M03")
    console = Console(play, Language.CHINESE)
    async with console.app.run_test(size=USUAL) as pilot:
        await pilot.pause(0.6)
        await pilot.press("tab", "tab", "tab")
        await pilot.pause(0.6)
        shows(console.app, "no-key", "还没有无记名表决的密钥", "终端没有应答")
        await pilot.press("f3")
        await pilot.pause()
        shows(console.app, "ceremony", "2 人参加，2 人可开启")
        await pilot.press("enter")
        await pilot.pause()
        [command] = console.session.submitted
        assert isinstance(command.body, BeginCeremony)
        assert [one.person for one in command.body.scrutineers] == ["M02", "M03"]


@pytest.mark.parametrize(("size", "name"), [(SMALL, "small"), (LARGE, "large")])
async def test_the_opening_in_english_in_other_sizes(shows: Shows, size: tuple[int, int], name: str) -> None:
    play = scoring(SUM, RESOLVED)
    play.book.close().check().begin_opening().opens("M02")
    console = Console(play, Language.ENGLISH)
    async with console.app.run_test(size=size) as pilot:
        await pilot.pause(0.6)
        await pilot.press("tab")
        await pilot.pause(0.6)
        assert "opening 1/2" in plain(console.app)
        await pilot.press("tab", "tab")
        await pilot.pause(0.6)
        shows(console.app, f"opening-{name}", "M03 委员03, M04 委员04", "opening 1/2")
        await pilot.press("f3")
        await pilot.pause()
        assert len(console.app.screen_stack) == 2
