"""The disk under a folder: room, what kind it is, and how long it takes to have a ballot safe."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pingyi_server.capacity import MIB, told
from pingyi_server.doctor.finding import Area, Finding, State, good, look, mend
from pingyi_server.flushing import flush_times

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph"})
MEMORY = frozenset({"tmpfs", "ramfs"})

LEAST_ROOM, GOOD_ROOM = 256 * MIB, 1024 * MIB
BALLOT_BYTES = 16 * 1024
"""What a ballot takes on the disk: its entry, the tables that people query, the log, and a backup; rather more."""

FLUSHES = 40
SLOW, TOO_SLOW = 20.0, 200.0
"""Milliseconds of half of the flushes: above the one a full hall notices, above the other every member does."""

BURST = 3
"""How many flushes the last of a burst waits for: that of the first ballots, of those meanwhile, and its own."""


def disk_findings(folder: Path, ballots: int) -> Iterator[Finding]:
    """Yield what is to be said of the disk that ``folder`` is on, for so many ballots."""
    kind = file_system(folder)
    if kind in NETWORK:
        yield mend(Area.DISK, "doctor.disk_network", kind=kind, folder=folder)
    if kind in MEMORY:
        yield mend(Area.DISK, "doctor.disk_memory", kind=kind, folder=folder)
    yield room(shutil.disk_usage(folder).free, LEAST_ROOM + BALLOT_BYTES * ballots)
    try:
        times = flush_times(folder, FLUSHES)
    except OSError as fault:
        yield mend(Area.DISK, "doctor.disk_unwritable", folder=folder, fault=fault.strerror)
    else:
        yield flushing(times)


def room(free: int, needed: int) -> Finding:
    """Say how much room there is beside what the meeting may need, in bytes."""
    values = {"free": free // MIB, "needed": needed // MIB}
    if free < needed:
        return mend(Area.DISK, "doctor.disk_full", **values)
    if free < max(GOOD_ROOM, 2 * needed):
        return look(Area.DISK, "doctor.disk_small", **values)
    return good(Area.DISK, "doctor.disk_room", **values)


def flushing(times: list[float]) -> Finding:
    """Say what these flushes, in milliseconds, mean for a hall in which everybody presses at once."""
    half = median(times)
    state = State.GOOD if half <= SLOW else State.LOOK if half <= TOO_SLOW else State.MEND
    key = {
        State.GOOD: "doctor.disk_quick",
        State.LOOK: "doctor.disk_slow",
        State.MEND: "doctor.disk_too_slow",
    }[state]
    values = {"half": f"{half:.1f}", "worst": f"{max(times):.1f}", "burst": f"{BURST * half:.1f}", "count": len(times)}
    return Finding(Area.DISK, state, key, values)


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder is on, "" where the system does not tell (proc(5), mountinfo)."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for entry in told(MOUNTS).splitlines():
        about, _, source = entry.partition(" - ")
        if about.split()[2] == number:
            return source.split()[0]
    return ""
