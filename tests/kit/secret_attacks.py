"""What a dishonest member can send in place of a ballot, and a dishonest scrutineer in place of a message."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import msgspec

from kit.secret_hall import Circle, drawing
from pingyi_protocol.secret.ballot import Ballot, Question, _statement, ballot_text
from pingyi_protocol.secret.group import (
    ORDER,
    Point,
    Transcript,
    add,
    multiply,
    parse_point,
    parse_scalar,
    raised,
    subtract,
    total,
)
from pingyi_protocol.secret.messages import CommitToKey, RevealKey, commitment_digest, possession, signed_bytes, text_of
from pingyi_protocol.secret.proof import Ciphertext, Pair, Proof, encrypt, proof_bytes, prove_known, prove_one_of

IDENTITY_TEXT = "01" + "00" * 31
WEAK_POINTS = {
    "identity": IDENTITY_TEXT,
    "order 2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order 4": "00" * 32,
    "order 4, the other": "00" * 31 + "80",
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, the other": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "identity, not canonical": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "identity, sign set": "01" + "00" * 30 + "80",
    "order 4, not canonical": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "not on the curve": "02" + "00" * 31,
    "nothing at all": "ff" * 32,
}
"""Points that no honest sender sends; those of small order are known from libsodium and RFC 7748's errata."""


def mixed(point: bytes) -> bytes:
    """Return a point of the subgroup with the point of order 2 added: on the curve, canonical, outside the subgroup."""
    return add(Point(point), Point(bytes.fromhex(WEAK_POINTS["order 2"])))


def proven_as_told(question: Question, member: bytes, bits: tuple[int, ...]) -> str:
    """Return a ballot of any bits: every claim that they keep is proven, the others as well as one can."""
    encoding, key, draw = question.encoding, parse_point(b64decode(question.key)), drawing("cheat")
    randomness = [2 + place for place in range(len(bits))]
    ciphertexts = tuple(encrypt(key, bit, one) for bit, one in zip(bits, randomness, strict=True))
    statement = _statement(question, member, ciphertexts)
    proofs = []
    for index, claim in enumerate(encoding.claims):
        value = sum(bits[place] * factor for place, factor in claim.factors)
        whole = sum(randomness[place] * factor for place, factor in claim.factors)
        transcript = statement.fork().add_texts(str(index))
        proofs.append(prove_one_of(transcript, key, whole, value, claim.values, draw))
    return ballot_text(Ballot(ciphertexts, tuple(proofs)))


def adaptive_forgery(key: Point, weak: Callable[[], Transcript]) -> tuple[Ciphertext, Proof, int]:
    """Return a ciphertext of a number that is no bit, and a proof that it is one under a hash of commitments alone.

    The ciphertext is chosen after the hash: with b_0 = v_0 K + w_0 G and b_1 = v_1 K + w_1 G fixed, the proof holds for
    every m with hash = -w_0 / m - w_1 / (m - 1). (Bernhard, Pereira, Warinschi 2012, section 4.) ``weak`` begins
    the transcript, without the ciphertext.
    """
    for trial in range(1, 100):
        nonces, shifts = (11, 13), (trial, 5)
        transcript = weak()
        for nonce, shift in zip(nonces, shifts, strict=True):
            transcript.add(raised(nonce), add(multiply(nonce, key), raised(shift)))
        challenge = transcript.challenge()
        linear = (shifts[0] + shifts[1] - challenge) % ORDER
        root = square_root((linear * linear + 4 * challenge * shifts[0]) % ORDER)
        if root is None:
            continue
        value = (root - linear) * pow(2 * challenge, -1, ORDER) % ORDER
        challenges = (-shifts[0] * pow(value, -1, ORDER) % ORDER, -shifts[1] * pow(value - 1, -1, ORDER) % ORDER)
        proof = tuple(Pair(one, (nonce + 7 * one) % ORDER) for one, nonce in zip(challenges, nonces, strict=True))
        return Ciphertext(raised(7), add(multiply(7, key), raised(value))), proof, value
    raise AssertionError


def square_root(square: int) -> int | None:
    """Return a square root modulo the order, which is 5 modulo 8 (Atkin); None where there is none."""
    root = pow(square, (ORDER + 3) // 8, ORDER)
    for one in (root, root * pow(2, (ORDER - 1) // 4, ORDER) % ORDER):
        if one * one % ORDER == square:
            return one
    return None


def with_bytes(text: str, start: int, data: bytes) -> str:
    """Return the base64 of a ballot with some bytes replaced."""
    old = b64decode(text)
    return b64encode(old[:start] + data + old[start + len(data) :]).decode()


def signed(made: Circle, message: Any, before: bytes = b"") -> Any:
    """Return a message signed by the scrutineer of its index, whatever it says."""
    signature = made.signers[message.index].sign(signed_bytes(made.ceremony, message, before)).signature
    return msgspec.structs.replace(message, signature=text_of(signature))


def committed(made: Circle, index: int, change: Callable[[RevealKey], RevealKey]) -> RevealKey:
    """Let all commit, this scrutineer to a changed revelation, and return that, signed."""
    reveal = change(made.dealers[index].reveal)
    for one in made.ceremony.indices:
        message = made.respond(one)
        if one == index:
            digest = text_of(commitment_digest(made.ceremony, reveal))
            message = signed(made, CommitToKey(index, digest))
        made.accept(message)
    return signed(made, reveal)  # type: ignore[no-any-return] # the same kind as it was given


def longer(made: Circle, reveal: RevealKey) -> RevealKey:
    """Return the second's revelation with one coefficient more, proven like the others."""
    points = (*reveal.points, text_of(raised(9)))
    secret = parse_scalar(made.dealers[2].coefficients[0])
    proof = prove_known(possession(made.ceremony, 2, reveal.box, points), secret, drawing("longer"))
    return msgspec.structs.replace(reveal, points=points, proof=text_of(proof_bytes(proof)))


def cancelling(made: Circle, reveal: RevealKey) -> RevealKey:
    """Return the second's revelation of a point from which the others' are taken, the proof being for what is left."""
    others = total(Point(b64decode(made.dealers[index].reveal.points[0])) for index in (1, 3))
    points = (text_of(subtract(raised(5), others)), *reveal.points[1:])
    proof = prove_known(possession(made.ceremony, 2, reveal.box, points), 5, drawing("rogue"))
    return msgspec.structs.replace(reveal, points=points, proof=text_of(proof_bytes(proof)))
