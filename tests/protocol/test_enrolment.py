"""Taking an enrolment code over real sockets, and everything that can be wrong with it."""

import asyncio
import logging
import secrets
import socket
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from pingyi_protocol.client.enrolment import (
    INTRODUCTION_OFFSET,
    EnrolmentRefusedError,
    NoAnswerError,
    confirm,
    enrol,
    identify,
    introduced,
    request_for,
    resolved,
)
from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.transport import generate_transport_keys, transport_fingerprint
from pingyi_protocol.keys.typed_code import TypedCode, parse_typed, typed
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.introduction import introduction
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.recorder import Recorder

SERVER_KEY = generate_transport_keys().public


async def test_a_code_gives_a_profile_that_works_once(tmp_path: Path) -> None:
    context = zmq.asyncio.Context.instance()
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code, keys = await hall.code("M02", Role.MEMBER), generate_device_keys()
        facts = await enrol(context, code, keys)
        meeting = hall.recorder.meeting
        assert (facts.meeting, facts.log_key, facts.origin) == (meeting.id, meeting.log_key, meeting.origin)
        assert (facts.person, facts.role, facts.port) == ("M02", Role.MEMBER, hall.port)
        assert facts.meeting_name == "示例市人大常委会"
        terminal = Terminal(facts, keys)
        hall.start(terminal)
        assert isinstance(await terminal.session.ask(CheckIn()), Receipt)
        with pytest.raises(EnrolmentRefusedError) as refused:
            await enrol(context, code, generate_device_keys())
        assert refused.value.refusal.reason is Reason.CODE_UNKNOWN


async def test_a_guessed_secret_or_a_borrowed_name_is_refused(tmp_path: Path) -> None:
    context = zmq.asyncio.Context.instance()
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)
        wrong = [
            msgspec.structs.replace(code, secret=bytes(12)),
            msgspec.structs.replace(code, person="M03"),
            msgspec.structs.replace(code, person="M01", role=Role.CHAIR),
        ]
        for one in wrong:
            with pytest.raises(EnrolmentRefusedError) as refused:
                await enrol(context, one, generate_device_keys())
            assert refused.value.refusal.reason is Reason.CODE_UNKNOWN
        assert (await enrol(context, code, generate_device_keys())).person == "M02"


async def test_an_enrolment_in_the_clerks_name_is_a_newcomers_claim_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    context = zmq.asyncio.Context.instance()
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)
        facts = await identify(context, code)
        borrowed = msgspec.structs.replace(code, person=CLERK.person, role=CLERK.role)
        with pytest.raises(EnrolmentRefusedError):
            await confirm(context, facts, request_for(borrowed, generate_device_keys(), facts.meeting, pinned=False))
    assert "refused Enrol by=newcomer claims=clerk/clerk device=" in caplog.text
    assert "refused Enrol by=clerk" not in caplog.text


async def test_nobody_or_another_server_at_the_address_gives_no_answer(tmp_path: Path) -> None:
    context = zmq.asyncio.Context.instance()
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)
        impostor = msgspec.structs.replace(code, server_key=generate_transport_keys().public)
        nowhere = msgspec.structs.replace(code, port=free_port())
        for one in (impostor, nowhere):
            with pytest.raises(NoAnswerError, match="no answer"):
                await enrol(context, one, generate_device_keys(), within_seconds=0.5)


async def test_a_receipt_that_does_not_prove_the_enrolment_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Recorder.answer

    def lying(recorder: Recorder, *given: object) -> Receipt | Refused:
        found = answer(recorder, *given)  # type: ignore[arg-type]  # passed on as they came
        return msgspec.structs.replace(found, proof=()) if isinstance(found, Receipt) else found

    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)
        monkeypatch.setattr(Recorder, "answer", lying)
        with pytest.raises(ReceiptError):
            await enrol(zmq.asyncio.Context.instance(), code, generate_device_keys())


# a typed card: no server key in it


def typed_by_hand(code: EnrolmentCode) -> TypedCode:
    return parse_typed(typed(code) or "")


async def test_a_typed_code_enrols_once_the_person_knows_the_key(tmp_path: Path) -> None:
    context = zmq.asyncio.Context.instance()
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)
        by_hand = typed_by_hand(code)
        key = await introduced(by_hand)
        assert transport_fingerprint(key) == transport_fingerprint(code.server_key)
        whole = await resolved(context, by_hand, key)
        assert whole == code
        facts = await enrol(context, whole, generate_device_keys())
        assert (facts.person, facts.role) == ("M02", Role.MEMBER)
        with pytest.raises(EnrolmentRefusedError) as refused:
            await resolved(context, by_hand, key)
        assert refused.value.refusal.reason is Reason.CODE_UNKNOWN


async def test_a_server_between_with_a_key_of_its_own_shows_another_fingerprint_and_gets_no_byte() -> None:
    heard: list[bytes] = []
    over = asyncio.Event()
    theirs = generate_transport_keys().public

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(introduction(theirs))
        heard.append(await reader.read())
        writer.close()
        over.set()

    port = free_port()
    code = EnrolmentCode(
        ("127.0.0.1",), port, generate_transport_keys().public, "M02", Role.MEMBER, secrets.token_bytes(12)
    )
    async with await asyncio.start_server(between, "127.0.0.1", port + INTRODUCTION_OFFSET):
        key = await introduced(typed_by_hand(code))
        await over.wait()
    assert transport_fingerprint(key) != transport_fingerprint(code.server_key)
    assert heard == [b""], "nothing is sent before a person has compared"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"pingyi-server-key/1 ",
        b"HTTP/1.1 400 Bad Request\r\n" * 9,
        introduction(SERVER_KEY)[:-1],
        introduction(SERVER_KEY).replace(b"/1", b"/2"),
        introduction(SERVER_KEY).replace(b"\n", b" "),
        introduction("0" * 40),
        introduction("\xff" * 20),
        b"\x1b[2J" * 40,
    ],
    ids=["nothing", "no key", "web server", "no end", "version", "other end", "weak key", "no ascii", "escapes"],
)
async def test_whatever_else_answers_is_no_introduction(line: bytes) -> None:
    async def strange(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        writer.close()

    port = free_port()
    async with await asyncio.start_server(strange, "127.0.0.1", port + INTRODUCTION_OFFSET):
        with pytest.raises(NoAnswerError):
            await introduced(TypedCode("127.0.0.1", port, bytes(12)))


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + INTRODUCTION_OFFSET)), pytest.raises(NoAnswerError):
        await introduced(TypedCode("127.0.0.1", port, bytes(12)), within_seconds=0.2)
    with pytest.raises(NoAnswerError, match=str(port + INTRODUCTION_OFFSET)):
        await introduced(TypedCode("127.0.0.1", port, bytes(12)))


async def test_a_flood_of_the_introduction_leaves_the_meeting_and_other_cards_alone(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)
        flood = [socket.socket() for _ in range(300)]
        try:
            for one in flood:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", hall.port + INTRODUCTION_OFFSET))
                with suppress(OSError):
                    one.send(b"\x00" * 4096)
            assert isinstance(await (await hall.admit("M03")).session.ask(CheckIn()), Receipt)
            assert await introduced(typed_by_hand(code)) == code.server_key
        finally:
            for one in flood:
                one.close()
