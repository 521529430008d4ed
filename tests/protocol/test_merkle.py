"""The log and its proofs against the definitions of RFC 6962, written out, and against published vectors."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.words import said
from pingyi_protocol.record.merkle import (
    EMPTY_ROOT,
    MerkleLog,
    ProofError,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parent / "vectors" / "merkle"
OTHER = sha256(b"a hash that no log here holds").digest()

leaves_of = st.integers(1, 70).map(lambda size: [leaf_hash(b"entry %d" % index) for index in range(size)])


def hash_of(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    return next(1 << power for power in range(size) if 1 << power < size <= 2 << power)


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    k = split(len(leaves))
    return hash_of(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def audit_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*audit_path(index, leaves[:k]), tree_hash(leaves[k:])]
    return [*audit_path(index - k, leaves[k:]), tree_hash(leaves[:k])]


def subproof(first: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if first == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    k = split(len(leaves))
    if first <= k:
        return [*subproof(first, leaves[:k], whole), tree_hash(leaves[k:])]
    return [*subproof(first - k, leaves[k:], whole=False), tree_hash(leaves[:k])]


def vectors(kind: str) -> list[Any]:
    found = sorted((VECTORS / kind).glob("*/*.json"))
    return [pytest.param(json.loads(path.read_text()), id=f"{path.parent.name}-{path.stem}") for path in found]


def hashes(proof: list[str] | None) -> list[bytes]:
    return [b64decode(each) for each in proof or ()]


def refuses(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except ProofError:
        return True
    return False


@pytest.mark.parametrize("case", vectors("inclusion"))
def test_inclusion_vectors_of_transparency_dev(case: Any) -> None:
    arguments = (
        case["leafIdx"],
        case["treeSize"],
        b64decode(case["leafHash"]),
        hashes(case["proof"]),
        b64decode(case["root"] or ""),
    )
    assert refuses(verify_inclusion, *arguments) == case["wantErr"]


@pytest.mark.parametrize("case", vectors("consistency"))
def test_consistency_vectors_of_transparency_dev(case: Any) -> None:
    roots = b64decode(case["root1"] or ""), b64decode(case["root2"] or "")
    assert refuses(verify_consistency, case["size1"], case["size2"], *roots, hashes(case["proof"])) == case["wantErr"]


def test_all_published_vectors_are_here() -> None:
    assert (len(vectors("inclusion")), len(vectors("consistency"))) == (49, 43)


def test_leaf_and_empty_hashes_are_those_of_rfc_6962() -> None:
    # the hashes that Certificate Transparency's reference tree has for no leaf and for an empty leaf
    assert MerkleLog().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_every_root_and_proof_of_every_small_log_is_the_rfcs() -> None:
    leaves = [leaf_hash(b"entry %d" % index) for index in range(19)]
    log = MerkleLog(leaves)
    for size in range(20):
        assert log.root(size) == tree_hash(leaves[:size])
        for index in range(size):
            assert list(log.inclusion_proof(index, size)) == audit_path(index, leaves[:size])
        for first in range(1, size):
            assert list(log.consistency_proof(first, size)) == subproof(first, leaves[:size], whole=True)
        assert log.consistency_proof(0, size) == ()


@given(leaves_of, st.data())
def test_every_inclusion_proof_verifies_and_no_altered_one(leaves: list[bytes], data: st.DataObject) -> None:
    log = MerkleLog(leaves)
    size = data.draw(st.integers(1, len(leaves)), "size")
    index = data.draw(st.integers(0, size - 1), "index")
    root = tree_hash(leaves[:size])
    proof = list(log.inclusion_proof(index, size))
    verify_inclusion(index, size, leaves[index], proof, root)

    for altered in alterations(proof, data):
        assert refuses(verify_inclusion, index, size, leaves[index], altered, root)
    assert refuses(verify_inclusion, index, size, OTHER, proof, root)
    assert refuses(verify_inclusion, index, size, leaves[index], proof, OTHER)
    for elsewhere in {-1, index ^ 1, index + 1, size} - {index}:
        assert refuses(verify_inclusion, elsewhere, size, leaves[index], proof, root)


@given(leaves_of, st.data())
def test_every_consistency_proof_verifies_and_no_altered_one(leaves: list[bytes], data: st.DataObject) -> None:
    log = MerkleLog(leaves)
    second = data.draw(st.integers(0, len(leaves)), "second")
    first = data.draw(st.integers(0, second), "first")
    roots = tree_hash(leaves[:first]), tree_hash(leaves[:second])
    proof = list(log.consistency_proof(first, second))
    verify_consistency(first, second, *roots, proof)

    for altered in alterations(proof, data):
        assert refuses(verify_consistency, first, second, *roots, altered)
    assert refuses(verify_consistency, first, second, OTHER, roots[1], proof)
    if first:
        assert refuses(verify_consistency, first, second, roots[0], OTHER, proof)
    if first < second:
        assert refuses(verify_consistency, second, first, roots[1], roots[0], proof)


def alterations(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """One bit flipped, one hash inserted, and, where there is one, one hash left out, cut short or doubled."""
    at = data.draw(st.integers(0, len(proof)), "at")
    altered = [[*proof[:at], OTHER, *proof[at:]]]
    if at < len(proof):
        bit = data.draw(st.integers(0, 255), "bit")
        flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
        altered += [
            [*proof[:at], flipped, *proof[at + 1 :]],
            [*proof[:at], *proof[at + 1 :]],
            [*proof[:at], proof[at][:-1], *proof[at + 1 :]],
            [*proof[:at], proof[at], *proof[at:]],
        ]
    return altered


@given(leaves_of, st.data())
def test_a_rewritten_leaf_has_no_consistent_history(leaves: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(leaves)), "first")
    rewritten = list(leaves)
    rewritten[data.draw(st.integers(0, first - 1), "rewritten")] = OTHER
    forged = MerkleLog(rewritten)
    proof = forged.consistency_proof(first)
    assert refuses(verify_consistency, first, len(leaves), tree_hash(leaves[:first]), forged.root(), proof)


@given(leaves_of, st.data())
def test_a_log_cut_back_is_the_log_that_never_grew(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(leaves)), "size")
    log = MerkleLog(leaves)
    log.truncate(size)
    assert (log.size, log.root()) == (size, tree_hash(leaves[:size]))
    again = [log.append(each) for each in leaves[size:]]
    assert again == list(range(size, len(leaves)))
    assert log.root() == tree_hash(leaves)


def test_a_byte_moved_from_one_hash_to_the_next_is_noticed() -> None:
    """The node above hashes the same bytes, so only the lengths tell."""
    left, right = leaf_hash(b"0"), leaf_hash(b"1")
    longer, shorter = left + right[:1], right[1:]
    root = hash_of(left, right)
    assert hash_of(longer, shorter) == root
    assert refuses(verify_inclusion, 0, 2, longer, [shorter], root)
    assert refuses(verify_consistency, 1, 2, longer, root, [shorter])


def test_what_is_wrong_is_named_and_said_in_both_languages() -> None:
    log = MerkleLog(leaf_hash(b"%d" % index) for index in range(5))
    cases: list[tuple[str, Any, tuple[Any, ...]]] = [
        ("proof.no_such_leaf", log.inclusion_proof, (5,)),
        ("proof.no_such_leaf", log.inclusion_proof, (-1,)),
        ("proof.beyond_log", log.inclusion_proof, (0, 6)),
        ("proof.beyond_log", log.root, (-1,)),
        ("proof.beyond_log", log.truncate, (6,)),
        ("proof.sizes_out_of_order", log.consistency_proof, (4, 3)),
        ("proof.sizes_out_of_order", log.consistency_proof, (-1,)),
        ("proof.not_a_hash", log.append, (b"short",)),
        ("proof.not_a_hash", verify_inclusion, (0, 1, OTHER, [], OTHER[1:])),
        ("proof.length", verify_inclusion, (0, 2, OTHER, [], OTHER)),
        ("proof.other_root", verify_inclusion, (0, 1, OTHER, [], log.root())),
        ("proof.sizes_out_of_order", verify_consistency, (2, 1, OTHER, OTHER, [])),
        ("proof.other_root", verify_consistency, (0, 5, OTHER, log.root(), [])),
        ("proof.other_root", verify_consistency, (5, 5, OTHER, log.root(), [])),
        ("proof.length", verify_consistency, (0, 5, EMPTY_ROOT, log.root(), [OTHER])),
    ]
    for key, call, arguments in cases:
        with pytest.raises(ProofError) as error:
            call(*arguments)
        assert error.value.key == key
        assert all(said(error.value))
    assert log.size == 5
