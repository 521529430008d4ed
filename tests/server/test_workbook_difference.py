"""What changed in a changed file is told line by line, in the words of the file."""

from decimal import Decimal

import msgspec

from kit.factories import live_rules, small_definition
from pingyi_protocol.meeting.definition import Language, Person
from pingyi_server.imports.difference import Difference, difference

OLD = small_definition()


def told(difference: Difference) -> str:
    return difference.describe(Language.ENGLISH)


def test_a_changed_cell_is_told_with_old_and_new() -> None:
    moved = msgspec.structs.replace(OLD.roster[1], seat="5-05")
    facts = msgspec.structs.replace(OLD.meeting, port=8000)
    item = msgspec.structs.replace(OLD.agenda[0], rules=live_rules(seconds=None, step=Decimal("0.5")))
    new = msgspec.structs.replace(
        OLD, meeting=facts, roster=(OLD.roster[0], moved, *OLD.roster[2:]), agenda=(item, *OLD.agenda[1:])
    )
    assert difference(OLD, new) == [
        Difference("meeting", "", "port", "7610", "8000"),
        Difference("roster", "M02", "seat", "1-02", "5-05"),
        Difference("agenda", "1", "step", "1", "0.5"),
        Difference("agenda", "1", "seconds", "120", ""),
    ]
    assert [told(change) for change in difference(OLD, new)][:2] == [
        'Meeting, Port: "7610" becomes "8000"',
        'Roster, M02, Seat: "1-02" becomes "5-05"',
    ]


def test_added_removed_and_reordered_lines_are_told() -> None:
    first, second, *rest = OLD.roster
    roster = (second, first, *rest[:-1], Person("B07", "新委员", "5-09"))
    changes = difference(OLD, msgspec.structs.replace(OLD, roster=roster))
    assert [told(change) for change in changes] == [
        "Roster, added: B07, 新委员, 5-09, 是",
        "Roster, removed: A01, 列席一, 否",
        "Roster, order M01, M02, M03, M04, M05 becomes M02, M01, M03, M04, M05",
    ]
    assert all(change.describe(Language.CHINESE).startswith("名册，") for change in changes)


def test_a_changed_weight_is_keyed_by_the_component() -> None:
    line = msgspec.structs.replace(OLD.components[1], weight=Decimal(35))
    changes = difference(OLD, msgspec.structs.replace(OLD, components=(OLD.components[0], line)))
    assert changes == [Difference("components", "整改成效调研", "weight", "40", "35")]
