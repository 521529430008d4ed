"""What the results say of secret rounds beside their figures."""

from collections.abc import Iterator

from kit.every_kind import MOTION, SCORE, scored
from kit.playbook import Playbook
from kit.secret_book import SecretBook, secret_hall, secretly
from kit.secret_records import PEOPLE, SECRET, SECRET_BOOK
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.results import RoundResult, results_of
from pingyi_protocol.record.results_secret import SecretRound

ROUNDS = {one.item: one for one in SECRET.results.rounds}


def secret_of(one: RoundResult) -> SecretRound:
    assert one.secret is not None
    return one.secret


def rounds_of(book: Playbook) -> Iterator[RoundResult]:
    yield from results_of(book.meeting, [], Checkpoint(book.meeting.origin, 1, bytes(32))).rounds


def test_it_is_said_what_a_round_opens_and_under_which_key() -> None:
    key = SECRET_BOOK.meeting.key
    assert key is not None
    for item, opens in (("score", "sum"), ("selection", "distribution"), ("motion", "sum")):
        secret = secret_of(ROUNDS[item])
        assert ROUNDS[item].secrecy == "secret"
        assert (secret.opens, secret.least_ballots, secret.key) == (opens, 3, key.fingerprint)
        assert secret.threshold == 2
        assert [one.number for one in secret.holders] == ["M02", "M03", "M04"]
        assert all(one.name for one in secret.holders)


def test_members_without_a_valid_ballot_are_named_with_the_fault_of_their_newest() -> None:
    one = ROUNDS["score"]
    assert one.received == 5
    assert one.invalid == 1
    assert [(each.number, bool(each.name), bool(each.fault)) for each in secret_of(one).invalid] == [
        ("M05", True, True)
    ]


def test_the_head_that_a_round_was_opened_on_is_named_and_how_many_cosigned_it() -> None:
    secret, sealing = secret_of(ROUNDS["score"]), next(iter(SECRET_BOOK.meeting.rounds)).sealing
    assert sealing is not None
    assert secret.head is not None
    assert sealing.basis == f"{SECRET_BOOK.meeting.origin}\n{secret.head.size}\n{secret.head.root}\n"
    assert secret.cosigned == len(PEOPLE)
    assert secret.overridden is None


def test_who_answered_for_a_head_is_named_with_the_reason() -> None:
    secret = secret_of(ROUNDS["selection"])
    assert secret.cosigned == 0
    assert secret.head is not None
    assert secret.overridden is not None
    assert (secret.overridden.number, secret.overridden.reason) == ("M03", "两台终端断线")
    assert (secret.overridden.size, secret.overridden.root) == (secret.head.size, secret.head.root)


def test_whose_parts_opened_it_and_whose_were_bad() -> None:
    secret = secret_of(ROUNDS["selection"])
    assert [one.number for one in secret.parts] == ["M02", "M04"]
    assert [one.number for one in secret.bad] == ["M04"]
    assert secret.unsealed


def test_a_round_that_lacks_a_part_is_not_unsealed() -> None:
    secret = secret_of(ROUNDS["motion"])
    assert ([one.number for one in secret.parts], secret.unsealed) == (["M04"], False)


def test_while_ballots_are_taken_nothing_is_checked_or_opened() -> None:
    book = SecretBook(secret_hall(secretly(SCORE))).check_in(*PEOPLE).make_key().open("score")
    book.seal("M01", scored("T01", 90))
    (one,) = rounds_of(book)
    secret = secret_of(one)
    assert (secret.checked, secret.head, secret.parts, secret.unsealed) == (False, None, (), False)
    assert (one.received, one.invalid, one.targets) == (1, 0, ())


def test_an_open_round_has_nothing_secret() -> None:
    (one,) = rounds_of(SecretBook(secret_hall(MOTION)).check_in(*PEOPLE).open("motion"))
    assert (one.secrecy, one.secret) == ("open", None)
