"""What the server answers its witnesses: proofs that the log goes on, the head to be cosigned, and their cosignatures.

To be cosigned is the first head that is shown after each close and, once the meeting is closed or every item announced,
every newest one.
"""

import asyncio
from base64 import b64encode

from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Device, Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import verify_cosignature
from pingyi_protocol.record.cosignatures import BODY_LINES, cosigner_name
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.wire.messages import (
    MOST_LEAVES,
    MOST_READ,
    Cosign,
    LeafProof,
    RecordPart,
    Witnessed,
    WitnessRequest,
)
from pingyi_protocol.wire.picture import Watch
from pingyi_server.gateway.continuing import shown
from pingyi_server.ledger.ledger import Ledger, texts

OFFICERS = (Role.CHAIR, Role.SCRUTINEER)
MOST_HEADS = 100
"""Heads to be cosigned that are remembered for those who come late."""


class Witnesses:
    """The terminals of one ledger as its witnesses."""

    def __init__(self, ledger: Ledger) -> None:
        """Know who has cosigned what."""
        self.ledger = ledger
        self.heads: dict[int, str] = {}
        self.closed = 0
        self.kept = {(size, device): line for size, device, line in ledger.store.cosignatures()}
        self.known_sessions: object = None
        self.officers: tuple[int, ...] = ()
        self.known_devices: object = None
        self.public: frozenset[int] = frozenset()

    def watch(self) -> Watch:
        """Return what terminals need now to watch the record; notes a head that they are to cosign."""
        meeting, note = self.ledger.meeting, self.ledger.note
        closed = sum(not one.live for one in meeting.rounds)
        if note is not None and (closed > self.closed or is_over(meeting)):
            self.heads[meeting.size] = note
            if len(self.heads) > MOST_HEADS:
                del self.heads[next(iter(self.heads))]
        self.closed = closed
        return Watch(
            cosign=next(reversed(self.heads), 0),
            officers=self.enrolments(meeting),
            continued=tuple(one.declared for one in meeting.continuations if one.countersigned is not None),
            continuing=shown(self.ledger.restored, meeting),
        )

    def enrolments(self, meeting: Meeting) -> tuple[int, ...]:
        """Return the leaves on which the devices of chair and scrutineers were enrolled."""
        if meeting.sessions is not self.known_sessions:
            self.known_sessions = meeting.sessions
            speaking = (meeting.devices[one] for who, one in meeting.sessions.items() if who.role in OFFICERS)
            self.officers = tuple(sorted(device.leaf for device in speaking))
        return self.officers

    def answer(self, request: WitnessRequest) -> Witnessed:
        """Return a head with the proofs that were asked for; StoreError when a leaf cannot be read."""
        meeting, log, newest = self.ledger.meeting, self.ledger.log, self.ledger.note
        if newest is None:
            raise ValueError("an empty ledger has no witnesses")
        # a batch that is on its way is in the log already: only what the newest head covers is shown
        size, seen = meeting.size, request.seen
        if not 0 <= seen <= size or (seen and b64encode(log.root(seen)).decode() != request.root):
            return self.evidence(meeting, seen, newest)
        head = request.size if request.size in self.heads else size
        first, second = sorted((seen, head))
        proof = log.consistency_proof(first, second) if first else ()
        leaves = self.proofs(request.leaves) if head == size else ()
        return Witnessed(self.heads.get(head, newest) if head != size else newest, seen, texts(proof), leaves)

    def evidence(self, meeting: Meeting, seen: int, newest: str) -> Witnessed:
        """Return the newest head, with what makes the loss of ``seen`` leaves lawful, if anything does."""
        done = [one for one in meeting.continuations if one.countersigned is not None and one.size < seen]
        if not done:
            return Witnessed(newest, seen, (), ())
        one = done[-1]
        signed = [index for index in (one.declared, one.countersigned) if index is not None]
        keys = {leaf.index: signer_of(leaf.leaf) for leaf in self.proofs(tuple(signed))}
        enrolments = {meeting.devices[key].leaf for key in keys.values() if key in meeting.devices}
        proof = self.ledger.log.consistency_proof(one.size, meeting.size)
        return Witnessed(newest, seen, texts(proof), self.proofs((*signed, *sorted(enrolments))))

    def proofs(self, indices: tuple[int, ...]) -> tuple[LeafProof, ...]:
        """Return these leaves under the newest head, as far as everybody may read them."""
        meeting, ledger = self.ledger.meeting, self.ledger
        if meeting.devices is not self.known_devices:
            self.known_devices = meeting.devices
            self.public = frozenset(device.leaf for device in meeting.devices.values())
        signed = {leaf for one in meeting.continuations for leaf in (one.declared, one.countersigned)}
        return tuple(
            LeafProof(index, ledger.store.leaf(index).decode(), texts(ledger.log.inclusion_proof(index, meeting.size)))
            for index in dict.fromkeys(indices[:MOST_LEAVES])
            if index in self.public or index in signed
        )

    async def part(self, first: int) -> RecordPart:
        """Return leaves from ``first`` on, under the newest head; StoreError when they cannot be read."""
        newest, size = self.ledger.note, self.ledger.meeting.size
        if newest is None:
            raise ValueError("an empty ledger has no head")
        return RecordPart(first, await asyncio.to_thread(self.read, first, size), newest)

    def read(self, first: int, size: int) -> tuple[str, ...]:
        """Return leaves from ``first`` on, of the first ``size``; on a thread, for nobody else waits for them."""
        leaves: list[str] = []
        room = MOST_READ
        for index, leaf in self.ledger.store.leaves(max(first, 0)):
            room -= len(leaf)
            # a batch that is on its way is no part of the record yet
            if index >= size or (leaves and room < 0):
                break
            leaves.append(leaf.decode())
        return tuple(leaves)

    def cosigned(self, first: int) -> dict[int, dict[str, str]]:
        """Return the cosignatures of heads of ``first`` leaves or more, by size and device, as they were handed in.

        After a restart those of a record that another one has replaced may be among them.
        """
        found: dict[int, dict[str, str]] = {}
        for (size, device), line in self.kept.items():
            if first <= size <= self.ledger.meeting.size:
                found.setdefault(size, {})[device] = line
        return found

    def check(self, device: Device, request: Cosign) -> tuple[int, str, str] | Refusal | None:
        """Return the cosignature to be kept; None for one that is kept already, or why it is none."""
        note = self.heads.get(request.size)
        if note is None:
            return Refusal(Reason.MALFORMED)
        if (request.size, device.id) in self.kept:
            return None
        body = "".join(f"{line}\n" for line in note.split("\n")[:BODY_LINES])
        try:
            verify_cosignature(body, request.line, device.signing_key, cosigner_name(self.ledger.origin, device.id))
        except RecordError:
            return Refusal(Reason.BAD_SIGNATURE)
        return request.size, device.id, request.line


def is_over(meeting: Meeting) -> bool:
    """Whether the meeting is closed, or every item of its agenda announced."""
    if meeting.closed is not None:
        return True
    return bool(meeting.rounds) and all(meeting.phase_of(item.id) is Phase.ANNOUNCED for item in meeting.agenda)


def signer_of(leaf: str) -> str:
    """Return the key id of whoever signed the command in a leaf, "" for nobody."""
    envelope = decode_entry(leaf.encode()).envelope
    return envelope.key if envelope else ""
