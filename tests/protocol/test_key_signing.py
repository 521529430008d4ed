import base64
import json
from pathlib import Path

import nacl.bindings
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.keys.signing import (
    MalformedKeyError,
    SigningKey,
    WeakKeyError,
    generate_signing_key,
    key_id,
    parse_public_key,
    public_text,
    verify,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "wycheproof_ed25519.json").read_text(encoding="utf-8"))

FIELD_PRIME = 2**255 - 19
# the y-coordinates of the eight points of small order (RFC 7748's curve in Edwards form)
ORDER_EIGHT_Y = int.from_bytes(
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
)
LOW_ORDER = {
    "the neutral element": 1,
    "order 2": FIELD_PRIME - 1,
    "order 4": 0,
    "order 8": ORDER_EIGHT_Y,
}
NOT_CANONICAL = {
    "the prime itself, which is zero": FIELD_PRIME,
    "one more than the prime, which is one": FIELD_PRIME + 1,
    "zero of x with a sign": 1 + 2**255,
}

seeds = st.binary(min_size=32, max_size=32)


def text_of(point: int | bytes) -> str:
    return base64.b64encode(point if isinstance(point, bytes) else point.to_bytes(32, "little")).decode()


def vectors() -> list[object]:
    return [
        pytest.param(group["publicKey"]["pk"], test, id=f"{test['tcId']}-{test['result']}")
        for group in VECTORS["testGroups"]
        for test in group["tests"]
    ]


def test_every_wycheproof_vector_is_there() -> None:
    assert len(vectors()) == VECTORS["numberOfTests"] == 151


@pytest.mark.parametrize(("public_key", "vector"), vectors())
def test_a_wycheproof_vector_is_judged_as_published(public_key: str, vector: dict[str, str]) -> None:
    judged = verify(bytes.fromhex(public_key), bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"]))
    assert judged is (vector["result"] == "valid")


@given(seed=seeds, message=st.binary(max_size=200))
def test_a_good_signature_is_good_for_another_library_too(seed: bytes, message: bytes) -> None:
    key = SigningKey(seed)
    public_key = parse_public_key(public_text(key))
    signature = key.sign(message).signature
    assert verify(public_key, message, signature)
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)


@given(seed=seeds, message=st.binary(min_size=1, max_size=60), data=st.data())
def test_one_flipped_bit_anywhere_spoils_a_signature(seed: bytes, message: bytes, data: st.DataObject) -> None:
    key = SigningKey(seed)
    parts = [bytes(key.verify_key), message, key.sign(message).signature]
    which = data.draw(st.integers(0, 2))
    bit = data.draw(st.integers(0, 8 * len(parts[which]) - 1))
    flipped = int.from_bytes(parts[which], "little") ^ (1 << bit)
    parts[which] = flipped.to_bytes(len(parts[which]), "little")
    assert not verify(parts[0], parts[1], parts[2])


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_not_valid(length: int) -> None:
    key = generate_signing_key()
    assert not verify(bytes(key.verify_key), b"text", bytes(length))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_verifies_nothing(length: int) -> None:
    key = generate_signing_key()
    assert not verify(bytes(length), b"text", key.sign(b"text").signature)


def test_a_low_order_key_that_verifies_anything_elsewhere_verifies_nothing_here() -> None:
    neutral = (1).to_bytes(32, "little")
    forged = neutral + bytes(32)
    Ed25519PublicKey.from_public_bytes(neutral).verify(forged, b"any text at all")
    assert not verify(neutral, b"any text at all", forged)


@pytest.mark.parametrize("point", LOW_ORDER.values(), ids=LOW_ORDER)
def test_a_low_order_key_is_refused(point: int) -> None:
    with pytest.raises(WeakKeyError):
        parse_public_key(text_of(point))


@pytest.mark.parametrize("point", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_a_key_that_is_not_canonical_is_refused(point: int) -> None:
    with pytest.raises(WeakKeyError):
        parse_public_key(text_of(point))


def test_a_key_of_mixed_order_is_refused_although_it_is_on_the_curve() -> None:
    honest = bytes(generate_signing_key().verify_key)
    torsion = ORDER_EIGHT_Y.to_bytes(32, "little")
    mixed = nacl.bindings.crypto_core_ed25519_add(honest, torsion)
    assert nacl.bindings.crypto_core_ed25519_sub(mixed, torsion) == honest
    with pytest.raises(WeakKeyError):
        parse_public_key(text_of(mixed))


def test_a_point_off_the_curve_is_refused() -> None:
    with pytest.raises(WeakKeyError):
        parse_public_key(text_of(2))


def test_only_the_canonical_text_of_a_key_is_taken() -> None:
    text = public_text(SigningKey(bytes(31) + b"\x01"))
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    same_bytes = text[:-2] + last[last.index(text[-2]) + 1] + "="
    assert base64.b64decode(same_bytes) == base64.b64decode(text)
    for other in (same_bytes, text.rstrip("="), text + "\n", " " + text, text[:-4], "", "密" * 44, text + text):
        with pytest.raises(MalformedKeyError):
            parse_public_key(other)


def test_a_signing_key_never_prints_its_seed() -> None:
    key = SigningKey(b"0123456789abcdef0123456789abcdef")
    for shown in (repr(key), str(key), f"{key}"):
        assert "0123456789" not in shown
        assert key_id(bytes(key.verify_key)) in shown


def test_the_key_id_is_the_start_of_its_sha256() -> None:
    # SHA-256 of 32 zero bytes, a published value
    assert key_id(bytes(32)) == "66687aadf862bd77"
