"""Attacks on secret records by their form, by points and keys that are none, by what was shown, and by early codes."""

import dataclasses
from base64 import b64decode
from collections.abc import Sequence

import msgspec

from kit.attacks import REPLAY, Attack, Make
from kit.attacks_secret import OPENED, SECRET_ATTACKS, leaves_of, otherwise, signed
from kit.every_kind import MOTION, SCORE
from kit.playbook import MEETING, code_of, signing_key, transport_key
from kit.records import Record
from kit.secret_attacks import WEAK_POINTS, committed, with_bytes
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from kit.secret_hall import Circle
from kit.secret_records import SECRET, SECRET_BOOK, forged, head, record_of
from kit.weak_keys import SIGNING
from kit.weak_keys import forged as signed_by_none
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import CastSecret, Command, Enrol, IssueCode, OpenPart
from pingyi_protocol.meeting.definition import TRIAL, Role
from pingyi_protocol.meeting.events import (
    DeviceEnrolled,
    KeyMessageTaken,
    OpeningBegun,
    OpeningPartTaken,
    RoundUnsealed,
    SecretBallotCast,
)
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import Step
from pingyi_protocol.secret.ceremony import Board
from pingyi_protocol.secret.messages import RevealKey, text_of
from pingyi_protocol.wire.envelope import Envelope, seal

change = msgspec.structs.replace
PEOPLE = ("M01", "M02", "M03", "M04")
SPARE = Principal("M04", Role.SCRUTINEER)


# the form of a leaf, and of what was signed


def spelled(index: int, old: bytes, new: bytes) -> Record:
    """Return the record with other bytes in a leaf, under a head over just these."""
    leaf = SECRET.leaves[index]
    assert old in leaf
    leaves = (*SECRET.leaves[:index], leaf.replace(old, new), *SECRET.leaves[index + 1 :])
    return dataclasses.replace(SECRET, leaves=leaves, notes=(head(leaves),))


def round_as_a_float() -> Record:
    """A ballot is for round 1.0."""
    return spelled(leaves_of(SecretBallotCast, "score")[0][0], b'"round":1,', b'"round":1.0,')


def round_said_twice() -> Record:
    """A ballot is for round 2, and then for round 1."""
    return spelled(leaves_of(SecretBallotCast, "score")[0][0], b'"round":1,', b'"round":2,"round":1,')


def total_of_four_hundred_digits() -> Record:
    """A total has more digits than any machine's whole numbers."""
    index, event = leaves_of(RoundUnsealed, "score")[0]
    return otherwise(index, change(event, lines=(change(event.lines[0], totals=(10**400,)),)))


def total_below_nothing() -> Record:
    """A total is negative."""
    index, event = leaves_of(RoundUnsealed, "score")[0]
    return otherwise(index, change(event, lines=(change(event.lines[0], totals=(-1,)),)))


def loose(text: str) -> str:
    """Return the base64 of the same bytes with an unused bit set."""
    end = len(text.rstrip("="))
    assert end < len(text)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = text[: end - 1] + alphabet[alphabet.index(text[end - 1]) + 1] + text[end:]
    assert b64decode(other) == b64decode(text)
    return other


def cast_anew(index: int, event: SecretBallotCast, sealed: Sequence[str]) -> Record:
    """Return the record with other texts in a ballot, signed by the member."""
    body = CastSecret(event.item, event.round, tuple(sealed))
    command = Command(MEETING, event.ballot, event.person, Role.MEMBER, "", body)
    envelope = seal(msgspec.json.encode(command), SECRET_BOOK.keys[Principal(event.person, Role.MEMBER)])
    return otherwise(index, change(event, sealed=tuple(sealed)), envelope)


def ballot_in_another_base64() -> Record:
    """A ballot says the same bytes in another spelling."""
    index, event = leaves_of(SecretBallotCast, "score")[0]
    return cast_anew(index, event, [loose(text) for text in event.sealed])


def part_in_another_base64() -> Record:
    """A scrutineer's part says the same bytes in another spelling, and is said to be good."""
    index, event = leaves_of(OpeningPartTaken, "selection")[-1]
    parts = tuple(loose(text) if text.endswith("=") else text + "=" for text in event.parts)
    body = OpenPart(event.item, event.round, parts)
    return otherwise(index, change(event, parts=parts), signed(Principal(event.person, Role.SCRUTINEER), body))


def sums_in_another_base64() -> Record:
    """The opening says its sums in another spelling."""
    index, event = leaves_of(OpeningBegun, "score")[0]
    return otherwise(index, change(event, sums=tuple(f"{text}\n" for text in event.sums)))


def command_says_a_thing_twice() -> Record:
    """What a member signed names two rounds: two readers could take it differently."""
    index, event = leaves_of(SecretBallotCast, "score")[0]
    envelope = SECRET.entry(index).envelope
    assert envelope is not None
    payload = envelope.payload.replace('"round":1,', '"round":2,"round":1,')
    assert payload != envelope.payload
    again = seal(payload.encode(), SECRET_BOOK.keys[Principal(event.person, Role.MEMBER)])
    return otherwise(index, event, again)


# points and keys that are none


def weak_point_in_a_ballot() -> Record:
    """A point of small order stands in a ballot, which is let through as valid."""
    index, event = leaves_of(SecretBallotCast, "score")[3]
    weak = bytes.fromhex(WEAK_POINTS["order 8"])
    return cast_anew(index, event, (with_bytes(event.sealed[0], 0, weak), *event.sealed[1:]))


def weak_point_in_a_sum() -> Record:
    """A point of small order stands in what is opened."""
    index, event = leaves_of(OpeningBegun, "score")[0]
    weak = bytes.fromhex(WEAK_POINTS["order 2"])
    return otherwise(index, change(event, sums=(with_bytes(event.sums[0], 0, weak), *event.sums[1:])))


def weak_point_revealed() -> Record:
    """A scrutineer has committed to a point of small order, and reveals it."""
    book = SecretBook(secret_hall(secretly(MOTION))).check_in(*PEOPLE).begin_ceremony(*OPENERS)
    board = book.meeting.ceremony
    assert board is not None
    principals = {index: Principal(OPENERS[index - 1], Role.SCRUTINEER) for index in board.ceremony.indices}
    keys = {index: book.keys[one] for index, one in principals.items()}
    dealers = {index: book.dealers[one.person] for index, one in principals.items()}
    made = Circle(board.ceremony, keys, dealers, Board(board.ceremony), [])

    def weak(reveal: RevealKey) -> RevealKey:
        return change(reveal, points=(text_of(bytes.fromhex(WEAK_POINTS["order 8"])), *reveal.points[1:]))

    dishonest = committed(made, 2, weak)
    for message in (*made.sent, made.dealers[1].reveal):
        book.say(principals[message.index], message)
    envelope = seal(msgspec.json.encode(book.command(principals[2], dishonest)), keys[2])
    return appended(book, envelope, KeyMessageTaken(OPENERS[1], board.ceremony.attempt, dishonest))


def member_key_of_small_order() -> Record:
    """A member's device has a key of small order, with which anybody signs."""
    index, event = next(one for one in leaves_of(DeviceEnrolled) if one[1].person == "M05")
    envelope = SECRET.entry(index).envelope
    assert envelope is not None
    command = msgspec.json.decode(envelope.payload, type=Command)
    assert isinstance(command.body, Enrol)
    weak = SIGNING["order 8"]
    shown = signed_by_none(change(command, body=change(command.body, signing_key=weak)), weak)
    return otherwise(index, change(event, signing_key=weak), shown)


# codes for scrutineers that were there before the first round


def early_code(*, counted: bool) -> SecretBook:
    """A scrutineer's code is out when a round begins: a trial one, or also an open one that counts."""
    book = SecretBook(secret_hall(SCORE, secretly(MOTION))).check_in(*PEOPLE)
    book.clerk(IssueCode(*SPARE, code_of("spare"))).open(TRIAL.id).close()
    return book.open("score") if counted else book


def taken_early(book: SecretBook) -> tuple[Envelope, DeviceEnrolled]:
    """Return what takes that code, though the chair has not signed it."""
    key = signing_key("spare")
    body = Enrol(code_of("spare"), public_text(key), transport_key("spare"), pinned=False)
    event = DeviceEnrolled(*SPARE, body.code, body.signing_key, body.transport_key, body.pinned)
    return seal(msgspec.json.encode(book.command(SPARE, body)), key), event


def code_taken_after_the_first_round() -> Record:
    """With the first round that counts the code waits for the chair, who has not signed it."""
    book = early_code(counted=True)
    return appended(book, *taken_early(book))


def code_taken_after_the_trial() -> Record:
    """The trial counts nothing, so the code does not wait: this record is good."""
    book = early_code(counted=False)
    envelope, event = taken_early(book)
    return record_of([*(encode_entry(entry) for entry in book.entries), leaf_behind(book, envelope, event)])


def leaf_behind(book: SecretBook, envelope: Envelope, event: DeviceEnrolled | KeyMessageTaken) -> bytes:
    """Return one more leaf of a book."""
    return encode_entry(Entry(len(book.entries), book.at, book.entries[-1].time, envelope, event))


def appended(book: SecretBook, envelope: Envelope, event: DeviceEnrolled | KeyMessageTaken) -> Record:
    """Return the record of a book with one leaf more that the rules do not bear out."""
    good = record_of([encode_entry(entry) for entry in book.entries])
    return forged(good, (*good.leaves, leaf_behind(book, envelope, event)))


# what was shown


def two_heads_shown() -> Record:
    """Scrutineers were shown a head of as many leaves over a record without a ballot."""
    index, _ = leaves_of(SecretBallotCast, "score")[3]
    other = (*SECRET.leaves[:index], *SECRET.leaves[index + 1 :], SECRET.leaves[index])
    return dataclasses.replace(SECRET, notes=(head(other), *SECRET.notes))


def rolled_back_head() -> Record:
    """The record ends before the last part: its newest head covers more than there is."""
    size = len(SECRET.leaves) - 1
    shorter = record_of(SECRET.leaves[:size])
    return dataclasses.replace(shorter, notes=(*shorter.notes, *SECRET.notes))


def named(*made: tuple[Make, tuple[Step, ...]]) -> dict[str, Attack]:
    return {f"secret-{make.__name__.replace('_', '-')}": Attack(make, fails) for make, fails in made}


LEAVES = (Step.LEAVES,)
FORM_ATTACKS = named(
    (round_as_a_float, LEAVES),
    (round_said_twice, LEAVES),
    (total_of_four_hundred_digits, OPENED),
    (total_below_nothing, OPENED),
    (ballot_in_another_base64, REPLAY),
    (part_in_another_base64, REPLAY),
    (sums_in_another_base64, REPLAY),
    (command_says_a_thing_twice, REPLAY),
    (weak_point_in_a_ballot, OPENED),
    (weak_point_in_a_sum, REPLAY),
    (weak_point_revealed, REPLAY),
    (member_key_of_small_order, REPLAY),
    (code_taken_after_the_first_round, REPLAY),
)
"""What is wrong in a leaf."""

SHOWN_ATTACKS = named(
    (two_heads_shown, (Step.HEADS,)),
    (rolled_back_head, (Step.HEADS,)),
)
"""What is wrong beside the leaves."""

ALL_SECRET_ATTACKS = SECRET_ATTACKS | FORM_ATTACKS | SHOWN_ATTACKS
