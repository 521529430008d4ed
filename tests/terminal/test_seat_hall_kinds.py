"""Every kind of item, the trial vote, the check-in's window and a changed agenda at a seat on a real server."""

from pathlib import Path

import pytest

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SELECTION, T01, T02, T03, hall, scored
from kit.hall import free_port, open_hall
from kit.real_seat import present_chair, profile_of, seated, until_says
from pingyi_protocol.meeting.ballots import sheet
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceRound,
    Answer,
    Cast,
    CheckIn,
    Choice,
    CloseCheckIn,
    CloseRound,
    OpenCheckIn,
    OpenRound,
    ReorderAgenda,
)
from pingyi_protocol.meeting.definition import TRIAL, Item, MotionRules, Option
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.seat.app import SeatApp

FOR, CHOSEN = Option.FOR, Option.CHOSEN


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


KINDS: list[tuple[Item, tuple[str, ...], tuple[Answer, ...], str, str]] = [
    (MOTION, ("1", "enter"), (Choice("", FOR),), "赞成  已写入会议记录", "您投的 赞成"),
    (
        RATING,
        ("2", "enter", "f3", "enter", "enter"),
        (Choice(T01, Option.BASICALLY_SATISFIED), Choice(T02, Option.ABSTAIN)),
        "已填 1 / 2  弃权 1",
        "2 个对象的结果",
    ),
    (
        SELECTION,
        ("1", "3", "4", "enter", "enter"),
        (Choice(T01, CHOSEN), Choice(T03, CHOSEN)),
        "已选 2 个：文化和旅游局、医保局",
        "当选",
    ),
    (
        CRITERIA,
        ("8", "0", "enter", "9", "0", "enter", "7", "0", "enter", "enter"),
        (scored(T01, 80, "p1"), scored(T01, 90, "p2"), scored(T02, 70)),
        "已填 3 / 3",
        "83.75",
    ),
    (
        Item("questioned", "评议并表决", (T01,), QUESTIONED.rules),
        ("9", "2", "enter", "1", "enter", "enter"),
        (scored(T01, 92), Choice(T01, FOR)),
        "92 分  优秀  赞成",
        "是否通过",
    ),
]


@pytest.mark.parametrize(
    ("item", "keys", "answers", "recorded", "result"), KINDS, ids=lambda one: getattr(one, "id", "")
)
async def test_a_ballot_of_every_kind_is_cast_recorded_and_its_result_shown(
    tmp_path: Path, item: Item, keys: tuple[str, ...], answers: tuple[Answer, ...], recorded: str, result: str
) -> None:
    async with open_hall(tmp_path / "hall", hall(item, port=free_port())) as one:
        profile, own_keys = await profile_of(one, "M02", tmp_path / "profiles")
        ask = await present_chair(one)
        async with seated(profile, own_keys) as (app, pilot):
            await until_says(app, pilot, "Enter  签到")
            await pilot.press("enter")
            await until_says(app, pilot, "您已签到")
            assert isinstance(await ask(OpenRound(item.id)), Receipt)
            await until_says(app, pilot, f"议题 {item.id}（共 1 项）")
            await pilot.press(*keys)
            await until_says(app, pilot, recorded)
            assert one.recorder.meeting.rounds[0].ballots["M02"].answers == answers
            assert isinstance(await ask(CloseRound(item.id, 1)), Receipt)
            assert isinstance(await ask(AnnounceRound(item.id, 1)), Receipt)
            await until_says(app, pilot, result)


async def test_the_trial_vote_shows_that_the_seat_works_and_leaves_no_item_voted(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", hall(MOTION, port=free_port())) as one:
        profile, own_keys = await profile_of(one, "M02", tmp_path / "profiles")
        ask = await present_chair(one)
        async with seated(profile, own_keys) as (app, pilot):
            await until_says(app, pilot, "Enter  签到")
            await pilot.press("enter")
            await until_says(app, pilot, "您已签到")
            assert isinstance(await ask(OpenRound(TRIAL.id)), Receipt)
            await until_says(app, pilot, "不计入任何结果")
            await pilot.press("3", "enter")
            await until_says(app, pilot, "服务器收到您按的：弃权")
            assert isinstance(await ask(CloseRound(TRIAL.id, 1)), Receipt)
            await until_says(app, pilot, "您的席位正常")
            assert isinstance(await ask(OpenRound("motion")), Receipt)
            await until_says(app, pilot, "请表决")


async def test_the_window_of_the_check_in_opens_and_closes_before_the_eyes_of_the_member(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", hall(MOTION, port=free_port(), check_in_minutes=5)) as one:
        profile, own_keys = await profile_of(one, "M02", tmp_path / "profiles")
        async with seated(profile, own_keys) as (app, pilot):
            await until_says(app, pilot, "签到还没有开放")
            await one.clerk(OpenCheckIn())
            await until_says(app, pilot, "签到还有")
            await one.clerk(CloseCheckIn())
            await until_says(app, pilot, "签到已结束")
            await one.clerk(OpenCheckIn())
            await until_says(app, pilot, "Enter  签到")
            await pilot.press("enter")
            await until_says(app, pilot, "您已签到")


async def test_a_half_filled_ballot_outlives_an_agenda_changed_on_the_spot(tmp_path: Path) -> None:
    definition = hall(CRITERIA, MOTION, port=free_port())
    async with open_hall(tmp_path / "hall", definition) as one:
        profile, own_keys = await profile_of(one, "M02", tmp_path / "profiles")
        ask = await present_chair(one)
        async with seated(profile, own_keys) as (app, pilot):
            await until_says(app, pilot, "Enter  签到")
            await pilot.press("enter")
            assert isinstance(await ask(OpenRound("criteria")), Receipt)
            await until_says(app, pilot, "议题 criteria（共 2 项）")
            await pilot.press("8", "0", "enter", "9")
            await one.clerk(AddItem(Item("new", "临时动议", rules=MotionRules())))
            await until_says(app, pilot, "议题 criteria（共 3 项）")
            await one.clerk(ReorderAgenda(("criteria", "new", "motion")))
            await pilot.press("0", "enter", "7", "0")
            await until_says(app, pilot, "83.75")
            await pilot.press("enter", "enter")
            await until_says(app, pilot, "已写入会议记录")
            [ballot] = one.recorder.meeting.rounds[0].ballots.values()
            assert len(ballot.answers) == len(sheet(CRITERIA)) == 3


async def test_a_runoff_comes_up_by_itself_with_those_who_tied(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", hall(SELECTION, port=free_port())) as one:
        profile, own_keys = await profile_of(one, "M02", tmp_path / "profiles")
        ask = await present_chair(one)
        first, other = await one.admit("M05"), (Choice(T02, CHOSEN), Choice(T03, CHOSEN))
        assert isinstance(await first.session.ask(CheckIn()), Receipt)
        async with seated(profile, own_keys) as (app, pilot):
            await until_says(app, pilot, "Enter  签到")
            await pilot.press("enter")
            await until_says(app, pilot, "您已签到")
            assert isinstance(await ask(OpenRound("selection")), Receipt)
            await until_says(app, pilot, "请从 4 个中选 1 至 2 个")
            await pilot.press("1", "2", "enter", "enter")
            await until_says(app, pilot, "已写入会议记录")
            assert isinstance(await first.session.ask(Cast("selection", 1, other)), Receipt)
            assert isinstance(await ask(CloseRound("selection", 1)), Receipt)
            assert isinstance(await ask(AnnounceRound("selection", 1)), Receipt)
            await until_says(app, pilot, "2 个票数相同，还差 1 个，须另行一轮")
            assert isinstance(await ask(OpenRound("selection", 2, (T01, T03))), Receipt)
            await until_says(app, pilot, "在 2 个中再选出 1 个")
            await pilot.press("2", "enter", "enter")
            await until_says(app, pilot, "已选 1 个：医保局")
            assert one.recorder.meeting.rounds[1].ballots["M02"].answers == (Choice(T03, CHOSEN),)
