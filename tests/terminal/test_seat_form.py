"""What a ballot asks and what keys make of it: whatever is pressed, the server takes what is sent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.every_kind import (
    CRITERIA,
    MOTION,
    QUESTIONED,
    RATING,
    SCORE,
    SELECTION,
    SHEET,
    T01,
    T02,
    T03,
    TARGETS,
    ruled,
    scored,
)
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.ballots import misfit
from pingyi_protocol.meeting.commands import Answer, Cast, Choice
from pingyi_protocol.meeting.definition import Item, Option, SelectionRules, Target
from pingyi_terminal.seat.draft import Draft, Stage, answers_of, blank, complete, draft_of, gaps, whole_of
from pingyi_terminal.seat.entering import abstained, moved, settled, toggled, typed
from pingyi_terminal.seat.entering import scored as with_score
from pingyi_terminal.seat.faces import Filling, Frame, Head
from pingyi_terminal.seat.form import Form, form_of
from pingyi_terminal.seat.hands import Submit, Write, act, picked, slid

FRAME = Frame("会议", "", simulated=False, seat="", name="", link=Link.UP, lost=0, discreet=False)
FOR, AGAINST, ABSTAIN, CHOSEN = Option.FOR, Option.AGAINST, Option.ABSTAIN, Option.CHOSEN

TWO_OF_FOUR = ruled(SELECTION, SelectionRules(winners=2, most=2, least=2))
ELEVEN = Item("eleven", "票决", tuple(f"T{place:02}" for place in range(1, 12)), SelectionRules(winners=3, most=4))
WITHOUT_ABSTENTION = tuple(ruled(item, abstention=False) for item in (MOTION, RATING, SELECTION, QUESTIONED))
EVERY = (SCORE, SHEET, CRITERIA, QUESTIONED, MOTION, RATING, SELECTION, TWO_OF_FOUR, ELEVEN, *WITHOUT_ABSTENTION)


def asked(item: Item, among: tuple[str, ...] = ()) -> Form:
    """The form of a round of this item; ``among`` those who are tied for one place."""
    if not isinstance(item.rules, SelectionRules):
        return form_of(item)
    return form_of(item, among or item.targets, 1 if among else item.rules.winners)


def face_of(form: Form, draft: Draft) -> Filling:
    head = Head((form.item.id, 1), 1, None, paused=False)
    targets = tuple(Target(target, target) for target in form.targets)
    return Filling(FRAME, head, form, targets, tuple(() for _ in targets), draft, None)


def pressed(form: Form, *keys: str) -> tuple[Draft, list[tuple[Answer, ...]]]:
    """The draft after these keys, and the ballots that they sent."""
    draft, sent = blank(form), list[tuple[Answer, ...]]()
    for key in keys:
        character = " " if key == "space" else key if len(key) == 1 else None
        match act(face_of(form, draft), key, character):
            case Write(draft=after):
                draft = after or blank(form)
            case Submit(body=Cast(answers=answers)):
                sent.append(answers)
    return draft, sent


KEYS = st.lists(
    st.sampled_from(
        [*"0123456789", "space", "up", "down", "left", "right", "enter", "enter", "f3", "escape", "backspace", "home"]
    ),
    max_size=60,
)


@given(st.sampled_from(EVERY), KEYS)
def test_whatever_is_pressed_the_server_takes_what_is_sent(item: Item, keys: list[str]) -> None:
    form = asked(item)
    draft, sent = pressed(form, *keys)
    for answers in sent:
        assert misfit(item, answers, form.targets, form.places) is None
    assert not form.selects or len(draft.chosen) <= form.most


@given(st.sampled_from((SELECTION, ELEVEN)), KEYS)
def test_among_those_tied_for_one_place_one_is_chosen(item: Item, keys: list[str]) -> None:
    form = asked(item, (T01, T03))
    assert (form.least, form.most, form.targets) == (1, 1, (T01, T03))
    for answers in pressed(form, *keys)[1]:
        assert misfit(item, answers, (T01, T03), 1) is None


@pytest.mark.parametrize(
    ("key", "option"), [("1", FOR), ("2", AGAINST), ("3", ABSTAIN), ("３", ABSTAIN), ("f3", ABSTAIN)]
)
def test_a_motion_is_one_key_and_a_confirmation(key: str, option: Option) -> None:
    draft, sent = pressed(asked(MOTION), key)
    assert draft.stage is Stage.CONFIRMING
    assert sent == []
    assert pressed(asked(MOTION), key, "enter")[1] == [(Choice("", option),)]


def test_another_digit_at_the_confirmation_is_another_choice_and_escape_goes_back() -> None:
    assert pressed(asked(MOTION), "1", "2", "enter")[1] == [(Choice("", AGAINST),)]
    draft, sent = pressed(asked(MOTION), "1", "escape")
    assert (draft.stage, draft.entry.option, sent) == (Stage.FILLING, FOR, [])
    assert pressed(asked(MOTION), "left", "left", "enter", "enter")[1] == [(Choice("", AGAINST),)]


def test_a_motion_without_abstention_has_two_keys() -> None:
    form = asked(ruled(MOTION, abstention=False))
    assert pressed(form, "3", "f3")[0] == blank(form)


def test_a_rating_of_several_is_a_digit_and_enter_for_each() -> None:
    assert pressed(asked(RATING), "1", "enter", "3", "enter", "enter")[1] == [
        (Choice(T01, Option.SATISFIED), Choice(T02, Option.NOT_SATISFIED))
    ]


def test_the_old_question_is_answered_beside_the_score() -> None:
    keys = ("9", "2", "enter", "1", "enter", "f3", "enter", "2", "enter", "enter")
    [ballot] = pressed(asked(QUESTIONED), *keys)[1]
    assert ballot == (scored(T01, 92), Choice(T01, FOR), scored(T02, None), Choice(T02, AGAINST))


def test_a_selection_cannot_be_over_full_and_too_few_cannot_be_sent() -> None:
    form = asked(TWO_OF_FOUR)
    draft, sent = pressed(form, "space", "enter", "enter")
    assert (draft.chosen, sent, draft.stage) == ((0,), [], Stage.FILLING)
    draft, _ = pressed(form, "1", "4", "2")
    assert (draft.chosen, draft.full) == ((0, 3), True)
    draft, _ = pressed(form, "1", "4", "2", "4")
    assert (draft.chosen, draft.full) == ((0,), False)
    assert pressed(form, "4", "1", "enter", "enter")[1] == [(Choice("T01", CHOSEN), Choice("T04", CHOSEN))]


def test_a_whole_selection_is_abstained_from_and_what_was_chosen_comes_back_on_escape() -> None:
    form = asked(SELECTION)
    assert pressed(form, "1", "f3", "enter")[1] == [(Choice("", ABSTAIN),)]
    assert pressed(form, "1", "f3", "escape")[0].chosen == (0,)


def test_in_a_long_list_a_digit_goes_to_the_next_number_that_begins_with_it() -> None:
    form = asked(ELEVEN)
    assert [pressed(form, *"1" * count)[0].row for count in range(1, 5)] == [9, 10, 0, 9]
    assert pressed(form, "5", "space")[0].chosen == (4,)


def test_who_abstains_under_one_criterion_abstains_under_all_until_a_score_comes() -> None:
    form = asked(CRITERIA)
    draft = abstained(with_score(blank(form), Decimal(80)), form)
    assert [entry.abstains for entry in draft.entries] == [True, True, False]
    assert gaps(draft, form) == (2,)
    draft = settled(typed(moved(draft, 1), "7"), form)
    assert [(entry.text, entry.abstains) for entry in draft.entries] == [("", False), ("7", False), ("", False)]


def test_the_weighted_whole_grows_as_it_is_filled_in() -> None:
    form = asked(CRITERIA)
    draft = with_score(blank(form), Decimal(80))
    assert whole_of(blank(form), form, T01) == (Decimal(0), Decimal(0))
    assert whole_of(draft, form, T01) == (Decimal(50), Decimal("62.5"))
    assert whole_of(with_score(moved(draft, 1), Decimal(90)), form, T01) == (Decimal("83.75"), Decimal(100))


def test_a_touched_score_on_the_line_of_a_choice_is_the_score_of_its_target() -> None:
    form = asked(QUESTIONED)
    touched = slid(face_of(form, moved(blank(form), 3)), Decimal(85))
    assert isinstance(touched, Write)
    assert touched.draft is not None
    assert [entry.text for entry in touched.draft.entries] == ["", "", "85", ""]


def test_a_touch_chooses_an_option_or_marks_a_candidate() -> None:
    form = asked(RATING)
    touched = picked(face_of(form, blank(form)), 1, Option.BASICALLY_SATISFIED)
    assert isinstance(touched, Write)
    assert touched.draft is not None
    assert touched.draft.entries[1].option is Option.BASICALLY_SATISFIED
    form = asked(SELECTION)
    touched = picked(face_of(form, blank(form)), 2, None)
    assert touched == Write(("selection", 1), toggled(blank(form), form, 2))


@given(st.data(), st.sampled_from(EVERY))
def test_answers_of_every_kind_come_back_from_a_draft_as_they_went_in(data: st.DataObject, item: Item) -> None:
    form = asked(item)
    draft, sent = pressed(form, *data.draw(KEYS))
    answers = sent[-1] if sent else answers_of(draft, form) if complete(draft, form) else None
    if answers is not None and answers != (Choice("", ABSTAIN),):
        assert answers_of(draft_of(answers, form, changing=True), form) == answers


def test_a_runoff_asks_about_the_candidates_that_are_left() -> None:
    form = form_of(SELECTION, (T02, T03), 1, runoff=True)
    assert (form.targets, form.most, form.runoff) == ((T02, T03), 1, True)
    assert asked(SELECTION).targets == TARGETS
