"""Taking an enrolment code over real sockets, and everything that can be wrong with it."""

from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError, enrol
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.recorder import Recorder


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
