"""A file that is no workbook gets a clear word before anything parses it."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kit.factories import small_definition
from kit.meeting_files import FILE, findings_in
from pingyi_protocol.meeting.definition import Language
from pingyi_server.imports import container
from pingyi_server.imports.findings import MeetingFileError
from pingyi_server.imports.folder import read_meeting_folder
from pingyi_server.imports.grids import MOST_COLUMNS, _grid, _rows
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of

SMALL = small_definition()
WORKBOOK = workbook_of(SMALL, Language.CHINESE)
OLE = container.OLE_MAGIC + bytes(504)


def zipped(parts: dict[str, bytes]) -> bytes:
    saved = BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return saved.getvalue()


def encrypted_zip() -> bytes:
    content = bytearray(zipped({"xl/workbook.xml": b"x"}))
    # bit 0 of the flags in the central directory (APPNOTE 4.4.4)
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


WRONG = {
    "not_old_xls": OLE,
    "not_encrypted": OLE + "EncryptedPackage".encode("utf-16-le"),
    "not_text_file": "编号,姓名\r\n1,王\r\n".encode("gbk"),
    "workbook_file": zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
    "not_empty_file": b"",
    "undamaged": WORKBOOK[: len(WORKBOOK) // 2],
    "smaller_file": zipped({"xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": bytes(container.LARGEST_UNPACKED + 1)}),
}


@pytest.mark.parametrize("code", WRONG)
def test_each_wrong_kind_of_file_has_its_word(code: str) -> None:
    (finding,) = findings_in(WRONG[code])
    assert (finding.code, finding.place.file) == (code, FILE)
    assert finding.describe(Language.CHINESE).startswith(f"{FILE}：")
    assert finding.describe(Language.ENGLISH).startswith(f"{FILE}: ")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (encrypted_zip(), "not_encrypted"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "workbook_file"),
        (zipped({"xl/workbook.xml": b"not xml"}), "undamaged"),
        (zipped({f"xl/{part}": b"" for part in range(2001)}), "smaller_file"),
    ],
)
def test_other_unusable_files(content: bytes, code: str) -> None:
    assert [finding.code for finding in findings_in(content)] == [code]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(WORKBOOK) - 1), st.integers(1, 255))
def test_a_damaged_byte_gives_findings_or_a_meeting_but_never_another_error(place: int, flip: int) -> None:
    damaged = bytearray(WORKBOOK)
    damaged[place] ^= flip
    try:
        meeting_of_workbook(bytes(damaged), FILE)
    except MeetingFileError as error:
        assert error.findings  # noqa: PT017 - either outcome is right, a third is not


def codes_in(folder: Path) -> list[str]:
    with pytest.raises(MeetingFileError) as caught:
        read_meeting_folder(folder)
    assert all(len(caught.value.describe(language)) == len(caught.value.findings) for language in Language)
    return [finding.code for finding in caught.value.findings]


def test_a_folder_with_either_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "meeting.xlsx").write_bytes(WORKBOOK)
    # the lock file that Excel leaves beside an open workbook
    (tmp_path / "~$meeting.xlsx").write_bytes(b"clerk")
    assert read_meeting_folder(tmp_path) == (SMALL, ())
    (tmp_path / "meeting.xlsx").unlink()
    (tmp_path / "meeting.toml").write_bytes(toml_of(SMALL))
    assert read_meeting_folder(tmp_path) == (SMALL, ())


def test_a_folder_with_both_files_none_or_another_kind_is_refused(tmp_path: Path) -> None:
    assert codes_in(tmp_path) == ["meeting_file"]
    assert codes_in(tmp_path / "nowhere") == ["meeting_file"]
    (tmp_path / "meeting.xls").write_bytes(OLE)
    assert codes_in(tmp_path) == ["saved_as_xlsx"]
    (tmp_path / "meeting.xlsx").write_bytes(WORKBOOK)
    (tmp_path / "meeting.toml").write_bytes(toml_of(SMALL))
    assert codes_in(tmp_path) == ["one_file"]


def test_a_workbook_beyond_any_meeting_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "meeting.xlsx"
    with path.open("wb") as file:
        file.truncate(container.LARGEST_FILE + 1)
    assert codes_in(tmp_path) == ["smaller_file"]


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_a_small_file_of_very_many_texts_is_not_opened(monkeypatch: pytest.MonkeyPatch, prefix: bytes) -> None:
    monkeypatch.setattr(container, "MOST_STRINGS", 1000)
    texts = {"xl/workbook.xml": b"x", "xl/any.xml": b"<" + prefix + b"si/>"}
    texts["xl/any.xml"] *= 1001
    assert [one.code for one in findings_in(zipped(texts))] == ["smaller_file"]
    monkeypatch.setattr(container, "MOST_STRINGS", 1001)
    assert [one.code for one in findings_in(zipped(texts))] != ["smaller_file"]


def test_a_cell_far_to_the_right_or_below_fills_no_rows_up_to_it() -> None:
    book = Workbook()
    sheet = book.create_sheet("far")
    sheet["A1"], sheet["XFD2"], sheet["B50000"] = "left", "right", "below"
    saved = BytesIO()
    book.save(saved)
    opened = [load_workbook(BytesIO(saved.getvalue()), read_only=True)["far"] for _ in range(2)]
    assert {len(row) for row in _rows(opened[0])} == {MOST_COLUMNS}
    assert _grid(*opened) == {1: {1: "left"}, 50000: {2: "below"}}
