"""Every message travels unchanged, and what is no message is a WireError whatever it is."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.factories import small_definition
from kit.playbook import full_house
from pingyi_protocol.meeting.commands import AddItem
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import (
    AdditionRead,
    AnswerCall,
    BackstagePush,
    Call,
    Called,
    CallRecess,
    Cosign,
    Cosigned,
    EnrolmentRequest,
    EnrolRequest,
    Hello,
    Identity,
    IdentityRequest,
    LeafProof,
    OfficePush,
    Ping,
    Pong,
    ReadAddition,
    Receipt,
    Refused,
    Reply,
    Request,
    StartExport,
    Submit,
    Welcome,
    WireError,
    Witnessed,
    WitnessRequest,
    encode,
    enrolment_decoder,
    read,
    reply_decoder,
    request_decoder,
)
from pingyi_protocol.wire.office import Exporting, Health, Office
from pingyi_protocol.wire.picture import Update
from pingyi_server.gateway.publisher import Projector

BOOK = full_house(small_definition(members=3)).open("1").cast("M01", Decimal(90)).close().announce()
PROJECTOR = Projector("epoch")
PICTURE = PROJECTOR.picture(BOOK.meeting, "ABC", BOOK.at, 7)
DECODERS: tuple[msgspec.json.Decoder[Any], ...] = (request_decoder(), enrolment_decoder(), reply_decoder())
ENVELOPE = Envelope("{}", "0" * 16, "AA==")

REQUESTS: list[Request] = [
    Hello(""),
    Hello("0" * 64),
    Ping(),
    Submit(ENVELOPE, 0),
    Submit(ENVELOPE, 10**12),
    WitnessRequest(0, "", 0, ()),
    WitnessRequest(7, "AA==", 5, (0, 3)),
    Cosign(7, "— name AA==\n"),
    Call(wanted=True),
    CallRecess(wanted=True),
    AnswerCall("M01"),
    StartExport(Language.ENGLISH),
    ReadAddition("more.xlsx"),
]
ENROLMENT: list[EnrolmentRequest] = [IdentityRequest("00"), EnrolRequest("00", "key", ENVELOPE)]
REPLIES: list[Reply] = [
    Welcome(PICTURE, None),
    Welcome(PICTURE, BOOK.meeting.definition),
    Pong(1, "epoch", 2),
    Receipt("id", 3, '{"leaf":"汉"}', ("AA==",), "note", ()),
    Refused("id", Refusal(Reason.BELOW_QUORUM, {"present": "1", "quorum": "2"})),
    Identity("id", "某会议", "origin", "key", "M02", Role.MEMBER),
    Witnessed("note", 7, ("AA==",), (LeafProof(3, '{"leaf":"汉"}', ()),)),
    Cosigned(7),
    BackstagePush(PROJECTOR.backstage(BOOK.meeting, ["M01"])),
    Called(waiting=True),
    AdditionRead(
        "more.xlsx", (AddItem(small_definition(members=3).agenda[0]),), {"zh": ("请核对",)}, {"zh": ("坏了",)}
    ),
    OfficePush(Office(calling=("M01",), health=Health(1, 2, 3, 4), exporting=Exporting("/a", fault={"zh": "坏了"}))),
]


@pytest.mark.parametrize("message", REQUESTS, ids=lambda one: type(one).__name__)
def test_requests_travel_unchanged(message: Request) -> None:
    assert read(request_decoder(), encode(message)) == message


@pytest.mark.parametrize("message", ENROLMENT, ids=lambda one: type(one).__name__)
def test_enrolment_requests_travel_unchanged(message: EnrolmentRequest) -> None:
    assert read(enrolment_decoder(), encode(message)) == message


@pytest.mark.parametrize("message", REPLIES, ids=lambda one: type(one).__name__)
def test_replies_travel_unchanged(message: Reply) -> None:
    assert read(reply_decoder(), encode(message)) == message


@pytest.mark.parametrize("message", [*REQUESTS, *ENROLMENT, *REPLIES], ids=lambda one: type(one).__name__)
def test_a_message_with_one_field_more_or_an_unknown_tag_is_none(message: Request | EnrolmentRequest | Reply) -> None:
    fields = msgspec.json.decode(encode(message))
    for changed in (fields | {"more": 1}, fields | {"type": fields["type"][:-1] + "9"}):
        for decoder in DECODERS:
            with pytest.raises(WireError):
                read(decoder, msgspec.json.encode(changed))


@pytest.mark.parametrize("message", [*REQUESTS, *REPLIES], ids=lambda one: type(one).__name__)
@given(data=st.data())
def test_a_damaged_frame_is_another_message_or_a_wire_error(message: Request | Reply, data: st.DataObject) -> None:
    frame = bytearray(encode(message))
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    for decoder in (*DECODERS, msgspec.json.Decoder(Update)):
        try:
            found = read(decoder, bytes(frame))
        except WireError:
            continue
        assert isinstance(found, msgspec.Struct)


@given(st.binary())
@example(b'{"type":"hello/1","definition":"\xff"}')
@example(b"[" * 100_000)
@example(b'{"type":"pong/1","clock":' + b"9" * 5000 + b"}")
def test_rubbish_is_a_wire_error(frame: bytes) -> None:
    for decoder in DECODERS:
        with pytest.raises(WireError):
            read(decoder, frame)
