"""The enrolment code: all that a terminal needs to join a meeting once, as text that a QR scanner types.

Text: ``PINGYI1-`` and Crockford's base32 (https://www.crockford.com/base32.html) of the bytes below, so only digits,
capitals and ``-``: a QR code's alphanumeric mode, and what a scanner delivers even under a Chinese input method.

Bytes: length of the body (1), body, first 4 bytes of SHA-256 over a domain tag, length and body. The body: port (2,
big-endian), server key (32), secret (16), role (1, its place in ``_ROLES``), person (length 1, UTF-8), number of
addresses (1), and each address as its length 4 or 16 and its bytes (IP), or as 0, length and ASCII (host name).
"""

import base64
import binascii
import hashlib
import ipaddress
import re
import unicodedata
from io import BytesIO

from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.transport import KEY_BYTES, parse_transport_key, transport_key_bytes, transport_key_text
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wording import WordedError

PREFIX = "PINGYI1-"
SECRET_BYTES = 16
# a server listens on this port and the two after it
HIGHEST_PORT = 65533
MOST_ADDRESSES = 8
MOST_PERSON_BYTES = 64

_CHECKSUM_BYTES = 4
_CHECKSUM_DOMAIN = b"pingyi enrolment code/1\n"
_SECRET_DOMAIN = b"pingyi enrolment secret/1\n"
# the order is part of the format: add at the end only
_ROLES = (Role.MEMBER, Role.CHAIR, Role.CLERK, Role.SCRUTINEER, Role.HALL)
_MOST_BODY_BYTES = 255
# well above any code with its blanks; longer text is not looked at
_MOST_CHARACTERS = 2000

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_CROCKFORD = str.maketrans(_RFC_4648, _CROCKFORD, "=")
_FROM_CROCKFORD = str.maketrans(_CROCKFORD, _RFC_4648)
_LOOK_ALIKES = str.maketrans("ILO", "110")
# the prefix as it reads once look-alikes are one, without and with its version
_FAMILY = "P1NGY1"
_FAMILY_AND_VERSION = "P1NGY11"

_HOST_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# the last label is no number: 192.168.1 and 010.0.0.1 are mistyped addresses, not names
_HOST_NAME = re.compile(rf"(?:{_HOST_LABEL}\.)*(?!\d+\Z){_HOST_LABEL}")


class EnrolmentCodeError(WordedError):
    """The code cannot be made or taken; the text says what is wrong with it. Never holds the code itself."""


class EnrolmentCode(Discreet, frozen=True):
    """One permission to enrol a device, once, as ``person`` (member number, "" for none) and ``role``.

    ``addresses`` (1-8) are IPv4 or IPv6 addresses or host names, the first preferred; ``port`` is the first of the
    server's three; ``server_key`` its CURVE public key in Z85; ``secret`` 16 random bytes that the server keeps only
    as a hash. Raises EnrolmentCodeError when a value is out of these ranges.
    """

    addresses: tuple[str, ...]
    port: int
    server_key: str
    person: str
    role: Role
    secret: bytes

    def __post_init__(self) -> None:
        """Refuse values that no code can carry."""
        if not 1 <= len(self.addresses) <= MOST_ADDRESSES:
            raise EnrolmentCodeError("keys.code_addresses", count=len(self.addresses), most=MOST_ADDRESSES)
        for address in self.addresses:
            _pack_address(address)
        if not 1 <= self.port <= HIGHEST_PORT:
            raise EnrolmentCodeError("keys.code_port", port=self.port, highest=HIGHEST_PORT)
        if len(self.secret) != SECRET_BYTES:
            raise EnrolmentCodeError("keys.code_secret", wanted=SECRET_BYTES)
        if not self.person.isprintable() or len(self.person.encode()) > MOST_PERSON_BYTES:
            raise EnrolmentCodeError("keys.code_person")
        parse_transport_key(self.server_key)


def is_address(text: str) -> bool:
    """Whether a code can carry this address: an IP address without a scope, or a host name."""
    try:
        return bool(_pack_address(text))
    except EnrolmentCodeError:
        return False


def address_room(person: str) -> int:
    """Return how many bytes a code for ``person`` has for all its addresses together."""
    return _MOST_BODY_BYTES - 2 - KEY_BYTES - SECRET_BYTES - 2 - len(person.encode()) - 1


def address_bytes(addresses: tuple[str, ...]) -> int:
    """Return how many bytes these addresses take. Raises EnrolmentCodeError for what is none."""
    return sum(len(_pack_address(address)) for address in addresses)


def encode(code: EnrolmentCode) -> str:
    """Return the text of ``code``, about 115 characters for one IPv4 address.

    IP addresses come back from ``parse`` in their shortest form. Raises EnrolmentCodeError when the host names are
    too long together (the body holds 255 bytes).
    """
    person = code.person.encode()
    body = b"".join(
        (
            code.port.to_bytes(2, "big"),
            transport_key_bytes(code.server_key),
            code.secret,
            bytes((_ROLES.index(code.role), len(person))),
            person,
            bytes((len(code.addresses),)),
            *(_pack_address(address) for address in code.addresses),
        )
    )
    if len(body) > _MOST_BODY_BYTES:
        raise EnrolmentCodeError("keys.code_too_long")
    framed = bytes((len(body),)) + body
    return PREFIX + base64.b32encode(framed + _checksum(framed)).decode("ascii").translate(_TO_CROCKFORD)


def parse(text: str) -> EnrolmentCode:
    """Return the code that ``text`` spells, as scanned or typed.

    Case, blanks, line breaks, dashes, full-width forms and the look-alikes I, L and O do not matter. Raises
    EnrolmentCodeError that tells apart: no code at all, another version, a wrong character, characters missing or
    too many, a wrong checksum.
    """
    framed = _decode(_strip_prefix(_plain(text)))
    body = framed[1 : 1 + framed[0]]
    if framed[1 + len(body) :] != _checksum(framed[: 1 + len(body)]):
        raise EnrolmentCodeError("keys.code_checksum")
    try:
        return _read_body(BytesIO(body))
    except (WordedError, ValueError, IndexError) as error:
        # the checksum fits, so the maker is at fault and not the reader
        raise EnrolmentCodeError("keys.code_content") from error


def secret_hash(secret: bytes) -> str:
    """Return what the server keeps of a secret: hex SHA-256 over a domain tag and the secret."""
    return hashlib.sha256(_SECRET_DOMAIN + secret).hexdigest()


def code_id(secret: bytes) -> str:
    """Return the name of a code in lists and logs: the first 16 hex digits of its ``secret_hash``."""
    return secret_hash(secret)[:16]


def _plain(text: str) -> str:
    if len(text) > _MOST_CHARACTERS:
        raise EnrolmentCodeError("keys.code_none")
    folded = unicodedata.normalize("NFKC", text).upper()
    # blanks, line breaks, invisible marks and every kind of dash; U+2212 is a minus sign, which is none by category
    return "".join(
        character
        for character in folded
        if unicodedata.category(character) not in {"Cc", "Cf", "Pd", "Zl", "Zp", "Zs"} and character != "\N{MINUS SIGN}"
    ).translate(_LOOK_ALIKES)


def _strip_prefix(plain: str) -> str:
    if not plain.startswith(_FAMILY):
        raise EnrolmentCodeError("keys.code_none")
    if not plain.startswith(_FAMILY_AND_VERSION):
        raise EnrolmentCodeError("keys.code_version")
    return plain.removeprefix(_FAMILY_AND_VERSION)


def _decode(digits: str) -> bytes:
    """Return length, body and checksum; the length byte has been checked against the number of digits."""
    for place, digit in enumerate(digits, start=1):
        if digit not in _CROCKFORD:
            raise EnrolmentCodeError("keys.code_character", character=digit, place=place)
    least = 2
    if len(digits) < least:
        raise EnrolmentCodeError("keys.code_missing")
    length = (_CROCKFORD.index(digits[0]) << 3) + (_CROCKFORD.index(digits[1]) >> 2)
    wanted = -(-8 * (1 + length + _CHECKSUM_BYTES) // 5)
    if len(digits) < wanted:
        raise EnrolmentCodeError("keys.code_missing")
    if len(digits) > wanted:
        raise EnrolmentCodeError("keys.code_excess")
    padded = digits.translate(_FROM_CROCKFORD) + "=" * (-len(digits) % 8)
    try:
        framed = base64.b32decode(padded)
    except binascii.Error as error:  # a number of digits that no whole number of bytes gives
        raise EnrolmentCodeError("keys.code_checksum") from error
    if base64.b32encode(framed).decode("ascii") != padded:  # the unused bits of the last digit are not zero
        raise EnrolmentCodeError("keys.code_checksum")
    return framed


def _read_body(source: BytesIO) -> EnrolmentCode:
    def take(count: int) -> bytes:
        taken = source.read(count)
        if len(taken) != count:
            raise EnrolmentCodeError("keys.code_content")
        return taken

    def take_address() -> str:
        kind = take(1)[0]
        if kind in {4, 16}:
            return str(ipaddress.ip_address(take(kind)))
        if kind == 0:
            return take(take(1)[0]).decode("ascii")
        raise EnrolmentCodeError("keys.code_content")

    port = int.from_bytes(take(2), "big")
    server_key = transport_key_text(take(KEY_BYTES))
    secret = take(SECRET_BYTES)
    role = _ROLES[take(1)[0]]
    person = take(take(1)[0]).decode()
    addresses = tuple(take_address() for _ in range(take(1)[0]))
    if source.read(1):
        raise EnrolmentCodeError("keys.code_content")
    return EnrolmentCode(addresses, port, server_key, person, role, secret)


def _pack_address(address: str) -> bytes:
    try:
        # a scope such as %eth0 means nothing on another machine
        packed = ipaddress.ip_address(address).packed if "%" not in address else b""
    except ValueError:
        packed = b""
    if packed:
        return bytes((len(packed),)) + packed
    if not _HOST_NAME.fullmatch(address) or len(address) > _MOST_BODY_BYTES:
        raise EnrolmentCodeError("keys.code_address", address=address)
    return bytes((0, len(address))) + address.encode("ascii")


def _checksum(framed: bytes) -> bytes:
    return hashlib.sha256(_CHECKSUM_DOMAIN + framed).digest()[:_CHECKSUM_BYTES]
