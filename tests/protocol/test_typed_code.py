import ipaddress
from contextlib import suppress

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from pingyi_protocol.keys.digits import EnrolmentCodeError
from pingyi_protocol.keys.enrolment_code import FIRST_DIGIT, EnrolmentCode
from pingyi_protocol.keys.typed_code import (
    GROUP_DIGITS,
    GROUPS,
    TypedCode,
    groups_of,
    parse_typed,
    typed,
    wrong_groups,
)
from pingyi_protocol.meeting.definition import Role

SERVER_KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
CODE = EnrolmentCode(("192.168.1.10",), 7610, SERVER_KEY, "007", Role.MEMBER, bytes(range(12)))
TEXT = typed(CODE) or ""
PLAIN = TEXT.replace(" ", "")

# Damm's quasigroup as Wikipedia prints it: an oracle of our own for the library's check digits
TABLE = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)

codes = st.builds(
    EnrolmentCode,
    addresses=st.ip_addresses(v=4).map(lambda address: (str(address),)),
    port=st.integers(1, 65532),
    server_key=st.just(SERVER_KEY),
    person=st.just("007"),
    role=st.just(Role.MEMBER),
    secret=st.binary(min_size=12, max_size=12),
)


def refusal(text: str) -> EnrolmentCodeError:
    with pytest.raises(EnrolmentCodeError) as refused:
        parse_typed(text)
    assert str(refused.value), "there are words for it"
    return refused.value


def checked(place: int, digits: str) -> str:
    state = 0
    for digit in f"{place % 10}{digits}":
        state = int(TABLE[state][int(digit)])
    return digits + str(state)


def spelt(number: int) -> str:
    digits = f"{number:044}"
    return "".join(checked(place + 1, digits[4 * place : 4 * place + 4]) for place in range(11))


@given(code=codes)
def test_every_code_comes_back_from_its_groups(code: EnrolmentCode) -> None:
    text = typed(code)
    assert text is not None
    assert parse_typed(text) == TypedCode(code.addresses[0], code.port, code.secret)
    assert [len(group) for group in text.split(" ")] == [GROUP_DIGITS] * GROUPS
    assert text[0] < "3" < FIRST_DIGIT, "a screen tells it from a scanned one by the first digit"


def test_the_groups_are_what_their_description_says() -> None:
    packed = ipaddress.IPv4Address("192.168.1.10").packed + (7610).to_bytes(2, "big") + bytes(range(12))
    assert spelt(int.from_bytes(packed, "big")) == PLAIN


def test_the_groups_of_a_code_never_change() -> None:
    # a printed card must be read by every later release
    assert TEXT == "16782 27279 71820 94575 57060 22978 62611 91909 66914 22012 37075"


@given(place=st.integers(0, len(PLAIN) - 1), digit=st.sampled_from("0123456789"))
def test_a_wrong_digit_names_its_group(place: int, digit: str) -> None:
    assume(digit != PLAIN[place] and (place, digit) != (0, FIRST_DIGIT))
    wrong = refusal(PLAIN[:place] + digit + PLAIN[place + 1 :])
    assert (wrong.key, wrong.values) == ("keys.typed_groups", {"places": str(place // GROUP_DIGITS + 1)})


@given(place=st.integers(0, len(PLAIN) - 2))
def test_two_neighbours_swapped_in_a_group_name_it(place: int) -> None:
    group, within = divmod(place, GROUP_DIGITS)
    assume(within < GROUP_DIGITS - 1 and PLAIN[place] != PLAIN[place + 1])
    wrong = refusal(PLAIN[:place] + PLAIN[place + 1] + PLAIN[place] + PLAIN[place + 2 :])
    assert (wrong.key, wrong.values) == ("keys.typed_groups", {"places": str(group + 1)})


@given(code=codes, first=st.integers(0, GROUPS - 1), second=st.integers(0, GROUPS - 1))
def test_two_swapped_groups_are_both_named(code: EnrolmentCode, first: int, second: int) -> None:
    groups = (typed(code) or "").split(" ")
    assume(first < second and second - first < GROUPS - 1)
    groups[first], groups[second] = groups[second], groups[first]
    assert wrong_groups(tuple(groups)) == (first + 1, second + 1)


@given(length=st.integers(0, len(PLAIN)))
def test_while_a_person_types_only_complete_groups_are_judged(length: int) -> None:
    begun = PLAIN[:length]
    groups = groups_of(begun)
    assert "".join(groups) == begun
    assert wrong_groups(groups) == ()
    if length < len(PLAIN):
        assert refusal(begun).values == {"missing": len(PLAIN) - length}


def test_a_wrong_group_is_named_before_the_rest_is_typed() -> None:
    other = "1" if PLAIN[4] == "0" else "0"
    assert refusal(PLAIN[:4] + other + PLAIN[5:7]).values == {"places": "1"}


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "-".join(TEXT.split(" ")),
        "\n".join(TEXT.split(" ")),
        "".join(chr(ord(digit) + 0xFEE0) for digit in PLAIN),
        TEXT.replace(" ", "\u3000"),
    ],
    ids=["plain", "dashes", "lines", "full width", "wide blanks"],
)
def test_how_it_was_typed_does_not_matter(text: str) -> None:
    assert parse_typed(text) == parse_typed(TEXT)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("91057" + PLAIN, "keys.typed_scanned"),
        (PLAIN + "0", "keys.typed_excess"),
        (PLAIN[:9] + "x" + PLAIN[9:], "keys.code_character"),
        ("hello", "keys.code_none"),
        ("", "keys.typed_missing"),
        (spelt(2**144), "keys.typed_nothing"),
        (spelt(5 << 112), "keys.typed_nothing"),
        (spelt(0x7F000001FFFF << 96), "keys.typed_nothing"),
    ],
    ids=["scanned", "more", "letter", "word", "nothing", "above all codes", "no port", "port too high"],
)
def test_what_is_no_typed_code_says_what_is_wrong(text: str, key: str) -> None:
    assert refusal(text).key == key


@given(text=st.one_of(st.text(max_size=80), st.text("0123456789 ", max_size=70)))
def test_any_text_is_refused_or_has_this_one_spelling(text: str) -> None:
    with suppress(EnrolmentCodeError):
        found = parse_typed(text)
        assert (
            typed(msgspec.structs.replace(CODE, addresses=(found.address,), port=found.port, secret=found.secret)) or ""
        ).replace(" ", "") == "".join(groups_of(text))


def test_a_meeting_without_an_ipv4_address_has_nothing_to_type() -> None:
    assert typed(msgspec.structs.replace(CODE, addresses=("fd00::1", "meeting.example"))) is None


def test_the_first_ipv4_address_is_the_one_typed() -> None:
    several = msgspec.structs.replace(CODE, addresses=("meeting.example", "10.0.0.7", "10.0.0.8"))
    assert parse_typed(typed(several) or "").address == "10.0.0.7"


def test_a_typed_code_never_prints_itself() -> None:
    found = parse_typed(TEXT)
    for shown in (repr(found), str(found), pretty_repr(found)):
        assert shown in {"TypedCode(...)", "TypedCode()"}


def test_an_error_never_repeats_the_code() -> None:
    wrong = refusal(PLAIN[:-1] + ("0" if PLAIN[-1] != "0" else "1"))
    assert PLAIN[:5] not in repr(wrong) + str(wrong)
