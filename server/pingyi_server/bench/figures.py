"""What a measurement found: figures beside what they are held against, and the machine that they were found on."""

import math
import os
import platform
import resource
import sqlite3
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

import msgspec
import zmq

RATE = "1/s"
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Figure(msgspec.Struct, frozen=True):
    """One figure in its unit.

    ``against`` is what the same run measured beside it, ``ratio`` the one by the other. ``goal`` is the ratio that is
    good enough, or where there is nothing to hold it against the value itself: the least of a rate, of all else the
    greatest. ``met`` says whether it is. What there is nothing to say of is None.
    """

    name: str
    value: float
    unit: str
    against: float | None = None
    ratio: float | None = None
    goal: float | None = None
    met: bool | None = None


class Rounds(msgspec.Struct, frozen=True):
    """What the rounds of a measurement found: ``values``, and beside each what it is held ``against``, if anything.

    ``beside`` is the catalogue's key of what that is. ``goal`` is as in ``Figure``.
    """

    name: str
    unit: str
    values: list[float]
    against: list[float] = []
    beside: str = ""
    goal: float | None = None

    @property
    def rate(self) -> bool:
        """Whether more is better."""
        return self.unit == RATE

    @property
    def ratios(self) -> list[float]:
        """What each round's value is by what stood beside it in the same round."""
        return [value / max(other, 1e-9) for value, other in zip(self.values, self.against, strict=True)]

    def figure(self) -> Figure:
        """Return the round in the middle, by its ratio where there is one."""
        held = self.ratios if self.against else self.values
        middle = sorted(range(len(held)), key=held.__getitem__)[(len(held) - 1) // 2]
        met = None
        if self.goal is not None:
            met = held[middle] >= self.goal if self.rate else held[middle] <= self.goal
        against, ratio = (self.against[middle], held[middle]) if self.against else (None, None)
        return Figure(self.name, self.values[middle], self.unit, against, ratio, self.goal, met)


class Found(msgspec.Struct):
    """What a measurement found: lines about how (keys of the catalogue with their values), and its figures."""

    how: list[tuple[str, dict[str, str]]]
    rounds: list[Rounds]

    def figures(self) -> list[Figure]:
        """Return the figures."""
        return [one.figure() for one in self.rounds]


def held_against(name: str, value: float, unit: str, against: float, goal: float) -> Figure:
    """Return a figure that should be at most ``goal`` times the other."""
    ratio = value / against
    return Figure(name, value, unit, against, ratio, goal, ratio <= goal)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least of the values that at least this share of them does not exceed (the nearest-rank method)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def spread(values: Sequence[float]) -> str:
    """Return the median, and the least and the greatest behind it."""
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def machine() -> str:
    """Return in a line what this machine and its libraries are."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("pyzmq", "pynacl", "msgspec"))
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return (
        f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} x {processor()}, "
        f"Python {platform.python_version()}, {libraries}, libzmq {zmq.zmq_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {files} files at most"
    )


def processor() -> str:
    """Return the name of the processor, as far as the system tells."""
    facts = Path("/proc/cpuinfo")
    text = facts.read_text() if facts.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or sys.platform


def processor_seconds(pid: int) -> float:
    """Return how long this process has computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def memory(pid: int) -> float:
    """Return how much of the machine's memory this process holds now, in MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
