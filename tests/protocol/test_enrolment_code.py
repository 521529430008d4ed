import hashlib
import os

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.pretty import pretty_repr
from zmq.utils import z85

from pingyi_protocol.keys.digits import EnrolmentCodeError
from pingyi_protocol.keys.enrolment_code import (
    SECRET_BYTES,
    EnrolmentCode,
    code_id,
    encode,
    parse,
    secret_hash,
)
from pingyi_protocol.keys.qr import qr_matrix
from pingyi_protocol.keys.signing import WeakKeyError
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.definition import Role

SERVER_KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
SECRET = bytes(range(12))
CODE = EnrolmentCode(("192.168.1.10",), 7610, SERVER_KEY, "007", Role.MEMBER, SECRET)
TEXT = encode(CODE)
HEADER = "91057"
DIGITS = "0123456789"

host_names = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?(\.[a-z]{2,5})?", fullmatch=True)
addresses = st.one_of(st.ip_addresses().map(str), host_names)
codes = st.builds(
    EnrolmentCode,
    addresses=st.lists(addresses, min_size=1, max_size=5).map(tuple),
    port=st.integers(1, 65532),
    server_key=st.builds(generate_transport_keys).map(lambda keys: keys.public),
    person=st.text(st.characters(categories=["L", "N"]), max_size=12),
    role=st.sampled_from(Role),
    secret=st.binary(min_size=12, max_size=12),
)


def refusal(text: str) -> str:
    with pytest.raises(EnrolmentCodeError) as refused:
        parse(text)
    assert str(refused.value), "there are words for it"
    return refused.value.key


@given(code=codes)
def test_every_code_comes_back_from_its_text(code: EnrolmentCode) -> None:
    text = encode(code)
    assert parse(text) == code
    assert set(text) <= set(DIGITS), "a scanner types it under any input method"


def test_the_text_of_a_code_never_changes() -> None:
    # a printed card must be read by every later release of the same version
    assert TEXT == (
        "91057092802901679990696994241696575110361513268600617059771773473543897991364225"
        "194344445362015315572252869370167104688279764187914125871814141812175389"
    )


def test_a_secret_has_the_96_bits_that_nobody_guesses() -> None:
    assert 8 * SECRET_BYTES >= 96


def test_a_code_fits_a_small_qr_code() -> None:
    # version 4 has 33 modules a side
    assert len(qr_matrix(TEXT)) == 33


@given(place=st.integers(0, len(TEXT) - 1), other=st.sampled_from(DIGITS))
def test_one_wrong_digit_is_noticed(place: int, other: str) -> None:
    assume(other != TEXT[place])
    kinds = {"keys.code_checksum"}
    if place < len(HEADER):
        kinds |= {"keys.code_none", "keys.code_version", "keys.code_missing", "keys.code_excess"}
    assert refusal(TEXT[:place] + other + TEXT[place + 1 :]) in kinds


@given(place=st.integers(len(HEADER), len(TEXT) - 2))
def test_two_swapped_digits_are_noticed(place: int) -> None:
    assume(TEXT[place] != TEXT[place + 1])
    swapped = TEXT[:place] + TEXT[place + 1] + TEXT[place] + TEXT[place + 2 :]
    assert refusal(swapped) == "keys.code_checksum"


@given(length=st.integers(1, len(TEXT) - 1))
def test_a_code_cut_short_says_that_its_end_is_missing(length: int) -> None:
    assert refusal(TEXT[:length]) == "keys.code_missing"


def test_a_code_scanned_twice_says_that_it_is_too_long() -> None:
    assert refusal(TEXT + TEXT) == "keys.code_excess"


def test_a_character_that_no_code_holds_is_named_with_its_place() -> None:
    with pytest.raises(EnrolmentCodeError) as refused:
        parse(TEXT[:12] + " U" + TEXT[13:])
    assert refused.value.key == "keys.code_character"
    assert refused.value.values == {"character": "U", "place": 13}


def test_a_character_that_a_screen_would_choke_on_is_named_by_its_number() -> None:
    with pytest.raises(EnrolmentCodeError) as refused:
        parse(TEXT[:12] + "\udc80" + TEXT[13:])
    assert refused.value.values == {"character": "U+DC80", "place": 13}


@pytest.mark.parametrize("text", ["", "hello", "19216", TEXT[1:], "评议", "A" * 100_000, "PINGYI1-7MEVMN"])
def test_what_is_no_code_says_so(text: str) -> None:
    assert refusal(text) == "keys.code_none"


def test_a_code_of_a_later_version_says_so() -> None:
    assert refusal("92" + TEXT.removeprefix("91")) == "keys.code_version"


def test_no_digits_of_another_script_are_taken() -> None:
    # such a text would mean one thing to whoever compares it and another to a parser
    assert refusal(TEXT[:9] + "\N{ARABIC-INDIC DIGIT FIVE}" + TEXT[10:]) == "keys.code_character"


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    "typed",
    [
        full_width(TEXT),
        "\n".join(TEXT[i : i + 20] for i in range(0, len(TEXT), 20)),
        "\u3000 ".join(TEXT[i : i + 4] for i in range(0, len(TEXT), 4)),
        "-".join(TEXT[i : i + 5] for i in range(0, len(TEXT), 5)),
        "——".join((TEXT[:5], TEXT[5:])),
        "\N{MINUS SIGN}".join((TEXT[:5], TEXT[5:])),
        "\x1b" + TEXT + "\x1b",
        "\ufeff" + TEXT + "\r\n\t",
    ],
    ids=["full width", "lines", "blanks", "groups", "dash", "minus", "escapes", "marks"],
)
def test_how_it_was_typed_does_not_matter(typed: str) -> None:
    assert parse(typed) == CODE


@given(text=st.text(max_size=300))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    with pytest.raises(EnrolmentCodeError):
        parse(text)


def text_of_body(body: bytes) -> str:
    """Spell a body as the format says, by another way of counting than the product's."""
    check = hashlib.sha256(b"pingyi enrolment code/1\n" + bytes((len(body),)) + body).digest()[:4]
    number, width = int.from_bytes(body + check, "big"), 0
    while 10**width < 256 ** (len(body) + 4):
        width += 1
    return f"91{len(body):03}" + str(number).rjust(width, "0")


BODY = b"".join((b"\x1d\xba", z85.decode(SERVER_KEY), SECRET, b"\x00", b"\x03007", b"\x01", b"\x04\xc0\xa8\x01\x0a"))


def test_the_format_is_what_its_description_says() -> None:
    assert text_of_body(BODY) == TEXT


@given(body=st.binary(max_size=255))
def test_a_code_with_a_good_checksum_and_a_senseless_body_is_refused(body: bytes) -> None:
    assert refusal(text_of_body(body)) == "keys.code_content"


@pytest.mark.parametrize(
    "body",
    [
        BODY + b"\x00",
        BODY[:-1],
        BODY.replace(b"\x00\x03007", b"\x05\x03007"),
        BODY.replace(b"\x03007", b"\x03\xff\xff\xff"),
        BODY.replace(b"\x01\x04\xc0", b"\x01\x05\xc0"),
        BODY.replace(b"\x1d\xba", b"\x00\x00"),
        BODY.replace(z85.decode(SERVER_KEY), bytes(32)),
    ],
    ids=["more", "less", "no such role", "no text", "no such address", "no port", "weak key"],
)
def test_a_body_that_says_something_else_is_refused(body: bytes) -> None:
    assert refusal(text_of_body(body)) == "keys.code_content"


def test_a_number_beyond_its_bytes_is_refused() -> None:
    assert refusal(TEXT[:5] + "9" * (len(TEXT) - 5)) == "keys.code_checksum"


def test_a_length_beyond_any_body_is_refused() -> None:
    assert refusal("91999") == "keys.code_checksum"


def test_text_far_too_long_is_not_looked_at() -> None:
    assert refusal(TEXT + " " * 5000) == "keys.code_none"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"addresses": ()}, "keys.code_addresses"),
        ({"addresses": ("10.0.0.1",) * 9}, "keys.code_addresses"),
        ({"addresses": ("",)}, "keys.code_address"),
        ({"addresses": ("192.168.1",)}, "keys.code_address"),
        ({"addresses": ("010.0.0.1",)}, "keys.code_address"),
        ({"addresses": ("fe80::1%eth0",)}, "keys.code_address"),
        ({"addresses": ("host name",)}, "keys.code_address"),
        ({"addresses": ("tcp://10.0.0.1",)}, "keys.code_address"),
        ({"addresses": ("会议.中国",)}, "keys.code_address"),
        ({"addresses": ("a" * 64,)}, "keys.code_address"),
        ({"port": 0}, "keys.code_port"),
        ({"port": 65533}, "keys.code_port"),
        ({"secret": bytes(11)}, "keys.code_secret"),
        ({"secret": bytes(13)}, "keys.code_secret"),
        ({"person": "7\u202e"}, "keys.code_person"),
        ({"person": "7\n"}, "keys.code_person"),
        ({"person": "员" * 22}, "keys.code_person"),
    ],
)
def test_values_that_no_code_can_carry_are_refused(change: dict[str, object], key: str) -> None:
    with pytest.raises(EnrolmentCodeError) as refused:
        msgspec.structs.replace(CODE, **change)
    assert refused.value.key == key
    assert str(refused.value)


def test_a_weak_server_key_goes_into_no_code() -> None:
    with pytest.raises(WeakKeyError):
        msgspec.structs.replace(CODE, server_key="0" * 40)


def test_host_names_that_are_too_long_together_are_refused() -> None:
    long_name = ".".join(["a" * 60] * 3)
    with pytest.raises(EnrolmentCodeError) as refused:
        encode(msgspec.structs.replace(CODE, addresses=(long_name, long_name)))
    assert refused.value.key == "keys.code_too_long"


def test_an_address_comes_back_in_its_shortest_form() -> None:
    code = msgspec.structs.replace(CODE, addresses=("FD00:0:0::0001", "MEETING-server_1"))
    assert parse(encode(code)).addresses == ("fd00::1", "MEETING-server_1")


def test_what_the_server_keeps_tells_nothing_else() -> None:
    assert secret_hash(SECRET) == hashlib.sha256(b"pingyi enrolment secret/1\n" + SECRET).hexdigest()
    assert code_id(SECRET) == secret_hash(SECRET)[:16]
    assert secret_hash(os.urandom(12)) != secret_hash(SECRET)


def test_an_error_never_repeats_the_code() -> None:
    damaged = TEXT[:-1] + ("0" if TEXT[-1] != "0" else "4")
    with pytest.raises(EnrolmentCodeError) as refused:
        parse(damaged)
    assert damaged[20:30] not in repr(refused.value) + str(refused.value)


def test_a_code_never_prints_itself() -> None:
    for shown in (repr(CODE), str(CODE), pretty_repr(CODE)):
        assert shown.startswith("EnrolmentCode(")
        assert "007" not in shown
        assert repr(SECRET) not in shown
