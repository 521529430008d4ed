"""What somebody holds against a record from outside it: the log's key, a head, or a receipt.

A record without a pin can only be consistent in itself: whoever holds the server's key could have written another
one. A head from the signed minutes pins every leaf up to it; a receipt pins its own leaf and the head that it names.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import (
    Checkpoint,
    CheckpointError,
    fingerprint,
    parse_note_body,
    verify_checkpoint,
)
from pingyi_protocol.record.cosignatures import body_of
from pingyi_protocol.record.merkle import MerkleLog, ProofError, leaf_hash, verify_inclusion
from pingyi_protocol.record.receipt import code_of, hashes
from pingyi_protocol.record.tracking import FINGERPRINT_CHARACTERS, parse_fingerprint, short_code
from pingyi_protocol.wire.messages import Receipt, encode, reply_decoder
from pingyi_protocol.wording import WordedError

KEY_TEXT = re.compile(r"[A-Za-z0-9+/]{43}=")


class PinError(RecordError):
    """The record is not the one that the pin is from."""


class PinFormError(RecordError):
    """What was given as a pin is none."""


@dataclass(frozen=True)
class Held:
    """A pin that the record bears out: a key of the catalogue's [pin] section and the values of its text."""

    key: str
    values: dict[str, object]


@dataclass(frozen=True)
class Log:
    """What the verifier has worked out: the hashes of all leaves, the log's origin and key, the sizes of its heads.

    ``wanted`` is the leaf that a receipt names, None where the record does not reach that far.
    """

    hashes: MerkleLog
    origin: str
    key: bytes
    sizes: tuple[int, ...]
    wanted: bytes | None


def key_fingerprint(public_key: bytes) -> str:
    """Return the short code of a log's key (32 bytes): the first 80 bits of its SHA-256."""
    return short_code(sha256(public_key).digest(), FINGERPRINT_CHARACTERS)


@dataclass(frozen=True)
class KeyPin:
    """A log's key by its short code."""

    code: str

    def check(self, log: Log) -> Held:
        """Compare; PinError when the record is signed by another key."""
        found = key_fingerprint(log.key)
        if found != self.code:
            raise PinError("pin.other_key", wanted=self.code, found=found)
        return Held("pin.key_held", {"code": found})


@dataclass(frozen=True)
class CheckpointPin:
    """A head, by its signed ``note`` or else by its short ``code``."""

    note: str = ""
    code: str = ""

    def check(self, log: Log) -> Held:
        """Compare; PinError when the record does not continue this head."""
        size = checked_note(self.note, log).size if self.note else self.size_of_code(log)
        code = fingerprint(Checkpoint(log.origin, size, log.hashes.root(size)))
        final = size == log.hashes.size
        return Held("pin.head_held" if final else "pin.earlier_head_held", values(log, size=size, code=code))

    def size_of_code(self, log: Log) -> int:
        """Return the size of the head with this code."""
        # a code on paper is most likely that of the final head
        for size in reversed(log.sizes):
            if fingerprint(Checkpoint(log.origin, size, log.hashes.root(size))) == self.code:
                return size
        raise PinError("pin.no_such_head", code=self.code)


@dataclass(frozen=True)
class ReceiptPin:
    """A receipt as a terminal keeps it."""

    receipt: Receipt

    def check(self, log: Log) -> Held:
        """Find the receipt's leaf in its place; PinError when the record has lost or changed it.

        With all leaves at hand the receipt's own proof adds nothing, but a receipt whose proof does not hold is none.
        """
        receipt = self.receipt
        head = checked_note(receipt.checkpoint, log)
        if not 0 <= receipt.index < head.size or log.wanted != receipt.leaf.encode():
            raise PinError("pin.other_leaf", index=receipt.index, code=code_of(receipt))
        try:
            proof = hashes(receipt.proof)
            verify_inclusion(receipt.index, head.size, leaf_hash(receipt.leaf.encode()), proof, head.root)
        except (ProofError, ValueError) as fault:
            raise PinError("pin.no_proof", index=receipt.index, fault=fault) from fault
        return Held("pin.receipt_held", values(log, index=receipt.index, code=code_of(receipt), head=head.size))


Pin = KeyPin | CheckpointPin | ReceiptPin


def checked_note(note: str, log: Log) -> Checkpoint:
    """Return the head in a signed note that this log continues; PinError otherwise."""
    try:
        head = verify_checkpoint(note, log.key, log.origin)
    except CheckpointError as fault:
        raise PinError("pin.other_log", fault=fault) from fault
    if head.origin != log.origin:
        raise PinError("pin.other_origin", wanted=log.origin, found=head.origin)
    if head.size > log.hashes.size:
        raise PinError("pin.rolled_back", size=head.size, found=log.hashes.size)
    if log.hashes.root(head.size) != head.root:
        raise PinError("pin.forked", size=head.size)
    return head


def values(log: Log, **more: object) -> dict[str, object]:
    """Return the values of a text that also names how long the record is."""
    return {"total": log.hashes.size, **more}


def parse_key_pin(text: str) -> KeyPin:
    """Return the pin for a log's key in base64, or for its short code; PinFormError when it is neither."""
    try:
        if KEY_TEXT.fullmatch(text.strip()):
            return KeyPin(key_fingerprint(parse_public_key(text.strip())))
        return KeyPin(parse_fingerprint(text))
    except WordedError as fault:
        raise PinFormError("pin.no_key", fault=fault) from fault


def parse_checkpoint_pin(text: str) -> CheckpointPin:
    """Return the pin for a signed note, or for the fingerprint of a head; PinFormError when it is neither."""
    try:
        if "\n" in text.strip():
            # whose signature it bears is a question to the record; that it is a head at all is not
            parse_note_body(body_of(text))
            return CheckpointPin(note=text)
        return CheckpointPin(code=parse_fingerprint(text))
    except WordedError as fault:
        raise PinFormError("pin.no_checkpoint", fault=fault) from fault


def parse_receipt_pin(content: bytes) -> ReceiptPin:
    """Return the pin for a receipt, byte for byte as a profile keeps it; PinFormError when it is none."""
    try:
        receipt = reply_decoder().decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
        raise PinFormError("pin.no_receipt") from fault
    # a field that stands there twice could be read in two ways; the server writes one form
    if not isinstance(receipt, Receipt) or encode(receipt) != content.rstrip():
        raise PinFormError("pin.no_receipt")
    return ReceiptPin(receipt)
