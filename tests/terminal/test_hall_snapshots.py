"""Every page of the hall display as a snapshot: in Chinese at 100x30, one in English, bright, small and large."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from kit.factories import BANDS, live_rules, research, small_definition
from kit.hall_display import FINGERPRINT, HandSession, Script, Wall, hall_definition, long_sheet
from kit.playbook import Playbook
from kit.snapshots import Shows
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import AnnounceComposite, Answer, Cast, Choice
from pingyi_protocol.meeting.definition import (
    CompositeRules,
    Definition,
    Item,
    Language,
    MotionRules,
    Option,
    RatingRules,
    Secrecy,
    SelectionRules,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_server.gateway.publisher import Projector
from pingyi_terminal.hall import app as app_module
from pingyi_terminal.hall.face import Composites, Polling, Ranking, Result, Sheet
from pingyi_terminal.theme import HALL_BRIGHT

USUAL, SMALL, LARGE = (100, 30), (80, 24), (160, 45)
SCORES = [95] * 6 + [88] * 3 + [89, 75] + [90] * 3 + [91] + [92] * 4 + [93] * 4 + [94] * 3 + [96] * 4 + [97] * 2
SCORES += [98] * 3 + [99] + [100] * 2
OPEN = [*SCORES[:35], None]
GIVEN = [*SCORES, None, None]

Make = Callable[..., tuple[Wall, Script]]


class Noon(datetime):
    """A clock on the wall that stands."""

    @classmethod
    def now(cls, tz: object = None) -> "Noon":
        del tz
        return cls(2026, 11, 1, 15, 42, 7)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    """A wall that already hears its server, and the script of its meeting."""
    monkeypatch.setattr(app_module, "datetime", Noon)

    def wall(
        definition: Definition | None = None, language: Language = Language.CHINESE, **options: object
    ) -> tuple[Wall, Script]:
        script = Script(definition or hall_definition(), present=43)
        return Wall(monkeypatch, HandSession(script.definition, script.picture()), language, **options), script

    return wall


async def test_before_a_round(shows: Shows, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Wall(monkeypatch, HandSession(), Language.CHINESE)
    async with waiting.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        shows(waiting.app, "connecting", "示例市人大常委会")
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        shows(wall.app, "idle", "实到 / 应到", "法定人数 23 人", "议程 已宣布 0 项，共 2 项", FINGERPRINT)
        script.present = 18
        await wall.show(pilot, script.picture())
        shows(wall.app, "below-quorum", "距法定人数 23 人还差")
        await pilot.press("f1")
        await pilot.pause()
        shows(wall.app, "help", "F2", "F3", "F5")


async def test_an_open_round(shows: Shows, make: Make) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, OPEN, remaining=107_500))
        shows(wall.app, "open", "记 名", "已投 / 应投", "剩余时间", "实时均分", "35 人打分  1 人弃权", "各等次人数")
        await wall.show(pilot, script.round("1", Phase.OPEN, OPEN, running=False, remaining=9_000))
        shows(wall.app, "without-figures", "已投 / 应投", "剩余时间")
        await wall.show(pilot, script.round("1", Phase.PAUSED, OPEN, remaining=60_000))
        shows(wall.app, "paused", "计时暂停")
        wall.session.link = Link.LOST
        await wall.show(pilot, after=30)
        shows(wall.app, "lost", "连接中断")
        wall.session.link = Link.TAKEN_OVER
        await wall.show(pilot)
        shows(wall.app, "taken-over", "另一台大屏已接替本机")


async def test_a_result(shows: Shows, make: Make) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.CLOSED, GIVEN, public=False))
        shows(wall.app, "waits", "等待主持人宣布")
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, GIVEN))
        shows(wall.app, "announced", "均分 = 合计 3552 / 38 人", "当场宣布", "90 分及以上", "各分值人数")


async def test_a_void_round(shows: Shows, make: Make) -> None:
    wall, script = make()
    script.reason = "表决设备故障"
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.VOID, SCORES))
        shows(wall.app, "void", "第 1 轮", "表决设备故障", "票不计入结果，保留在会议记录中")


async def test_a_result_without_a_measure(shows: Shows, make: Make) -> None:
    wall, script = make(hall_definition(live_rules(least_scores=5)))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, [90, 80]))
        shows(wall.app, "too-few", "只有 2 人打分，少于规定的 5 人，不计结果")


async def test_a_sheet(shows: Shows, make: Make) -> None:
    wall, script = make(long_sheet(live_rules()))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, *([90 - place] * 5 for place in range(11))))
        shows(wall.app, "open", "文化和旅游局", "90.00", "市园艺技术中心")


async def test_the_pages_of_a_result_up_to_the_end(shows: Shows, make: Make) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("2", Phase.ANNOUNCED, [90, 92], [88, 70]))
        shows(wall.app, "first-target", "人力资源和社会保障局", "第 1 个，共 2 个")
        await wall.show(pilot, after=6)
        await wall.show(pilot, after=6)
        shows(wall.app, "table", "等次", "均分，四舍五入到 2 位小数")
        await wall.show(pilot, after=8)
        shows(wall.app, "ranking", "排名", "刻度从 75 分起")
        await wall.show(pilot, script.end(), after=60)
        shows(wall.app, "final", "会议记录最终指纹")


async def test_a_ranking_that_moved_and_a_break(shows: Shows, make: Make) -> None:
    wall, script = make()
    async with wall.app.run_test(size=USUAL) as pilot:
        script.round("1", Phase.ANNOUNCED, [89] * 6)
        await wall.show(pilot, script.round("2", Phase.ANNOUNCED, [90, 92], [88, 70]))
        await pilot.press("f5")
        shows(wall.app, "moved", "变化", "降1", "新")
        await pilot.press("f6")
        shows(wall.app, "break", "请稍候，会议还没有结束")
        await pilot.press("f1")
        shows(wall.app, "help", "大屏显示", "F12  换配色")
    wall, script = make(language=Language.ENGLISH)
    async with wall.app.run_test(size=SMALL) as pilot:
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, GIVEN))
        await pilot.press("f6")
        shows(wall.app, "break-small", "The meeting goes on with")


def played(item: Item, *ballots: tuple[int, tuple[Answer, ...]]) -> Playbook:
    """23 of 24 members there, and so many cast each of these ballots."""
    definition = msgspec.structs.replace(small_definition(24), agenda=(item,), components=())
    people = [f"M{place:02}" for place in range(1, 24)]
    book = Playbook(definition).check_in(*people).open("1")
    for count, answers in ballots:
        for _ in range(count):
            book.member(people.pop(0), Cast("1", 1, answers))
    return book


def motion() -> Playbook:
    """A motion with four against it."""
    item = Item("1", "关于批准本年度评议工作方案的决定", rules=MotionRules())
    options = ((15, Option.FOR), (4, Option.AGAINST), (2, Option.ABSTAIN))
    return played(item, *((count, (Choice("", option),)) for count, option in options))


def rating() -> Playbook:
    """Two targets rated on one sheet."""
    item = Item("1", "两个部门工作情况满意度测评", ("T01", "T02"), RatingRules())
    good, fair, poor = Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED
    return played(
        item, (16, (Choice("T01", good), Choice("T02", fair))), (6, (Choice("T01", fair), Choice("T02", poor)))
    )


def selection() -> Playbook:
    """Two of three are chosen."""
    item = Item("1", "票决评议对象", ("T01", "T02", "T03"), SelectionRules(winners=2, most=2))
    both = (Choice("T01", Option.CHOSEN), Choice("T02", Option.CHOSEN))
    return played(item, (12, both), (8, (Choice("T03", Option.CHOSEN),)))


@pytest.mark.parametrize(
    ("kind", "said"),
    [(motion, "赞成"), (rating, "基本满意"), (selection, "医疗保障局")],
    ids=["motion", "rating", "selection"],
)
async def test_other_kinds(shows: Shows, make: Make, kind: Callable[[], Playbook], said: str) -> None:
    book = kind()
    definition = book.meeting.definition
    wall, _ = make(definition)
    projector = Projector("e")
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, projector.picture(book.meeting, FINGERPRINT, book.at, 1))
        shows(wall.app, "open", "已投 / 应投")
        book.close().announce()
        await wall.show(pilot, projector.picture(book.meeting, FINGERPRINT, book.at, 2))
        shows(wall.app, "announced", said)


def appraised() -> Playbook:
    """Three targets whose composites can be announced, the last of them to be scored again."""
    rules = CompositeRules(bands=BANDS, again_below=Decimal(75))
    book = Playbook(msgspec.structs.replace(small_definition(5), composite=rules)).check_in("M01", "M02", "M03")
    book.clerk(research(("T01", "97.5"), ("T02", "90"), ("T03", "72")))
    book.open("1").cast("M01", 96).close().announce()
    return book.open("2").cast("M01", 80, 70).close().announce()


def kind(wall: Wall) -> type:
    """What stands on the wall now."""
    return type(wall.app.face)


async def test_composites(shows: Shows, make: Make) -> None:
    book, projector = appraised(), Projector("e")
    definition = book.meeting.definition
    wall, _ = make(definition)
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, projector.picture(book.meeting, FINGERPRINT, book.at, 1))
        await wall.show(pilot, after=60)
        assert kind(wall) is Ranking
        book.chair(AnnounceComposite())
        await wall.show(pilot, projector.picture(book.meeting, FINGERPRINT, book.at, 2))
        shows(wall.app, "announced", "综合得分", "优秀 1 个", "须再次评议：医保局")
        face = wall.app.face
        assert isinstance(face, Composites)
        assert [str(line.total) for _, line in face.lines] == ["96.60", "84.00", "70.80"]
        await pilot.press("f5")
        assert kind(wall) in (Result, Sheet)
        await pilot.press("f5")
        assert kind(wall) is Composites
        book.open("2")
        await wall.show(pilot, projector.picture(book.meeting, FINGERPRINT, book.at, 3))
        assert kind(wall) is Polling
        book.cast("M01", 90, 70).close().announce()
        await wall.show(pilot, projector.picture(book.meeting, FINGERPRINT, book.at, 4))
        await wall.show(pilot, after=60)
        # what the new result changed has not been announced
        assert kind(wall) is Ranking


async def test_a_secret_ballot(shows: Shows, make: Make) -> None:
    wall, script = make(hall_definition(live_rules(secrecy=Secrecy.SECRET)))
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, SCORES, running=False, remaining=60_000))
        shows(wall.app, "open", "无记名投票", "已投 / 应投")


async def test_in_english_and_bright(shows: Shows, make: Make) -> None:
    wall, script = make(language=Language.ENGLISH, theme=HALL_BRIGHT)
    async with wall.app.run_test(size=SMALL) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, OPEN, remaining=107_500))
        shows(wall.app, "open", "OPEN BALLOT", "Voted / may vote", "35 scored  1 abstained")
        await wall.show(pilot, script.round("1", Phase.ANNOUNCED, GIVEN))
        shows(wall.app, "announced", "Mean = sum 3552 / 38 members", "Not voted 3", "Present 43")


async def test_large(shows: Shows, make: Make) -> None:
    wall, script = make()
    async with wall.app.run_test(size=LARGE) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, OPEN, remaining=107_500))
        shows(wall.app, "open", "实时均分", "各等次人数")
