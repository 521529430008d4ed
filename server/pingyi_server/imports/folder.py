"""The meeting file of a meeting's folder."""

from collections.abc import Callable
from pathlib import Path

from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place, unheard
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.toml_file import read_toml
from pingyi_server.imports.workbook import read_workbook

WORKBOOK_NAME = "meeting.xlsx"
TOML_NAME = "meeting.toml"
# what a spreadsheet program may have saved instead
OTHER_NAMES = ("meeting.xls", "meeting.et", "meeting.csv", "meeting.ods", "meeting.xlsm", "meeting.xlsb")


def read_meeting_folder(folder: Path, warn: Callable[[FileFinding], None] = unheard) -> MeetingFile:
    """Read ``meeting.xlsx`` or ``meeting.toml`` in ``folder``; ``warn`` is told what is odd but no error.

    Raises MeetingFileError with everything that is wrong: no file, both files, or all findings in the one there is.
    """
    workbook, toml = folder / WORKBOOK_NAME, folder / TOML_NAME
    if workbook.is_file() and toml.is_file():
        raise MeetingFileError([FileFinding(Place("file", str(folder)), "one_file")])
    if not workbook.is_file() and not toml.is_file():
        others = [name for name in OTHER_NAMES if (folder / name).is_file()]
        code = "saved_as_xlsx" if others else "meeting_file"
        raise MeetingFileError([FileFinding(Place("file", str(folder)), code, ", ".join(others))])
    path, read = (workbook, read_workbook) if workbook.is_file() else (toml, read_toml)
    try:
        return read(path, warn)
    except OSError as error:
        raise MeetingFileError([FileFinding(Place("file", str(path)), "readable", error.strerror or "")]) from error
