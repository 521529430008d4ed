"""The meeting's ports: free, taken by its own server, or by whom else; and whether its addresses are this machine's."""

import errno
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pingyi_server.capacity import told
from pingyi_server.doctor.finding import Area, Finding, good, look, mend

PORTS = 4
PROCESSES = Path("/proc")
LISTENING = "0A"
ANYWHERE = "0.0.0.0"  # noqa: S104 - the server may listen everywhere


class Holder(NamedTuple):
    """A process that listens on a port."""

    pid: int
    name: str


def port_findings(first: int, addresses: tuple[str, ...], *, ours: bool, planned: bool) -> Iterator[Finding]:
    """Yield what is to be said of a meeting's four ports and addresses.

    ``ours``: its own server runs on them now. ``planned``: they are a meeting's; else they are only those that a new
    meeting has.
    """
    last = first + PORTS - 1
    taken = [port for port in range(first, first + PORTS) if is_taken(port)]
    if ours and len(taken) == PORTS:
        yield good(Area.PORTS, "doctor.ports_ours", first=first, last=last)
    elif not taken:
        yield good(Area.PORTS, "doctor.ports_free", first=first, last=last)
    held: dict[Holder | None, list[str]] = {}
    for port in taken if not ours else ():
        held.setdefault(holder_of(port), []).append(str(port))
    for holder, ports in held.items():
        key = "doctor.ports_taken" if holder else "doctor.ports_taken_unseen"
        values = {"ports": ", ".join(ports), "pid": holder.pid if holder else "", "name": holder.name if holder else ""}
        yield mend(Area.PORTS, key, **values) if planned else look(Area.PORTS, key, **values)
    for address in addresses if planned else ():
        if not is_ours(address):
            yield look(Area.PORTS, "doctor.ports_address", address=address)


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port of this machine, at any of its addresses."""
    with socket.socket() as trial:
        # as the server does: a connection that ended a minute ago is in nobody's way
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ANYWHERE, port))
        except OSError as fault:
            return fault.errno == errno.EADDRINUSE
    return False


def is_ours(address: str) -> bool:
    """Whether an IP address belongs to this machine; a host name is not looked up, and taken to be right."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return True
    with socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6) as trial:  # noqa: PLR2004 - of IP
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True


def holder_of(port: int) -> Holder | None:
    """Return who listens on a port, None where that is another user's and not for us to see (proc(5), net/tcp)."""
    sought = {f"socket:[{inode}]" for inode in sockets_on(port)}
    for process in sorted(PROCESSES.glob("[0-9]*")):
        if sought.intersection(open_files(process)):
            command = told(process / "cmdline").replace("\0", " ").strip()
            return Holder(int(process.name), command or told(process / "comm").strip())
    return None


def open_files(process: Path) -> Iterator[str]:
    """Yield what a process has open, as the system names it; nothing where that is not for us to see."""
    with suppress(OSError):
        for file in (process / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                yield str(file.readlink())


def sockets_on(port: int) -> Iterator[str]:
    """Yield the numbers of the sockets that listen on a port."""
    for table in ("tcp", "tcp6"):
        for entry in told(PROCESSES / "net" / table).splitlines()[1:]:
            _, local, _, state, *rest = entry.split()
            if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                yield rest[5]
