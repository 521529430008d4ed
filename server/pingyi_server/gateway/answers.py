"""How answers leave: without waiting for anybody, and with one word in the log about who does not read them."""

import asyncio
import logging
import time
from typing import TypeAlias

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.meeting.definition import Struct
from pingyi_protocol.wire.messages import Reply
from pingyi_protocol.wire.picture import Picture

log = logging.getLogger(__name__)

COMPLAINT_SECONDS = 10.0
"""How seldom it is logged of one terminal that its answers are dropped."""


class WelcomeFrame(Struct, frozen=True, tag="welcome/1"):
    """A ``Welcome`` whose definition was encoded once for all."""

    picture: Picture
    definition: msgspec.Raw | None


Answer: TypeAlias = Reply | WelcomeFrame


class Post:
    """Sends answers, and remembers of whom it has complained lately."""

    def __init__(self) -> None:
        """Have complained of nobody."""
        self.complained: dict[bytes, float] = {}

    def send(self, socket: zmq.asyncio.Socket, route: bytes, number: bytes, reply: Answer) -> None:
        """Answer without waiting; a terminal that reads too slowly or is gone loses it, and asks again."""
        if without_waiting(socket, [route, number, msgspec.json.encode(reply)]):
            return
        now = time.monotonic()
        self.complained = {one: at for one, at in self.complained.items() if now - at < COMPLAINT_SECONDS}
        if route not in self.complained:
            self.complained[route] = now
            log.warning("a terminal does not read its answers; some are dropped")


def without_waiting(socket: zmq.asyncio.Socket, frames: list[bytes]) -> bool:
    """Send at once or not at all; False where somebody is there and does not read.

    Through the asyncio socket, which looks for input afterwards: a bare send can swallow its wake-up.
    """
    sending = asyncio.ensure_future(socket.send_multipart(frames, zmq.NOBLOCK))
    fault = sending.exception()
    if fault is None or (isinstance(fault, zmq.ZMQError) and fault.errno == zmq.EHOSTUNREACH):
        return True  # who has gone misses nothing
    if not isinstance(fault, zmq.Again):
        raise fault
    return False
