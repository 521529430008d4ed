"""The making of the election key: it comes out, anyone can check it, and every way to cheat is seen and named."""

from base64 import b64decode
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import nacl.bindings
import pytest

from kit.secret_attacks import WEAK_POINTS, cancelling, committed, longer, signed
from kit.secret_hall import Circle, circle, drawing, finished, signer
from pingyi_protocol.keys.signing import WeakKeyError, public_text
from pingyi_protocol.secret.ceremony import Board, Step, at, election_key
from pingyi_protocol.secret.dealing import begin, respond, share_for, take_share
from pingyi_protocol.secret.group import (
    ORDER,
    GroupError,
    Point,
    parse_point,
    parse_scalar,
    raised,
    scalar_bytes,
    total,
)
from pingyi_protocol.secret.messages import (
    Ceremony,
    CeremonyError,
    CommitToKey,
    ConfirmKey,
    DealShares,
    DisputeShare,
    Message,
    RevealKey,
    Scrutineer,
    commitment_digest,
    text_of,
)
from pingyi_protocol.secret.opening import coefficient

FROST = msgspec.json.decode((Path(__file__).parent / "vectors" / "frost_ed25519.json").read_bytes())


def refused(board: Board, message: Message) -> str:
    """Return the key of the reason why the board does not take a message."""
    with pytest.raises((CeremonyError, GroupError)) as error:
        board.accept(message)
    assert str(error.value)
    return error.value.key


# the key comes out


@pytest.mark.parametrize(("threshold", "count"), [(2, 2), (2, 3), (3, 5)])
def test_any_threshold_of_shares_is_the_key_and_fewer_are_not(threshold: int, count: int) -> None:
    made = finished(threshold, count)
    key, shares = made.key(), made.shares()
    secrets = {index: parse_scalar(share.secret) for index, share in shares.items()}
    for some in combinations(secrets, threshold):
        whole = sum(coefficient(index, some) * secrets[index] for index in some)
        assert text_of(raised(whole)) == key.key
    for some in combinations(secrets, threshold - 1):
        assert text_of(raised(sum(coefficient(index, some) * secrets[index] for index in some))) != key.key


def test_all_see_the_same_key_and_fingerprint_and_each_share_is_under_its_point() -> None:
    made = finished()
    keys = {take_share(dealer, made.board)[0] for dealer in made.dealers.values()} | {election_key(made.board)}
    (key,) = keys
    assert len(key.fingerprint) == len("7K2M-Q9XD-4TRB-1234")
    for index, share in made.shares().items():
        assert text_of(raised(parse_scalar(share.secret))) == key.shares[index - 1]
        assert share.election == key.digest


def test_the_key_depends_on_nobody_alone() -> None:
    made = finished()
    parts = [made.dealers[index].reveal.points[0] for index in made.ceremony.indices]
    assert text_of(total(Point(b64decode(part)) for part in parts)) == made.key().key


def test_who_listens_can_make_the_same_board_of_the_messages() -> None:
    made = finished()
    board = Board(made.ceremony)
    for message in made.sent:
        text = msgspec.json.encode(message)
        read: Message = msgspec.json.decode(text, type=Message)
        assert read == message
        board = board.accept(read)
    assert election_key(board) == made.key()


def test_the_order_within_a_round_is_no_matter() -> None:
    made = circle()
    while made.board.step is not Step.DONE:
        for index in reversed(made.board.missing):
            made.accept(made.respond(index))
    assert made.key() == finished().key()


def test_another_attempt_gives_another_key() -> None:
    again = circle(attempt=2)
    again.reach(Step.DONE)
    assert again.key().fingerprint != finished().key().fingerprint


def test_who_has_not_answered_is_named_at_every_step() -> None:
    made = circle()
    for step in (Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM):
        assert (made.board.step, made.board.missing) == (step, (1, 2, 3))
        made.accept(made.respond(2))
        assert made.board.missing == (1, 3)
        assert respond(made.dealers[2], made.board, made.signers[2]) is None
        with pytest.raises(CeremonyError, match=str(CeremonyError("secret.unfinished"))):
            election_key(made.board)
        for index in made.board.missing:
            made.accept(made.respond(index))
    assert (made.board.step, made.board.missing, made.board.at_fault) == (Step.DONE, (), None)


def test_a_scrutineer_can_be_stopped_and_go_on_from_what_was_kept() -> None:
    made = circle()
    while made.board.step is not Step.DONE:
        for index in made.board.missing:
            kept = msgspec.json.encode(made.dealers[index])
            made.dealers[index] = msgspec.json.decode(kept, type=type(made.dealers[index]))
            made.accept(made.respond(index))
    assert made.key() == finished().key()


def test_nothing_secret_is_printed() -> None:
    dealer, share = finished().dealers[1], finished().shares()[1]
    for one in (dealer, share):
        assert repr(one) == f"{type(one).__name__}(...)"


# the parts of it are those that others published


def test_shares_are_those_of_frost() -> None:
    """RFC 9591, appendix E.1: the sharing of a key on edwards25519 by a polynomial of degree 1."""
    inputs = FROST["inputs"]
    secret = bytes.fromhex(inputs["group_secret_key"])
    coefficients = (secret, *map(bytes.fromhex, inputs["share_polynomial_coefficients"]))
    points = tuple(raised(parse_scalar(one)) for one in coefficients)
    assert points[0].hex() == inputs["group_public_key"]
    shares = {one["identifier"]: bytes.fromhex(one["participant_share"]) for one in inputs["participant_shares"]}
    for index, share in shares.items():
        assert scalar_bytes(share_for(coefficients, index)) == share
        assert at(points, index) == raised(parse_scalar(share))
    for some in combinations(shares, 2):
        whole = sum(coefficient(index, some) * parse_scalar(shares[index]) for index in some) % ORDER
        assert scalar_bytes(whole) == secret


# who may take part


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (0, 3), (4, 3), (-1, 3), (2, 33), (1, 1)])
def test_a_threshold_lies_between_two_and_all(threshold: int, count: int) -> None:
    people = tuple(Scrutineer(f"S{index}", public_text(signer(f"s{index}"))) for index in range(count))
    with pytest.raises(CeremonyError) as error:
        Ceremony("m", 1, threshold, people)
    assert error.value.key == "secret.threshold"


def test_nobody_takes_part_twice() -> None:
    one, two = (Scrutineer(f"S{index}", public_text(signer(f"s{index}"))) for index in range(2))
    for other in (msgspec.structs.replace(two, person=one.person), msgspec.structs.replace(two, key=one.key)):
        with pytest.raises(CeremonyError) as error:
            Ceremony("m", 1, 2, (one, other))
        assert error.value.key == "secret.scrutineer_twice"


def test_a_scrutineer_with_a_low_order_key_takes_no_part() -> None:
    one = Scrutineer("S1", public_text(signer("s1")))
    weak = Scrutineer("S2", text_of(bytes.fromhex(WEAK_POINTS["order 8"])))
    with pytest.raises(WeakKeyError):
        Ceremony("m", 1, 2, (one, weak))


def test_a_stranger_cannot_begin() -> None:
    with pytest.raises(CeremonyError) as error:
        begin(finished().ceremony, signer("stranger"), drawing("stranger"))
    assert error.value.key == "secret.no_scrutineer"


# what a board takes


@pytest.mark.parametrize("index", [0, -1, 4, ORDER, ORDER + 1, 2**256])
def test_no_share_has_an_index_but_one_to_k(index: int) -> None:
    made = circle()
    digest = text_of(bytes(64))
    assert refused(made.board, CommitToKey(index, digest, text_of(bytes(64)))) == "secret.no_scrutineer"
    made.reach(Step.CONFIRM)
    dispute = signed(made, DisputeShare(1, index, text_of(made.dealers[1].box)), made.board.digest)
    assert refused(made.board, dispute) == "secret.dispute"


@pytest.mark.parametrize("step", [Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM])
def test_a_message_is_signed_by_its_scrutineer_and_said_once(step: Step) -> None:
    made = circle()
    made.reach(step)
    message = made.respond(1)
    stolen = msgspec.structs.replace(message, index=2)
    assert refused(made.board, stolen) == "secret.not_signed"
    assert refused(made.board, msgspec.structs.replace(message, signature=text_of(bytes(64)))) == "secret.not_signed"
    assert refused(made.board, msgspec.structs.replace(message, signature="")) == "secret.not_signed"
    made.accept(message)
    assert refused(made.board, message) == "secret.not_awaited"


def test_a_message_of_another_ceremony_or_another_step_is_refused() -> None:
    other = circle(attempt=2)
    made = circle()
    assert refused(made.board, other.respond(1)) == "secret.not_signed"
    early = made.dealers[1].reveal
    assert refused(made.board, early) == "secret.not_awaited"


def test_nobody_commits_once_others_have_revealed() -> None:
    made = circle()
    made.reach(Step.REVEAL)
    made.accept(made.respond(1))
    late = signed(made, CommitToKey(2, text_of(bytes(64))))
    assert refused(made.board, late) == "secret.not_awaited"


@pytest.mark.parametrize("change", [lambda points: points[:-1], lambda points: (*points, points[0]), lambda _: ()])
def test_a_polynomial_has_exactly_as_many_coefficients_as_the_threshold(
    change: Callable[[tuple[str, ...]], tuple[str, ...]],
) -> None:
    """One more would raise the threshold for all, unseen."""
    made = circle()

    reveal = committed(made, 2, lambda one: msgspec.structs.replace(one, points=change(one.points)))
    assert refused(made.board, reveal) == "secret.coefficients"


def test_one_more_coefficient_is_refused_even_with_a_proof_for_it() -> None:
    made = circle()
    reveal = committed(made, 2, lambda reveal: longer(made, reveal))
    assert refused(made.board, reveal) == "secret.coefficients"


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("weak", WEAK_POINTS.values(), ids=WEAK_POINTS)
def test_a_weak_point_is_not_revealed(place: int, weak: str) -> None:
    made = circle()

    def weakened(reveal: RevealKey) -> RevealKey:
        points = list(reveal.points)
        points[place] = text_of(bytes.fromhex(weak))
        return msgspec.structs.replace(reveal, points=tuple(points))

    reveal = committed(made, 2, weakened)
    assert refused(made.board, reveal) == "secret.point"


@pytest.mark.parametrize("box", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_a_weak_key_for_shares_is_not_revealed(box: bytes) -> None:
    made = circle()
    reveal = committed(made, 2, lambda one: msgspec.structs.replace(one, box=text_of(box)))
    assert refused(made.board, reveal) == "secret.reveal"


@pytest.mark.parametrize("field", ["box", "proof"])
def test_lengths_are_exact(field: str) -> None:
    made = circle()
    longer = committed(made, 2, lambda one: msgspec.structs.replace(one, **{field: text_of(bytes(31))}))
    assert refused(made.board, longer) == "secret.message_length"


def test_what_is_revealed_is_what_was_committed_to() -> None:
    made = circle()
    made.reach(Step.REVEAL)
    other = begin(made.ceremony, made.signers[2], drawing("another polynomial"))
    assert refused(made.board, other.reveal) == "secret.not_as_committed"


def test_a_rogue_key_that_cancels_the_others_has_no_proof_of_possession() -> None:
    """Whoever knew the others' points could take them from the own: the sum would be a key of the rogue alone."""
    made = circle()
    reveal = committed(made, 2, lambda reveal: cancelling(made, reveal))
    assert parse_point(b64decode(reveal.points[0]))
    assert refused(made.board, reveal) == "secret.possession"


def test_a_copied_proof_of_possession_is_refused() -> None:
    """With the other's points and key as well: the proof says whose it is."""
    made = circle()
    source = made.dealers[1].reveal
    reveal = committed(made, 2, lambda _: msgspec.structs.replace(source, index=2))
    assert refused(made.board, reveal) == "secret.possession"


def test_a_proof_of_possession_of_another_ceremony_is_refused() -> None:
    made, other = circle(), circle(attempt=2)
    reveal = committed(made, 2, lambda _: other.dealers[2].reveal)
    assert refused(made.board, reveal) == "secret.possession"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda shares: shares[:-1], "secret.deal"),
        (lambda shares: (*shares, shares[0]), "secret.deal"),
        (lambda shares: (*shares[:2], ""), "secret.message_length"),
        (lambda shares: (shares[0], shares[0], shares[2]), "secret.message_length"),
        (lambda shares: (shares[0], "", text_of(bytes(47))), "secret.message_length"),
    ],
)
def test_one_share_is_dealt_to_each_other(change: Callable[[Any], Any], reason: str) -> None:
    made = circle()
    made.reach(Step.DEAL)
    deal = made.respond(2)
    assert isinstance(deal, DealShares)
    assert refused(made.board, signed(made, msgspec.structs.replace(deal, shares=change(deal.shares)))) == reason


# bad shares


def with_bad_share(kind: str) -> Circle:
    """Return a circle in which the second dealt a bad share to the third."""
    made = circle()
    made.reach(Step.DEAL)
    for index in made.ceremony.indices:
        message = made.respond(index)
        if index == 2:
            assert isinstance(message, DealShares)
            shares = list(message.shares)
            shares[2] = {"garbage": text_of(bytes(48)), "of another": shares[0]}.get(kind) or sealed_wrongly(made, kind)
            message = signed(made, msgspec.structs.replace(message, shares=tuple(shares)))
            made.accept(message)
            continue
        made.accept(message)
    return made


def sealed_wrongly(made: Circle, kind: str) -> str:
    """Return a sealed number that is not the third's share."""
    right = share_for(made.dealers[2].coefficients, 3)
    number = {"other number": right + 1, "plus the order": right + ORDER, "zero": 0}[kind]
    nonce = made.ceremony.transcript("pingyi key share/1").add_texts("2", "3").digest()[:24]
    box = b64decode(made.board.reveal_of(3).box)
    return text_of(nacl.bindings.crypto_box(scalar_bytes(number), nonce, box, made.dealers[2].box))


@pytest.mark.parametrize("kind", ["garbage", "of another", "other number", "plus the order", "zero"])
def test_who_dealt_a_bad_share_is_named_and_another_ceremony_can_begin(kind: str) -> None:
    made = with_bad_share(kind)
    confirmation, dispute = made.respond(1), made.respond(3)
    assert isinstance(confirmation, ConfirmKey)
    assert isinstance(dispute, DisputeShare)
    made.accept(confirmation)
    made.accept(dispute)
    assert (made.board.step, made.board.at_fault, made.board.missing) == (Step.FAILED, 2, ())
    with pytest.raises(CeremonyError):
        election_key(made.board)
    again = circle(attempt=2)
    again.reach(Step.DONE)


def test_a_good_share_cannot_be_disputed() -> None:
    made = circle()
    made.reach(Step.CONFIRM)
    for secret in (made.dealers[3].box, bytes(32), made.dealers[1].box):
        dispute = signed(made, DisputeShare(3, 2, text_of(secret)), made.board.digest)
        assert refused(made.board, dispute) == "secret.dispute"
    assert made.board.at_fault is None


def test_nobody_disputes_the_own_share() -> None:
    made = circle()
    made.reach(Step.CONFIRM)
    assert refused(made.board, signed(made, DisputeShare(3, 3, text_of(made.dealers[3].box)), made.board.digest)) == (
        "secret.dispute"
    )


# an untrusted server shows different things


def test_different_transcripts_to_different_scrutineers_give_no_key() -> None:
    """The second says one thing to the first and another to the third; each of these signs what was shown."""
    made = circle()
    made.reach(Step.DEAL)
    deals = {index: made.respond(index) for index in made.ceremony.indices}
    second = deals[2]
    assert isinstance(second, DealShares)
    other = signed(made, msgspec.structs.replace(second, shares=(*second.shares[:2], text_of(bytes(48)))))
    shown = {1: made.board, 3: made.board}
    for index, board in shown.items():
        for message in (deals[1], other if index == 1 else second, deals[3]):
            board = board.accept(message)  # noqa: PLW2901 - goes on from there
        shown[index] = board
    assert shown[1].digest != shown[3].digest
    confirmation = made.respond(1, shown[1])
    assert refused(shown[3], confirmation) == "secret.not_signed"


def test_who_settled_one_transcript_settles_no_other() -> None:
    """Or the secret of a dispute would open shares of a ceremony that goes on."""
    bad = with_bad_share("other number")
    dispute = bad.respond(3)
    assert isinstance(dispute, DisputeShare)
    good = circle()
    good.dealers = bad.dealers
    good.board = Board(bad.ceremony, bad.board.commitments, bad.board.reveals)
    deals = {index: respond(good.dealers[index], good.board, good.signers[index]) for index in (1, 2)}
    for answer in deals.values():
        assert answer is not None
        good.board = good.board.accept(answer[1])
    good.accept(good.respond(3))
    with pytest.raises(CeremonyError) as error:
        good.respond(3)
    assert error.value.key == "secret.other_transcript"
    assert bad.respond(3) == dispute


def test_who_has_revealed_is_shown_no_other_commitments() -> None:
    """Else a colluding scrutineer could commit anew, knowing all the others' points."""
    made = circle()
    made.reach(Step.REVEAL)
    made.respond(1)
    anew = begin(made.ceremony, made.signers[2], drawing("anew"))
    board = Board(made.ceremony)
    for index in made.ceremony.indices:
        dealer = anew if index == 2 else made.dealers[index]
        board = board.accept(signed(made, CommitToKey(index, text_of(commitment_digest(made.ceremony, dealer.reveal)))))
    with pytest.raises(CeremonyError) as error:
        made.respond(1, board)
    assert error.value.key == "secret.other_transcript"


def test_what_is_shown_in_the_own_name_must_be_the_own() -> None:
    made = circle()
    stolen = begin(made.ceremony, made.signers[1], drawing("stolen signing key"))
    board = made.board.accept(signed(made, CommitToKey(1, text_of(commitment_digest(made.ceremony, stolen.reveal)))))
    with pytest.raises(CeremonyError) as error:
        made.respond(1, board)
    assert error.value.key == "secret.not_own"


def test_what_was_dealt_in_the_own_name_must_be_the_own() -> None:
    made = circle()
    made.reach(Step.DEAL)
    forged = signed(made, DealShares(1, ("", text_of(bytes(48)), text_of(bytes(48)))))
    with pytest.raises(CeremonyError) as error:
        made.respond(1, made.board.accept(forged))
    assert error.value.key == "secret.not_own"


def test_a_board_of_another_ceremony_is_not_answered() -> None:
    made = circle()
    with pytest.raises(CeremonyError) as error:
        made.respond(1, circle(attempt=2).board)
    assert error.value.key == "secret.other_ceremony"


def test_a_share_is_taken_of_the_confirmed_transcript_only() -> None:
    made = finished()
    unsettled = msgspec.structs.replace(made.dealers[1], settled=b"")
    with pytest.raises(CeremonyError) as error:
        take_share(unsettled, made.board)
    assert error.value.key == "secret.other_transcript"
