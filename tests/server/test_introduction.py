"""The port that tells the server's key: nothing is read there, and nothing that happens there stops it."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.hall import free_port
from pingyi_protocol.client.enrolment import INTRODUCTION_OFFSET, introduced
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_server.gateway import introduction
from pingyi_server.gateway.introduction import Introduction

SERVER_KEY = generate_transport_keys().public


@asynccontextmanager
async def answering() -> AsyncIterator[TypedCode]:
    """Let a server introduce itself, and give what somebody typed who looks for it."""
    port = free_port()
    one = Introduction("127.0.0.1", port + INTRODUCTION_OFFSET, SERVER_KEY)
    task = asyncio.create_task(one.answer())
    try:
        yield TypedCode("127.0.0.1", port, bytes(12))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        one.close()


async def test_everybody_hears_the_same_line() -> None:
    async with answering() as typed:
        assert [await introduced(typed) for _ in range(3)] == [SERVER_KEY] * 3


async def test_whoever_holds_its_connection_or_talks_holds_up_nobody() -> None:
    async with answering() as typed:
        silent = [socket.create_connection((typed.address, typed.port + INTRODUCTION_OFFSET)) for _ in range(50)]
        for one in silent:
            one.setblocking(False)
            one.send(b"GET / HTTP/1.1\r\n\r\n" * 20)
        assert await introduced(typed) == SERVER_KEY
        for one in silent:
            one.close()


async def test_a_machine_out_of_open_files_answers_again_when_it_has_some(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    accept, lacking = loop.sock_accept, [OSError(errno.EMFILE, "Too many open files")] * 2

    async def short_of_files(listener: socket.socket) -> tuple[socket.socket, object]:
        if lacking:
            raise lacking.pop()
        return await accept(listener)

    monkeypatch.setattr(introduction, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(loop, "sock_accept", short_of_files)
    async with answering() as typed:
        assert await introduced(typed) == SERVER_KEY
    assert not lacking
