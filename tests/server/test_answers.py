"""Who asks and never reads costs the server little: few answers wait for him, and one word is logged."""

import asyncio
import logging
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.sockets import connect
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.wire.messages import Hello, Pong, Welcome, encode, reply_decoder
from pingyi_server.gateway import journal, service
from pingyi_server.gateway.answers import Post, Sent, without_waiting
from pingyi_server.gateway.journal import Excesses
from pingyi_server.gateway.limits import Limits
from pingyi_server.gateway.seats import Route
from pingyi_server.gateway.sockets import answer_zap, bind_sockets

BUFFERED = 64
"""Megabytes that the network may hold besides: a window of 32 and a sender's buffer of 4 are usual limits of Linux."""


async def test_few_answers_wait_for_a_terminal_that_does_not_read_and_the_log_says_so_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, keys, port = zmq.asyncio.Context.instance(), generate_transport_keys(), free_port()
    sockets = bind_sockets(context, keys, "127.0.0.1", port)
    door = asyncio.create_task(answer_zap(sockets.zap, lambda *_: "device"))
    deaf = connect(context, zmq.DEALER, ("127.0.0.1",), port, keys.public, generate_transport_keys())
    deaf.linger, deaf.rcvhwm = 0, 1
    try:
        await deaf.send_multipart([b"", b""])
        route, *_ = await sockets.meeting.recv_multipart()
        sent = 0
        while without_waiting(sockets.meeting, [route, b"", bytes(1_000_000)]) is Sent.OUT:
            sent += 1
            assert sent < Limits().queued_answers + BUFFERED
        post, pong = Post(sockets.doors, Excesses()), Pong(0, "epoch", 0)
        slow, gone = Route("meeting", route, "slow-device"), Route("meeting", b"gone", "gone-device")
        monkeypatch.setattr(journal, "REPEAT_SECONDS", 1000)
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                post.send(slow, b"", pong)
            post.send(gone, b"", pong)
        assert [record.getMessage() for record in caplog.records] == [
            "limit exceeded by=device=slow-device limit=queued_answers: answers are dropped"
        ]
        assert (post.reaches(slow, b"", pong), post.reaches(gone, b"", pong)) == (True, False)
        monkeypatch.setattr(journal, "REPEAT_SECONDS", 0)
        with caplog.at_level(logging.WARNING):
            post.send(slow, b"", pong)
        assert caplog.records[-1].getMessage().endswith("answers are dropped left_out=2")
    finally:
        door.cancel()
        deaf.close()
        sockets.close()


async def ask(terminal: Terminal, times: int) -> list[Welcome]:
    """Ask for picture and definition over and over, as the terminal's session that has ended."""
    facts, keys, context = terminal.facts, terminal.keys.transport, zmq.asyncio.Context.instance()
    route = terminal.session.route
    socket = connect(context, zmq.DEALER, facts.addresses, facts.port, facts.server_key, keys, route)
    found = []
    with socket:
        for _ in range(times):
            await socket.send_multipart([b"7", encode(Hello(""))])
            async with asyncio.timeout(WAIT_SECONDS):
                _, body = await socket.recv_multipart()
            reply = reply_decoder().decode(body)
            assert isinstance(reply, Welcome)
            found.append(reply)
    return found


async def test_a_device_gets_the_definition_once_in_a_while_and_the_picture_always(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = small_definition(members=3, port=free_port())
    async with open_hall(tmp_path, definition) as hall:
        one, other = await hall.admit("M02"), await hall.admit("M03")
        for task in hall.tasks:
            task.cancel()
        await asyncio.wait(hall.tasks)
        monkeypatch.setattr(service, "DEFINITION_SECONDS", 0.0)
        assert [welcome.definition for welcome in await ask(one, 2)] == [definition, definition]
        monkeypatch.setattr(service, "DEFINITION_SECONDS", 1000.0)
        assert [welcome.definition for welcome in await ask(one, 3)] == [None] * 3
        monkeypatch.setattr(service, "DEFINITION_SECONDS", 0.0)
        assert [welcome.definition for welcome in await ask(other, 1)] == [definition]
