"""Secret ballots read by the text of SPEC.md alone, with nothing of the library and nothing of libsodium."""

import hashlib
from base64 import b64decode, b64encode
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple

from kit.edwards import BASE, NEUTRAL, ORDER, Spot, minus, plus, read, times, written

Json = dict[str, Any]


class Unproven(Exception):  # noqa: N818 - it is no error of the reader
    """The claim of this number, from 1, is not proven."""


class Layout(NamedTuple):
    """An encoding: its name, how many bits, what is claimed ({place: factor}, values), what is opened."""

    name: str
    length: int
    claims: list[tuple[dict[int, int], tuple[int, ...]]]
    opened: list[dict[int, int]]


def hashed(*parts: bytes | str | int) -> bytes:
    """T of the specification."""
    whole = hashlib.sha512()
    for one in (parts[0], "edwards25519", *parts[1:]):
        data = one if isinstance(one, bytes) else str(one).encode()
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.digest()


def challenge(*parts: bytes | str | int) -> int:
    """H of the specification."""
    return int.from_bytes(hashed(*parts), "little") % ORDER


def decoded(text: str) -> bytes:
    """Return the bytes of canonical base64."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError(text)
    return data


def scalar(data: bytes) -> int:
    """Return a scalar below the order."""
    number = int.from_bytes(data, "little")
    if number >= ORDER:
        raise ValueError(number)
    return number


def layout(encoding: Json) -> Layout:
    """Return what the chapter says of an encoding."""
    last = int(encoding["abstention"])
    if encoding["type"] == "sum":
        return sum_layout(encoding["steps"], encoding["parts"], last)
    counted = encoding["choices"] if encoding["type"] == "distribution" else encoding["candidates"]
    factors = dict.fromkeys(range(counted + last), 1)
    bits: list[tuple[dict[int, int], tuple[int, ...]]] = [({place: 1}, (0, 1)) for place in factors]
    opened = [{place: 1} for place in factors]
    if encoding["type"] == "distribution":
        return Layout(f"distribution {counted} {last}", counted + last, [*bits, (factors, (1,))], opened)
    least, most = encoding["least"], encoding["most"]
    values = (*range(least, most + 1), *([counted + 1] if last else []))
    weighed = factors | ({counted: counted + 1} if last else {})
    return Layout(f"selection {counted} {least} {most} {last}", counted + last, [*bits, (weighed, values)], opened)


def sum_layout(steps: int, parts: int, last: int) -> Layout:
    """Return what the chapter says of sums."""
    size = len(f"{steps:b}")
    weights = [2**place for place in range(size - 1)] + [steps - 2 ** (size - 1) + 1]
    counted = size * parts
    claims: list[tuple[dict[int, int], tuple[int, ...]]] = [({place: 1}, (0, 1)) for place in range(counted + last)]
    claims += [({place: 1, counted: 1}, (0, 1)) for place in range(counted if last else 0)]
    opened = [{part * size + place: weight for place, weight in enumerate(weights)} for part in range(parts)]
    return Layout(f"sum {steps} {parts} {last}", counted + last, claims, opened + ([{counted: 1}] if last else []))


def one_of(key: Spot, cipher: tuple[Spot, Spot], values: tuple[int, ...], proof: bytes, *statement: Any) -> bool:
    """Whether a proof shows that a ciphertext holds one of the values."""
    points, given = [], 0
    for place, value in enumerate(values):
        c, s = (scalar(proof[start : start + 32]) for start in (64 * place, 64 * place + 32))
        points += [written(minus(times(s, BASE), times(c, cipher[0])))]
        points += [written(minus(times(s, key), times(c, minus(cipher[1], times(value, BASE)))))]
        given += c
    return given % ORDER == challenge(*statement, *points)


def combined(ciphers: list[tuple[Spot, Spot]], factors: dict[int, int]) -> tuple[Spot, Spot]:
    """Return the sum of some ciphertexts, each times its factor."""
    left, right = (reduce(plus, (times(one, ciphers[at][side]) for at, one in factors.items())) for side in (0, 1))
    return left, right


def about(question: Json) -> list[Any]:
    """Q of the specification."""
    texts = [question[name] for name in ("meeting", "item", "round", "line", "target")]
    return [written(BASE), decoded(question["key"]), *texts, layout(question["encoding"]).name]


def read_ballot(question: Json, member: bytes, text: str) -> list[tuple[Spot, Spot]]:
    """Return the ciphertexts of a valid ballot; ValueError for bytes that are none, else Unproven."""
    shape, data, key = layout(question["encoding"]), decoded(text), read(decoded(question["key"]))
    if len(data) != 64 * (shape.length + sum(len(values) for _, values in shape.claims)):
        raise ValueError(len(data))
    points = [data[start : start + 32] for start in range(0, 64 * shape.length, 32)]
    ciphers = [(read(points[place]), read(points[place + 1])) for place in range(0, len(points), 2)]
    start = 64 * shape.length
    for number, (factors, values) in enumerate(shape.claims):
        proof, start = data[start : start + 64 * len(values)], start + 64 * len(values)
        statement = ("pingyi secret ballot/1", *about(question), member, *points, number)
        if not one_of(key, combined(ciphers, factors), values, proof, *statement):
            raise Unproven(number + 1)
    return ciphers


def read_opening(opening: Json, key: Json) -> list[list[int]]:
    """Return the totals that each pair of neighbours among the parts opens, having checked ballots and parts."""
    question = opening["question"]
    ballots = [read_ballot(question, decoded(one["member"]), one["text"]) for one in opening["ballots"]]
    bits = [
        (reduce(plus, (one[place][0] for one in ballots)), reduce(plus, (one[place][1] for one in ballots)))
        for place in range(len(ballots[0]))
    ]
    sums = [combined(bits, factors) for factors in layout(question["encoding"]).opened]
    whole = [*about(question), opening["basis"], len(ballots), *(written(one) for pair in sums for one in pair)]
    parts = {one["index"]: read_part(one, sums, whole, key) for one in opening["parts"]}
    indices = sorted(parts)
    return [totals(sums, parts, pair) for pair in pairwise(indices)]


def read_part(part: Json, sums: list[tuple[Spot, Spot]], whole: list[Any], key: Json) -> list[Spot]:
    """Return the points of a part, all of them proven."""
    data, share = decoded(part["text"]), decoded(key["shares"][part["index"] - 1])
    points = []
    for place, cipher in enumerate(sums):
        point, proof = data[96 * place : 96 * place + 32], data[96 * place + 32 : 96 * place + 96]
        statement = ("pingyi secret opening/1", *whole, part["index"], place, share, point)
        if not one_of(cipher[0], (read(share), read(point)), (0,), proof, *statement):
            raise Unproven(place + 1)
        points.append(read(point))
    return points


def totals(sums: list[tuple[Spot, Spot]], parts: dict[int, list[Spot]], pair: tuple[int, int]) -> list[int]:
    """Return what two scrutineers open."""
    one, other = pair
    factors = {one: other * pow(other - one, -1, ORDER), other: one * pow(one - other, -1, ORDER)}
    found = []
    for place, (_, right) in enumerate(sums):
        shared = reduce(plus, (times(factor % ORDER, parts[index][place]) for index, factor in factors.items()))
        left = written(minus(right, shared))
        found.append(next(value for value in range(100) if written(times(value, BASE)) == left))
    return found


def key_of(ceremony: Json) -> tuple[str, list[str]]:
    """Return the election key and the points of the shares that the revelations of a ceremony make."""
    revealed = [one for one in ceremony["messages"] if one["type"] == "reveal-key/1"]
    joint = [
        reduce(plus, (read(decoded(one["points"][place])) for one in revealed), NEUTRAL)
        for place in range(ceremony["ceremony"]["threshold"])
    ]
    shares = [
        reduce(plus, (times(index**power, point) for power, point in enumerate(joint)))
        for index in range(1, len(revealed) + 1)
    ]
    return b64encode(written(joint[0])).decode(), [b64encode(written(one)).decode() for one in shares]
