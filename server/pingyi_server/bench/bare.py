"""What the server is held against, with nothing of ours in it: bare sockets in a process of their own, bare checks."""

import asyncio
import os
import time
from statistics import median

import msgspec
import nacl.bindings
import zmq
import zmq.asyncio
from nacl.signing import SigningKey

from pingyi_protocol.client.session import BROADCAST_OFFSET
from pingyi_protocol.keys.transport import TransportKeys
from pingyi_protocol.meeting.struct import Struct
from pingyi_server.bench.stage import LOOPBACK
from pingyi_server.bench.workers import lines, say
from pingyi_server.gateway.sockets import BACKLOG, Admission, answer_zap
from pingyi_server.simulation import allow_sockets

UNBOUNDED = 0


class BarePlan(Struct, frozen=True):
    """Where and with which keys to listen, whom to let in (their transport keys), and what to answer."""

    port: int
    keys: TransportKeys
    known: tuple[str, ...]
    answer: str


class Publish(Struct, frozen=True):
    """Listen, where that was not done before, and send a message of so many bytes to all subscribers, 0 for none."""

    bytes: int


class Published(msgspec.Struct):
    """The moment when it listened, or from which on it sent (monotonic, seconds)."""

    at: float


async def serve() -> None:
    """Let in, echo and publish, as the plan and the orders on standard input say."""
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=BarePlan)
    allow_sockets(len(plan.known))
    with zmq.asyncio.Context() as context:
        await anext(orders)
        zap = context.socket(zmq.REP)
        zap.bind("inproc://zeromq.zap.01")
        router, publisher = bound(context, zmq.ROUTER, plan, 0), bound(context, zmq.PUB, plan, BROADCAST_OFFSET)
        known = frozenset(plan.known)
        tasks = [
            asyncio.create_task(answer_zap(zap, lambda _, key, __: key if key in known else Admission.STRANGER)),
            asyncio.create_task(echo(router, plan.answer.encode())),
        ]
        say(Published(time.monotonic()))
        async for line in orders:
            order = msgspec.json.decode(line, type=Publish)
            at = time.monotonic()
            if order.bytes:
                await publisher.send(bytes(order.bytes))
            say(Published(at))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        context.destroy(linger=0)


def bound(context: zmq.asyncio.Context, kind: int, plan: BarePlan, offset: int) -> zmq.asyncio.Socket:
    """Return a socket under CURVE that listens."""
    socket = context.socket(kind)
    socket.curve_server = True
    socket.curve_secretkey = plan.keys.secret.encode()
    socket.zap_domain = b"bare"
    socket.backlog = BACKLOG
    socket.sndhwm = socket.rcvhwm = UNBOUNDED
    socket.linger = 0
    socket.bind(f"tcp://{LOOPBACK}:{plan.port + offset}")
    return socket


async def echo(router: zmq.asyncio.Socket, answer: bytes) -> None:
    """Give everybody who asks the same answer."""
    bare: zmq.Socket[bytes] = zmq.Socket.shadow(router.underlying)
    while True:
        route, number, _ = await router.recv_multipart()
        while True:
            bare.send_multipart((route, number, answer))
            try:
                route, number, _ = bare.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break


CHECKS = 2000
RUNS = 5


def verifies(message_bytes: int) -> float:
    """Return how many Ed25519 signatures over so many bytes one core checks a second with bare PyNaCl."""
    key, message = SigningKey.generate(), os.urandom(message_bytes)
    signed, public = bytes(key.sign(message)), bytes(key.verify_key)
    rates = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        for _ in range(CHECKS):
            nacl.bindings.crypto_sign_open(signed, public)
        rates.append(CHECKS / (time.perf_counter() - begun))
    return median(rates)


if __name__ == "__main__":
    asyncio.run(serve())
