"""``pingyi evidence`` shows what comes of a file before it signs it, and says where it stands."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kit.evidence_files import book_of, csv_of
from kit.factories import small_definition
from kit.kinds import whole_definition
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.meeting.components import EvidenceLine, HotlineCounts
from pingyi_protocol.meeting.definition import Definition
from pingyi_server.commands.evidence import evidence
from pingyi_server.commands.load import load
from pingyi_server.folder import FolderError, MeetingFolder
from pingyi_server.imports.toml_file import toml_of

CASES: list[list[object]] = [
    ["承办单位", "办结", "满意", "重复"],
    ["文化和旅游局", "1,070", 1066, 3],
    ["人社局", 30, 25, 0],
    ["医保局", 9, 7, 2],
    ["合计", 1109, 1098, 5],
]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


def meeting_in(folder: Path, definition: Definition | None = None) -> Path:
    (folder / "meeting.toml").write_bytes(toml_of(definition or whole_definition()))
    assert CliRunner().invoke(load, [str(folder)]).exit_code == 0
    return folder


def given(folder: Path, *arguments: str, content: bytes | None = None, answer: str | None = None) -> Result:
    file = folder / "cases.csv"
    file.write_bytes(content or csv_of(CASES, "gbk"))
    return CliRunner().invoke(evidence, [str(folder), str(file), *arguments], input=answer)


HOTLINE = ("--component", "社会各界评价", "--part", "12345 大数据分析")


def test_the_scores_are_shown_and_what_is_missing_and_nothing_is_signed_without_a_yes(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    before = MeetingFolder(folder).meeting().size
    told = given(folder, *HOTLINE, answer="n\n")
    assert told.exit_code == Failure.exit_code
    lines = [line.split() for line in told.output.splitlines()]
    # 80 % of 1066/1070 and 20 % of 1067/1070: 99.6448...
    assert ["文化和旅游局", "1,070", "1,066", "3", "99.64"] in lines
    assert ["人力资源和社会保障局", "30", "25", "0", "86.67"] in lines
    assert "a line of totals" in told.output
    assert "Missing (1): 市场监督管理局" in told.output
    assert MeetingFolder(folder).meeting().size == before


def test_what_is_signed_is_on_the_record_with_its_file_and_can_be_replaced(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    digest = hashlib.sha256(csv_of(CASES, "gbk")).hexdigest()
    told = given(folder, *HOTLINE, answer="y\n")
    assert told.exit_code == 0, told.output
    found = MeetingFolder(folder).meeting().evidence["C2", "P1"]
    assert (found.file, found.sha256) == ("cases.csv", digest)
    assert found.lines[0] == EvidenceLine("T01", HotlineCounts(1070, 1066, 3))
    assert f"entry {found.leaf}" in told.output
    assert digest in told.output
    other = given(folder, *HOTLINE, "--yes", content=csv_of([*CASES[:3], ["市场监督管理局", 8, 4, 2]]))
    assert "replaces what was imported from cases.csv for 3 targets" in other.output
    later = MeetingFolder(folder).meeting().evidence["C2", "P1"]
    assert later.leaf > found.leaf
    assert [line.target for line in later.lines] == ["T01", "T02", "T04"]


def test_a_sheet_is_found_by_the_name_of_the_part_or_named(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    survey: list[list[object]] = [["部门", "满意", "基本满意"], ["人社局", 40, 5]]
    content = book_of(代表=survey, 群众问卷=[*survey, ["医保局", 3, 1]])
    part = ("--component", "C2", "--part", "群众问卷", "--yes")
    assert "群众问卷" in given(folder, *part, content=content).output
    assert len(MeetingFolder(folder).meeting().evidence["C2", "P2"].lines) == 2
    assert given(folder, *part, "--sheet", "代表", content=content).exit_code == 0
    assert len(MeetingFolder(folder).meeting().evidence["C2", "P2"].lines) == 1


def test_errors_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    told = given(folder, *HOTLINE, "--yes", content=csv_of([CASES[0], ["某局", 1, 2, "多"], ["人社局", 0, 0, 0]]))
    assert told.exit_code == BadInput.exit_code
    assert 'cases.csv, row 2, 重复: found "多"' in told.output
    assert 'cases.csv, row 2, 承办单位: found "某局"' in told.output
    assert "row 3" in told.output
    assert "3 errors; nothing was imported" in told.output


NAMES: list[tuple[tuple[str, ...], str]] = [
    (("--component", "某来源"), "There is no component 某来源. Evidence can be imported for: 社会各界评价"),
    (("--component", "电子表决测评"), "comes from the meeting itself"),
    (("--component", "社会各界评价"), "name one with --part: 12345大数据分析, 群众问卷"),
    (("--component", "社会各界评价", "--part", "专家"), "has no part 专家"),
    (("--component", "网上社会投票", "--part", "专家"), "has no parts"),
]


@pytest.mark.parametrize(("arguments", "said"), NAMES)
def test_a_name_that_there_is_not_is_answered_with_those_that_there_are(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    told = given(meeting_in(tmp_path), *arguments)
    assert told.exit_code == BadInput.exit_code
    assert said in told.output.replace("、", ", ")


def test_a_meeting_without_components_has_nothing_to_import(tmp_path: Path) -> None:
    small = small_definition()
    folder = meeting_in(tmp_path, type(small)(small.meeting, small.roster, small.targets, small.agenda))
    assert "no components" in given(folder, "--component", "C2").output


def test_before_the_meeting_is_loaded_it_says_so(tmp_path: Path) -> None:
    assert isinstance(given(tmp_path, *HOTLINE).exception, FolderError)


def test_a_file_name_that_cannot_be_read_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    file = folder / "cases\u202efdp.csv"
    file.write_bytes(csv_of(CASES))
    told = CliRunner().invoke(evidence, [str(folder), str(file), *HOTLINE, "--yes"])
    assert told.exit_code == BadInput.exit_code
    assert "cases<U+202E>fdp.csv" in told.output
