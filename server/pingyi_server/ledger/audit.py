"""The live database against its ledger: heads, leaves, rules, and the tables that people query. Nothing is changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Table

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import Checkpoint, CheckpointError, fingerprint, verify_checkpoint
from pingyi_protocol.record.cosignatures import CosignatureError, check_rows
from pingyi_protocol.record.entry import OtherVersionError, decode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.proofs import Proofs
from pingyi_protocol.record.replay import DeviationError, Replay
from pingyi_protocol.record.verify import faults_of_openings
from pingyi_protocol.wording import WordedError
from pingyi_server.ledger.ledger import StandingLedger
from pingyi_server.ledger.projection import Row, Value, key_of, rows_of, stored_rows, told
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.store import HeadMissingError

MOST_NAMED = 20
"""Findings of one kind that are named; the others are counted."""

LEDGER = ("head", "leaf")
"""The kinds of findings by which the ledger itself does not hold."""

BESIDE = "beside"
"""The kind of what stands beside the ledger and bears witness to it: cosignatures, and heads that somebody names."""

OWN_FAULTS = (Reason.BAD_SIGNATURE, Reason.MALFORMED)
"""Why a signed command is refused whatever stands before it."""

Progress = Callable[[int, int], None]


class FindingError(WordedError):
    """Something in the database that the ledger does not bear out."""

    package = "pingyi_server"
    exit_code = 1


@dataclass
class Audit:
    """What an audit found: nothing in ``findings`` when all is well.

    ``size`` leaves were read, under a head with this ``fingerprint`` ("" without one); the query tables tell of
    ``told`` of them, None when they were never made. ``meeting`` is what following the leaves gives; ``unfollowed``
    are the leaves that fail behind the first one that does, and perhaps only because of it.
    """

    size: int = 0
    fingerprint: str = ""
    told: int | None = None
    meeting: Meeting = field(default_factory=Meeting)
    findings: list[WordedError] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unfollowed: list[int] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def other_version(self) -> bool:
        """Whether all that was found is that another version of Pingyi wrote what is here."""
        told = [one.values.get("fault") for one in self.findings]
        return bool(told) and all(isinstance(one, OtherVersionError) for one in told)

    @property
    def holds(self) -> bool:
        """Whether nothing was found against the ledger itself, that is, its leaves and heads."""
        return not any(kind in self.counts for kind in LEDGER)

    def find(self, kind: str, finding: WordedError) -> None:
        """Note a finding of this kind, or only count it when many were named."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= MOST_NAMED:
            self.findings.append(finding)

    def finish(self) -> None:
        """Say of each kind how many were not named, and of the entries that fail behind the first that does."""
        if self.unfollowed:
            self.findings.append(FindingError("audit.unfollowed", count=len(self.unfollowed), first=self.unfollowed[0]))
        for kind, count in self.counts.items():
            if count > MOST_NAMED and kind in (*LEDGER, BESIDE):
                self.findings.append(FindingError(f"audit.more_{kind}", count=count - MOST_NAMED))
            elif count > MOST_NAMED:
                self.findings.append(FindingError("audit.more_rows", count=count - MOST_NAMED, table=kind))


def silent(_done: int, _total: int) -> None:
    """Show no progress."""


def audit(
    store: SqlStore,
    log_key: str,
    origin: str,
    progress: Progress = silent,
    *,
    tables: bool = True,
    seen: str | None = None,
) -> Audit:
    """Read one moment of the database and compare it with itself and with the server's ``log_key`` (base64).

    Needs no claim. ``progress`` hears of each leaf. Without ``tables``, what people query is left out. ``seen`` is a
    signed head that was kept outside of the database. StoreError when the database cannot be read.
    """
    found = Audit()
    with store.snapshot() as still:
        heads = signed_heads(still, parse_public_key(log_key), origin, found)
        found.told = told(still) if tables else None
        log = follow_leaves(still, heads, found, progress)
        compare_ends(still, heads, found)
        compare_witnesses(still, heads, found)
    if seen is not None and found.holds:
        compare_seen(seen, log, parse_public_key(log_key), origin, found)
    if found.size and found.meeting.log_key and found.meeting.log_key != log_key:
        found.find("head", FindingError("audit.other_key"))
    found.finish()
    return found


def signed_heads(store: SqlStore, key: bytes, origin: str, found: Audit) -> dict[int, Checkpoint]:
    """Return the heads by their size; what this server did not sign is a finding."""
    heads: dict[int, Checkpoint] = {}
    for size, note in store.notes():
        try:
            head = verify_checkpoint(note, key, origin)
        except CheckpointError as fault:
            found.find("head", FindingError("audit.head_unsigned", size=size, fault=fault))
            continue
        if head.origin != origin or head.size != size:
            found.find("head", FindingError("audit.head_misplaced", size=size))
        heads[head.size] = head
        found.fingerprint = fingerprint(head)
    return heads


def follow_leaves(store: SqlStore, heads: dict[int, Checkpoint], found: Audit, progress: Progress) -> MerkleLog:
    """Follow every leaf by the rules, hold each batch to its head, and the query tables to the leaf they tell of.

    Return the log of the leaves that there are.
    """
    with Proofs() as proofs:
        return follow_with(proofs, store, heads, found, progress)


def follow_with(
    proofs: Proofs, store: SqlStore, heads: dict[int, Checkpoint], found: Audit, progress: Progress
) -> MerkleLog:
    """Follow every leaf while these ``proofs`` check secret ballots."""
    log, replay, total = MerkleLog(), Replay(proofs.fault), max(heads, default=0)
    under_heads = readable = True
    compare_tables(store, replay.meeting, found)
    for index, body in store.leaves():
        if index != log.size:
            # behind a gap nothing can be placed
            found.find("leaf", FindingError("audit.gap", first=log.size, index=index))
            break
        log.append(leaf_hash(body))
        if under_heads and log.size in heads and heads[log.size].root != log.root():
            under_heads = False
            first = max((size for size in heads if size < log.size), default=0)
            key = "leaves_changed" if first < index else "leaf_changed"
            found.find("leaf", FindingError(f"audit.{key}", first=first, last=index))
        readable = readable and follow(replay, proofs, body, index, found)
        compare_tables(store, replay.meeting, found)
        progress(log.size, total)
    else:
        compare_sizes(log.size, total, found)
    for fault in faults_of_openings(replay.meeting, log) if under_heads else ():
        found.find("leaf", fault)
    found.size, found.meeting = log.size, replay.meeting
    return log


def follow(replay: Replay, proofs: Proofs, body: bytes, index: int, found: Audit) -> bool:
    """Take one leaf into the replay; a finding unless it is borne out, and False when it cannot even be read."""
    try:
        entry = decode_entry(body)
    except RecordError as fault:
        found.find("leaf", FindingError("audit.leaf_unreadable", index=index, fault=fault))
        return False
    try:
        replay.take(entry)
    except RecordError as fault:
        strayed = any(isinstance(one, DeviationError) for one in found.findings)
        if not strayed or stands_alone(fault):
            found.find("leaf", fault)
        else:
            found.unfollowed.append(index)
        replay.pass_over(entry)
    else:
        proofs.follow(replay.meeting, entry.event)
    return True


def stands_alone(fault: RecordError) -> bool:
    """Whether a leaf is at fault whatever stands before it: it is moved, or its command is not what was signed."""
    return fault.key == "deviation.number" or fault.values.get("reason") in OWN_FAULTS


def compare_sizes(size: int, newest: int, found: Audit) -> None:
    """Hold the number of leaves to the newest signed head."""
    if size < newest:
        found.find("leaf", FindingError("audit.leaves_missing", first=size, last=newest - 1))
    if size > newest:
        found.find("leaf", FindingError("audit.leaves_unsigned", first=newest, last=size - 1))


def compare_ends(store: SqlStore, heads: dict[int, Checkpoint], found: Audit) -> None:
    """Hold the head row to the newest signed head, and the tables to the leaves that there are."""
    newest = max(heads, default=0)
    try:
        promised = store.size()
    except HeadMissingError:
        found.find("head", FindingError("audit.head_row_missing", size=newest))
    else:
        if promised != newest:
            found.find("head", FindingError("audit.head_row", size=newest, promised=promised))
    if found.told is not None and found.told > found.size and "leaf" not in found.counts:
        found.find("table", FindingError("audit.tables_ahead", told=found.told, size=found.size))


def compare_witnesses(store: SqlStore, heads: dict[int, Checkpoint], found: Audit) -> None:
    """Check the cosignatures, and look for the heads that somebody names: the ledger itself needs only its last.

    Where leaves do not hold, devices may be missing among them; what stands on a head that was named already is left.
    """
    if "leaf" in found.counts:
        return
    notes = dict(store.notes())
    rows = [row for row in store.cosignatures() if row[0] in heads or row[0] not in notes]
    for one in check_rows(rows, notes, found.meeting.origin, found.meeting.devices):
        if isinstance(one, RecordError):
            found.find(BESIDE, one)
    restored = store.restored()
    named = {one.size for one in found.meeting.continuations} | ({restored.size} if restored else set())
    for size in sorted(named - notes.keys() - {0}):
        found.find(BESIDE, FindingError("audit.head_missing", size=size))


def doubts(ledger: StandingLedger, seen: str | None) -> list[WordedError]:
    """Return what bears witness against a ledger that holds in itself, as far as it costs nothing to know.

    ``seen`` is the head that the clerk's profile keeps, read before the ledger was.
    """
    found = Audit()
    size, count = ledger.cosigned
    newest = ledger.log.size
    if size > newest:
        found.find(BESIDE, CosignatureError("cosignature.beyond", size=size, count=count, newest=newest))
    if seen is not None:
        compare_seen(seen, ledger.log, ledger.log_key, ledger.origin, found)
    return found.findings


def compare_seen(note: str, log: MerkleLog, key: bytes, origin: str, found: Audit) -> None:
    """Hold a log that is sound in itself to a head that was kept outside: it may be an older copy, or another one."""
    try:
        head = verify_checkpoint(note, key, origin)
    except CheckpointError as fault:
        found.find(BESIDE, FindingError("audit.seen_unsigned", fault=fault))
        return
    if head.size > log.size:
        found.find(BESIDE, FindingError("audit.seen_beyond", seen=head.size, size=log.size))
    elif log.root(head.size) != head.root:
        found.find(BESIDE, FindingError("audit.seen_other", seen=head.size))


def compare_tables(store: SqlStore, meeting: Meeting, found: Audit) -> None:
    """When ``meeting`` is what the query tables tell of, name each row that differs.

    Where the leaves do not hold so far there is nothing to hold the tables to.
    """
    if found.told == meeting.size and "leaf" not in found.counts:
        for table, rows in rows_of(meeting).items():
            for finding in differences(table, rows, stored_rows(store, table)):
                found.find(table.name, finding)


def differences(table: Table, wanted: list[Row], there: list[Row]) -> Iterator[FindingError]:
    """Yield what a table lacks, has too much, and holds otherwise than the ledger gives."""
    due = {key_of(table, row): row for row in wanted}
    held = {key_of(table, row): row for row in there}
    for key, row in due.items():
        shown = {"table": table.name, "row": named(key)}
        if key not in held:
            yield FindingError("audit.row_missing", **shown)
            continue
        for column, value in row.items():
            if held[key][column] != value:
                yield FindingError("audit.row_changed", **shown, column=column, found=held[key][column], wanted=value)
    for key in held.keys() - due.keys():
        yield FindingError("audit.row_added", table=table.name, row=named(key))


def named(key: tuple[Value, ...]) -> str:
    """Return a row's key as people read it."""
    return ", ".join(str(part) for part in key if part != "")
