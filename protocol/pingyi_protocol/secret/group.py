"""The group of the secret ballot: the subgroup of edwards25519 of prime order, by libsodium.

Points are 32 bytes as in RFC 8032, section 5.1.2; scalars are ints from 0 to ``ORDER`` - 1, on the wire 32 bytes,
little-endian. Everything from outside goes through ``parse_point`` and ``parse_scalar``, and there is no other check:
libsodium's addition takes points of small order without a word, and its multiplication raises on them.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from typing import NewType

import nacl.bindings

from pingyi_protocol.keys.signing import parse_base64
from pingyi_protocol.secret import SecretError

ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order L of the subgroup (RFC 8032, section 5.1)."""

POINT_BYTES = 32
SCALAR_BYTES = 32
_WIDE_BYTES = 64
GROUP = b"edwards25519"

Point = NewType("Point", bytes)
"""A point of the subgroup in its one encoding; what came from outside is a Point only once it was parsed."""

Draw = Callable[[int], bytes]
"""A source of randomness: returns so many bytes, uniform, secret and never the same twice (``nacl.utils.random``)."""

IDENTITY = Point(b"\x01" + bytes(31))
GENERATOR = Point(b"\x58" + b"\x66" * 31)


class GroupError(SecretError):
    """Bytes are no point of the subgroup, no scalar below its order, or no canonical base64."""


def parse_point(data: bytes) -> Point:
    """Return ``data`` as a point; GroupError unless it is canonical, of the subgroup and not the identity."""
    if len(data) != POINT_BYTES or not nacl.bindings.crypto_core_ed25519_is_valid_point(data):
        raise GroupError("secret.point")
    return Point(data)


def parse_scalar(data: bytes) -> int:
    """Return the scalar that 32 bytes spell; GroupError where it is not below the order, as r + L is not."""
    scalar = int.from_bytes(data, "little")
    if len(data) != SCALAR_BYTES or scalar >= ORDER:
        raise GroupError("secret.scalar")
    return scalar


def parse_text(text: str) -> bytes:
    """Return the bytes whose canonical base64 this is; GroupError where it is not."""
    data = parse_base64(text)
    if data is None:
        raise GroupError("secret.text")
    return data


def scalar_bytes(scalar: int) -> bytes:
    """Return a scalar as it stands on the wire."""
    return scalar.to_bytes(SCALAR_BYTES, "little")


def add(left: Point, right: Point) -> Point:
    """Return the sum of two points."""
    return Point(nacl.bindings.crypto_core_ed25519_add(left, right))


def subtract(left: Point, right: Point) -> Point:
    """Return the difference of two points."""
    return Point(nacl.bindings.crypto_core_ed25519_sub(left, right))


def total(points: Iterable[Point]) -> Point:
    """Return the sum of all these points; of none, the identity."""
    rest = iter(points)
    return reduce(add, rest, next(rest, IDENTITY))


def multiply(scalar: int, point: Point) -> Point:
    """Return ``scalar`` times ``point``, the scalar taken modulo the order."""
    reduced = scalar % ORDER
    # the subgroup has prime order, so these are the only products that are the identity, on which libsodium raises
    if reduced == 0 or point == IDENTITY:
        return IDENTITY
    return Point(nacl.bindings.crypto_scalarmult_ed25519_noclamp(scalar_bytes(reduced), point))


def raised(scalar: int) -> Point:
    """Return ``scalar`` times the generator, the scalar taken modulo the order."""
    reduced = scalar % ORDER
    if reduced == 0:
        return IDENTITY
    return Point(nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(scalar_bytes(reduced)))


@lru_cache(maxsize=256)
def small(value: int) -> Point:
    """Return a small multiple of the generator, which is asked for again and again."""
    return raised(value)


def random_scalar(draw: Draw) -> int:
    """Return a scalar from 1 to ``ORDER`` - 1 out of 64 drawn bytes; how far it is from uniform is below 2**-250."""
    return 1 + int.from_bytes(draw(_WIDE_BYTES), "little") % (ORDER - 1)


class Transcript:
    """What a challenge is the hash of: a domain tag and parts, each with its length before it.

    The strong Fiat-Shamir transform asks that the whole statement goes in before the commitments: Bernhard, Pereira,
    Warinschi, "How not to prove yourself", ASIACRYPT 2012. A length is 8 bytes, big-endian.
    """

    def __init__(self, domain: str) -> None:
        """Begin with the tag that says what is proven."""
        self._hash = hashlib.sha512()
        self.add(domain.encode(), GROUP)

    def add(self, *parts: bytes) -> "Transcript":
        """Append parts in their order."""
        for part in parts:
            self._hash.update(len(part).to_bytes(8, "big") + part)
        return self

    def add_texts(self, *texts: str) -> "Transcript":
        """Append texts as UTF-8."""
        return self.add(*(text.encode() for text in texts))

    def fork(self) -> "Transcript":
        """Return a transcript that goes on from here by itself."""
        other = object.__new__(Transcript)
        other._hash = self._hash.copy()
        return other

    def challenge(self) -> int:
        """Return SHA-512 of all that was added, little-endian, modulo the order."""
        return int.from_bytes(self._hash.digest(), "little") % ORDER

    def digest(self) -> bytes:
        """Return the 64 bytes of SHA-512 of all that was added."""
        return self._hash.digest()
