"""Checkpoints and cosignatures: published notes, round trips, and every byte of a note counts.

Published vectors used here, facts of public logs and specifications:
- the verifier key and signed note of https://c2sp.org/signed-note ("Example");
- the signing key and note of golang.org/x/mod/sumdb/note (``ExampleSign``);
- a Sigsum log's head from the witness tests of github.com/FiloSottile/torchwood (``litewitness.txt``), its key there
  given in hexadecimal;
- a head of the Certificate Transparency log arche2025h1.staging.ct.transparency.dev with a cosignature of the witness
  remora.n621.de, by the keys that both publish.
"""

from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from kit.words import said
from pingyi_protocol.record.checkpoint import (
    Checkpoint,
    CheckpointError,
    SignatureType,
    VerifierKey,
    cosign,
    fingerprint,
    parse_note_body,
    parse_vkey,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.tracking import tracking_code

SERVER = SigningKey(sha256(b"server").digest())
WITNESS = SigningKey(sha256(b"witness").digest())
SERVER_KEY = bytes(SERVER.verify_key)
WITNESS_KEY = bytes(WITNESS.verify_key)
HEAD = Checkpoint("pingyi.example/2025-appraisal", 4711, sha256(b"root").digest())
NOTE = sign_checkpoint(HEAD, SERVER, "pingyi.example/server")
COSIGNATURE = cosign(HEAD.note_body, WITNESS, "pingyi.example/seat/3-07", 1_763_900_000)

SIGSUM_ORIGIN = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
SIGSUM_NOTE = f"""{SIGSUM_ORIGIN}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {SIGSUM_ORIGIN} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
"""
ARCHE_KEY = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REMORA_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
ARCHE_BODY = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=
"""
ARCHE_LINE = (
    "— arche2025h1.staging.ct.transparency.dev "
    "ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
)
REMORA_LINE = (
    "— remora.n621.de "
    "2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
)

names = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P"]).filter(lambda character: character != "+"), min_size=1
)
heads = st.builds(Checkpoint, names, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
keys = st.binary(min_size=32, max_size=32).map(SigningKey)


def test_the_note_of_the_c2sp_specification_verifies() -> None:
    key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = (
        "— example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    key.verify(b"This is an example message.\n", key.signature_of(line, 64))
    assert key == VerifierKey("example.com/foo", SignatureType.NOTE, key.public_key)


def test_the_note_of_the_go_library_is_signed_the_same() -> None:
    seed = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    signing_key = SigningKey(seed)
    key = VerifierKey("PeterNeumann", SignatureType.NOTE, bytes(signing_key.verify_key))
    text = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    assert key.to_vkey() == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert key.signature_line(signing_key.sign(text).signature) == (
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )


def test_a_head_of_a_sigsum_log_verifies() -> None:
    head = verify_checkpoint(SIGSUM_NOTE, SIGSUM_KEY, SIGSUM_ORIGIN)
    assert head == Checkpoint(SIGSUM_ORIGIN, 1, b"\x2a" + bytes(31))


def test_a_head_of_a_certificate_log_and_its_witness_verify() -> None:
    log, witness = parse_vkey(ARCHE_KEY), parse_vkey(REMORA_KEY)
    head = verify_checkpoint(f"{ARCHE_BODY}\n{ARCHE_LINE}", log.public_key, log.name)
    assert (head.origin, head.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)
    assert witness.type is SignatureType.COSIGNATURE
    assert verify_cosignature(head.note_body, REMORA_LINE, witness.public_key, witness.name) == 1779573024
    assert (log.to_vkey(), witness.to_vkey()) == (ARCHE_KEY, REMORA_KEY)


def test_the_example_of_the_specification_is_what_the_code_writes() -> None:
    specification = (Path(__file__).parents[2] / "protocol" / "SPEC.md").read_text(encoding="utf-8")
    log = MerkleLog(map(leaf_hash, (b"a", b"b", b"c")))
    server, witness = SigningKey(bytes(range(32))), SigningKey(bytes(range(32, 64)))
    origin, seat = "pingyi.example/m1", "pingyi.example/m1/seat/001"
    head = Checkpoint(origin, log.size, log.root())
    written = [
        *(leaf_hash(leaf).hex() for leaf in (b"a", b"b", b"c")),
        log.root().hex(),
        fingerprint(head),
        VerifierKey(origin, SignatureType.NOTE, bytes(server.verify_key)).to_vkey(),
        VerifierKey(seat, SignatureType.COSIGNATURE, bytes(witness.verify_key)).to_vkey(),
        sign_checkpoint(head, server, origin) + cosign(head.note_body, witness, seat, 1_763_900_000),
        tracking_code(leaf_hash(b"a")),
    ]
    assert [text for text in written if text not in specification] == []


@given(heads, keys, names)
def test_what_is_signed_verifies_and_comes_back(head: Checkpoint, key: SigningKey, name: str) -> None:
    note = sign_checkpoint(head, key, name)
    assert verify_checkpoint(note, bytes(key.verify_key), name) == head
    assert parse_note_body(head.note_body) == head


@given(heads, keys, names, st.integers(0, 2**63 - 1))
def test_what_is_cosigned_verifies_and_tells_its_time(
    head: Checkpoint, key: SigningKey, name: str, timestamp: int
) -> None:
    line = cosign(head.note_body, key, name, timestamp)
    assert verify_cosignature(head.note_body, line, bytes(key.verify_key), name) == timestamp


@given(names, st.sampled_from(SignatureType), st.binary(min_size=32, max_size=32))
def test_a_verifier_key_comes_back_from_its_text(name: str, kind: SignatureType, public_key: bytes) -> None:
    key = VerifierKey(name, kind, public_key)
    assert parse_vkey(key.to_vkey()) == key


def test_a_bit_flipped_anywhere_in_a_note_is_noticed() -> None:
    for altered in flipped(NOTE):
        with pytest.raises(CheckpointError):
            verify_checkpoint(altered, SERVER_KEY, "pingyi.example/server")


def test_a_bit_flipped_anywhere_in_a_cosignature_or_its_body_is_noticed() -> None:
    for altered in flipped(COSIGNATURE):
        with pytest.raises(CheckpointError):
            verify_cosignature(HEAD.note_body, altered, WITNESS_KEY, "pingyi.example/seat/3-07")
    for altered in flipped(HEAD.note_body):
        with pytest.raises(CheckpointError):
            verify_cosignature(altered, COSIGNATURE, WITNESS_KEY, "pingyi.example/seat/3-07")


def test_a_bit_flipped_anywhere_in_a_verifier_key_is_noticed() -> None:
    text = VerifierKey("seat", SignatureType.COSIGNATURE, WITNESS_KEY).to_vkey()
    for altered in flipped(text):
        with pytest.raises(CheckpointError):
            parse_vkey(altered)


def flipped(text: str) -> list[str]:
    """Every text that differs in one bit and still is UTF-8."""
    data = text.encode()
    changed = [
        (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big").decode("utf-8", "ignore")
        for bit in range(8 * len(data))
    ]
    assert len(set(changed)) > 4 * len(data)
    return changed


ROOT_LINE = HEAD.note_body.split("\n")[2]


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("checkpoint.lines", ""),
        ("checkpoint.lines", HEAD.note_body.removesuffix("\n")),
        ("checkpoint.lines", HEAD.note_body + "\n"),
        ("checkpoint.lines", HEAD.note_body + "extension\n"),
        ("checkpoint.lines", HEAD.note_body.replace("\n", "\r")),
        ("checkpoint.name", f"\n4711\n{ROOT_LINE}\n"),
        ("checkpoint.name", f"two words\n4711\n{ROOT_LINE}\n"),
        ("checkpoint.name", f"pin\u202egyi\n4711\n{ROOT_LINE}\n"),
        ("checkpoint.name", f"pingyi\r\n4711\n{ROOT_LINE}\n"),
        ("checkpoint.name", f"pingyi\ud800\n4711\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n04711\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n+4711\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n-1\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n4_711\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n４７１１\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n{2**63}\n{ROOT_LINE}\n"),
        ("checkpoint.size", f"pingyi\n{'9' * 5000}\n{ROOT_LINE}\n"),
        ("checkpoint.base64", f"pingyi\n4711\n{ROOT_LINE.rstrip('=')}\n"),
        ("checkpoint.base64", f"pingyi\n4711\n{ROOT_LINE} \n"),
        ("checkpoint.base64", f"pingyi\n4711\n{ROOT_LINE[:-2]}{chr(ord(ROOT_LINE[-2]) + 1)}=\n"),
        ("checkpoint.base64", f"pingyi\n4711\né{ROOT_LINE[1:]}\n"),
        ("checkpoint.root", "pingyi\n4711\n\n"),
        ("checkpoint.root", f"pingyi\n4711\n{b64encode(bytes(33)).decode()}\n"),
    ],
)
def test_a_body_written_otherwise_is_refused_and_the_reason_said(key: str, body: str) -> None:
    with pytest.raises(CheckpointError) as error:
        parse_note_body(body)
    assert error.value.key == key
    assert all(text.isprintable() for text in said(error.value))


SERVER_VERIFIER = VerifierKey("pingyi.example/server", SignatureType.NOTE, SERVER_KEY)


@pytest.mark.parametrize(
    ("key", "note"),
    [
        ("checkpoint.unsigned", HEAD.note_body),
        ("checkpoint.other_signer", HEAD.note_body + "\n"),
        ("checkpoint.other_signer", NOTE.removesuffix("\n")),
        ("checkpoint.base64", NOTE + "\n"),
        ("checkpoint.base64", NOTE + COSIGNATURE),
        ("checkpoint.base64", NOTE.replace("— pingyi.example/server ", "— pingyi.example/server  ")),
        ("checkpoint.other_signer", NOTE.replace("— ", "- ")),
        ("checkpoint.other_signer", sign_checkpoint(HEAD, SERVER, "pingyi.example/other")),
        ("checkpoint.other_key", sign_checkpoint(HEAD, WITNESS, "pingyi.example/server")),
        ("checkpoint.bad_signature", NOTE.replace("4711", "4712")),
        ("checkpoint.signature_length", f"{HEAD.note_body}\n{SERVER_VERIFIER.signature_line(bytes(63))}"),
        ("checkpoint.bad_signature", f"{HEAD.note_body}\n{SERVER_VERIFIER.signature_line(bytes(64))}"),
    ],
)
def test_a_note_signed_otherwise_is_refused_and_the_reason_said(key: str, note: str) -> None:
    with pytest.raises(CheckpointError) as error:
        verify_checkpoint(note, SERVER_KEY, "pingyi.example/server")
    assert error.value.key == key
    assert all(text.isprintable() for text in said(error.value))


def test_a_cosignature_is_no_checkpoint_signature_and_the_other_way_round() -> None:
    """One key under one name signs both kinds, and neither passes for the other."""
    name = "pingyi.example/server"
    with pytest.raises(CheckpointError, match="is by another key"):
        verify_checkpoint(f"{HEAD.note_body}\n{cosign(HEAD.note_body, SERVER, name, 1)}", SERVER_KEY, name)
    with pytest.raises(CheckpointError, match="is by another key"):
        verify_cosignature(HEAD.note_body, NOTE.split("\n\n")[1], SERVER_KEY, name)


def test_a_key_that_verifies_everything_is_refused() -> None:
    """The neutral element as key, and as R with S = 0, satisfies the equation for every message."""
    neutral = b"\x01" + bytes(31)
    key = VerifierKey("pingyi.example/server", SignatureType.NOTE, neutral)
    note = f"{HEAD.note_body}\n{key.signature_line(neutral + bytes(32))}"
    with pytest.raises(CheckpointError, match="does not match"):
        verify_checkpoint(note, neutral, "pingyi.example/server")


def test_a_good_cosignature_of_something_else_is_refused() -> None:
    key = VerifierKey("seat", SignatureType.COSIGNATURE, WITNESS_KEY)
    signature = WITNESS.sign(b"cosignature/v1\ntime 1\npay the bearer\n").signature
    with pytest.raises(CheckpointError, match="three lines"):
        verify_cosignature("pay the bearer\n", key.signature_line(bytes(7) + b"\x01" + signature), WITNESS_KEY, "seat")


def test_only_checkpoints_are_cosigned_and_only_at_times_that_fit() -> None:
    with pytest.raises(CheckpointError, match="three lines"):
        cosign("pay the bearer\n", WITNESS, "seat", 1)
    for timestamp in (-1, 2**63):
        with pytest.raises(CheckpointError, match="time") as error:
            cosign(HEAD.note_body, WITNESS, "seat", timestamp)
        assert all(said(error.value))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("checkpoint.base64", "seat+00000000+AQ"),
        ("checkpoint.key_type", "seat"),
        ("checkpoint.key_type", "seat+00000000+" + b64encode(b"\x02" + SERVER_KEY).decode()),
        ("checkpoint.key_length", "seat+00000000+" + b64encode(b"\x01" + SERVER_KEY + b"\x00").decode()),
        ("checkpoint.name", "a seat+00000000+" + b64encode(b"\x01" + SERVER_KEY).decode()),
        ("checkpoint.key_id", "seat+00000000+" + b64encode(b"\x01" + SERVER_KEY).decode()),
        ("checkpoint.key_id", ARCHE_KEY.replace("ba2f06c0", "BA2F06C0")),
    ],
)
def test_a_verifier_key_written_otherwise_is_refused_and_the_reason_said(key: str, text: str) -> None:
    with pytest.raises(CheckpointError) as error:
        parse_vkey(text)
    assert error.value.key == key
    assert all(text.isprintable() for text in said(error.value))


def test_the_fingerprint_is_eighty_bits_of_the_bodys_hash() -> None:
    """Checked against the integer value of the code, digit by digit."""
    code = fingerprint(HEAD)
    value = 0
    for character in code.replace("-", ""):
        value = value * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    assert value.to_bytes(10, "big") == sha256(HEAD.note_body.encode()).digest()[:10]
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
