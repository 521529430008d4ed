"""Checkpoints: the signed heads of the log, and the cosignatures of those who saw them.

Formats of https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-cosignature,
read strictly: nothing is accepted that would not be written the same, byte by byte. A checkpoint carries one
signature, the log's; cosignatures are lines of their own, and appending them to it gives a signed note again.
"""

import re
from base64 import b64decode, b64encode
from enum import IntEnum
from hashlib import sha256

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from pingyi_protocol.record import RecordError
from pingyi_protocol.record.merkle import HASH_BYTES
from pingyi_protocol.record.tracking import FINGERPRINT_CHARACTERS, short_code

GREATEST_INTEGER = 2**63 - 1
KEY_BYTES = 32
_KEY_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_TIMESTAMP_BYTES = 8
LEAST_LINE = 16
"""Bytes that a line of signed heads and cosignatures has at least on average; it is some 30."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
# No control characters, white space, plus, invisible or direction-changing characters, lone surrogates.
_NAME = re.compile(
    r"[^\x00-\x20+\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff]+"
)


class CheckpointError(RecordError):
    """A checkpoint, a cosignature or a verifier key is malformed, or not by the key that was expected."""


class SignatureType(IntEnum):
    """The signature type bytes of C2SP signed-note that are used here, both with Ed25519 keys."""

    NOTE = 0x01
    COSIGNATURE = 0x04


class Checkpoint(msgspec.Struct, frozen=True):
    """A head of a log: ``origin`` names the log, ``size`` counts its leaves, ``root`` is their Merkle root (32 bytes).

    CheckpointError when one of them cannot stand in a checkpoint.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what has no canonical form."""
        _require_name(self.origin)
        if not 0 <= self.size <= GREATEST_INTEGER:
            raise CheckpointError("checkpoint.size")
        if len(self.root) != HASH_BYTES:
            raise CheckpointError("checkpoint.root", length=len(self.root))

    @property
    def note_body(self) -> str:
        """The three lines that are signed, each with its newline."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


class VerifierKey(msgspec.Struct, frozen=True):
    """An Ed25519 public key (32 bytes) together with the name it signs under and what it signs.

    CheckpointError when the name cannot stand in a signature line or the key has another length.
    """

    name: str
    type: SignatureType
    public_key: bytes

    def __post_init__(self) -> None:
        """Refuse what has no canonical form."""
        _require_name(self.name)
        if len(self.public_key) != KEY_BYTES:
            raise CheckpointError("checkpoint.key_length", length=len(self.public_key))

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before each of its signatures."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public_key).digest()[:_KEY_ID_BYTES]

    def to_vkey(self) -> str:
        """Return the text form ``name+key id in hex+base64(type || public key)``."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.type]) + self.public_key)}"

    def signature_line(self, signature: bytes) -> str:
        """Return the line, with its newline, that carries ``signature`` in a note."""
        return f"— {self.name} {_base64(self.key_id + signature)}\n"

    def signature_of(self, line: str, length: int) -> bytes:
        """Return the signature, ``length`` bytes, of a line; CheckpointError unless this key's name and id head it."""
        start = f"— {self.name} "
        if not (line.startswith(start) and line.endswith("\n")):
            raise CheckpointError("checkpoint.other_signer", wanted=self.name)
        content = _from_base64(line.removeprefix(start).removesuffix("\n"))
        if content[:_KEY_ID_BYTES] != self.key_id:
            raise CheckpointError("checkpoint.other_key", name=self.name, wanted=self.key_id.hex())
        signature = content[_KEY_ID_BYTES:]
        if len(signature) != length:
            raise CheckpointError("checkpoint.signature_length", name=self.name, found=len(signature), wanted=length)
        return signature

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check an Ed25519 signature (64 bytes) by PyNaCl's strict rules; CheckpointError when it is not good."""
        try:
            VerifyKey(self.public_key).verify(message, signature)
        except BadSignatureError as error:
            raise CheckpointError("checkpoint.bad_signature", name=self.name) from error


def mostly_breaks(content: bytes) -> bool:
    """Whether a text has more line breaks than signed heads and cosignatures have: each would become an object."""
    return content.count(b"\n") * LEAST_LINE > len(content)


def parse_vkey(text: str) -> VerifierKey:
    """Return the key that ``VerifierKey.to_vkey`` wrote; CheckpointError for every other text."""
    name, _, rest = text.partition("+")
    _, _, material = rest.partition("+")
    content = _from_base64(material)
    if content[:1] not in (b"\x01", b"\x04"):
        raise CheckpointError("checkpoint.key_type")
    key = VerifierKey(name, SignatureType(content[0]), content[1:])
    if key.to_vkey() != text:
        raise CheckpointError("checkpoint.key_id", wanted=key.key_id.hex())
    return key


def parse_note_body(body: str) -> Checkpoint:
    """Return the checkpoint of a note body; CheckpointError unless it is written exactly as ``note_body`` writes it."""
    lines = body.split("\n")
    if len(lines) != 4 or lines[3]:  # noqa: PLR2004 - origin, size, root, and nothing after the last newline
        raise CheckpointError("checkpoint.lines")
    origin, size, root = lines[:3]
    if not _DECIMAL.fullmatch(size):
        raise CheckpointError("checkpoint.size")
    return Checkpoint(origin, int(size), _from_base64(root))


def sign_checkpoint(checkpoint: Checkpoint, signing_key: SigningKey, name: str) -> str:
    """Return the signed note of a head: its body, a blank line and one signature line under ``name``."""
    key = VerifierKey(name, SignatureType.NOTE, bytes(signing_key.verify_key))
    body = checkpoint.note_body
    return f"{body}\n{key.signature_line(signing_key.sign(body.encode()).signature)}"


def verify_checkpoint(note: str, public_key: bytes, name: str) -> Checkpoint:
    """Return the head in a signed note with exactly one signature, that of ``public_key`` under ``name``.

    CheckpointError says what is wrong. Whether ``origin`` is the log that was meant is for the caller to compare.
    """
    key = VerifierKey(name, SignatureType.NOTE, public_key)
    body, blank, line = note.partition("\n\n")
    if not blank:
        raise CheckpointError("checkpoint.unsigned")
    checkpoint = parse_note_body(body + "\n")
    key.verify(checkpoint.note_body.encode(), key.signature_of(line, _SIGNATURE_BYTES))
    return checkpoint


def cosign(note_body: str, signing_key: SigningKey, name: str, timestamp: int) -> str:
    """Return the line, with its newline, by which ``name`` cosigns the checkpoint in ``note_body``.

    ``timestamp`` is in seconds since 1970-01-01 UTC: a label, never an order. CheckpointError when the body is
    no checkpoint or the time is out of range.
    """
    parse_note_body(note_body)
    key = VerifierKey(name, SignatureType.COSIGNATURE, bytes(signing_key.verify_key))
    signature = signing_key.sign(_cosigned_message(note_body, timestamp)).signature
    return key.signature_line(timestamp.to_bytes(_TIMESTAMP_BYTES, "big") + signature)


def verify_cosignature(note_body: str, line: str, public_key: bytes, name: str) -> int:
    """Check that ``name`` cosigned the checkpoint in ``note_body`` and return the time it gave, seconds since 1970.

    ``line`` is what ``cosign`` returned. CheckpointError says what is wrong.
    """
    parse_note_body(note_body)
    key = VerifierKey(name, SignatureType.COSIGNATURE, public_key)
    content = key.signature_of(line, _TIMESTAMP_BYTES + _SIGNATURE_BYTES)
    timestamp = int.from_bytes(content[:_TIMESTAMP_BYTES], "big")
    key.verify(_cosigned_message(note_body, timestamp), content[_TIMESTAMP_BYTES:])
    return timestamp


def fingerprint(checkpoint: Checkpoint) -> str:
    """Return the short code of a head for hall and minutes: the first 80 bits of SHA-256 over its note body."""
    return short_code(sha256(checkpoint.note_body.encode()).digest(), FINGERPRINT_CHARACTERS)


def _cosigned_message(note_body: str, timestamp: int) -> bytes:
    if not 0 <= timestamp <= GREATEST_INTEGER:
        raise CheckpointError("checkpoint.timestamp", found=timestamp)
    return f"cosignature/v1\ntime {timestamp}\n{note_body}".encode()


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CheckpointError("checkpoint.name", found=repr(name))


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes:
    """Return what canonical base64 (RFC 4648 section 4, padding bits zero) encodes; CheckpointError otherwise."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise CheckpointError("checkpoint.base64") from error
    if _base64(data) != text:
        raise CheckpointError("checkpoint.base64")
    return data
