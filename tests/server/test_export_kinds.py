"""What a clerk opens in a spreadsheet: every kind of item, results by hand, review groups, and who was there."""

from decimal import Decimal
from pathlib import Path

import pytest

from kit.exports import TABLES, source_of, table, written
from kit.kinds import ADDED, CRITERIA, SCRUTINEER, every_kind, whole_definition
from kit.records import CHAIR, Scribe, told
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    AnswerCount,
    CheckInByHand,
    CheckOut,
    CloseMeeting,
    ConfirmRound,
    CountersignVoid,
    EnterResult,
    Score,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Language

Rows = list[dict[str, str]]


def whole_meeting() -> Scribe:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    return scribe


def exported(scribe: Scribe, out: Path, language: Language = Language.ENGLISH) -> Path:
    written(scribe, out, TABLES, language)
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(whole_meeting(), tmp_path_factory.mktemp("out"))


def results(out: Path, item: str) -> Rows:
    return [row for row in table(out / "results.csv", "Item") if row["Item"] == item]


def picked(rows: Rows, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def test_every_row_accounts_for_all_who_were_present(out: Path) -> None:
    """Not voted, invalid, abstained and recused are numbers of their own; with what was given they make the present."""
    options = ("For", "Against", "Satisfied", "Basically satisfied", "Not satisfied", "Scores")
    rows = [row for row in table(out / "results.csv", "Item") if row["Present"]]
    assert {row["Kind"] for row in rows} == {"score", "pass or not", "motion", "rating", "selection"}
    for row in rows:
        others = sum(int(row[column]) for column in ("Recused", "Not voted", "Invalid", "Abstentions"))
        given = sum(int(row[column]) for column in options if row[column])
        if row["Kind"] != "selection":
            assert others + given == int(row["Present"])


def test_a_motion_says_out_of_how_many_how_many_were_needed_and_who_signed_its_count(out: Path) -> None:
    columns = ("Kind", "For", "Against", "Abstentions", "Out of", "Needed", "Outcome", "Signed by scrutineer")
    # more than half of six
    assert picked(results(out, "3"), *columns) == [("motion", "3", "1", "0", "6", "4", "not passed", "M03 委员03")]


def test_a_rating_gives_each_grade_and_its_outcome(out: Path) -> None:
    columns = ("Target", "Satisfied", "Basically satisfied", "Not satisfied", "Abstentions", "Outcome")
    assert picked(results(out, "4"), *columns) == [
        ("T01", "2", "1", "1", "0", "satisfied"),
        ("T02", "1", "0", "2", "1", "not satisfied"),
    ]


def test_a_selection_gives_votes_and_places_with_the_round_among_those_tied(out: Path) -> None:
    columns = ("Round", "Name of target", "Votes", "Outcome", "Not voted", "Abstentions")
    assert picked(results(out, "5"), *columns) == [
        ("1", "文化和旅游局", "3", "chosen", "0", "1"),
        ("1", "人力资源和社会保障局", "1", "tied, voted on again in round 2", "0", "1"),
        ("1", "医疗保障局", "1", "tied, voted on again in round 2", "0", "1"),
        ("2", "人力资源和社会保障局", "1", "not chosen", "1", "0"),
        ("2", "医疗保障局", "2", "chosen", "1", "0"),
    ]


def test_criteria_and_the_old_question_have_rows_under_their_target(out: Path) -> None:
    columns = ("Kind", "Criterion", "Scores", "Sum", "Measure", "Outcome")
    # 62.5 % of 90, 83, 75 and 37.5 % of 81, 60, 75; the pass mark is 80
    assert picked(results(out, "6"), *columns) == [
        ("score", "", "3", "236", "78.67", "not passed"),
        ("score", "整改成效", "3", "248", "82.67", ""),
        ("score", "群众反映", "3", "216", "72.00", ""),
        ("pass or not", "", "", "", "", "passed"),
    ]


def test_a_result_by_hand_is_marked_on_each_of_its_lines(out: Path) -> None:
    columns = ("Manual", "Why manual", "Invalid", "Signed by scrutineer")
    assert picked(results(out, "7"), *columns) == [("manual", "表决器故障，举手表决", "1", "M03 委员03")]
    others = [row for row in table(out / "results.csv", "Item") if row["Item"] != "7"]
    assert {row["Manual"] for row in others} == {""}
    assert not [row for row in table(out / "ballots.csv", "Item") if row["Item"] == "7"]


def test_scores_by_hand_are_marked_in_the_composite_too(tmp_path: Path) -> None:
    scribe = whole_meeting()
    counts = tuple(AnswerCount(Score("T01", "", Decimal(score)), 2) for score in (80, 95))
    scribe.clerk(EnterResult("1", 2, "停电", 4, 0, counts))
    exported(scribe, tmp_path, Language.CHINESE)
    rows = table(tmp_path / "composite.csv", "对象编号")
    assert {row["手工"] for row in rows} == {""}
    scribe.do(SCRUTINEER, ConfirmRound("1", 2, 4, 4, 0, counts=counts))
    scribe.do(CHAIR, AnnounceRound("1", 2))
    exported(scribe, tmp_path, Language.CHINESE)
    rows = table(tmp_path / "composite.csv", "对象编号")
    assert picked(rows, "对象编号", "电子表决测评：得分", "手工")[0] == ("T01", "87.50", "手工")
    assert {row["手工"] for row in rows[1:]} == {""}
    by_hand = [row for row in table(tmp_path / "results.csv", "议题") if row["手工"]]
    assert picked(by_hand, "议题", "轮次", "手工理由") == [
        ("7", "1", "表决器故障，举手表决"),
        ("1", "2", "停电"),
    ]
    scribe.do(CHAIR, VoidRound("1", 2, "计票有误"))
    scribe.do(SCRUTINEER, CountersignVoid("1", 2, "计票有误"))
    scribe.do(CHAIR, CloseMeeting())
    exported(scribe, tmp_path, Language.CHINESE)
    assert {row["手工"] for row in table(tmp_path / "composite.csv", "对象编号")} == {""}


def test_a_withdrawn_item_is_listed_with_its_reason_and_the_trial_vote_nowhere(out: Path) -> None:
    columns = ("Title", "Status", "Reason (void, withdrawn)", "Round")
    assert picked(results(out, "8"), *columns) == [("拟撤下的议题", "withdrawn", "提案人撤回", "")]
    for name in ("results.csv", "ballots.csv", "results.json"):
        assert "trial" not in (out / name).read_text(encoding="utf-8-sig")


def test_ballots_say_what_each_member_chose(out: Path) -> None:
    rows = table(out / "ballots.csv", "Item")
    given = {
        item: picked([row for row in rows if row["Item"] == item and row["Member number"] == "M04"], "Target", "Answer")
        for item in ("3", "4", "6")
    }
    assert given["3"] == [("", "for")]
    assert given["4"] == [("T01", "not satisfied"), ("T02", "not satisfied")]
    assert given["6"] == [("T04", "abstained")] * 3
    chosen = [row for row in rows if row["Item"] == "5"]
    assert picked([row for row in chosen if row["Member number"] == "M02"], "Round", "Name of target", "Answer") == [
        ("1", "文化和旅游局", "chosen"),
        ("1", "医疗保障局", "chosen"),
        ("2", "医疗保障局", "chosen"),
    ]
    assert picked([row for row in chosen if row["Member number"] == "M04"], "Round", "Answer") == [
        ("1", "abstained"),
        ("2", "not voted"),
    ]


def test_groups_are_given_where_an_item_asks_and_too_small_ones_withheld(out: Path) -> None:
    rows = table(out / "groups.csv", "Item")
    assert {row["Item"] for row in rows} == {"3", CRITERIA.id}
    motion = [row for row in rows if row["Item"] == "3"]
    assert picked(motion, "Review group", "Present in the group", "For", "Against") == [
        ("甲组", "2", "1", "1"),
        ("乙组", "2", "2", "0"),
    ]
    # one of the second group abstained, and so the first one's mean would give the other's score
    scores = [row for row in rows if row["Item"] == CRITERIA.id and row["Kind"] == "score"]
    assert picked(scores, "Review group", "Withheld", "Scores", "Measure") == [
        ("甲组", "withheld, so that nobody's answer can be told", "", ""),
        ("乙组", "withheld, so that nobody's answer can be told", "", ""),
    ]


def test_attendance_lists_everybody_with_reasons_and_times(out: Path) -> None:
    rows = {row["Member number"]: row for row in table(out / "attendance.csv", "Member number")}
    assert {number: row["Attendance"] for number, row in rows.items()} == {
        "M01": "present",
        "M02": "present",
        "M03": "present",
        "M04": "present",
        "M05": "left early",
        "M06": "excused",
        "A01": "without a vote",
    }
    assert (rows["M05"]["Reason"], rows["M06"]["Reason"]) == ("早退", "因公出差")
    came = {number: row["Came and went (server's clock)"] for number, row in rows.items()}
    assert happened(came["M05"]) == ["checked in by hand (终端故障)", "left (早退)"]
    assert (happened(came["M01"]), happened(came["M06"]), came["A01"]) == (["checked in"], ["excused (因公出差)"], "")
    assert came["M05"].startswith("2026-11-01T09:00")
    assert rows["M04"]["Seat"] == "2-01"
    head = (out / "attendance.csv").read_text(encoding="utf-8-sig")
    assert "Due,6\n" in head.replace("\r", "")
    assert "Present,4\n" in head.replace("\r", "")


def happened(cell: str) -> list[str]:
    """Return what a cell of comings and goings says, without the times."""
    return [part.split(" ", 1)[1] for part in cell.split("; ")]


def test_who_leaves_and_returns_was_away_and_who_comes_all_the_same_was_excused(tmp_path: Path) -> None:
    scribe = whole_meeting()
    scribe.clerk(CheckInByHand("M05", "忘带终端"))
    scribe.clerk(CheckInByHand("M06", "提前返回"))
    scribe.clerk(CheckOut("M06", "接机"))
    out = exported(scribe, tmp_path / "english")
    rows = {row["Member number"]: row for row in table(out / "attendance.csv", "Member number")}
    column = "Came and went (server's clock)"
    assert (rows["M05"]["Attendance"], rows["M05"]["Reason"]) == ("present", "")
    assert happened(rows["M05"][column]) == [
        "checked in by hand (终端故障)",
        "left (早退)",
        "checked in by hand (忘带终端)",
    ]
    assert happened(rows["M06"][column]) == ["excused (因公出差)", "checked in by hand (提前返回)", "left (接机)"]
    times = [part.split(" ", 1)[0] for part in rows["M06"][column].split("; ")]
    assert times == sorted(times)
    chinese = exported(scribe, tmp_path / "chinese", Language.CHINESE)
    rows = {row["编号"]: row for row in table(chinese / "attendance.csv", "编号")}
    said = rows["M06"]["经过（服务器时钟）"].split("；")
    assert [one.split(" ", 1)[1] for one in said] == ["请假（因公出差）", "人工签到（提前返回）", "早退（接机）"]


def test_the_agenda_stands_in_the_results_as_it_became() -> None:
    view = source_of(whole_meeting()).view
    assert [line.item for line in view.results.agenda] == ["1", "2", "3", "4", "5", "6", "8", ADDED.id]
    assert [(line.item, line.reason) for line in view.results.agenda if line.reason] == [("8", "提案人撤回")]
