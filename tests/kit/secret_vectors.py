"""The published vectors of secret ballots: fixed randomness, whole transcripts, and what must be refused and why."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from kit.secret_attacks import (
    WEAK_POINTS,
    adaptive_forgery,
    cancelling,
    committed,
    longer,
    mixed,
    proven_as_told,
    signed,
    with_bytes,
)
from kit.secret_hall import cast, circle, counted, drawing, finished, member, opened, part, question
from pingyi_protocol.secret.ballot import Ballot, Question, _statement, ballot_text, cast_ballot, parse_ballot
from pingyi_protocol.secret.ceremony import Board, Step
from pingyi_protocol.secret.encoding import Distribution, Encoding, Marks, Selection, Sum, ballot_bytes
from pingyi_protocol.secret.group import ORDER, parse_point, scalar_bytes
from pingyi_protocol.secret.messages import Message, text_of
from pingyi_protocol.secret.opening import Part

CAST: tuple[tuple[Encoding, Marks], ...] = (
    (Sum(100), (77,)),
    (Sum(100, abstention=True), None),
    (Sum(3, 2, abstention=True), (3, 1)),
    (Distribution(21), (20,)),
    (Distribution(2, abstention=True), (0,)),
    (Distribution(2, abstention=True), None),
    (Selection(4, 1, 2), (1, 3)),
    (Selection(4, 1, 2, abstention=True), None),
)
CHOICE = Distribution(2, abstention=True)
OPENED = Sum(3, abstention=True)
GIVEN: tuple[Marks, ...] = ((1,), (3,), None, (0,))
MEMBER = member(1)


class BallotVector(msgspec.Struct):
    """A ballot: of ``marks``, with the randomness of ``seed``; the digest of its statement, the hash of each claim."""

    question: Question
    member: str
    marks: Marks
    seed: str
    statement: str
    challenges: list[str]
    text: str


class Refused(msgspec.Struct):
    """A ballot that must be refused: by what attack, with which reason, at which claim (0 for none)."""

    attack: str
    reason: str
    place: int
    question: Question
    member: str
    text: str


class RefusedMessage(msgspec.Struct):
    """A message that a board which holds ``before`` must refuse."""

    attack: str
    reason: str
    before: list[Message]
    message: Message


class RefusedPart(msgspec.Struct):
    """A part that is bad for the count of ``opening.json``."""

    attack: str
    part: Part


def secret_texts() -> dict[str, Iterable[bytes]]:
    """Return the vectors of secret ballots, by file name."""
    return {
        "secret/ceremony.json": [msgspec.json.encode(ceremony())],
        "secret/ballots.jsonl": map(msgspec.json.encode, ballots()),
        "secret/opening.json": [msgspec.json.encode(opening())],
        "secret/refused-ballots.jsonl": map(msgspec.json.encode, refused_ballots()),
        "secret/refused-messages.jsonl": map(msgspec.json.encode, refused_messages()),
        "secret/refused-parts.jsonl": map(msgspec.json.encode, refused_parts()),
    }


def ceremony() -> dict[str, Any]:
    """Return the making of a key by two of three, with all secrets."""
    made = finished()
    return {
        "ceremony": made.ceremony,
        "signing_seeds": [text_of(bytes(one)) for one in made.signers.values()],
        "seeds": [f"ceremony 2 3 1 {index}" for index in made.ceremony.indices],
        "coefficients": [list(map(text_of, one.coefficients)) for one in made.dealers.values()],
        "boxes": [text_of(one.box) for one in made.dealers.values()],
        "messages": made.sent,
        "key": made.key(),
        "fingerprint": made.key().fingerprint,
        "shares": [text_of(one.secret) for one in made.shares().values()],
    }


def ballots() -> Iterator[BallotVector]:
    """Yield a ballot of each encoding."""
    for number, (encoding, marks) in enumerate(CAST, start=1):
        asked, who, seed = question(encoding), member(number), f"vector {number}"
        text = cast_ballot(asked, who, marks, drawing(seed))
        ballot = parse_ballot(encoding, text)
        statement = _statement(asked, who, ballot.ciphertexts).digest()
        sums = [sum(pair.challenge for pair in proof) % ORDER for proof in ballot.proofs]
        hashes = [text_of(scalar_bytes(one)) for one in sums]
        yield BallotVector(asked, text_of(who), marks, seed, text_of(statement), hashes, text)


def opening() -> dict[str, Any]:
    """Return the opening of four ballots, with every scrutineer's part."""
    asked = question(OPENED)
    count = counted(asked, GIVEN)
    result = opened(count)
    assert result.opened is not None
    return {
        "question": asked,
        "basis": "basis",
        "ballots": [{"member": text_of(who), "text": text} for who, text in cast(asked, GIVEN)],
        "marks": GIVEN,
        "sums": [list(map(text_of, one)) for one in count.sums],
        "digest": count.digest,
        "parts": [part(count, index) for index in (1, 2, 3)],
        "totals": result.opened.totals,
        "abstentions": result.opened.abstentions,
    }


def refused_ballots() -> Iterator[Refused]:
    """Yield what is none of the first member's ballots in the question of a choice, and why."""
    asked = question(CHOICE)
    good = cast_ballot(asked, MEMBER, (1,), drawing("good"))
    proof, point, scalar = 64 * CHOICE.length, "secret.point", "secret.scalar"

    def line(attack: str, reason: str, text: str = good, place: int = 0, **other: Any) -> Refused:
        reached = place or (1 if reason == "secret.ballot_proof" else 0)
        return Refused(attack, reason, reached, other.get("to", asked), text_of(other.get("who", MEMBER)), text)

    unproven, length = "secret.ballot_proof", "secret.ballot_length"
    yield line("copied-to-another-member", unproven, who=member(2))
    for name, changed in (("item", {"item": "2"}), ("meeting", {"meeting": "other"}), ("target", {"target": "fire"})):
        yield line(f"copied-to-another-{name}", unproven, to=question(CHOICE, **changed))
    yield line("copied-to-another-round", unproven, to=question(CHOICE, round=2))
    yield line("copied-to-another-line", unproven, to=question(CHOICE, line="choice"))
    yield line("other-election-key", unproven, to=question(CHOICE, key=finished(3, 3).key().key))
    yield line("other-encoding-of-the-same-length", unproven, to=question(Distribution(3)))
    weights = cast_ballot(question(Sum(3)), MEMBER, (3,), drawing("weights"))
    yield line("other-weights", unproven, weights, to=question(Sum(2)))
    yield line("number-that-is-no-bit", unproven, proven_as_told(asked, MEMBER, (2, 0, -1)), 1)
    yield line("two-choices", unproven, proven_as_told(asked, MEMBER, (1, 1, 0)), 4)
    yield line("no-choice", unproven, proven_as_told(asked, MEMBER, (0, 0, 0)), 4)
    yield line("choice-and-abstention", unproven, proven_as_told(asked, MEMBER, (1, 0, 1)), 4)
    score = question(OPENED)
    yield line("score-and-abstention", unproven, proven_as_told(score, MEMBER, (1, 0, 1)), 4, to=score)
    yield weak_hash()
    for name, weak in WEAK_POINTS.items():
        yield line(
            f"weak-point-{name.replace(', ', '-').replace(' ', '-')}", point, with_bytes(good, 0, bytes.fromhex(weak))
        )
    yield line("point-of-mixed-order", point, with_bytes(good, 32, mixed(b64decode(good)[32:64])))
    for name, start in (("challenge", proof), ("response", proof + 32)):
        number = int.from_bytes(b64decode(good)[start : start + 32], "little")
        yield line(f"{name}-plus-the-order", scalar, with_bytes(good, start, scalar_bytes(number + ORDER)))
    yield line("cut-short", length, b64encode(b64decode(good)[:-64]).decode())
    yield line("more-behind-it", length, b64encode(b64decode(good) + bytes(64)).decode())
    ballot = parse_ballot(CHOICE, good)
    turned = (ballot.proofs[1], ballot.proofs[0], *ballot.proofs[2:])
    yield line("proofs-in-another-order", unproven, ballot_text(ballot._replace(proofs=turned)))
    moved = (ballot.ciphertexts[1], ballot.ciphertexts[0], ballot.ciphertexts[2])
    yield line("ciphertexts-in-another-order", unproven, ballot_text(ballot._replace(ciphertexts=moved)))
    yield line("unused-bits-set", "secret.text", good[:-3] + chr(ord(good[-3]) + 1) + "==")
    assert ballot_bytes(CHOICE) % 3 == 1


def weak_hash() -> Refused:
    """Return a proof under a hash that leaves the ciphertext out."""
    asked = question(Distribution(1))
    key = parse_point(b64decode(asked.key))
    ciphertext, proof, _ = adaptive_forgery(
        key, lambda: asked.transcript("pingyi secret ballot/1").add(MEMBER).add_texts("0")
    )
    text = ballot_text(Ballot((ciphertext,), (proof, proof[:1])))
    return Refused("weak-fiat-shamir", "secret.ballot_proof", 1, asked, text_of(MEMBER), text)


def refused_messages() -> Iterator[RefusedMessage]:
    """Yield messages of a ceremony that must be refused."""
    made = circle()
    reveal = committed(made, 2, lambda one: longer(made, one))
    yield RefusedMessage("threshold-raised-by-one-more-commitment", "secret.coefficients", list(made.sent), reveal)
    made = circle()
    reveal = committed(made, 2, lambda one: cancelling(made, one))
    yield RefusedMessage("rogue-key-that-cancels-the-others", "secret.possession", list(made.sent), reveal)
    made = circle()
    source = made.dealers[1].reveal
    reveal = committed(made, 2, lambda _: msgspec.structs.replace(source, index=2))
    yield RefusedMessage("copied-proof-of-possession", "secret.possession", list(made.sent), reveal)
    made = circle()
    first = made.respond(1)
    for name, index in (("zero", 0), ("beyond", 4), ("the-order", ORDER)):
        other = msgspec.structs.replace(first, index=index)
        yield RefusedMessage(f"index-{name}", "secret.no_scrutineer", [], other)
    yield RefusedMessage("in-anothers-name", "secret.not_signed", [], msgspec.structs.replace(first, index=2))
    yield RefusedMessage("of-another-attempt", "secret.not_signed", [], circle(attempt=2).respond(1))
    made.reach(Step.CONFIRM)
    told_otherwise = other_deal()
    yield RefusedMessage(
        "confirmation-of-another-transcript", "secret.not_signed", list(made.sent), made.respond(1, told_otherwise)
    )


def other_deal() -> Board:
    """Return the board of the same ceremony in which the second dealt the third something else."""
    made = circle()

    def changed(message: Message) -> Message:
        if message.index != 2 or not hasattr(message, "shares"):
            return message
        shares = (*message.shares[:2], text_of(bytes(48)))
        return signed(made, msgspec.structs.replace(message, shares=shares))  # type: ignore[no-any-return] # as given

    made.reach(Step.CONFIRM, changed)
    return made.board


def refused_parts() -> Iterator[RefusedPart]:
    """Yield parts of an opening that must be passed over."""
    asked = question(OPENED)
    count = counted(asked, GIVEN)
    good = part(count, 1)
    number = int.from_bytes(b64decode(good.text)[32:64], "little")
    data = b64decode(good.text)
    yield RefusedPart("forged-point", Part(1, with_bytes(good.text, 0, bytes(data[96:128]))))
    yield RefusedPart("challenge-plus-the-order", Part(1, with_bytes(good.text, 32, scalar_bytes(number + ORDER))))
    yield RefusedPart("sums-swapped", Part(1, b64encode(data[96:] + data[:96]).decode()))
    yield RefusedPart("of-another-scrutineer", Part(1, part(count, 2).text))
    yield RefusedPart("of-another-round", part(counted(question(OPENED, round=2), GIVEN), 1))
    yield RefusedPart("of-fewer-ballots", part(counted(asked, GIVEN[:3]), 1))
    yield RefusedPart("index-zero", Part(0, good.text))
    yield RefusedPart("index-the-order", Part(ORDER, good.text))
