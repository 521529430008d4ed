"""Exports of a meeting that a scribe wrote, and their tables read again."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from pypdf import PdfReader

from kit.records import Record, Scribe, fixed_key
from kit.workbooks import opened
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.definition import Language
from pingyi_server.exports.formats import ATTENDANCE, BALLOTS, COMPOSITE, GROUPS, MAKERS, RESULTS, RESULTS_JSON
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import Reader
from pingyi_server.ledger.store import Restored

TABLES = (RESULTS, RESULTS_JSON, BALLOTS, GROUPS, ATTENDANCE, COMPOSITE)
LOG_KEY = public_text(fixed_key("log"))


class Written(Protocol):
    """A record that is finished, and the rows of its cosignatures."""

    @property
    def cosigned(self) -> Sequence[tuple[int, str, str]]: ...

    def finish(self) -> Record: ...


class Memory:
    """A store that holds what a scribe wrote."""

    def __init__(self, scribe: Written) -> None:
        record = scribe.finish()
        self.bodies = list(record.leaves)
        self.heads = [(int(note.split("\n")[1]), note) for note in record.notes]
        self.cosigned = list(scribe.cosigned)
        self.promised = self.heads[-1][0]
        self.copy: Restored | None = None

    def size(self) -> int:
        return self.promised

    def restored(self) -> Restored | None:
        return self.copy

    def notes(self) -> list[tuple[int, str]]:
        return self.heads

    def cosignatures(self) -> list[tuple[int, str, str]]:
        return self.cosigned

    def newest_cosigned(self) -> tuple[int, int]:
        sizes = [row[0] for row in self.cosigned]
        return max(sizes, default=0), sizes.count(max(sizes, default=0))

    def leaves(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        yield from list(enumerate(self.bodies))[first:]


def source_of(scribe: Scribe, language: Language = Language.ENGLISH) -> Source:
    """Return what the files of a meeting are made from."""
    reader = Reader(Memory(scribe), LOG_KEY)
    assert list(reader.leaves())
    return Source(reader.view(), language)


def written(scribe: Scribe, out: Path, names: Iterable[str], language: Language = Language.ENGLISH) -> Source:
    """Write only these files of an export, as quickly as that goes, and return what they were made from."""
    source = source_of(scribe, language)
    out.mkdir(exist_ok=True)
    for name in names:
        content = MAKERS[name](source)
        if content:
            (out / name).write_bytes(content)
    return source


def table(path: Path, heading: str) -> list[dict[str, str]]:
    """Return the rows of an exported table whose header begins with ``heading``."""
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    start = next(place for place, row in enumerate(rows) if row[0] == heading)
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


def first_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines()[:5]


def text_of(path: Path) -> str:
    """Return all that a person reads in an exported file."""
    if path.suffix == ".xlsx":
        cells = (cell for sheet in opened(path) for row in sheet.iter_rows(values_only=True) for cell in row)
        return "\n".join(str(cell) for cell in cells if cell is not None)
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return path.read_text(encoding="utf-8-sig")
