"""Tracking codes: sixty bits of the leaf hash, and what people make of them with a keyboard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.words import said
from pingyi_protocol.record.tracking import TrackingCodeError, parse_tracking_code, tracking_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
leaf_hashes = st.binary(min_size=32, max_size=32)


@given(leaf_hashes)
def test_a_code_is_the_first_sixty_bits_of_the_leaf_hash(leaf: bytes) -> None:
    value = 0
    for character in tracking_code(leaf).replace("-", ""):
        value = value * 32 + ALPHABET.index(character)
    assert value == int.from_bytes(leaf, "big") >> (256 - 60)


def test_codes_look_as_they_always_did() -> None:
    assert tracking_code(bytes(32)) == "0000-0000-0000"
    assert tracking_code(bytes.fromhex("0123456789abcdef") + bytes(24)) == "04HM-ASW9-NF6Y"
    assert tracking_code(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ"


def look_alike(character: str) -> st.SearchStrategy[str]:
    also = {"0": "Oo", "1": "IiLl"}.get(character, "")
    narrow = character + character.lower() + also
    return st.sampled_from(narrow + "".join(chr(ord(each) + 0xFEE0) for each in narrow))


@given(leaf_hashes, st.data())
def test_what_people_type_for_a_code_is_understood(leaf: bytes, data: st.DataObject) -> None:
    code = tracking_code(leaf)
    separators = st.text(" -–—－−　\t\n", max_size=2)
    typed = "".join(
        data.draw(separators) + data.draw(look_alike(character)) for character in code.replace("-", "")
    ) + data.draw(separators)
    assert parse_tracking_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "tracking.length"),
        ("7K2M-Q9XD-4TR", "tracking.length"),
        ("7K2M-Q9XD-4TRB-0", "tracking.length"),
        ("7K2M-Q9XD-4TRU", "tracking.character"),
        ("7K2M-Q9XD-4TR*", "tracking.character"),
        ("7K2M-Q9XD-4TR评", "tracking.character"),
        ("7K2M-Q9XD-4TRı", "tracking.character"),
        ("7K2M-Q9XD-4TR\x1b", "tracking.character"),
        ("7K2M-Q9XD-4TR\x00", "tracking.character"),
    ],
)
def test_what_is_no_code_is_refused_and_said_in_both_languages(typed: str, key: str) -> None:
    with pytest.raises(TrackingCodeError) as error:
        parse_tracking_code(typed)
    assert error.value.key == key
    assert all(text.isprintable() for text in said(error.value))
