"""What is typed into the form for a result by hand becomes exactly the command that the server takes."""

from decimal import Decimal

import pytest

from kit.factories import small_definition
from kit.kinds import whole_definition
from pingyi_protocol.meeting.commands import AnswerCount, Choice, EnterResult, Score
from pingyi_protocol.meeting.definition import Definition, Item, ItemKind, Language, Option
from pingyi_protocol.text import catalogue
from pingyi_terminal.clerk.manual import EntryError, entered, fields_of

WORDS = catalogue("pingyi_terminal", Language.ENGLISH)
DEFINITION = small_definition(5)
KINDS = whole_definition()


def entry(item: Item, received: str, *counts: str, definition: Definition = DEFINITION) -> EnterResult:
    """Type these counts into the fields in their order; those that are left stay empty."""
    fields = fields_of(WORDS, definition, item)
    typed = dict.fromkeys((field.key for field in fields), "") | dict(
        zip((field.key for field in fields), counts, strict=False)
    )
    return entered(WORDS, definition, item, 1, typed | {"received": received, "invalid": "", "reason": "power failed"})


def test_scores_are_read_as_pairs_in_any_width_and_abstentions_apart() -> None:
    body = entry(DEFINITION.agenda[0], "５", "９０ｘ2, 85×1；0*1", "1")
    assert (body.received, body.invalid, body.round, body.reason) == (5, 0, 1, "power failed")
    assert body.counts == (
        AnswerCount(Score("T01", "", Decimal(90)), 2),
        AnswerCount(Score("T01", "", Decimal(85)), 1),
        AnswerCount(Score("T01", "", Decimal(0)), 1),
        AnswerCount(Score("T01", "", None), 1),
    )


@pytest.mark.parametrize("typed", ["90", "90x", "x3", "90x2 ninety", "-5x2", "90x2x"])
def test_what_is_no_pair_is_named_with_its_field(typed: str) -> None:
    with pytest.raises(EntryError) as caught:
        entry(DEFINITION.agenda[0], "5", typed)
    assert typed in caught.value.words(Language.ENGLISH)


@pytest.mark.parametrize("received", ["", "five", "-1", "2.5"])
def test_what_is_no_count_is_refused(received: str) -> None:
    with pytest.raises(EntryError):
        entry(DEFINITION.agenda[0], received)


def test_every_kind_has_a_field_for_each_answer_and_the_old_question_too() -> None:
    seen: set[ItemKind] = set()
    for item in KINDS.agenda:
        fields = fields_of(WORDS, KINDS, item)
        assert len({field.label for field in fields}) == len(fields)
        chosen = [field.answer for field in fields if isinstance(field.answer, Choice)]
        match item.rules.kind:
            case ItemKind.MOTION:
                assert {one.option for one in chosen} >= {Option.FOR, Option.AGAINST}
            case ItemKind.RATING | ItemKind.SELECTION:
                assert {one.target for one in chosen} - {""} == set(item.targets)
            case ItemKind.SCORE:
                assert {field.target for field in fields if field.answer is None} == set(item.targets)
        seen.add(item.rules.kind)
    assert seen == set(ItemKind)
