"""Attacks on a record, by name: what is published in ``protocol/vectors/tampered`` for other verifiers.

Where a forged leaf needs it, the server's own key signs the record again: no attacker can do more.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TypeAlias

import msgspec

from kit.attacks_beside import (
    all_cosignatures_removed,
    cosignature_by_a_stranger,
    cosignature_of_another_head,
    cosigned_head_that_never_was,
    doubled_cosignature,
    forged_cosignature,
    heads_between_removed,
    with_another_time,
    zipped_again,
)
from kit.factories import small_definition
from kit.kinds import whole_definition
from kit.records import (
    CHAIR,
    MEETING,
    Record,
    Scribe,
    ballot,
    fixed_key,
    fixed_transport,
    record_of,
)
from kit.tampering import GOOD, SEAT, change, envelope_of, inserted, with_score
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import (
    Cast,
    CheckIn,
    CheckOut,
    CloseMeeting,
    Command,
    CountersignContinuation,
    DeclareContinuation,
    Enrol,
    OpenRound,
)
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedOut,
    ContinuationCountersigned,
    ContinuationDeclared,
    DeviceEnrolled,
    Event,
    MeetingClosed,
    MeetingCreated,
    ReceiptHandedIn,
    ResultAnnounced,
    RoundClosed,
)
from pingyi_protocol.meeting.events import RoundOpened as Opened
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import Step
from pingyi_protocol.wire.envelope import seal
from pingyi_protocol.wire.messages import Receipt

Make: TypeAlias = Callable[[], Record]


class Pin(Enum):
    """What betrays a record that is consistent in itself.

    ``GOOD``: final fingerprint and receipt of the good record; ``LOST``: those of the ballot that the record has lost;
    ``OTHER``: a receipt of another meeting; ``UNPROVEN``: its own receipt, a hash of the proof changed.
    """

    NONE = 0
    GOOD = 1
    LOST = 2
    OTHER = 3
    UNPROVEN = 4


@dataclass(frozen=True)
class Attack:
    """A tampered record and the steps that must fail.

    With a ``pin``, the record is consistent in itself, and step 10 fails when that is held against it. Without one and
    without steps nothing can betray it. ``then`` changes the archive's bytes.
    """

    make: Make
    fails: tuple[Step, ...]
    pin: Pin = Pin.NONE
    then: Callable[[bytes], bytes] = bytes

    def write(self, path: Path) -> Path:
        """Write the tampered archive."""
        path.write_bytes(self.then(self.make().write(path).read_bytes()))
        return path


def edited_event() -> Record:
    index = GOOD.find(BallotCast)
    return GOOD.with_leaf(index, with_score(GOOD.entry(index), "99"))


def event_differs_from_its_command() -> Record:
    return edited_event().signed_again()


def score_in_another_spelling() -> Record:
    index = GOOD.find(BallotCast)
    return GOOD.with_leaf(index, with_score(GOOD.entry(index), "92.0")).signed_again()


def edited_command() -> Record:
    index = GOOD.find(BallotCast)
    entry = with_score(GOOD.entry(index), "99")
    assert entry.envelope is not None
    payload = entry.envelope.payload.replace('"score":"92"', '"score":"99"')
    return GOOD.with_leaf(index, change(entry, envelope=change(entry.envelope, payload=payload))).signed_again()


def removed_leaf() -> Record:
    index = GOOD.find(BallotCast)
    return GOOD.with_leaves(GOOD.leaves[:index] + GOOD.leaves[index + 1 :])


def dropped_ballot() -> Record:
    return removed_leaf().numbered().signed_again()


def added_leaf() -> Record:
    last = GOOD.entry(len(GOOD.leaves) - 1)
    return GOOD.with_leaves((*GOOD.leaves, encode_entry(change(last, index=last.index + 1))))


def swapped_leaves() -> Record:
    leaves = list(GOOD.leaves)
    leaves[20], leaves[21] = leaves[21], leaves[20]
    return GOOD.with_leaves(leaves)


def doubled_ballot() -> Record:
    index = GOOD.find(BallotCast)
    return inserted(GOOD, index + 1, GOOD.entry(index).envelope, GOOD.entry(index).event)


def forged_ballot(body: Cast, place: int, meeting: str = MEETING, person: str = SEAT.person) -> Record:
    event = BallotCast(person, body.item, body.round, "f" * 32, body.answers)
    return inserted(GOOD, place, envelope_of(SEAT, body, meeting), event)


def ballot_of_another_meeting() -> Record:
    return forged_ballot(ballot("1", 1, 50), GOOD.find(Opened) + 1, meeting="0" * 32)


def ballot_of_another_item() -> Record:
    return forged_ballot(ballot("1", 1, 50), GOOD.find(Opened, 1) + 1)


def ballot_of_another_round() -> Record:
    return forged_ballot(ballot("1", 2, 50), GOOD.find(Opened) + 1)


def ballot_after_the_close() -> Record:
    return forged_ballot(ballot("1", 1, 50), GOOD.find(RoundClosed) + 1)


def ballot_for_another_member() -> Record:
    return forged_ballot(ballot("1", 1, 50), GOOD.find(Opened) + 1, person="M03")


def ballot_that_nobody_signed() -> Record:
    body = ballot("1", 1, 50)
    return inserted(GOOD, GOOD.find(Opened) + 1, None, BallotCast("M02", "1", 1, "f" * 32, body.answers))


def changed_figures() -> Record:
    index = GOOD.find(ResultAnnounced)
    event = GOOD.entry(index).event
    assert isinstance(event, ResultAnnounced)
    [target] = event.figures.targets
    figures = change(event.figures, targets=(change(target, mean=Decimal("92.34")),))
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=ResultAnnounced(figures))).signed_again()


def narrowed_close() -> Record:
    index = GOOD.find(RoundClosed)
    event = GOOD.entry(index).event
    assert isinstance(event, RoundClosed)
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=change(event, last=event.first + 2))).signed_again()


def forged_device() -> Record:
    forged = fixed_key("forged")
    body = Enrol("0" * 64, public_text(forged), fixed_transport("forged"), pinned=False)
    command = Command(MEETING, "f" * 32, "M02", Role.MEMBER, "", body)
    event = DeviceEnrolled("M02", Role.MEMBER, body.code, body.signing_key, body.transport_key, body.pinned)
    return inserted(GOOD, GOOD.find(Opened), seal(msgspec.json.encode(command), forged), event)


def low_order_log_key() -> Record:
    event = GOOD.entry(0).event
    assert isinstance(event, MeetingCreated)
    return GOOD.with_leaf(0, change(GOOD.entry(0), event=change(event, log_key=b64encode(bytes(32)).decode())))


def heads_by_another_key() -> Record:
    return GOOD.signed_again(fixed_key("impostor"))


def two_heads_of_one_size() -> Record:
    return replace(GOOD, notes=(GOOD.notes[0], *GOOD.notes))


def missing_last_head() -> Record:
    return replace(GOOD, notes=GOOD.notes[:-1])


def edited_results() -> Record:
    return replace(GOOD, results=change(GOOD.results, rounds=GOOD.results.rounds[:1]))


def edited_definition() -> Record:
    return replace(GOOD, definition=change(GOOD.definition, problems=()))


def manifest_of_another_log() -> Record:
    return replace(GOOD, identity=change(GOOD.identity, log_key=public_text(fixed_key("other"))))


def rolled_back() -> Record:
    size = int(GOOD.notes[1].split("\n")[1])
    return record_of(GOOD.leaves[:size], GOOD.notes[:2])


def ballot_left_out_and_all_written_again() -> Record:
    """Return the meeting as a lying server would have it had the first ballot never come: every rule holds."""
    forged = Scribe(whole_definition())
    # not further: chair and scrutineer have signed the root there, so that nobody can write again what was before
    for index in range(2, GOOD.find(ContinuationDeclared)):
        entry = GOOD.entry(index)
        assert entry.envelope is not None
        if index != GOOD.find(BallotCast):
            command = msgspec.json.decode(entry.envelope.payload, type=Command)
            forged.at = entry.at
            event = decide(forged.meeting, command, entry.at)
            assert not isinstance(event, Refusal)
            forged.record(event, entry.envelope, command)
    return forged.finish()


def unlawful(*kinds: type[Event]) -> Record:
    """Return the record without the leaves of these kinds, and without what can only be there after them."""
    first = min(GOOD.find(kind) for kind in kinds)
    kept = [leaf for index, leaf in enumerate(GOOD.leaves) if not isinstance(GOOD.entry(index).event, kinds)]
    assert len(kept) > first
    return GOOD.with_leaves(kept).numbered().signed_again()


def continuation_without_the_scrutineer() -> Record:
    return unlawful(ContinuationCountersigned)


def continuation_countersigned_by_the_chair() -> Record:
    index = GOOD.find(ContinuationCountersigned)
    event = GOOD.entry(index).event
    declared = GOOD.entry(GOOD.find(ContinuationDeclared)).event
    assert isinstance(event, ContinuationCountersigned)
    assert isinstance(declared, ContinuationDeclared)
    body = CountersignContinuation(declared.size, declared.root, declared.reason)
    signed = envelope_of(Principal("M01", Role.CHAIR), body)
    forged = change(GOOD.entry(index), envelope=signed, event=change(event, person="M01"))
    return GOOD.with_leaf(index, forged).signed_again()


def continuation_of_another_copy() -> Record:
    """Return the record with chair and scrutineer going on from a copy whose root was never this log's."""
    root = b64encode(bytes(32)).decode()
    first, second = GOOD.find(ContinuationDeclared), GOOD.find(ContinuationCountersigned)
    declared, agreed = GOOD.entry(first).event, GOOD.entry(second).event
    assert isinstance(declared, ContinuationDeclared)
    assert isinstance(agreed, ContinuationCountersigned)
    values = (declared.size, root, declared.reason)
    chair = envelope_of(Principal("M01", Role.CHAIR), DeclareContinuation(*values), number="d" * 32)
    other = envelope_of(Principal("M03", Role.SCRUTINEER), CountersignContinuation(*values), number="e" * 32)
    forged = GOOD.with_leaf(first, change(GOOD.entry(first), envelope=chair, event=change(declared, root=root)))
    last = change(GOOD.entry(second), envelope=other, event=change(agreed, root=root))
    return forged.with_leaf(second, last).signed_again()


def continuation_over_a_ballot() -> Record:
    """Return the record with a ballot between the copy and its declaration."""
    return forged_ballot(ballot("2", 1, 50, 50), GOOD.find(ContinuationDeclared))


def receipt_handed_in_without_a_loss() -> Record:
    """Return the record with a receipt handed in for a ballot that is on it."""
    index = GOOD.find(ReceiptHandedIn)
    event = GOOD.entry(index).event
    assert isinstance(event, ReceiptHandedIn)
    held = GOOD.entry(GOOD.find(BallotCast)).event
    assert isinstance(held, BallotCast)
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=change(event, command=held.ballot))).signed_again()


def check_out_after_the_end() -> Record:
    """Return the record with somebody leaving after the chair closed the meeting."""
    last = GOOD.entry(len(GOOD.leaves) - 1)
    arrived = Entry(last.index + 1, last.at, "", envelope_of(CLERK, CheckOut("M04", "早退")), CheckedOut("M04", "早退"))
    return GOOD.with_leaves((*GOOD.leaves, encode_entry(arrived))).signed_again()


def end_during_a_round() -> Record:
    """Return the record with the chair closing the meeting while ballots are taken."""
    return inserted(GOOD, GOOD.find(RoundClosed), envelope_of(CHAIR, CloseMeeting()), MeetingClosed("M01"))


def the_good_record() -> Record:
    return GOOD


def other_receipt() -> Receipt:
    """Return the receipt of a ballot in another meeting, whose log even has the same key and name."""
    scribe = Scribe(small_definition(), "0" * 32)
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1"))
    return scribe.receipt(scribe.do(seats[0], ballot("1", 1, "92")))


REPLAY = (Step.REPLAY,)
WITNESSES = (Step.WITNESSES,)
COUNTED = (Step.REPLAY, Step.RECOUNT)

ATTACKS: dict[str, Attack] = {
    "added-leaf": Attack(added_leaf, (Step.HEADS,)),
    "all-cosignatures-removed": Attack(all_cosignatures_removed, ()),
    "ballot-after-the-close": Attack(ballot_after_the_close, REPLAY),
    "ballot-for-another-member": Attack(ballot_for_another_member, REPLAY),
    "ballot-left-out-and-all-written-again": Attack(ballot_left_out_and_all_written_again, (Step.PINS,), Pin.GOOD),
    "ballot-of-another-item": Attack(ballot_of_another_item, REPLAY),
    "ballot-of-another-meeting": Attack(ballot_of_another_meeting, REPLAY),
    "ballot-of-another-round": Attack(ballot_of_another_round, REPLAY),
    "ballot-that-nobody-signed": Attack(ballot_that_nobody_signed, REPLAY),
    "changed-figures": Attack(changed_figures, COUNTED),
    "check-out-after-the-end": Attack(check_out_after_the_end, REPLAY),
    "continuation-countersigned-by-the-chair": Attack(continuation_countersigned_by_the_chair, REPLAY),
    "continuation-of-another-copy": Attack(continuation_of_another_copy, REPLAY),
    "continuation-over-a-ballot": Attack(continuation_over_a_ballot, REPLAY),
    "continuation-without-the-scrutineer": Attack(continuation_without_the_scrutineer, REPLAY),
    "cosignature-by-a-stranger": Attack(cosignature_by_a_stranger, WITNESSES),
    "cosignature-of-another-head": Attack(cosignature_of_another_head, WITNESSES),
    "cosigned-head-that-never-was": Attack(cosigned_head_that_never_was, WITNESSES),
    "doubled-ballot": Attack(doubled_ballot, REPLAY),
    "doubled-cosignature": Attack(doubled_cosignature, WITNESSES),
    "dropped-ballot": Attack(dropped_ballot, COUNTED),
    "edited-command": Attack(edited_command, REPLAY),
    "edited-definition": Attack(edited_definition, (Step.RESULTS,)),
    "edited-event": Attack(edited_event, (Step.HEADS, Step.REPLAY)),
    "edited-results": Attack(edited_results, (Step.RESULTS,)),
    "end-during-a-round": Attack(end_during_a_round, REPLAY),
    "event-differs-from-its-command": Attack(event_differs_from_its_command, REPLAY),
    "flipped-bit-outside-the-contents": Attack(the_good_record, (Step.ARCHIVE,), then=with_another_time),
    "forged-cosignature": Attack(forged_cosignature, WITNESSES),
    "forged-device": Attack(forged_device, REPLAY),
    "heads-between-removed": Attack(heads_between_removed, ()),
    "heads-by-another-key": Attack(heads_by_another_key, (Step.HEADS,)),
    "low-order-log-key": Attack(low_order_log_key, (Step.KEYS,)),
    "manifest-of-another-log": Attack(manifest_of_another_log, (Step.KEYS,)),
    "missing-last-head": Attack(missing_last_head, (Step.HEADS,)),
    "narrowed-close": Attack(narrowed_close, COUNTED),
    "receipt-of-another-meeting": Attack(the_good_record, (Step.PINS,), Pin.OTHER),
    "receipt-without-its-proof": Attack(the_good_record, (Step.PINS,), Pin.UNPROVEN),
    "receipt-handed-in-without-a-loss": Attack(receipt_handed_in_without_a_loss, REPLAY),
    "removed-leaf": Attack(removed_leaf, (Step.LEAVES, Step.HEADS)),
    "rolled-back": Attack(rolled_back, (Step.PINS,), Pin.GOOD),
    "rolled-back-and-continued": Attack(the_good_record, (Step.PINS,), Pin.LOST),
    "score-in-another-spelling": Attack(score_in_another_spelling, REPLAY),
    "swapped-leaves": Attack(swapped_leaves, (Step.LEAVES, Step.HEADS)),
    "two-heads-of-one-size": Attack(two_heads_of_one_size, (Step.HEADS,)),
    "zipped-again": Attack(the_good_record, (Step.ARCHIVE,), then=zipped_again),
}
