"""How far a verification has come: one measure over all of its work, in shares of what each part takes."""

import os
from collections.abc import Callable
from enum import IntEnum
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Told how much of how much is done."""


class Share(IntEnum):
    """What one leaf, cosignature, or bit of a secret ballot costs in a part of the work; see scripts/benchmark."""

    FOLLOW = 24
    PROOF = 120
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


PROOF_SHARE = max(1, Share.PROOF // (os.cpu_count() or 1))
"""What a bit costs where all cores check."""


class Pace:
    """Tells how far the following has come: so many leaves, and so many bits of secret ballots."""

    def __init__(self, progress: Progress, total: int) -> None:
        """Begin with nothing done of ``total`` shares."""
        self.progress = progress
        self.total = total
        self.leaves = self.bits = 0

    def leaf(self) -> None:
        """One more leaf was followed."""
        self.leaves += 1
        self.tell()

    def proofs(self, bits: int) -> None:
        """The proofs of so many more bits were checked."""
        self.bits += bits
        self.tell()

    def tell(self) -> None:
        """Tell it; the bits were only estimated, and what is behind this part is not done yet."""
        done = self.leaves * Share.FOLLOW + self.bits * PROOF_SHARE
        self.progress(min(done, self.total), self.total)
