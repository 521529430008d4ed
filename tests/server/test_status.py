"""What ``pingyi status`` says of an item, over the state that scripts of meetings lead to."""

from kit.factories import small_definition
from kit.playbook import full_house
from pingyi_server.commands.options import words
from pingyi_server.commands.status import item_line, recusal_lines, void_lines

DEFINITION = small_definition(members=5)


def test_a_void_round_is_named_with_its_reason_also_after_the_vote_was_repeated() -> None:
    item = DEFINITION.agenda[0]
    book = full_house(DEFINITION).open("1").cast("M02", 10).void("投票设备故障")
    expected = words()("status.void_round", round=1, reason="投票设备故障")
    assert void_lines(book.meeting, item) == [expected]
    assert words()("status.void") in item_line(book.meeting, DEFINITION, item)
    book.open("1").cast("M02", 60).close().announce()
    assert void_lines(book.meeting, item) == [expected]
    assert "60.00" in item_line(book.meeting, DEFINITION, item)
    assert void_lines(book.meeting, DEFINITION.agenda[1]) == []


def test_the_recused_are_named_with_their_reasons_until_it_is_lifted() -> None:
    item = DEFINITION.agenda[0]
    book = full_house(DEFINITION).recuse("M02", "1", "配偶在该局任职")
    [line] = recusal_lines(book.meeting, DEFINITION, item)
    assert "M02 委员02" in line
    assert "配偶在该局任职" in line
    assert recusal_lines(book.lift("M02", "1").meeting, DEFINITION, item) == []
