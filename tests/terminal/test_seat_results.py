"""What the seat shows of a result of each kind: every count, what was needed, the outcome, and the own ballot."""

from decimal import Decimal

import pytest

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SELECTION, T01, T02, T03, hall, ruled, scored
from kit.factories import live_rules
from kit.playbook import CHAIR, Playbook
from kit.sitting import own, shown, sit
from pingyi_protocol.meeting.commands import AnnounceRound, Answer, Cast, Choice, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Definition, Item, Language, Option
from pingyi_protocol.record.receipt import code_of
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.parts import BigWord
from pingyi_terminal.widgets import BandBars

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
FOR, AGAINST, ABSTAIN, CHOSEN = Option.FOR, Option.AGAINST, Option.ABSTAIN, Option.CHOSEN
GOOD, FAIR, BAD = Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


def announced(item: Item, *ballots: tuple[Answer, ...], members: int = 7) -> tuple[Definition, Playbook]:
    """A meeting in which M01, M02 ... cast these ballots, somebody else was present, and it was announced."""
    definition = hall(item, members=members)
    people = [f"M{place:02}" for place in range(1, max(len(ballots) + 2, 5))]
    book = Playbook(definition).enrol("M01").enrol(*CHAIR).check_in(*people).chair(OpenRound(item.id))
    for person, answers in zip(people, ballots, strict=False):
        book.member(person, Cast(item.id, 1, answers))
    return definition, book.chair(CloseRound(item.id, 1)).chair(AnnounceRound(item.id, 1))


def votes(*options: Option, target: str = "") -> list[tuple[Answer, ...]]:
    return [(Choice(target, option),) for option in options]


@pytest.mark.parametrize(
    ("language", "outcome", "said"),
    [
        (CHINESE, "通过", ("须 4 票，按 7 人计", "您投的 反对", "查询码")),
        (ENGLISH, "PASSED", ("needed: 4 of 7", "Your vote Against", "Tracking code")),
    ],
)
async def test_a_motion_shows_its_outcome_every_count_and_the_own_vote(
    language: Language, outcome: str, said: tuple[str, ...]
) -> None:
    definition, book = announced(MOTION, *votes(FOR, AGAINST, FOR, FOR, FOR, ABSTAIN))
    mine = own("motion", Choice("", AGAINST))
    async with sit(shown(book), mine, definition=definition, language=language) as seat:
        seat.says(*said, code_of(mine), "关于批准决算的决议")
        assert seat.app.screen.query_one("#outcome", BigWord).text == outcome
        bars = seat.app.screen.query_one(BandBars)
        assert [bar.count for bar in bars.bars] == [4, 1, 1, 1]
        assert bars.bars[-1].label == ("未按" if language is CHINESE else "Not voted")
        await seat.press("f5")
        seat.says(outcome.lower() if language is ENGLISH else outcome)


async def test_a_result_says_who_took_no_part_and_who_voted_elsewhere() -> None:
    definition, book = announced(MOTION, *votes(FOR, FOR, AGAINST))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("您的一票已记录在案，是在另一台终端上投的。", "未通过")
    definition, book = announced(MOTION, *votes(FOR))
    async with sit(shown(book), definition=definition) as seat:
        seat.says("没有收到您的票，您这一票没有计入")


async def test_the_rating_of_one_target_shows_the_grade() -> None:
    definition, book = announced(
        Item("rating", "测评", (T02,), RATING.rules), *votes(GOOD, FAIR, FAIR, GOOD, target=T02)
    )
    async with sit(shown(book), own("rating", Choice(T02, FAIR)), definition=definition) as seat:
        assert seat.app.screen.query_one("#outcome", BigWord).text == "基本满意"
        assert [bar.count for bar in seat.app.screen.query_one(BandBars).bars] == [2, 2, 0, 0, 1]
        seat.says("人力资源和社会保障局", "您投的 基本满意")


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        (
            CHINESE,
            "满意 4  基本满意 0  不满意 0  弃权 0  未按 1  须 4/7",
            "满意 0  基本满意 1  不满意 2  弃权 1  未按 1",
        ),
        (ENGLISH, "satisfied 4  basically 0  not 0  abstain 0  not voted 1  needed 4/7", "basically 1  not 2"),
    ],
)
async def test_the_ratings_of_several_targets_are_a_table(language: Language, first: str, second: str) -> None:
    given = [(GOOD, FAIR), (GOOD, BAD), (GOOD, BAD), (GOOD, ABSTAIN)]
    ballots = [(Choice(T01, one), Choice(T02, other)) for one, other in given]
    definition, book = announced(RATING, *ballots)
    async with sit(shown(book), own("rating", *ballots[1]), definition=definition, language=language) as seat:
        seat.says(first, second, "文化和旅游局")
        lines = [line for line in seat.screen.splitlines() if "文化和旅游局" in line or "人力资源" in line]
        good, bad = ("满意", "不满意") if language is CHINESE else ("satisfied", "not")
        assert [line.split()[-2:] for line in lines] == [[good, good], [bad, bad]]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            CHINESE,
            ("当选", "票数相同", "2 个票数相同，还差 1 个，须另行一轮", "应选 2 个，选出 1 个", "弃权 1  未按 1"),
        ),
        (ENGLISH, ("Chosen", "Tied", "2 are tied, places left: 1; a runoff decides", "1 of 2 places", "1 not voted")),
    ],
)
async def test_a_selection_shows_winners_and_tied_with_their_votes(language: Language, said: tuple[str, ...]) -> None:
    mine = (Choice(T01, CHOSEN), Choice(T03, CHOSEN))
    ballots: list[tuple[Answer, ...]] = [
        (Choice(T01, CHOSEN), Choice(T02, CHOSEN)),
        mine,
        (Choice(T01, CHOSEN),),
        (Choice("", ABSTAIN),),
    ]
    definition, book = announced(SELECTION, *ballots)
    async with sit(shown(book), own("selection", *mine), definition=definition, language=language) as seat:
        seat.says(*said, "文化和旅游局")
        names = [target.name for target in definition.targets]
        rows = [line.split() for line in seat.screen.splitlines()]
        listed = [row[1:] for row in rows if len(row) > 2 and row[1] in names]
        assert [row[0] for row in listed] == names
        assert [row[-2] for row in listed[:3]] == ["3", "1", "1"]
        assert [row[-1] for row in listed] == [*said[:1], *said[1:2] * 2, "0"]
        seat.says("已选 2 个：文化和旅游局、医保局" if language is CHINESE else "2 chosen: 文化和旅游局, 医保局")


async def test_scores_with_criteria_and_the_old_question_show_both() -> None:
    item = Item("both", "逐项评议并表决", (T01,), QUESTIONED.rules, CRITERIA.criteria)
    ballots: list[tuple[Answer, ...]] = [
        (scored(T01, 90, "p1"), scored(T01, 80, "p2"), Choice(T01, FOR)),
        (scored(T01, 80, "p1"), scored(T01, 90, "p2"), Choice(T01, AGAINST)),
        (scored(T01, 100, "p1"), scored(T01, 100, "p2"), Choice(T01, FOR)),
    ]
    definition, book = announced(item, *ballots)
    async with sit(shown(book), own("both", *ballots[1]), definition=definition) as seat:
        seat.says("90.00", "83.75 分", "问题一", "80 分", "问题二", "90 分")
        seat.says("是否通过", "未通过", "赞成 2  反对 1  弃权 0  未按 1  须 4/7", "收到 3 票，实到 4 人")
        seat.says("83.75 分  良好  反对")
        await seat.press("f4", "f5")
        seat.says("您已投")


async def test_a_pass_mark_is_said_beside_the_measure() -> None:
    for mark, said in ((85, "达到合格线 85"), (95, "未达合格线 95")):
        definition, book = announced(
            Item("one", "评议", (T01,), live_rules(pass_mark=Decimal(mark))), (scored(T01, 90),)
        )
        async with sit(shown(book), definition=definition) as seat:
            seat.says(said)


@pytest.mark.parametrize(
    ("language", "title", "few", "why"),
    [
        (CHINESE, "各评议组的结果", "为保密不显示", "不足 2 人作答的组"),
        (ENGLISH, "Results of the review groups", "not shown, for secrecy", "fewer than 2 is not shown"),
    ],
)
async def test_groups_are_looked_up_and_small_ones_are_withheld(
    language: Language, title: str, few: str, why: str
) -> None:
    options = (FOR, FOR, AGAINST, FOR, FOR, AGAINST, FOR)
    definition, book = announced(ruled(MOTION, least_group=2), *votes(*options), members=9)
    async with sit(shown(book), definition=definition, language=language) as seat:
        seat.silent_on(title)
        await seat.press("f7")
        seat.says(title, "第1组", "2 / 2", few, why)
        await seat.press("f7")
        seat.silent_on(title)


async def test_an_item_without_groups_has_no_page_of_them() -> None:
    definition, book = announced(MOTION, *votes(FOR, FOR, AGAINST))
    async with sit(shown(book), definition=definition) as seat:
        before = seat.screen
        await seat.press("f7")
        assert seat.screen == before
