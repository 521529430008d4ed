"""How a cell of a file of evidence becomes a score or a count: percent signs, units, thousands, full-width digits."""

import re
from decimal import Decimal

from pingyi_server.imports.evidence_headings import listed
from pingyi_server.imports.grids import Cell, Percentage
from pingyi_server.imports.values import Raw, UnreadableError, Unusable, decimal_of, halfwidth

THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")


def score_of_cell(cell: Cell) -> Decimal:
    """Return a score as it is written, ``95.5``, ``95.5%`` or ``95.5分``; UnreadableError where it is none."""
    if not isinstance(cell, str):
        return decimal_of(usable(cell))
    return decimal_of(without_unit(halfwidth(cell).strip(), "units_score"))


def count_of_cell(cell: Cell) -> int:
    """Return a count, ``1234``, ``1,234`` or ``1234件``; UnreadableError for a share, and what else is no count."""
    if isinstance(cell, Percentage):
        raise UnreadableError("count_not_share")
    if isinstance(cell, str):
        written = without_unit("".join(halfwidth(cell).split()), "units_count")
        if written.endswith("%"):
            raise UnreadableError("count_not_share")
        number = decimal_of(written.replace(",", "") if THOUSANDS.fullmatch(written) else written)
    else:
        number = decimal_of(usable(cell))
    if number != number.to_integral_value():
        raise UnreadableError("whole_number")
    return int(number)


def usable(cell: Cell) -> Raw:
    """Return what a cell holds; UnreadableError where the spreadsheet program could not say."""
    if isinstance(cell, Unusable):
        raise UnreadableError(cell.code)
    return cell


def without_unit(text: str, units: str) -> str:
    """Return the text without the unit at its end."""
    unit = next((one for one in listed(units) if text.casefold().endswith(one)), "")
    return text[: len(text) - len(unit)].rstrip()
