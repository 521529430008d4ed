"""A secret ballot: an encrypted answer to one question, with the proofs that it is an answer.

On the wire it is the base64 of the ciphertexts of all bits, left and right point in turn, and of the proofs of the
encoding's claims in their order: no lengths, no names, for the encoding says what stands where. It is good for one
question and one member only, since both are in every hash.
"""

from base64 import b64encode
from typing import NamedTuple

from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.encoding import Encoding, Marks, ballot_bytes
from pingyi_protocol.secret.group import (
    GENERATOR,
    ORDER,
    POINT_BYTES,
    Draw,
    GroupError,
    Point,
    Transcript,
    parse_point,
    parse_text,
    random_scalar,
)
from pingyi_protocol.secret.proof import (
    PAIR_BYTES,
    Ciphertext,
    Proof,
    combined,
    encrypt,
    one_of_holds,
    parse_proof,
    proof_bytes,
    prove_one_of,
)

_DOMAIN = "pingyi secret ballot/1"
_CIPHERTEXT_BYTES = 2 * POINT_BYTES


class BallotError(SecretError):
    """The bytes are no valid ballot of this member for this question; ``key`` says in which check it failed."""


class Question(Struct, frozen=True):
    """What a secret ballot answers, and under which key.

    ``meeting`` is the name of the log, ``line`` says which of the questions about ``target`` this is ("score",
    "choice" or "selection"; ``target`` is "" for a motion and a selection). ``key`` is base64 of the election key.
    """

    meeting: str
    item: str
    round: int
    line: str
    target: str
    encoding: Encoding
    key: str

    def transcript(self, domain: str) -> Transcript:
        """Return a transcript that holds the whole question."""
        return (
            Transcript(domain)
            .add(GENERATOR, parse_text(self.key))
            .add_texts(self.meeting, self.item, str(self.round), self.line, self.target, self.encoding.name)
        )

    @property
    def digest(self) -> bytes:
        """The 64 bytes that stand for the question."""
        return self.transcript("pingyi secret question/1").digest()


class Ballot(NamedTuple):
    """A ballot as parsed: the ciphertext of each bit, the proof of each claim."""

    ciphertexts: tuple[Ciphertext, ...]
    proofs: tuple[Proof, ...]


class ProvenBallot(NamedTuple):
    """A ballot whose proofs hold: of which question (digest), whose, its bits.

    ``verify_ballot`` makes it, and ``known_ballot`` where that was done before.
    """

    question: bytes
    member: bytes
    ciphertexts: tuple[Ciphertext, ...]


def cast_ballot(question: Question, member: bytes, marks: Marks, draw: Draw) -> str:
    """Encrypt an answer, prove it, and return it as it is sent.

    ``member`` is the public key (32 bytes) that will sign the command. Raises EncodingError when the marks are no
    answer to the question, GroupError when its key is none. Nothing of the randomness is kept.
    """
    encoding, key = question.encoding, parse_point(parse_text(question.key))
    bits = encoding.vector(marks)
    randomness = [random_scalar(draw) for _ in bits]
    ciphertexts = tuple(encrypt(key, bit, one) for bit, one in zip(bits, randomness, strict=True))
    statement = _statement(question, member, ciphertexts)
    proofs = []
    for index, claim in enumerate(encoding.claims):
        value = sum(bits[place] * factor for place, factor in claim.factors)
        whole = sum(randomness[place] * factor for place, factor in claim.factors) % ORDER
        transcript = statement.fork().add_texts(str(index))
        proofs.append(prove_one_of(transcript, key, whole, value, claim.values, draw))
    return ballot_text(Ballot(ciphertexts, tuple(proofs)))


def ballot_text(ballot: Ballot) -> str:
    """Return a ballot as it is sent."""
    points = b"".join(point for one in ballot.ciphertexts for point in one)
    return b64encode(points + b"".join(map(proof_bytes, ballot.proofs))).decode("ascii")


def check_shape(encoding: Encoding, text: str) -> bytes:
    """Return the bytes of a ballot that is as long as it must be, in the one form of base64.

    What can be said at once of a ballot that has just come; BallotError or GroupError. Whether they are points, scalars
    and proofs takes a thousand times as long.
    """
    wanted = ballot_bytes(encoding)
    # measured before it is decoded
    if len(text) != 4 * -(-wanted // 3):
        raise BallotError("secret.ballot_length")
    data = parse_text(text)
    if len(data) != wanted:
        raise BallotError("secret.ballot_length")
    return data


def parse_ballot(encoding: Encoding, text: str) -> Ballot:
    """Return the ballot that ``text`` spells, all of it in the one form that it can have.

    BallotError for a wrong length (nothing is cut off, added or left over), GroupError for what is no canonical base64,
    no point of the subgroup or no scalar below its order. The cheap half of ``verify_ballot``.
    """
    data = check_shape(encoding, text)
    ciphertexts, start = [], 0
    for _ in range(encoding.length):
        middle, end = start + POINT_BYTES, start + _CIPHERTEXT_BYTES
        ciphertexts.append(Ciphertext(parse_point(data[start:middle]), parse_point(data[middle:end])))
        start = end
    proofs = []
    for claim in encoding.claims:
        end = start + PAIR_BYTES * len(claim.values)
        proofs.append(parse_proof(data[start:end]))
        start = end
    return Ballot(tuple(ciphertexts), tuple(proofs))


def verify_ballot(question: Question, member: bytes, text: str) -> ProvenBallot:
    """Return the ballot that ``text`` spells once every claim about it is proven for this question and this member.

    Pure and of picklable arguments, so that worker processes can do it. Raises BallotError (``secret.ballot_length``,
    ``secret.ballot_proof`` with the ``place`` of the claim, from 1) or GroupError.
    """
    ballot = parse_ballot(question.encoding, text)
    key = parse_point(parse_text(question.key))
    statement = _statement(question, member, ballot.ciphertexts)
    for index, (claim, proof) in enumerate(zip(question.encoding.claims, ballot.proofs, strict=True)):
        transcript = statement.fork().add_texts(str(index))
        if not one_of_holds(transcript, key, combined(ballot.ciphertexts, claim.factors), claim.values, proof):
            raise BallotError("secret.ballot_proof", place=index + 1)
    return ProvenBallot(question.digest, member, ballot.ciphertexts)


def known_ballot(question: Question, member: bytes, text: str) -> ProvenBallot:
    """Return a ballot that ``verify_ballot`` has returned before, as the record says, without the proofs' cost."""
    data = check_shape(question.encoding, text)
    points = [
        Point(data[start : start + POINT_BYTES])
        for start in range(0, 2 * POINT_BYTES * question.encoding.length, POINT_BYTES)
    ]
    return ProvenBallot(question.digest, member, tuple(map(Ciphertext, points[::2], points[1::2])))


def fault_of(question: Question, member: bytes, text: str) -> str:
    """Return the key of what is wrong with a ballot, "" for nothing: ``verify_ballot`` for lists of results."""
    try:
        verify_ballot(question, member, text)
    except (BallotError, GroupError) as error:
        return error.key
    return ""


def _statement(question: Question, member: bytes, ciphertexts: tuple[Ciphertext, ...]) -> Transcript:
    """Everything that the proofs of a ballot are about; each adds its index and its commitments."""
    return question.transcript(_DOMAIN).add(member, *(point for one in ciphertexts for point in one))
