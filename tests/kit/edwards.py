"""edwards25519 by whole numbers alone, slow and plain, after RFC 8032, section 5.1: an oracle for libsodium."""

from typing import TypeAlias

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)

Spot: TypeAlias = tuple[int, int, int, int]
"""A point in extended coordinates (RFC 8032, section 5.1.4)."""

NEUTRAL: Spot = (0, 1, 1, 0)


def plus(one: Spot, other: Spot) -> Spot:
    """Return the sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def minus(one: Spot, other: Spot) -> Spot:
    """Return the difference of two points."""
    return plus(one, (-other[0] % PRIME, other[1], other[2], -other[3] % PRIME))


def times(number: int, one: Spot) -> Spot:
    """Return a multiple, of a number of 0 or more."""
    found = NEUTRAL
    while number:
        if number & 1:
            found = plus(found, one)
        one, number = plus(one, one), number >> 1
    return found


def written(one: Spot) -> bytes:
    """Return the 32 bytes of a point."""
    inverse = pow(one[2], -1, PRIME)
    x, y = one[0] * inverse % PRIME, one[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def read(data: bytes) -> Spot:
    """Return the point of the subgroup that 32 bytes spell; ValueError for anything else, and for the identity."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    x = x if x & 1 == sign else -x % PRIME
    found = (x, y, 1, x * y % PRIME)
    good = len(data) == 32 and y < PRIME and (x * x - square) % PRIME == 0 and written(found) == data
    if not good or data == written(NEUTRAL) or written(times(ORDER, found)) != written(NEUTRAL):
        raise ValueError(data)
    return found


BASE = read((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))
