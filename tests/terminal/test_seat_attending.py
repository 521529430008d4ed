"""Who is not, or not yet, among those who vote: check-in and its window, late, excused; and why an item waits."""

import pytest

from kit.every_kind import MOTION, RATING, SELECTION, hall, motion_counts, ruled
from kit.playbook import CHAIR, Playbook
from kit.sitting import own, shown, sit
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Cast,
    CheckIn,
    Choice,
    CloseCheckIn,
    CloseRound,
    ConfirmRound,
    EnterResult,
    Excuse,
    OpenCheckIn,
    OpenRound,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Language, Option, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.widgets import BigText

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
CHIEF = Principal("M03", Role.SCRUTINEER)
FOR = Choice("", Option.FOR)
WINDOW = hall(MOTION, SELECTION, check_in_minutes=10)


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


def meeting(definition: Definition, *people: str) -> Playbook:
    """A meeting with a chair and these members present."""
    return Playbook(definition).enrol("M01").enrol(*CHAIR).enrol(*CHIEF).check_in(*people)


@pytest.mark.parametrize(
    ("language", "waits", "left", "over"),
    [
        (CHINESE, "签到还没有开放", "签到还有 10:00", "签到已结束。请找工作人员为您签到。"),
        (ENGLISH, "Check-in is not open yet.", "10:00 left to check in", "Check-in is over: please see the clerk."),
    ],
)
async def test_check_in_is_not_open_yet_then_open_with_its_time_then_over(
    language: Language, waits: str, left: str, over: str
) -> None:
    book = meeting(WINDOW)
    async with sit(shown(book), definition=WINDOW, language=language) as seat:
        seat.says(waits)
        seat.silent_on("Enter")
        await seat.press("enter")
        assert seat.session.submitted == []
        book.clerk(OpenCheckIn())
        await seat.show(shown(book))
        seat.says(left, "Enter")
        book.wait(60).clerk(CloseCheckIn())
        await seat.show(shown(book))
        seat.says(over)
        await seat.press("enter")
        assert seat.session.submitted == []


async def test_a_member_checks_in_while_the_window_is_open_and_a_late_press_says_why_it_was_refused() -> None:
    book = meeting(WINDOW).clerk(OpenCheckIn())
    async with sit(shown(book), definition=WINDOW) as seat:
        await seat.press("enter")
        assert [command.body for command in seat.session.submitted] == [CheckIn()]
        seat.says("签到已送出，等待回执")
        book.wait(600)
        await seat.show(shown(book))
        await seat.refused(Reason.CHECK_IN_NOT_OPEN)
        seat.says("签到已结束。请找工作人员为您签到。")


async def test_who_is_excused_is_told_and_may_come_all_the_same() -> None:
    definition = hall(MOTION)
    book = meeting(definition).clerk(Excuse("M02", "因公出差"))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("工作人员已记您请假", "如果您在会场，请签到。", "Enter  签到")
        book.check_in("M02")
        await seat.show(shown(book))
        seat.says("您已签到")
        book.check_out("M02")
        await seat.show(shown(book))
        seat.says("工作人员已记您早退", "Enter  签到")


@pytest.mark.parametrize(
    ("language", "word", "means"),
    [(CHINESE, "本轮无票", "您签到时本轮已经开始"), (ENGLISH, "NO BALLOT", "this round was open when you checked in")],
)
async def test_who_comes_late_where_the_late_get_no_ballot_is_told_so_plainly(
    language: Language, word: str, means: str
) -> None:
    definition = hall(MOTION, SELECTION, late_ballots=False)
    book = meeting(definition, "M01", "M03", "M04").chair(OpenRound("motion")).check_in("M02")
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.says(means)
        assert seat.app.screen.query_one("#word", BigText).text == word
        await seat.press("1", "enter")
        assert seat.session.submitted == []
        book.chair(CloseRound("motion", 1)).chair(AnnounceRound("motion", 1)).chair(OpenRound("selection"))
        await seat.show(shown(book))
        seat.says("选出 2 个" if language is CHINESE else "places: 2")


async def test_who_comes_late_gets_a_ballot_at_once_where_the_late_do() -> None:
    definition = hall(MOTION)
    book = meeting(definition, "M01", "M03", "M04").chair(OpenRound("motion"))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("正在进行：关于批准决算的决议", "Enter  签到")
        await seat.show(shown(book.check_in("M02")))
        seat.says("请表决")


async def test_who_is_not_checked_in_is_told_that_a_trial_vote_is_open() -> None:
    definition = hall(MOTION)
    book = meeting(definition, "M01").chair(OpenRound(TRIAL.id))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("正在进行：试投票，签到后即可表决。")


@pytest.mark.parametrize(
    ("language", "state", "why"),
    [(CHINESE, "已撤下", "理由：提案人撤回"), (ENGLISH, "withdrawn", "Reason: 提案人撤回")],
)
async def test_a_withdrawn_item_stays_on_the_agenda_with_its_reason(language: Language, state: str, why: str) -> None:
    definition = hall(MOTION, RATING, SELECTION)
    book = meeting(definition, "M01", "M02", "M03").clerk(WithdrawItem("rating", "提案人撤回"))
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.says("满意度测评", state, why)


async def test_a_void_item_that_is_withdrawn_afterwards_gives_way_to_the_agenda() -> None:
    definition = hall(MOTION, SELECTION)
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound("motion")).void("停电")
    async with sit(shown(book), definition=definition) as seat:
        seat.says("关于批准决算的决议：第 1 轮已作废。理由：停电")
        await seat.show(shown(book.clerk(WithdrawItem("motion", "提案人撤回"))))
        seat.says("您已签到", "已撤下", "理由：提案人撤回")


@pytest.mark.parametrize(
    ("language", "said", "state"),
    [
        (CHINESE, "请等监票人确认计票，再由主持人宣布。", "待监票确认"),
        (ENGLISH, "A scrutineer confirms it, then the chair announces it.", "unconfirmed"),
    ],
)
async def test_a_count_that_waits_for_the_scrutineer_says_so(language: Language, said: str, state: str) -> None:
    definition = hall(ruled(MOTION, confirmed=True))
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound("motion"))
    book.member("M02", Cast("motion", 1, (FOR,))).chair(CloseRound("motion", 1))
    async with sit(shown(book), own("motion", FOR), definition=definition, language=language) as seat:
        seat.says(said)
        await seat.press("f5")
        seat.says(state)
        book.acting(CHIEF, ConfirmRound("motion", 1, present=3, received=1, recused=0))
        await seat.show(shown(book))
        await seat.press("f5")
        seat.silent_on(said, state)
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound("motion")).chair(CloseRound("motion", 1))
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.says(said)


@pytest.mark.parametrize(
    ("language", "word", "why", "mark"),
    [
        (CHINESE, "手工计票", "理由：停电", "手工计票"),
        (ENGLISH, "BY HAND", "Reason: 停电", "counted by hand"),
    ],
)
async def test_a_result_by_hand_asks_nothing_of_the_seat_and_is_marked_wherever_it_is_shown(
    language: Language, word: str, why: str, mark: str
) -> None:
    definition = hall(MOTION)
    book, counts = meeting(definition, "M01", "M02", "M03", "M04"), motion_counts(3, 0)
    book.clerk(EnterResult("motion", 1, "停电", received=4, invalid=1, counts=counts))
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.says(why)
        assert seat.app.screen.query_one("#word", BigText).text == word
        book.acting(CHIEF, ConfirmRound("motion", 1, 4, 4, 0, invalid=1, counts=counts))
        book.chair(AnnounceRound("motion", 1))
        await seat.show(shown(book))
        seat.says(mark, "停电")
        await seat.press("f5")
        seat.says(mark)


@pytest.mark.parametrize(("language", "said"), [(CHINESE, "已散会"), (ENGLISH, "The meeting is closed")])
async def test_after_the_close_of_the_meeting_nothing_can_be_pressed(language: Language, said: str) -> None:
    definition = hall(MOTION)
    book = meeting(definition, "M01", "M03").close_meeting()
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.says(said, "K7M2-Q9XD")
        await seat.press("enter")
        assert seat.session.submitted == []


async def test_a_ballot_refused_as_late_is_not_asked_for_again() -> None:
    definition = hall(MOTION, late_ballots=False)
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound("motion"))
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("1", "enter")
        await seat.refused(Reason.CAME_LATE)
        assert seat.app.drafts == {}


async def test_another_refusal_brings_a_vote_back_with_its_reason() -> None:
    definition = hall(MOTION)
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound("motion"))
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("2", "enter")
        await seat.refused(Reason.ALREADY_VOTED)
        seat.says("Enter  确认 反对", "第一次")
    definition = hall(SELECTION)
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound("selection"))
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("2", "enter", "enter")
        await seat.refused(Reason.ALREADY_VOTED)
        seat.says("已选 1 个", "第一次")


@pytest.mark.parametrize(
    ("item", "keys", "said"),
    [(MOTION, ("1", "enter"), "您的 赞成 送到时"), (SELECTION, ("1", "enter", "enter"), "您的 表决票 送到时")],
)
async def test_a_vote_that_came_late_is_said_to_count_for_nothing(item: Item, keys: tuple[str, ...], said: str) -> None:
    definition = hall(item)
    book = meeting(definition, "M01", "M02", "M03").chair(OpenRound(item.id))
    async with sit(shown(book), definition=definition) as seat:
        await seat.press(*keys)
        await seat.show(shown(book.chair(CloseRound(item.id, 1))))
        await seat.refused(Reason.CLOSED)
        seat.says(said, "没有计入")
