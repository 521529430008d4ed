"""The signed envelope: a command's exact bytes with one signature over them.

What is signed is DSSE's pre-authentication encoding, which ties the bytes to what they are
(https://github.com/secure-systems-lab/dsse, protocol.md). Unlike DSSE's own JSON the payload is kept as readable
text, so that an auditor reads the ledger without a decoder; it is still byte for byte what was signed.
"""

import base64

import nacl.signing

from pingyi_protocol.keys.signing import SIGNATURE_BYTES, key_id, parse_base64, verify
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wording import WordedError

PAYLOAD_TYPE = "application/vnd.pingyi.command+json"


class EnvelopeError(WordedError):
    """The envelope does not hold what the key signed; nothing in it may be used."""


class Envelope(Struct, frozen=True):
    """A signed payload: the exact UTF-8 text that was signed, the signer's key id, base64 of the 64 signature bytes."""

    payload: str
    key: str
    signature: str


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's PAE: ``DSSEv1``, then type and payload, each after its length in bytes, parted by spaces."""
    type_bytes = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(type_bytes), type_bytes, len(payload), payload)


def seal(payload: bytes, signing_key: nacl.signing.SigningKey) -> Envelope:
    """Sign ``payload`` (UTF-8 text) and return it in an envelope. Raises EnvelopeError when it is not UTF-8."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise EnvelopeError("keys.envelope_not_text") from error
    signature = signing_key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload)).signature
    return Envelope(text, key_id(bytes(signing_key.verify_key)), base64.b64encode(signature).decode("ascii"))


def verify_envelope(envelope: Envelope, public_key: bytes) -> bytes:
    """Return the payload's bytes when ``public_key`` (32 bytes, from ``parse_public_key``) signed them.

    Raises EnvelopeError when the envelope names another key, or when the signature is not the canonical base64 of 64
    bytes or does not fit.
    """
    if envelope.key != key_id(public_key):
        raise EnvelopeError("keys.envelope_other_key")
    signature = parse_base64(envelope.signature)
    if signature is None or len(signature) != SIGNATURE_BYTES:
        raise EnvelopeError("keys.envelope_malformed")
    try:
        payload = envelope.payload.encode()
    except UnicodeEncodeError as error:  # a lone surrogate is no text that anyone signed
        raise EnvelopeError("keys.envelope_not_text") from error
    if not verify(public_key, pre_authentication_encoding(PAYLOAD_TYPE, payload), signature):
        raise EnvelopeError("keys.envelope_not_signed")
    return payload
