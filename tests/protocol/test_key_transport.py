import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr
from zmq.utils import z85

from pingyi_protocol.keys.signing import MalformedKeyError, WeakKeyError
from pingyi_protocol.keys.transport import (
    generate_transport_keys,
    parse_transport_key,
    transport_key_bytes,
    transport_key_text,
)

FIELD_PRIME = 2**255 - 19
# the u-coordinates of Curve25519's points of low order, https://cr.yp.to/ecdh.html ("How do I validate ...?")
LOW_ORDER = [
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    FIELD_PRIME - 1,
]
NOT_CANONICAL = [FIELD_PRIME, FIELD_PRIME + 1, FIELD_PRIME + 9, 2**255 - 1, 2**255 + 9, 2**256 - 1]


def text_of(u: int) -> str:
    return z85.encode(u.to_bytes(32, "little")).decode()


def test_a_new_pair_belongs_together() -> None:
    keys = generate_transport_keys()
    assert zmq.curve_public(keys.secret.encode()).decode() == keys.public
    assert parse_transport_key(keys.public) == keys.public
    assert generate_transport_keys() != keys


@given(scalar=st.binary(min_size=32, max_size=32))
def test_every_public_key_that_a_secret_gives_is_taken(scalar: bytes) -> None:
    public = zmq.curve_public(z85.encode(scalar)).decode()
    assert transport_key_bytes(public) == z85.decode(public)
    assert transport_key_text(transport_key_bytes(public)) == public


@pytest.mark.parametrize("u", LOW_ORDER)
def test_a_low_order_key_is_refused(u: int) -> None:
    with pytest.raises(WeakKeyError):
        parse_transport_key(text_of(u))


@pytest.mark.parametrize("u", NOT_CANONICAL)
def test_a_second_text_of_a_key_is_refused(u: int) -> None:
    with pytest.raises(WeakKeyError):
        parse_transport_key(text_of(u))


@pytest.mark.parametrize(
    "text",
    ["", "0" * 39, "0" * 41, *("0" * 39 + other for other in " \\;~"), "#" * 40, "密" * 40, "0" * 35 + "%nSc1"],
)
def test_what_is_no_z85_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedKeyError):
        parse_transport_key(text)


def test_a_pair_never_prints_its_halves() -> None:
    keys = generate_transport_keys()
    for shown in (repr(keys), str(keys), pretty_repr(keys), f"{keys}"):
        assert shown.startswith("TransportKeys(")
        assert keys.secret not in shown
