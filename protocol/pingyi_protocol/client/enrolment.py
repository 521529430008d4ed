"""Take an enrolment code once: make keys here, show the public halves, learn which meeting this is."""

import asyncio
import secrets
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.client.sockets import connect
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import SigningKey, parse_public_key, public_text
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_protocol.meeting.commands import Command, Enrol
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import check_receipt
from pingyi_protocol.wire.envelope import seal
from pingyi_protocol.wire.introduction import LINE_BYTES, introduced_key
from pingyi_protocol.wire.messages import (
    EnrolmentRequest,
    EnrolRequest,
    Identity,
    IdentityRequest,
    Receipt,
    Refused,
    Reply,
    WireError,
    encode,
    read,
    reply_decoder,
)

ENROLMENT_OFFSET = 2
"""The enrolment socket's port, counted from the meeting's."""
INTRODUCTION_OFFSET = 3
"""The port where the server tells its key, counted likewise."""


class EnrolmentRefusedError(Exception):
    """The server did not take the code; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep the refusal for whoever puts it into words."""
        super().__init__(str(refusal.reason))
        self.refusal = refusal


class NoAnswerError(Exception):
    """No server answered at the code's address, or what answered is not the code's server."""


async def enrol(
    context: zmq.asyncio.Context, code: EnrolmentCode, keys: DeviceKeys, within_seconds: float = 10.0
) -> ProfileFacts:
    """Enrol ``keys`` under ``code`` and return what the profile must remember; raises what the two steps raise."""
    facts = await identify(context, code, within_seconds)
    return await confirm(context, facts, request_for(code, keys, facts.meeting, pinned=False), within_seconds)


async def identify(context: zmq.asyncio.Context, code: EnrolmentCode, within_seconds: float = 10.0) -> ProfileFacts:
    """Return what a profile for ``code`` remembers, without a receipt yet: nothing is on the record so far.

    EnrolmentRefusedError when there is no meeting to enrol for, or the code is used up or for somebody else;
    NoAnswerError when nothing answers in time.
    """
    identity = await identity_of(context, code, within_seconds)
    if (identity.person, identity.role) != (code.person, code.role):
        raise EnrolmentRefusedError(Refusal(Reason.CODE_UNKNOWN))
    return ProfileFacts(
        meeting=identity.meeting,
        meeting_name=identity.name,
        addresses=code.addresses,
        port=code.port,
        server_key=code.server_key,
        log_key=identity.log_key,
        origin=identity.origin,
        person=code.person,
        role=code.role,
    )


async def introduced(typed: TypedCode, within_seconds: float = 5.0) -> str:
    """Return the public key (Z85) that the server at a typed code's address says it has: nothing vouches for it.

    Nothing is sent. Whoever typed compares its ``transport_fingerprint`` with the card, and only their yes may take it
    on to ``resolved``. NoAnswerError when nothing answers in time, or not in this way.
    """
    port = typed.port + INTRODUCTION_OFFSET
    try:
        async with asyncio.timeout(within_seconds):
            reader, writer = await asyncio.open_connection(typed.address, port, limit=LINE_BYTES)
            try:
                return introduced_key(await reader.readexactly(LINE_BYTES))
            finally:
                writer.close()
    except (OSError, EOFError) as fault:  # a time-out is an OSError
        raise NoAnswerError(f"no answer from {typed.address} port {port}") from fault
    except WireError as fault:
        raise NoAnswerError("what answered is not a meeting server of this version") from fault


async def resolved(
    context: zmq.asyncio.Context, typed: TypedCode, server_key: str, within_seconds: float = 10.0
) -> EnrolmentCode:
    """Return the whole code for a typed one: the server with this key, which the person trusts, says whom it is for.

    Only the secret's hash is sent. Raises what ``identify`` raises.
    """
    nameless = EnrolmentCode((typed.address,), typed.port, server_key, "", Role.MEMBER, typed.secret)
    identity = await identity_of(context, nameless, within_seconds)
    return msgspec.structs.replace(nameless, person=identity.person, role=identity.role)


async def identity_of(context: zmq.asyncio.Context, code: EnrolmentCode, within_seconds: float) -> Identity:
    """Return which meeting the server of ``code`` holds, and whom it takes the code to be for."""
    identity = await asked(context, code, IdentityRequest(secret_hash(code.secret)), within_seconds)
    if not isinstance(identity, Identity):
        raise NoAnswerError("the server did not say which meeting this is")
    return identity


async def confirm(
    context: zmq.asyncio.Context, facts: ProfileFacts, request: EnrolRequest, within_seconds: float = 10.0
) -> ProfileFacts:
    """Send an enrolment, for the first time or once more, and return the facts with its receipt.

    The receipt is checked, so the device knows that its keys stand on the record. EnrolmentRefusedError when
    the server refuses, NoAnswerError when nothing answers in time, ReceiptError when the proof does not hold.
    """
    receipt = await asked(context, facts, request, within_seconds)
    if not isinstance(receipt, Receipt):
        raise NoAnswerError("the server did not confirm the enrolment")
    check_receipt(receipt, request.envelope, parse_public_key(facts.log_key), facts.origin, None)
    return msgspec.structs.replace(facts, enrolment=encode(receipt).decode())


async def asked(
    context: zmq.asyncio.Context, server: EnrolmentCode | ProfileFacts, request: EnrolmentRequest, within_seconds: float
) -> Reply:
    """Ask the enrolment socket at the addresses of ``server`` in turn; NoAnswerError when none answers in time."""
    # a key pair of the moment: this socket admits everybody, and the device's own key is not known there yet
    keys, port = generate_transport_keys(), server.port + ENROLMENT_OFFSET
    for address in server.addresses:
        with connect(context, zmq.DEALER, (address,), port, server.server_key, keys) as socket, suppress(TimeoutError):
            async with asyncio.timeout(within_seconds / len(server.addresses)):
                return await ask(socket, request)
    raise NoAnswerError(f"no answer from {' '.join(server.addresses)} port {server.port}")


async def ask(socket: zmq.asyncio.Socket, request: EnrolmentRequest) -> Reply:
    """Send one request and return its reply; EnrolmentRefusedError when it is a refusal."""
    await socket.send_multipart([b"", encode(request)])
    try:
        _number, body = await socket.recv_multipart()
        reply = read(reply_decoder(), body)
    except (WireError, ValueError) as fault:  # another number of frames is a ValueError
        raise NoAnswerError("what answered is not a meeting server of this version") from fault
    if isinstance(reply, Refused):
        raise EnrolmentRefusedError(reply.refusal)
    return reply


def request_for(code: EnrolmentCode, keys: DeviceKeys, meeting: str, *, pinned: bool) -> EnrolRequest:
    """Return the signed request by which ``keys``, kept under a PIN or not, enrol under ``code``."""
    signing_key = SigningKey(keys.signing_seed)
    public = public_text(signing_key)
    command = Command(
        meeting=meeting,
        id=secrets.token_hex(16),
        person=code.person,
        role=code.role,
        issued=datetime.now(UTC).isoformat(timespec="seconds"),
        body=Enrol(secret_hash(code.secret), public, keys.transport.public, pinned),
    )
    return EnrolRequest(code.secret.hex(), public, seal(msgspec.json.encode(command), signing_key))
