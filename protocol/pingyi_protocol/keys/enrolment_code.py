"""The enrolment code: all that a terminal needs to join a meeting once, as digits that a QR scanner types.

Digits alone: a scanner types into whatever input method is on, where letters begin a composition and digits then pick
from its candidates; a QR code's numeric mode is also its densest.

Text: ``9``, the version ``1``, the length of the body in bytes as 3 digits, and body and checksum together as one
number (big-endian), as many digits as the largest number of that many bytes has. The checksum: first 4 bytes of
SHA-256 over a domain tag, the length (1) and the body. The body: port (2, big-endian), server key (32), secret (12),
role (1, its place in ``_ROLES``), person (length 1, UTF-8), number of addresses (1), and each address as its length 4
or 16 and its bytes (IP), or as 0, length and ASCII (host name). What people type by hand is ``typed_code``.
"""

import hashlib
import ipaddress
import re
from io import BytesIO

from pingyi_protocol.keys.digits import EnrolmentCodeError, digits_of
from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.transport import KEY_BYTES, parse_transport_key, transport_key_bytes, transport_key_text
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wording import WordedError

FIRST_DIGIT = "9"
"""What a scanned code begins with, and no typed one."""

SECRET_BYTES = 12
# a server listens on this port and the three after it
HIGHEST_PORT = 65532
MOST_ADDRESSES = 8
MOST_PERSON_BYTES = 64

_CHECKSUM_BYTES = 4
_CHECKSUM_DOMAIN = b"pingyi enrolment code/1\n"
_SECRET_DOMAIN = b"pingyi enrolment secret/1\n"
# the order is part of the format: add at the end only
_ROLES = (Role.MEMBER, Role.CHAIR, Role.CLERK, Role.SCRUTINEER, Role.HALL)
_MOST_BODY_BYTES = 255
_BEGINNING = FIRST_DIGIT + "1"
_LENGTH_DIGITS = 3

_HOST_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# the last label is no number: 192.168.1 and 010.0.0.1 are mistyped addresses, not names
_HOST_NAME = re.compile(rf"(?:{_HOST_LABEL}\.)*(?!\d+\Z){_HOST_LABEL}")


class EnrolmentCode(Discreet, frozen=True):
    """One permission to enrol a device, once, as ``person`` (member number, "" for none) and ``role``.

    ``addresses`` (1-8) are IPv4 or IPv6 addresses or host names, the first preferred; ``port`` is the first of the
    server's four; ``server_key`` its CURVE public key in Z85; ``secret`` 12 random bytes (96 bits), of which the server
    keeps only a hash. Raises EnrolmentCodeError when a value is out of these ranges.
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
    """Return the text of ``code``, about 150 digits for one IPv4 address.

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
    number = int.from_bytes(body + _checksum(body), "big")
    return f"{_BEGINNING}{len(body):0{_LENGTH_DIGITS}}{number:0{_digits_for(len(body))}}"


def parse(text: str) -> EnrolmentCode:
    """Return the code that ``text`` spells, as scanned or pasted.

    Blanks, line breaks, dashes and full-width forms do not matter. Raises EnrolmentCodeError that tells apart: no code
    at all, another version, a wrong character, digits missing or too many, a wrong checksum.
    """
    digits = digits_of(text)
    if not digits.startswith(FIRST_DIGIT):
        raise EnrolmentCodeError("keys.code_none")
    if not _BEGINNING.startswith(digits[: len(_BEGINNING)]):
        raise EnrolmentCodeError("keys.code_version")
    body = _body(digits.removeprefix(_BEGINNING))
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


def _body(digits: str) -> bytes:
    """Return the body that these digits spell, length first; its checksum fits."""
    length = int(digits[:_LENGTH_DIGITS]) if len(digits) >= _LENGTH_DIGITS else _MOST_BODY_BYTES
    if length > _MOST_BODY_BYTES:
        raise EnrolmentCodeError("keys.code_checksum")
    wanted = _LENGTH_DIGITS + _digits_for(length)
    if len(digits) < wanted:
        raise EnrolmentCodeError("keys.code_missing")
    if len(digits) > wanted:
        raise EnrolmentCodeError("keys.code_excess")
    number, size = int(digits[_LENGTH_DIGITS:]), length + _CHECKSUM_BYTES
    if number.bit_length() > 8 * size:
        raise EnrolmentCodeError("keys.code_checksum")
    framed = number.to_bytes(size, "big")
    if framed[length:] != _checksum(framed[:length]):
        raise EnrolmentCodeError("keys.code_checksum")
    return framed[:length]


def _digits_for(length: int) -> int:
    """Return how many digits a body of this many bytes takes with its checksum."""
    return len(str(256 ** (length + _CHECKSUM_BYTES) - 1))


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


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(_CHECKSUM_DOMAIN + bytes((len(body),)) + body).digest()[:_CHECKSUM_BYTES]
