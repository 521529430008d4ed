"""How far a verification has come: one measure over all of its work, in shares of what each part takes."""

from collections.abc import Callable
from enum import IntEnum
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Told how much of how much is done."""


class Share(IntEnum):
    """What one leaf, or one cosignature, costs in a part of the work; measured with scripts/benchmark."""

    FOLLOW = 24
    RECOUNT = 4
    COSIGNATURE = 12
    SUMMARY = 1


def silent(_done: int, _total: int) -> None:
    """Show no progress."""


class Work:
    """Work of ``total`` shares, one part after the other, told as one to ``progress``."""

    def __init__(self, progress: Progress, total: int) -> None:
        """Begin with nothing done."""
        self.progress = progress
        self.total = total
        self.begun = 0

    def part(self, share: int) -> Progress:
        """Begin the next part, ``share`` of the total, and return what it tells how much of itself is done."""
        begun, self.begun = self.begun, self.begun + share

        def tell(done: int, total: int) -> None:
            self.progress(begun + share * done // total, self.total)

        return tell
