"""A leaf of the ledger: what happened, when, and the exact signed text of the command behind it."""

from functools import cache

import msgspec

from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record import RecordError
from pingyi_protocol.wire.envelope import Envelope


class EntryError(RecordError):
    """A leaf that is not what our encoder writes."""


class Entry(Struct, frozen=True):
    """Leaf ``index``, counted from 0.

    ``at`` is in milliseconds of the meeting's clock and gives the order of time; ``time`` is the server's wall
    clock as an ISO 8601 UTC label. ``envelope`` is None where the server's own clock (the end of a countdown)
    or restart is the cause.
    """

    index: int
    at: int
    time: str
    envelope: Envelope | None
    event: Event


@cache
def decoder() -> msgspec.json.Decoder[Entry]:
    """Return the one decoder of leaves."""
    return msgspec.json.Decoder(Entry)


def encode_entry(entry: Entry) -> bytes:
    """Return the leaf's bytes: one line of UTF-8 JSON with the fields in their order."""
    return msgspec.json.encode(entry)


def decode_entry(leaf: bytes) -> Entry:
    """Return the entry of a leaf; EntryError unless ``encode_entry`` gives the same bytes again."""
    try:
        entry = decoder().decode(leaf)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise EntryError("entry.malformed", fault=error) from error
    if encode_entry(entry) != leaf:
        raise EntryError("entry.other_form")
    return entry
