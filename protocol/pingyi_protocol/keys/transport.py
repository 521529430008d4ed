"""CURVE key pairs, which encrypt and authenticate each connection (CurveZMQ, ZeroMQ RFC 26), as Z85 (RFC 32).

The verifier reads them too and opens no connection: so they are made and read without ZeroMQ.
"""

import base64
import hashlib

import nacl.bindings
import nacl.exceptions

from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.signing import MalformedKeyError, WeakKeyError
from pingyi_protocol.record.tracking import FINGERPRINT_CHARACTERS, short_code

KEY_CHARACTERS = 40
KEY_BYTES = 32
# Z85 is the same base 85 as RFC 1924's, which the standard library has, in another alphabet
_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_RFC_1924 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_TO_Z85 = str.maketrans(_RFC_1924, _Z85)
_FROM_Z85 = dict(zip(_Z85, _RFC_1924, strict=True))
# the prime of Curve25519's field: a u-coordinate is canonical below it (RFC 7748)
_FIELD_PRIME = 2**255 - 19


class TransportKeys(Discreet, frozen=True):
    """A CURVE pair, each half 40 characters of Z85. ``secret`` never leaves the machine that made it."""

    public: str
    secret: str


def generate_transport_keys() -> TransportKeys:
    """Return a new pair from the operating system's random source."""
    public, secret = nacl.bindings.crypto_box_keypair()
    return TransportKeys(_encode(public), _encode(secret))


def parse_transport_key(text: str) -> str:
    """Return ``text`` when it is a safe CURVE public key in Z85.

    Raises MalformedKeyError when it is not 40 Z85 characters for 32 bytes, WeakKeyError when the point is zero, of
    low order (every shared secret with it would be known to all) or not canonical (one key with two texts).
    """
    public_key = _decode(text)
    if public_key is None:
        raise MalformedKeyError("keys.malformed_transport_key")
    if int.from_bytes(public_key, "little") >= _FIELD_PRIME or not _yields_a_secret(public_key):
        raise WeakKeyError("keys.weak_transport_key")
    return text


def transport_key_bytes(text: str) -> bytes:
    """Return the 32 bytes of a CURVE public key in Z85, checked as ``parse_transport_key`` does."""
    return _bytes_of(parse_transport_key(text))


def transport_key_text(public_key: bytes) -> str:
    """Return 32 bytes as 40 characters of Z85, checked as ``parse_transport_key`` does."""
    return parse_transport_key(_encode(public_key))


def transport_fingerprint(public: str) -> str:
    """Return the short code of a public key that people compare: 80 bits of the SHA-256 of its Z85 text."""
    return short_code(hashlib.sha256(public.encode()).digest(), FINGERPRINT_CHARACTERS)


def _decode(text: str) -> bytes | None:
    if len(text) != KEY_CHARACTERS:
        return None
    try:
        return _bytes_of(text)
    except (ValueError, KeyError):  # five digits above 32 bits, not in the alphabet
        return None


def _bytes_of(text: str) -> bytes:
    return base64.b85decode("".join(_FROM_Z85[character] for character in text))


def _encode(key: bytes) -> str:
    return base64.b85encode(key).decode("ascii").translate(_TO_Z85)


def _yields_a_secret(public_key: bytes) -> bool:
    # libsodium refuses a point whose product is zero; a clamped scalar is a multiple of 8, so any one finds low order
    try:
        nacl.bindings.crypto_scalarmult(bytes(KEY_BYTES), public_key)
    except nacl.exceptions.RuntimeError:
        return False
    return True
