"""The Merkle log: hashing of RFC 6962 section 2.1, proofs and their checks of RFC 9162 sections 2.1.3 and 2.1.4.

All hashes are SHA-256, 32 bytes. Leaves are counted from 0; a size is a number of leaves.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from hashlib import sha256

from pingyi_protocol.record import RecordError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class ProofError(RecordError):
    """A proof does not hold, or none can be made because the log does not reach that far."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds ``data``: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two subtrees: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class MerkleLog:
    """A log in memory that holds the hash of every complete subtree, about 64 bytes of hashes a leaf.

    Appending costs two hashes on average; a root or a proof O(log size), for the present size and every earlier one.
    """

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        """Hold ``leaf_hashes`` in their order."""
        # _levels[h][i] is the root of leaves i * 2**h up to (i + 1) * 2**h, once all of them are there
        self._levels: list[list[bytes]] = [[]]
        for each in leaf_hashes:
            self.append(each)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    def append(self, leaf_hash: bytes) -> int:
        """Add a leaf by its hash and return its index; ProofError when it is not 32 bytes long."""
        _require_hashes(leaf_hash)
        index = position = self.size
        level, node = 0, leaf_hash
        self._levels[0].append(node)
        while position & 1:
            node = node_hash(self._levels[level][position - 1], node)
            level, position = level + 1, position >> 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node)
        return index

    def truncate(self, size: int) -> None:
        """Drop every leaf from index ``size`` on, such as a batch that could not be stored."""
        self._within(size)
        for level, nodes in enumerate(self._levels):
            del nodes[size >> level :]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first ``size`` leaves (all by default); ProofError beyond the log."""
        size = self._within(size)
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that leaf ``index`` is one of the first ``size`` leaves (all by default), lowest first.

        ProofError when the log has no such leaf or size.
        """
        size = self._within(size)
        if not 0 <= index < size:
            raise ProofError("proof.no_such_leaf", index=index, size=size)
        return tuple(self._path(0, index, size))

    def consistency_proof(self, first: int, second: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that the first ``first`` leaves begin the first ``second`` leaves (all by default).

        It is empty when ``first`` is 0 or ``second``. ProofError when the sizes are not in order or beyond the log.
        """
        second = self._within(second)
        if not 0 <= first <= second:
            raise ProofError("proof.sizes_out_of_order", first=first, second=second)
        if first in (0, second):
            return ()
        # This subtree is a node of both logs: the proof leads from it to the later root.
        level, position = _last_complete(first)
        # At position 0 it is the earlier root itself, which the checker has.
        seed = [self._levels[level][position]] if position else []
        return (*seed, *self._path(level, position, second))

    def _within(self, size: int | None) -> int:
        """Return ``size``, by default all there is; ProofError when the log has never been that long."""
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ProofError("proof.beyond_log", size=size, length=self.size)
        return size

    def _path(self, level: int, position: int, size: int) -> list[bytes]:
        """Return the siblings on the way from a complete subtree to the root of the first ``size`` leaves."""
        return [
            # all siblings but the last one on the right are complete, and held
            self._levels[height][sibling] if (sibling + 1) << height <= size else self._subtree(sibling << height, size)
            for height, sibling in _siblings(level, position, size)
        ]

    def _subtree(self, start: int, end: int) -> bytes:
        """Return the root over leaves ``start`` up to ``end``, a subtree of RFC 6962 that is not empty."""
        width = end - start
        complete = []
        for level in reversed(range(width.bit_length())):
            if width >> level & 1:
                complete.append(self._levels[level][start >> level])
                start += 1 << level
        return reduce(lambda right, left: node_hash(left, right), reversed(complete))


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the log of ``size`` leaves with ``root`` holds ``leaf_hash`` at ``index`` (RFC 9162, 2.1.3.2).

    ``size`` and ``root`` come from a checkpoint whose signature was checked: a proof alone does not bind the size.
    ProofError says what is wrong.
    """
    _require_hashes(leaf_hash, root, *proof)
    if not 0 <= index < size:
        raise ProofError("proof.no_such_leaf", index=index, size=size)
    siblings = tuple(_siblings(0, index, size))
    _require_length(proof, len(siblings))
    node = leaf_hash
    for (_, position), sibling in zip(siblings, proof, strict=True):
        node = node_hash(node, sibling) if position & 1 else node_hash(sibling, node)
    _require_root(node, root, size)


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the log of ``first`` leaves is the beginning of the log of ``second`` leaves (RFC 9162, 2.1.4.2).

    Both sizes and roots come from checkpoints whose signatures were checked. Two cases that the RFC leaves out: logs
    of one size are consistent when their roots are equal, and the empty log, whose root is SHA-256 of nothing, begins
    every log; both with an empty proof. ProofError says what is wrong.
    """
    _require_hashes(first_root, second_root, *proof)
    if not 0 <= first <= second:
        raise ProofError("proof.sizes_out_of_order", first=first, second=second)
    if first in (0, second):
        _require_length(proof, 0)
        _require_root(second_root if first == second else EMPTY_ROOT, first_root, first)
        return
    level, position = _last_complete(first)
    siblings = tuple(_siblings(level, position, second))
    if position:
        _require_length(proof, len(siblings) + 1)
        start, *path = proof
    else:
        # a complete earlier log is itself a node of the later one; its root is known and not sent again
        _require_length(proof, len(siblings))
        start, path = first_root, list(proof)
    earlier = later = start
    for (_, at), sibling in zip(siblings, path, strict=True):
        if at & 1:
            later = node_hash(later, sibling)
        else:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
    _require_root(earlier, first_root, first)
    _require_root(later, second_root, second)


def _last_complete(size: int) -> tuple[int, int]:
    """Return (level, position) of the largest complete subtree that ends the first ``size`` > 0 leaves."""
    level = (size & -size).bit_length() - 1
    return level, (size >> level) - 1


def _siblings(level: int, position: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (level, position) of each sibling on the way from a subtree to the root of ``size`` leaves.

    An even position is a left sibling. A node at the right edge may have none; it then is its own parent.
    """
    last = (size - 1) >> level
    while last:
        if position ^ 1 <= last:
            yield level, position ^ 1
        level, position, last = level + 1, position >> 1, last >> 1


def _require_length(proof: Sequence[bytes], wanted: int) -> None:
    if len(proof) != wanted:
        raise ProofError("proof.length", found=len(proof), wanted=wanted)


def _require_root(found: bytes, wanted: bytes, size: int) -> None:
    if found != wanted:
        raise ProofError("proof.other_root", size=size)


def _require_hashes(*hashes: bytes) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise ProofError("proof.not_a_hash", length=len(each))
