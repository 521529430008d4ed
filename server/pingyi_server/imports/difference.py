"""What changed between two definitions, in the words of the file: sheet, line, column, old and new."""

from collections.abc import Iterator, Mapping
from typing import Any

from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.text import catalogue
from pingyi_server.imports.columns import SHEETS, Sheet
from pingyi_server.imports.mapping import tables_of

ORDER = ""


class Difference(Struct, frozen=True):
    """One change. ``sheet`` and ``column`` are codes, ``line`` the key of the line (member number, name ...).

    A line that was added has no ``old``, one that was removed no ``new``, and neither a ``column``. With ``line`` empty
    and no ``column`` the lines are the same in another order; ``old`` and ``new`` list their keys.
    """

    sheet: str
    line: str
    column: str | None
    old: str | None
    new: str | None

    def describe(self, language: Language) -> str:
        """Return the change as one line."""
        words = catalogue("pingyi_server", language)
        values = {"sheet": words(f"workbook.sheet_{self.sheet}"), "line": self.line, "old": self.old, "new": self.new}
        if self.column is not None:
            column = words(f"workbook.{self.sheet}_{self.column}")
            key = "imports.changed_fact" if self.sheet == "meeting" else "imports.changed"
            return words(key, **values, column=column)
        if self.line == ORDER:
            return words("imports.reordered", **values)
        return words("imports.added" if self.old is None else "imports.removed", **values)


def difference(old: Definition, new: Definition) -> list[Difference]:
    """Return what changed from ``old`` to ``new``, sheet by sheet; empty when nothing did.

    Both must be sound (``soundness.findings_of``): the keys of their lines do not repeat. Values read as the file
    shows them in the language of the new meeting.
    """
    language = new.meeting.language
    before, after = tables_of(old), tables_of(new)
    return [
        change
        for sheet in SHEETS
        for change in _changes(
            sheet, _keyed(sheet, before[sheet.code], language), _keyed(sheet, after[sheet.code], language)
        )
    ]


Lines = dict[tuple[str, ...], dict[str, str]]


def _keyed(sheet: Sheet, lines: list[dict[str, Any]], language: Language) -> Lines:
    shown = [{column.code: column.text(line[column.code], language) for column in sheet.columns} for line in lines]
    return {tuple(line[code] for code in sheet.key): line for line in shown}


def _changes(sheet: Sheet, old: Lines, new: Lines) -> Iterator[Difference]:
    for key in dict.fromkeys([*new, *old]):
        name = _name(key)
        if key not in old:
            yield Difference(sheet.code, name, None, None, _summary(new[key]))
        elif key not in new:
            yield Difference(sheet.code, name, None, _summary(old[key]), None)
        else:
            yield from _changed_cells(sheet, name, old[key], new[key])
    kept_before = [_name(key) for key in old if key in new]
    kept_after = [_name(key) for key in new if key in old]
    if kept_before != kept_after:
        yield Difference(sheet.code, ORDER, None, ", ".join(kept_before), ", ".join(kept_after))


def _changed_cells(sheet: Sheet, name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for column in sheet.columns:
        if old[column.code] != new[column.code]:
            yield Difference(sheet.code, name, column.code, old[column.code], new[column.code])


def _name(key: tuple[str, ...]) -> str:
    return " / ".join(key)


def _summary(line: Mapping[str, str]) -> str:
    return ", ".join(text.replace("\n", "; ") for text in line.values() if text)
