"""What somebody holds from outside betrays a record that is consistent in itself."""

from hashlib import sha256
from pathlib import Path

import pytest

from kit import attacks
from kit.records import LOG, fixed_key
from kit.tampering import GOOD, Check, change, checker, found
from pingyi_protocol.meeting.events import (
    BallotCast,
)
from pingyi_protocol.record.pins import CheckpointPin, KeyPin, ReceiptPin, key_fingerprint, parse_checkpoint_pin
from pingyi_protocol.record.report import Step


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


def test_pins_that_fit_are_named(check: Check) -> None:
    receipt = ReceiptPin(GOOD.receipt(GOOD.find(BallotCast), size=40))
    key = KeyPin(key_fingerprint(bytes(LOG.verify_key)))
    report = check(GOOD, key=key, checkpoint=CheckpointPin(note=GOOD.notes[-1]), receipt=receipt)
    assert report.valid
    assert [pin.key for pin in report.pins] == ["pin.key_held", "pin.head_held", "pin.receipt_held"]


def test_an_earlier_head_pins_the_leaves_up_to_it(check: Check) -> None:
    for pin in (CheckpointPin(note=GOOD.notes[1]), parse_checkpoint_pin(code_of_head(GOOD.notes[1]))):
        [held] = check(GOOD, checkpoint=pin).pins
        assert (held.key, held.values["size"]) == ("pin.earlier_head_held", int(GOOD.notes[1].split("\n")[1]))


def code_of_head(note: str) -> str:
    """Return the fingerprint of a head, worked out here from its three lines alone."""
    bits = int.from_bytes(sha256("\n".join(note.split("\n")[:3]).encode() + b"\n").digest()[:10], "big")
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(letters[bits >> shift & 31] for shift in range(75, -1, -5)).lower()


def test_a_record_by_an_impostor_is_valid_in_itself_and_betrayed_by_the_key(check: Check) -> None:
    report = check(GOOD, key=KeyPin(key_fingerprint(bytes(fixed_key("other").verify_key))))
    assert found(report) == {(Step.PINS, "pin.other_key")}


def test_a_ballot_left_out_of_a_whole_rewritten_record_is_betrayed_by_its_receipt(check: Check) -> None:
    forged = attacks.ballot_left_out_and_all_written_again()
    assert check(forged).valid
    index = GOOD.find(BallotCast)
    # the head in the receipt covers exactly up to the ballot
    early = check(forged, receipt=ReceiptPin(GOOD.receipt(index, size=index + 1)))
    assert found(early) == {(Step.PINS, "pin.forked")}
    assert found(check(forged, checkpoint=CheckpointPin(note=GOOD.notes[3]))) == {(Step.PINS, "pin.forked")}


def test_a_rolled_back_record_is_betrayed_by_a_later_head(check: Check) -> None:
    old = attacks.rolled_back()
    assert check(old).valid
    assert found(check(old, checkpoint=CheckpointPin(note=GOOD.notes[-1]))) == {(Step.PINS, "pin.rolled_back")}
    code = CheckpointPin(code=GOOD.results.fingerprint)
    assert found(check(old, checkpoint=code)) == {(Step.PINS, "pin.no_such_head")}
    receipt = ReceiptPin(GOOD.receipt(GOOD.find(BallotCast)))
    assert found(check(old, receipt=receipt)) == {(Step.PINS, "pin.rolled_back")}


def test_a_receipt_for_a_changed_leaf_is_betrayed(check: Check) -> None:
    index = GOOD.find(BallotCast)
    receipt = GOOD.receipt(index)
    leaf = receipt.leaf.replace('"score":"92"', '"score":"93"')
    assert found(check(GOOD, receipt=ReceiptPin(change(receipt, leaf=leaf)))) == {(Step.PINS, "pin.other_leaf")}
    assert found(check(GOOD, receipt=ReceiptPin(change(receipt, index=index + 1)))) == {(Step.PINS, "pin.other_leaf")}
    assert found(check(GOOD, receipt=ReceiptPin(change(receipt, index=-1)))) == {(Step.PINS, "pin.other_leaf")}


@pytest.mark.parametrize("proof", [(), ("AAAA",), ("no base64",)], ids=["none", "short", "nonsense"])
def test_a_receipt_whose_own_proof_does_not_hold_is_none(check: Check, proof: tuple[str, ...]) -> None:
    receipt = GOOD.receipt(GOOD.find(BallotCast))
    wrong = (*receipt.proof[1:], receipt.proof[0])
    for one in (proof, wrong, (*receipt.proof, receipt.proof[0])):
        assert found(check(GOOD, receipt=ReceiptPin(change(receipt, proof=one)))) == {(Step.PINS, "pin.no_proof")}
    # a consistency proof is held against a head that only the terminal knows
    assert check(GOOD, receipt=ReceiptPin(change(receipt, consistency=("AAAA",)))).valid


def test_a_receipt_of_another_log_is_betrayed(check: Check) -> None:
    receipt = change(GOOD.receipt(20), checkpoint=GOOD.signed_again(fixed_key("other")).notes[0])
    assert found(check(GOOD, receipt=ReceiptPin(receipt))) == {(Step.PINS, "pin.other_log")}
