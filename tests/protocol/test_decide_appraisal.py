"""Evidence is imported and replaced, composites are announced, and whatever changes them later takes that back."""

from decimal import Decimal
from typing import Self

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.factories import live_rules, research, small_definition
from kit.playbook import CHAIR, Playbook
from pingyi_protocol.meeting.appraisal import composite_of
from pingyi_protocol.meeting.commands import AnnounceComposite, ImportEvidence, LoadDefinition
from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    EvidenceLine,
    GivenScore,
    GradeValue,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Material,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.definition import CompositeRules, Item, MotionRules, Problem, Role, ScoreRules, Target
from pingyi_protocol.meeting.events import CompositeAnnounced, EvidenceImported
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.meeting.model import Imported, Principal
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.entry import decode_entry, encode_entry
from pingyi_protocol.record.recount import Recount

change = msgspec.structs.replace

MOTION = Item("3", "决议", rules=MotionRules())
SMALL = small_definition()
DEFINITION = change(SMALL, agenda=(*SMALL.agenda, MOTION))
WHOLE = research(("T01", "97.5"), ("T02", "90"), ("T03", "88.25"))


class Appraisal(Playbook):
    """A playbook that counts every announced composite again, by the verifier's other code, when it is followed."""

    def recounted(self) -> Self:
        """Nothing in the record disagrees when it is counted again."""
        self.followed()
        recount = Recount()
        for leaf, entry in enumerate(self.entries):
            recount.take(leaf, decode_entry(encode_entry(entry)).event, held=True)
        assert [str(fault) for fault in recount.faults()] == []
        return self

    def compose(self) -> Self:
        """The chair announces the composites."""
        return self.chair(AnnounceComposite())

    def score(self, item: str, *scores: int) -> Self:
        """An item is scored once by one member, and announced."""
        return self.open(item).cast("M01", *scores).close().announce()

    @property
    def totals(self) -> dict[str, str | None]:
        """The composites as they stand."""
        return {line.target: None if line.total is None else str(line.total) for line in composite_of(self.meeting)}


def sitting(**changes: object) -> Appraisal:
    """A hall in which everybody is present, and nothing has been scored."""
    definition = change(DEFINITION, **changes)
    book = Appraisal(definition).enrol(*CHAIR)
    return book.check_in(*(person.number for person in definition.entitled))


def ready() -> Appraisal:
    """Everything scored and imported."""
    return sitting().clerk(WHOLE).score("1", 90).score("2", 80, 70)


def announced() -> Appraisal:
    """Everything announced."""
    return ready().compose()


# evidence


def test_evidence_is_on_the_record_with_its_file_and_its_leaf() -> None:
    book = sitting().clerk(WHOLE)
    book.came_to(EvidenceImported(WHOLE.component, WHOLE.part, WHOLE.file, WHOLE.sha256, WHOLE.lines))
    assert book.meeting.evidence["C2", ""] == Imported(WHOLE.file, WHOLE.sha256, WHOLE.lines, len(book.entries) - 1)
    book.recounted()


def test_a_later_import_replaces_all_of_the_earlier_one() -> None:
    later = change(research(("T03", "60")), file="later.csv", sha256="7a" * 32)
    book = sitting().clerk(WHOLE).clerk(later)
    assert book.meeting.evidence["C2", ""].lines == later.lines
    assert book.meeting.evidence["C2", ""].file == "later.csv"
    assert len(book.meeting.evidence) == 1


def test_evidence_comes_before_during_and_after_the_rounds() -> None:
    book = sitting().clerk(WHOLE).open("1").clerk(WHOLE).cast("M01", 90).close().clerk(WHOLE).announce().clerk(WHOLE)
    assert book.totals == {"T01": "93.00", "T02": None, "T03": None}
    book.recounted()


REFUSED: list[tuple[ImportEvidence, Reason]] = [
    (change(WHOLE, component="C1"), Reason.COMPONENT_UNKNOWN),
    (change(WHOLE, component="C9"), Reason.COMPONENT_UNKNOWN),
    (change(WHOLE, part="P1"), Reason.COMPONENT_UNKNOWN),
    (change(WHOLE, lines=()), Reason.EVIDENCE_UNSOUND),
    (change(WHOLE, lines=(*WHOLE.lines, WHOLE.lines[0])), Reason.EVIDENCE_UNSOUND),
    (research(("T09", "90")), Reason.EVIDENCE_UNSOUND),
    (research(("T01", "100.5")), Reason.EVIDENCE_UNSOUND),
    (change(WHOLE, lines=(EvidenceLine("T01", VoteCounts(3, 5)),)), Reason.EVIDENCE_UNSOUND),
    (change(WHOLE, file=""), Reason.TEXT_REFUSED),
    (change(WHOLE, file="a\nb"), Reason.TEXT_REFUSED),
    (change(WHOLE, file="x" * 256), Reason.TEXT_REFUSED),
    (change(WHOLE, sha256="5E" * 32), Reason.TEXT_REFUSED),
    (change(WHOLE, sha256="5e" * 31), Reason.TEXT_REFUSED),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_evidence_that_makes_no_sense_is_refused(body: ImportEvidence, reason: Reason) -> None:
    book = sitting().clerk(body).refused(reason)
    assert len(book.meeting.evidence) == 0


def test_evidence_is_only_for_targets_that_are_scored() -> None:
    spare = Target("T04", "水利局")
    book = sitting(targets=(*SMALL.targets, spare)).clerk(research(("T04", "90")))
    book.refused(Reason.EVIDENCE_UNSOUND, count=1)
    book = book.withdraw("1").clerk(WHOLE).refused(Reason.EVIDENCE_UNSOUND, count=1)
    book.clerk(research(("T02", "90"))).recounted()


def test_the_clerk_imports_and_the_chair_announces_and_nobody_else() -> None:
    book = ready()
    for principal in (CHAIR, Principal("M02", Role.MEMBER), Principal("M03", Role.SCRUTINEER)):
        book.acting(principal, WHOLE).refused(Reason.NOT_ALLOWED)
    book.clerk(AnnounceComposite()).refused(Reason.NOT_ALLOWED)
    book.acting(Principal("M02", Role.MEMBER), AnnounceComposite()).refused(Reason.NOT_ALLOWED)
    book.close_meeting().clerk(WHOLE).refused(Reason.MEETING_CLOSED)
    book.compose().refused(Reason.MEETING_CLOSED)


# announced


def test_composites_are_announced_as_they_stand() -> None:
    book = announced()
    # 60 % of the committee's score and 40 % of the research: 54 + 39, 48 + 36, 42 + 35.3
    assert book.totals == {"T01": "93.00", "T02": "84.00", "T03": "77.30"}
    book.came_to(CompositeAnnounced(composite_of(book.meeting)))
    assert book.meeting.composite == composite_of(book.meeting)
    book.recounted()
    book.compose().refused(Reason.COMPOSITE_ANNOUNCED)


def test_what_is_missing_is_named_and_refused() -> None:
    sitting().compose().refused(
        Reason.COMPOSITE_MISSING,
        count=6,
        missing="文化和旅游局 · 电子表决测评; 文化和旅游局 · 整改成效调研; 人社局 · 电子表决测评",
    )
    book = sitting().clerk(research(("T01", "97.5"), ("T02", "90"))).score("1", 90).score("2", 80, 70)
    book.compose().refused(Reason.COMPOSITE_MISSING, count=1, missing="医保局 · 整改成效调研")
    book.clerk(WHOLE).compose().recounted()


def test_a_missing_part_is_named_with_its_component() -> None:
    parts = (ComponentPart("P1", "代表", Decimal(60)), ComponentPart("P2", "群众", Decimal(40)))
    components = (SMALL.components[0], change(SMALL.components[1], parts=parts))
    book = sitting(components=components).score("1", 90).score("2", 80, 70).clerk(change(WHOLE, part="P1"))
    book.compose().refused(
        Reason.COMPOSITE_MISSING,
        count=3,
        missing="文化和旅游局 · 整改成效调研 · 群众; 人社局 · 整改成效调研 · 群众; 医保局 · 整改成效调研 · 群众",
    )
    book.clerk(change(WHOLE, part="P2")).compose().recounted()
    assert book.meeting.composite[0].components[1].parts[1].part == "P2"


def test_too_few_scores_are_a_missing_component() -> None:
    agenda = tuple(change(item, rules=live_rules(least_scores=2)) for item in SMALL.agenda)
    book = sitting(agenda=agenda).clerk(WHOLE).score("1", 90).score("2", 80, 70)
    book.compose().refused(Reason.COMPOSITE_MISSING, count=3)


def test_nothing_is_announced_while_anything_is_voted_on() -> None:
    book = ready().open("3").compose().refused(Reason.ROUND_OPEN, item="3")
    book.close().compose().came_to(CompositeAnnounced(composite_of(book.meeting)))


def test_a_meeting_without_components_or_scores_has_no_composite() -> None:
    sitting(components=()).score("1", 90).compose().refused(Reason.NO_COMPOSITE)
    sitting().withdraw("1").withdraw("2").compose().refused(Reason.NO_COMPOSITE)


def test_bands_and_who_is_scored_again_go_by_the_published_total() -> None:
    bands = SMALL.agenda[0].rules.bands if isinstance(SMALL.agenda[0].rules, ScoreRules) else ()
    book = sitting(composite=CompositeRules(1, bands, Decimal("77.4"))).clerk(WHOLE).score("1", 90).score("2", 80, 70)
    lines = book.compose().recounted().meeting.composite
    assert [(str(one.total), one.band, one.rank, one.again) for one in lines] == [
        ("93.0", "优秀", 1, False),
        ("84.0", "良好", 2, False),
        ("77.3", "合格", 3, True),
    ]


# announced no more


def test_an_import_takes_the_announcement_back_until_the_next_one() -> None:
    book = announced().clerk(research(("T01", "50"), ("T02", "90"), ("T03", "88.25")))
    assert book.meeting.composite == ()
    book.compose().recounted()
    assert [one.rank for one in composite_of(book.meeting)] == [3, 1, 2]
    assert book.totals == {"T01": "74.00", "T02": "84.00", "T03": "77.30"}


def test_an_announced_revote_takes_it_back_and_not_before_it_is_announced() -> None:
    book = announced().open("1").cast("M01", 50).close()
    assert book.meeting.composite != ()
    book.announce()
    assert book.meeting.composite == ()
    assert book.totals["T01"] == "69.00"
    book.compose().recounted()


def test_a_void_result_takes_it_back_and_is_missing() -> None:
    book = announced().void()
    assert book.meeting.composite == ()
    assert book.totals == {"T01": "93.00", "T02": None, "T03": None}
    book.compose().refused(Reason.COMPOSITE_MISSING, count=2).score("2", 60, 60).compose().recounted()


def test_a_void_revote_leaves_the_result_before_it() -> None:
    book = announced().open("2").cast("M01", 1, 1).void()
    assert book.meeting.composite != ()
    assert book.totals["T02"] == "84.00"
    book.recounted()


def test_an_item_that_is_added_or_withdrawn_takes_it_back() -> None:
    late = Target("T04", "水利局")
    book = announced().add(Item("4", "水利局整改评议", ("T04",), live_rules()), (late,), (Problem("T04", "清淤"),))
    assert book.meeting.composite == ()
    book.compose().refused(Reason.COMPOSITE_MISSING, count=2).score("4", 80)
    book.clerk(research(("T01", "97.5"), ("T02", "90"), ("T03", "88.25"), ("T04", "50"))).compose().recounted()
    assert book.totals["T04"] == "68.00"
    other = announced().withdraw("3")
    assert other.meeting.composite == ()
    other.compose().recounted()


def test_what_changes_no_score_leaves_it_announced() -> None:
    book = announced().check_out("M02").recuse("M04", "3").open("3").close().announce()
    book.void()
    assert book.meeting.composite == composite_of(book.meeting)
    book.recounted()


def test_a_withdrawn_item_takes_its_targets_out_of_the_composite() -> None:
    book = sitting().clerk(WHOLE).score("1", 90).withdraw("2").compose().recounted()
    assert [one.target for one in book.meeting.composite] == ["T01"]


# loaded again


def test_a_reload_keeps_evidence_where_targets_and_components_are_the_same() -> None:
    other = change(DEFINITION, meeting=change(DEFINITION.meeting, session="第十三次会议"))
    book = sitting().clerk(WHOLE).clerk(LoadDefinition(other))
    assert book.meeting.evidence["C2", ""].lines == WHOLE.lines
    book.score("1", 90).score("2", 80, 70).compose().recounted()


@pytest.mark.parametrize(
    "changes",
    [
        {"targets": (SMALL.targets[1], SMALL.targets[0], SMALL.targets[2])},
        {"targets": (change(SMALL.targets[0], name="文旅局"), *SMALL.targets[1:])},
        {"components": (SMALL.components[0], change(SMALL.components[1], rule=VoteShares()))},
        {"components": (SMALL.components[0], change(SMALL.components[1], name="调研"))},
    ],
)
def test_a_reload_with_other_targets_or_components_keeps_none(changes: dict[str, object]) -> None:
    book = sitting().clerk(WHOLE).clerk(LoadDefinition(change(DEFINITION, **changes)))
    assert len(book.meeting.evidence) == 0
    book.recounted()


# counted again, whatever the material


COMPONENTS = (
    SMALL.components[0],
    Component(
        "C2",
        "社会",
        Decimal(25),
        parts=(
            ComponentPart("P1", "热线", Decimal("62.5"), HotlineRates(Decimal(80), Decimal(20))),
            ComponentPart(
                "P2",
                "问卷",
                Decimal("37.5"),
                GradeValues((GradeValue("好", Decimal(100)), GradeValue("差", Decimal(30)))),
            ),
        ),
    ),
    Component("C3", "投票", Decimal(10), rule=VoteShares(VoteBase.MOST)),
    Component("C4", "评分", Decimal(5)),
)
few = st.integers(1, 50)
hotline: st.SearchStrategy[Material] = st.tuples(few, few, few).map(
    lambda each: HotlineCounts(each[0], min(each), min(each[0], each[2]))
)
survey: st.SearchStrategy[Material] = st.tuples(st.integers(0, 50), few).map(SurveyCounts)
votes: st.SearchStrategy[Material] = few.map(VoteCounts)
marks: st.SearchStrategy[Material] = st.integers(0, 10000).map(lambda units: GivenScore(Decimal(units) / 100))
SOURCES: tuple[tuple[str, str, st.SearchStrategy[Material]], ...] = (
    ("C2", "P1", hotline),
    ("C2", "P2", survey),
    ("C3", "", votes),
    ("C4", "", marks),
)


@st.composite
def imports(draw: st.DrawFn) -> list[ImportEvidence]:
    """Some evidence, some of it twice, some targets missing now and then."""
    bodies = []
    for component, part, several in draw(st.permutations([*SOURCES, *SOURCES[:2]])):
        scored = draw(st.sampled_from([*(9 * [3]), 2]))
        given_lines = tuple(EvidenceLine(f"T{at:02}", draw(several)) for at in range(1, scored + 1))
        bodies.append(ImportEvidence(component, part, "a.csv", "5e" * 32, given_lines))
    return bodies


@settings(deadline=None, max_examples=30)
@given(
    imports(), st.lists(st.integers(0, 100), min_size=3, max_size=3), st.integers(0, 4), st.none() | st.integers(0, 100)
)
def test_every_composite_is_the_same_when_it_is_counted_by_other_code(
    bodies: list[ImportEvidence], scores: list[int], decimals: int, again: int | None
) -> None:
    rules = CompositeRules(decimals, (), None if again is None else Decimal(again))
    components = (change(COMPONENTS[0], weight=Decimal(60)), *COMPONENTS[1:])
    book = sitting(components=components, composite=rules).score("1", scores[0]).score("2", *scores[1:])
    for body in bodies:
        book.clerk(body)
    stands: tuple[CompositeLine, ...] = composite_of(book.meeting)
    if any(line.missing for line in stands):
        book.compose().refused(Reason.COMPOSITE_MISSING)
        return
    book.compose().recounted()
    assert book.meeting.composite == stands
