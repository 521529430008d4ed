"""The server's sockets, all under CURVE, and who may connect to them (ZAP, ZeroMQ RFC 27)."""

from collections.abc import Callable
from dataclasses import dataclass

import zmq
import zmq.asyncio
from zmq.utils import z85

from pingyi_protocol.keys.transport import TransportKeys
from pingyi_protocol.wire.messages import LARGEST_CLERK_REQUEST, LARGEST_REQUEST
from pingyi_protocol.wording import WordedError
from pingyi_server.gateway.introduction import Introduction

MEETING_DOMAIN = b"meeting"
ENROLMENT_DOMAIN = b"enrolment"
BACKLOG = 4096
HANDSHAKE_MILLISECONDS = 10_000
HEARTBEAT_MILLISECONDS = 5000
"""How often an idle terminal is asked whether it is there; after two more it is let go. One whose cable was pulled
says no goodbye, and would otherwise hold its open file until no more terminals could come."""
QUEUE = 4096
ANSWERS = 64
"""How many answers wait for one terminal; more are dropped. Whoever asks and never reads takes no more memory."""

Admit = Callable[[str], str | None]
"""From a transport key (Z85) to the id of the device that it belongs to, None for a stranger."""


class PortError(WordedError):
    """An address or port that the server cannot listen on."""

    package = "pingyi_server"
    exit_code = 1


@dataclass(frozen=True)
class Sockets:
    """The three sockets of a meeting server, and ``zap`` where the library asks who may connect to them.

    ``introduction`` is the plain port on which it tells its public key.
    """

    meeting: zmq.asyncio.Socket
    broadcast: zmq.asyncio.Socket
    enrolment: zmq.asyncio.Socket
    zap: zmq.asyncio.Socket
    introduction: Introduction

    def close(self) -> None:
        """Give the ports back; what is queued for terminals still has a second to leave."""
        for socket in (self.meeting, self.broadcast, self.enrolment):
            socket.close(linger=1000)
        self.zap.close(linger=0)
        self.introduction.close()


def bind_sockets(context: zmq.asyncio.Context, keys: TransportKeys, address: str, port: int) -> Sockets:
    """Bind meeting, broadcast and enrolment socket and the introduction on ``port`` and the three ports after it.

    PortError when one of them is taken or the address is not this machine's.
    """
    kinds = (
        (zmq.ROUTER, MEETING_DOMAIN, LARGEST_CLERK_REQUEST),
        (zmq.PUB, MEETING_DOMAIN, LARGEST_REQUEST),
        (zmq.ROUTER, ENROLMENT_DOMAIN, LARGEST_REQUEST),
    )
    # whoever knocks waits for its answer; the library lets everybody in while there is nobody to ask
    zap = context.socket(zmq.REP)
    zap.bind("inproc://zeromq.zap.01")
    bound: list[zmq.asyncio.Socket] = []
    for place, (kind, domain, largest) in enumerate(kinds):
        socket = context.socket(kind)
        bound.append(socket)
        socket.curve_server = True
        socket.curve_publickey = keys.public.encode()
        socket.curve_secretkey = keys.secret.encode()
        socket.zap_domain = domain
        socket.zap_enforce_domain = 1
        socket.backlog = BACKLOG
        socket.handshake_ivl = HANDSHAKE_MILLISECONDS
        socket.heartbeat_ivl = HEARTBEAT_MILLISECONDS
        socket.heartbeat_timeout = 2 * HEARTBEAT_MILLISECONDS
        socket.maxmsgsize = largest
        socket.rcvhwm = QUEUE
        socket.sndhwm = QUEUE if kind == zmq.PUB else ANSWERS
        if kind == zmq.ROUTER:
            socket.router_mandatory = True  # else what is dropped is dropped in silence
        socket.ipv6 = ":" in address
        try:
            socket.bind(f"tcp://{f'[{address}]' if ':' in address else address}:{port + place}")
        except zmq.ZMQError as fault:
            for one in (*bound, zap):
                one.close(linger=0)
            raise PortError("serve.port", address=address, port=port + place, fault=fault.strerror) from fault
    try:
        introduction = Introduction(address, port + len(kinds), keys.public)
    except OSError as fault:
        for one in (*bound, zap):
            one.close(linger=0)
        raise PortError("serve.port", address=address, port=port + len(kinds), fault=fault.strerror) from fault
    meeting, broadcast, enrolment = bound
    return Sockets(meeting, broadcast, enrolment, zap, introduction)


async def answer_zap(socket: zmq.asyncio.Socket, admit: Admit) -> None:
    """Answer the library's questions who may connect, until cancelled.

    Everybody reaches the enrolment socket; the meeting's sockets only devices that ``admit`` knows, whose id
    then stands beside every message of theirs as ``User-Id``.
    """
    while True:
        version, request, domain, _address, _identity, _mechanism, *credentials = await socket.recv_multipart()
        user = "newcomer" if domain == ENROLMENT_DOMAIN else None
        if domain == MEETING_DOMAIN and credentials:
            user = admit(z85.encode(credentials[0]).decode())
        code, text = (b"200", b"OK") if user else (b"400", b"not enrolled")
        await socket.send_multipart([version, request, code, text, (user or "").encode(), b""])
