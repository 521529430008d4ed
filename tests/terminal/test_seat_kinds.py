"""Ballots of every kind at a seat, by keys and by hand, in both languages: asked, confirmed, sent, recorded."""

import pytest
from textual.geometry import Offset

from kit.every_kind import (
    CRITERIA,
    MOTION,
    QUESTIONED,
    RATING,
    SELECTION,
    T01,
    T02,
    T03,
    hall,
    ruled,
    scored,
)
from kit.factories import live_rules
from kit.playbook import CHAIR, Playbook
from kit.sitting import Sitting, own, shown, sit
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceRound,
    Cast,
    Choice,
    CloseRound,
    OpenRound,
    ReorderAgenda,
)
from pingyi_protocol.meeting.definition import (
    TRIAL,
    Definition,
    Item,
    Language,
    MotionRules,
    Option,
    Press,
    SelectionRules,
)
from pingyi_protocol.record.receipt import code_of
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.choice_blocks import ChoiceBlocks
from pingyi_terminal.seat.parts import BigWord, TrialBanner
from pingyi_terminal.seat.sheet_table import SheetTable
from pingyi_terminal.widgets import BigText, KeyHints
from pingyi_terminal.widgets.cells import spaced

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
FOR, AGAINST, ABSTAIN, CHOSEN = Option.FOR, Option.AGAINST, Option.ABSTAIN, Option.CHOSEN
ONE_RATING = Item("rating", "满意度测评", (T02,), RATING.rules)
TWO_TO_THREE = ruled(SELECTION, SelectionRules(winners=2, most=3, least=2))
BOTH_SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


def chosen(*targets: str) -> tuple[Choice, ...]:
    return tuple(Choice(target, CHOSEN) for target in targets)


def opened(*items: Item) -> tuple[Definition, Playbook]:
    """A meeting of these items, the first one open and four of five present."""
    definition = hall(*items)
    book = Playbook(definition).enrol("M01").enrol(*CHAIR).check_in("M01", "M02", "M03", "M04")
    return definition, book.chair(OpenRound(items[0].id))


async def click_option(seat: Sitting, place: int) -> None:
    """Touch one of the large choices."""
    begin, end = seat.app.screen.query_one(ChoiceBlocks).places()[place]
    await seat.pilot.click(ChoiceBlocks, offset=Offset((begin + end) // 2, 2))
    await seat.pilot.pause()


async def click_hint(seat: Sitting, key: str) -> None:
    """Touch a key of the last row."""
    hints = seat.app.screen.query_one(KeyHints)
    places = {hint.key: begin for begin, _, hint, _ in hints.places(hints.size.width)}
    await seat.pilot.click(KeyHints, offset=(places[key], 0))
    await seat.pilot.pause()


@BOTH_SIZES
async def test_a_motion_is_voted_on_with_one_key_and_a_confirmation(size: tuple[int, int]) -> None:
    definition, book = opened(MOTION)
    async with sit(shown(book), definition=definition, size=size) as seat:
        seat.says("请表决", "关于批准决算的决议", "记 名", "请按 1 至 3 选一项", " 1 ", " 2 ", " 3 ")
        await seat.press("1")
        seat.says("您的表决", "关于批准决算的决议", "请再看一眼", "Enter  送出 赞成", "Esc  返回修改")
        assert seat.app.screen.query_one("#word", BigWord).text == "赞成"
        assert seat.session.submitted == []
        await seat.press("enter")
        assert seat.cast == Cast("motion", 1, (Choice("", FOR),))
        seat.says("关于批准决算的决议：您投的 赞成 已签名送出")
        receipt = await seat.recorded()
        seat.says("您的表决：关于批准决算的决议", "赞成  已写入会议记录", spaced(code_of(receipt)), "您不用再做什么。")


async def test_the_same_in_english_and_with_a_hand() -> None:
    definition, book = opened(MOTION)
    async with sit(shown(book), definition=definition, language=ENGLISH) as seat:
        seat.says("Vote", "FOR", "AGAINST", "ABSTAIN", "press 1 to 3")
        await click_option(seat, 1)
        seat.says("Look once more", "Enter  send Against")
        await seat.pilot.click("#bottom BackBlock")
        seat.says("Enter  confirm Against")
        await click_option(seat, 2)
        seat.says("An abstention goes on the record.", "Enter  send Abstain")
        await seat.pilot.click("#enter")
        assert seat.cast.answers == (Choice("", ABSTAIN),)
        await seat.recorded()
        seat.says("Your vote: 关于批准决算的决议", "Abstain  is in the record")


async def test_a_motion_that_may_not_be_abstained_from_offers_two() -> None:
    definition, book = opened(ruled(MOTION, abstention=False))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("请按 1 至 2 选一项")
        assert seat.app.screen.query_one(ChoiceBlocks).labels == ("赞成", "反对")
        await seat.press("3", "f3")
        seat.says("请按 1 至 2 选一项")


async def test_a_vote_is_changed_and_says_what_it_replaces_and_hides_when_asked() -> None:
    definition, book = opened(MOTION)
    book.member("M02", Cast("motion", 1, (Choice("", FOR),)))
    async with sit(shown(book), own("motion", Choice("", FOR)), definition=definition) as seat:
        await seat.press("f6")
        seat.says("已记录 赞成，现在改投", "Enter  确认 赞成", "不改了")
        await seat.press("2")
        seat.says("将替换已记录的 赞成", "Enter  送出 反对")
        await seat.press("f4")
        seat.silent_on("反对", "赞成")
        await seat.press("enter")
        assert seat.cast.answers == (Choice("", AGAINST),)
        seat.silent_on("反对")


async def test_where_the_first_press_counts_a_motion_says_so_before_it_is_sent() -> None:
    definition, book = opened(ruled(MOTION, press=Press.FIRST))
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("2")
        seat.says("以第一次为准，不能再改", "Enter  送出 反对")


@BOTH_SIZES
async def test_one_target_is_rated_with_its_problems_in_sight(size: tuple[int, int]) -> None:
    definition, book = opened(ONE_RATING)
    async with sit(shown(book), definition=definition, size=size) as seat:
        seat.says("请评定满意程度", "人力资源和社会保障局", "断缴养老保险的人续保难")
        seat.says("满意", "基本满意", "不满意", "弃权")
        await seat.press("f7")
        seat.says("目标 年底前网上可办")
        await seat.press("escape", "3")
        seat.says("人力资源和社会保障局", "Enter  送出 不满意")
        await seat.press("enter")
        assert seat.cast.answers == (Choice(T02, Option.NOT_SATISFIED),)
        await seat.recorded()
        seat.says("您的表决：人力资源和社会保障局", "不满意  已写入会议记录")


async def test_several_targets_are_rated_on_one_sheet_by_keys_and_by_hand() -> None:
    definition, book = opened(RATING)
    async with sit(shown(book), definition=definition) as seat:
        seat.says("请评定 2 个对象的满意程度", "0 / 2", "还缺 2 个，填满后才能提交", "请选", "未填")
        await seat.press("2", "enter")
        seat.says("1 / 2", "Enter  请先选一项")
        table = seat.app.screen.query_one(SheetTable)
        line = next(row for row in seat.screen.splitlines() if "人力资源" in row or "人社局" in row)
        assert "不满意" in line
        await seat.pilot.click(SheetTable, offset=(table.size.width - 12, 2))
        seat.says("全部填好了", "Enter  核对并提交")
        await seat.press("enter")
        seat.says("请核对这张表决票", "Enter  提交表决票")
        await seat.press("enter")
        assert seat.cast.answers == (Choice(T01, Option.BASICALLY_SATISFIED), Choice(T02, Option.NOT_SATISFIED))
        await seat.recorded()
        seat.says("您的表决票：满意度测评，2 个对象", "已填 2 / 2")


async def test_english_names_stay_beside_the_grades_on_a_narrow_screen() -> None:
    definition, book = opened(RATING)
    async with sit(shown(book), definition=definition, language=ENGLISH) as seat:
        for text in ("satisfied", "basically", "not", "abstain", "文化和旅游局", "choose", "missing"):
            seat.says(text)


@BOTH_SIZES
async def test_candidates_are_chosen_with_keys_and_the_count_is_live(size: tuple[int, int]) -> None:
    definition, book = opened(TWO_TO_THREE)
    async with sit(shown(book), definition=definition, size=size) as seat:
        seat.says("请从 4 个中选 2 至 3 个", "选出 2 个", "已选 0 个，至多 3 个", "至少选 2 个才能提交，还差 2 个")
        await seat.press("space", "enter")
        seat.says("已选 1 个，至多 3 个", "还差 1 个")
        await seat.press("3", "4", "2")
        seat.says("已选 3 个，至多 3 个", "已选满 3 个。要换人选，请先取消一个。")
        await seat.press("4", "enter")
        seat.says("请核对所选的 2 个", "文化和旅游局", "医疗保障局", "Enter  提交表决票")
        seat.silent_on("交通运输局", "还差")
        await seat.press("enter")
        assert seat.cast.answers == chosen(T01, T03)
        seat.says("您的表决票（票决评议对象）已签名送出")
        await seat.recorded()
        seat.says("您的表决：票决评议对象", "已选 2 个：文化和旅游局、医保局")


async def test_candidates_are_touched_and_a_whole_selection_is_abstained_from() -> None:
    definition, book = opened(TWO_TO_THREE)
    async with sit(shown(book), definition=definition, language=ENGLISH) as seat:
        seat.says("Choose 2 to 3 of 4", "0 of at most 3 chosen", "choose at least 2 to submit: 2 short")
        await seat.pilot.click(SheetTable, offset=(30, 2))
        await seat.pilot.click(SheetTable, offset=(8, 4))
        seat.says("2 of at most 3 chosen", "Enter  review and submit")
        await seat.pilot.click(SheetTable, offset=(30, 2))
        seat.says("1 of at most 3 chosen")
        await click_hint(seat, "f3")
        seat.says("票决评议对象", "Enter  send Abstain")
        await seat.press("escape")
        seat.says("1 of at most 3 chosen")
        await seat.press("f3", "enter")
        assert seat.cast.answers == (Choice("", ABSTAIN),)
        await seat.recorded()
        seat.says("Abstain  is in the record")


async def test_a_hidden_selection_shows_neither_who_nor_how_many() -> None:
    definition, book = opened(SELECTION)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("1", "2")
        seat.says("已选 2 个", " 选  ")
        await seat.press("f4")
        seat.silent_on("已选 2 个", "[ ", " 选  ")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (CHINESE, ("第 2 轮", "另行一轮：在 2 个中再选出 1 个", "请从 2 个中选 1 个")),
        (ENGLISH, ("round 2", "RUNOFF among 2, places: 1", "Choose 1 of 2")),
    ],
)
async def test_a_runoff_shows_only_those_who_tied_and_says_so(language: Language, said: tuple[str, ...]) -> None:
    definition, book = opened(SELECTION)
    for person, targets in (("M01", (T01, T02)), ("M02", (T01, T03)), ("M03", (T01,))):
        book.member(person, Cast("selection", 1, chosen(*targets)))
    book.chair(CloseRound("selection", 1)).chair(AnnounceRound("selection", 1))
    book.chair(OpenRound("selection", 2, (T02, T03)))
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.says(*said, "人力资源和社会保障局", "医疗保障局")
        seat.silent_on("文化和旅游局", "交通运输局")
        await seat.press("1", "2")
        assert seat.app.drafts[("selection", 2)].chosen == (0,)
        await seat.press("enter", "enter")
        assert seat.cast == Cast("selection", 2, chosen(T02))


async def test_criteria_show_their_weights_and_the_whole_as_it_grows() -> None:
    definition, book = opened(CRITERIA)
    async with sit(shown(book), definition=definition) as seat:
        seat.says("请给 2 个对象打分", "问题一", "62.5%", "问题二", "37.5%", "0 / 3")
        await seat.press("8", "0")
        [head] = [line for line in seat.screen.splitlines() if "文化和旅游局" in line and "50" in line]
        assert "62.5%" in head
        await seat.press("enter", "9", "0", "enter", "7", "0")
        seat.says("83.75", "全部填好了")
        await seat.press("enter", "enter")
        assert seat.cast.answers == (scored(T01, 80, "p1"), scored(T01, 90, "p2"), scored(T02, 70))


async def test_abstaining_under_one_criterion_marks_the_whole_target() -> None:
    definition, book = opened(CRITERIA)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("f3", "enter", "7", "0", "enter", "enter")
        assert seat.cast.answers == (scored(T01, None, "p1"), scored(T01, None, "p2"), scored(T02, 70))


@pytest.mark.parametrize("targets", [(T01,), (T01, T02)])
async def test_the_old_question_stands_beside_the_score(targets: tuple[str, ...]) -> None:
    definition, book = opened(Item("questioned", "评议并表决", targets, QUESTIONED.rules))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("请打分，并表决是否通过", "是否通过", "赞成", "反对", "弃权", "公共阅读场所偏少、分布不均")
        for _ in targets:
            await seat.press("9", "2", "enter", "1", "enter")
        seat.says("请核对这张表决票")
        await seat.press("enter")
        assert seat.cast.answers == tuple(
            answer for target in targets for answer in (scored(target, 92), Choice(target, FOR))
        )
        await seat.recorded()
        seat.says("92 分  优秀  赞成" if len(targets) == 1 else "已填 4 / 4")


async def test_a_sheet_of_scores_can_be_filled_by_hand_alone() -> None:
    definition, book = opened(QUESTIONED)
    async with sit(shown(book), definition=definition, language=ENGLISH) as seat:
        table = seat.app.screen.query_one(SheetTable)
        await seat.pilot.click("QuickValues", offset=(43, 1))
        await seat.pilot.click(SheetTable, offset=(10, 2))
        await seat.pilot.click("QuickValues", offset=(2, 1))
        for row in (1, 2):
            await seat.pilot.click(SheetTable, offset=(table.size.width - 15, row))
        await seat.pilot.click("#enter")
        await seat.pilot.click("#enter")
        assert seat.cast.answers == (scored(T01, 100), Choice(T01, AGAINST), scored(T02, 0), Choice(T02, AGAINST))


@pytest.mark.parametrize(
    ("language", "word", "counts", "works", "over"),
    [
        (CHINESE, "试投票", "不计入任何结果", "席位正常", "您的席位正常"),
        (ENGLISH, "TRIAL", "It counts for nothing", "SEAT WORKS", "Your seat works"),
    ],
)
async def test_a_trial_vote_says_what_it_is_and_afterwards_that_the_seat_works(
    language: Language, word: str, counts: str, works: str, over: str
) -> None:
    definition, book = opened(MOTION)
    book = Playbook(definition).enrol("M01").enrol(*CHAIR).check_in("M01", "M02").chair(OpenRound(TRIAL.id))
    async with sit(shown(book), definition=definition, language=language) as seat:
        for keys in ((), ("1",)):
            await seat.press(*keys)
            banner = seat.app.screen.query_one(TrialBanner)
            assert banner.display
            assert banner.query_one(BigText).text == word
            seat.says(counts)
        await seat.press("enter")
        assert seat.cast == Cast(TRIAL.id, 1, (Choice("", FOR),))
        await seat.recorded()
        seat.says(counts)
        assert seat.app.screen.query_one("#word", BigText).text == works
        book.member("M02", seat.cast).chair(CloseRound(TRIAL.id, 1))
        await seat.show(shown(book))
        seat.says(over)
    async with sit(shown(book), definition=definition, language=language, session=None) as seat:
        seat.says(over)


async def test_a_seat_from_which_no_press_came_is_told_at_the_end_of_the_trial() -> None:
    definition = hall(MOTION)
    book = Playbook(definition).enrol("M01").enrol(*CHAIR).check_in("M01", "M02").chair(OpenRound(TRIAL.id))
    book.chair(CloseRound(TRIAL.id, 1))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("没有收到您的席位。请举手告诉工作人员。")
        book.check_in("M03", "M04").chair(OpenRound("motion"))
        await seat.show(shown(book))
        seat.says("请表决")


SHEET = Item("sheet", "评议两局", (T02, T03), live_rules())


@pytest.mark.parametrize(
    ("item", "keys", "held"),
    [
        (SHEET, ("9", "0", "enter", "8"), ("90", "8")),
        (MOTION, ("2",), ("Enter  送出 反对",)),
        (RATING, ("1",), ("1 / 2",)),
        (TWO_TO_THREE, ("1", "4"), ("已选 2 个",)),
        (CRITERIA, ("8", "8"), ("88", "55")),
    ],
)
async def test_an_agenda_changed_on_the_spot_leaves_a_half_filled_ballot_as_it_is(
    item: Item, keys: tuple[str, ...], held: tuple[str, ...]
) -> None:
    later = Item("later", "以后的议题", rules=MotionRules())
    definition, book = opened(item, later)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press(*keys)
        before = seat.app.drafts[(item.id, 1)]
        seat.says(f"议题 {item.id}（共 2 项）", *held)
        book.clerk(AddItem(Item("new", "临时动议", rules=MotionRules())))
        await seat.show(shown(book), book.meeting.definition)
        seat.says(f"议题 {item.id}（共 3 项）", *held)
        book.clerk(ReorderAgenda((item.id, "new", "later")))
        await seat.show(shown(book), book.meeting.definition)
        seat.says(*held)
        assert seat.app.drafts[(item.id, 1)] == before
        seat.app.action_help_quit()
        await seat.pilot.pause()
        seat.says("没有送出")
