"""A scoring meeting of eleven targets whose composites have four components, one of them of two parts."""

from decimal import Decimal

import msgspec

from kit.chairs import Play
from kit.factories import BANDS, small_definition
from kit.kinds import COMPONENTS
from pingyi_protocol.meeting.components import (
    EvidenceLine,
    GivenScore,
    HotlineCounts,
    Material,
    SurveyCounts,
    VoteCounts,
)
from pingyi_protocol.meeting.definition import CompositeRules, Definition, Target
from pingyi_protocol.meeting.events import CompositeAnnounced, EvidenceImported

NAMES = (
    "市文化和旅游局",
    "市人力资源和社会保障局",
    "市医疗保障局",
    "市市场监督管理局",
    "市住房和城乡建设委员会",
    "市生态环境局",
    "市交通运输局",
    "市教育局",
    "市卫生健康委员会",
    "市民政局",
    "市政务服务数据管理局",
)
SHORT = ("文旅局", "人社局", "医保局", "市监局", "住建委", "环境局", "交通局", "教育局", "卫健委", "民政局", "数据局")


def eleven() -> Definition:
    """Eleven targets, all scored on one sheet."""
    small = small_definition(members=5)
    names = zip(NAMES, SHORT, strict=True)
    targets = tuple(Target(f"T{place:02}", *name) for place, name in enumerate(names, start=1))
    item = msgspec.structs.replace(small.agenda[1], id="1", targets=tuple(one.id for one in targets))
    return msgspec.structs.replace(
        small,
        targets=targets,
        agenda=(item,),
        problems=(),
        components=COMPONENTS,
        composite=CompositeRules(bands=BANDS, again_below=Decimal(75)),
    )


def appraised(*, missing: int = 0, announced: bool = False) -> Play:
    """All but the research is there, and that for all but the last ``missing`` targets."""
    play = Play(eleven())
    play.arrive(5)
    play.open("1")
    places = range(11)
    play.vote("M01", *(95 - 3 * place for place in places))
    play.vote("M02", *(93 - 2 * place for place in places))
    play.vote("M03", *(96 - 2 * place for place in places))
    play.close()
    play.announce()
    lines: dict[tuple[str, str], list[Material]] = {
        ("C2", "P1"): [HotlineCounts(70 + place, 60 - 2 * place, 3 + place) for place in places],
        ("C2", "P2"): [SurveyCounts((40 - place, 5 + 3 * place)) for place in places],
        ("C3", ""): [VoteCounts(1200 - 80 * place) for place in places],
        ("C4", ""): [GivenScore(Decimal("97.5") - place) for place in range(11 - missing)],
    }
    for (component, part), materials in lines.items():
        found = tuple(EvidenceLine(f"T{place + 1:02}", one) for place, one in enumerate(materials))
        play.happen(EvidenceImported(component, part, f"{component}{part}.xlsx", "5e" * 32, found))
    if announced:
        play.happen(CompositeAnnounced(play.backstage.composite))
    return play
