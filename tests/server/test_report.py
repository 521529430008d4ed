"""What minutes and bulletin say of a meeting: the figures of the results, in words, and for the public no names."""

from dataclasses import asdict, fields, is_dataclass

import msgspec
import pytest

from kit.exports import LOG_KEY, Memory
from kit.factories import small_definition
from kit.kinds import every_kind, whole_definition
from kit.records import Scribe, closed, told
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.exports.report.parts import ItemReport, NoticeKind, Report, Table, published
from pingyi_server.exports.report.whole import report_of, signatures
from pingyi_server.exports.view import Reader, View


def view_of(scribe: Scribe) -> View:
    reader = Reader(Memory(scribe), LOG_KEY)
    assert len(list(reader.leaves())) == len(scribe.leaves)
    return reader.view()


def whole_meeting() -> Scribe:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    return scribe


@pytest.fixture(scope="module")
def view() -> View:
    return view_of(whole_meeting())


@pytest.fixture(scope="module")
def report(view: View) -> Report:
    return report_of(view, Language.ENGLISH)


def item_of(report: Report, item: str) -> ItemReport:
    return next(one for one in report.items if one.item == item)


def rows(table: Table) -> list[dict[str, str]]:
    return [dict(zip((column.heading for column in table.columns), row, strict=True)) for row in table.rows]


def test_scores_stand_with_sum_number_measure_band_and_rank(report: Report) -> None:
    [only] = item_of(report, "1").rounds
    [row] = rows(only.tables[0])
    assert (row["Scores"], row["Abstentions"], row["Sum"], row["Mean"]) == ("3", "1", "277", "92.33")
    assert [(one.name, one.text) for one in only.outcomes] == [("文化和旅游局", "mean 92.33, 优秀, rank 1")]
    assert only.spread is not None
    [spread] = rows(only.spread)
    assert (spread["Least"], spread["Greatest"], spread["Median"], spread["优秀"]) == ("90", "95", "92.00", "3")
    # the measure stands with its sum, and once
    assert "Mean" not in spread


def test_a_void_round_says_why_and_has_no_figures(report: Report) -> None:
    void, standing = item_of(report, "2").rounds
    assert (void.status, void.announced, void.tables, void.charts, void.codes) == ("void", False, (), (), ())
    assert void.remarks == ("This round is void and counts for nothing. Reason: 计票有误",)
    assert standing.announced
    assert [one.text for one in standing.outcomes] == ["mean 86.00, 良好, rank 2", "mean 67.50, 合格, rank 4"]


def test_a_motion_says_what_it_took_and_what_it_got(report: Report) -> None:
    item = item_of(report, "3")
    assert item.rules == ("Passed with more than 1/2 of all members for it.",)
    [only] = item.rounds
    [row] = rows(only.tables[0])
    assert row == {
        "For": "3",
        "Against": "1",
        "Abstentions": "0",
        "Not voted": "0",
        "Out of": "6",
        "Needed": "4",
        "Outcome": "not passed",
    }


def test_a_result_by_hand_is_marked_at_the_head_and_at_its_round(report: Report) -> None:
    assert [one.text for one in report.notices if one.kind is NoticeKind.MANUAL] == [
        "Some results were entered by hand: 临时动议"
    ]
    [only] = item_of(report, "7").rounds
    assert only.manual == "Entered by hand: 表决器故障，举手表决"
    assert {one.manual for item in report.items if item.item != "7" for one in item.rounds} == {""}


def test_a_withdrawn_item_gives_its_reason(report: Report) -> None:
    item = item_of(report, "8")
    assert (item.status, item.reason, item.rounds) == ("withdrawn", "提案人撤回", ())


def test_the_quorum_is_taken_of_all_who_are_due_and_who_left_early_had_come(report: Report) -> None:
    assert report.attendance.met
    assert report.attendance.quorum == "Quorum: 4 (more than 1/2 of all members). 5 came: the quorum was met."


def test_a_target_has_its_promises_and_every_result_about_it(report: Report) -> None:
    target = next(one for one in report.targets if one.target == "T02")
    assert [(problem.title, problem.facts[0].value) for problem in target.problems] == [
        ("断缴养老保险的人续保难", "年底前网上可办")
    ]
    assert [(one.label, one.value) for one in target.results] == [
        ("两局整改评议", "mean 86.00, 良好, rank 2"),
        ("整改情况满意度测评", "not satisfied"),
        ("选定明年评议对象 (round 1)", "tied, voted on again in round 2"),
        ("选定明年评议对象 (round 2)", "not chosen"),
        ("Composite", "84.93, 良好, rank 2"),
    ]


def test_codes_are_those_of_the_ballots_that_count_and_sorted(view: View, report: Report) -> None:
    told_codes = {line.code for line in view.ballots if line.code and (line.item.id, line.round) == ("1", 1)}
    [only] = item_of(report, "1").rounds
    assert set(only.codes) == told_codes
    assert list(only.codes) == sorted(only.codes)
    # a ballot that a later one replaced has a code too, which counts for nothing
    assert len(only.codes) == 4


@pytest.mark.parametrize("language", Language)
def test_what_is_published_names_no_member(language: Language, view: View) -> None:
    whole = report_of(view, language)
    names = [person.name for person in view.definition.roster]
    assert [name for name in names if name not in str(asdict(whole))] == []
    assert [name for name in names if name in str(asdict(published(whole)))] == []


def test_the_report_of_a_meeting_that_goes_on_says_so_and_of_a_closed_one_not(report: Report) -> None:
    assert NoticeKind.UNFINISHED in {one.kind for one in report.notices}
    assert not report.seal.final
    scribe = closed(whole_meeting())
    view = view_of(scribe)
    ended = report_of(view, Language.CHINESE)
    assert NoticeKind.UNFINISHED not in {one.kind for one in ended.notices}
    assert (ended.seal.final, ended.seal.qr) == (True, view.results.fingerprint)


def test_every_text_of_a_report_is_filled(report: Report) -> None:
    assert [path for path, text in texts("", report) if "{" in text] == []


def texts(path: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, tuple):
        return [found for place, one in enumerate(value) for found in texts(f"{path}.{place}", one)]
    if is_dataclass(value):
        return [found for one in fields(value) for found in texts(f"{path}.{one.name}", getattr(value, one.name))]
    return []


def test_the_meetings_own_language_is_the_default(view: View) -> None:
    definition = msgspec.structs.replace(
        view.definition, meeting=msgspec.structs.replace(view.definition.meeting, language=Language.ENGLISH)
    )
    assert report_of(view).date == "2026年11月1日"
    view = View(view.identity, view.notes, view.cosignatures, definition, view.results, view.ballots)
    assert report_of(view).date == "2026-11-01"


def test_a_role_that_nobody_on_the_roster_has_is_signed_for_without_a_name() -> None:
    words = catalogue("pingyi_server", Language.CHINESE)
    lines = list(signatures(small_definition(), words))
    assert [(one.role, one.name) for one in lines] == [("主持人", "委员01"), ("监票人", "委员03"), ("工作人员", "")]
