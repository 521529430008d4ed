"""The chair and secret items: what they open, the key ceremony, only turnout while open, the opening, and going on."""

import pytest
from textual.pilot import Pilot

from kit.chairs import NOON, Desk
from kit.every_kind import scored
from kit.screens import plain
from kit.secret_book import OPENERS
from kit.secret_play import RESOLVED, SPREAD, SUM, SecretPlay, gathered, scoring
from kit.snapshots import Shows
from pingyi_protocol.meeting.commands import AnnounceRound, BeginCeremony, CloseMeeting, OpenRound
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.events import BallotsChecked, InvalidBallot
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.text import catalogue
from pingyi_terminal.chair.app import SETTLE_SECONDS
from pingyi_terminal.chair.moves import revote
from pingyi_terminal.chair.parts import ChairView
from pingyi_terminal.chair.situation import Draft, GoTo, Here
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.chair.view import chair_view

ZH = catalogue("pingyi_terminal", Language.CHINESE)
USUAL, SMALL, TINY = (120, 36), (100, 30), (80, 24)


def seen_by(play: SecretPlay, draft: Draft | None = None) -> ChairView:
    return chair_view(ZH, play.situation(draft), NOON, NOON)


def closed() -> SecretPlay:
    play = scoring(SUM, RESOLVED)
    play.book.close()
    return play


async def confirm(desk: Desk, pilot: Pilot[None]) -> None:
    desk.clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")


def test_a_secret_item_is_marked_and_says_what_is_opened_and_what_that_reveals() -> None:
    for item, opens in ((SUM, "只开启总和"), (SPREAD, "开启各分值的人数"), (RESOLVED, "开启各选项的票数")):
        view = seen_by(gathered(item))
        [line] = [line for line in view.agenda.lines if line.item == item.id]
        assert line.state.text == "无记名 未开始"
        assert view.aside.heading.text == view.figures.lines[0] == f"无记名：{opens}"
        assert view.aside.lines[1] == "有效票不足 3 张不开启；2 名监票人才能开启"
        assert view.step.does == OpenRound(item.id)


def test_without_a_key_during_a_ceremony_and_with_too_few_it_says_why_and_what_to_do() -> None:
    play = gathered(SUM, keyed=False)
    assert seen_by(play).step.does is Here.CEREMONY
    assert seen_by(play).aside.lines == ("还没有无记名表决的密钥。请监票人先完成密钥仪式。",)
    play.book.begin_ceremony(*OPENERS).answers("M02")
    view = seen_by(play)
    assert (view.step.does, view.step.detail) == (None, "第 1 步，共 4 步")
    assert view.countdown.figure == "", "the names have the room"
    assert "请先完成，或重新开始" in view.aside.lines[0]
    few = gathered(SUM)
    for person in ("M05", "M06"):
        few.book.recuse(person, SUM.id)
    few.book.recuse("M04", SUM.id).recuse("M03", SUM.id)
    view = seen_by(few)
    assert (view.step.does, view.step.detail) == (None, "可表决 2 人，至少 3 人")


def test_what_the_chair_is_told_beforehand_is_what_the_server_says() -> None:
    play = gathered(SUM, keyed=False)
    play.book.open(SUM.id).refused(Reason.NO_ELECTION_KEY)
    play.book.begin_ceremony(*OPENERS).open(SUM.id).refused(Reason.CEREMONY_UNDERWAY, missing=", ".join(OPENERS))
    assert next_step(ZH, play.situation()).does is None
    few = gathered(SUM)
    for person in ("M03", "M04", "M05", "M06"):
        few.book.recuse(person, SUM.id)
    few.book.open(SUM.id).refused(Reason.TOO_FEW_PRESENT, present=2, least=3)


def test_while_it_is_open_only_the_turnout_is_seen() -> None:
    views = []
    for given in ((90, 80, 85), (0, 100, None)):
        play = gathered(SUM)
        play.book.open(SUM.id)
        play.sealed(*(scored("T01", value) for value in given))
        views.append(seen_by(play))
    assert views[0] == views[1]
    assert (views[0].count.figure, views[0].count.whole, views[0].figures.figure) == (3, 6, "")


def test_after_the_close_proofs_cosignatures_and_parts_are_told_by_name() -> None:
    play = closed()
    assert seen_by(play).floor.reading == ("核验证明：正在核验各票的证明，请稍候",)
    assert seen_by(play).step.does is None
    ballot = play.book.newest.ballots["M04"].id
    found = BallotsChecked(SUM.id, 1, (InvalidBallot("M04", ballot, "secret.ballot_proof"),))
    play.book.own(found)
    assert seen_by(play).floor.reading[0] == "核验证明：无效 1 张：M04 委员04"
    play.book.begin_opening().opens("M02")
    view = seen_by(play)
    assert view.floor.reading[1:] == (
        "终端联署：6（须 4）",
        "监票人开启：1 / 2：M02 委员02",
        "还没开启：M03 委员03、M04 委员04",
    )
    assert view.step.does == GoTo(RESOLVED.id)


def test_a_round_that_waits_for_scrutineers_keeps_nothing_else_from_going_on_and_is_announced_later() -> None:
    play = closed()
    play.book.check().begin_opening().opens("M02")
    assert seen_by(play, Draft(chosen=RESOLVED.id)).step.does == OpenRound(RESOLVED.id)
    play.book.open(RESOLVED.id).close().void()
    assert seen_by(play).agenda.lines[0].state.text == "无记名 待开启 1/2"
    assert any("散会后不能再开启：score" in line for line in seen_by(play, Draft(asking=CloseMeeting())).aside.lines)
    sealed = play.meeting.round_of(SUM.id)
    assert sealed is not None
    play.book.acting(Principal("M03", Role.SCRUTINEER), play.book.parts("M03", sealed))
    view = seen_by(play, Draft(chosen=SUM.id))
    assert (view.agenda.lines[0].state.text, view.agenda.lines[0].state.tone) == ("无记名 已截止", "accent")
    assert view.step.does == AnnounceRound(SUM.id, 1)


def test_after_the_last_item_the_chair_is_led_back_to_what_is_not_opened() -> None:
    play = closed()
    play.book.check().begin_opening()
    play.book.open(RESOLVED.id).close()
    assert seen_by(play).step.does is None
    play.book.void().withdraw(RESOLVED.id)
    assert seen_by(play).step.does == GoTo(SUM.id)


def test_a_round_of_too_few_valid_ballots_is_never_opened_and_says_the_ways() -> None:
    play = gathered(SUM)
    play.book.open(SUM.id)
    play.sealed(scored("T01", 90)).book.close().check()
    view = seen_by(play)
    assert (view.step.does, view.step.label) == (None, "本轮不能开启")
    assert view.aside.lines[1] == "F9 重新表决，F8 作废，也可以先进行下一项。"
    assert revote(play.situation()) == OpenRound(SUM.id, 2)


def test_a_sum_is_read_out_without_what_it_does_not_tell() -> None:
    play = closed()
    play.book.unseal().announce()
    view = seen_by(play)
    assert "均分 88.75 分。" in view.floor.reading
    assert (view.figures.figure, view.figures.counts, view.figures.bars) == ("88.75", {}, ())


@pytest.mark.parametrize("size", [USUAL, TINY])
async def test_the_chair_chooses_who_makes_the_key(size: tuple[int, int]) -> None:
    play = gathered(SUM, keyed=False)
    play.answering = ("M02", "M04")
    desk = Desk(play)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "2 人参加，2 人可开启" in plain(desk.app)
        await pilot.press("down", "space")
        assert "3 人参加，2 人可开启" in plain(desk.app)
        await pilot.press("1", "3", "enter")
        await pilot.pause()
        assert desk.session.submitted == []
        assert "至少要选 2 人" in plain(desk.app)
        await pilot.press("1", "enter")
        [command] = desk.session.submitted
        assert isinstance(command.body, BeginCeremony)
        assert [one.person for one in command.body.scrutineers] == ["M02", "M03"]
        assert play.book.chair(command.body).meeting.attempts == 1


async def test_a_ceremony_begins_anew_when_somebody_drops_out_and_not_while_a_round_is_sealed() -> None:
    play = gathered(SUM, keyed=False)
    play.book.begin_ceremony(*OPENERS).answers("M02", "M03")
    play.answering = ("M02", "M03")
    desk = Desk(play)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await pilot.press("0")
        await pilot.pause()
        assert "第 1 步，共 4 步，还在等 M04 委员04" in plain(desk.app)
        await pilot.press("enter")
        [command] = desk.session.submitted
        play.book.chair(command.body)
        begun = play.meeting.ceremony
        assert begun is not None
        assert [one.person for one in begun.ceremony.scrutineers] == ["M02", "M03"]
    sealed = closed()
    desk = Desk(sealed)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await pilot.press("0")
        await pilot.pause()
        assert "现在不能更换密钥" in plain(desk.app)
        await pilot.press("enter", "escape")
        assert desk.session.submitted == []


async def test_the_desk_in_every_state_of_a_secret_item(shows: Shows) -> None:
    desk = Desk(gathered(SUM, RESOLVED, keyed=False))
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        shows(desk.app, "no-key", "先做密钥仪式", "无记名 未开始")
        await pilot.press("0")
        await pilot.pause()
        shows(desk.app, "ceremony", "第 1 次密钥仪式", "3 人参加，2 人可开启")
    play = scoring(SUM, RESOLVED)
    desk = Desk(play)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        shows(desk.app, "open", "无记名投票", "还有 1 人未投", "密钥指纹")
        play.book.close().check().begin_opening().opens("M02")
        await desk.news(pilot)
        shows(desk.app, "opening", "监票人开启：1 / 2：M02 委员02", "还没开启：M03 委员03、M04 委员04")
        play.book.opens("M03")
        await desk.news(pilot)
        shows(desk.app, "unsealed", "无记名结果已开启", "宣布结果")


@pytest.mark.parametrize(("size", "name"), [(SMALL, "small"), (TINY, "tiny"), ((200, 60), "large")])
async def test_other_sizes_in_english(shows: Shows, size: tuple[int, int], name: str) -> None:
    play = closed()
    play.book.check().begin_opening().opens("M02")
    desk = Desk(play, Language.ENGLISH)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        shows(desk.app, f"opening-{name}", "Awaited: M03 委员03, M04 委员04")
        await pilot.press("0")
        await pilot.pause()
        shows(desk.app, f"ceremony-{name}", "the key cannot be changed now")
