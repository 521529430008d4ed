"""``pingyi new`` writes a workbook that loads, once, and never over another file."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from pingyi_protocol.meeting.definition import Language
from pingyi_server.commands.new import new
from pingyi_server.imports.columns import SHEETS
from pingyi_server.imports.findings import MeetingFileError
from pingyi_server.imports.folder import read_meeting_folder
from pingyi_server.imports.sample import sample_meeting


def run(*arguments: object) -> Result:
    return CliRunner().invoke(new, [str(argument) for argument in arguments])


@pytest.mark.parametrize("language", Language)
def test_the_sample_loads_and_the_template_names_its_examples(tmp_path: Path, language: Language) -> None:
    template, sample = tmp_path / "a" / "template", tmp_path / "sample"
    assert run(template, "--lang", language.value).exit_code == 0
    told = run(sample, "--sample", "--lang", language.value)
    assert told.exit_code == 0
    assert f"pingyi load {sample}" in told.output
    with pytest.raises(MeetingFileError) as unfilled:
        read_meeting_folder(template)
    findings = unfilled.value.findings
    assert {finding.code for finding in findings} == {"example_left"}
    # two facts of the meeting, and a line of each sheet that has one
    assert len({(finding.place.title, finding.place.cell) for finding in findings}) == len(findings) == 2 + 5
    assert read_meeting_folder(sample) == sample_meeting(language)


@pytest.mark.parametrize("name", ["meeting.xlsx", "meeting.toml"])
def test_a_file_that_exists_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"the clerk's work")
    told = run(tmp_path)
    assert told.exit_code == 2
    assert name in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert (tmp_path / name).read_bytes() == b"the clerk's work"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = run(tmp_path / "file" / "meeting")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1


def test_the_workbook_explains_itself(tmp_path: Path) -> None:
    run(tmp_path, "--lang", "zh")
    book = load_workbook(tmp_path / "meeting.xlsx")
    assert len(book.worksheets) == len(SHEETS)
    for page, sheet in zip(book.worksheets, SHEETS, strict=True):
        assert page.freeze_panes == "B2"
        if sheet.code == "meeting":
            assert all(page.cell(row, 3).value for row in range(2, len(sheet.columns) + 2))
            continue
        headers = list(page[1])
        assert len(headers) == len(sheet.columns)
        assert all(" / " in str(header.value) and header.comment is not None for header in headers)
        # a sheet that most meetings leave empty has no example to delete
        assert (page.max_row >= 2) != sheet.optional
    roster = book.worksheets[1]
    # member numbers and seats stay text
    assert (roster["A2"].number_format, roster["C2"].number_format) == ("@", "@")
    lists = {str(rule.sqref): rule.formula1 for rule in book.worksheets[3].data_validations.dataValidation}
    assert '"实时,截止后,宣布后"' in lists.values()
    assert '"记名,无记名"' in lists.values()
