"""Attacks by the server itself, which holds the log's key and signs what it changed."""

from base64 import b64encode
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from kit import attacks
from kit.records import MEETING, Record, ballot, fixed_key, small_meeting
from kit.tampering import GOOD, KEYS, SEAT, Check, change, checker, envelope_of, found, inserted, reason_at
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import (
    CheckIn,
    Command,
    OpenRound,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    DefinitionLoaded,
    DeviceEnrolled,
    Event,
    MeetingCreated,
    ResultAnnounced,
    RoundClosed,
    RoundOpened,
)
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import Step
from pingyi_protocol.wire.envelope import Envelope, seal


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


def test_a_server_that_changes_an_event_is_betrayed_by_the_member_s_signature(check: Check) -> None:
    report = check(attacks.event_differs_from_its_command())
    assert report.passed(Step.HEADS)
    assert (Step.REPLAY, "deviation.event") in found(report)


def test_an_equal_score_in_another_spelling_is_not_what_the_command_leads_to(check: Check) -> None:
    forged = attacks.score_in_another_spelling()
    index = GOOD.find(BallotCast)
    assert forged.entry(index).event == GOOD.entry(index).event
    assert (Step.REPLAY, "deviation.event") in found(check(forged))


def test_a_dropped_ballot_is_missing_from_the_close(check: Check) -> None:
    report = check(attacks.dropped_ballot())
    assert {(Step.REPLAY, "deviation.event"), (Step.RECOUNT, "recount.close"), (Step.RECOUNT, "recount.figure")} <= (
        found(report)
    )


def test_a_doubled_ballot_uses_its_command_id_twice(check: Check) -> None:
    report = check(attacks.doubled_ballot())
    assert reason_at(report, Step.REPLAY, GOOD.find(BallotCast) + 1) == Reason.COMMAND_ID_TAKEN


def test_swapped_leaves_numbered_again_break_order_of_time(check: Check) -> None:
    report = check(attacks.swapped_leaves().numbered().signed_again())
    assert (Step.REPLAY, "deviation.clock") in found(report)


def test_an_earlier_ballot_put_behind_a_later_one_does_not_count(check: Check) -> None:
    # M02 gave 88 and then 90: the same envelopes in the other order give other figures
    first, second = GOOD.find(BallotCast, 1), GOOD.find(BallotCast, 4)
    one, two = GOOD.entry(first), GOOD.entry(second)
    swapped = GOOD.with_leaf(first, change(two, index=first, at=one.at))
    swapped = swapped.with_leaf(second, change(one, index=second, at=two.at))
    report = check(swapped.signed_again())
    assert reason_at(report, Step.REPLAY, GOOD.find(ResultAnnounced)) is None
    assert (Step.RECOUNT, "recount.figure") in found(report)


def test_a_ballot_of_another_meeting_is_refused(check: Check) -> None:
    report = check(attacks.ballot_of_another_meeting())
    assert reason_at(report, Step.REPLAY, GOOD.find(RoundOpened) + 1) == Reason.OTHER_MEETING


def test_a_ballot_for_another_item_is_refused(check: Check) -> None:
    report = check(attacks.ballot_of_another_item())
    assert reason_at(report, Step.REPLAY, GOOD.find(RoundOpened, 1) + 1) == Reason.CLOSED


def test_a_ballot_entered_under_another_item_than_it_was_signed_for_is_noticed(check: Check) -> None:
    index = GOOD.find(RoundOpened, 1) + 1
    signed = ballot("2", 1, 50, 60)
    event = BallotCast("M02", "2", 1, "f" * 32, ballot("2", 1, 60, 50).answers)
    assert (Step.REPLAY, "deviation.event") in found(check(inserted(GOOD, index, envelope_of(SEAT, signed), event)))


def test_a_ballot_of_another_round_is_refused(check: Check) -> None:
    report = check(attacks.ballot_of_another_round())
    assert reason_at(report, Step.REPLAY, GOOD.find(RoundOpened) + 1) == Reason.NO_SUCH_ROUND


def test_a_ballot_after_the_close_is_refused(check: Check) -> None:
    report = check(attacks.ballot_after_the_close())
    assert reason_at(report, Step.REPLAY, GOOD.find(RoundClosed) + 1) == Reason.CLOSED


def test_a_ballot_entered_for_another_member_is_refused(check: Check) -> None:
    assert (Step.REPLAY, "deviation.event") in found(check(attacks.ballot_for_another_member()))


def test_a_command_that_names_another_member_than_its_key_is_refused(check: Check) -> None:
    index = GOOD.find(RoundOpened) + 1
    body = ballot("1", 1, 50)
    command = Command(MEETING, "f" * 32, "M03", Role.MEMBER, "", body)
    envelope = seal(msgspec.json.encode(command), KEYS[SEAT])
    report = check(inserted(GOOD, index, envelope, BallotCast("M03", "1", 1, "f" * 32, body.answers)))
    assert reason_at(report, Step.REPLAY, index) == Reason.NOT_ALLOWED


def test_a_ballot_that_nobody_signed_is_refused(check: Check) -> None:
    assert (Step.REPLAY, "deviation.unsigned") in found(check(attacks.ballot_that_nobody_signed()))


def test_a_close_by_the_clock_before_its_time_is_refused(check: Check) -> None:
    index = GOOD.find(BallotCast)
    event = RoundClosed("1", 1, GOOD.find(RoundOpened), index - 1, 4, 0, 0)
    assert (Step.REPLAY, "deviation.unsigned") in found(check(inserted(GOOD, index, None, event)))


def test_a_member_who_opens_a_round_is_refused(check: Check) -> None:
    index = GOOD.find(RoundOpened)
    report = check(inserted(GOOD, index, envelope_of(SEAT, OpenRound("2")), RoundOpened("2", 1, 120)))
    assert reason_at(report, Step.REPLAY, index) == Reason.NOT_ALLOWED


@pytest.mark.parametrize(
    ("part", "value"), [("mean", "92.34"), ("measure", "95.00"), ("total", "278"), ("deviation", "0.00")]
)
def test_changed_figures_are_worked_out_twice(check: Check, part: str, value: str) -> None:
    index = GOOD.find(ResultAnnounced)
    report = check(GOOD.with_leaf(index, with_figure(GOOD.entry(index), {part: Decimal(value)})).signed_again())
    assert {(Step.REPLAY, "deviation.event"), (Step.RECOUNT, "recount.figure")} <= found(report)
    [fault] = [one.fault for one in report.reasons if one.step is Step.RECOUNT]
    assert fault.values["part"] == part


def with_figure(entry: Entry, changes: dict[str, Decimal]) -> Entry:
    event = entry.event
    assert isinstance(event, ResultAnnounced)
    [target] = event.figures.targets
    figures = change(event.figures, targets=(change(target, **changes),))
    return change(entry, event=ResultAnnounced(figures))


def test_a_close_with_a_narrower_range_is_noticed(check: Check) -> None:
    report = check(attacks.narrowed_close())
    assert {(Step.REPLAY, "deviation.event"), (Step.RECOUNT, "recount.close")} <= found(report)


def test_an_added_member_in_the_definition_is_not_what_the_clerk_signed(check: Check) -> None:
    index = GOOD.find(DefinitionLoaded)
    event = GOOD.entry(index).event
    assert isinstance(event, DefinitionLoaded)
    roster = (*event.definition.roster, change(event.definition.roster[0], number="M99", seat=""))
    forged = change(GOOD.entry(index), event=DefinitionLoaded(change(event.definition, roster=roster)))
    assert (Step.REPLAY, "deviation.event") in found(check(GOOD.with_leaf(index, forged).signed_again()))


def test_a_device_enrolled_without_a_code_is_refused(check: Check) -> None:
    report = check(attacks.forged_device())
    assert reason_at(report, Step.REPLAY, GOOD.find(RoundOpened)) == Reason.CODE_UNKNOWN


def test_a_device_with_another_key_than_it_showed_is_refused(check: Check) -> None:
    index = GOOD.find(DeviceEnrolled, 2)
    event = GOOD.entry(index).event
    assert isinstance(event, DeviceEnrolled)
    forged = change(GOOD.entry(index), event=change(event, signing_key=public_text(fixed_key("forged"))))
    report = check(GOOD.with_leaf(index, forged).signed_again())
    assert reason_at(report, Step.REPLAY, index) == Reason.BAD_SIGNATURE
    # whatever that device sent is not borne out either
    assert reason_at(report, Step.REPLAY, GOOD.find(CheckedIn, 1)) == Reason.DEVICE_UNKNOWN


def test_a_ballot_by_a_key_that_is_not_enrolled_is_refused(check: Check) -> None:
    index = GOOD.find(RoundOpened) + 1
    body = ballot("1", 1, 50)
    command = Command(MEETING, "f" * 32, "M02", Role.MEMBER, "", body)
    envelope = seal(msgspec.json.encode(command), fixed_key("forged"))
    report = check(inserted(GOOD, index, envelope, BallotCast("M02", "1", 1, "f" * 32, body.answers)))
    assert reason_at(report, Step.REPLAY, index) == Reason.DEVICE_UNKNOWN


def test_a_device_that_was_replaced_no_longer_speaks(check: Check) -> None:
    scribe = small_meeting()
    old = scribe.keys[SEAT]
    scribe.enrol("M02")
    record = scribe.finish()
    command = Command(MEETING, "f" * 32, "M02", Role.MEMBER, "", CheckIn())
    index = len(record.leaves)
    report = check(inserted_last(record, seal(msgspec.json.encode(command), old), CheckedIn("M02", "")))
    assert reason_at(report, Step.REPLAY, index) == Reason.DEVICE_REVOKED


def inserted_last(record: Record, envelope: Envelope, event: Event) -> Record:
    last = record.entry(len(record.leaves) - 1)
    leaf = encode_entry(Entry(last.index + 1, last.at, "", envelope, event))
    return record.with_leaves((*record.leaves, leaf)).signed_again()


@pytest.mark.parametrize(
    "point", [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"], ids=["order-4", "identity", "order-2"]
)
def test_a_low_order_log_key_is_refused(check: Check, point: bytes) -> None:
    event = GOOD.entry(0).event
    assert isinstance(event, MeetingCreated)
    weak = change(GOOD.entry(0), event=change(event, log_key=b64encode(point).decode()))
    assert (Step.KEYS, "verify.bad_key") in found(check(GOOD.with_leaf(0, weak)))


def test_heads_signed_by_another_log_key_are_refused(check: Check) -> None:
    assert found(check(attacks.heads_by_another_key())) == {(Step.HEADS, "verify.head")}
