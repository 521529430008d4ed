"""What is wrong with a meeting file: each finding with its place, what was found and what is wanted."""

from collections.abc import Iterable, Sequence

import msgspec

from pingyi_protocol.hidden import shown
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.text import catalogue

LONGEST_FOUND = 60


class Place(Struct, frozen=True):
    """Where in a file: ``source`` is ``workbook``, ``toml`` or ``file``.

    ``title`` is the sheet's title or the TOML table, ``row`` the row of the sheet or the entry of the table (both from
    1), ``column`` the header or key, ``cell`` the spreadsheet's own name such as ``C12``. What is not known is empty.
    """

    source: str
    file: str
    title: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""

    def describe(self, language: Language) -> str:
        """Return the place in words."""
        if not self.title:
            return self.file
        shape = "column" if self.column else "table"
        if self.row is not None:
            shape = "row_column" if self.column else "row"
        values = {"title": self.title, "row": self.row, "column": self.column, "cell": self.cell}
        return catalogue("pingyi_server", language)(f"imports.place_{self.source}_{shape}", **values)


class FileFinding(Struct, frozen=True):
    """One thing that is wrong with a file; ``code`` and ``values`` say what is wanted (words: ``imports.wanted_*``).

    ``found`` is empty where nothing was there or the file as a whole is meant; ``other`` is the line that this one
    collides with. A value named ``choice`` is the name of a list of words (``workbook.<choice>_*``), ``among`` those of
    them that fit here where not all do (with blanks between), ``kind`` a kind of item.
    """

    place: Place
    code: str
    found: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    other: Place | None = None

    def describe(self, language: Language) -> str:
        """Return the finding as one sentence: where, what was found, what is wanted."""
        words = catalogue("pingyi_server", language)
        values = dict(self.values)
        if "choice" in values:
            among = values.get("among", "").split()
            fitting = [words(f"workbook.{values['choice']}_{one}") for one in among]
            choices = fitting or words_of_choice(values["choice"], language)
            values["choices"] = words("imports.between_choices").join(choices)
        if "kind" in values:
            values["kind"] = words(f"workbook.kind_{values['kind']}")
        wanted = words(f"imports.wanted_{self.code}", **values)
        if self.other is not None:
            wanted = words("imports.with_other", wanted=wanted, other=self.other.describe(language))
        place = self.place.describe(language)
        if not self.found:
            return words("imports.finding_without", place=place, wanted=wanted)
        return words("imports.finding", place=place, found=printable(self.found), wanted=wanted)


def unheard(_warning: FileFinding) -> None:
    """Take a warning that nobody asked for."""


def in_order(findings: Iterable[FileFinding], titles: Sequence[str]) -> list[FileFinding]:
    """Return findings as they stand in the file: those on the whole file first, then by sheet, row and column.

    ``titles`` are the sheets or tables in their order.
    """

    def place(finding: FileFinding) -> tuple[int, int, int, str]:
        where = finding.place
        # a longer name of a cell of the same row is further to the right
        return (titles.index(where.title) if where.title else -1, where.row or 0, len(where.cell), where.cell)

    return sorted(findings, key=place)


class MeetingFileError(Exception):
    """A meeting file cannot be used. ``findings`` holds all that is wrong, never empty."""

    def __init__(self, findings: Sequence[FileFinding]) -> None:
        """Keep the findings; the message is theirs, in English, for logs."""
        super().__init__("\n".join(finding.describe(Language.ENGLISH) for finding in findings))
        self.findings = tuple(findings)

    def describe(self, language: Language) -> list[str]:
        """Return one sentence a finding."""
        return [finding.describe(language) for finding in self.findings]


def words_of_choice(choice: str, language: Language) -> list[str]:
    """Return the words that a column with this list takes, in one language, in the catalogue's order."""
    prefix = f"workbook.{choice}_"
    words = catalogue("pingyi_server", language).words
    return [word for key, word in words.items() if key.startswith(prefix)]


def printable(text: str) -> str:
    """Return ``text`` in one line, short, with characters that do not show written as ``<U+200B>``."""
    line = shown(text.replace("\n", " "))
    return line if len(line) <= LONGEST_FOUND else line[:LONGEST_FOUND] + "..."
