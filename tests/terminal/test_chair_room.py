"""What the chair's screen does where there is little room: nothing is cut that would then mean something else."""

import pytest

from kit.chairs import Desk, Play
from kit.screens import plain
from pingyi_protocol.meeting.definition import Language
from pingyi_server.imports.sample import sample_meeting

USUAL, LEAST = (120, 36), (100, 30)


def a_desk(language: Language = Language.CHINESE) -> Desk:
    play = Play(sample_meeting(language).definition)
    play.arrive(43)
    return Desk(play, language)


async def test_the_agenda_leaves_the_round_out_where_it_has_no_room() -> None:
    desk = a_desk()
    for _ in range(2):
        desk.play.open("1")
        for person in sorted(desk.play.meeting.present):
            desk.play.vote(person, 92)
        desk.play.close()
        desk.play.announce()
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        seen = plain(desk.app)
        assert "92.00 优秀 " in seen
        assert "第.." not in seen


@pytest.mark.parametrize("language", list(Language))
async def test_every_key_that_can_be_pressed_has_its_word_on_the_least_screen(language: Language) -> None:
    desk = a_desk(language)
    async with desk.app.run_test(size=LEAST) as pilot:
        desk.play.open("1")
        desk.play.close()
        desk.play.announce()
        await desk.news(pilot)
        last = plain(desk.app).splitlines()[-1]
        assert (
            " ".join(last.split())
            == {
                Language.ENGLISH: "F4 break F7 adjourn F8 void F9 revote Up Down item F1 help F2 中文 Ctrl+Q quit",
                Language.CHINESE: "F4 休会 F7 散会 F8 作废 F9 再表决 上 下 选议题 F1 帮助 F2 English Ctrl+Q 离开",
            }[language]
        )


async def test_what_wraps_in_the_help_stays_beside_its_key() -> None:
    desk = a_desk(Language.ENGLISH)
    async with desk.app.run_test(size=LEAST) as pilot:
        await desk.news(pilot)
        await pilot.press("f1")
        await pilot.pause()
        lines = plain(desk.app).splitlines()
        begun = next(line for line in lines if "agree to a new terminal" in line)
        follows = lines[lines.index(begun) + 1]
        assert "asks (not now)" in follows
        assert follows.index("asks (not now)") == begun.index("agree to a new terminal")


async def test_a_title_without_room_says_that_it_was_cut_and_a_vast_screen_has_room_for_all() -> None:
    desk = a_desk(Language.ENGLISH)
    desk.play.open("12")
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        seen = plain(desk.app)
        assert "rating open  Satisfaction with two insti.." in seen
        assert "Wang.." in seen
        await pilot.resize_terminal(200, 50)
        await desk.news(pilot)
        seen = plain(desk.app)
        assert "rating open  Satisfaction with two institutions" in seen
        assert "12 Satisfaction with two institutions" in seen
        assert "Wang Jianguo" in seen
