"""A record of secret rounds, and of all that happens to their keys: fixed, for vectors and for tampering."""

from base64 import b64encode
from collections.abc import Sequence

import msgspec

from kit.every_kind import MOTION, SCORE, SELECTION, scored
from kit.playbook import ORIGIN, signing_key
from kit.records import Record
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.definition import Opens, Option, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.bundle import Identity
from pingyi_protocol.record.checkpoint import Checkpoint, sign_checkpoint
from pingyi_protocol.record.entry import decode_entry, encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.results import results_of
from pingyi_protocol.secret.messages import DealShares, signed_bytes, text_of

change = msgspec.structs.replace
PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")


def bad_deal(book: SecretBook, dealer: str) -> DealShares:
    """Return a deal whose first share is none, signed by the dealer: what the own terminal would never say."""
    board, deal = book.meeting.ceremony, book.says(dealer)
    assert board is not None
    assert isinstance(deal, DealShares)
    bad = change(deal, shares=(text_of(bytes(48)), *deal.shares[1:]))
    signature = book.keys[Principal(dealer, Role.SCRUTINEER)].sign(signed_bytes(board.ceremony, bad)).signature
    return change(bad, signature=text_of(signature))


def secret_meeting() -> SecretBook:
    """Return a meeting whose key was made at the second attempt, and which has voted secretly on three items.

    The score opens its sum and was re-voted by M02, whose second ballot is M01's and does not hold; M05's only one does
    not either. The selection opens after an override, and a bad part; the motion was never opened.
    """
    items = (secretly(SCORE), secretly(SELECTION, Opens.DISTRIBUTION), secretly(MOTION))
    book = SecretBook(secret_hall(*items)).check_in(*PEOPLE)
    book.begin_ceremony(*OPENERS)
    for _ in range(2):
        book.answers(*OPENERS)
    book.answers("M02").say(Principal("M03", Role.SCRUTINEER), bad_deal(book, "M03")).answers("M04").answers("M02")
    book.make_key().open("score")
    for person, value in zip(PEOPLE[:4], (90, 80, 85, None), strict=True):
        book.seal(person, scored("T01", value))
    copied = book.sealed("M01", scored("T01", 100))
    book.member("M02", copied).member("M05", copied)
    book.seal("M03", scored("T01", 95))
    book.close().unseal().announce()
    book.open("selection")
    for person, chosen in zip(PEOPLE, ("T01", "T01", "T02", "T03", ""), strict=False):
        book.seal(person, Choice(chosen, Option.CHOSEN if chosen else Option.ABSTAIN))
    book.close().check().override("M03").begin_overridden()
    book.acting(Principal("M04", Role.SCRUTINEER), book.parts("M02")).opens("M02", "M04").announce()
    book.open("motion")
    for person in PEOPLE[:3]:
        book.seal(person, Choice("", Option.FOR))
    book.close().check().begin_opening().opens("M04")
    return book


def head(leaves: Sequence[bytes]) -> str:
    """Return the signed head over these leaves."""
    log = MerkleLog(map(leaf_hash, leaves))
    return sign_checkpoint(Checkpoint(ORIGIN, log.size, log.root()), signing_key("log"), ORIGIN)


def record_of(leaves: Sequence[bytes]) -> Record:
    """Return the record of leaves that the rules bear out."""
    replay = Replay()
    for leaf in leaves:
        replay.take(decode_entry(leaf))
    meeting = replay.meeting
    assert meeting.definition is not None
    log = MerkleLog(map(leaf_hash, leaves))
    results = results_of(meeting, replay.announced, Checkpoint(ORIGIN, log.size, log.root()))
    identity = Identity(meeting.id, meeting.origin, b64encode(bytes(signing_key("log").verify_key)).decode())
    return Record(tuple(leaves), (head(leaves),), meeting.definition, results, identity)


def forged(record: Record, leaves: Sequence[bytes]) -> Record:
    """Return the record with other leaves, numbered again, under one head that the server's own key has signed."""
    numbered = record.with_leaves(leaves).numbered()
    return Record(numbered.leaves, (head(numbered.leaves),), record.definition, record.results, record.identity)


SECRET_BOOK = secret_meeting()
SECRET = record_of([encode_entry(entry) for entry in SECRET_BOOK.entries])
