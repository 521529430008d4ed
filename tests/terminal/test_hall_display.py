"""The hall display on a session that the tests move by hand: every face, and what the operator can do."""

from collections.abc import Callable

import msgspec
import pytest

from kit.factories import live_rules
from kit.hall_display import FINGERPRINT, HandSession, Script, Wall, hall_definition, long_sheet
from kit.screens import plain, strips
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.definition import Definition, Language, MeasureKind, Secrecy
from pingyi_protocol.meeting.life import Phase
from pingyi_terminal.hall.face import Pace
from pingyi_terminal.hall.faces.parts import LARGE_ROWS, Facts, Headline
from pingyi_terminal.theme import HALL, HALL_BRIGHT, PALETTES
from pingyi_terminal.widgets import BigFigure, RankingBars

USUAL = (100, 30)
SMALL = (80, 24)
SCORES = [95] * 6 + [88] * 3 + [89, 75] + [90] * 3 + [91] + [92] * 4 + [93] * 4 + [94] * 3 + [96] * 4 + [97] * 2
SCORES += [98] * 3 + [99] + [100] * 2

MakeWall = Callable[..., tuple[Wall, Script]]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> MakeWall:
    """Make a wall that already hears its server, and the script of its meeting."""

    def wall(
        definition: Definition | None = None, language: Language = Language.CHINESE, **options: object
    ) -> tuple[Wall, Script]:
        script = Script(definition or hall_definition(), present=43)
        return Wall(monkeypatch, HandSession(script.definition, script.picture()), language, **options), script

    return wall


def figures(wall: Wall) -> list[str]:
    """The big figures that can be seen."""
    found = wall.app.wall.query(BigFigure)
    return [one.text for one in found if one.text and one.region.area and not one.has_class("whole")]


def colours(wall: Wall) -> set[str]:
    """The colours of ink and ground on the screen."""
    styles = [segment.style for row in strips(wall.app) for segment in row if segment.style]
    found = [colour for style in styles for colour in (style.color, style.bgcolor) if colour]
    return {colour.get_truecolor().hex.upper() for colour in found}


async def test_it_says_that_it_waits_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = Wall(monkeypatch, HandSession(), Language.ENGLISH)
    async with wall.app.run_test(size=SMALL):
        assert "示例市人大常委会" in plain(wall.app)
        assert wall.app.wall.query_one("#waiting").region.area


async def test_idle_shows_attendance_quorum_agenda_and_fingerprint(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        text = plain(wall.app)
        for words in (
            "模拟数据",
            "实到 / 应到",
            "法定人数 23 人",
            "议程 已宣布 0 项，共 2 项",
            "文化和旅游局",
            FINGERPRINT,
        ):
            assert words in text
        assert figures(wall) == ["43"]
        script.present = 18
        await wall.show(pilot, script.picture())
        assert "距法定人数 23 人还差" in plain(wall.app)
        assert figures(wall) == ["18", "5"]


async def test_an_open_item_shows_turnout_clock_and_the_live_mean(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, [*SCORES[:35], None], remaining=107_500))
        text = plain(wall.app)
        for words in ("记 名", "已投 / 应投", "剩余时间", "实时均分", "35 人打分  1 人弃权", "各等次人数", "不合格"):
            assert words in text
        assert figures(wall) == ["36", "1:48", "92.94"]
        await wall.show(pilot, script.round("1", Phase.OPEN, [*SCORES[:36], None], remaining=9_000))
        assert figures(wall)[:2] == ["37", "0:09"]


async def test_without_running_figures_no_figure_is_shown_and_the_rest_is_larger(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES, running=True, remaining=60_000))
        usual = wall.app.wall.query_one("#polling .count").size.height
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES, running=False, remaining=60_000))
        assert figures(wall) == ["38", "1:00"]
        assert "均分" not in plain(wall.app)
        assert wall.app.wall.query_one("#polling .count").size.height > usual


@pytest.mark.parametrize(("members", "lines"), [(45, 1), (60, 2), (3000, 0)])
async def test_each_member_has_a_mark_as_long_as_there_is_room(make: MakeWall, members: int, lines: int) -> None:
    wall, script = make(hall_definition(members=members))
    script.present = members
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES, remaining=60_000))
        region = wall.app.wall.query_one("#turnout").region
        rows = [line[region.x : region.right] for line in plain(wall.app).splitlines()[region.y : region.bottom]]
        marks = [row for row in rows if "█ █" in row or "░ ░" in row]
        # one line of marks is two rows high
        drawn = sum(row.count("█") + row.count("░") for row in marks)
        assert drawn == {1: 2 * members, 2: members, 0: 0}[lines]
        assert figures(wall) == ["38", "1:00", "93.47"]


async def test_a_pause_is_said_and_a_sheet_has_a_table_of_live_means(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        scores = [90, 95, 95, 95, 95], [80, None, 80, 80, 80]
        await wall.show(pilot, script.round("2", Phase.PAUSED, *scores, remaining=60_000))
        text = plain(wall.app)
        assert "计时暂停" in text
        assert "实时均分" in text
        assert "剩余时间" not in text
        assert "人力资源和社会保障局" in text
        assert "医疗保障局" in text
        assert figures(wall) == ["5", "1:00"]


@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_live_figures_of_fewer_than_five_ballots_are_withheld_and_it_is_said(
    make: MakeWall, size: tuple[int, int]
) -> None:
    wall, script = make(language=Language.ENGLISH)
    async with wall.app.run_test(size=size) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, [91, 93, 95, None], remaining=60_000))
        assert "shown from 5 ballots on" in plain(wall.app)
        assert figures(wall) == ["4", "1:00"]
        assert "excellent" not in plain(wall.app)
        await wall.show(pilot, script.round("1", Phase.OPEN, [91, 93, 95, None, 97], remaining=60_000))
        assert "shown from" not in plain(wall.app)
        assert figures(wall) == ["5", "1:00", "94.00"]
        await wall.show(pilot, script.round("2", Phase.OPEN, [91], [42], remaining=60_000))
        assert "shown from 5 ballots on" in plain(wall.app)
        assert "91.00" not in plain(wall.app)


async def test_eleven_targets_on_a_sheet_stand_side_by_side(make: MakeWall) -> None:
    wall, script = make(long_sheet(live_rules()))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, *([90 - place] * 5 for place in range(11))))
        rows = plain(wall.app).splitlines()
        [first] = [row for row in rows if "文化和旅游局" in row]
        assert "90.00" in first
        assert "84.00" in first
        assert "市园艺技术中心" in plain(wall.app)
        await wall.show(pilot, script.round("1", Phase.OPEN, *([90 - place] * 5 for place in range(11)), running=False))
        assert "市园艺技术中心" in plain(wall.app)
        assert "90.00" not in plain(wall.app)


async def test_a_closed_item_waits_for_the_chair_and_shows_no_figure(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.CLOSED, SCORES, public=False))
        assert "等待主持人宣布" in plain(wall.app)
        assert figures(wall) == ["38"]


async def test_the_announced_result_shows_measure_band_counts_sum_and_time(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        given = [*SCORES, None, None]
        await wall.show(pilot, script.round("1", Phase.CLOSED, given, public=False))
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, given))
        text = plain(wall.app)
        assert figures(wall) == ["93.47"]
        for words in ("均分 = 合计 3552 / 38 人，四舍五入到 2 位小数", "当场宣布", "90 分及以上", "各分值人数", "未按"):
            assert words in text
        assert {PALETTES[HALL]["accent"], PALETTES[HALL]["background"]} <= colours(wall)


async def test_a_result_that_was_there_when_the_display_came_has_no_time_of_announcement(make: MakeWall) -> None:
    wall, script = make()
    wall.session.picture = script.round("1", Phase.ANNOUNCED, SCORES)
    async with wall.app.run_test(size=USUAL):
        assert figures(wall) == ["93.47"]
        assert "当场宣布" not in plain(wall.app)


async def test_published_before_the_announcement_it_says_so(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.CLOSED, [100] * 20, public=True))
        assert figures(wall) == ["100.00"]
        assert "等待主持人宣布" in plain(wall.app)


@pytest.mark.parametrize(
    ("kind", "dropped", "label", "figure"),
    [
        (MeasureKind.TRIMMED_MEAN, 2, "截尾均分 去掉最高 2 个、最低 2 个", "93.79"),
        (MeasureKind.MEDIAN, 0, "中位数", "94.00"),
    ],
)
async def test_other_measures_are_named(
    make: MakeWall, kind: MeasureKind, dropped: int, label: str, figure: str
) -> None:
    wall, script = make(hall_definition(live_rules(measure=kind, dropped=dropped)))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, SCORES))
        assert label in plain(wall.app)
        assert "合计 3552" in plain(wall.app)
        assert figures(wall) == [figure]


async def test_too_few_scores_have_no_measure_and_the_reason_is_said(make: MakeWall) -> None:
    wall, script = make(hall_definition(live_rules(least_scores=5)))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, [90, 80]))
        assert figures(wall) == []
        assert "只有 2 人打分，少于规定的 5 人，不计结果" in plain(wall.app)
        assert "优秀" not in plain(wall.app)


async def test_a_sheet_pages_through_its_targets_then_its_table_then_the_ranking(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("2", Phase.ANNOUNCED, [90, 92], [88, 70]))
        assert figures(wall) == ["91.00"]
        assert "人力资源和社会保障局" in plain(wall.app)
        assert "第 1 个，共 2 个" in plain(wall.app)
        await wall.show(pilot, after=6)
        assert figures(wall) == ["79.00"]
        assert "60 分至不满 80 分" in plain(wall.app)
        await wall.show(pilot, after=6)
        assert "等次" in plain(wall.app)
        assert "均分，四舍五入到 2 位小数" in plain(wall.app)
        await wall.show(pilot, after=8)
        rows = plain(wall.app).splitlines()
        assert rows[0].startswith("  排名")
        first, second = wall.app.wall.query_one(RankingBars).rows
        assert (first.rank, first.name, first.shown) == ("1", "人力资源和社会保障局", "91.00")
        assert second.rank == "2"


async def test_the_final_ranking_has_shared_ranks_and_a_fingerprint_once_nothing_can_change_it(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        script.round("1", Phase.ANNOUNCED, [90, 92])
        await wall.show(pilot, script.round("2", Phase.ANNOUNCED, [91, 91], [60, 80]))
        await wall.show(pilot, after=60)
        text = plain(wall.app)
        ranks = [(row.rank, row.name) for row in wall.app.wall.query_one(RankingBars).rows]
        assert ranks == [("1", "文化和旅游局"), ("1", "人力资源和社会保障局"), ("3", "医疗保障局")]
        for words in ("同分同名次", "全部议题已宣布", "不代表任何真实单位"):
            assert words in text
        assert FINGERPRINT not in text
        await wall.show(pilot, script.end())
        await pilot.press("f5")
        assert FINGERPRINT in plain(wall.app)


async def test_a_lost_link_freezes_the_picture_and_says_since_when_until_it_is_back(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES[:20], remaining=50_000))
        before = plain(wall.app).splitlines()
        wall.session.link = Link.LOST
        await wall.show(pilot, after=30)
        after = plain(wall.app).splitlines()
        assert "连接中断" in after[1]
        assert after[:1] + after[2:] == before[:1] + before[2:], "nothing else moved"
        wall.session.link = Link.UP
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, SCORES))
        assert "连接中断" not in plain(wall.app)
        assert figures(wall) == ["93.47"]
        assert "当场宣布" not in plain(wall.app), "when it was announced is not known here"


async def test_a_revoked_display_says_so(make: MakeWall) -> None:
    wall, _ = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        for link, words in (
            (Link.REVOKED, "本机的注册已被停用"),
            (Link.ELSEWHERE, "另一台大屏正用同一密钥"),
            (Link.TAKEN_OVER, "另一台大屏已接替本机"),
        ):
            wall.session.link = link
            await wall.show(pilot)
            assert words in plain(wall.app)


async def test_the_operator_switches_language_colours_ranking_and_help(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL, notifications=True) as pilot:
        await pilot.press("f5")
        await pilot.pause()
        assert "还没有公布的结果" in plain(wall.app)
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, SCORES))
        await pilot.press("f2")
        assert "Mean = sum 3552 / 38 members, rounded half up to 2 decimals" in plain(wall.app)
        await pilot.press("f3")
        await pilot.pause()
        assert {PALETTES[HALL_BRIGHT]["accent"], PALETTES[HALL_BRIGHT]["background"]} <= colours(wall)
        assert not {PALETTES[HALL]["accent"], PALETTES[HALL]["background"]} & colours(wall)
        await pilot.press("f5")
        assert "Ties share a rank" in plain(wall.app)
        await pilot.press("f5")
        assert figures(wall) == ["93.47"]
        await pilot.press("f1")
        assert "Font check" in "".join(row.text for row in strips(wall.app))
        await wall.show(pilot, script.round("2", Phase.OPEN, [90], [90]))
        await pilot.press("escape")
        assert "Voted / may vote" in plain(wall.app), "the meeting went on behind the help"


async def test_the_operator_shows_a_break_until_the_next_item_opens(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL, notifications=True) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, SCORES))
        await pilot.press("f6")
        assert "稍后继续，下一项" in plain(wall.app)
        await pilot.press("f6")
        assert figures(wall) == ["93.47"]
        await pilot.press("f6", "f2")
        assert "The meeting goes on with" in plain(wall.app)
        await wall.show(pilot, script.round("2", Phase.OPEN, [90], [90]))
        assert "Voted / may vote" in plain(wall.app)
        await pilot.press("f6")
        await pilot.pause()
        assert "No break is shown while an item takes ballots" in plain(wall.app)


async def test_the_chairs_break_is_shown_and_its_end_overrules_the_operator(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        shown = script.round("1", Phase.ANNOUNCED, SCORES)
        await wall.show(pilot, msgspec.structs.replace(shown, recess=True))
        assert "稍后继续，下一项" in plain(wall.app)
        await pilot.press("f6")
        assert figures(wall) == ["93.47"]
        await pilot.press("f6")
        assert "稍后继续，下一项" in plain(wall.app)
        await wall.show(pilot, shown)
        assert figures(wall) == ["93.47"]


async def test_english_on_a_small_bright_wall(make: MakeWall) -> None:
    wall, script = make(language=Language.ENGLISH, theme=HALL_BRIGHT)
    async with wall.app.run_test(size=SMALL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, [*SCORES[:35], None], remaining=107_500))
        for words in ("OPEN BALLOT", "simulated", "Voted / may vote", "Time left", "35 scored  1 abstained"):
            assert words in plain(wall.app)
        assert figures(wall) == ["36", "1:48", "92.94"]
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, [*SCORES, None, None]))
        for words in ("Mean = sum 3552 / 38 members", "Scored 38", "Abstained 2", "Not voted 3", "Present 43"):
            assert words in plain(wall.app)
        assert PALETTES[HALL_BRIGHT]["background"] in colours(wall)


async def test_a_resize_fits_everything_anew(make: MakeWall) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, SCORES))
        tall = wall.app.wall.query_one("#measure").size.height
        await pilot.resize_terminal(*SMALL)
        await wall.show(pilot)
        assert wall.app.wall.query_one("#measure").size.height < tall
        assert "均分 = 合计 3552 / 38 人" in plain(wall.app)


async def test_a_secret_ballot_and_names_with_markup_are_shown_as_they_are(make: MakeWall) -> None:
    definition = hall_definition(live_rules(secrecy=Secrecy.SECRET))
    strange = msgspec.structs.replace(definition.targets[0], name="[b]局[/b] [/x]")
    definition = msgspec.structs.replace(definition, targets=(strange, *definition.targets[1:]))
    wall, script = make(definition)
    async with wall.app.run_test(size=USUAL) as pilot:
        assert "[b]局[/b] [/x]" in plain(wall.app)
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES, running=False))
        assert "无记名投票" in plain(wall.app)


async def test_a_tick_without_news_repaints_nothing(make: MakeWall, monkeypatch: pytest.MonkeyPatch) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES, remaining=50_000))
        touched: list[str] = []
        for widget in wall.app.wall.walk_children():
            monkeypatch.setattr(widget, "refresh", lambda *_, name=str(widget), **__: touched.append(name))
        for _ in range(5):
            await wall.show(pilot)
        assert touched == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("size", "lines"), [(SMALL, 2), (USUAL, 2), ((100, 34), 2), ((130, 28), 1), ((160, 45), 1)])
async def test_the_end_shows_the_final_fingerprint_as_large_as_fits(
    make: MakeWall, size: tuple[int, int], lines: int, language: Language
) -> None:
    wall, script = make(language=language)
    async with wall.app.run_test(size=size) as pilot:
        script.round("1", Phase.VOID, SCORES)
        await wall.show(pilot, script.end(), after=60)
        shown = [one for one in wall.app.wall.query("#final Headline").results(Headline) if one.region.height]
        codes = [one for one in shown if one.id != "final-name"]
        assert "-".join(one.names[0] for one in codes) == FINGERPRINT
        assert len(codes) == lines
        assert all(one.region.height == LARGE_ROWS and one.large(one.size.width) for one in codes)
        text = plain(wall.app)
        assert {"zh": "会议记录最终指纹", "en": "Final fingerprint"}[language] in text
        assert {"zh": "共 2 项", "en": "0 of 2"}[language] in text
        assert not wall.app.wall.query_one("#final").max_scroll_y


async def test_following_the_end_it_leaves_by_itself_after_the_final_fingerprint(make: MakeWall) -> None:
    wall, script = make(follow_end=True, pace=Pace(result=2, page=2, finale=3))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, SCORES), after=1)
        await wall.show(pilot, script.round("2", Phase.ANNOUNCED, SCORES, SCORES), after=1)
        await wall.show(pilot, after=100)
        assert "排名" in plain(wall.app)
        await wall.show(pilot, script.end(), after=1)
        await wall.show(pilot, after=2.9)
        assert wall.app.is_running
        await wall.show(pilot, after=0.2)
        assert wall.app.return_code == 0


@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_a_void_round_is_large_with_its_reason_and_the_next_one_has_its_number(
    make: MakeWall, size: tuple[int, int]
) -> None:
    wall, script = make()
    script.reason = "表决设备故障"
    async with wall.app.run_test(size=size) as pilot:
        await wall.show(pilot, script.round("1", Phase.VOID, SCORES))
        text = plain(wall.app)
        for words in ("第 1 轮", "表决设备故障", "票不计入结果，保留在会议记录中"):
            assert words in text
        assert "93" not in text
        script.number = 2
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES[:3]))
        assert "第 2 轮" in plain(wall.app)


@pytest.mark.parametrize("size", [USUAL, SMALL])
async def test_scores_abstentions_not_voted_and_recused_make_up_those_present(
    make: MakeWall, size: tuple[int, int]
) -> None:
    wall, script = make()
    script.recused = 2
    async with wall.app.run_test(size=size) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES[:30]))
        assert "/41" in [one.text for one in wall.app.wall.query(BigFigure) if one.region.area]
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, [*SCORES[:38], None]))
        facts = dict(wall.app.wall.query_one(Facts).facts)
        assert facts == {"打分": 38, "弃权": 1, "未按": 2, "回避": 2, "实到": 43}
        assert "回避" in plain(wall.app)
