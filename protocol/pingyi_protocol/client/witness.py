"""A terminal as a witness: it holds the server to the last head that it saw, and cosigns the heads of closes.

The last head that was proven is kept on the disk. What was shown after it is proven in turn, and until then kept in
memory, so that another run of the server that shows less is noticed at once.

What it believes is kept beside the head: on which leaves chair and scrutineers were enrolled, so that nobody else can
declare a continuation to it later, and which continuations it knows, so that none excuses a second loss. No sockets.
"""

import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import SigningKey, key_id, parse_public_key, public_text
from pingyi_protocol.meeting.admission import read_command, signed_by
from pingyi_protocol.meeting.commands import Body, CountersignContinuation, DeclareContinuation
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    ContinuationCountersigned,
    ContinuationDeclared,
    DeviceEnrolled,
    MeetingCreated,
)
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Device, Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.checkpoint import Checkpoint, CheckpointError, cosign, verify_checkpoint
from pingyi_protocol.record.cosignatures import cosigner_name
from pingyi_protocol.record.entry import Entry, EntryError, decode_entry
from pingyi_protocol.record.merkle import ProofError, leaf_hash, verify_consistency, verify_inclusion
from pingyi_protocol.record.receipt import ReceiptError, hashes
from pingyi_protocol.wire.messages import MOST_LEAVES, Cosign, LeafProof, Receipt, Witnessed, WitnessRequest
from pingyi_protocol.wire.picture import Head, Picture, Watch
from pingyi_protocol.wording import WordedError

OFFICERS = (Role.CHAIR, Role.SCRUTINEER)


class KeptLeaf(Struct, frozen=True):
    """A leaf that was proven: its place and its exact text."""

    index: int
    leaf: str


class Trust(Struct, frozen=True, tag_field="format", tag="pingyi-trust/1"):
    """What a terminal believes besides its head.

    ``officers`` are the enrolments of chair and scrutineers, ``continued`` the declarations in the log, ``spent`` the
    leaf hashes (hex) of every declaration it ever knew, ``cosigned`` the size of the head that it cosigned last.
    """

    officers: tuple[KeptLeaf, ...] = ()
    continued: tuple[KeptLeaf, ...] = ()
    spent: tuple[str, ...] = ()
    cosigned: int = 0


class Memory(Protocol):
    """Where a witness keeps what it believes; a Profile is one."""

    def head(self) -> str | None:
        """Return the last signed head that was seen."""

    def remember_head(self, note: str) -> None:
        """Remember a signed head."""

    def trust(self) -> bytes | None:
        """Return what ``remember_trust`` kept."""

    def remember_trust(self, trust: bytes) -> None:
        """Keep what the terminal believes besides the head."""


class Haste(StrEnum):
    """When a question is to be asked: at once, soon, or each terminal of the hall in its turn."""

    NOW = "now"
    SOON = "soon"
    IN_TURN = "in_turn"


class Testimony(NamedTuple):
    """What came of an answer: a cosignature to hand in, or a lawful continuation to go on under ``note``."""

    cosignature: Cosign | None = None
    continued: KeptLeaf | None = None
    note: str = ""


class Witness:
    """One terminal's view of one log. ``head`` is the newest head that it believes, None before the first."""

    def __init__(self, facts: ProfileFacts, keys: DeviceKeys, memory: Memory) -> None:
        """Take up what was kept; ReceiptError when it is damaged."""
        self.facts = facts
        self.keys = keys
        self.signing_key = SigningKey(keys.signing_seed)
        self.log_key = parse_public_key(facts.log_key)
        self.memory = memory
        try:
            enrolment = msgspec.json.decode(facts.enrolment, type=Receipt) if facts.enrolment else None
        except (ValueError, RecursionError) as fault:
            raise ReceiptError("witness.head_damaged") from fault
        held = memory.head()
        note = enrolment.checkpoint if enrolment and held is None else held
        try:
            self.head = None if note is None else verify_checkpoint(note, self.log_key, facts.origin)
        except CheckpointError as fault:
            raise ReceiptError("witness.head_damaged") from fault
        kept = memory.trust()
        try:
            self.trust = Trust() if kept is None else msgspec.json.decode(kept, type=Trust)
        except (
            ValueError,
            RecursionError,
        ) as fault:  # msgspec's own errors and bytes that are no UTF-8 are ValueErrors
            raise ReceiptError("witness.trust_damaged") from fault
        # the clerk's own keys stand in the ledger's first leaf
        self.own = enrolment.index if enrolment else 0 if (facts.person, facts.role) == CLERK else None
        self.epoch: str | None = None
        """The run of the server that has proved itself."""
        self.shown: Head | None = None
        """The newest head that such a run has shown, while it is newer than the one that is believed."""
        self.followed: str | None = None
        """The run of the server that goes on from what was shown."""

    @property
    def size(self) -> int:
        """The leaves under the head."""
        return self.head.size if self.head else 0

    @property
    def sure(self) -> bool:
        """Whether the server that is heard now goes on from what was seen before."""
        return self.head is None or self.epoch is not None

    def doubt(self) -> None:
        """Believe no run of the server before it has proved itself again."""
        self.epoch = self.followed = None

    def see(self, picture: Picture) -> None:
        """Note the head that a run which has proved itself shows."""
        held = max(self.size, self.shown.size if self.shown else 0)
        if self.epoch == picture.epoch and picture.head.root and picture.head.size > held:
            self.shown = picture.head

    def question(self, picture: Picture) -> tuple[WitnessRequest, Haste] | None:
        """Return what to ask, and when; None when there is nothing."""
        self.see(picture)
        wanted = self.unknown(picture.watch)
        first = self.epoch != picture.epoch
        if first:
            self.epoch = None
        if first and self.shown is not None and self.followed != picture.epoch:
            return WitnessRequest(self.shown.size, self.shown.root, 0, ()), Haste.NOW
        if first and self.own is not None:
            wanted = (self.own, *wanted)
        if first or picture.head.size < self.size:
            return self.ask(0, wanted), Haste.NOW
        if wanted:
            return self.ask(0, wanted), Haste.SOON
        if picture.watch.cosign > self.trust.cosigned:
            return self.ask(picture.watch.cosign, ()), Haste.SOON
        return (self.ask(0, ()), Haste.IN_TURN) if picture.head.size > self.size else None

    def unknown(self, watch: Watch) -> tuple[int, ...]:
        """Return the leaves to be known that are not."""
        known = {kept.index for kept in (*self.trust.officers, *self.trust.continued)}
        return tuple(index for index in (*watch.officers, *watch.continued) if index not in known)

    def ask(self, size: int, leaves: tuple[int, ...]) -> WitnessRequest:
        """Return the question for the head of this size."""
        root = b64encode(self.head.root).decode() if self.head else ""
        return WitnessRequest(self.size, root, size, leaves[:MOST_LEAVES])

    def take(self, reply: Witnessed, asked: WitnessRequest, epoch: str) -> Testimony | None:
        """Hold the answer to ``asked`` against the head.

        ReceiptError when the record does not go on from it, None if it is stale.
        """
        if reply.seen != asked.seen:
            return None
        if self.shown is not None and asked.seen == self.shown.size:
            self.take_shown(self.shown, reply, epoch)
            return Testimony()
        if asked.seen != self.size:
            return None
        head = self.signed(reply.checkpoint)
        if head.size < self.size and head.size != asked.size and fits(self.head, head, reply.consistency, head.size):
            # an older head that fits: the late answer to an earlier question
            return None
        if not fits(self.head, head, reply.consistency, asked.size):
            loss = ReceiptError("witness.rolled_back" if head.size < self.size else "witness.forked", seen=self.size)
            return Testimony(continued=self.lawful(head, reply, self.size, loss), note=reply.checkpoint)
        entries = proven(reply.leaves, head)
        if self.own is not None and self.own in asked.leaves:
            self.check_own(entries)
        self.learn(reply.leaves, entries)
        self.remember(head, reply.checkpoint)
        if not asked.size and (self.own is None or self.own in asked.leaves):
            self.epoch = epoch
        wanted = asked.size and head.size == asked.size
        return Testimony(cosignature=self.cosignature(head) if wanted else None)

    def signed(self, note: str) -> Checkpoint:
        """Return the head in a note that the log's key signed; ReceiptError otherwise."""
        try:
            head = verify_checkpoint(note, self.log_key, self.facts.origin)
        except CheckpointError as fault:
            raise ReceiptError("witness.head", fault=fault) from fault
        if head.origin != self.facts.origin:
            raise ReceiptError("witness.head", fault=CheckpointError("checkpoint.other_signer", wanted=head.origin))
        return head

    def take_shown(self, shown: Head, reply: Witnessed, epoch: str) -> None:
        """Hold another run of the server to the head that an earlier one has shown.

        ReceiptError when its record neither goes on from that nor has lawfully lost it.
        """
        head = self.signed(reply.checkpoint)
        before = Checkpoint(self.facts.origin, shown.size, b64decode(shown.root))
        if fits(before, head, reply.consistency, 0):
            self.followed = epoch
            return
        fewer = ReceiptError("witness.fewer", seen=shown.size, size=head.size)
        loss = fewer if head.size < shown.size else ReceiptError("witness.forked", seen=shown.size)
        declaration = self.lawful(head, reply, shown.size, loss)
        self.shown = None
        if size_continued(declaration) >= self.size:
            # what is believed stands, so that nothing else will spend it
            self.believe(msgspec.structs.replace(self.trust, spent=(*self.trust.spent, hash_of(declaration))))

    def remember(self, head: Checkpoint, note: str) -> None:
        """Believe a newer head."""
        if head.size > self.size:
            self.head = head
            self.memory.remember_head(note)
        if self.shown is not None and self.shown.size <= self.size:
            self.shown = None

    def check_own(self, entries: Sequence[Entry]) -> None:
        """The leaf of the own enrolment shows the own keys; ReceiptError otherwise."""
        public, transport = public_text(self.signing_key), self.keys.transport.public
        for entry in entries:
            event = entry.event
            if entry.index == self.own and isinstance(event, DeviceEnrolled | MeetingCreated):
                whose = (event.person, event.role) if isinstance(event, DeviceEnrolled) else CLERK
                if (event.signing_key, event.transport_key, *whose) == (
                    public,
                    transport,
                    self.facts.person,
                    self.facts.role,
                ):
                    return
        raise ReceiptError("witness.own_key", index=self.own)

    def learn(self, leaves: Iterable[LeafProof], entries: Iterable[Entry]) -> None:
        """Keep proven enrolments of officers, the newest of each, and declarations."""
        officers = {principal_of(kept): kept for kept in self.trust.officers}
        continued = {kept.index: kept for kept in self.trust.continued}
        spent = dict.fromkeys(self.trust.spent)
        for proof, entry in zip(leaves, entries, strict=True):
            kept = KeptLeaf(proof.index, proof.leaf)
            if isinstance(entry.event, DeviceEnrolled) and entry.event.role in OFFICERS:
                earlier = officers.get(principal_of(kept))
                if earlier is None or earlier.index < kept.index:
                    officers[principal_of(kept)] = kept
            if isinstance(entry.event, ContinuationDeclared):
                continued[kept.index] = kept
                spent[hash_of(kept)] = None
        self.believe(Trust(tuple(officers.values()), tuple(continued.values()), tuple(spent), self.trust.cosigned))

    def believe(self, trust: Trust) -> None:
        """Keep what is believed, if it is new."""
        if trust != self.trust:
            self.trust = trust
            self.memory.remember_trust(msgspec.json.encode(trust))

    def cosignature(self, head: Checkpoint) -> Cosign:
        """Return the own cosignature on a head that fits the own one."""
        name = cosigner_name(self.facts.origin, key_id(bytes(self.signing_key.verify_key)))
        return Cosign(head.size, cosign(head.note_body, self.signing_key, name, int(time.time())))

    def cosigned(self, size: int) -> None:
        """The server keeps the cosignature on the head of this size."""
        self.believe(msgspec.structs.replace(self.trust, cosigned=max(size, self.trust.cosigned)))

    def lawful(self, head: Checkpoint, reply: Witnessed, seen: int, loss: ReceiptError) -> KeptLeaf:
        """Return the declaration by which the log lawfully lost its first ``seen`` leaves; ``loss`` without one."""
        entries = proven(reply.leaves, head)
        found = {type(one.event): (kept, one) for kept, one in zip(reply.leaves, entries, strict=True)}
        if ContinuationDeclared not in found or ContinuationCountersigned not in found:
            raise loss
        (leaf, declared), (_, agreed) = found[ContinuationDeclared], found[ContinuationCountersigned]
        declaration = KeptLeaf(leaf.index, leaf.leaf)
        event = declared.event
        if not isinstance(event, ContinuationDeclared) or hash_of(declaration) in self.trust.spent:
            raise loss
        values = (event.size, event.root, event.reason)
        chair = self.officer(declared, Role.CHAIR, DeclareContinuation(*values), reply.leaves)
        scrutineer = self.officer(agreed, Role.SCRUTINEER, CountersignContinuation(*values), reply.leaves)
        if chair == scrutineer or event.size >= seen:
            raise loss
        try:
            root = b64decode(event.root, validate=True)
            verify_consistency(event.size, head.size, root, head.root, hashes(reply.consistency))
        except (ProofError, ValueError) as fault:
            raise ReceiptError("witness.continuation", reason="root") from fault
        return declaration

    def officer(self, entry: Entry, role: Role, body: Body, leaves: Iterable[LeafProof]) -> str:
        """Return who signed ``body`` in this entry; ReceiptError unless an officer of this role did.

        It must be one whose enrolment was seen before the loss, where any of this role was.
        """
        pinned = [kept.leaf for kept in self.trust.officers if principal_of(kept).role is role]
        for proof in leaves:
            device = device_of(KeptLeaf(proof.index, proof.leaf))
            if device is None or device.principal.role is not role or entry.envelope is None:
                continue
            if pinned and proof.leaf not in pinned:
                continue
            if device.id != entry.envelope.key or signed_by(entry.envelope, device.signing_key) is not None:
                continue
            command = read_command(entry.envelope, device)
            if not isinstance(command, Refusal) and (command.meeting, command.body) == (self.facts.meeting, body):
                return device.principal.person
        raise ReceiptError("witness.continuation", reason=role)

    def go_on(self, testimony: Testimony) -> None:
        """Believe a lawful continuation: the shorter log's head counts from now on."""
        declaration = testimony.continued
        if declaration is None:
            return
        size, trust = size_continued(declaration), self.trust
        officers = tuple(kept for kept in trust.officers if kept.index < size)
        continued = (*(kept for kept in trust.continued if kept.index < size), declaration)
        # the head comes last: after a crash in between, the same continuation is found again and taken again
        self.head, self.shown = self.signed(testimony.note), None
        self.memory.remember_head(testimony.note)
        self.believe(Trust(officers, continued, (*trust.spent, hash_of(declaration)), 0))


def fits(own: Checkpoint | None, head: Checkpoint, proof: Sequence[str], asked: int) -> bool:
    """Whether ``head`` goes on from ``own``, or leads up to it where an older one of size ``asked`` was asked for."""
    if own is None:
        return True
    if head.size < own.size and head.size != asked:
        return False
    first, second = sorted((own, head), key=lambda one: one.size)
    try:
        verify_consistency(first.size, second.size, first.root, second.root, hashes(proof))
    except (ProofError, ValueError):
        return False
    return True


def proven(leaves: Iterable[LeafProof], head: Checkpoint) -> list[Entry]:
    """Return the entries of leaves that stand in the log under ``head``; ReceiptError names one that does not."""
    return [proven_one(one, head) for one in leaves]


def proven_one(one: LeafProof, head: Checkpoint) -> Entry:
    """Return the entry of a leaf once its proof is checked."""
    try:
        entry = decode_entry(one.leaf.encode())
        verify_inclusion(one.index, head.size, leaf_hash(one.leaf.encode()), hashes(one.proof), head.root)
    except (EntryError, ProofError, ValueError) as fault:
        raise ReceiptError("witness.leaf", index=one.index) from fault
    if entry.index != one.index:
        raise ReceiptError("witness.leaf", index=one.index)
    return entry


def size_continued(declaration: KeptLeaf) -> int:
    """Return the size of the older copy from which a declaration goes on."""
    event = decode_entry(declaration.leaf.encode()).event
    return event.size if isinstance(event, ContinuationDeclared) else 0


def hash_of(kept: KeptLeaf) -> str:
    """Return the leaf hash in hex."""
    return leaf_hash(kept.leaf.encode()).hex()


def device_of(kept: KeptLeaf) -> Device | None:
    """Return the device that a leaf enrols, if it does."""
    event = decode_entry(kept.leaf.encode()).event
    if not isinstance(event, DeviceEnrolled):
        return None
    try:
        public = parse_public_key(event.signing_key)
    except WordedError:
        return None
    return Device(key_id(public), Principal(event.person, event.role), public, event.transport_key, kept.index)


def principal_of(kept: KeptLeaf) -> Principal:
    """Return whose device a kept enrolment is."""
    device = device_of(kept)
    if device is None:
        raise ValueError("the kept leaf enrols nobody")
    return device.principal
