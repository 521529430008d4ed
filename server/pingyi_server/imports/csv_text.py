"""The rows of a CSV file, however a spreadsheet program or another system has written it."""

import codecs
import csv
from io import StringIO
from itertools import islice

from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place
from pingyi_server.imports.grids import HEADER_ROWS, MOST_ROWS

SEPARATORS = ",\t;"
SNIFFED = 4096
"""Characters that tell by which sign the cells are separated."""

LARGEST_CSV = 8 * 2**20
MOST_CSV_ROWS = MOST_ROWS + HEADER_ROWS


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
    """Return the cells of every row, the empty ones too; MeetingFileError for what is no CSV, and for too many."""
    if len(content) > LARGEST_CSV:
        raise MeetingFileError([FileFinding(Place("file", file), "smaller_file")])
    text = decoded(content, file)
    try:
        # some programs end lines with a return alone
        reader = csv.reader(StringIO(text, newline=None), delimiter=separator(text))
        rows = list(islice(reader, MOST_CSV_ROWS + 1))
    except csv.Error:  # a field longer than any word, or a character that no text has
        raise MeetingFileError([FileFinding(Place("file", file), "csv_file")]) from None
    if len(rows) > MOST_CSV_ROWS:
        place = Place("csv", file, file, len(rows))
        raise MeetingFileError([FileFinding(place, "fewer_rows", values={"most": str(MOST_CSV_ROWS)})])
    return rows


def separator(text: str) -> str:
    """Return the sign that stands most often at the beginning; a comma where none does."""
    return max(SEPARATORS, key=text[:SNIFFED].count)
