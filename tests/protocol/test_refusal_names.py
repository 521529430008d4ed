"""A refusal names a target as people do, never by its id."""

import pytest

from kit.every_kind import CRITERIA, MOTION, RATING, SELECTION, hall, motion_counts, scored, times
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import Answer, Choice
from pingyi_protocol.meeting.definition import Language, Option
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.text import catalogue

DEFINITION = hall(CRITERIA, MOTION, RATING, SELECTION)


def words_of(book: Playbook, language: Language) -> str:
    assert isinstance(book.outcome, Refusal)
    return catalogue("pingyi_protocol", language)(f"refusal.{book.outcome.reason}", **book.outcome.values)


def test_a_ballot_with_half_a_score_names_the_target() -> None:
    half = (scored("T01", 90, "p1"), scored("T01", None, "p2"), scored("T02", 70))
    book = full_house(DEFINITION).open("criteria").answer("M01", *half)
    assert "文化和旅游局" in words_of(book, Language.ENGLISH)
    book.refused(Reason.HALF_ABSTAINED, target="文化和旅游局")


@pytest.mark.parametrize(("good", "wrong", "name"), [("T01", "T02", "人社局"), ("T02", "T01", "文化和旅游局")])
@pytest.mark.parametrize("language", Language)
def test_counts_that_do_not_fit_name_the_target_shortly_where_they_can(
    good: str, wrong: str, name: str, language: Language
) -> None:
    def satisfied(target: str) -> Answer:
        return Choice(target, Option.SATISFIED)

    book = full_house(DEFINITION).enter("rating", 3, times(3, satisfied(good)), times(2, satisfied(wrong)))
    said = words_of(book, language)
    assert name in said
    assert wrong not in said
    book.refused(Reason.TARGET_MISFIT, target=name, given=2, valid=3)


def test_counts_of_a_motion_name_no_target() -> None:
    full_house(DEFINITION).enter("motion", 3, *motion_counts(2, 0)).refused(
        Reason.RESULT_MISFIT, target="", given=2, valid=3
    )
