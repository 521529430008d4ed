"""Secret ballots: a good one is taken, and what is none is refused, at the check that is meant to refuse it."""

import pickle
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import msgspec
import nacl.bindings
import pytest

from kit.secret_attacks import WEAK_POINTS, adaptive_forgery, mixed, proven_as_told, with_bytes
from kit.secret_hall import drawing, finished, member, question, signer
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ballot import (
    Ballot,
    BallotError,
    Question,
    ballot_text,
    cast_ballot,
    fault_of,
    parse_ballot,
    verify_ballot,
)
from pingyi_protocol.secret.encoding import Distribution, Encoding, Marks, Selection, Sum, ballot_bytes
from pingyi_protocol.secret.group import GENERATOR, ORDER, GroupError, Transcript, parse_point, scalar_bytes
from pingyi_protocol.secret.proof import one_of_holds

KINDS: tuple[tuple[Encoding, Marks], ...] = (
    (Sum(3), (2,)),
    (Sum(5, 2, abstention=True), (5, 1)),
    (Sum(3, abstention=True), None),
    (Distribution(3), (0,)),
    (Distribution(2, abstention=True), None),
    (Selection(3, 1, 2), (0, 2)),
    (Selection(2, 1, 1, abstention=True), None),
)
CHOICE = Distribution(2, abstention=True)
MEMBER = member(1)


@lru_cache
def good(encoding: Encoding = CHOICE, marks: Marks = (1,)) -> tuple[Question, str]:
    """Return a question and a ballot of the first member."""
    asked = question(encoding)
    return asked, cast_ballot(asked, MEMBER, marks, drawing("good"))


def refused(asked: Question, text: str, who: bytes = MEMBER) -> SecretError:
    """Return how the production entry point refuses."""
    with pytest.raises(SecretError) as error:
        verify_ballot(asked, who, text)
    assert fault_of(asked, who, text) == error.value.key
    return error.value


@pytest.mark.parametrize(("encoding", "marks"), KINDS, ids=str)
def test_a_good_ballot_is_taken_and_has_the_length_of_its_kind(encoding: Encoding, marks: Marks) -> None:
    asked, text = good(encoding, marks)
    assert fault_of(asked, MEMBER, text) == ""
    found = verify_ballot(asked, MEMBER, text)
    assert (found.member, found.question) == (MEMBER, asked.digest)
    assert len(b64decode(text)) == ballot_bytes(encoding)
    assert ballot_text(parse_ballot(encoding, text)) == text


@pytest.mark.parametrize("encoding", [Sum(5, abstention=True), CHOICE, Selection(3, 1, 2, abstention=True)], ids=str)
def test_an_answer_shows_neither_in_length_nor_in_the_randomness_it_takes(encoding: Encoding) -> None:
    seen = set()
    answers: list[Marks] = [(1,), (0,), None]
    for marks in answers:
        drawn: list[int] = []
        fixed = drawing("length")

        def draw(size: int, drawn: list[int] = drawn, fixed: Callable[[int], bytes] = fixed) -> bytes:
            drawn.append(size)
            return fixed(size)

        seen.add((len(cast_ballot(question(encoding), MEMBER, marks, draw)), tuple(drawn)))
    assert len(seen) == 1


@pytest.mark.parametrize("encoding", [Sum(5, abstention=True), CHOICE, Selection(3, 1, 2, abstention=True)], ids=str)
def test_every_answer_takes_the_same_work(encoding: Encoding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches when the ballot is sent learns nothing from how long it took."""
    asked = question(encoding)
    answers: list[Marks] = [(1,), (0,), None]
    for marks in answers:
        cast_ballot(asked, MEMBER, marks, drawing("small multiples are remembered"))
    done: Counter[str] = Counter()
    for name in ("add", "sub"):
        counting(monkeypatch, f"crypto_core_ed25519_{name}", done)
    for name in ("", "_base"):
        counting(monkeypatch, f"crypto_scalarmult_ed25519{name}_noclamp", done)
    seen = []
    for marks in answers:
        done.clear()
        cast_ballot(asked, MEMBER, marks, drawing("work"))
        seen.append(dict(done))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0]["crypto_scalarmult_ed25519_noclamp"] > encoding.length


def counting(monkeypatch: pytest.MonkeyPatch, name: str, done: Counter[str]) -> None:
    """Count the calls of one of libsodium's functions."""
    original = getattr(nacl.bindings, name)

    def counted(*given: bytes) -> bytes:
        done[name] += 1
        return original(*given)  # type: ignore[no-any-return] # as the library has it

    monkeypatch.setattr(nacl.bindings, name, counted)


def test_two_ballots_of_one_answer_share_nothing() -> None:
    asked = question(CHOICE)
    one, other = (b64decode(cast_ballot(asked, MEMBER, (1,), drawing(seed))) for seed in ("one", "other"))
    pieces = [{data[start : start + 32] for start in range(0, len(data), 32)} for data in (one, other)]
    assert not pieces[0] & pieces[1]
    assert len(pieces[0]) == len(one) // 32


def test_verifying_can_go_to_another_process() -> None:
    asked, text = good()
    task = pickle.loads(pickle.dumps((asked, MEMBER, text)))  # noqa: S301 - what was just pickled here
    assert pickle.loads(pickle.dumps(verify_ballot(*task))) == verify_ballot(asked, MEMBER, text)  # noqa: S301 - likewise


# what is said about it is in the hash


@pytest.mark.parametrize(
    "changed",
    [{"meeting": "other"}, {"item": "2"}, {"round": 2}, {"line": "choice"}, {"target": "fire"}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_ballot_copied_to_another_place_is_refused(changed: dict[str, str | int]) -> None:
    _, text = good()
    assert refused(question(CHOICE, **changed), text).key == "secret.ballot_proof"


def test_a_ballot_copied_under_another_name_is_refused() -> None:
    asked, text = good()
    assert refused(asked, text, member(2)).key == "secret.ballot_proof"


def test_a_ballot_to_another_election_key_is_refused() -> None:
    _, text = good()
    assert refused(question(CHOICE, key=finished(3, 3).key().key), text).key == "secret.ballot_proof"


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (Sum(3), Sum(2)),
        (Sum(7, 1), Selection(3, 0, 3)),
        (Distribution(3), Distribution(2, abstention=True)),
        (Selection(3, 1, 2), Selection(3, 0, 1)),
    ],
    ids=str,
)
def test_a_ballot_of_another_encoding_of_the_same_length_is_refused(made: Encoding, asked: Encoding) -> None:
    """Such as bits with other weights: every bit is proven, and still it is no ballot."""
    marks = (0, 1) if isinstance(made, Selection) else (1,)
    text = cast_ballot(question(made), MEMBER, marks, drawing("other"))
    wanted = "secret.ballot_proof" if ballot_bytes(made) == ballot_bytes(asked) else "secret.ballot_length"
    assert refused(question(asked), text).key == wanted


def test_everything_that_is_said_of_a_question_is_in_every_hash() -> None:
    """The key too, which else could be chosen after the proof."""
    asked = question(CHOICE)
    other = question(Distribution(3), meeting="m", item="2", round=2, line="choice", target="fire")
    other = msgspec.structs.replace(other, key=b64encode(GENERATOR).decode())
    digests = {asked.digest}
    for field in Question.__struct_fields__:
        digests.add(msgspec.structs.replace(asked, **{field: getattr(other, field)}).digest)
    assert len(digests) == 1 + len(Question.__struct_fields__)


def test_parts_of_two_ballots_make_none() -> None:
    """Each proof is about all ciphertexts of its ballot, so a bit cannot be taken from one to another."""
    asked, text = good()
    other = cast_ballot(asked, MEMBER, (0,), drawing("another"))
    one, two = parse_ballot(CHOICE, text), parse_ballot(CHOICE, other)
    mixed_up = Ballot((two.ciphertexts[0], *one.ciphertexts[1:]), (two.proofs[0], *one.proofs[1:]))
    assert refused(asked, ballot_text(mixed_up)).values["place"] == 1


def test_a_weak_hash_would_let_a_number_that_is_no_bit_pass_and_ours_does_not() -> None:
    asked = question(Distribution(1))
    key = parse_point(b64decode(asked.key))

    def weak() -> Transcript:
        return asked.transcript("pingyi secret ballot/1").add(MEMBER).add_texts("0")

    ciphertext, proof, value = adaptive_forgery(key, weak)
    assert value > 1
    assert one_of_holds(weak(), key, ciphertext, (0, 1), proof)
    whole = Ballot((ciphertext,), (proof, proof[:1]))
    error = refused(asked, ballot_text(whole))
    assert (error.key, error.values["place"]) == ("secret.ballot_proof", 1)


# what is claimed of the bits


@pytest.mark.parametrize(
    ("encoding", "bits", "place"),
    [
        (Sum(3), (2, 0), 1),
        (Sum(3), (0, -1), 2),
        (Sum(3, abstention=True), (1, 0, 1), 4),
        (Sum(3, abstention=True), (0, 0, 2), 3),
        (Distribution(3), (1, 1, 0), 4),
        (Distribution(3), (0, 0, 0), 4),
        (Distribution(3), (2, 0, -1), 1),
        (CHOICE, (1, 0, 1), 4),
        (Selection(3, 1, 2), (1, 1, 1), 4),
        (Selection(3, 1, 2), (0, 0, 0), 4),
        (Selection(3, 0, 2, abstention=True), (1, 0, 0, 1), 5),
    ],
    ids=str,
)
def test_a_claim_that_the_bits_do_not_keep_is_named(encoding: Encoding, bits: tuple[int, ...], place: int) -> None:
    error = refused(question(encoding), proven_as_told(question(encoding), MEMBER, bits))
    assert (error.key, error.values["place"]) == ("secret.ballot_proof", place)


def test_the_same_hand_with_honest_bits_makes_a_good_ballot() -> None:
    assert fault_of(question(CHOICE), MEMBER, proven_as_told(question(CHOICE), MEMBER, (0, 1, 0))) == ""


# what bytes are taken


POINTS = range(0, 64 * CHOICE.length, 32)
SCALARS = range(64 * CHOICE.length, ballot_bytes(CHOICE), 32)


@pytest.mark.parametrize("place", POINTS)
@pytest.mark.parametrize("weak", WEAK_POINTS.values(), ids=WEAK_POINTS)
def test_a_weak_point_is_refused_wherever_it_stands(place: int, weak: str) -> None:
    asked, text = good()
    assert refused(asked, with_bytes(text, place, bytes.fromhex(weak))).key == "secret.point"


@pytest.mark.parametrize("place", POINTS)
def test_a_point_of_mixed_order_is_refused_wherever_it_stands(place: int) -> None:
    asked, text = good()
    point = b64decode(text)[place : place + 32]
    assert refused(asked, with_bytes(text, place, mixed(point))).key == "secret.point"


@pytest.mark.parametrize("place", SCALARS)
def test_a_scalar_plus_the_order_is_refused_wherever_it_stands(place: int) -> None:
    asked, text = good()
    scalar = int.from_bytes(b64decode(text)[place : place + 32], "little")
    assert refused(asked, with_bytes(text, place, scalar_bytes(scalar + ORDER))).key == "secret.scalar"


@pytest.mark.parametrize("place", [*POINTS, *SCALARS])
def test_another_good_point_or_scalar_is_refused_wherever_it_stands(place: int) -> None:
    asked, text = good()
    other = GENERATOR if place in POINTS else scalar_bytes(5)
    assert refused(asked, with_bytes(text, place, other)).key == "secret.ballot_proof"


def test_a_ciphertext_whose_right_point_is_the_generator_is_refused_in_order() -> None:
    """Less the value 1 that is the identity, on which libsodium itself raises."""
    asked, text = good()
    assert refused(asked, with_bytes(text, 32, GENERATOR)).key == "secret.ballot_proof"


def test_responses_and_challenges_of_zero_are_refused_in_order() -> None:
    asked, text = good()
    for place in SCALARS:
        assert refused(asked, with_bytes(text, place, bytes(32))).key == "secret.ballot_proof"
    assert refused(asked, with_bytes(text, SCALARS[0], bytes(32 * len(SCALARS)))).key == "secret.ballot_proof"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data[:-32],
        lambda data: data[:-64],
        lambda data: data + b"\0",
        lambda data: data + bytes(64),
        lambda data: data + data,
        lambda _: b"",
    ],
)
def test_a_ballot_cut_short_or_with_more_behind_it_is_refused(change: Callable[[bytes], bytes]) -> None:
    asked, text = good()
    assert refused(asked, b64encode(change(b64decode(text))).decode()).key == "secret.ballot_length"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text[:-4],
        lambda text: text + "====",
        lambda text: " " + text[1:],
        lambda text: "-" + text[1:],
        lambda text: "é" + text[1:],
        lambda text: text[:-2] + "A=",
    ],
)
def test_another_text_of_the_bytes_is_refused(change: Callable[[str], str]) -> None:
    asked, text = good()
    assert refused(asked, change(text)).key in {"secret.text", "secret.ballot_length"}


def test_unused_bits_of_the_last_character_are_zero() -> None:
    asked, text = good(Distribution(1), (0,))
    assert text.endswith("=")
    stem, padding = text.rstrip("="), text[len(text.rstrip("=")) :]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = stem[:-1] + alphabet[alphabet.index(stem[-1]) + 1] + padding
    assert b64decode(other) == b64decode(text)
    assert refused(asked, other).key == "secret.text"


def test_proofs_in_another_order_are_refused() -> None:
    asked, text = good()
    ballot = parse_ballot(CHOICE, text)
    for order in ((1, 0, 2, 3), (0, 2, 1, 3)):
        changed = ballot._replace(proofs=tuple(ballot.proofs[place] for place in order))
        assert refused(asked, ballot_text(changed)).key == "secret.ballot_proof"
    turned = ballot._replace(proofs=(ballot.proofs[0][::-1], *ballot.proofs[1:]))
    assert refused(asked, ballot_text(turned)).key == "secret.ballot_proof"


def test_ciphertexts_in_another_order_are_refused() -> None:
    asked, text = good()
    ballot = parse_ballot(CHOICE, text)
    changed = ballot._replace(ciphertexts=(ballot.ciphertexts[1], ballot.ciphertexts[0], ballot.ciphertexts[2]))
    assert refused(asked, ballot_text(changed)).key == "secret.ballot_proof"


@pytest.mark.parametrize("weak", WEAK_POINTS.values(), ids=WEAK_POINTS)
def test_nobody_encrypts_to_a_weak_key_nor_verifies_under_one(weak: str) -> None:
    asked = question(CHOICE, key=b64encode(bytes.fromhex(weak)).decode())
    with pytest.raises(GroupError):
        cast_ballot(asked, MEMBER, (1,), drawing("weak"))
    assert refused(asked, good()[1]).key == "secret.point"


def test_what_is_wrong_is_said_in_words() -> None:
    error = BallotError("secret.ballot_proof", place=3)
    assert "3" in str(error)


def test_a_question_survives_json() -> None:
    asked, _ = good()
    assert msgspec.json.decode(msgspec.json.encode(asked), type=Question) == asked
    assert signer("member 1").verify_key.encode() == MEMBER
