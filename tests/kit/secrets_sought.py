"""What must not be found in bytes that others see, in every form in which it could stand there."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from itertools import product

LEAST = 6
"""Bytes below which random data holds nearly anything."""

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def forms(secret: str | bytes) -> Iterator[bytes]:
    """Every way to write it down: encodings, escapes, hex, Base64 at any offset, decimal."""
    plain = [secret] if isinstance(secret, bytes) else [secret.encode(encoding) for encoding in ENCODINGS]
    for one in plain:
        yield one
        yield one[::-1]
        texts = [one.hex(), one.hex().upper(), str(int.from_bytes(one, "big"))]
        for encode, lead in product((b64encode, urlsafe_b64encode), range(3)):
            # what stands before and behind it changes the letters at both ends
            texts.append(encode(bytes(lead) + one).decode()[2 * lead : -4])
        yield from (text.encode() for text in texts)
    if isinstance(secret, str):
        yield secret.encode("unicode_escape")


def sought(named: Iterable[tuple[str, str | bytes]]) -> dict[bytes, str]:
    """Every form of these that is long enough to mean something, and what it is."""
    return {form: name for name, secret in named for form in forms(secret) if len(form) >= LEAST}


def found_in(data: bytes, wanted: dict[bytes, str]) -> set[str]:
    """Which of them stand in there."""
    return {name for form, name in wanted.items() if form in data}
