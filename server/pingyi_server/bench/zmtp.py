"""A ZMTP 3.1 peer over bare TCP that can do what the library never would: stop, repeat, flood, and not read.

Formats: ZMTP 3.1 (ZeroMQ RFC 37) and CurveZMQ (RFC 26). It speaks the client's half only.
"""

import asyncio
import os
import socket
import struct
from dataclasses import dataclass
from typing import Self

import nacl.bindings as sodium
from nacl.exceptions import CryptoError
from zmq.utils import z85

from pingyi_protocol.keys.transport import TransportKeys

MORE, LONG, COMMAND = 1, 2, 4
"""Flags of a frame on the wire."""

INNER_MORE, INNER_COMMAND = 1, 2
"""Flags inside a box: behind the handshake every frame travels in one, and outside it is a plain message."""

SHORT = 255
MOST_READ = 64 * 1024 * 1024

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32)


class ServerGoneError(Exception):
    """The server has cut the connection, refused it, or said what is no answer."""


@dataclass(frozen=True)
class Address:
    """Where a server listens, and its public transport key (32 bytes)."""

    host: str
    port: int
    server_key: bytes

    def beside(self, offset: int) -> "Address":
        """Return the address of another socket of the same server."""
        return Address(self.host, self.port + offset, self.server_key)


class Peer:
    """One TCP connection to a ZeroMQ socket under CURVE, step by step; every step may be left out.

    Every method that waits raises ServerGoneError when the server has ended the connection.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server_key: bytes) -> None:
        """Take an open connection."""
        self.reader = reader
        self.writer = writer
        self.server_key = server_key
        self.public, self.secret = sodium.crypto_box_keypair()
        self.passing_key = b""
        self.shared = b""
        self.nonce = 0

    @classmethod
    async def connect(cls, address: Address, receive_buffer: int | None = None, source: str = "") -> Self:
        """Open a connection, from the address ``source`` of this machine where it is given.

        At most ``receive_buffer`` bytes wait here for one who does not read.
        """
        bare = socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET)
        bare.setblocking(False)
        if receive_buffer is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            if source:
                bare.bind((source, 0))
            await asyncio.get_running_loop().sock_connect(bare, (address.host, address.port))
            # what is beyond the limit stays in the kernel until somebody reads
            reader, writer = await asyncio.open_connection(sock=bare, limit=receive_buffer or 2**16)
        except OSError as fault:
            bare.close()
            raise ServerGoneError(str(fault)) from fault
        except BaseException:
            bare.close()
            raise
        return cls(reader, writer, address.server_key)

    async def join(self, keys: TransportKeys, kind: str = "DEALER") -> None:
        """Shake hands as a socket of this kind would."""
        await self.write(GREETING)
        await self.read(64)
        await self.write(self.hello())
        cookie = await self.welcomed()
        await self.write(self.initiate(cookie, keys, kind))
        await self.ready()

    def hello(self) -> bytes:
        """Return the command that begins a handshake."""
        nonce = self.next_nonce()
        box = sodium.crypto_box(bytes(64), b"CurveZMQHELLO---" + nonce, self.server_key, self.secret)
        return framed(b"\x05HELLO\x01\0" + bytes(72) + self.public + nonce + box, COMMAND)

    async def welcomed(self) -> bytes:
        """Take the server's answer to ``hello`` and return the cookie in it."""
        body = await self.command(b"\x07WELCOME")
        try:
            box = sodium.crypto_box_open(body[16:], b"WELCOME-" + body[:16], self.server_key, self.secret)
        except CryptoError as fault:
            raise ServerGoneError("the server's key is another one") from fault
        self.passing_key = box[:32]
        self.shared = sodium.crypto_box_beforenm(self.passing_key, self.secret)
        return box[32:]

    def initiate(self, cookie: bytes, keys: TransportKeys, kind: str) -> bytes:
        """Return the command that shows the long-term key and says what kind of socket this is."""
        public, secret = z85.decode(keys.public.encode()), z85.decode(keys.secret.encode())
        vouch_nonce = os.urandom(16)
        vouch = sodium.crypto_box(self.public + self.server_key, b"VOUCH---" + vouch_nonce, self.passing_key, secret)
        metadata = b"\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind.encode()
        nonce = self.next_nonce()
        box = sodium.crypto_box_afternm(
            public + vouch_nonce + vouch + metadata, b"CurveZMQINITIATE" + nonce, self.shared
        )
        return framed(b"\x08INITIATE" + cookie + nonce + box, COMMAND)

    async def ready(self) -> None:
        """Wait until the server lets this peer in."""
        await self.command(b"\x05READY")

    def sealed(self, payload: bytes, flags: int = 0) -> bytes:
        """Return a frame of a message (or, by ``flags``, one with more behind it, or a command) as it is sent."""
        nonce = self.next_nonce()
        box = sodium.crypto_box_afternm(bytes((flags,)) + payload, b"CurveZMQMESSAGEC" + nonce, self.shared)
        return framed(b"\x07MESSAGE" + nonce + box)

    def message(self, *frames: bytes) -> bytes:
        """Return a whole message of these frames as it is sent."""
        last = len(frames) - 1
        return b"".join(self.sealed(one, INNER_MORE if place < last else 0) for place, one in enumerate(frames))

    async def receive(self) -> tuple[int, bytes]:
        """Return the next frame behind the handshake with its inner flags; the server's heartbeats are answered."""
        while True:
            _flags, body = await self.frame()
            name, nonce, box = body[:8], body[8:16], body[16:]
            if name != b"\x07MESSAGE":
                raise ServerGoneError(f"not a message: {name!r}")
            plain = sodium.crypto_box_open_afternm(box, b"CurveZMQMESSAGES" + nonce, self.shared)
            flags, payload = plain[0], plain[1:]
            if flags & INNER_COMMAND and payload.startswith(b"\x04PING"):
                # the last part of a PING, behind its time to live, comes back
                await self.write(self.sealed(b"\x04PONG" + payload[7:], INNER_COMMAND))
                continue
            return flags, payload

    async def command(self, name: bytes) -> bytes:
        """Return the body of the next frame, which must be this command."""
        flags, body = await self.frame()
        if not flags & COMMAND or not body.startswith(name):
            raise ServerGoneError(f"not {name[1:].decode()}: {body[:40]!r}")
        return body[len(name) :]

    async def frame(self) -> tuple[int, bytes]:
        """Return the flags and the body of the next frame on the wire."""
        flags, size = await self.read(2)
        if flags & LONG:
            size = int.from_bytes(bytes((size,)) + await self.read(7), "big")
        if size > MOST_READ:
            raise ServerGoneError(f"a frame of {size} bytes")
        return flags, await self.read(size)

    async def read(self, count: int) -> bytes:
        """Return exactly so many bytes."""
        try:
            return await self.reader.readexactly(count)
        except (OSError, asyncio.IncompleteReadError) as fault:
            raise ServerGoneError("cut") from fault

    async def swallow(self) -> None:
        """Read whatever comes, until the server ends the connection."""
        try:
            while await self.reader.read(MOST_READ):
                pass
        except OSError as fault:
            raise ServerGoneError("cut") from fault
        raise ServerGoneError("cut")

    async def write(self, data: bytes) -> None:
        """Send bytes as they are, waiting while the network takes no more."""
        if self.writer.transport.is_closing():
            raise ServerGoneError("cut")
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError as fault:
            raise ServerGoneError("cut") from fault

    def next_nonce(self) -> bytes:
        """Return the next of this connection's short nonces."""
        self.nonce += 1
        return self.nonce.to_bytes(8, "big")

    def close(self) -> None:
        """End the connection without a goodbye."""
        self.writer.transport.abort()


def framed(body: bytes, flags: int = 0) -> bytes:
    """Return a frame of ZMTP."""
    if len(body) > SHORT:
        return bytes((flags | LONG,)) + len(body).to_bytes(8, "big") + body
    return bytes((flags, len(body))) + body
