"""What terminals and server say to each other. Each message is one frame of JSON; see SPEC.md for the frames.

A request and its reply share a frame with a number that the terminal chose; what the server sends unasked
carries an empty one.
"""

from functools import cache
from typing import TypeAlias, TypeVar

import msgspec

from pingyi_protocol.meeting.commands import AddItem
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import Backstage, Picture

LARGEST_REQUEST = 256 * 1024
"""Bytes of a terminal's request, unless the server is set otherwise: a secret ballot has 20 KiB a score of 101 steps,
so ten targets at once fit. The clerk's definition, which comes from the server's own machine, has its own limit."""

LARGEST_ENROLMENT = 16 * 1024
"""Bytes of a request on the enrolment socket."""

MOST_LEAVES = 32
"""Leaves that a terminal may ask for at once."""

MOST_READ = 1024 * 1024
"""Bytes of leaves that a scrutineer is given at once."""

LARGEST_CLERK_REQUEST = 16 * 1024 * 1024
LARGEST_REPLY = 2 * LARGEST_CLERK_REQUEST
"""A terminal reads no longer message: the longest is a definition with the picture."""

Message = TypeVar("Message")


class WireError(Exception):
    """A frame that is no message of the expected kind."""


class Hello(Struct, frozen=True, tag="hello/1"):
    """Give me the picture; and the definition unless it is the one with this SHA-256."""

    definition: str


class Ping(Struct, frozen=True, tag="ping/1"):
    """I am here."""


class Submit(Struct, frozen=True, tag="submit/1"):
    """A signed command. ``seen`` is the size of the last head that the sender holds (0: none)."""

    envelope: Envelope
    seen: int


class WitnessRequest(Struct, frozen=True, tag="witness/1"):
    """Prove that the log goes on from the head that I hold: ``seen`` leaves, ``root`` in base64 (none: 0 and "").

    ``size`` asks for the head to be cosigned that has this size, 0 for the newest. ``leaves`` asks for these leaves
    under the newest head: beginning, enrolments and continuations, at most ``MOST_LEAVES`` of them.
    """

    seen: int
    root: str
    size: int
    leaves: tuple[int, ...]


class ReadRecord(Struct, frozen=True, tag="read-record/1"):
    """From a scrutineer: give me the leaves from ``first`` on, and the newest head.

    As many as fit into ``MOST_READ`` bytes, at least one; who opens a secret round has followed the whole record.
    """

    first: int


class Cosign(Struct, frozen=True, tag="cosign/1"):
    """My cosignature (a line, C2SP cosignature/v1) on the head of this ``size``."""

    size: int
    line: str


class Call(Struct, frozen=True, tag="call/1"):
    """From a member's seat: somebody is to come, or nobody any more. Not on the record."""

    wanted: bool


class CallRecess(Struct, frozen=True, tag="recess/1"):
    """From the chair: there is a break now, or no more. Not on the record; the next round ends it."""

    wanted: bool


class AnswerCall(Struct, frozen=True, tag="answer-call/1"):
    """From the clerk: the call of this member has been answered."""

    person: str


class StartExport(Struct, frozen=True, tag="start-export/2"):
    """From the clerk: write every export on the server's machine, in ``language`` (None: the meeting's own).

    ``slip``: only the page to sign of the item that was announced last.
    """

    language: Language | None
    slip: bool = False


class ReadAddition(Struct, frozen=True, tag="read-addition/1"):
    """From the clerk: read this file of new items, which lies in the meeting's folder on the server's machine."""

    file: str


class EnrolRequest(Struct, frozen=True, tag="enrol-request/1"):
    """On the enrolment socket: the code's secret (hex) and the signed ``Enrol`` command of the new device.

    ``person`` and ``role`` stand in the command; ``signing_key`` is the key that it shows.
    """

    secret: str
    signing_key: str
    envelope: Envelope


class IdentityRequest(Struct, frozen=True, tag="identity-request/2"):
    """On the enrolment socket: which meeting is this, and whom is the code for whose secret has this hash (hex)."""

    code: str


Request: TypeAlias = (
    Hello
    | Ping
    | Submit
    | WitnessRequest
    | ReadRecord
    | Cosign
    | Call
    | CallRecess
    | AnswerCall
    | StartExport
    | ReadAddition
)
EnrolmentRequest: TypeAlias = EnrolRequest | IdentityRequest


class Welcome(Struct, frozen=True, tag="welcome/1"):
    """The picture, and the definition where the terminal did not hold it."""

    picture: Picture
    definition: Definition | None


class Pong(Struct, frozen=True, tag="pong/1"):
    """So am I; the meeting's clock and where the broadcasts stand, so that a lost one is noticed."""

    clock: int
    epoch: str
    sequence: int


class Receipt(Struct, frozen=True, tag="receipt/1"):
    """A command is on the record.

    ``leaf`` is the exact text of its leaf, ``index`` its place, ``proof`` the inclusion proof (base64 hashes)
    under ``checkpoint`` (a signed note), ``consistency`` the proof from the head that the sender had seen.
    """

    command: str
    index: int
    leaf: str
    proof: tuple[str, ...]
    checkpoint: str
    consistency: tuple[str, ...]


class LeafProof(Struct, frozen=True):
    """The exact text of leaf ``index`` and its inclusion proof (base64 hashes) under the checkpoint beside it."""

    index: int
    leaf: str
    proof: tuple[str, ...]


class Witnessed(Struct, frozen=True, tag="witnessed/1"):
    """A head, and the proof (base64 hashes) that one of it and the ``seen`` leaves asked about continues the other.

    Where they do not and the record went on from an older copy, ``leaves`` are those that make it lawful: the
    declaration, the countersignature, and the enrolments of both devices.
    """

    checkpoint: str
    seen: int
    consistency: tuple[str, ...]
    leaves: tuple[LeafProof, ...]


class RecordPart(Struct, frozen=True, tag="record-part/1"):
    """The exact texts of the leaves from ``first`` on, none where there are no more, and the newest head.

    The last of them may be below the head's size: then there are more.
    """

    first: int
    leaves: tuple[str, ...]
    checkpoint: str


class Cosigned(Struct, frozen=True, tag="cosigned/1"):
    """The cosignature on the head of this size is kept."""

    size: int


class Refused(Struct, frozen=True, tag="refused/1"):
    """The command changed nothing. ``command`` is its id where it could be read."""

    command: str
    refusal: Refusal


class Identity(Struct, frozen=True, tag="identity/2"):
    """The meeting that this server holds, the key of its log, and whom the code is for."""

    meeting: str
    name: str
    origin: str
    log_key: str
    person: str
    role: Role


class BackstagePush(Struct, frozen=True, tag="backstage/1"):
    """Unasked, to chair and clerk."""

    backstage: Backstage


class Called(Struct, frozen=True, tag="called/1"):
    """To a member's seat: whether its call to the clerk stands."""

    waiting: bool


class OfficePush(Struct, frozen=True, tag="office/1"):
    """To the clerk's consoles: unasked, and in answer to what only they ask."""

    office: Office


class AdditionRead(Struct, frozen=True, tag="addition/1"):
    """To the clerk's console that asked, once ``file`` was read: the commands that would add its ``items``.

    ``warnings`` and ``faults`` are sentences, by language; where something is wrong there are no items.
    """

    file: str
    items: tuple[AddItem, ...] = ()
    warnings: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    faults: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


Reply: TypeAlias = (
    Welcome
    | Pong
    | Receipt
    | Refused
    | Identity
    | BackstagePush
    | Witnessed
    | RecordPart
    | Cosigned
    | Called
    | OfficePush
    | AdditionRead
)


@cache
def request_decoder() -> msgspec.json.Decoder[Request]:
    """Return the decoder of requests on the meeting socket."""
    return msgspec.json.Decoder(Request)


@cache
def enrolment_decoder() -> msgspec.json.Decoder[EnrolmentRequest]:
    """Return the decoder of requests on the enrolment socket."""
    return msgspec.json.Decoder(EnrolmentRequest)


@cache
def reply_decoder() -> msgspec.json.Decoder[Reply]:
    """Return the decoder of what a terminal receives."""
    return msgspec.json.Decoder(Reply)


def read(decoder: msgspec.json.Decoder[Message], frame: bytes) -> Message:
    """Return the message in a frame that anybody may have sent; WireError for whatever is none."""
    try:
        return decoder.decode(frame)
    except (ValueError, RecursionError) as fault:  # msgspec's own errors and bytes that are no UTF-8 are ValueErrors
        raise WireError(str(fault)) from fault


def encode(message: Request | EnrolmentRequest | Reply) -> bytes:
    """Return the frame of a message."""
    return msgspec.json.encode(message)
