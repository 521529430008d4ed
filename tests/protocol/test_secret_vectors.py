"""The published vectors of secret ballots say what the library does."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kit.secret_hall import drawing
from kit.secret_vectors import BallotVector, Refused, RefusedMessage, RefusedPart
from pingyi_protocol.keys.signing import SigningKey
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ballot import Question, cast_ballot, verify_ballot
from pingyi_protocol.secret.ceremony import Board, ElectionKey, election_key
from pingyi_protocol.secret.dealing import begin, respond, take_share
from pingyi_protocol.secret.messages import Ceremony, Message
from pingyi_protocol.secret.opening import Count, Part, count_ballots, open_count

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors" / "secret"


def lines(name: str, kind: Any) -> list[Any]:
    return [msgspec.json.decode(line, type=kind) for line in (FOLDER / name).read_bytes().splitlines()]


CEREMONY = msgspec.json.decode((FOLDER / "ceremony.json").read_bytes())
OPENING = msgspec.json.decode((FOLDER / "opening.json").read_bytes())
TERMS = msgspec.convert(CEREMONY["ceremony"], Ceremony)
KEY = msgspec.convert(CEREMONY["key"], ElectionKey)


def test_the_messages_of_the_ceremony_make_its_key() -> None:
    board = Board(TERMS)
    for message in msgspec.convert(CEREMONY["messages"], list[Message]):
        board = board.accept(message)
    assert election_key(board) == KEY
    assert KEY.fingerprint == CEREMONY["fingerprint"]


def test_the_seeds_give_the_messages_and_the_shares() -> None:
    signers = [SigningKey(b64decode(seed)) for seed in CEREMONY["signing_seeds"]]
    dealers = [begin(TERMS, one, drawing(seed)) for one, seed in zip(signers, CEREMONY["seeds"], strict=True)]
    board = Board(TERMS)
    sent: list[Message] = []
    while board.missing:
        for index in board.missing:
            answer = respond(dealers[index - 1], board, signers[index - 1])
            assert answer is not None
            dealers[index - 1], message = answer
            board = board.accept(message)
            sent.append(message)
    assert sent == msgspec.convert(CEREMONY["messages"], list[Message])
    for dealer, share, coefficients in zip(dealers, CEREMONY["shares"], CEREMONY["coefficients"], strict=True):
        assert take_share(dealer, board)[1].secret == b64decode(share)
        assert list(dealer.coefficients) == list(map(b64decode, coefficients))


@pytest.mark.parametrize("line", lines("ballots.jsonl", BallotVector), ids=lambda line: line.question.encoding.name)
def test_a_ballot_is_valid_and_comes_of_its_seed(line: BallotVector) -> None:
    member = b64decode(line.member)
    verify_ballot(line.question, member, line.text)
    assert cast_ballot(line.question, member, line.marks, drawing(line.seed)) == line.text


@pytest.mark.parametrize("line", lines("refused-ballots.jsonl", Refused), ids=lambda line: line.attack)
def test_a_bad_ballot_is_refused_for_its_reason(line: Refused) -> None:
    with pytest.raises(SecretError) as error:
        verify_ballot(line.question, b64decode(line.member), line.text)
    assert (error.value.key, error.value.values.get("place", 0)) == (line.reason, line.place)


@pytest.mark.parametrize("line", lines("refused-messages.jsonl", RefusedMessage), ids=lambda line: line.attack)
def test_a_bad_message_is_refused_for_its_reason(line: RefusedMessage) -> None:
    board = Board(TERMS)
    for message in line.before:
        board = board.accept(message)
    with pytest.raises(SecretError) as error:
        board.accept(line.message)
    assert error.value.key == line.reason


def count() -> Count:
    asked = msgspec.convert(OPENING["question"], Question)
    proven = [verify_ballot(asked, b64decode(one["member"]), one["text"]) for one in OPENING["ballots"]]
    return count_ballots(asked, OPENING["basis"], proven, 3)


def test_the_ballots_add_up_and_the_parts_open_them() -> None:
    made = count()
    assert made.digest == OPENING["digest"]
    assert [list(one) for one in made.sums] == [list(map(b64decode, one)) for one in OPENING["sums"]]
    parts = msgspec.convert(OPENING["parts"], list[Part])
    for some in (parts[:2], parts[1:], parts[::2]):
        result = open_count(made, KEY, some)
        assert result.opened is not None
        assert (list(result.opened.totals), result.opened.abstentions) == (OPENING["totals"], OPENING["abstentions"])
    given = [marks[0] for marks in OPENING["marks"] if marks]
    assert OPENING["totals"] == [sum(given)]


@pytest.mark.parametrize("line", lines("refused-parts.jsonl", RefusedPart), ids=lambda line: line.attack)
def test_a_bad_part_is_passed_over(line: RefusedPart) -> None:
    parts = msgspec.convert(OPENING["parts"], list[Part])
    assert open_count(count(), KEY, [line.part, parts[1]]).bad == (line.part.index,)
