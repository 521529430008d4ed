"""How a record goes on lawfully after an older copy of it was put back, and what members hand in that it has lost."""

from base64 import b64decode, b64encode

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.admission import decode_command, device_of, signed_by
from pingyi_protocol.meeting.commands import Command, CountersignContinuation, DeclareContinuation, HandInReceipt
from pingyi_protocol.meeting.events import ContinuationCountersigned, ContinuationDeclared, Event, ReceiptHandedIn
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.merkle import HASH_BYTES
from pingyi_protocol.record.receipt import ReceiptError, check_receipt, entry_of
from pingyi_protocol.wire.messages import Receipt


def declare(meeting: Meeting, command: Command, body: DeclareContinuation, _at: int) -> Event | Refusal:
    """The chair names the copy that is gone on from; only codes, enrolments and a countersignature may come after it.

    Whether ``root`` is that of the first ``size`` leaves is for whoever holds the leaves to compare.
    """
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    if not (meeting.settled <= body.size <= meeting.size and is_hash(body.root)):
        return Refusal(Reason.CONTINUATION_MISFIT)
    return ContinuationDeclared(command.person, body.size, body.root, body.reason)


def countersign(meeting: Meeting, command: Command, body: CountersignContinuation, _at: int) -> Event | Refusal:
    """A scrutineer who is not the chair says the very same."""
    one = meeting.continuing
    if one is None or (body.size, body.root, body.reason) != (one.size, one.root, one.reason):
        return Refusal(Reason.CONTINUATION_MISFIT)
    if command.person == one.chair:
        return Refusal(Reason.SAME_PERSON)
    return ContinuationCountersigned(command.person, body.size, body.root)


def hand_in(meeting: Meeting, command: Command, body: HandInReceipt, _at: int) -> Event | Refusal:
    """A receipt is taken where the log's own signature shows that its command was on the record and is no more."""
    kept = body.receipt
    receipt = Receipt("", kept.index, kept.leaf, kept.proof, kept.checkpoint, ())
    try:
        sent = entry_of(receipt).envelope
        if sent is None:
            return Refusal(Reason.RECEIPT_REFUSED)
        check_receipt(receipt, sent, parse_public_key(meeting.log_key), meeting.origin, None)
    except ReceiptError:
        return Refusal(Reason.RECEIPT_REFUSED)
    device, lost = device_of(meeting, sent), decode_command(sent)
    if isinstance(device, Refusal) or isinstance(lost, Refusal) or signed_by(sent, device.signing_key):
        return Refusal(Reason.RECEIPT_REFUSED)
    own = device.principal == Principal(command.person, command.role) == Principal(lost.person, lost.role)
    went_on = any(one.size <= kept.index for one in meeting.continuations)
    if not own or not went_on or lost.meeting != meeting.id:
        return Refusal(Reason.RECEIPT_REFUSED)
    if lost.id in meeting.commands or lost.id in meeting.lost:
        return Refusal(Reason.COMMAND_ID_TAKEN)
    return ReceiptHandedIn(command.person, lost.id, kept.index)


def is_hash(text: str) -> bool:
    """Whether a text is the base64 of one hash, in its one form."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return False
    return len(data) == HASH_BYTES and b64encode(data).decode() == text
