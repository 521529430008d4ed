"""Cards as files: one PDF to print and cut, and a picture of each card; all of them private, whole or not there."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.record.progress import Progress
from pingyi_protocol.wording import WordedError
from pingyi_server.cards.card import texts
from pingyi_server.typesetting.fonts import SANS, MissingGlyphsError, families_for, listed
from pingyi_server.typesetting.setting import pdf, pictures, template

PDF = "cards.pdf"
PIXELS_AN_INCH = 200
AT_ONCE = 24
"""Pictures that are drawn together; more of them would only take more memory."""


class CardsError(WordedError):
    """The cards cannot be made; the text says what to do."""

    package = "pingyi_server"


def check_glyphs(data: dict[str, Any]) -> tuple[str, ...]:
    """Return the fonts for these cards; CardsError names characters that no font has, and on whose cards they are."""
    try:
        return families_for(set().union(*texts(data)), SANS)
    except MissingGlyphsError as fault:
        whose = [one["name"] for one in data["cards"] if fault.missing & set(one["name"])]
        if not whose:
            raise
        raise CardsError("cards.missing", characters=listed(fault.missing), names=", ".join(whose)) from fault


def card_files(data: dict[str, Any], families: tuple[str, ...], progress: Progress) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each file: the PDF, then the pictures in the order of the cards."""
    source = template("pingyi_server.cards", "cards.typ")
    filled, cards = {**data, "families": families}, data["cards"]
    yield PDF, pdf(source, {**filled, "single": False})
    names = names_of(data)[1:]
    for start in range(0, len(cards), AT_ONCE):
        some = {**filled, "single": True, "cards": cards[start : start + AT_ONCE]}
        yield from zip(names[start : start + AT_ONCE], pictures(source, some, PIXELS_AN_INCH), strict=True)
        progress(min(start + AT_ONCE, len(cards)), len(cards))


def names_of(data: dict[str, Any]) -> list[str]:
    """Return the names of the files: the PDF's, and of each card its place, seat, number and role."""
    stems = (
        "-".join((f"{place:04}", *(re.sub(r"[^\w-]", "_", part) for part in card["file"] if part)))
        for place, card in enumerate(data["cards"], start=1)
    )
    return [PDF, *(f"{stem}.png" for stem in stems)]


@contextmanager
def files_in(folder: Path, names: Sequence[str], *, force: bool) -> Iterator[Path]:
    """Give a folder to write files of these names into with ``write_private``; after the block they are in ``folder``.

    CardsError, before anything is done, when one is there already and not ``force``. Nothing is left of a block that
    failed. Raises OSError.
    """
    standing = [folder / name for name in names if (folder / name).exists()]
    if standing and not force:
        raise CardsError("cards.exists", file=standing[0])
    with tempfile.TemporaryDirectory(dir=folder, prefix=".cards-") as aside:
        yield Path(aside)
        for name in names:
            (Path(aside) / name).replace(folder / name)
    sync_folder(folder)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that its owner only can read, on the disk when this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def take_back(folder: Path, names: Sequence[str]) -> None:
    """Remove cards that no code was issued for."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
