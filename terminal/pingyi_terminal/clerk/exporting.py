"""The page of exports: which files there are, and where the export stands that was asked for last. Pure."""

from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.office import Exporting
from pingyi_terminal.clerk.situation import Situation
from pingyi_terminal.clerk.table import Cell, Column

FILES = (
    "minutes",
    "slips",
    "workbook",
    "bulletin",
    "results",
    "ballots",
    "groups",
    "attendance",
    "composite",
    "record",
)
"""What an export writes; each is named and explained by the catalogue."""

Row = tuple[Cell, ...]


def exports(words: Catalogue, situation: Situation) -> tuple[tuple[Column, ...], tuple[Row, ...], int, str]:
    """Return what an export writes, and where the one stands that was asked for last, with its whole path."""
    columns = (Column(words("clerk.column_export"), 18), Column("", 0))
    one = situation.desk.exporting if situation.desk is not None else None
    rows = [file_row(words, name, one) for name in FILES]
    if one is None:
        return columns, tuple(rows), 0, words("clerk.export_where")
    share = 100 * one.done // max(1, one.total)
    said, ink, under = words("clerk.export_running", share=share), "accent", one.folder
    if one.fault:
        said, ink, under = words("clerk.export_failed"), "warning", one.fault.get(words.language.value, "")
    elif one.unmade:
        # one reason in most cases: a font or a program that the machine lacks
        why = next(iter(one.unmade.values())).get(words.language.value, "")
        said, ink, under = words("clerk.export_partly"), "warning", f"{one.folder}\n{why}"
    elif one.finished:
        said, ink = words("clerk.export_done"), "ok"
    short = "/".join(one.folder.split("/")[-2:])
    rows += [(Cell(""), Cell("")), (Cell(said, ink, bold=True), Cell("" if one.fault else short, bold=True))]
    return columns, tuple(rows), len(rows) - 1, under


def file_row(words: Catalogue, name: str, one: Exporting | None) -> Row:
    """Return the row of one file; one that could not be made says so."""
    file = words(f"clerk.file_{name}")
    if one is not None and file in one.unmade:
        return Cell(file, "warning", bold=True), Cell(words("clerk.export_unmade"), "warning")
    return Cell(file, bold=True), Cell(words(f"clerk.file_{name}_means"), "dim")
