"""Snapshots of screens: the cells as text, and below them where a colour of the theme says more than plain text does.

The file of a snapshot is read by people: a change of a screen is a change of lines in it. What is drawn by a colour is
named by what the theme calls it, so that neither other tones nor another version of Textual change a snapshot.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.style import Style
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.app import App
from textual.strip import Strip

from kit.screens import plain, strips
from pingyi_terminal.theme import PALETTES

Shows = Callable[..., None]
"""``shows(app, name, *messages)``: the screen holds these messages, and is as its snapshot of this name."""

QUIET = {"foreground", "dim", "chip-text", "background", "panel", "raised", ""}
"""Ink and ground that say nothing."""
MIXED = "mixed"
"""A colour that is none of the theme's."""


class ScreenSnapshots(SingleFileSnapshotExtension):
    """A text file for each snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


def drawn(app: App[Any]) -> str:
    """Return what ``app`` shows: its rows, and of each row the columns that stand out and how."""
    rows = strips(app)
    marks = [f"{place:>3}  {', '.join(found)}" for place, row in enumerate(rows) if (found := list(runs(app, row)))]
    return "\n".join([*plain(app).split("\n"), f"--- {app.theme}, {app.size.width}x{app.size.height}", *marks, ""])


def runs(app: App[Any], row: Strip) -> Iterator[str]:
    """Yield "12-25 accent on panel" for each part of a row that is not plain text."""
    names = {value.upper(): name for name, value in reversed(PALETTES[app.theme].items())}
    cells = [
        look(names, style, character)
        for text, style, _ in row
        for character in text
        for _ in range(cell_len(character))
    ]
    column = 0
    for what, same in groupby(cells):
        length = len(list(same))
        if what:
            yield f"{column}-{column + length - 1} {what}"
        column += length


def look(names: dict[str, str], style: Style | None, character: str) -> str:
    """Return how a cell stands out, "" where it does not."""
    if style is None:
        return ""

    def name(colour: Any) -> str:
        if colour is None or colour.is_default:
            return ""
        return names.get(colour.get_truecolor().hex.upper(), MIXED)

    ink, ground = name(style.color) if character.strip() else "", name(style.bgcolor)
    said = [ink] if ink not in QUIET else []
    said += [f"on {ground}"] if ground not in QUIET else []
    said += [word for word, on in (("struck", style.strike), ("reversed", style.reverse)) if on]
    return " ".join(said)


def screen_snapshots(snapshot: SnapshotAssertion) -> Shows:
    """Return what compares a screen with its snapshot, and looks for its messages first."""
    pictures = snapshot.use_extension(ScreenSnapshots)

    def shows(app: App[Any], name: str, *messages: str) -> None:
        seen = plain(app)
        assert messages, "a picture alone says nothing about its words"
        assert [text for text in messages if text not in seen] == [], seen
        # a wide character counts two, also where a text was cut
        assert {cell_len(row.text) for row in strips(app)} == {app.size.width}
        assert drawn(app) == pictures(name=name)

    return shows
