"""Two people at a screen: one who uses keys only, and one who only touches what stands there."""

import asyncio
from typing import Protocol

from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot

from kit.screens import plain
from kit.waits import WAIT_SECONDS


class Hands(Protocol):
    """Does what is offered on the screen as ``words``, for which ``keys`` are the keys."""

    async def do(self, app: App[None], pilot: Pilot[None], words: str, *keys: str) -> None:
        """Wait until it is offered, and do it."""


class Keys:
    """Never touches the screen."""

    async def do(self, app: App[None], pilot: Pilot[None], words: str, *keys: str) -> None:
        await until(app, pilot, words)
        await pilot.press(*keys)
        await pilot.pause()


class Touch:
    """Has no keyboard."""

    async def do(self, app: App[None], pilot: Pilot[None], words: str, *_keys: str) -> None:
        await until(app, pilot, words)
        column, row = place_of(plain(app), words)
        await pilot.click(offset=(column, row))
        await pilot.pause()


def place_of(seen: str, words: str) -> tuple[int, int]:
    """Return column and row of the middle of ``words``, where they stand lowest on the screen."""
    rows = seen.split("\n")
    row = max(at for at, text in enumerate(rows) if words in text)
    return cell_len(rows[row][: rows[row].index(words)]) + cell_len(words) // 2, row


async def until(app: App[None], pilot: Pilot[None], words: str) -> None:
    """Wait until the words are on the screen."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while words not in plain(app):
                await pilot.pause(0.02)
    except TimeoutError:
        raise AssertionError(f"{words!r} is not on the screen:\n{plain(app)}") from None
