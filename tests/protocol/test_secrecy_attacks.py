"""Attacks on a secret round by a member, through what a meeting really runs.

The rules refuse the ballot at once, or take it; then the check of proofs finds it invalid for its reason, the result
leaves it out, and no record that lets it count is believed. What whoever writes the record can do is in
``test_verify_secret``, what scrutineers can do in ``test_secrecy_scrutineers``.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from kit.every_kind import MOTION, SCORE, scored
from kit.secret_attacks import WEAK_POINTS, adaptive_forgery, mixed, proven_as_told, with_bytes
from kit.secret_book import SecretBook, secret_hall, secretly
from pingyi_protocol.meeting.commands import Answer, CastSecret, Choice
from pingyi_protocol.meeting.definition import Opens, Option
from pingyi_protocol.meeting.events import BallotsChecked
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.meeting.sealed import questions_of
from pingyi_protocol.meeting.unsealing import borne_out
from pingyi_protocol.secret.ballot import Ballot, Question, ballot_text, parse_ballot
from pingyi_protocol.secret.encoding import ballot_bytes
from pingyi_protocol.secret.group import ORDER, Transcript, parse_point, scalar_bytes
from pingyi_protocol.secret.proof import Pair

change = msgspec.structs.replace
Forge = Callable[[Question, bytes, str], str]
"""From the question, the attacker's key and a good ballot of the attacker to the text that is sent."""

HONEST = ("M01", "M02", "M03", "M04")
ATTACKER = "M05"
FOR: Answer = Choice("", Option.FOR)


def opened(kind: str) -> SecretBook:
    """A round in which four have voted: a motion, or scores of which the sum is opened."""
    item = secretly(MOTION) if kind == "motion" else secretly(SCORE, Opens.SUM, step=10)
    book = SecretBook(secret_hall(item)).check_in(*HONEST, ATTACKER, "M06").make_key().open(item.id)
    for person in HONEST:
        book.seal(person, answer_of(kind))
    return book


def answer_of(kind: str) -> Answer:
    return FOR if kind == "motion" else scored("T01", 80)


def forged(book: SecretBook, forge: Forge) -> CastSecret:
    """Return what the attacker sends."""
    kind = "motion" if book.newest.item == "motion" else "sum"
    good = book.sealed(ATTACKER, answer_of(kind))
    [question] = questions_of(book.meeting, book.newest)
    return CastSecret(good.item, good.round, (forge(question, book.key_of(ATTACKER), good.sealed[0]),))


def is_invalid(book: SecretBook, body: CastSecret, fault: str) -> None:
    """The ballot is received, found out, left out of the result, and no server can say otherwise."""
    book.member(ATTACKER, body).close()
    assert not borne_out(book.meeting, BallotsChecked(body.item, body.round, ()))
    book.check()
    assert book.newest.sealing is not None
    assert dict(book.newest.sealing.invalid) == {ATTACKER: fault}
    book.begin_opening().opens("M02", "M03").announce()
    figures = book.figures
    assert (figures.received, figures.invalid) == (5, 1)
    if figures.choices:
        assert {one.option: one.count for one in figures.choices[0].counts if one.count} == {Option.FOR: 4}
    else:
        assert (figures.targets[0].scores, figures.targets[0].total) == (4, Decimal(320))
    book.followed()


def at(place: int, data: bytes) -> Forge:
    """Return the forgery that puts these bytes there."""
    return lambda _question, _key, good: with_bytes(good, place, data)


def mixed_order(_question: Question, _key: bytes, good: str) -> str:
    return with_bytes(good, 0, mixed(b64decode(good)[:32]))


def scalar_and_order(question: Question, _key: bytes, good: str) -> str:
    place = 64 * question.encoding.length
    scalar = int.from_bytes(b64decode(good)[place : place + 32], "little")
    return with_bytes(good, place, scalar_bytes(scalar + ORDER))


def proofs_reordered(question: Question, _key: bytes, good: str) -> str:
    ballot = parse_ballot(question.encoding, good)
    return ballot_text(Ballot(ballot.ciphertexts, (ballot.proofs[1], ballot.proofs[0], *ballot.proofs[2:])))


def bits_reordered(question: Question, _key: bytes, good: str) -> str:
    ballot = parse_ballot(question.encoding, good)
    one, two, *others = ballot.ciphertexts
    return ballot_text(Ballot((two, one, *others), ballot.proofs))


def weak_fiat_shamir(question: Question, key: bytes, good: str) -> str:
    """A first bit that is a huge number, with a proof that holds if its hash leaves the ciphertext out."""
    election = parse_point(b64decode(question.key))

    def weak() -> Transcript:
        return question.transcript("pingyi secret ballot/1").add(key).add_texts("0")

    ciphertext, proof, value = adaptive_forgery(election, weak)
    assert value > 1
    ballot = parse_ballot(question.encoding, good)
    pairs = tuple(Pair(*one) for one in proof)
    return ballot_text(Ballot((ciphertext, *ballot.ciphertexts[1:]), (pairs, *ballot.proofs[1:])))


@pytest.mark.parametrize(
    ("forge", "fault"),
    [
        pytest.param(weak_fiat_shamir, "secret.ballot_proof", id="weak_fiat_shamir_forgery"),
        pytest.param(scalar_and_order, "secret.scalar", id="scalar_plus_the_order"),
        *(
            pytest.param(at(0, bytes.fromhex(weak)), "secret.point", id=f"point {name}")
            for name, weak in WEAK_POINTS.items()
        ),
        pytest.param(mixed_order, "secret.point", id="point_of_mixed_order"),
        pytest.param(proofs_reordered, "secret.ballot_proof", id="proofs_reordered"),
        pytest.param(bits_reordered, "secret.ballot_proof", id="bits_reordered"),
    ],
)
def test_a_forged_ballot_is_received_found_out_and_left_out(forge: Forge, fault: str) -> None:
    book = opened("motion")
    is_invalid(book, forged(book, forge), fault)


@pytest.mark.parametrize(
    "bits",
    [(1, 1, 0), (0, 0, 0), (2, 0, 0), (3, -2, 0)],
    ids=["two_choices", "no_choice_at_all", "one_choice_twice", "three_for_and_two_against_taken_away"],
)
def test_a_vote_of_another_weight_than_one_is_left_out(bits: tuple[int, ...]) -> None:
    book = opened("motion")
    is_invalid(book, forged(book, lambda question, key, _: proven_as_told(question, key, bits)), "secret.ballot_proof")


@pytest.mark.parametrize(
    "bits",
    [(2, 0, 0, 0, 0), (-1, 0, 0, 0, 0), (0, 0, 0, 1, 1)],
    ids=["beyond_the_highest", "below_the_lowest", "a_score_and_an_abstention"],
)
def test_a_score_that_is_none_is_left_out_of_the_sum(bits: tuple[int, ...]) -> None:
    book = opened("sum")
    is_invalid(book, forged(book, lambda question, key, _: proven_as_told(question, key, bits)), "secret.ballot_proof")


@pytest.mark.parametrize(
    "mend",
    [
        lambda data: data[:-64],
        lambda data: data + bytes(64),
        lambda data: data + data,
        lambda _: b"",
    ],
    ids=["truncated", "extended", "doubled", "empty"],
)
def test_a_ballot_of_another_length_is_refused_at_once(mend: Callable[[bytes], bytes]) -> None:
    book = opened("motion")
    cut = forged(book, lambda _question, _key, good: b64encode(mend(b64decode(good))).decode())
    book.member(ATTACKER, cut).refused(Reason.BALLOT_MALFORMED)


def test_a_ballot_copied_from_another_member_is_left_out() -> None:
    book = opened("motion")
    is_invalid(book, CastSecret("motion", 1, book.newest.ballots["M01"].sealed), "secret.ballot_proof")


def test_a_ballot_of_an_earlier_round_of_the_item_is_left_out() -> None:
    book = opened("motion")
    earlier = book.sealed(ATTACKER, FOR).sealed
    book.void().open("motion")
    for person in HONEST:
        book.seal(person, FOR)
    is_invalid(book, CastSecret("motion", 2, earlier), "secret.ballot_proof")


def test_a_ballot_to_another_item_of_the_same_form_is_left_out() -> None:
    one = secretly(MOTION)
    book = (
        SecretBook(secret_hall(one, change(one, id="again")))
        .check_in(*HONEST, ATTACKER, "M06")
        .make_key()
        .open("motion")
    )
    earlier = book.sealed(ATTACKER, FOR).sealed
    book.void().open("again")
    for person in HONEST:
        book.seal(person, FOR)
    is_invalid(book, CastSecret("again", 1, earlier), "secret.ballot_proof")


def test_a_ballot_to_another_meeting_or_another_key_is_left_out() -> None:
    book = opened("motion")
    [question] = questions_of(book.meeting, book.newest)
    sealing = book.newest.sealing
    assert sealing is not None
    for other in (change(question, meeting="elsewhere.example/1"), change(question, key=sealing.key.shares[0])):
        text = proven_as_told(other, book.key_of(ATTACKER), (1, 0, 0))
        assert len(b64decode(text)) == ballot_bytes(question.encoding)
        book.member(ATTACKER, CastSecret("motion", 1, (text,)))
    book.close().check()
    assert book.newest.sealing is not None
    assert dict(book.newest.sealing.invalid) == {ATTACKER: "secret.ballot_proof"}
    assert book.newest.received == 5


def test_an_earlier_ballot_of_a_member_who_votes_again_is_not_counted() -> None:
    book = opened("motion")
    book.seal("M01", Choice("", Option.AGAINST)).close().check().begin_opening().opens("M02", "M03").announce()
    counts = {one.option: one.count for one in book.figures.choices[0].counts if one.count}
    assert (counts, book.figures.received) == ({Option.FOR: 3, Option.AGAINST: 1}, 4)
    book.followed()
