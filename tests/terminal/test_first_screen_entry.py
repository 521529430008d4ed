"""What a scanner and a hand type on the first screen, key by key and second by second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.cards import HAND_SECONDS, SCANNER_SECONDS, Hand, groups, misread, scanned, some_code
from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_protocol.meeting.definition import Language
from pingyi_terminal.enrolment.entry import (
    EMPTY,
    FREE,
    PLACES,
    SILENCE_SECONDS,
    Entry,
    after_silence,
    entered,
    moved,
    rubbed_out,
    with_paste,
)

CODE = some_code()
TEXT = scanned(CODE)
GROUPS = groups(CODE)
TYPED = TypedCode(CODE.addresses[0], CODE.port, CODE.secret)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

RUBBISH = {
    "a web address": "https://example.com/menu?table=12",
    "a barcode of a book": "9787020002207",
    "a barcode of a bottle": "6901028001915",
    "digits that begin as a typed code": "01234567890123456",
    "wireless": "WIFI:T:WPA;S:hall;P:12345678;;",
    "a card cut short": TEXT[:-5],
    "a card with a digit wrong": TEXT[:60] + str((int(TEXT[60]) + 1) % 10) + TEXT[61:],
    "a card and more": TEXT[:-1] + "00" + TEXT[-1],
    "an escape sequence": "\x1b]0;evil\x07\x1b[2J",
    "markup": "[red]9[/red]",
}


def complaint(entry: Entry) -> str:
    assert entry.complaint is not None
    return entry.complaint.words(Language.ENGLISH)


@pytest.mark.parametrize("seconds", [0.001, 0.005, 0.05, 0.2])
def test_a_scanned_code_is_taken_at_its_last_digit_without_enter(seconds: float) -> None:
    hand = Hand().scan(TEXT[:-1], seconds)
    assert hand.entry.typed.empty
    assert hand.scan(TEXT[-1], seconds).state == CODE


@pytest.mark.parametrize(
    "text", [TEXT.translate(FULL_WIDTH), "]Q1" + TEXT, f"\t{TEXT[:70]}\n{TEXT[70:]} ", TEXT + "\r"]
)
def test_a_scanner_may_type_full_width_or_marks_and_breaks_of_its_own(text: str) -> None:
    assert Hand().scan(text).state == CODE


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
@pytest.mark.parametrize("ends", ["enter", "silence", "nothing"])
def test_scanned_rubbish_is_refused_in_words_and_the_next_scan_is_taken(rubbish: str, ends: str) -> None:
    hand = Hand().scan(rubbish)
    if ends == "enter":
        hand.state = entered(hand.entry, hand.now + SCANNER_SECONDS)
    elif ends == "silence":
        assert after_silence(hand.entry, hand.now) == hand.entry
        hand.state = after_silence(hand.entry, hand.now + SILENCE_SECONDS + 0.01)
    if ends != "nothing":
        assert hand.entry == Entry(complaint=hand.entry.complaint)
        said = complaint(hand.entry)
        assert len(said) > 20
        assert not any(part in said for part in (rubbish, "example", "WIFI", "\x1b", "[red]"))
    assert hand.scan(TEXT).state == CODE


def test_a_short_barcode_is_a_scan_by_its_quick_enter_and_a_hand_that_had_to_wait_is_none() -> None:
    barcode = "0123456789012"
    hand = Hand().scan(barcode)
    assert entered(hand.entry, hand.now + SCANNER_SECONDS).typed.empty
    waited = Hand().type(GROUPS[0]).scan("".join(GROUPS[1:4]))
    assert waited.entry.typed.groups[:4] == tuple(GROUPS[:4])
    assert waited.type("".join(GROUPS[4:])).state == TYPED


def test_a_scan_over_groups_half_typed_is_taken_and_rubbish_leaves_them_as_they_were() -> None:
    hand = Hand().type("".join(GROUPS[:3]) + "12")
    before = hand.entry.typed
    hand.scan(RUBBISH["a web address"])
    assert hand.entry.typed == before
    hand.state = after_silence(hand.entry, hand.now + 1)
    assert hand.entry.typed == before
    assert hand.scan(TEXT).state == CODE


def test_what_is_typed_by_hand_is_taken_at_its_last_digit() -> None:
    hand = Hand().type(" ".join(GROUPS)[:-1])
    assert hand.entry.typed.groups == (*GROUPS[:-1], GROUPS[-1][:-1] + FREE)
    assert hand.entry.complaint is None
    assert hand.type(GROUPS[-1][-1]).state == TYPED


@pytest.mark.parametrize("place", range(1, 12))
def test_a_wrong_group_is_named_as_soon_as_it_is_whole(place: int) -> None:
    wrong = misread(GROUPS[place - 1])
    hand = Hand().type("".join(GROUPS[: place - 1]) + wrong[:-1])
    assert not hand.entry.typed.wrong
    hand.type(wrong[-1])
    assert hand.entry.typed.wrong == (place,)


def test_enter_leads_to_what_is_wrong_and_typing_over_it_mends_it() -> None:
    texts = GROUPS.copy()
    texts[4] = texts[4][:2] + misread(texts[4][2:])
    hand = Hand().type("".join(texts))
    assert hand.entry.typed.wrong == (5,)
    assert hand.entry.typed.cursor == PLACES
    assert hand.type("7").entry.typed.wrong == (5,)
    hand.state = entered(hand.entry, hand.now + HAND_SECONDS)
    assert hand.entry.typed.cursor == 20
    hand.state = moved(moved(hand.entry, "right"), "right")
    assert hand.type(GROUPS[4][2]).state == TYPED


def test_enter_names_a_group_that_is_not_whole_and_goes_to_its_gap() -> None:
    hand = Hand().type("".join(GROUPS[:2]) + GROUPS[2][:3])
    hand.state = moved(hand.entry, "home")
    hand.state = entered(hand.entry, hand.now + HAND_SECONDS)
    assert hand.entry.typed.cursor == 13
    assert "Group 3" in complaint(hand.entry)


def test_backspace_takes_one_digit_and_rows_are_one_key_apart() -> None:
    hand = Hand().type("".join(GROUPS[:7]))
    hand.state = rubbed_out(hand.entry)
    assert hand.entry.typed.groups[6] == GROUPS[6][:-1] + FREE
    hand.state = moved(hand.entry, "up")
    assert hand.entry.typed.cursor == 4
    hand.state = moved(moved(hand.entry, "up"), "left")
    assert hand.entry.typed.cursor == 0
    hand.state = rubbed_out(hand.entry)
    assert hand.entry.typed.groups[0] == GROUPS[0]
    hand.state = moved(hand.entry, "end")
    assert hand.entry.typed.cursor == PLACES


def test_a_key_that_is_no_digit_is_said_and_costs_nothing() -> None:
    hand = Hand().type("".join(GROUPS[:2]) + "/")
    assert hand.entry.typed.groups[:2] == tuple(GROUPS[:2])
    assert "digits" in complaint(hand.entry)
    assert hand.type("".join(GROUPS[2:])).state == TYPED


def test_a_key_held_down_fills_nothing() -> None:
    hand = Hand().type(GROUPS[0]).scan("0" * 60, 0.03)
    assert hand.entry.typed.groups[:2] == (GROUPS[0], FREE * 5)


@pytest.mark.parametrize(
    ("text", "code"), [(TEXT, CODE), (f" {TEXT}\r\n", CODE), (" ".join(GROUPS), TYPED), ("".join(GROUPS), TYPED)]
)
def test_a_pasted_code_is_taken(text: str, code: object) -> None:
    assert with_paste(EMPTY, text) == code
    assert Hand().scan(text).state == code


@pytest.mark.parametrize("rubbish", ["", "\x1b[31m", " ".join(GROUPS[:3]), TEXT[1:], *RUBBISH.values(), "9" * 10000])
def test_what_else_is_pasted_is_refused_in_words(rubbish: str) -> None:
    after = with_paste(Hand().type(GROUPS[0]).entry, rubbish)
    assert isinstance(after, Entry)
    assert after.typed.groups[0] == GROUPS[0]
    assert len(complaint(after)) > 20


def test_an_entry_shows_its_digits_to_no_debugger() -> None:
    entry = Hand().type("".join(GROUPS[:4])).scan(TEXT[:50]).entry
    assert GROUPS[0] not in repr(entry)
    assert TEXT[:8] not in repr(entry)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.characters(), st.sampled_from("0129９]- \x1b")), st.sampled_from([0.001, 0.05, 0.3, 2.0])
        ),
        max_size=150,
    )
)
def test_whatever_came_before_a_card_is_taken_after_a_pause(keys: list[tuple[str, float]]) -> None:
    hand = Hand()
    for character, seconds in keys:
        list(hand.keys(character, seconds))
        assert len(hand.entry.typed.places) == PLACES
        assert 0 <= hand.entry.typed.cursor <= PLACES
    assert isinstance(hand.wait(HAND_SECONDS).scan(TEXT).state, EnrolmentCode)
