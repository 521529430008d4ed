"""How messages come in: all that wait, a batch at a time, each with who the library says sent it."""

import asyncio
import math
import time
from contextlib import suppress
from typing import NamedTuple

import zmq
import zmq.asyncio

from pingyi_server.gateway.limits import KIB
from pingyi_server.gateway.traffic import Traffic

MOST_DRAINED = 256
"""Messages that are taken before anything else has its turn."""

PIECE = 8 * KIB
"""Bytes of a request for which it counts once more."""

FRAMES = 3
"""Route, number, body; a message of any other count of frames is none."""


class Parcel(NamedTuple):
    """One message as it came: route, number and body, where it is whole (else ``frames`` is another count than 3).

    ``device`` is that of the connection ("" for none), ``address`` its IP address, ``descriptor`` its own; ``size`` are
    the bytes of all frames.
    """

    route: bytes
    number: zmq.Frame
    body: zmq.Frame
    device: str
    address: str
    size: int
    descriptor: int
    frames: int

    @property
    def whole(self) -> bool:
        """Whether it is a message of this protocol, with a number and a body."""
        return self.frames == FRAMES

    @property
    def cost(self) -> int:
        """For how many requests it counts: for one, and for one more with each piece and each frame too many."""
        return 1 + self.size // PIECE + max(0, self.frames - FRAMES)


class Inlet:
    """Takes the messages of one socket. Nobody else may receive from it."""

    def __init__(self, door: str, socket: zmq.asyncio.Socket, traffic: Traffic) -> None:
        """Take them from the socket of this name, and let ``traffic`` count them."""
        self.door = door
        self.socket = socket
        self.traffic = traffic
        # without a future for each frame; the socket looks for input itself before it waits again
        self.bare: zmq.Socket[bytes] = zmq.Socket.shadow(socket.underlying)

    async def drained(self) -> list[Parcel]:
        """Wait for a message and return it with those that wait behind it, up to a batch."""
        self.traffic.emptied_queue(self.door, math.inf)
        first = await self.socket.recv(copy=False)
        self.traffic.emptied_queue(self.door, 0.0)
        found = [self.parcel(first)]
        with suppress(zmq.Again):
            found.extend(self.parcel(self.bare.recv(zmq.NOBLOCK, copy=False)) for _ in range(MOST_DRAINED - 1))
        if len(found) < MOST_DRAINED:
            self.traffic.emptied_queue(self.door, time.monotonic())
        # a flood must not keep the loop from whatever else is due
        await asyncio.sleep(0)
        return found

    def end(self, parcel: Parcel) -> None:
        """End the connection of one who is turned away: its first message may have come only after that."""
        self.traffic.cut_one(self.door, parcel.descriptor, parcel.device)

    def parcel(self, first: zmq.Frame) -> Parcel:
        """Take what follows the first frame of a message; of too many frames the last ones are kept."""
        frames, count, size = [first], 1, 0
        while frames[-1].more:
            frame = self.bare.recv(zmq.NOBLOCK, copy=False)
            count += 1
            size += len(frame)
            if count > FRAMES:
                frames.pop()
            frames.append(frame)
        last = frames[-1]
        device, address = told(last, "User-Id"), told(last, "Peer-Address")
        descriptor = int(last.get(zmq.SRCFD))
        self.traffic.arrived(self.door, descriptor, device, count - 1, size)
        return Parcel(first.bytes, frames[min(1, count - 1)], last, device, address, size, descriptor, count)


def told(frame: zmq.Frame, name: str) -> str:
    """Return what the library says of the connection that a frame came over, "" where it says nothing."""
    try:
        return str(frame.get(name))
    except zmq.ZMQError:
        return ""
