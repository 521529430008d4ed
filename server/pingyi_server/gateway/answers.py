"""How answers leave: without waiting for anybody, and with a word in the log about who does not read them."""

import asyncio
from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wire.messages import Reply
from pingyi_protocol.wire.picture import Picture
from pingyi_server.gateway.journal import Excesses
from pingyi_server.gateway.seats import Route


class WelcomeFrame(Struct, frozen=True, tag="welcome/1"):
    """A ``Welcome`` whose definition was encoded once for all."""

    picture: Picture
    definition: msgspec.Raw | None


Answer: TypeAlias = Reply | WelcomeFrame


class Sent(Enum):
    """What became of a message: on its way, dropped because whoever it is for does not read, or nobody is there."""

    OUT = "out"
    DROPPED = "dropped"
    GONE = "gone"


class Post:
    """Sends answers by the names of sockets."""

    def __init__(self, doors: Mapping[str, zmq.asyncio.Socket], excesses: Excesses) -> None:
        """Send over these sockets, and let the log say who does not read."""
        self.doors = doors
        self.bare: dict[str, zmq.Socket[bytes]] = {
            door: zmq.Socket.shadow(socket.underlying) for door, socket in doors.items()
        }
        self.attended: set[str] = set()
        """The sockets whose listener is at work and looks for input before it waits again."""
        self.excesses = excesses

    def send(self, route: Route, number: bytes, reply: Answer) -> None:
        """Answer without waiting; a terminal that reads too slowly or is gone loses it, and asks again."""
        if self.sent(route, number, reply) is Sent.DROPPED:
            self.excesses.note(f"device={route.device}", "queued_answers", "answers are dropped")

    def reaches(self, route: Route, number: bytes, reply: Answer) -> bool:
        """Send, and say whether a connection is still there to send it over."""
        return self.sent(route, number, reply) is not Sent.GONE

    def sent(self, route: Route, number: bytes, reply: Answer) -> Sent:
        """Send, and say what became of it."""
        frames = [route.id, number, msgspec.json.encode(reply)]
        if route.door in self.attended:
            return at_once(self.bare[route.door], frames)
        return without_waiting(self.doors[route.door], frames)


def at_once(socket: zmq.Socket[bytes], frames: list[bytes]) -> Sent:
    """Send at once or not at all over a socket whose listener looks for input later."""
    try:
        socket.send_multipart(frames, zmq.NOBLOCK)
    except zmq.Again:
        return Sent.DROPPED
    except zmq.ZMQError as fault:
        if fault.errno == zmq.EHOSTUNREACH:
            return Sent.GONE
        raise
    return Sent.OUT


def without_waiting(socket: zmq.asyncio.Socket, frames: list[bytes]) -> Sent:
    """Send at once or not at all.

    Through the asyncio socket, which looks for input afterwards: a bare send can swallow its wake-up.
    """
    sending = asyncio.ensure_future(socket.send_multipart(frames, zmq.NOBLOCK))
    fault = sending.exception()
    if fault is None:
        return Sent.OUT
    if isinstance(fault, zmq.Again):
        return Sent.DROPPED
    if isinstance(fault, zmq.ZMQError) and fault.errno == zmq.EHOSTUNREACH:
        return Sent.GONE
    raise fault
