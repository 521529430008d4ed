"""The hall display of every kind of item, on pictures that the server makes of meetings played by the rules."""

from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from kit.factories import live_rules, small_definition
from kit.hall_display import HandSession, Wall
from kit.playbook import Playbook
from kit.screens import plain
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    AnswerCount,
    Cast,
    Choice,
    ConfirmRound,
    EnterResult,
    OpenCheckIn,
    OpenRound,
    Score,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import (
    Audience,
    Base,
    Definition,
    Display,
    Item,
    Language,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    Role,
    SelectionRules,
)
from pingyi_protocol.wire.picture import Picture
from pingyi_server.gateway.publisher import Projector

MEMBERS = 24
SIZES = [(100, 30), (80, 24)]

Kind = Callable[[], Playbook]


def meeting_of(*items: Item, **facts: object) -> Playbook:
    """A meeting on these items, of which all members but the last are present."""
    definition = small_definition(MEMBERS)
    roster = tuple(
        msgspec.structs.replace(one, roles=(Role.MEMBER, Role.SCRUTINEER)) if one.number == "M02" else one
        for one in definition.roster
    )
    meeting = msgspec.structs.replace(definition.meeting, **facts)
    made = msgspec.structs.replace(definition, agenda=items, components=(), roster=roster, meeting=meeting)
    return Playbook(made).check_in(*(f"M{place:02}" for place in range(1, MEMBERS)))


def voted(book: Playbook, *ballots: tuple[int, tuple[Score | Choice, ...]]) -> Playbook:
    """Let so many members cast each of these ballots in the newest round."""
    place = 0
    for count, answers in ballots:
        for _ in range(count):
            place += 1
            book.member(f"M{place:02}", Cast(book.newest.item, book.newest.number, answers))
    return book


def motion(**rules: object) -> Playbook:
    """A motion with 15 for it, 4 against, 2 abstaining and 2 who did not press."""
    item = Item("1", "关于批准本年度评议工作方案的决定", rules=MotionRules(**rules))  # type: ignore[arg-type]  # real fields
    book = meeting_of(item).open("1")
    options = ((15, Option.FOR), (4, Option.AGAINST), (2, Option.ABSTAIN))
    return voted(book, *((count, (Choice("", option),)) for count, option in options))


def rating() -> Playbook:
    """Three targets rated on one sheet."""
    rules = RatingRules(passing=Passing(strict=False, base=Base.PRESENT))
    book = meeting_of(Item("1", "三个部门工作情况满意度测评", ("T01", "T02", "T03"), rules)).open("1")
    good, fair, poor = Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED
    return voted(
        book,
        (16, (Choice("T01", good), Choice("T02", fair), Choice("T03", poor))),
        (6, (Choice("T01", fair), Choice("T02", good), Choice("T03", fair))),
    )


def selection() -> Playbook:
    """One place of two is taken, and two candidates are tied for the other."""
    item = Item("1", "票决下一批评议对象", ("T01", "T02", "T03"), SelectionRules(winners=2, most=2))
    book = meeting_of(item).open("1")
    first, second, third = (Choice(target, Option.CHOSEN) for target in ("T01", "T02", "T03"))
    return voted(book, (9, (first, second)), (9, (first, third)))


def grouped() -> Playbook:
    """A scored target with the old question, by review group; one group has too few scores to be shown."""
    rules = live_rules(question=Passing(), least_group=5, pass_mark=Decimal(80), seconds=None)
    book = meeting_of(Item("1", "文化和旅游局整改评议", ("T01",), rules)).open("1")
    ballots = ((1, (Score("T01", "", Decimal(80 + place)), Choice("T01", Option.FOR))) for place in range(19))
    return voted(book, *ballots)


def picture_of(book: Playbook) -> tuple[Definition, Picture]:
    """What the server shows of a meeting."""
    assert book.meeting.definition is not None
    return book.meeting.definition, Projector("e").picture(book.meeting, "K7M2-Q9XD-4TRB-8W3F", book.at, 1)


async def shown(
    monkeypatch: pytest.MonkeyPatch,
    book: Playbook,
    after: float = 0.0,
    size: tuple[int, int] = (100, 30),
    language: Language = Language.CHINESE,
) -> str:
    """The wall's text when the moment has stood for ``after`` seconds."""
    wall = Wall(monkeypatch, HandSession(*picture_of(book)), language)
    async with wall.app.run_test(size=size) as pilot:
        await wall.show(pilot, after=after)
        return plain(wall.app)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", list(Language))
async def test_a_motion_shows_each_option_those_who_did_not_press_and_the_outcome(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: Language
) -> None:
    book = motion().close().announce()
    wall = await shown(monkeypatch, book, size=size, language=language)
    for words in ["赞成", "未按", "13"] if language is Language.CHINESE else ["For", "Not voted", "13"]:
        assert words in wall


async def test_a_motion_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    book = motion(passing=Passing(numerator=2, denominator=3)).close().announce()
    assert "通过" not in (await shown(monkeypatch, book)).replace("未通过", "")


async def test_running_votes_of_a_motion_are_shown_where_everybody_may_see_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_to_all = motion(running=Audience.ALL, display=Display.LIVE)
    assert "赞成" in await shown(monkeypatch, open_to_all)
    assert "赞成" not in await shown(monkeypatch, motion())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", list(Language))
async def test_a_rating_of_several_targets_is_a_table_with_each_outcome(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: Language
) -> None:
    wall = await shown(monkeypatch, rating().close().announce(), size=size, language=language)
    for words in ["基本满意", "不满意"] if language is Language.CHINESE else ["医", "Basically", "Not sat."]:
        assert words in wall


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", list(Language))
async def test_a_selection_names_who_was_chosen_and_who_is_tied(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: Language
) -> None:
    wall = await shown(monkeypatch, selection().close().announce(), size=size, language=language)
    for words in ["当选", "票数相同"] if language is Language.CHINESE else ["Chosen", "Tied"]:
        assert words in wall


async def test_a_round_among_the_tied_shows_them_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    book = selection().close().announce().chair(OpenRound("1", 2, ("T02", "T03")))
    wall = await shown(monkeypatch, book)
    assert "医疗保障局" in wall
    assert "文化和旅游局" not in wall


async def test_a_score_with_the_old_question_shows_both_then_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    book = grouped().close().announce()
    assert "达到合格线 80" in await shown(monkeypatch, book)
    assert "须 13 票" in await shown(monkeypatch, book, after=7)
    groups = await shown(monkeypatch, book, after=13)
    assert "第1组" in groups
    # four groups of five, five, five and four scores: the last is withheld, and one more so that it cannot be told
    assert sum(line.split()[1:2] == ["*"] for line in groups.splitlines()) == 2


@pytest.mark.parametrize("size", SIZES)
async def test_a_trial_vote_says_that_it_counts_for_nothing_and_leaves_the_wall(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    book = meeting_of(Item("1", "议题", ("T01",), live_rules())).open("trial")
    voted(book, (3, (Choice("", Option.FOR),)))
    assert "不计入任何结果" in await shown(monkeypatch, book, size=size)
    book.close()
    assert "不计入任何结果" in await shown(monkeypatch, book, size=size)
    assert "下一项" in await shown(monkeypatch, book, after=60, size=size)


async def test_a_result_by_hand_waits_for_the_scrutineer_and_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    item = Item("1", "关于评议工作方案的决定", rules=MotionRules())
    counts = tuple(AnswerCount(Choice("", option), count) for option, count in ((Option.FOR, 18), (Option.AGAINST, 3)))
    book = meeting_of(item).clerk(EnterResult("1", 1, "终端故障，改用举手", 22, 1, counts))
    waiting = await shown(monkeypatch, book)
    assert "等待总监票人确认" in waiting
    assert "手工计票" in waiting
    one = book.newest
    signed = ConfirmRound("1", 1, len(one.present), one.received, one.recused_present, 1, counts)
    book.acting(("M02", Role.SCRUTINEER), signed)  # type: ignore[arg-type]  # a pair reads as a principal
    book.chair(AnnounceRound("1", 1))
    announced = await shown(monkeypatch, book)
    assert "手工计票" in announced
    assert "无效票" in announced


async def test_a_withdrawn_item_is_out_of_the_count_of_the_agenda(monkeypatch: pytest.MonkeyPatch) -> None:
    items = (Item("1", "议题一", ("T01",), live_rules()), Item("2", "议题二", ("T02",), live_rules()))
    book = meeting_of(*items).clerk(WithdrawItem("1", "材料未齐"))
    wall = await shown(monkeypatch, book)
    assert "共 1 项" in wall
    assert "人力资源和社会保障局" in wall


async def test_the_check_in_window_is_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = small_definition(3)
    timed = msgspec.structs.replace(definition.meeting, check_in_minutes=10)
    book = Playbook(msgspec.structs.replace(definition, meeting=timed))
    assert "签到还没有开始" in await shown(monkeypatch, book)
    book.clerk(OpenCheckIn()).wait(60)
    assert "正在签到，剩余 9:00" in await shown(monkeypatch, book)
    book.wait(600)
    assert "签到已结束" in await shown(monkeypatch, book)
