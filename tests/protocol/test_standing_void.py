"""What a member is told of a ballot in a round that was declared void."""

from kit.factories import small_definition
from kit.playbook import full_house
from pingyi_protocol.record.standing import verdict


def test_a_ballot_of_a_void_round_does_not_count_and_the_reason_is_said() -> None:
    book = full_house(small_definition(members=5)).open("1").cast("M02", 90)
    leaf = book.newest.ballots["M02"].leaf
    book.close().void("停电")
    assert verdict(book.newest, "M02", leaf) == ("standing.void", {"reason": "停电"})
