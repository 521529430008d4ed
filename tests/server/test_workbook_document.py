"""docs/workbook.md names every column as the workbook itself does, with the same explanation."""

from pathlib import Path

import pytest

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.imports.columns import SHEETS, Sheet

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "workbook.md"
CHINESE, ENGLISH = (catalogue("pingyi_server", language) for language in Language)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.code)
def test_every_column_stands_in_the_document(sheet: Sheet) -> None:
    title = f"workbook.sheet_{sheet.code}"
    key = f"[{sheet.code}]" if sheet.code == "meeting" else f"[[{sheet.code}]]"
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")
    [section] = [one for one in sections if one.startswith(f"{CHINESE(title)} {ENGLISH(title)} (`{key}`)\n")]
    wanted = [
        f"| {CHINESE(name)} / {ENGLISH(name)} | `{column.code}` | {ENGLISH(note)} |"
        for column in sheet.columns
        for name, note in [
            (f"workbook.{sheet.code}_{column.code}", f"workbook.note_{sheet.code}_{column.code}"),
        ]
    ]
    assert [line for line in section.splitlines() if line.startswith("| ") and " / " in line] == wanted
