"""Totals come out as multiples of the generator; how often is found by baby steps and giant steps.

Shanks, "Class number, a theory of factorization, and genera", 1971. For a total of up to 300 000 (3000 scores of 100)
that is a table of 548 points and as many steps.
"""

from functools import lru_cache
from math import isqrt

from pingyi_protocol.secret.group import GENERATOR, IDENTITY, Point, add, raised, subtract


def logarithm(point: Point, most: int) -> int | None:
    """Return how many times the generator ``point`` is, 0 to ``most``; None where it is none of these."""
    size = isqrt(most) + 1
    steps, giant = _baby_steps(size), raised(size)
    for turn in range(most // size + 1):
        found = steps.get(point)
        if found is not None:
            value = turn * size + found
            return value if value <= most else None
        point = subtract(point, giant)
    return None


@lru_cache(maxsize=8)
def _baby_steps(size: int) -> dict[Point, int]:
    steps, point = {IDENTITY: 0}, IDENTITY
    for value in range(1, size):
        point = add(point, GENERATOR)
        steps[point] = value
    return steps
