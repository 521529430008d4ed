"""A leaf of the ledger: what happened, when, and the exact signed text of the command behind it."""

import re
from functools import cache
from typing import get_args

import msgspec

from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record import RecordError
from pingyi_protocol.wire.envelope import Envelope


class EntryError(RecordError):
    """A leaf that is not what our encoder writes."""


class OtherVersionError(EntryError):
    """A leaf in the form of a leaf, with an event that this version of Pingyi does not know (``kind``)."""


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


class Tagged(msgspec.Struct, frozen=True):
    """Any event, by its tag."""

    type: str


class Leaf(msgspec.Struct, frozen=True):
    """Any leaf, of this version or another."""

    index: int
    event: Tagged


KNOWN = frozenset(event.__struct_config__.tag for event in get_args(Event))
KIND = re.compile(r"[a-z]+(-[a-z]+)*/[1-9][0-9]{0,3}")
"""What the tag of an event looks like, in every version."""


@cache
def decoder() -> msgspec.json.Decoder[Entry]:
    """Return the one decoder of leaves."""
    return msgspec.json.Decoder(Entry)


def encode_entry(entry: Entry) -> bytes:
    """Return the leaf's bytes: one line of UTF-8 JSON with the fields in their order."""
    return msgspec.json.encode(entry)


def decode_entry(leaf: bytes) -> Entry:
    """Return the entry of a leaf; EntryError unless ``encode_entry`` gives the same bytes again.

    OtherVersionError for an event of another version: whoever trusts that has to hold the leaf to a signed head first.
    """
    try:
        entry = decoder().decode(leaf)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        kind = foreign(leaf)
        if kind:
            raise OtherVersionError("entry.other_version", kind=kind) from error
        raise EntryError("entry.malformed", fault=error) from error
    if encode_entry(entry) != leaf:
        raise EntryError("entry.other_form")
    return entry


def foreign(leaf: bytes) -> str:
    """Return the tag of an event that this version does not know; "" for a known one, and for what is no leaf."""
    try:
        kind = msgspec.json.decode(leaf, type=Leaf).event.type
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ""
    return kind if kind not in KNOWN and KIND.fullmatch(kind) else ""
