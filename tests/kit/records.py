"""Records of whole meetings, written by the real rules with fixed keys: the same meeting gives the same bytes."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec
from nacl.bindings import crypto_scalarmult_base

from kit.factories import small_definition
from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.keys.signing import key_id as device_id
from pingyi_protocol.keys.transport import transport_key_text
from pingyi_protocol.meeting.attendance import check_in_is_open
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Body,
    Cast,
    CheckIn,
    CheckInByHand,
    CheckOut,
    Choice,
    CloseMeeting,
    CloseRound,
    Command,
    CountersignCode,
    CountersignContinuation,
    CountersignVoid,
    CreateMeeting,
    DeclareContinuation,
    Enrol,
    ExtendRound,
    HandInReceipt,
    IssueCode,
    KeptReceipt,
    LiftRecusal,
    LoadDefinition,
    MoveSeat,
    OpenCheckIn,
    OpenRound,
    PauseRound,
    Recuse,
    ResumeRound,
    RevokeDevice,
    Score,
    TakeBackVoid,
    VoidRound,
    WithdrawCode,
)
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.definition import TRIAL, Definition, Option, Role
from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.evolve import CLERK, evolve
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.bundle import BundleWriter, Identity
from pingyi_protocol.record.checkpoint import Checkpoint, cosign, sign_checkpoint
from pingyi_protocol.record.cosignatures import cosigner_name, encode_cosignatures
from pingyi_protocol.record.entry import Entry, decode_entry, encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.results import Results, results_of
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import Receipt

MEETING = sha256(b"pingyi test meeting").hexdigest()[:32]
ORIGIN = "pingyi/0123456789abcdef"
TIME = "2026-11-01T09:00:00.000+00:00"


def fixed_key(name: str) -> SigningKey:
    """Return the key of this name, always the same."""
    return SigningKey(sha256(b"pingyi test key " + name.encode()).digest())


def fixed_transport(name: str) -> str:
    """Return the public transport key of this name, always the same."""
    return transport_key_text(crypto_scalarmult_base(sha256(b"pingyi test transport " + name.encode()).digest()))


LOG = fixed_key("log")
CHAIR = Principal("M01", Role.CHAIR)


@dataclass(frozen=True)
class Record:
    """A record as it stands in a bundle; tests change a part and write it."""

    leaves: tuple[bytes, ...]
    notes: tuple[str, ...]
    definition: Definition
    results: Results
    identity: Identity
    cosignatures: bytes = b""

    def write(self, path: Path) -> Path:
        """Write the bundle."""
        with path.open("wb") as file:
            writer = BundleWriter(file)
            writer.leaves(self.leaves)
            writer.finish(self.identity, self.notes, self.cosignatures, self.definition, self.results)
        return path

    def entry(self, index: int) -> Entry:
        """Return a leaf, read."""
        return decode_entry(self.leaves[index])

    def find(self, kind: type[Event], place: int = 0) -> int:
        """Return the index of the event of this kind, counted from 0; those of the trial vote are left out."""
        events = ((index, self.entry(index).event) for index in range(len(self.leaves)))
        found = [index for index, one in events if isinstance(one, kind) and getattr(one, "item", "") != TRIAL.id]
        return found[place]

    def with_leaf(self, index: int, entry: Entry) -> "Record":
        """Return the record with another leaf; its heads stay."""
        return self.with_leaves((*self.leaves[:index], encode_entry(entry), *self.leaves[index + 1 :]))

    def with_leaves(self, leaves: Sequence[bytes]) -> "Record":
        """Return the record with other leaves; its heads stay."""
        return replace(self, leaves=tuple(leaves))

    def numbered(self) -> "Record":
        """Return the record with its leaves numbered from 0 again."""
        entries = [msgspec.structs.replace(decode_entry(leaf), index=place) for place, leaf in enumerate(self.leaves)]
        return self.with_leaves([encode_entry(entry) for entry in entries])

    def signed_again(self, key: SigningKey = LOG) -> "Record":
        """Return the record with one head over all its leaves, signed by ``key``: what a lying server can do."""
        return replace(self, notes=(head_of(self.leaves, key),), cosignatures=b"")

    def receipt(self, index: int, size: int | None = None) -> Receipt:
        """Return the receipt that the sender of a leaf got, under the head of ``size`` leaves."""
        leaves = self.leaves[:size]
        log = MerkleLog(map(leaf_hash, leaves))
        command = msgspec.json.decode((self.entry(index).envelope or Envelope("{}", "", "")).payload)["id"]
        hashes = [b64encode(each).decode() for each in log.inclusion_proof(index)]
        return Receipt(command, index, self.leaves[index].decode(), tuple(hashes), head_of(leaves, LOG), ())


def head_of(leaves: Sequence[bytes], key: SigningKey) -> str:
    """Return the signed head over these leaves."""
    log = MerkleLog(map(leaf_hash, leaves))
    return sign_checkpoint(Checkpoint(ORIGIN, log.size, log.root()), key, ORIGIN)


class Scribe:
    """Writes a meeting's ledger the way the server does, without sockets and clocks: a second for each leaf."""

    def __init__(self, definition: Definition, meeting_id: str = MEETING) -> None:
        self.meeting_id = meeting_id
        self.meeting = Meeting()
        self.log = MerkleLog()
        self.leaves: list[bytes] = []
        self.notes: list[str] = []
        self.cosigned: list[tuple[int, str, str]] = []
        self.branch = "command"
        self.keys: dict[Principal, SigningKey] = {CLERK: fixed_key("clerk")}
        self.at = 0
        keys = {"log_key": public_text(LOG), "server_key": fixed_transport("server")}
        own = {"signing_key": public_text(self.keys[CLERK]), "transport_key": fixed_transport("clerk")}
        self.clerk(CreateMeeting(origin=ORIGIN, **keys, **own))
        self.clerk(LoadDefinition(definition))

    def clerk(self, body: Body) -> int:
        """Let the clerk do something."""
        return self.do(CLERK, body)

    def do(self, principal: Principal, body: Body) -> int:
        """Sign and record a command; return its leaf."""
        command, envelope = self.signed(principal, body)
        event = decide(self.meeting, command, self.at)
        assert not isinstance(event, Refusal), event
        return self.record(event, envelope, command)

    def signed(self, principal: Principal, body: Body) -> tuple[Command, Envelope]:
        """Sign a command with the principal's key."""
        number = sha256(f"{self.branch} {len(self.leaves)}".encode()).hexdigest()[:32]
        command = Command(self.meeting_id, number, principal.person, principal.role, TIME, body)
        return command, seal(msgspec.json.encode(command), self.keys[principal])

    def record(self, event: Event, envelope: Envelope | None, command: Command | None) -> int:
        """Append a leaf."""
        entry = Entry(len(self.leaves), self.at, TIME, envelope, event)
        self.meeting = evolve(self.meeting, event, self.at, command.id if command else "")
        self.leaves.append(encode_entry(entry))
        self.log.append(leaf_hash(self.leaves[-1]))
        self.at += 1000
        return entry.index

    def happen(self, cause: Callable[[Meeting, int], Event | None], at: int) -> int:
        """Record what the clock or a restart brings about."""
        self.at = at
        event = cause(self.meeting, at)
        assert event is not None
        return self.record(event, None, None)

    def sign(self) -> None:
        """End a batch: sign the head."""
        head = Checkpoint(ORIGIN, self.log.size, self.log.root())
        self.notes.append(sign_checkpoint(head, LOG, ORIGIN))

    def witness(self, *principals: Principal) -> None:
        """End a batch, and let these terminals cosign its head."""
        self.sign()
        for principal in principals:
            self.cosigned.append(cosigned(self.notes[-1], self.keys[principal]))

    def go_on(self, chair: Principal, scrutineer: Principal) -> None:
        """Let chair and scrutineer go on from the record as it is, as from an older copy."""
        values = (self.log.size, b64encode(self.log.root()).decode(), "磁盘损坏，换上备份")
        self.do(chair, DeclareContinuation(*values))
        self.do(scrutineer, CountersignContinuation(*values))

    def receipt(self, index: int) -> Receipt:
        """Return the receipt of leaf ``index`` under a head over all there is now."""
        return record_of(self.leaves, [head_of(self.leaves, LOG)]).receipt(index)

    def enrol(self, person: str, role: Role = Role.MEMBER) -> Principal:
        """Issue a code and take it."""
        principal = Principal(person, role)
        name = f"{person} {role} {len(self.leaves)}"
        code = sha256(f"secret {name}".encode()).hexdigest()
        self.clerk(IssueCode(person, role, code))
        if code in self.meeting.unsigned_codes:
            self.do(CHAIR, CountersignCode(person, role, code))
        self.keys[principal] = fixed_key(name)
        self.do(principal, Enrol(code, public_text(self.keys[principal]), fixed_transport(name), pinned=False))
        return principal

    def finish(self) -> Record:
        """Return the record of what has been written; signs the last head if need be."""
        if not self.notes or not self.notes[-1].startswith(f"{ORIGIN}\n{self.log.size}\n"):
            self.sign()
        record = record_of(self.leaves, self.notes)
        notes = {int(note.split("\n")[1]): note for note in self.notes}
        return replace(record, cosignatures=encode_cosignatures(notes, self.cosigned))


def cosigned(note: str, key: SigningKey) -> tuple[int, str, str]:
    """Return the cosignature of a device on a signed head: its size, the device's key id, the line."""
    device = device_id(bytes(key.verify_key))
    body = "".join(f"{line}\n" for line in note.split("\n")[:3])
    return int(note.split("\n")[1]), device, cosign(body, key, cosigner_name(ORIGIN, device), 1_793_523_600)


def record_of(leaves: Sequence[bytes], notes: Sequence[str]) -> Record:
    """Return the record of these leaves, with definition and results as the leaves themselves say."""
    replay = Replay()
    for leaf in leaves:
        replay.take(decode_entry(leaf))
    meeting = replay.meeting
    assert meeting.definition is not None
    log = MerkleLog(map(leaf_hash, leaves))
    results = results_of(meeting, replay.announced, Checkpoint(ORIGIN, log.size, log.root()))
    identity = Identity(meeting.id, meeting.origin, meeting.log_key)
    return Record(tuple(leaves), tuple(notes), meeting.definition, results, identity)


def ballot(item: str, number: int, *scores: int | str | None) -> Cast:
    """Return a ballot of the small definition's items."""
    targets = {"1": ("T01",), "2": ("T02", "T03")}[item]
    pairs = zip(targets, scores, strict=True)
    return Cast(
        item, number, tuple(Score(target, "", None if score is None else Decimal(score)) for target, score in pairs)
    )


def small_meeting() -> Scribe:
    """Return a meeting that is not closed yet: item 1 announced, item 2 void, voted on again, and announced."""
    return told(Scribe(small_definition()))[0]


def tried(scribe: Scribe, chair: Principal, seats: list[Principal]) -> None:
    """Hold a trial vote before the first item."""
    scribe.do(chair, OpenRound(TRIAL.id))
    for seat, option in zip(seats, (Option.FOR, Option.AGAINST), strict=False):
        scribe.do(seat, Cast(TRIAL.id, 1, (Choice("", option),)))
    scribe.do(chair, CloseRound(TRIAL.id, 1))
    scribe.sign()


def lose_terminal(scribe: Scribe, chair: Principal) -> None:
    """Let M05 want another terminal, and none in the end."""
    spare = sha256(b"a spare terminal").hexdigest()
    scribe.clerk(IssueCode("M05", Role.MEMBER, spare))
    scribe.do(chair, CountersignCode("M05", Role.MEMBER, spare))
    scribe.clerk(WithdrawCode("M05", Role.MEMBER))
    scribe.clerk(RevokeDevice("M05", Role.MEMBER, "终端遗失"))


def told(scribe: Scribe) -> tuple[Scribe, Receipt]:
    """Let the small meeting happen; also return the receipt of a ballot that an older copy of the record has lost."""
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, 5)]
    scribe.enrol("M05")
    scrutineer = scribe.enrol("M03", Role.SCRUTINEER)
    scribe.sign()
    if not check_in_is_open(scribe.meeting, scribe.at):
        scribe.do(chair, OpenCheckIn())
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.clerk(CheckInByHand("M05", "终端故障"))
    scribe.clerk(CheckOut("M05", "早退"))
    lose_terminal(scribe, chair)
    scribe.clerk(MoveSeat("M04", "2-01"))
    scribe.sign()
    scribe.clerk(Recuse("M02", "1", "姓名有误"))
    scribe.clerk(LiftRecusal("M02", "1", "姓名有误"))
    tried(scribe, chair, seats)
    scribe.do(chair, OpenRound("1"))
    for seat, score in zip(seats, ("92", "88", "95", None), strict=True):
        scribe.do(seat, ballot("1", 1, score))
        scribe.sign()
    scribe.do(seats[1], ballot("1", 1, "90"))
    scribe.do(chair, ExtendRound("1", 1, 60))
    scribe.do(chair, PauseRound("1", 1))
    scribe.do(chair, ResumeRound("1", 1))
    scribe.do(chair, CloseRound("1", 1))
    scribe.witness(chair, *seats[:3])
    scribe.do(chair, AnnounceRound("1", 1))
    scribe.do(chair, OpenRound("2"))
    for seat, scores in zip(seats[:3], (("80", "75"), ("91", None), ("85", "60")), strict=True):
        scribe.do(seat, ballot("2", 1, *scores))
    scribe.sign()
    abandoned = deepcopy(scribe)
    abandoned.branch = "abandoned"
    lost = abandoned.receipt(abandoned.do(seats[3], ballot("2", 1, "70", "65")))
    scribe.go_on(chair, scrutineer)
    scribe.do(chair, CloseRound("2", 1))
    kept = KeptReceipt(lost.index, lost.leaf, lost.proof, lost.checkpoint)
    scribe.do(seats[3], HandInReceipt(kept))
    scribe.witness(*seats)
    scribe.do(chair, AnnounceRound("2", 1))
    scribe.do(chair, VoidRound("2", 1, "计票错误"))
    scribe.do(chair, TakeBackVoid("2", 1))
    scribe.do(chair, VoidRound("2", 1, "计票有误"))
    scribe.do(scrutineer, CountersignVoid("2", 1, "计票有误"))
    scribe.clerk(Recuse("M04", "2", "配偶在该局任职"))
    scribe.do(chair, OpenRound("2", 2))
    for seat, scores in zip(seats[:3], (("82", "75"), ("91", None), ("85", "60")), strict=True):
        scribe.do(seat, ballot("2", 2, *scores))
    scribe.do(chair, CloseRound("2", 2))
    scribe.do(chair, AnnounceRound("2", 2))
    scribe.witness(chair, seats[0])
    return scribe, lost


def closed(scribe: Scribe) -> Scribe:
    """Let the chair close the meeting that was told, and let two terminals cosign the final head."""
    scribe.do(CHAIR, CloseMeeting())
    scribe.witness(CHAIR, Principal("M01", Role.MEMBER))
    return scribe
