"""Control characters, turned text and what does not show, in whatever people type: refused wherever it comes in."""

import sys
import unicodedata
from typing import Any

import msgspec
import pytest

from kit.factories import small_definition
from kit.taken import taken
from pingyi_protocol.hidden import CATEGORIES, holds_hidden, is_hidden, shown
from pingyi_protocol.meeting.commands import MAY, AddItem, Body, LoadDefinition
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.soundness import findings_of

change = msgspec.structs.replace
HIDDEN = [
    "\x1b[2J",
    "\x9b31m",
    "\x07",
    "\x00",
    "\x7f",
    "\x85",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u200b",
    "\u2028",
    "\ufeff",
]
GIVEN = [kind for kind in MAY if "reason" in kind.__struct_fields__]
GOOD = small_definition()
hidden = pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)


def answer(kind: type[Body], body: Body) -> Reason | None:
    one = taken(kind)
    outcome = decide(one.before, change(one.command, body=body), one.book.at)
    return outcome.reason if isinstance(outcome, Refusal) else None


@hidden
@pytest.mark.parametrize("kind", GIVEN, ids=lambda kind: kind.__name__)
def test_a_reason_that_would_command_a_terminal_is_refused(kind: type[Body], hidden: str) -> None:
    body: Any = taken(kind).command.body
    assert answer(kind, body) is None
    assert answer(kind, change(body, reason=f"终端{hidden}故障")) is not None


def test_there_are_reasons_in_nine_kinds_of_command() -> None:
    assert len(GIVEN) >= 9


def texts() -> list[tuple[str, int, str]]:
    """Every place where a text can stand."""
    tables = {"roster": ("number", "name", "group"), "targets": ("name", "short_name"), "agenda": ("id", "title")}
    tables |= {"problems": ("title", "goal", "report"), "components": ("name",)}
    return [(table, 0, field) for table, fields in tables.items() for field in fields]


@hidden
@pytest.mark.parametrize(("table", "index", "field"), texts())
def test_a_name_title_or_report_that_would_command_a_terminal_is_found(
    table: str, index: int, field: str, hidden: str
) -> None:
    lines: list[Any] = list(getattr(GOOD, table))
    lines[index] = change(lines[index], **{field: f"甲{hidden}乙"})
    changed: Definition = change(GOOD, **{table: tuple(lines)})
    paths = [(finding.path, finding.code) for finding in findings_of(changed)]
    assert any(path == (table, index, field) and code.startswith("hidden_character") for path, code in paths)
    assert answer(LoadDefinition, LoadDefinition(changed)) is Reason.DEFINITION_UNSOUND


@hidden
def test_a_meetings_name_and_an_added_items_title_likewise(hidden: str) -> None:
    named = change(GOOD, meeting=change(GOOD.meeting, name=f"甲{hidden}乙"))
    assert answer(LoadDefinition, LoadDefinition(named)) is Reason.DEFINITION_UNSOUND
    body = taken(AddItem).command.body
    assert isinstance(body, AddItem)
    titled = change(body, item=change(body.item, title=f"甲{hidden}乙"))
    assert answer(AddItem, titled) is Reason.ITEM_UNSOUND


def test_every_hidden_character_of_unicode_is_known_and_what_people_write_is_not() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        assert is_hidden(character) == (unicodedata.category(character) in CATEGORIES)
    for text in ("王\u3000伟", "〇", "𬭎", "é", "e\u0301", "90 分", "（一）", "👍"):
        assert not holds_hidden(text)
        assert shown(text) == text
    assert shown("甲\x1b[2J\n乙\u202e") == "甲<U+001B>[2J<U+000A>乙<U+202E>"
