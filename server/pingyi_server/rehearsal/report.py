"""What a rehearsal found, in words for the clerk."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from pingyi_protocol.text import Catalogue
from pingyi_server.bench.figures import percentile
from pingyi_server.rehearsal.rehearsing import Rehearsed

SHARES = (0.5, 0.99, 1.0)
GAP = 2

UNNOTICED = 250.0
"""Milliseconds that nobody takes for waiting after a key."""


def lines(found: Rehearsed, words: Catalogue) -> Iterator[str]:
    """Yield the lines of the report."""
    turnout = f"{100 * found.counted / found.due:.1f}" if found.due else "0"
    yield words("rehearse.turnout", rounds=found.rounds, counted=found.counted, due=found.due, turnout=turnout)
    yield words("rehearse.waits")
    rows = [("", *(words(f"rehearse.{key}") for key in ("half", "nearly_all", "slowest")))]
    named = (("check_in", found.check_ins), ("ballot", found.ballots), ("announcement", found.announcements))
    rows += [(words(f"rehearse.{key}"), *waits(times, words)) for key, times in named if times]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        placed = (" " * (GAP + width - cell_len(one)) + one for one, width in zip(cells, widths[1:], strict=True))
        yield f"  {name}{' ' * (widths[0] - cell_len(name))}{''.join(placed)}"
    yield words("rehearse.short" if found.longest <= UNNOTICED else "rehearse.long")
    yield words(f"rehearse.bound_{found.bound()}", flush=f"{found.flush:.1f}", cores=found.cores)
    yield words(
        "rehearse.used", memory=f"{found.memory:.0f}", server=f"{found.server:.1f}", members=f"{found.members:.1f}"
    )


def waits(times: Sequence[float], words: Catalogue) -> tuple[str, ...]:
    """Return the wait of half, of 99 in 100, and of the slowest."""
    return tuple(words("rehearse.wait", milliseconds=f"{percentile(times, share):.0f}") for share in SHARES)
