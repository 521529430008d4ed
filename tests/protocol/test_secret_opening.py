"""Opening a secret round: the totals come out with enough scrutineers, and in no other way."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.secret_attacks import WEAK_POINTS, mixed, with_bytes
from kit.secret_hall import cast, counted, drawing, finished, member, opened, part, proven, question
from pingyi_protocol.meeting.measures import Tally
from pingyi_protocol.secret.ballot import ProvenBallot
from pingyi_protocol.secret.encoding import Distribution, EncodingError, Marks, Opened, Selection, Sum
from pingyi_protocol.secret.group import GENERATOR, IDENTITY, ORDER, raised, scalar_bytes
from pingyi_protocol.secret.logarithm import logarithm
from pingyi_protocol.secret.opening import (
    Count,
    OpeningError,
    Openings,
    Part,
    count_ballots,
    decrypt_part,
    open_count,
)
from pingyi_protocol.secret.proof import Ciphertext

SCORES: list[Marks] = [(1,), (3,), None, (0,)]
ASKED = question(Sum(3, abstention=True))


@lru_cache
def ballots() -> tuple[ProvenBallot, ...]:
    return tuple(proven(ASKED, cast(ASKED, SCORES)))


@lru_cache
def good() -> Count:
    return count_ballots(ASKED, "basis", ballots(), 3)


@lru_cache
def good_part(index: int) -> Part:
    return part(good(), index)


@pytest.mark.parametrize("indices", [(1, 2), (1, 3), (2, 3), (3, 1), (3, 2, 1)], ids=str)
def test_any_threshold_of_scrutineers_opens_the_same(indices: tuple[int, ...]) -> None:
    result = opened(good(), [good_part(index) for index in indices])
    assert result.opened == Opened((4,), 1)
    assert result.used == tuple(sorted(indices)[:2])
    assert result.missing == tuple(index for index in (1, 2, 3) if index not in indices)


@pytest.mark.parametrize("indices", [(), (2,), (2, 2)], ids=str)
def test_with_too_few_nothing_opens_and_the_missing_are_named(indices: tuple[int, ...]) -> None:
    result = opened(good(), [good_part(index) for index in indices])
    assert result.opened is None
    assert result.missing == tuple(index for index in (1, 2, 3) if index not in indices)


def test_parts_that_come_later_open_it() -> None:
    first = msgspec.json.decode(msgspec.json.encode(good_part(2)), type=Part)
    assert opened(good(), [first]).missing == (1, 3)
    assert opened(good(), [first, good_part(3)]).opened == Opened((4,), 1)


@given(st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=3, max_size=5))
@settings(max_examples=8, deadline=None)
def test_sum_and_distribution_and_clear_scores_agree(scores: list[int | None]) -> None:
    marks: list[Marks] = [None if score is None else (score,) for score in scores]
    tally = Tally()
    for score in scores:
        tally = tally.add(None if score is None else Decimal(score))
    by_sum = opened(counted(question(Sum(4, abstention=True)), marks)).opened
    by_bins = opened(counted(question(Distribution(5, abstention=True)), marks)).opened
    assert by_sum is not None
    assert by_bins is not None
    assert by_sum == Opened((int(tally.total),), tally.abstentions)
    assert by_bins == Opened(tuple(tally.counts.get(Decimal(value), 0) for value in range(5)), tally.abstentions)


def test_a_selection_and_weighted_criteria_are_opened_too() -> None:
    chosen = counted(question(Selection(3, 1, 2, abstention=True)), [(0, 1), (1,), None])
    assert opened(chosen).opened == Opened((1, 2, 0), 1)
    parts = counted(question(Sum(5, 2, abstention=True)), [(5, 0), (2, 3), None])
    assert opened(parts).opened == Opened((7, 3), 1)


def test_a_sum_opens_no_bit_by_itself() -> None:
    assert len(counted(question(Sum(100, abstention=True)), [(100,), (0,), (50,)]).sums) == 2


# what is counted


def test_one_ballot_is_no_aggregate() -> None:
    for some in (ballots()[:1], ballots()[:2], ()):
        with pytest.raises(OpeningError) as error:
            count_ballots(ASKED, "basis", some, 0)
        assert error.value.key == "secret.too_few"


def test_one_ballot_counted_often_is_no_aggregate() -> None:
    with pytest.raises(OpeningError) as error:
        count_ballots(ASKED, "basis", ballots()[:1] * 5)
    assert error.value.key == "secret.member_twice"


def test_the_least_number_is_five_unless_told_and_never_below_three() -> None:
    with pytest.raises(OpeningError) as error:
        count_ballots(ASKED, "basis", ballots())
    assert error.value.values == {"ballots": 4, "least": 5}
    assert count_ballots(ASKED, "basis", ballots()[:3], 1).ballots == 3


def test_a_ballot_to_another_question_is_not_counted() -> None:
    other = question(Sum(3, abstention=True), round=2)
    with pytest.raises(OpeningError) as error:
        count_ballots(other, "basis", ballots(), 3)
    assert error.value.key == "secret.other_question"


def test_the_order_of_the_ballots_is_no_matter() -> None:
    assert count_ballots(ASKED, "basis", ballots()[::-1], 3).digest == good().digest


def test_a_part_for_one_ballot_in_place_of_the_sum_is_not_taken() -> None:
    """Whoever gives scrutineers a ballot as if it were the sum gets a part that is good for no count of the record."""
    lone = replace(good(), sums=tuple(Ciphertext(*one) for one in ballots()[0].ciphertexts[:2]))
    assert opened(good(), [part(lone, 1), part(lone, 2)]).bad == (1, 2)


# once


def test_a_round_is_opened_once_and_the_same_may_be_sent_again() -> None:
    made, draw = finished(), drawing("again")
    share = made.shares()[1]
    kept, first = decrypt_part(good(), made.key(), share, Openings(), draw)
    again, second = decrypt_part(good(), made.key(), share, kept, draw)
    assert kept == again == msgspec.json.decode(msgspec.json.encode(kept), type=Openings)
    assert first != second
    assert opened(good(), [second, good_part(2)]).opened == Opened((4,), 1)


@pytest.mark.parametrize(
    "other",
    [
        lambda: count_ballots(ASKED, "basis", ballots()[:3], 3),
        lambda: count_ballots(ASKED, "another close", ballots(), 3),
        lambda: counted(question(Distribution(4, abstention=True)), SCORES),
    ],
    ids=["a ballot less", "another close", "another opening"],
)
def test_a_second_different_opening_of_a_round_is_refused(other: Callable[[], Count]) -> None:
    made = finished()
    kept, _ = decrypt_part(good(), made.key(), made.shares()[1], Openings(), drawing("once"))
    with pytest.raises(OpeningError) as error:
        decrypt_part(other(), made.key(), made.shares()[1], kept, drawing("twice"))
    assert error.value.key == "secret.opened_before"


@pytest.mark.parametrize("changed", [{"round": 2}, {"item": "2"}, {"target": "fire"}, {"meeting": "other"}], ids=str)
def test_another_round_is_opened_beside_it(changed: dict[str, str | int]) -> None:
    made = finished()
    kept, _ = decrypt_part(good(), made.key(), made.shares()[1], Openings(), drawing("once"))
    other = counted(question(Sum(3, abstention=True), **changed), SCORES)
    kept, _ = decrypt_part(other, made.key(), made.shares()[1], kept, drawing("beside"))
    assert len(kept.done) == 2


def test_a_share_opens_only_under_its_own_key() -> None:
    made, other = finished(), finished(3, 5)
    for key, share in (
        (other.key(), made.shares()[1]),
        (made.key(), other.shares()[1]),
        (other.key(), other.shares()[1]),
    ):
        with pytest.raises(OpeningError) as error:
            decrypt_part(good(), key, share, Openings(), drawing("other"))
        assert error.value.key == "secret.other_key"
    spoilt = msgspec.structs.replace(made.shares()[1], secret=scalar_bytes(5))
    with pytest.raises(OpeningError):
        decrypt_part(good(), made.key(), spoilt, Openings(), drawing("other"))
    with pytest.raises(OpeningError):
        open_count(good(), other.key(), [])


# bad parts


def changed(place: int, data: bytes) -> Callable[[], Part]:
    return lambda: Part(1, with_bytes(good_part(1).text, place, data))


def plus_order(place: int) -> Part:
    scalar = int.from_bytes(b64decode(good_part(1).text)[place : place + 32], "little")
    return Part(1, with_bytes(good_part(1).text, place, scalar_bytes(scalar + ORDER)))


def swapped() -> Part:
    data = b64decode(good_part(1).text)
    return Part(1, b64encode(data[96:] + data[:96]).decode())


FORGED: dict[str, Callable[[], Part]] = {
    "another point": changed(0, GENERATOR),
    "another point in the second sum": changed(96, GENERATOR),
    "another challenge": changed(32, scalar_bytes(7)),
    "another response": changed(64, scalar_bytes(7)),
    "nothing proven": changed(32, bytes(64)),
    "challenge plus the order": lambda: plus_order(32),
    "response plus the order": lambda: plus_order(64),
    "point of mixed order": lambda: Part(1, with_bytes(good_part(1).text, 0, mixed(b64decode(good_part(1).text)[:32]))),
    "sums swapped": swapped,
    "cut short": lambda: Part(1, b64encode(b64decode(good_part(1).text)[:-96]).decode()),
    "with more behind it": lambda: Part(1, b64encode(b64decode(good_part(1).text) + bytes(96)).decode()),
    "no base64": lambda: Part(1, good_part(1).text + "\n"),
    "empty": lambda: Part(1, ""),
    "of another scrutineer": lambda: Part(1, good_part(2).text),
    "of another round": lambda: part(counted(question(Sum(3, abstention=True), round=2), SCORES), 1),
    "of another close": lambda: part(count_ballots(ASKED, "another close", ballots(), 3), 1),
    "of fewer ballots": lambda: part(count_ballots(ASKED, "basis", ballots()[:3], 3), 1),
} | {f"weak point, {name}": changed(0, bytes.fromhex(weak)) for name, weak in WEAK_POINTS.items()}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_bad_part_is_named_and_never_blocks(forged: Callable[[], Part]) -> None:
    bad = forged()
    result = opened(good(), [bad, good_part(2)])
    assert (result.opened, result.bad, result.missing) == (None, (1,), (1, 3))
    result = opened(good(), [bad, good_part(2), good_part(3)])
    assert (result.opened, result.used, result.bad) == (Opened((4,), 1), (2, 3), (1,))
    # and a good one of the same scrutineer is still taken
    assert opened(good(), [bad, good_part(1), good_part(2)]).used == (1, 2)


@pytest.mark.parametrize("index", [0, -1, 4, ORDER, ORDER + 1])
def test_a_part_of_an_index_that_nobody_has_is_bad(index: int) -> None:
    result = opened(good(), [Part(index, good_part(1).text), good_part(2)])
    assert (result.opened, result.bad) == (None, (index,))


# the totals


def test_totals_that_no_valid_ballots_give_are_not_believed() -> None:
    """Ballots that nobody verified, put together by hand: what comes out is refused."""
    key = raised(1)
    beyond = ProvenBallot(ASKED.digest, member(9), (Ciphertext(raised(1), key),) * 3)
    count = count_ballots(ASKED, "basis", (*ballots(), beyond), 3)
    with pytest.raises(OpeningError) as error:
        opened(count, [part(count, 1), part(count, 2)])
    assert error.value.key == "secret.beyond"
    bins = question(Distribution(2))
    made = [one._replace(question=bins.digest, ciphertexts=one.ciphertexts[:2]) for one in ballots()]
    count = count_ballots(bins, "basis", made, 3)
    with pytest.raises(EncodingError) as wrong:
        opened(count, [part(count, 1), part(count, 2)])
    assert wrong.value.key == "secret.totals"


@given(st.integers(0, 300_000))
@settings(max_examples=15, deadline=None)
def test_every_total_of_3000_scores_is_found(value: int) -> None:
    assert logarithm(raised(value), 300_000) == value


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 8, 9, 10, 15, 16])
def test_a_total_is_found_up_to_its_bound_and_not_beyond(most: int) -> None:
    assert [logarithm(raised(value), most) for value in range(most + 1)] == list(range(most + 1))
    assert logarithm(raised(most + 1), most) is None
    assert logarithm(raised(-1), most) is None
    assert logarithm(IDENTITY, most) == 0


def test_a_point_beyond_the_bound_of_3000_scores_is_not_found() -> None:
    assert logarithm(raised(300_001), 300_000) is None
