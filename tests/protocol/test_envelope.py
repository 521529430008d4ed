import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.keys.signing import SigningKey, generate_signing_key, key_id
from pingyi_protocol.wire.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    EnvelopeError,
    pre_authentication_encoding,
    seal,
    verify_envelope,
)

KEY = SigningKey(bytes(range(32)))
PUBLIC_KEY = bytes(KEY.verify_key)
# a JSON document may hold any text, so payloads may too, except lone surrogates, which UTF-8 has none of
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def test_the_encoding_is_that_of_the_dsse_document() -> None:
    # protocol.md of DSSE, "Test Vectors"
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_of_bytes_and_not_of_characters() -> None:
    assert pre_authentication_encoding("评", "议".encode()) == "DSSEv1 3 评 3 议".encode()


@given(one=st.tuples(texts, st.binary(max_size=50)), other=st.tuples(texts, st.binary(max_size=50)))
def test_different_contents_are_never_encoded_alike(one: tuple[str, bytes], other: tuple[str, bytes]) -> None:
    same = pre_authentication_encoding(*one) == pre_authentication_encoding(*other)
    assert same is (one == other)


def test_a_sealed_envelope_is_what_it_always_was() -> None:
    # Ed25519 is deterministic: a change of this value is a change of the format
    assert seal(b'{"a":1}', KEY) == Envelope(
        payload='{"a":1}',
        key="56475aa75463474c",
        signature="VPgPib4B8yRO9tO4cxfLG8VtzASC8ObQH4kMGULj0d83MiXrpVmwszZ95aLGsXIpv8ASFsDXtczLSgOCLxT7AQ==",
    )


@given(text=texts, seed=st.binary(min_size=32, max_size=32))
def test_what_was_sealed_comes_back_through_json(text: str, seed: bytes) -> None:
    key = SigningKey(seed)
    sent = msgspec.json.encode(seal(text.encode(), key))
    received = msgspec.json.decode(sent, type=Envelope)
    assert msgspec.json.encode(received) == sent
    assert verify_envelope(received, bytes(key.verify_key)) == text.encode()


@given(text=texts, other=texts)
def test_another_payload_is_refused(text: str, other: str) -> None:
    envelope = msgspec.structs.replace(seal(text.encode(), KEY), payload=other + "!" + text)
    with pytest.raises(EnvelopeError) as refused:
        verify_envelope(envelope, PUBLIC_KEY)
    assert refused.value.key == "keys.envelope_not_signed"


@given(bit=st.integers(0, 511))
def test_a_flipped_bit_in_the_signature_is_refused(bit: int) -> None:
    envelope = seal(b"text", KEY)
    flipped = int.from_bytes(base64.b64decode(envelope.signature), "big") ^ (1 << bit)
    tampered = msgspec.structs.replace(envelope, signature=base64.b64encode(flipped.to_bytes(64, "big")).decode())
    with pytest.raises(EnvelopeError):
        verify_envelope(tampered, PUBLIC_KEY)


def test_another_key_is_refused_whatever_the_envelope_calls_it() -> None:
    stranger = generate_signing_key()
    envelope = seal(b"text", stranger)
    with pytest.raises(EnvelopeError) as refused:
        verify_envelope(envelope, PUBLIC_KEY)
    assert refused.value.key == "keys.envelope_other_key"
    with pytest.raises(EnvelopeError) as relabelled:
        verify_envelope(msgspec.structs.replace(envelope, key=key_id(PUBLIC_KEY)), PUBLIC_KEY)
    assert relabelled.value.key == "keys.envelope_not_signed"


@pytest.mark.parametrize("name", ["", "~"], ids=["before", "behind"])
def test_a_good_signature_under_another_name_of_the_key_is_refused(name: str) -> None:
    """Names of keys are equal or not: that one comes before the other in the alphabet says nothing."""
    key = generate_signing_key()
    renamed = msgspec.structs.replace(seal(b"text", key), key=name)
    with pytest.raises(EnvelopeError) as refused:
        verify_envelope(renamed, bytes(key.verify_key))
    assert refused.value.key == "keys.envelope_other_key"


def test_a_wrong_label_is_refused_although_the_signature_fits() -> None:
    with pytest.raises(EnvelopeError):
        verify_envelope(msgspec.structs.replace(seal(b"text", KEY), key="0" * 16), PUBLIC_KEY)


def test_a_signature_over_the_bare_payload_is_refused() -> None:
    bare = base64.b64encode(KEY.sign(b"text").signature).decode()
    with pytest.raises(EnvelopeError):
        verify_envelope(Envelope("text", key_id(PUBLIC_KEY), bare), PUBLIC_KEY)


def test_a_signature_for_another_payload_type_is_refused() -> None:
    encoded = pre_authentication_encoding(PAYLOAD_TYPE + ";other", b"text")
    signature = base64.b64encode(KEY.sign(encoded).signature).decode()
    with pytest.raises(EnvelopeError):
        verify_envelope(Envelope("text", key_id(PUBLIC_KEY), signature), PUBLIC_KEY)


def test_only_one_spelling_of_a_signature_is_taken() -> None:
    envelope = seal(b"text", KEY)
    text = envelope.signature
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    respelled = text[:-3] + alphabet[alphabet.index(text[-3]) + 1] + "=="
    assert base64.b64decode(respelled) == base64.b64decode(text)
    for other in (respelled, text[:-2], text + "\n", text[:-4], "", "签" * 88):
        with pytest.raises(EnvelopeError) as refused:
            verify_envelope(msgspec.structs.replace(envelope, signature=other), PUBLIC_KEY)
        assert refused.value.key == "keys.envelope_malformed"


def test_bytes_that_are_no_text_are_not_sealed() -> None:
    with pytest.raises(EnvelopeError):
        seal(b"\xff\xfe", KEY)


def test_a_lone_surrogate_is_refused_without_a_crash() -> None:
    with pytest.raises(EnvelopeError):
        verify_envelope(msgspec.structs.replace(seal(b"text", KEY), payload="\ud800"), PUBLIC_KEY)
