"""What stands on a card, whom cards are for, and in what order they come: by seat, as they are laid out in the hall."""

import re
from collections.abc import Iterable
from typing import Any

from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode
from pingyi_protocol.keys.qr import qr_svg
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_protocol.keys.typed_code import typed, typed_address
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.text import catalogue

ROLES = (Role.MEMBER, Role.CHAIR, Role.SCRUTINEER)
"""The roles of the roster that take a card, in the order in which one person's lie; the clerk's device is there."""

COMMAND_OF = {Role.MEMBER: "seat"}
"""The command that takes a code, where it is not called like the role."""

LONGEST_WORD = 16
WORDS_OF_THE_CARD = ("title", "scan_only", "type_these", "server_key", "address", "once")

_LETTERS = r"[!-~\u00a0-\u1fff]"
_LONG_WORD = re.compile(rf"({_LETTERS}{{{LONGEST_WORD}}})(?={_LETTERS})")
_SOFT_BREAK = "\N{ZERO WIDTH SPACE}"


def everybody(meeting: Meeting, definition: Definition) -> list[Principal]:
    """Return all who may have a card, in the order of the cards."""
    people = [Principal(one.number, role) for one in definition.roster for role in ROLES if role in one.roles]
    return in_order(meeting, [*people, HALL])


def in_order(meeting: Meeting, principals: Iterable[Principal]) -> list[Principal]:
    """Sort by seat, those without one behind them, the hall last; one person's in the order of the roles."""

    def place(one: Principal) -> tuple[bool, bool, tuple[int, ...], str, int]:
        seat = meeting.seat_of(one.person)
        numbers = tuple(int(part) for part in seat.split("-")) if seat else ()
        return (one == HALL, not seat, numbers, one.person, ROLES.index(one.role) if one.role in ROLES else len(ROLES))

    return sorted(principals, key=place)


def has_device(meeting: Meeting, principal: Principal) -> bool:
    """Whether a device speaks for somebody now."""
    device = meeting.sessions.get(principal)
    return device is not None and not meeting.devices[device].revoked


def card_data(meeting: Meeting, codes: Iterable[EnrolmentCode], language: Language) -> dict[str, Any]:
    """Return what the template takes for the cards of ``codes``: texts, and pictures of QR codes."""
    words = catalogue("pingyi_server", language)
    return {
        "words": {name: words(f"cards.{name}") for name in WORDS_OF_THE_CARD},
        "language": language.value,
        "cards": [card(meeting, code, language) for code in codes],
    }


def card(meeting: Meeting, code: EnrolmentCode, language: Language) -> dict[str, Any]:
    """Return what stands on one card, and, as ``file``, what its picture is called after."""
    words, definition = catalogue("pingyi_server", language), meeting.definition
    if definition is None:
        raise ValueError("a meeting that was not loaded has no cards")
    person = definition.person(code.person)
    seat = meeting.seat_of(code.person)
    place = [words("cards.seat", seat=seat)] if seat else []
    place += [words("cards.number", number=code.person)] if person else []
    groups = typed(code)
    name = person.name if person else words("cards.hall")
    facts = definition.meeting
    meeting_line = f"{facts.name} {facts.session} {facts.date}"
    if facts.simulated:
        meeting_line = words("cards.simulated", meeting=meeting_line)
    return {
        "file": (seat, code.person if person else "", code.role.value),
        "meeting": soft(meeting_line),
        "meeting_pieces": pieces(meeting_line),
        "name": soft(name),
        "name_pieces": pieces(name),
        "role": catalogue("pingyi_protocol", language)(f"role.{code.role}"),
        "member": code.role is Role.MEMBER,
        "place": " · ".join(place),
        "qr": qr_svg(encode(code)),
        "groups": groups.split(" ") if groups else None,
        "fingerprint": transport_fingerprint(code.server_key),
        "address": words("cards.at", address=typed_address(code) or code.addresses[0], port=code.port),
        "use": words("cards.use", command=COMMAND_OF.get(code.role, code.role)),
    }


def soft(text: str) -> str:
    """Let a word that is too long for a line break. Chinese breaks anywhere."""
    return _LONG_WORD.sub(rf"\1{_SOFT_BREAK}", text)


def pieces(text: str) -> list[str]:
    """Return what stays on one line of a text: the template sees to it that the widest fits."""
    return re.split(rf"[\s{_SOFT_BREAK}\u2e80-\uffef]+", soft(text))


def texts(data: dict[str, Any]) -> Iterable[str]:
    """Give every text that stands on these cards."""
    yield from data["words"].values()
    for one in data["cards"]:
        yield from (one[name] for name in ("meeting", "name", "role", "place", "address", "use"))
