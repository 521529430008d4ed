"""The chair and a second person: a round is void by two, and a member's new terminal is let in by the chair."""

import pytest
from textual.pilot import Pilot

from kit.chairs import NOON, Desk, Play
from kit.factories import live_rules, small_definition
from kit.screens import plain
from pingyi_protocol.meeting.commands import CloseMeeting, CloseRound, CountersignCode, OpenRound, TakeBackVoid
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.events import CodeCountersigned, CodeWithdrawn, SeatMoved, VoidTakenBack
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.text import catalogue
from pingyi_terminal.chair.app import SETTLE_SECONDS
from pingyi_terminal.chair.moves import ending, revote, runoff, taking_back, voidable
from pingyi_terminal.chair.situation import Draft, GoTo
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.chair.view import chair_view, shout

ZH = catalogue("pingyi_terminal", Language.CHINESE)
EN = catalogue("pingyi_terminal", Language.ENGLISH)
SIZES = [(120, 36), (100, 30)]


def hall() -> Play:
    play = Play(small_definition(members=5, rules=live_rules()))
    play.arrive(5)
    return play


def closed() -> Play:
    play = hall()
    play.open("1")
    play.vote("M01", 90)
    play.close()
    return play


async def confirm(desk: Desk, pilot: Pilot[None]) -> None:
    """Let the question settle, and press Enter."""
    desk.clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")


def sent(desk: Desk) -> list[object]:
    return [command.body for command in desk.session.submitted]


def test_a_declared_round_blocks_announcement_new_vote_and_the_close_of_the_meeting() -> None:
    play = closed()
    play.declare("停电")
    situation = play.situation()
    step = next_step(ZH, situation)
    assert (step.does, step.label, step.state) == (None, "等待监票人会签作废", "faint")
    assert (revote(situation), runoff(situation), ending(situation), voidable(situation)) == (None,) * 4
    assert taking_back(situation) == TakeBackVoid("1", 1)
    shown = chair_view(ZH, situation, NOON, NOON)
    assert shown.floor.heading.text == shown.aside.heading.text == "第 1 轮待监票人会签作废"
    assert shown.floor.reading == ("理由：停电",)
    assert shown.agenda.lines[0].state.text == "待会签作废"
    play.happen(VoidTakenBack("1", 1))
    assert next_step(ZH, play.situation()).label == "宣布结果"
    play.declare("停电")
    play.void("停电")
    assert next_step(ZH, play.situation()).does == OpenRound("1", 2)


def test_an_open_round_that_is_declared_void_is_closed_as_ever() -> None:
    play = hall()
    play.open("1")
    play.declare()
    assert next_step(EN, play.situation()).does == CloseRound("1", 1)
    shown = chair_view(EN, play.situation(), NOON, NOON)
    assert shown.aside.lines == ("Ballots are still taken.", "Reason: 计票有误")
    assert shown.floor.heading.text == "Not voted yet: 5"


def test_two_rounds_wait_at_once_and_the_meeting_is_not_closed_over_either() -> None:
    play = closed()
    play.announce()
    play.declare()
    assert next_step(ZH, play.situation()).does == GoTo("2")
    play.open("2")
    play.close()
    play.announce()
    play.declare("停电")
    assert next_step(EN, play.situation()).detail == "void, unsigned: 1, 2"
    assert [line.state.text for line in chair_view(EN, play.situation(), NOON, NOON).agenda.lines] == [
        "void, unsigned"
    ] * 2
    assert taking_back(play.situation(Draft(chosen="1"))) == TakeBackVoid("1", 1)
    assert ending(play.situation()) is None


@pytest.mark.parametrize("size", SIZES)
async def test_f8_takes_a_declared_void_back_after_asking(size: tuple[int, int]) -> None:
    play = closed()
    play.declare()
    desk = Desk(play, Language.ENGLISH)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        assert "F8  let it stand" in plain(desk.app)
        await pilot.press("f8")
        assert "again to let round 1 stand" in plain(desk.app)
        assert sent(desk) == []
        await confirm(desk, pilot)
        assert sent(desk) == [TakeBackVoid("1", 1)]
        assert "sent: let the round stand" in plain(desk.app)


async def test_closing_and_voting_again_say_in_words_what_they_wait_for() -> None:
    play = closed()
    play.declare()
    desk = Desk(play)
    why = catalogue("pingyi_protocol", Language.CHINESE)(f"refusal.{Reason.VOID_WAITS}", item="1")
    async with desk.app.run_test(size=SIZES[0]) as pilot:
        for key, what in (("f7", "散会"), ("f9", "开始打分")):
            await desk.news(pilot)
            await pilot.press(key)
            seen = plain(desk.app).replace("\n", "")
            assert f"未被接受：{what}" in seen
            assert why[-12:] in seen
            await confirm(desk, pilot)
            await pilot.press("escape")
        assert sent(desk) == []


async def test_the_dialog_says_that_a_scrutineer_must_agree() -> None:
    play = closed()
    desk = Desk(play)
    async with desk.app.run_test(size=SIZES[1]) as pilot:
        await desk.news(pilot)
        await pilot.press("f8")
        seen = plain(desk.app)
        assert "须有监票人会签才作废" in seen
        assert "宣布作废，请监票人会签" in seen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("language", "said", "asked"),
    [
        (
            Language.CHINESE,
            "M04 委员04（1-04）已签到，工作人员为其换终端另发了登记码，等您同意。",
            "再按一次：M04 委员04 换终端",
        ),
        (Language.ENGLISH, "A new terminal for M04 委员04 (1-04), who has checked in already", "again to agree: M04"),
    ],
)
async def test_a_code_for_who_has_checked_in_is_shouted_and_one_key_agrees(
    language: Language, said: str, asked: str, size: tuple[int, int]
) -> None:
    play = hall()
    play.open("1")
    desk = Desk(play, language)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        rings = desk.rings
        code = play.issue("M04", "second")
        await desk.news(pilot)
        assert said in plain(desk.app)
        assert desk.rings == rings + 1
        await desk.news(pilot)
        assert desk.rings == rings + 1
        await pilot.press("f6")
        assert asked in plain(desk.app)
        assert sent(desk) == []
        await confirm(desk, pilot)
        assert sent(desk) == [code]
        play.happen(CodeCountersigned("M04", Role.MEMBER))
        await desk.news(pilot)
        assert said not in plain(desk.app)


async def test_several_codes_are_agreed_to_one_by_one_and_each_can_be_left() -> None:
    play = hall()
    codes = [play.issue(f"M{place:02}", str(place)) for place in range(1, 6)]
    desk = Desk(play)
    async with desk.app.run_test(size=SIZES[1]) as pilot:
        await desk.news(pilot)
        assert "为 5 个终端" in plain(desk.app)
        assert "M03 委员03，另有 2" in plain(desk.app)
        await pilot.press("f6", "f6")
        assert "M02 委员02 换终端" in plain(desk.app)
        assert "2/5" in plain(desk.app)
        await pilot.press("escape")
        assert "再按一次" not in plain(desk.app)
        await pilot.press("f6", "f6", "f6")
        await confirm(desk, pilot)
        assert sent(desk) == [codes[2]]


async def test_a_code_that_the_clerk_withdraws_under_the_question_is_not_agreed_to() -> None:
    play = hall()
    play.issue("M04", "second")
    desk = Desk(play)
    async with desk.app.run_test(size=SIZES[0]) as pilot:
        await desk.news(pilot)
        await pilot.press("f6")
        play.happen(CodeWithdrawn("M04", Role.MEMBER))
        await desk.news(pilot)
        assert "换终端" not in plain(desk.app)
        await confirm(desk, pilot)
        assert not any(isinstance(body, CountersignCode) for body in sent(desk))


def test_a_member_who_was_moved_is_named_by_the_new_seat_and_one_without_a_seat_by_none() -> None:
    play = hall()
    play.happen(SeatMoved("M04", "9-09"))
    play.issue("M04", "second")
    assert "(9-09)" in shout(EN, play.situation(), NOON, NOON)
    play.happen(SeatMoved("M04", ""))
    assert "(no seat)" in shout(EN, play.situation(), NOON, NOON)


def test_nothing_is_shouted_once_the_meeting_is_closed() -> None:
    play = hall()
    play.issue("M04", "second")
    play.end()
    assert shout(ZH, play.situation(), NOON, NOON) == ""
    asking = play.situation(Draft(asking=CloseMeeting()))
    assert next_step(ZH, asking).does is None
