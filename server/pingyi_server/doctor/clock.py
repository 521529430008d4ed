"""The machine's clock: whether the system holds it to others, whether it jumps, and whether it has gone back."""

import ctypes
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pingyi_server.doctor.finding import Area, Finding, good, look, mend

UNSYNCHRONISED = 5
"""What Linux returns then (adjtimex(2), TIME_ERROR)."""

JUMP_SECONDS = 0.1
SLACK = timedelta(seconds=1)


class Timex(ctypes.Structure):
    """What adjtimex(2) fills in, as far as it is read here; the rest is room for the others."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("greatest_error", ctypes.c_long),
        ("rest", ctypes.c_byte * 256),
    )


class Clocks:
    """Both clocks of the machine at one moment, so that a later look shows a jump between them."""

    def __init__(self) -> None:
        """Look at them."""
        self.apart = time.time() - time.monotonic()

    def jumped(self) -> float:
        """Return by how many seconds the wall clock was set since then."""
        return time.time() - time.monotonic() - self.apart


def synchronised() -> float | None:
    """Return by how many milliseconds the clock may be wrong, by what the system says; None where nothing holds it."""
    if sys.platform != "linux":
        return None
    asked = Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    return None if state in (-1, UNSYNCHRONISED) else asked.greatest_error / 1000


def clock_findings(clocks: Clocks, newest: str) -> Iterator[Finding]:
    """Yield what is to be said of the clock; ``newest`` is the label of the record's last entry, "" without one."""
    now = datetime.now(UTC)
    error = synchronised()
    shown = now.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    if error is None:
        yield look(Area.CLOCK, "doctor.clock_alone", now=shown)
    else:
        yield good(Area.CLOCK, "doctor.clock_held", now=shown, error=f"{error:.0f}")
    if abs(clocks.jumped()) > JUMP_SECONDS:
        yield look(Area.CLOCK, "doctor.clock_jumped", seconds=f"{clocks.jumped():+.1f}")
    if newest and now + SLACK < datetime.fromisoformat(newest):
        yield mend(Area.CLOCK, "doctor.clock_behind", now=shown, newest=newest)
