"""What ``pingyi status`` says of an item, over the state that scripts of meetings lead to."""

from msgspec.structs import replace

from kit.factories import small_definition
from kit.kinds import every_kind, whole_definition
from kit.playbook import full_house
from kit.records import Scribe, told
from pingyi_protocol.meeting.commands import ConfirmRound
from pingyi_protocol.meeting.definition import Item, MotionRules, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.text import catalogue
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


def test_each_kind_of_item_says_what_it_came_to() -> None:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    meeting, definition = scribe.meeting, scribe.meeting.definition
    assert definition is not None
    spoken = catalogue("pingyi_protocol", words().language)
    lines = {item.id: item_line(meeting, definition, item) for item in definition.agenda}
    for item, kind in (("1", "score"), ("3", "motion"), ("4", "rating"), ("5", "selection")):
        assert spoken(f"kind.{kind}") in lines[item]
    assert f"{spoken('outcome.rejected')} 3 / 1 / 0" in lines["3"]
    assert f"文化和旅游局 {spoken('outcome.satisfied')} 2 / 1 / 1 / 0" in lines["4"]
    assert words()("status.selected", names=words()("status.comma").join(("文化和旅游局", "医疗保障局"))) in lines["5"]
    assert "78.67" in lines["6"]
    assert words()("status.manual") in lines["7"]
    assert lines["8"].endswith("提案人撤回")


def test_a_closed_item_that_waits_for_a_signature_says_so() -> None:
    motion = Item("1", "动议", rules=MotionRules(confirmed=True))
    definition = replace(small_definition(), agenda=(motion,), components=())
    book = full_house(definition).open("1").close()
    one = book.newest
    unsigned = item_line(book.meeting, definition, motion)
    book.acting(Principal("M03", Role.SCRUTINEER), ConfirmRound("1", 1, len(one.present), 0, 0))
    signed = item_line(book.meeting, definition, motion)
    assert unsigned.startswith(signed)
    assert len(unsigned) > len(signed)
