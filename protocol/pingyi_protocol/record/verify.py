"""Verify a record offline: one function with numbered steps that trusts nothing it can work out itself.

What it does not show: that a ballot which never got a receipt was not thrown away, that the bundle is the newest one
of its log, and who sat at an enrolled device. The first two are what receipts and the signed minutes are for, the third
what the hall is for. The times of day in the record are labels.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.definition import TRIAL, Definition
from pingyi_protocol.meeting.events import BallotCast, MeetingCreated, SecretBallotCast
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.bundle import (
    CHECKPOINT,
    COSIGNATURES,
    DEFINITION,
    RESULTS,
    Bundle,
    Identity,
    Manifest,
    readable,
)
from pingyi_protocol.record.checkpoint import Checkpoint, fingerprint, parse_note_body, verify_checkpoint
from pingyi_protocol.record.cosignatures import Cosigned, attested, attested_final, check_cosignatures
from pingyi_protocol.record.entry import EntryError, OtherVersionError, decode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.pins import CheckpointPin, KeyPin, Log, Pin, ReceiptPin
from pingyi_protocol.record.progress import PROOF_SHARE, Pace, Progress, Share, Work, silent
from pingyi_protocol.record.proofs import Proofs
from pingyi_protocol.record.recount import Recount
from pingyi_protocol.record.replay import DeviationError, Replay
from pingyi_protocol.record.report import Facts, Report, Step
from pingyi_protocol.record.results import results_of
from pingyi_protocol.record.unpacked import open_record

COSIGNATURE_BYTES = 150
"""How long a cosignature is, to know beforehand about how many there are."""

BIT_CHARACTERS = 340
"""How long one bit of a secret ballot is with its share of the proofs, to know beforehand about how many there are."""


class VerifyError(RecordError):
    """The record does not bear this out."""


@dataclass
class Leaves:
    """The first reading: the hashes of all leaves, how many are sound from the start, the beginning, a leaf wanted.

    ``foreign``: another version of Pingyi wrote some of them. ``sealed`` is how many characters of secret ballots there
    are.
    """

    hashes: MerkleLog = field(default_factory=MerkleLog)
    sound: int = 0
    first: MeetingCreated | None = None
    wanted: bytes | None = None
    foreign: bool = False
    sealed: int = 0


@dataclass
class Following:
    """The second reading: the meeting as the rules give it, and its ballots counted again."""

    replay: Replay
    recount: Recount = field(default_factory=Recount)
    ballots: int = 0
    proofs: int = 0


def verify_record(
    path: Path,
    *,
    key: KeyPin | None = None,
    checkpoint: CheckpointPin | None = None,
    receipt: ReceiptPin | None = None,
    progress: Progress = silent,
) -> Report:
    """Return what is wrong with the record.zip at ``path``, if anything, and what it holds.

    ``progress`` is told how much of the work is done, once the leaves are read, which takes a thirtieth of it. A step
    that fails does not keep the others from being tried, as long as what they need is there. NotARecordError when the
    file is no record at all, OSError when it cannot be read.
    """
    report = Report()
    with ExitStack() as opened:
        # 1. The archive is, bit by bit, the one that our writer makes of its files.
        bundle, faults = open_record(path, opened)
        report.note(Step.ARCHIVE, faults)
        if bundle is None:
            return report
        # 2. The manifest names these files, with their lengths and digests, and nothing else.
        manifest = report.attempt(Step.MANIFEST, bundle.manifest)
        # 3. Every leaf is written in its one form and stands in its place.
        leaves = report.attempt(Step.LEAVES, lambda: read_leaves(bundle, receipt, report))
        if leaves is None:
            return report
        # 4. The first leaf names the log and its key, the key is a safe one, and the manifest says the same.
        identity = report.attempt(Step.KEYS, lambda: identity_of(leaves))
        report.note(Step.KEYS, faults_of_manifest(manifest, identity, leaves.hashes.size))
        log = None
        if identity is not None:
            # 5. Every head is signed by that key and fits the leaves, and the last one covers them all.
            log = report.attempt(Step.HEADS, lambda: log_of(bundle, leaves, identity))
        if leaves.foreign:
            # what follows would only accuse a record that this version cannot read
            return report
        # 6. Every leaf is what its signed command leads to under the rules; this works out every announced figure.
        size, cosignatures = leaves.hashes.size, bundle.members[COSIGNATURES].size // COSIGNATURE_BYTES
        follow = size * Share.FOLLOW + leaves.sealed // BIT_CHARACTERS * PROOF_SHARE
        work = Work(progress, follow + size * (Share.RECOUNT + Share.SUMMARY) + cosignatures * Share.COSIGNATURE)
        following = follow_all(bundle, leaves.sound, report, Pace(work.part(follow), follow))
        report.note(Step.REPLAY, faults_of_continuations(following.replay.meeting, leaves.hashes))
        report.note(Step.REPLAY, faults_of_openings(following.replay.meeting, leaves.hashes))
        # 7. What each close or result by hand counts, counted by other code, gives the announced figures.
        report.note(Step.RECOUNT, following.recount.faults(work.part(size * Share.RECOUNT)))
        report.note(Step.RECOUNT, following.recount.faults_of_attendance(following.replay.meeting))
        # 8. The definition, the results and the composite in the bundle are those of the record.
        report.attempt(Step.RESULTS, lambda: compare_results(bundle, leaves, following, identity))
        pins = [pin for pin in (key, checkpoint, receipt) if pin is not None]
        if log is not None and identity is not None:
            # 9. Every cosignature is that of an enrolled device on a head of this log. How many there are is a fact.
            part = work.part(cosignatures * Share.COSIGNATURE)
            cosigned = check_witnesses(report, bundle, log, following.replay.meeting, part)
            report.facts = facts_of(log, identity, following, cosigned)
            # 10. The record is the one from which the key, the head or the receipt is.
            check_pins(report, pins, log)
        work.part(size * Share.SUMMARY)(1, 1)
    return report


def read_leaves(bundle: Bundle, receipt: ReceiptPin | None, report: Report) -> Leaves:
    """Hash every leaf, and note those that are not in form or in place."""
    leaves = Leaves()
    expected = 0
    in_order = True
    for place, body in enumerate(bundle.leaves()):
        leaves.hashes.append(leaf_hash(body))
        if receipt is not None and receipt.receipt.index == place:
            leaves.wanted = body
        try:
            entry = decode_entry(body)
        except EntryError as fault:
            # what another version wrote is named once: no leaf behind it can be followed either
            if not (leaves.foreign and isinstance(fault, OtherVersionError)):
                report.add(Step.LEAVES, VerifyError("verify.leaf", line=place + 1, fault=fault))
            leaves.foreign = leaves.foreign or isinstance(fault, OtherVersionError)
            in_order = False
            expected += 1
            continue
        if entry.index != expected:
            found = {"expected": expected, "found": entry.index}
            report.add(Step.LEAVES, VerifyError("verify.out_of_place", line=place + 1, **found))
            in_order = False
        # a leaf that is missing or doubled is named once, not again at every leaf behind it
        expected = entry.index + 1
        leaves.sound += in_order
        if place == 0 and isinstance(entry.event, MeetingCreated):
            leaves.first = entry.event
        if isinstance(entry.event, SecretBallotCast):
            leaves.sealed += sum(map(len, entry.event.sealed))
    return leaves


def identity_of(leaves: Leaves) -> Identity:
    """Return which log this is by its first leaf; VerifyError when that leaf cannot be one."""
    first = leaves.first
    if first is None:
        raise VerifyError("verify.no_beginning")
    try:
        parse_public_key(first.log_key)
        Checkpoint(first.origin, 0, leaves.hashes.root(0))
    except ValueError as fault:
        raise VerifyError("verify.bad_key", fault=fault) from fault
    return Identity(first.meeting, first.origin, first.log_key)


def faults_of_manifest(manifest: Manifest | None, identity: Identity | None, size: int) -> Iterable[RecordError]:
    """Compare what the manifest says of the log with the log."""
    if manifest is None or identity is None:
        return
    for name, right in (
        ("meeting", identity.meeting),
        ("origin", identity.origin),
        ("log_key", identity.log_key),
        ("size", size),
    ):
        said = getattr(manifest, name)
        if said != right:
            yield VerifyError("verify.manifest_says", name=name, said=said, right=right)


def log_of(bundle: Bundle, leaves: Leaves, identity: Identity) -> Log:
    """Return the log once all its heads are good; the first that is not is named by a RecordError."""
    key = parse_public_key(identity.log_key)
    notes = bundle.notes()
    sizes = check_heads(notes, leaves.hashes, key, identity.origin)
    if bundle.content(CHECKPOINT) != notes[-1].encode():
        raise VerifyError("verify.other_final_head")
    return Log(leaves.hashes, identity.origin, key, sizes, leaves.wanted)


def check_heads(notes: Iterable[str], hashes: MerkleLog, key: bytes, origin: str) -> tuple[int, ...]:
    """Return the sizes of these signed heads of the log; VerifyError names the first that does not fit, if any.

    They must be signed by ``key``, rise in size, fit the leaves, and end with all of them.
    """
    sizes = [0]
    for place, note in enumerate(notes, start=1):
        try:
            head = verify_checkpoint(note, key, origin)
        except RecordError as fault:
            raise VerifyError("verify.head", place=place, fault=fault) from fault
        if head.origin != origin:
            raise VerifyError("verify.head_origin", place=place, found=head.origin, wanted=origin)
        if head.size <= sizes[-1]:
            raise VerifyError("verify.heads_order", place=place, size=head.size)
        if head.size > hashes.size:
            raise VerifyError("verify.head_beyond", size=head.size, found=hashes.size)
        if hashes.root(head.size) != head.root:
            raise VerifyError("verify.head_root", size=head.size)
        sizes.append(head.size)
    if sizes[-1] != hashes.size:
        raise VerifyError("verify.leaves_beyond", size=sizes[-1], found=hashes.size)
    return tuple(sizes[1:])


def follow_all(bundle: Bundle, sound: int, report: Report, pace: Pace) -> Following:
    """Follow the leaves that are in form and in place; one that is not borne out counts for nothing.

    Behind the first leaf that is out of form or place there is no order left to follow.
    """
    report.reached.add(Step.REPLAY)
    with Proofs(heard=pace.proofs) as proofs:
        following = Following(Replay(proofs.fault))
        for body in islice(bundle.leaves(), sound):
            entry = decode_entry(body)
            try:
                following.replay.take(entry)
                held = True
            except DeviationError as fault:
                report.add(Step.REPLAY, fault)
                following.replay.pass_over(entry)
                held = False
            if held:
                proofs.follow(following.replay.meeting, entry.event)
            following.recount.take(entry.index, entry.event, held=held)
            following.ballots += (
                held and isinstance(entry.event, BallotCast | SecretBallotCast) and entry.event.item != TRIAL.id
            )
            pace.leaf()
    following.proofs = pace.bits
    return following


def faults_of_continuations(meeting: Meeting, hashes: MerkleLog) -> Iterable[RecordError]:
    """Compare the copies that were gone on from with the leaves; the rules cannot, for they know no hashes."""
    for one in meeting.continuations:
        if b64encode(hashes.root(one.size)).decode() != one.root:
            yield VerifyError("verify.continuation_root", index=one.declared, size=one.size)


def faults_of_openings(meeting: Meeting, hashes: MerkleLog) -> Iterable[RecordError]:
    """Compare the heads on which secret rounds were opened with the leaves, which the rules do not know either."""
    for one in meeting.rounds:
        if one.sealing is None or not one.sealing.basis:
            continue
        head = parse_note_body(one.sealing.basis)
        if hashes.root(head.size) != head.root:
            yield VerifyError("verify.opening_root", item=one.item, round=one.number, size=head.size)


def check_witnesses(report: Report, bundle: Bundle, log: Log, meeting: Meeting, progress: Progress) -> list[Cosigned]:
    """Return the cosignatures that are good, and note those that are not."""
    notes = dict(zip(bundle.notes(), log.sizes, strict=True))

    def check() -> list[Cosigned]:
        content = bundle.content(COSIGNATURES)
        found = list(check_cosignatures(content, notes, log.origin, meeting.devices, progress))
        report.note(Step.WITNESSES, (one for one in found if isinstance(one, RecordError)))
        return [one for one in found if isinstance(one, Cosigned)]

    return report.attempt(Step.WITNESSES, check) or []


def compare_results(bundle: Bundle, leaves: Leaves, following: Following, identity: Identity | None) -> None:
    """Compare the results that the record gives; VerifyError when it has none, or the bundle says others."""
    meeting = following.replay.meeting
    if identity is None or leaves.sound < leaves.hashes.size:
        raise VerifyError("verify.not_followed", size=leaves.sound)
    definition: Definition | None = meeting.definition
    if definition is None:
        raise VerifyError("verify.no_definition")
    if bundle.content(DEFINITION) != readable(definition):
        raise VerifyError("verify.file_differs", name=DEFINITION)
    head = Checkpoint(identity.origin, leaves.hashes.size, leaves.hashes.root())
    results = results_of(meeting, following.replay.announced, head)
    if bundle.content(RESULTS) != readable(results):
        raise VerifyError("verify.file_differs", name=RESULTS)


def facts_of(log: Log, identity: Identity, following: Following, cosigned: Sequence[Cosigned]) -> Facts:
    """Return what the record is about."""
    head = Checkpoint(log.origin, log.hashes.size, log.hashes.root())
    meeting = following.replay.meeting
    vouched = tuple(attested(meeting, cosigned))
    final = attested_final(meeting, cosigned, head.size)
    code, counts = fingerprint(head), (following.ballots, following.proofs)
    return Facts(identity, log.key, head.size, code, meeting, *counts, vouched, final)


def check_pins(report: Report, pins: Iterable[Pin], log: Log) -> None:
    """Hold each pin against the log."""
    report.reached.add(Step.PINS)
    for pin in pins:
        held = report.attempt(Step.PINS, partial(pin.check, log))
        if held is not None:
            report.pins.append(held)
