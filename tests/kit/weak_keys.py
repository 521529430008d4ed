"""Public keys that must never be enrolled, as an attacker would show them: bytes, and the signature that fits them."""

from base64 import b64encode
from hashlib import sha256

import msgspec
from nacl.bindings import crypto_core_ed25519_add
from zmq.utils import z85

from pingyi_protocol.keys.signing import generate_signing_key, key_id
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.wire.envelope import Envelope

FIELD_PRIME = 2**255 - 19
ORDER_EIGHT = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")


def point(number: int) -> bytes:
    """Return 32 bytes, little-endian."""
    return number.to_bytes(32, "little")


def mixed_order() -> bytes:
    """Return an honest key plus a point of order 8: two verifiers can disagree about what it signed."""
    return crypto_core_ed25519_add(bytes(generate_signing_key().verify_key), ORDER_EIGHT)


SIGNING = {
    "the neutral element": b64encode(point(1)).decode(),
    "order 2": b64encode(point(FIELD_PRIME - 1)).decode(),
    "order 4": b64encode(point(0)).decode(),
    "order 8": b64encode(ORDER_EIGHT).decode(),
    "mixed order": b64encode(mixed_order()).decode(),
    "not canonical": b64encode(point(FIELD_PRIME + 1)).decode(),
    "off the curve": b64encode(point(2)).decode(),
    "31 bytes": b64encode(bytes(31)).decode(),
    "none": "",
}
"""Signing keys in base64."""

# u-coordinates of Curve25519, https://cr.yp.to/ecdh.html ("How do I validate ...?")
TRANSPORT = {
    "zero": z85.encode(point(0)).decode(),
    "order 4": z85.encode(point(1)).decode(),
    "order 8": z85.encode(
        point(39382357235489614581723060781553021112529911719440698176882885853963445705823)
    ).decode(),
    "not canonical": z85.encode(point(FIELD_PRIME + 9)).decode(),
    "with the unused bit": z85.encode(point(2**255 + 9)).decode(),
    "39 characters": "0" * 39,
    "none": "",
}
"""Transport keys in Z85."""


def forged(command: Command, shown: str) -> Envelope:
    """Return an envelope that a lax verifier takes for signed by a key of low order: R the neutral element, S zero."""
    payload = msgspec.json.encode(command).decode()
    return Envelope(payload, key_id(sha256(shown.encode()).digest()), b64encode(point(1) + bytes(32)).decode())
