"""Small definitions that tests score on."""

from decimal import Decimal

from pingyi_protocol.meeting.commands import Answer, ImportEvidence, Score
from pingyi_protocol.meeting.components import Component, EvidenceLine, GivenScore
from pingyi_protocol.meeting.definition import (
    Audience,
    Band,
    Definition,
    Display,
    Item,
    Language,
    MeetingFacts,
    Person,
    Problem,
    Role,
    ScoreRules,
    Target,
)

BANDS = (
    Band("优秀", Decimal(90)),
    Band("良好", Decimal(80)),
    Band("合格", Decimal(60)),
    Band("不合格", Decimal(0)),
)

MORE_ROLES = {1: (Role.CHAIR,), 3: (Role.SCRUTINEER,)}


def live_rules(**changes: object) -> ScoreRules:
    """Rules as the sample meeting has them, with changes."""
    rules: dict[str, object] = {"bands": BANDS, "display": Display.LIVE, "running": Audience.ALL, "seconds": 120}
    return ScoreRules(**(rules | changes))  # type: ignore[arg-type]  # the caller names real fields


def small_definition(members: int = 5, port: int = 7610, rules: ScoreRules | None = None) -> Definition:
    """A meeting of ``members``, three targets in two items: one alone, two on a sheet.

    M01 is the chair too, and M03 a scrutineer.
    """
    rules = rules or live_rules()
    roster = tuple(
        Person(
            number=f"M{place:02}",
            name=f"委员{place:02}",
            seat=f"{(place - 1) // 9 + 1}-{(place - 1) % 9 + 1:02}",
            group=f"第{(place - 1) % 4 + 1}组",
            roles=(Role.MEMBER, *MORE_ROLES.get(place, ())),
        )
        for place in range(1, members + 1)
    )
    return Definition(
        meeting=MeetingFacts(
            "示例市人大常委会", "第十二次会议", "2026-11-01", Language.CHINESE, port=port, simulated=True
        ),
        roster=(*roster, Person("A01", "列席一", roles=(), entitled=False)),
        targets=(
            Target("T01", "文化和旅游局"),
            Target("T02", "人力资源和社会保障局", "人社局"),
            Target("T03", "医疗保障局", "医保局"),
        ),
        agenda=(
            Item("1", "文化和旅游局整改评议", ("T01",), rules),
            Item("2", "两局整改评议", ("T02", "T03"), rules),
        ),
        problems=(
            Problem("T01", "公共阅读场所偏少、分布不均", "已建城市书房 92 个、阅读吧 40 个", report="整改报告（示例）"),
            Problem("T02", "断缴养老保险的人续保难", "年底前网上可办"),
        ),
        components=(
            Component("C1", "电子表决测评", Decimal(60), committee=True),
            Component("C2", "整改成效调研", Decimal(40)),
        ),
    )


def research(*scores: tuple[str, str]) -> ImportEvidence:
    """Evidence for the small meeting's other component: the scores by target, those of two targets unless told."""
    given = scores or (("T01", "97.5"), ("T02", "90"))
    lines = tuple(EvidenceLine(target, GivenScore(Decimal(score))) for target, score in given)
    return ImportEvidence("C2", "", "research.xlsx", "5e" * 32, lines)


def first_score(answers: tuple[Answer, ...]) -> Decimal | None:
    """The score on a ballot's first line."""
    [first, *_] = answers
    assert isinstance(first, Score)
    return first.score
