"""A terminal that follows the whole record and believes only what it has worked out for itself.

Every leaf is held to its signature and to the rules, every proof of a ballot is checked, the sums of each opening are
added up anew, and the root over the own leaves is compared with every head that the server or the witness shows. A
terminal started anew begins at the first leaf again. No sockets; it takes its time, so it is given a thread.
"""

from concurrent.futures import CancelledError

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.events import ContinuationCountersigned, OpeningBegun
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import Checkpoint, verify_checkpoint
from pingyi_protocol.record.entry import EntryError, decode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.proofs import Proofs
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.verify import faults_of_continuations, faults_of_openings
from pingyi_protocol.wire.messages import RecordPart
from pingyi_protocol.wording import WordedError


class FollowingError(RecordError):
    """The record does not hold; the text names the leaf."""


class OtherRecordError(FollowingError):
    """The leaves that were read are none of the record that is shown now: it is another one, or an older copy."""


class Follower:
    """The record of the log ``origin``, signed by ``log_key`` (base64), as far as it has been read.

    ``before`` is what was read of it before it was given up for an older copy: read anew, the record has to go on from
    that, or to say that it was continued lawfully.
    """

    def __init__(
        self, origin: str, log_key: str, before: MerkleLog | None = None, proofs: Proofs | None = None
    ) -> None:
        """Begin before the first leaf."""
        self.origin = origin
        self.log_key = log_key
        self.before = before
        self.proofs = proofs or Proofs()
        self.replay = Replay(self.proofs.fault)
        self.hashes = MerkleLog()
        self.heads: dict[int, bytes] = {}
        self.compared = 0
        self.shown = 0
        self.fault: WordedError | None = None

    @property
    def size(self) -> int:
        """How many leaves were read."""
        return self.hashes.size

    @property
    def meeting(self) -> Meeting | None:
        """The meeting, once all is read that is under the newest head, and while the record holds."""
        caught_up = self.compared == self.size == self.shown and self.size and self.before is None
        return self.replay.meeting if caught_up and self.fault is None else None

    def close(self) -> None:
        """End the workers."""
        self.proofs.close()

    def ahead(self) -> bool:
        """Check a ballot before the record asks for it, while nothing is to be read; whether there was one."""
        return self.fault is None and self.proofs.ahead()

    def take(self, part: RecordPart) -> None:
        """Follow the next leaves; what does not hold is the ``fault`` from then on, and nothing more is followed.

        Raises OtherRecordError, and takes nothing, where the leaves do not go on from those read before. A part that
        was asked for earlier is passed over. CancelledError once it is closed from another thread.
        """
        if self.fault is not None or part.first != self.size:
            return
        try:
            self.follow(part)
        except OtherRecordError:
            raise
        except WordedError as fault:
            self.fault = fault

    def follow(self, part: RecordPart) -> None:
        """Take the leaves of a part in turn; RecordError for what does not hold."""
        head = self.signed(part.checkpoint)
        end = self.size + len(part.leaves)
        if head.size < end:
            raise OtherRecordError("following.fewer", size=head.size, read=end)
        read, bodies = self.size, [leaf.encode() for leaf in part.leaves]
        for body in bodies:
            self.hashes.append(leaf_hash(body))
        if head.size == end and self.hashes.root() != head.root:
            # nothing of it has been followed yet
            self.hashes.truncate(read)
            raise OtherRecordError("following.root", size=head.size)
        for body in bodies:
            if self.proofs.closed:
                raise CancelledError
            self.follow_leaf(body)
        self.shown = max(self.shown, head.size)
        self.hold(head)

    def follow_leaf(self, body: bytes) -> None:
        """Follow one leaf, whose hash is there."""
        try:
            entry = decode_entry(body)
        except EntryError as fault:
            raise FollowingError("following.leaf", index=self.replay.meeting.size, fault=fault) from fault
        self.replay.take(entry)
        meeting = self.replay.meeting
        if entry.index == 0 and (meeting.log_key, meeting.origin) != (self.log_key, self.origin):
            raise FollowingError("following.other_log", index=0)
        self.proofs.follow(meeting, entry.event)
        if isinstance(entry.event, OpeningBegun):
            for wrong in faults_of_openings(meeting, self.hashes):
                raise FollowingError("following.leaf", index=entry.index, fault=wrong)
        if isinstance(entry.event, ContinuationCountersigned):
            for wrong in faults_of_continuations(meeting, self.hashes):
                raise wrong

    def hold(self, head: Checkpoint) -> None:
        """Compare a head with the own leaves: now, or when they are there. OtherRecordError where it is another one."""
        self.heads[head.size] = head.root
        for size in sorted(size for size in self.heads if size <= self.size):
            if self.hashes.root(size) != self.heads.pop(size):
                raise OtherRecordError("following.root", size=size)
            self.compared = max(self.compared, size)
        if self.before is not None and self.compared == self.size == self.shown:
            self.explain(self.before)

    def witnessed(self, head: Checkpoint) -> None:
        """Compare a head that the witness believes. OtherRecordError where it is none of this record."""
        if self.fault is None and head.size:
            self.hold(head)

    def explain(self, before: MerkleLog) -> None:
        """Hold the record to the one that was read before; FollowingError where leaves were lost unlawfully."""
        given_up = (one for one in self.replay.meeting.continuations if one.countersigned is not None)
        # one that was read before explains nothing that was lost since
        recent = (one for one in given_up if not self.shares(one.declared + 1, before))
        if not self.shares(before.size, before) and not any(self.shares(one.size, before) for one in recent):
            raise FollowingError("following.lost", read=before.size)
        self.before = None

    def shares(self, size: int, other: MerkleLog) -> bool:
        """Whether so many leaves are the same in both."""
        return size <= min(self.size, other.size) and self.hashes.root(size) == other.root(size)

    def signed(self, note: str) -> Checkpoint:
        """Return the head in a note of this log; RecordError for another one."""
        head = verify_checkpoint(note, parse_public_key(self.log_key), self.origin)
        if head.origin != self.origin:
            raise FollowingError("following.other_log", index=head.size)
        return head


def begun_anew(follower: Follower) -> Follower:
    """Return one that reads the record again from its first leaf, and holds it to what this one has read."""
    follower.close()
    before = follower.before if follower.before is not None else follower.hashes
    return Follower(follower.origin, follower.log_key, before)
