"""Check a receipt before believing it: the own command stands in the log, under a head that grew from the last."""

from base64 import b64decode
from collections.abc import Sequence

from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import Checkpoint, CheckpointError, verify_checkpoint
from pingyi_protocol.record.entry import Entry, EntryError, decode_entry
from pingyi_protocol.record.merkle import ProofError, leaf_hash, verify_consistency, verify_inclusion
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import Receipt


class ReceiptError(RecordError):
    """The receipt does not prove what it should: the clerk and a scrutineer must be told."""


def check_receipt(receipt: Receipt, sent: Envelope, log_key: bytes, origin: str, seen: Checkpoint | None) -> Checkpoint:
    """Return the head under which ``sent`` is on the record.

    1. The leaf holds exactly the envelope that was sent, at the place that the receipt names.
    2. The head is signed by the log's own key.
    3. The leaf is in the log under that head.
    4. The log under that head continues the one under ``seen``, the head known before (None: none).

    ReceiptError says which step failed.
    """
    entry = entry_of(receipt)
    if entry.envelope != sent or entry.index != receipt.index:
        raise ReceiptError("receipt.other_command")
    try:
        head = verify_checkpoint(receipt.checkpoint, log_key, origin)
        if head.origin != origin:
            raise CheckpointError("checkpoint.other_signer", wanted=origin)  # noqa: TRY301 - one of the steps that fail alike
        leaf = leaf_hash(receipt.leaf.encode())
        verify_inclusion(receipt.index, head.size, leaf, hashes(receipt.proof), head.root)
        if seen is not None:
            verify_consistency(seen.size, head.size, seen.root, head.root, hashes(receipt.consistency))
    except (CheckpointError, ProofError, ValueError) as fault:
        raise ReceiptError("receipt.proof", fault=fault) from fault
    return head


def entry_of(receipt: Receipt) -> Entry:
    """Return the entry in a receipt's leaf; ReceiptError if it is none."""
    try:
        return decode_entry(receipt.leaf.encode())
    except EntryError as fault:
        raise ReceiptError("receipt.no_leaf") from fault


def code_of(receipt: Receipt) -> str:
    """Return the tracking code of what a receipt proves."""
    return tracking_code(leaf_hash(receipt.leaf.encode()))


def hashes(texts: Sequence[str]) -> list[bytes]:
    """Return base64 hashes as bytes; ValueError if one is none."""
    return [b64decode(text, validate=True) for text in texts]
