"""Attacks by scrutineers on the key, through the rules of a meeting: each is refused, and no key is made of it."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from kit.every_kind import MOTION
from kit.secret_attacks import WEAK_POINTS, cancelling, committed, longer, signed
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from kit.secret_hall import Circle
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.secret.ceremony import Board
from pingyi_protocol.secret.group import ORDER
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, Message, RevealKey, text_of

change = msgspec.structs.replace
Mend = Callable[[Circle, RevealKey], RevealKey]
ROGUE = 2


def begun() -> tuple[SecretBook, Circle]:
    """A ceremony that has begun, and its scrutineers' own parts for whoever of them is dishonest."""
    book = SecretBook(secret_hall(secretly(MOTION))).begin_ceremony(*OPENERS)
    board = book.meeting.ceremony
    assert board is not None
    keys = {index: book.keys[scrutineer(index)] for index in board.ceremony.indices}
    dealers = {index: book.dealers[OPENERS[index - 1]] for index in board.ceremony.indices}
    return book, Circle(board.ceremony, keys, dealers, Board(board.ceremony), [])


def scrutineer(index: int) -> Principal:
    return Principal(OPENERS[index - 1], Role.SCRUTINEER)


def said(book: SecretBook, messages: list[Message]) -> None:
    """Let each scrutineer say what is theirs."""
    for message in messages:
        book.say(scrutineer(message.index), message)


def copied_possession(made: Circle, reveal: RevealKey) -> RevealKey:
    """The first one's point and its proof, as if they were the rogue's own."""
    first = made.dealers[1].reveal
    return change(reveal, points=(first.points[0], *reveal.points[1:]), proof=first.proof)


def weak_point(_made: Circle, reveal: RevealKey) -> RevealKey:
    return change(reveal, points=(text_of(bytes.fromhex(WEAK_POINTS["order 8"])), *reveal.points[1:]))


@pytest.mark.parametrize(
    "mend",
    [cancelling, copied_possession, longer, weak_point],
    ids=["rogue_key", "copied_possession", "threshold_raised_by_one_more_commitment", "small_order_point"],
)
def test_a_dishonest_revelation_is_refused_though_it_was_committed_to(mend: Mend) -> None:
    book, made = begun()
    dishonest = committed(made, ROGUE, lambda reveal: mend(made, reveal))
    said(book, made.sent)
    book.say(scrutineer(1), made.dealers[1].reveal)
    book.say(scrutineer(ROGUE), dishonest).refused(Reason.KEY_MESSAGE_REFUSED)
    assert book.meeting.key is None
    assert book.meeting.ceremony is not None
    assert ROGUE in book.meeting.ceremony.missing
    book.followed()


def test_nobody_reveals_another_point_than_was_committed_to() -> None:
    book, made = begun()
    for index in made.ceremony.indices:
        made.accept(made.respond(index))
    said(book, made.sent)
    changed = signed(made, change(made.dealers[ROGUE].reveal, points=made.dealers[1].reveal.points))
    book.say(scrutineer(ROGUE), changed).refused(Reason.KEY_MESSAGE_REFUSED)


@pytest.mark.parametrize("index", [0, 4, ORDER, ORDER + 1, -1], ids=["0", "k+1", "L", "L+1", "-1"])
def test_there_is_no_share_but_those_of_1_to_k(index: int) -> None:
    book, made = begun()
    digest = text_of(bytes(64))
    forged = change(signed(made, CommitToKey(ROGUE, digest)), index=index)
    book.say(scrutineer(ROGUE), forged).refused(Reason.KEY_MESSAGE_REFUSED)


def test_who_confirms_another_transcript_than_the_others_makes_no_key_with_them() -> None:
    book, made = begun()
    for _ in range(3):
        book.answers(*OPENERS)
    board = book.meeting.ceremony
    assert board is not None
    shown = replace(board, deals=board.deals[:-1])
    book.say(scrutineer(1), signed(made, ConfirmKey(1), shown.digest)).refused(Reason.KEY_MESSAGE_REFUSED)
    book.answers(*OPENERS)
    assert book.meeting.key is not None
    book.followed()
