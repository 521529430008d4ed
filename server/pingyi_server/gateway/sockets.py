"""The server's sockets, all under CURVE, and who may connect to them (ZAP, ZeroMQ RFC 27)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import zmq
import zmq.asyncio
from zmq.utils import z85

from pingyi_protocol.keys.transport import TransportKeys
from pingyi_protocol.wire.messages import LARGEST_CLERK_REQUEST, LARGEST_ENROLMENT
from pingyi_protocol.wording import WordedError
from pingyi_server.gateway.introduction import Introduction
from pingyi_server.gateway.limits import Limits

MEETING, BROADCAST, ENROLMENT, OFFICE = "meeting", "broadcast", "enrolment", "office"
"""The names of the sockets; all but the broadcast's are those of their ZAP domains too."""

SUBSCRIPTION = (b"\x01", b"\x00")
"""All that a subscriber ever says (ZeroMQ RFC 29): that it wants everything, and that it leaves."""

LARGEST_SUBSCRIPTION = 1024
"""Bytes."""

SEAL_BYTES = 33
"""What CURVE adds to a frame (RFC 26)."""

BACKLOG = 4096
LOOPBACK = "127.0.0.1"
MILLISECONDS = 1000


class Admission(Enum):
    """What ZAP answers who may not connect: a stranger hears that he is one, who is banned is cut off in silence."""

    STRANGER = (b"400", b"not enrolled")
    BANNED = (b"300", b"later")


Admit = Callable[[str, str, str], str | Admission]
"""From socket (that of the broadcast is the meeting's), transport key (Z85) and IP address to the id of the device."""


class PortError(WordedError):
    """An address or port that the server cannot listen on."""

    package = "pingyi_server"
    exit_code = 1


@dataclass(frozen=True)
class Sockets:
    """The sockets of a meeting server, and ``zap`` where the library asks who may connect to them.

    ``broadcast`` is none of the loop's: a thread sends over it (``Broadcast``). ``office`` is for the clerk's commands
    on this machine, which may be long, and has a port of the moment. ``introduction`` is the plain port on which the
    server tells its public key. ``monitors`` are where the library tells of each socket's connections.
    """

    meeting: zmq.asyncio.Socket
    broadcast: zmq.Socket[bytes]
    enrolment: zmq.asyncio.Socket
    office: zmq.asyncio.Socket
    zap: zmq.asyncio.Socket
    introduction: Introduction
    monitors: dict[str, zmq.Socket[bytes]]

    @property
    def doors(self) -> dict[str, zmq.asyncio.Socket]:
        """The sockets that others ask at, by name."""
        return {MEETING: self.meeting, ENROLMENT: self.enrolment, OFFICE: self.office}

    @property
    def ports(self) -> dict[int, str]:
        """The names of the sockets by their ports."""
        named = {BROADCAST: self.broadcast, **self.doors}
        return {port_of(socket): door for door, socket in named.items()}

    @property
    def office_port(self) -> int:
        """The port of the office on the loopback address."""
        return port_of(self.office)

    def close(self) -> None:
        """Give the ports back; what is queued for terminals still has a second to leave."""
        for socket in (self.broadcast, *self.doors.values()):
            socket.disable_monitor()
            socket.close(linger=1000)
        for monitor in self.monitors.values():
            monitor.close(linger=0)
        self.zap.close(linger=0)
        self.introduction.close()


def bind_sockets(
    context: zmq.asyncio.Context, keys: TransportKeys, address: str, port: int, limits: Limits | None = None
) -> Sockets:
    """Bind meeting, broadcast and enrolment socket and the introduction on ``port`` and the three ports after it.

    PortError when one of them is taken or the address is not this machine's.
    """
    limits = limits or Limits()
    host = f"[{address}]" if ":" in address else address
    # whoever knocks waits for its answer; the library lets everybody in while there is nobody to ask
    zap = context.socket(zmq.REP)
    zap.bind("inproc://zeromq.zap.01")
    plain: zmq.Context[zmq.Socket[bytes]] = zmq.Context.shadow(context.underlying)
    routers = {door: context.socket(zmq.ROUTER) for door in (MEETING, ENROLMENT, OFFICE)}
    broadcast = plain.socket(zmq.XPUB)  # it broadcasts as PUB does, and shows who subscribes to what
    monitors: dict[str, zmq.Socket[bytes]] = {}
    try:
        for place, door in enumerate((MEETING, BROADCAST, ENROLMENT)):
            socket = routers.get(door, broadcast)
            prepare(socket, door, keys, limits)
            monitors[door] = monitored(plain, socket)
            socket.ipv6 = ":" in address
            bind(socket, host, port + place)
        prepare(routers[OFFICE], OFFICE, keys, limits)
        monitors[OFFICE] = monitored(plain, routers[OFFICE])
        bind(routers[OFFICE], LOOPBACK, 0)
        introduction = introduced(address, port + len(routers), keys)
    except PortError:
        for one in (broadcast, *routers.values(), *monitors.values(), zap):
            one.close(linger=0)
        raise
    return Sockets(routers[MEETING], broadcast, routers[ENROLMENT], routers[OFFICE], zap, introduction, monitors)


def monitored(plain: zmq.Context[zmq.Socket[bytes]], socket: zmq.Socket[Any]) -> zmq.Socket[bytes]:
    """Return where the library will tell of a socket's connections, before it is bound: none of them comes unseen."""
    place = f"inproc://connections-{secrets.token_hex(8)}"
    socket.monitor(place, zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
    monitor = plain.socket(zmq.PAIR)
    monitor.rcvhwm = 0  # a full queue would hold up the library
    monitor.connect(place)
    return monitor


def bind(socket: zmq.Socket[Any], host: str, port: int) -> None:
    """Listen there, 0 for any port; PortError when the port is taken or the address is not this machine's."""
    try:
        socket.bind(f"tcp://{host}:{port or '*'}")
    except zmq.ZMQError as fault:
        raise PortError("serve.port", address=host.strip("[]"), port=port, fault=fault.strerror) from fault


def port_of(socket: zmq.Socket[Any]) -> int:
    """Return the port of a bound socket."""
    return int(socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0").rpartition(":")[2])


def introduced(address: str, port: int, keys: TransportKeys) -> Introduction:
    """Listen for those who ask for the server's key; PortError as ``bind`` raises it."""
    try:
        return Introduction(address, port, keys.public)
    except OSError as fault:
        raise PortError("serve.port", address=address, port=port, fault=fault.strerror) from fault


def prepare(socket: zmq.Socket[Any], door: str, keys: TransportKeys, limits: Limits) -> None:
    """Put a socket under CURVE, and hold it to the limits."""
    socket.curve_server = True
    socket.curve_publickey = keys.public.encode()
    socket.curve_secretkey = keys.secret.encode()
    socket.zap_domain = (MEETING if door == BROADCAST else door).encode()
    socket.zap_enforce_domain = 1
    socket.backlog = BACKLOG
    socket.handshake_ivl = int(MILLISECONDS * limits.handshake_seconds)
    # one whose cable was pulled says no goodbye, and would hold its open file until no more terminals could come
    socket.heartbeat_ivl = int(MILLISECONDS * limits.heartbeat_seconds)
    socket.heartbeat_timeout = int(2 * MILLISECONDS * limits.heartbeat_seconds)
    socket.maxmsgsize = largest(door, limits) + SEAL_BYTES
    socket.rcvhwm = limits.queued_requests
    socket.sndhwm = limits.queued_broadcasts if door == BROADCAST else limits.queued_answers
    if door == BROADCAST:
        socket.xpub_verbose = True
    else:
        socket.router_mandatory = True  # else what is dropped is dropped in silence
        socket.router_handover = True  # a terminal that connects again takes the place of its own dead connection


def largest(door: str, limits: Limits) -> int:
    """Return how many bytes a frame to this socket may have; the library cuts whoever sends a longer one."""
    sizes = {BROADCAST: LARGEST_SUBSCRIPTION, ENROLMENT: LARGEST_ENROLMENT, OFFICE: LARGEST_CLERK_REQUEST}
    return sizes.get(door, limits.largest_request)


async def answer_zap(socket: zmq.asyncio.Socket, admit: Admit) -> None:
    """Answer the library's questions who may connect, until cancelled.

    The id of a device that ``admit`` lets in then stands beside every message of its as ``User-Id``.
    """
    while True:
        version, request, domain, address, _identity, _mechanism, *credentials = await socket.recv_multipart()
        found: str | Admission = Admission.STRANGER
        if credentials:
            found = admit(domain.decode(), z85.encode(credentials[0]).decode(), address.decode())
        code, text = found.value if isinstance(found, Admission) else (b"200", b"OK")
        user = b"" if isinstance(found, Admission) else found.encode()
        await socket.send_multipart([version, request, code, text, user, b""])
