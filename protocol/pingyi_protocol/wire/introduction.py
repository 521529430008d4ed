"""How a server tells its key to somebody who typed a code: one line on a plain TCP connection, then its end.

The line: ``pingyi-server-key/1``, a blank, the CURVE public key in Z85 (40 characters), a line feed. Nothing vouches
for it but the person who compares the key's fingerprint with the card.
"""

from pingyi_protocol.keys.transport import KEY_CHARACTERS, parse_transport_key
from pingyi_protocol.wire.messages import WireError

_BEGINNING = b"pingyi-server-key/1 "
LINE_BYTES = len(_BEGINNING) + KEY_CHARACTERS + 1


def introduction(server_key: str) -> bytes:
    """Return the line by which a server with this key (Z85) introduces itself."""
    return _BEGINNING + server_key.encode() + b"\n"


def introduced_key(line: bytes) -> str:
    """Return the key in such a line; WireError when it is none, or the key is not safe to talk to."""
    try:
        key = parse_transport_key(line.removeprefix(_BEGINNING).removesuffix(b"\n").decode("ascii"))
    except ValueError as fault:  # no ASCII, no key, a weak one
        raise WireError("no key in the introduction") from fault
    if introduction(key) != line:
        raise WireError("the introduction is not written as it must be")
    return key
