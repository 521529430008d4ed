"""Zero-knowledge proofs about ElGamal ciphertexts, and of knowing a key.

A ciphertext of ``m`` under key K is (rG, rK + mG): Cramer, Gennaro, Schoenmakers, "A secure and optimally efficient
multi-authority election scheme", EUROCRYPT 1997. That m is one of some values is proven by as many proofs of equal
discrete logarithms (Chaum, Pedersen, "Wallet databases with observers", CRYPTO 1992), of which all but one are made up
(Cramer, Damgård, Schoenmakers, "Proofs of partial knowledge", CRYPTO 1994). With one value it is a plain such proof.

A proof is a (challenge, response) pair for each value, in the order of the values; the challenges add up to the hash of
the transcript, which the caller has filled with the whole statement.
"""

from typing import NamedTuple, TypeAlias

from pingyi_protocol.secret.group import (
    IDENTITY,
    ORDER,
    SCALAR_BYTES,
    Draw,
    Point,
    Transcript,
    add,
    multiply,
    parse_scalar,
    raised,
    random_scalar,
    scalar_bytes,
    small,
    subtract,
    total,
)

PAIR_BYTES = 2 * SCALAR_BYTES


class Ciphertext(NamedTuple):
    """An ElGamal ciphertext: ``left`` = rG, ``right`` = rK + mG."""

    left: Point
    right: Point


class Pair(NamedTuple):
    """The challenge and the response for one value."""

    challenge: int
    response: int


Proof: TypeAlias = tuple[Pair, ...]


def encrypt(key: Point, value: int, randomness: int) -> Ciphertext:
    """Return the encryption of a small ``value``; the work done does not tell 0 from 1."""
    return Ciphertext(raised(randomness), add(multiply(randomness, key), small(value)))


def combined(ciphertexts: tuple[Ciphertext, ...], factors: tuple[tuple[int, int], ...]) -> Ciphertext:
    """Return the sum of the ciphertexts at some places, each times a factor; ``factors`` are (place, factor)."""
    scaled = [_times(factor, ciphertexts[place]) for place, factor in factors]
    return Ciphertext(total(one.left for one in scaled), total(one.right for one in scaled))


def _times(factor: int, one: Ciphertext) -> Ciphertext:
    return one if factor == 1 else Ciphertext(multiply(factor, one.left), multiply(factor, one.right))


def prove_one_of(
    transcript: Transcript, key: Point, randomness: int, value: int, values: tuple[int, ...], draw: Draw
) -> Proof:
    """Prove that the ciphertext made of ``randomness`` and ``value`` under ``key`` holds one of ``values``.

    Every value costs the same, so the time tells nothing about which it is. ``value`` must be among the values.
    """
    nonces = [random_scalar(draw) for _ in values]
    # the true value's challenge is what is left of the hash once the others are chosen
    chosen = [0 if one == value else random_scalar(draw) for one in values]
    for one, nonce, challenge in zip(values, nonces, chosen, strict=True):
        # with response = nonce + challenge * r this is what the verifier computes, without touching the ciphertext
        shift = IDENTITY if one == value else raised(challenge * (one - value))
        transcript.add(raised(nonce), add(multiply(nonce, key), shift))
    left = (transcript.challenge() - sum(chosen)) % ORDER
    challenges = [left if one == value else challenge for one, challenge in zip(values, chosen, strict=True)]
    return tuple(
        Pair(challenge, (nonce + challenge * randomness) % ORDER)
        for nonce, challenge in zip(nonces, challenges, strict=True)
    )


def one_of_holds(
    transcript: Transcript, key: Point, ciphertext: Ciphertext, values: tuple[int, ...], proof: Proof
) -> bool:
    """Say whether ``proof`` shows that the ciphertext holds one of ``values``; it has a pair for each of them."""
    for value, pair in zip(values, proof, strict=True):
        right = subtract(ciphertext.right, small(value)) if value else ciphertext.right
        transcript.add(
            subtract(raised(pair.response), multiply(pair.challenge, ciphertext.left)),
            subtract(multiply(pair.response, key), multiply(pair.challenge, right)),
        )
    return sum(pair.challenge for pair in proof) % ORDER == transcript.challenge()


def prove_known(transcript: Transcript, secret: int, draw: Draw) -> Proof:
    """Prove that one knows the logarithm of ``secret`` times the generator: Schnorr, J. Cryptology 4 (1991)."""
    nonce = random_scalar(draw)
    challenge = transcript.add(raised(nonce)).challenge()
    return (Pair(challenge, (nonce + challenge * secret) % ORDER),)


def known_holds(transcript: Transcript, point: Point, proof: Proof) -> bool:
    """Say whether ``proof``, of one pair, shows that its maker knows the logarithm of ``point``."""
    (pair,) = proof
    commitment = subtract(raised(pair.response), multiply(pair.challenge, point))
    return transcript.add(commitment).challenge() == pair.challenge


def proof_bytes(proof: Proof) -> bytes:
    """Return a proof as it stands on the wire: challenge and response of each value in turn."""
    return b"".join(scalar_bytes(scalar) for pair in proof for scalar in pair)


def parse_proof(data: bytes) -> Proof:
    """Return the proof that ``data`` spells; GroupError for a scalar that is not canonical or a part of one."""
    pairs = (data[start : start + PAIR_BYTES] for start in range(0, len(data), PAIR_BYTES))
    return tuple(Pair(parse_scalar(pair[:SCALAR_BYTES]), parse_scalar(pair[SCALAR_BYTES:])) for pair in pairs)
