"""Short codes that people read aloud, photograph and type: Crockford base32 in groups of four.

The alphabet is that of https://www.crockford.com/base32.html, without check symbol: no I, L, O or U.
"""

import re
import string
import unicodedata
from base64 import b32encode

from pingyi_protocol.record import RecordError

TRACKING_CHARACTERS = 12
FINGERPRINT_CHARACTERS = 16
_GROUP = 4
_RFC_4648 = string.ascii_uppercase + "234567"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_CROCKFORD = str.maketrans(_RFC_4648, _CROCKFORD)
_LOOK_ALIKE = str.maketrans("OIL", "011")
# White space, full stops and underscores, the hyphens and dashes of input methods, and the minus sign.
_SEPARATORS = re.compile(r"[\s._\-\u2010-\u2015\u2212]")


class TrackingCodeError(RecordError):
    """What was typed is no tracking code or fingerprint."""


def short_code(data: bytes, characters: int) -> str:
    """Return the first ``5 * characters`` bits of ``data`` in groups of four, such as ``7K2M-Q9XD``.

    ``data`` holds at least as many bits.
    """
    text = b32encode(data).decode("ascii").translate(_TO_CROCKFORD)
    return _in_groups(text[:characters])


def tracking_code(leaf_hash: bytes) -> str:
    """Return the code of a leaf: the first 60 bits of its hash, such as ``7K2M-Q9XD-4TRB``."""
    return short_code(leaf_hash, TRACKING_CHARACTERS)


def parse_tracking_code(text: str) -> str:
    """Return the code that a person typed, as ``tracking_code`` writes it.

    Taken as meant: full-width forms, lower case, O for 0, I and L for 1; spaces, dashes, full stops and underscores
    anywhere.
    TrackingCodeError names the character that no code has, or the wrong length.
    """
    return _typed(text, TRACKING_CHARACTERS)


def parse_fingerprint(text: str) -> str:
    """Return the fingerprint that a person typed, read as a tracking code is; TrackingCodeError likewise."""
    return _typed(text, FINGERPRINT_CHARACTERS)


def _typed(text: str, characters: int) -> str:
    typed = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    for character in typed:
        if not (character.isascii() and character.upper().translate(_LOOK_ALIKE) in _CROCKFORD):
            raise TrackingCodeError("tracking.character", character=repr(character))
    if len(typed) != characters:
        raise TrackingCodeError("tracking.length", found=len(typed), wanted=characters)
    return _in_groups(typed.upper().translate(_LOOK_ALIKE))


def _in_groups(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
