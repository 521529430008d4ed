"""A ballot as it leaves the terminal: right, of one length and one cost whatever it says, and nobody else's."""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import nacl.bindings
import pytest

from kit.every_kind import MOTION, QUESTIONED, RATING, SCORE, SELECTION, ruled, scored
from kit.playbook import ORIGIN, signing_key
from kit.secret_book import SecretBook, secret_hall, secretly
from kit.sitting import shown
from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.meeting.commands import Answer, Choice
from pingyi_protocol.meeting.definition import Item, Opens, Option
from pingyi_protocol.record.checkpoint import Checkpoint, sign_checkpoint
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.receipt import ReceiptError, check_receipt
from pingyi_protocol.secret import SecretError
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import LiveRound

PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")
WORK = ("crypto_scalarmult_ed25519_noclamp", "crypto_scalarmult_ed25519_base_noclamp", "crypto_core_ed25519_add")

CHOSEN = tuple(Choice(target, Option.CHOSEN) for target in SELECTION.targets)
ALIKE: dict[str, tuple[Item, tuple[tuple[Answer, ...], ...]]] = {
    "sum": (secretly(SCORE), tuple((scored("T01", score),) for score in (0, 63, 100, None))),
    "distribution": (
        secretly(SCORE, Opens.DISTRIBUTION, step="10", bands=()),
        tuple((scored("T01", score),) for score in (0, 10, 100, None)),
    ),
    "motion": (secretly(MOTION), tuple((Choice("", one),) for one in (Option.FOR, Option.AGAINST, Option.ABSTAIN))),
    "rating": (
        secretly(RATING),
        tuple((Choice("T01", one), Choice("T02", Option.SATISFIED)) for one in (Option.SATISFIED, Option.ABSTAIN)),
    ),
    "questioned": (
        secretly(QUESTIONED, bands=()),
        tuple(
            (scored("T01", score), Choice("T01", one), scored("T02", 70), Choice("T02", Option.FOR))
            for score, one in ((9, Option.FOR), (100, Option.ABSTAIN))
        ),
    ),
    "selection": (secretly(SELECTION), (CHOSEN[:1], CHOSEN[1:3], (Choice("", Option.ABSTAIN),))),
}


def opened(item: Item) -> tuple[SecretBook, LiveRound, Sealer]:
    """A secret round of this item, and what seals the ballots of M02."""
    book = SecretBook(secret_hall(item)).check_in(*PEOPLE).make_key().open(item.id)
    live = shown(book).live
    assert live is not None
    return book, live, Sealer(ORIGIN, book.key_of("M02"))


@contextmanager
def worked() -> Iterator[Counter[str]]:
    """Count the operations on points."""
    done: Counter[str] = Counter()
    plain: dict[str, Callable[..., bytes]] = {name: getattr(nacl.bindings, name) for name in WORK}

    def counting(name: str) -> Callable[..., bytes]:
        def operation(*points: bytes) -> bytes:
            done[name] += 1
            return plain[name](*points)

        return operation

    with pytest.MonkeyPatch.context() as patch:
        for name in WORK:
            patch.setattr(nacl.bindings, name, counting(name))
        yield done


@pytest.mark.parametrize("kind", sorted(ALIKE))
def test_length_and_work_depend_on_the_item_alone(kind: str) -> None:
    item, ballots = ALIKE[kind]
    book, live, sealer = opened(item)
    sealer.seal(item, live, ballots[0])  # what is kept of the key and of small numbers is there from now on
    lengths, costs = set(), []
    for answers in ballots:
        with worked() as done:
            sealed = sealer.seal(item, live, answers)
        lengths.add(len(msgspec.json.encode(sealed)))
        costs.append(done)
        book.member("M02", sealed)
    assert len(lengths) == 1
    assert costs[0]["crypto_scalarmult_ed25519_noclamp"] > 0
    assert costs == costs[:1] * len(ballots)
    assert book.close().check().newest.invalid == 0


def test_a_sealed_ballot_counts_what_was_answered_and_another_randomness_hides_it_each_time() -> None:
    item = secretly(SCORE)
    book, live, sealer = opened(item)
    first, again = (sealer.seal(item, live, (scored("T01", 77),)) for _ in range(2))
    assert first != again
    book.member("M02", first).seal("M03", scored("T01", 80)).seal("M04", scored("T01", 83)).close().unseal().announce()
    assert book.figures.targets[0].total == 77 + 80 + 83


def test_who_chooses_nobody_has_not_abstained() -> None:
    item = secretly(ruled(SELECTION, least=0))
    book, live, sealer = opened(item)
    book.member("M02", sealer.seal(item, live, ())).seal("M03", Choice("", Option.ABSTAIN)).seal("M04", *CHOSEN[:1])
    figures = book.close().unseal().announce().figures.selection
    assert figures is not None
    assert (figures.abstentions, [one.votes for one in figures.candidates]) == (1, [1, 0, 0, 0])


def test_without_a_key_nothing_is_sealed() -> None:
    item = secretly(SCORE)
    _, live, sealer = opened(item)
    with pytest.raises(SecretError) as raised:
        sealer.seal(item, msgspec.structs.replace(live, key=None), (scored("T01", 77),))
    assert raised.value.key == "secret.no_key"
    assert "0x" not in repr(sealer)


def newest_receipt(book: SecretBook) -> Receipt:
    """The receipt of the newest leaf."""
    leaves = [encode_entry(entry) for entry in book.entries]
    log = MerkleLog(map(leaf_hash, leaves))
    head = sign_checkpoint(Checkpoint(ORIGIN, log.size, log.root()), signing_key("log"), ORIGIN)
    proof = tuple(b64encode(one).decode() for one in log.inclusion_proof(log.size - 1))
    return Receipt("", log.size - 1, leaves[-1].decode(), proof, head, ())


def test_a_receipt_shown_to_two_members_is_believed_only_by_the_one_whose_ballot_it_is() -> None:
    item = secretly(SCORE)
    book, live, _ = opened(item)
    for person in ("M02", "M03"):
        book.member(person, Sealer(ORIGIN, book.key_of(person)).seal(item, live, (scored("T01", 77),)))
    first, second = (entry.envelope for entry in book.entries[-2:])
    assert first is not None
    assert second is not None
    log_key, receipt = bytes(signing_key("log").verify_key), newest_receipt(book)
    assert check_receipt(receipt, second, log_key, ORIGIN, None).size == len(book.entries)
    with pytest.raises(ReceiptError) as raised:
        check_receipt(receipt, first, log_key, ORIGIN, None)
    assert raised.value.key == "receipt.other_command"
