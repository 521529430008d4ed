"""The clerk's acts on attendance and agenda, and results by hand, as commands on a folder."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from kit.factories import live_rules, small_definition
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.meeting.commands import AnswerCount, Choice, Score
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import (
    Definition,
    Item,
    Language,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.model import Meeting
from pingyi_server.commands.clerk import clerk
from pingyi_server.commands.load import load
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.counts import read_counts
from pingyi_server.imports.findings import MeetingFileError
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.imports.workbook_writer import workbook_of


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


def voting() -> Definition:
    """Five members with a chief scrutineer, and an item of each kind."""
    base = small_definition(members=5)
    roster = tuple(
        msgspec.structs.replace(one, roles=(Role.MEMBER, Role.SCRUTINEER), chief=True) if one.number == "M02" else one
        for one in base.roster
    )
    agenda = (
        Item("1", "评议文旅局", ("T01",), live_rules(question=Passing())),
        Item("2", "决议", rules=MotionRules()),
        Item("3", "测评", ("T02", "T03"), RatingRules()),
        Item("4", "票决", ("T02", "T03"), SelectionRules(winners=1, most=1)),
    )
    meeting = msgspec.structs.replace(base.meeting, check_in_minutes=10)
    return msgspec.structs.replace(base, meeting=meeting, roster=roster, agenda=agenda)


def meeting_in(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "meeting.toml").write_bytes(toml_of(voting()))
    told = CliRunner().invoke(load, [str(folder)])
    assert told.exit_code == 0, told.output
    return folder


def present_in(folder: Path, count: int = 4) -> Path:
    """A loaded meeting with the first ``count`` members checked in by hand."""
    meeting_in(folder)
    for place in range(1, count + 1):
        assert run("check-in", folder, f"M{place:02}", "--reason", "x").exit_code == 0
    return folder


def run(*arguments: object, answer: str = "") -> Result:
    """Run an act of the clerk."""
    return CliRunner().invoke(clerk, [str(argument) for argument in arguments], answer)


def standing(folder: Path) -> Meeting:
    return MeetingFolder(folder).meeting()


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_check_in_window_opens_and_closes_and_a_member_is_excused_once(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path / "m")
    assert run("open-check-in", folder).exit_code == 0
    assert run("open-check-in", folder).exit_code == Failure.exit_code
    assert run("close-check-in", folder).exit_code == 0
    assert run("close-check-in", folder).exit_code == Failure.exit_code
    assert run("excuse", folder, "M03", "--reason", "出差").exit_code == 0
    again = run("excuse", folder, "M03", "--reason", "出差")
    assert (again.exit_code, "excused already" in again.output) == (Failure.exit_code, True)
    assert dict(standing(folder).excused.items()) == {"M03": "出差"}


def test_items_named_come_next_and_what_was_voted_on_keeps_its_place(tmp_path: Path) -> None:
    folder = present_in(tmp_path / "m")
    file = written(tmp_path / "c.csv", "target,answer,count", ",for,4")
    assert run("result", folder, file, "--item", "2", "--received", 4, "--reason", "x", "--yes").exit_code == 0
    told = run("reorder", folder, "4", "3")
    assert (told.exit_code, "4 2 3 1" in told.output) == (0, True)
    assert [item.id for item in standing(folder).agenda] == ["4", "2", "3", "1"]
    refused = run("reorder", folder, "2", "9")
    assert (refused.exit_code, "2, 9" in refused.output) == (BadInput.exit_code, True)


def test_an_item_is_withdrawn_for_a_reason_and_not_twice(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path / "m")
    assert run("withdraw", folder, "3", "--reason", "材料未到").exit_code == 0
    assert run("withdraw", folder, "3", "--reason", "材料未到").exit_code == Failure.exit_code
    assert standing(folder).withdrawn["3"] == "材料未到"


def test_items_are_added_from_a_toml_file_of_just_the_new_lines(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path / "m")
    file = written(
        tmp_path / "new.toml",
        '[[targets]]\nname = "市图书馆"\nshort_name = "图书馆"',
        '[[problems]]\ntarget = "市图书馆"\ntitle = "开放时间短"',
        '[[agenda]]\nnumber = "5"\ntitle = "评议图书馆"\nkind = "score"\ntargets = ["市图书馆"]',
        '[[agenda]]\nnumber = "6"\ntitle = "临时动议"\nkind = "motion"',
    )
    told = run("add", folder, file)
    assert told.exit_code == 0, told.output
    assert "Added: 6  临时动议" in told.output
    after = standing(folder)
    assert [item.id for item in after.agenda] == ["1", "2", "3", "4", "5", "6"]
    assert after.definition is not None
    assert after.items["5"].targets == (after.definition.targets[-1].id,)
    assert [one.title for one in after.definition.problems_of(after.items["5"].targets[0])] == ["开放时间短"]
    assert after.definition.targets[:3] == voting().targets
    again = run("add", folder, file)
    assert again.exit_code == BadInput.exit_code
    assert "[[agenda]], entry 1, number" in again.output
    assert len(standing(folder).agenda) == 6


def test_items_are_added_from_a_workbook_whose_other_sheets_do_not_count(tmp_path: Path) -> None:
    folder, file = meeting_in(tmp_path / "m"), tmp_path / "new.xlsx"
    only = msgspec.structs.replace(voting(), agenda=(Item("9", "再评议", ("T02",), ScoreRules()),), problems=())
    file.write_bytes(workbook_of(only, Language.CHINESE))
    book = load_workbook(file)
    for name in book.sheetnames:
        sheet = book[name]
        if not any(cell.value == "再评议" for row in sheet.iter_rows() for cell in row):
            del book[name]
    book.save(file)
    told = run("add", folder, file)
    assert told.exit_code == 0, told.output
    assert standing(folder).items["9"].targets == ("T02",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            '[[agenda]]\nnumber = "5"\ntitle = "x"\nkind = "score"\ntargets = ["没有的局"]',
            "[[agenda]], entry 1, targets",
        ),
        ('[[agenda]]\nnumber = "5"\ntitle = "x"\nkind = "motion"\nhighest = "abc"', "[[agenda]], entry 1, highest"),
        ('[[roster]]\nnumber = "M99"', "roster"),
        ('[[targets]]\nname = "新局"', "agenda"),
    ],
)
def test_a_wrong_line_is_named_in_its_own_file_and_nothing_is_added(tmp_path: Path, text: str, place: str) -> None:
    folder = meeting_in(tmp_path / "m")
    told = run("add", folder, written(tmp_path / "new.toml", text))
    assert told.exit_code == BadInput.exit_code
    assert place in told.output
    assert len(standing(folder).agenda) == 4


def test_what_a_withdrawn_item_scored_can_be_scored_by_one_that_is_added(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path / "m")
    file = written(
        tmp_path / "new.toml", '[[agenda]]\nnumber = "5"\ntitle = "再评议"\nkind = "score"\ntargets = ["文化和旅游局"]'
    )
    assert run("add", folder, file).exit_code == BadInput.exit_code
    assert run("withdraw", folder, "1", "--reason", "x").exit_code == 0
    told = run("add", folder, file)
    assert told.exit_code == 0, told.output


def test_a_result_by_hand_is_shown_asked_for_and_signed(tmp_path: Path) -> None:
    folder = present_in(tmp_path / "m")
    file = written(
        tmp_path / "c.csv", "对象,答案,票数", "文化和旅游局,９０,2", "T01,弃权,1", "T01,赞成,3", "T01,反对,0"
    )
    arguments = ("result", folder, file, "--item", "1", "--received", 4, "--invalid", 1, "--reason", "表决器断电")
    left = run(*arguments, answer="n\n")
    assert (left.exit_code, "Nothing was signed" in left.output) == (Failure.exit_code, True)
    assert standing(folder).round_of("1") is None
    told = run(*arguments, answer="y\n")
    assert told.exit_code == 0, told.output
    for said in (
        "item 1, 评议文旅局, round 1", "4 ballots, 1 of them invalid", "表决器断电", "文化和旅游局  90  2",
        "文化和旅游局  abstain  1", "文化和旅游局  for  3", "M02 委员02",
    ):  # fmt: skip
        assert said in told.output, said
    meeting = standing(folder)
    one = meeting.round_of("1")
    assert one is not None
    assert meeting.awaits_confirmation(one)
    figures = round_figures(meeting, one)
    assert (figures.received, figures.invalid, figures.manual) == (4, 1, "表决器断电")
    [target] = figures.targets
    assert (target.scores, target.measure, target.abstentions) == (2, Decimal("90.00"), 1)
    assert figures.choices[0].count(Option.FOR) == 3


def test_counts_that_cannot_be_are_refused_in_words(tmp_path: Path) -> None:
    folder = present_in(tmp_path / "m")
    file = written(tmp_path / "c.csv", "target,answer,count", ",for,3", ",against,2")
    told = run("result", folder, file, "--item", "2", "--received", 4, "--reason", "x", "--yes")
    assert (told.exit_code, "The counts come to 5, and there are 4 valid ballots" in told.output) == (1, True)
    told = run("result", folder, file, "--item", "2", "--received", 9, "--reason", "x", "--yes")
    assert (told.exit_code, "4 members may vote" in told.output) == (1, True)
    told = run("result", folder, file, "--item", "77", "--received", 4, "--reason", "x", "--yes")
    assert (told.exit_code, "There is no item 77" in told.output) == (2, True)


@pytest.mark.parametrize(
    ("item", "lines", "wrong"),
    [
        ("1", ("没有的局,90,4",), "row 2, target"),
        ("1", ("T01,很好,4",), "row 2, answer"),
        ("1", ("T01,90,四",), "row 2, count"),
        ("1", ("T01,90,1.5",), "row 2, count"),
        ("1", ("T01,90,-1",), "row 2, count"),
        ("1", (",90,4",), "row 2, target: this must be filled in"),
        ("1", (",赞成,4",), "row 2, target: this must be filled in"),
        ("1", ("T01,90,2", "", "文化和旅游局,90,2"), "row 4, answer"),
        ("2", ("T01,for,4",), "row 2, target"),
        ("2", (",satisfied,4",), "row 2, answer"),
        ("2", (",chosen,4",), 'row 2, answer: found "chosen"; wanted: one of for, against, abstain\n'),
        (
            "3",
            ("T02,for,4",),
            'row 2, answer: found "for"; wanted: one of satisfied, basically satisfied, not satisfied, abstain\n',
        ),
        ("3", (",satisfied,4",), "row 2, target: this must be filled in"),
        ("4", ("T02,for,4",), 'row 2, answer: found "for"; wanted: one of chosen\n'),
        ("4", (",chosen,4",), "row 2, target: this must be filled in"),
        ("4", (",,4",), "row 2, target: this must be filled in"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_row_and_column(
    tmp_path: Path, item: str, lines: tuple[str, ...], wrong: str
) -> None:
    folder = present_in(tmp_path / "m")
    file = written(tmp_path / "c.csv", "target,answer,count", *lines)
    told = run("result", folder, file, "--item", item, "--received", 4, "--reason", "x", "--yes")
    assert told.exit_code == BadInput.exit_code
    assert f"c.csv, {wrong}" in told.output
    assert standing(folder).round_of(item) is None


@pytest.mark.parametrize(
    "content", [b"", b"a,b,c\n1,2,3\n", b"target,answer,count\n", b"[[result]\n", b"\xff\xfe\xff\xff"]
)
def test_a_file_that_holds_no_counts_says_what_is_wanted(tmp_path: Path, content: bytes) -> None:
    for name in ("c.csv", "c.toml"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(MeetingFileError):
            read_counts(tmp_path / name, voting(), voting().agenda[0])


def test_a_file_of_excel_in_chinese_and_a_toml_file_say_the_same(tmp_path: Path) -> None:
    definition = voting()
    (tmp_path / "c.csv").write_bytes(
        "对象,答案,票数\n人社局,基本满意,3\n医保局,不满意,3\n人社局,弃权,1\n".encode("gb18030")
    )
    written(
        tmp_path / "c.toml",
        '[[result]]\ntarget = "人力资源和社会保障局"\nanswer = "basically satisfied"\ncount = 3',
        '[[result]]\ntarget = "T03"\nanswer = "not_satisfied"\ncount = 3',
        '[[result]]\ntarget = "人社局"\nanswer = "abstain"\ncount = 1',
    )
    wanted = (
        AnswerCount(Choice("T02", Option.BASICALLY_SATISFIED), 3),
        AnswerCount(Choice("T03", Option.NOT_SATISFIED), 3),
        AnswerCount(Choice("T02", Option.ABSTAIN), 1),
    )
    for name in ("c.csv", "c.toml"):
        assert read_counts(tmp_path / name, definition, definition.agenda[2]) == wanted


def test_only_those_who_abstain_from_a_selection_name_nobody(tmp_path: Path) -> None:
    file = written(tmp_path / "c.csv", "target,answer,count", "T02,chosen,3", ",弃权,1")
    counts = read_counts(file, voting(), voting().agenda[3])
    assert counts == (AnswerCount(Choice("T02", Option.CHOSEN), 3), AnswerCount(Choice("", Option.ABSTAIN), 1))


def test_an_item_without_abstention_offers_none(tmp_path: Path) -> None:
    strict = msgspec.structs.replace(voting().agenda[1], rules=MotionRules(abstention=False))
    with pytest.raises(MeetingFileError, match=r"wanted: one of for, against$"):
        read_counts(written(tmp_path / "c.csv", "target,answer,count", ",弃权,1"), voting(), strict)


def test_abstaining_from_the_old_question_is_told_from_giving_no_score(tmp_path: Path) -> None:
    file = written(tmp_path / "c.csv", "target,answer,count", "T01,abstain,4", "T01,vote abstain,3")
    counts = read_counts(file, voting(), voting().agenda[0])
    assert counts == (AnswerCount(Score("T01", "", None), 4), AnswerCount(Choice("T01", Option.ABSTAIN), 3))
