"""How the totals of a round come out: its ballots are added up, enough scrutineers decrypt the sums, nothing else.

Each scrutineer adds up the ballots anew, so that nobody can pass off one ballot as a sum, and sends for each sum (A, B)
the point D = xA with the proof that log_A D = log_G X, X being the point of the share x. Any ``threshold`` of them give
B - (sum of D times the Lagrange coefficient at 0) = the total times the generator: Cramer, Gennaro, Schoenmakers,
EUROCRYPT 1997, section 2.2; Desmedt, Frankel, "Threshold cryptosystems", CRYPTO 1989.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pingyi_protocol.meeting.definition import ItemRules
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ballot import ProvenBallot, Question
from pingyi_protocol.secret.ceremony import ElectionKey
from pingyi_protocol.secret.dealing import KeyShare
from pingyi_protocol.secret.encoding import Opened
from pingyi_protocol.secret.group import (
    ORDER,
    POINT_BYTES,
    Draw,
    GroupError,
    Point,
    Transcript,
    multiply,
    parse_point,
    parse_scalar,
    parse_text,
    raised,
    subtract,
    total,
)
from pingyi_protocol.secret.logarithm import logarithm
from pingyi_protocol.secret.proof import (
    PAIR_BYTES,
    Ciphertext,
    Proof,
    combined,
    one_of_holds,
    parse_proof,
    proof_bytes,
    prove_one_of,
)

LEAST_BALLOTS = 3
"""No item can be opened with fewer ballots, whatever it says."""
DEFAULT_LEAST_BALLOTS = ItemRules().least_ballots
_PART_BYTES = POINT_BYTES + PAIR_BYTES


class OpeningError(SecretError):
    """A round cannot be opened, or not by this scrutineer; the text says why."""


@dataclass(frozen=True)
class Count:
    """The sums of a round's valid ballots as they are opened, made by ``count_ballots``, or read of the record.

    ``basis`` names the part of the record that the close declares (a checkpoint's text), ``sums`` are in the order of
    the encoding's openings.
    """

    question: Question
    basis: str
    ballots: int
    sums: tuple[Ciphertext, ...]

    @cached_property
    def transcript(self) -> Transcript:
        """What every proof about the opening begins with."""
        points = (point for one in self.sums for point in one)
        parts = self.question.transcript("pingyi secret opening/1")
        return parts.add_texts(self.basis, str(self.ballots)).add(*points)

    @property
    def digest(self) -> str:
        """What tells this opening from another one of the same round, in hex."""
        return self.transcript.digest().hex()


class Opening(Struct, frozen=True):
    """One opening in which a scrutineer took part: of which line of which round, and the digest of its count."""

    meeting: str
    item: str
    round: int
    line: str
    target: str
    digest: str


class Openings(Struct, frozen=True):
    """What a scrutineer's terminal remembers, on its disk, as long as it has the share."""

    done: tuple[Opening, ...] = ()

    def with_count(self, count: Count) -> "Openings":
        """Return these with one more; OpeningError when this line of this round was opened differently before."""
        asked = count.question
        place = (asked.meeting, asked.item, asked.round, asked.line, asked.target)
        for one in self.done:
            if (one.meeting, one.item, one.round, one.line, one.target) == place:
                if one.digest != count.digest:
                    raise OpeningError("secret.opened_before", item=asked.item, round=asked.round)
                return self
        return Openings((*self.done, Opening(*place, count.digest)))


class Part(Struct, frozen=True):
    """A scrutineer's part of an opening: for each sum in turn the point D and its proof, 96 bytes, all in base64."""

    index: int
    text: str


class Result(NamedTuple):
    """What the parts come to: the opened totals, or None; whose parts were ``used``, whose are ``bad``.

    ``missing`` are the scrutineers of whom no good part is there.
    """

    opened: Opened | None
    used: tuple[int, ...]
    bad: tuple[int, ...]
    missing: tuple[int, ...]


def count_ballots(
    question: Question, basis: str, ballots: Iterable[ProvenBallot], least: int = DEFAULT_LEAST_BALLOTS
) -> Count:
    """Add up the ballots that count, one of each member, as ``verify_ballot`` returned them; their order is no matter.

    Raises OpeningError for a ballot to another question, for two of one member, and for fewer than ``least`` ballots,
    which is never fewer than LEAST_BALLOTS.
    """
    found = tuple(ballots)
    if any(one.question != question.digest for one in found):
        raise OpeningError("secret.other_question")
    if len({one.member for one in found}) < len(found):
        raise OpeningError("secret.member_twice")
    if len(found) < max(least, LEAST_BALLOTS):
        raise OpeningError("secret.too_few", ballots=len(found), least=max(least, LEAST_BALLOTS))
    added = tuple(
        Ciphertext(total(one.left for one in bit), total(one.right for one in bit))
        for bit in zip(*(one.ciphertexts for one in found), strict=True)
    )
    sums = tuple(combined(added, factors) for factors in question.encoding.openings)
    return Count(question, basis, len(found), sums)


def sums_text(count: Count) -> str:
    """Return the sums of a count as the record says them: base64 of both points of each in turn."""
    return b64encode(b"".join(point for one in count.sums for point in one)).decode("ascii")


def read_count(question: Question, basis: str, ballots: int, text: str) -> Count:
    """Return the count whose ``sums_text`` this is, for who has compared it with the ballots, or holds to who has."""
    data = parse_text(text)
    points = [Point(data[start : start + POINT_BYTES]) for start in range(0, len(data), POINT_BYTES)]
    return Count(question, basis, ballots, tuple(map(Ciphertext, points[::2], points[1::2])))


def decrypt_part(
    count: Count, key: ElectionKey, share: KeyShare, openings: Openings, draw: Draw
) -> tuple[Openings, Part]:
    """Return what to remember, on the disk *before* the part is sent, and this scrutineer's part.

    Raises OpeningError when the share or the ballots belong to another key, or when this line of this round was opened
    before with another count.
    """
    if share.election != key.digest or count.question.key != key.key:
        raise OpeningError("secret.other_key")
    remembered = openings.with_count(count)
    secret, point = parse_scalar(share.secret), parse_point(parse_text(key.shares[share.index - 1]))
    if raised(secret) != point:
        raise OpeningError("secret.other_key")
    parts = []
    for place, one in enumerate(count.sums):
        part = multiply(secret, one.left)
        transcript = _statement(count, share.index, place, point, part)
        # a ciphertext of 0 made of the share, under the key A: D = xA says just that
        proof = prove_one_of(transcript, one.left, secret, 0, (0,), draw)
        parts.append(part + proof_bytes(proof))
    return remembered, Part(share.index, b64encode(b"".join(parts)).decode("ascii"))


def open_count(count: Count, key: ElectionKey, parts: Iterable[Part]) -> Result:
    """Put the parts together: the first ``threshold`` good ones open, bad ones are named and passed over.

    Raises EncodingError when totals come out that valid ballots cannot give, OpeningError for another key.
    """
    if count.question.key != key.key:
        raise OpeningError("secret.other_key")
    good: dict[int, tuple[Point, ...]] = {}
    bad = []
    for part in parts:
        points = _good_points(count, key, part)
        if points is None:
            bad.append(part.index)
        else:
            good[part.index] = points
    missing = tuple(index for index in range(1, len(key.shares) + 1) if index not in good)
    if len(good) < key.threshold:
        return Result(None, (), tuple(bad), missing)
    used = tuple(sorted(good)[: key.threshold])
    return Result(_opened(count, {index: good[index] for index in used}), used, tuple(bad), missing)


def coefficient(index: int, indices: Iterable[int]) -> int:
    """Return the Lagrange coefficient at 0 of ``index`` among ``indices``, which are distinct and not 0."""
    value = 1
    for other in indices:
        if other != index:
            value = value * other * pow(other - index, -1, ORDER) % ORDER
    return value


def _opened(count: Count, parts: dict[int, tuple[Point, ...]]) -> Opened:
    encoding = count.question.encoding
    factors = {index: coefficient(index, parts) for index in parts}
    totals = []
    for place, most in enumerate(encoding.bounds(count.ballots)):
        shared = total(multiply(factor, parts[index][place]) for index, factor in factors.items())
        found = logarithm(subtract(count.sums[place].right, shared), most)
        if found is None:
            raise OpeningError("secret.beyond")
        totals.append(found)
    return encoding.decode(tuple(totals), count.ballots)


def _good_points(count: Count, key: ElectionKey, part: Part) -> tuple[Point, ...] | None:
    """The points of a part, all of them proven; None for a bad one."""
    if not 1 <= part.index <= len(key.shares):
        return None
    try:
        data = parse_text(part.text)
        if len(data) != _PART_BYTES * len(count.sums):
            return None
        pieces = [data[start : start + _PART_BYTES] for start in range(0, len(data), _PART_BYTES)]
        read = [(parse_point(one[:POINT_BYTES]), parse_proof(one[POINT_BYTES:])) for one in pieces]
    except GroupError:
        return None
    good = all(_part_holds(count, key, part.index, place, *one) for place, one in enumerate(read))
    return tuple(point for point, _ in read) if good else None


def _part_holds(count: Count, key: ElectionKey, index: int, place: int, part: Point, proof: Proof) -> bool:
    point = parse_point(parse_text(key.shares[index - 1]))
    transcript = _statement(count, index, place, point, part)
    return one_of_holds(transcript, count.sums[place].left, Ciphertext(point, part), (0,), proof)


def _statement(count: Count, index: int, place: int, point: Point, part: Point) -> Transcript:
    return count.transcript.fork().add_texts(str(index), str(place)).add(point, part)
