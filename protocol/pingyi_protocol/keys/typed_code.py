"""The part of an enrolment code that people type where nothing scans: address, port and secret, in checked groups.

The number: IPv4 address (4 bytes), port (2) and secret (12), big-endian, as 44 decimal digits; so the first digit is 0,
1 or 2, which no scanned code begins with. Text: 11 groups of 5 digits, each 4 digits of the number and a check digit:
Damm's (https://en.wikipedia.org/wiki/Damm_algorithm) over the last digit of the group's place (1-11) and the 4. It
finds every wrong digit, every two neighbours swapped in a group, and every two groups swapped, except the first with
the last, whose places share a last digit.

Neither the server's key nor the member fits: the server tells both (``client.enrolment``), and whoever types compares
the fingerprint of that key with the one on the card before the secret's hash or the secret goes anywhere.
"""

import ipaddress

from stdnum import damm

from pingyi_protocol.keys.digits import EnrolmentCodeError, digits_of
from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.enrolment_code import FIRST_DIGIT, HIGHEST_PORT, SECRET_BYTES, EnrolmentCode

GROUPS = 11
GROUP_DIGITS = 5
"""Digits of a group, its check digit last."""

_ADDRESS_BYTES, _PORT_BYTES = 4, 2
_NUMBER_BYTES = _ADDRESS_BYTES + _PORT_BYTES + SECRET_BYTES
_NUMBER_DIGITS = GROUPS * (GROUP_DIGITS - 1)


class TypedCode(Discreet, frozen=True):
    """Where a server is (IPv4 ``address``, first ``port`` of its four) and the 12 bytes of a code's ``secret``.

    Raises EnrolmentCodeError when the port is none that a server can have.
    """

    address: str
    port: int
    secret: bytes

    def __post_init__(self) -> None:
        """Refuse a port beyond those that leave room for the server's four."""
        if not 1 <= self.port <= HIGHEST_PORT:
            raise EnrolmentCodeError("keys.code_port", port=self.port, highest=HIGHEST_PORT)


def typed(code: EnrolmentCode) -> str | None:
    """Return the groups that stand for ``code``, with blanks between; None where it has no IPv4 address."""
    address = typed_address(code)
    if address is None:
        return None
    packed = ipaddress.IPv4Address(address).packed + code.port.to_bytes(_PORT_BYTES, "big") + code.secret
    number = f"{int.from_bytes(packed, 'big'):0{_NUMBER_DIGITS}}"
    step = GROUP_DIGITS - 1
    parts = [number[start : start + step] for start in range(0, _NUMBER_DIGITS, step)]
    return " ".join(part + damm.calc_check_digit(f"{place % 10}{part}") for place, part in enumerate(parts, start=1))


def typed_address(code: EnrolmentCode) -> str | None:
    """Return the address that is typed, the first IPv4 one of ``code``; None where it has none."""
    return next(filter(_is_ipv4, code.addresses), None)


def groups_of(text: str) -> tuple[str, ...]:
    """Return the digits in ``text`` in groups, the last perhaps not complete. EnrolmentCodeError as ``digits_of``."""
    digits = digits_of(text)
    return tuple(digits[start : start + GROUP_DIGITS] for start in range(0, len(digits), GROUP_DIGITS))


def wrong_groups(groups: tuple[str, ...]) -> tuple[int, ...]:
    """Return the places (from 1) of the complete groups whose check digit does not fit."""
    return tuple(
        place
        for place, group in enumerate(groups, start=1)
        if len(group) == GROUP_DIGITS and not damm.is_valid(f"{place % 10}{group}")
    )


def parse_typed(text: str) -> TypedCode:
    """Return what ``text`` spells; blanks, line breaks, dashes and full-width forms do not matter.

    Raises EnrolmentCodeError that tells apart: a scanned code, a wrong character, wrong groups (with their places, also
    before all are there), digits missing or too many, and digits that fit and mean nothing.
    """
    groups = groups_of(text)
    digits = "".join(groups)
    if digits.startswith(FIRST_DIGIT):
        raise EnrolmentCodeError("keys.typed_scanned")
    wrong = wrong_groups(groups[:GROUPS])
    if wrong:
        raise EnrolmentCodeError("keys.typed_groups", places=", ".join(map(str, wrong)))
    missing = GROUPS * GROUP_DIGITS - len(digits)
    if missing > 0:
        raise EnrolmentCodeError("keys.typed_missing", missing=missing)
    if missing < 0:
        raise EnrolmentCodeError("keys.typed_excess", groups=GROUPS)
    number = int("".join(group[:-1] for group in groups))
    if number.bit_length() > 8 * _NUMBER_BYTES:
        raise EnrolmentCodeError("keys.typed_nothing")
    packed = number.to_bytes(_NUMBER_BYTES, "big")
    address, rest = packed[:_ADDRESS_BYTES], packed[_ADDRESS_BYTES:]
    port = int.from_bytes(rest[:_PORT_BYTES], "big")
    if not 1 <= port <= HIGHEST_PORT:
        raise EnrolmentCodeError("keys.typed_nothing")
    return TypedCode(str(ipaddress.IPv4Address(address)), port, rest[_PORT_BYTES:])


def _is_ipv4(address: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(address).packed)
    except ValueError:
        return False
