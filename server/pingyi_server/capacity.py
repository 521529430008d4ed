"""Whether this machine has room for so many seats: memory, and connections that wait at the door.

What may be opened at a time is in ``open_files``. Figures that the system does not tell are None, and nothing is said.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pingyi_server.gateway.sockets import BACKLOG
from pingyi_server.open_files import EACH

MIB = 2**20
PROGRAM_BYTES = 256 * MIB
"""What the server holds whoever comes: itself, its libraries, and the charts of an export."""

SEAT_BYTES = 256 * 1024
"""What a seat takes of the server at the most: its two connections, what waits for it, its keys and its ballots."""

SOMAXCONN = Path("/proc/sys/net/core/somaxconn")
MEMINFO = Path("/proc/meminfo")
OWN_GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")


class Shortage(NamedTuple):
    """What there is too little of: the key of what to do, and its values."""

    key: str
    values: Mapping[str, object]


def shortages(people: int) -> Iterator[Shortage]:
    """Yield what this machine has too little of for a meeting of so many people."""
    waiting, wanted = backlog(), backlog_for(people)
    if waiting is not None and waiting < wanted:
        yield Shortage("capacity.backlog", {"limit": waiting, "wanted": wanted, "most": BACKLOG, "people": people})
    free, needed = memory_available(), memory_for(people)
    if free is not None and free < needed:
        yield Shortage("capacity.memory", {"free": free // MIB, "needed": needed // MIB, "people": people})


def backlog_for(people: int) -> int:
    """Return how many connections come at once when everybody comes back, as far as the server lets them wait."""
    return min(BACKLOG, EACH * people)


def memory_for(people: int) -> int:
    """Return the bytes of memory that a server for so many people may come to hold."""
    return PROGRAM_BYTES + SEAT_BYTES * people


def backlog() -> int | None:
    """Return how many connections the system lets wait at a port until a program takes them."""
    text = told(SOMAXCONN)
    return int(text) if text else None


def memory_available() -> int | None:
    """Return the bytes of memory that are there for a new program, within what its group may have."""
    found = re.search(r"^MemAvailable: +(\d+) kB$", told(MEMINFO), re.MULTILINE)
    free = [1024 * int(found[1])] if found else []
    group = re.search(r"^0::/(.*)$", told(OWN_GROUP), re.MULTILINE)
    if group:
        most, used = (told(GROUPS / group[1] / f"memory.{name}").strip() for name in ("max", "current"))
        if most.isdigit() and used.isdigit():
            free.append(int(most) - int(used))
    return min(free, default=None)


def told(file: Path) -> str:
    """Return what the system tells in a file of its own, "" where it does not."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
