"""What the readers of messages, envelopes and leaves do with bad input: a value or a typed error."""

import asyncio
from contextlib import suppress
from functools import cache
from typing import Any

import msgspec
import zmq.asyncio

from kit.fuzz_samples import bad, ballot_receipt, facts_of, frames, later, record, scribe, worded
from kit.fuzzing import Fuzz
from kit.hall import Deaf, Memory
from kit.records import LOG, MEETING, ORIGIN
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import (
    generate_device_keys,
)
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import AddItem, CheckIn
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.entry import EntryError, decode_entry, encode_entry
from pingyi_protocol.wire.envelope import Envelope, EnvelopeError, verify_envelope
from pingyi_protocol.wire.messages import (
    AdditionRead,
    AnswerCall,
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
    Refused,
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
from pingyi_protocol.wire.office import Exporting, Office
from pingyi_protocol.wire.picture import Update, difference, digest, updated
from pingyi_server.gateway.publisher import Projector


@cache
def replies() -> dict[str, Any]:
    """A good reply of each kind."""
    book = scribe()
    definition = book.meeting.definition
    assert definition is not None
    shown = Projector("e").picture(book.meeting, "K7M2-Q9XD", book.at, 3)
    shown = msgspec.structs.replace(shown, definition=digest(definition))
    kept = ballot_receipt()
    proof = LeafProof(kept.index, kept.leaf, kept.proof)
    return {
        "welcome": Welcome(shown, definition),
        "again": Welcome(shown, None),
        "pong": Pong(5, "e", 4),
        "receipt": kept,
        "refused": Refused("0" * 32, Refusal(Reason.CLOSED, {"item": "1"})),
        "identity": Identity(MEETING, "示例", ORIGIN, public_text(LOG), "M02", Role.MEMBER),
        "witnessed": Witnessed(kept.checkpoint, 0, (), (proof,)),
        "cosigned": Cosigned(9),
        "called": Called(waiting=True),
        "addition": AdditionRead("more.xlsx", (AddItem(definition.agenda[0]),), {"zh": ("请核对",)}),
        "office": OfficePush(Office(calling=("M02",), exporting=Exporting("x", fault={"zh": "坏了"}))),
    }


@cache
def requests() -> tuple[bytes, ...]:
    """A good request of each kind."""
    entry = record().entry(ballot_receipt().index)
    assert entry.envelope is not None
    envelope = entry.envelope
    asked: tuple[Request | EnrolmentRequest, ...] = (
        Hello(""),
        Ping(),
        Submit(envelope, 3),
        WitnessRequest(3, "", 0, (1, 2)),
        Cosign(3, "— x y"),
        Call(wanted=True),
        CallRecess(wanted=True),
        AnswerCall("M02"),
        StartExport(Language.CHINESE),
        ReadAddition("more.toml"),
        EnrolRequest("00" * 12, public_text(LOG), envelope),
        IdentityRequest("00" * 32),
    )
    return tuple(map(encode, asked))


def reads_requests(frame: bytes) -> None:
    """A frame is a message that is written again as it was read, or a WireError."""
    decoders: list[Any] = [request_decoder(), enrolment_decoder(), reply_decoder(), msgspec.json.Decoder(Update)]
    for decoder in decoders:
        with suppress(WireError):
            message = read(decoder, frame)
            again = msgspec.json.encode(message)
            assert msgspec.json.encode(read(decoder, again)) == again


async def hear(frame: bytes) -> None:
    """Let a terminal in the middle of a meeting hear one bad frame, and then a good one."""
    keys = generate_device_keys()
    ear = Deaf()
    session = Session(zmq.asyncio.Context.instance(), facts_of(), keys, Memory(), ear)
    good = replies()
    session.take(good["welcome"])
    session.submit(CheckIn())
    for number in ("", "1"):
        with suppress(WireError):
            session.take(read(reply_decoder(), frame), number)
    with suppress(WireError):
        assert session.picture is not None
        update = read(msgspec.json.Decoder(Update), frame)
        session.show(updated(session.picture, update))
    session.take(good["again"])
    assert session.picture is not None
    for alarm in ear.alarms:
        worded(alarm)


def a_terminal_hears(frame: bytes) -> None:
    """No frame of a server ends a terminal's session."""
    asyncio.run(hear(frame))


@cache
def heard() -> tuple[bytes, ...]:
    """What a server says."""
    good = replies()
    welcome = good["welcome"].picture
    later = msgspec.structs.replace(welcome, sequence=4, closed=False, check_in=500, left="AQ==")
    return (*map(encode, good.values()), msgspec.json.encode(difference(welcome, later)))


@cache
def envelopes() -> tuple[bytes, ...]:
    """The envelopes of the record."""
    entries = (record().entry(place) for place in range(len(record().leaves)))
    return tuple(msgspec.json.encode(one.envelope) for one in entries if one.envelope is not None)


def an_envelope_holds(content: bytes) -> None:
    """A changed envelope is refused, or says exactly what was signed."""
    try:
        envelope = msgspec.json.decode(content, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    signed = {msgspec.json.decode(one, type=Envelope) for one in envelopes()}
    for key in scribe().keys.values():
        with suppress(EnvelopeError):
            verify_envelope(envelope, bytes(key.verify_key))
            assert envelope in signed


def a_leaf_has_one_form(content: bytes) -> None:
    """A leaf is what our encoder writes, or an EntryError."""
    try:
        entry = decode_entry(content)
    except EntryError as fault:
        worded(fault)
    else:
        assert encode_entry(entry) == content


WIRE = (
    Fuzz("wire", later(lambda: frames((*requests(), *heard()))), reads_requests, 400),
    Fuzz("terminal", bad(heard), a_terminal_hears, 300),
    Fuzz("envelope", bad(envelopes), an_envelope_holds),
    Fuzz("leaf", bad(lambda: record().leaves), a_leaf_has_one_form, 300),
)
