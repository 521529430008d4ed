"""Ed25519 signing keys and the one signature rule of server, terminals and verifier.

The rule is libsodium's strict one, reached through PyNaCl: S below the group order, R and the key in canonical
form and not of small order. At the door (enrolment, key files, records) a key must also lie on the prime-order
subgroup, so that no two verifiers can disagree about what it signed. Format: RFC 8032; keys as standard base64.
"""

import base64
import binascii
import hashlib

import nacl.bindings
import nacl.exceptions
import nacl.signing
import nacl.utils

from pingyi_protocol.wording import WordedError

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64


class MalformedKeyError(WordedError):
    """The text is not the one canonical text of a public key of its kind."""


class WeakKeyError(WordedError):
    """The bytes have the right length but are no safe public key: off the curve, low or mixed order, not canonical."""


class SigningKey(nacl.signing.SigningKey):
    """PyNaCl's signing key, made not to print its seed (PyNaCl's ``str`` is the seed itself)."""

    def __repr__(self) -> str:
        return f"SigningKey({key_id(bytes(self.verify_key))})"

    __str__ = __repr__


def generate_signing_key() -> SigningKey:
    """Return a new key from the operating system's random source."""
    return SigningKey(nacl.utils.random(nacl.bindings.crypto_sign_SEEDBYTES))


def public_text(key: nacl.signing.SigningKey) -> str:
    """Return the public half of ``key`` as the standard base64 of its 32 bytes."""
    return base64.b64encode(bytes(key.verify_key)).decode("ascii")


def parse_public_key(text: str) -> bytes:
    """Return the 32 bytes of a public key written as ``public_text`` writes it.

    Raises MalformedKeyError when it is not the canonical base64 of 32 bytes, WeakKeyError when the point is not
    canonical, not on the curve, of low order, or outside the prime-order subgroup.
    """
    public_key = parse_base64(text)
    if public_key is None or len(public_key) != PUBLIC_KEY_BYTES:
        raise MalformedKeyError("keys.malformed_public_key")
    if not nacl.bindings.crypto_core_ed25519_is_valid_point(public_key):
        raise WeakKeyError("keys.weak_public_key")
    return public_key


def parse_base64(text: str) -> bytes | None:
    """Return the bytes whose one canonical standard base64 is ``text``, or None when it is no such text."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # b64decode ignores the unused low bits of the last character, so several texts would give the same bytes
    return decoded if base64.b64encode(decoded).decode("ascii") == text else None


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether ``signature`` (64 bytes) is the strict Ed25519 signature of ``message`` under ``public_key``.

    Wrong lengths are simply not valid. Whether the key itself may be used is ``parse_public_key``'s to say.
    """
    if len(signature) != SIGNATURE_BYTES or len(public_key) != PUBLIC_KEY_BYTES:
        return False
    try:
        nacl.bindings.crypto_sign_open(signature + message, public_key)
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def key_id(public_key: bytes) -> str:
    """Return the short name of a public key: the first 16 hex digits of its SHA-256. A label, not a proof."""
    return hashlib.sha256(public_key).hexdigest()[:16]
