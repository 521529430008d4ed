"""The rows of a CSV file, however a spreadsheet program or another system has written it."""

import codecs
import csv
from io import StringIO

from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place

SEPARATORS = ",\t;"
SNIFFED = 20
"""Rows that tell by which sign the cells are separated."""


def decoded(content: bytes, file: str) -> str:
    """Return the text: UTF-16 as Excel saves "Unicode text", UTF-8, or GB 18030 as Excel in Chinese saves CSV."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MeetingFileError([FileFinding(Place("file", file), "csv_encoding")])


def csv_rows(content: bytes, file: str) -> list[list[str]]:
    """Return the cells of every row, the empty ones too. Raises MeetingFileError for what is no CSV."""
    text = decoded(content, file)
    try:
        # some programs end lines with a return alone
        return list(csv.reader(StringIO(text, newline=None), delimiter=separator(text)))
    except csv.Error:  # a field longer than any word, or a character that no text has
        raise MeetingFileError([FileFinding(Place("file", file), "csv_file")]) from None


def separator(text: str) -> str:
    """Return the sign that stands most often in the first rows; a comma where none does."""
    top = "\n".join(text.splitlines()[:SNIFFED])
    return max(SEPARATORS, key=top.count)
