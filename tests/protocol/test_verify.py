"""Verification of a record, and attacks by somebody who does not hold the log's key."""

from base64 import b64encode
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kit import attacks
from kit.factories import live_rules, small_definition
from kit.records import MEETING, Scribe, ballot, fixed_key, small_meeting
from kit.tampering import GOOD, Check, change, checker, found, inserted, reason_at
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting import counting
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CheckIn,
    CloseRound,
    Command,
    MoveSeat,
    OpenRound,
    ResumeRound,
)
from pingyi_protocol.meeting.definition import Press, Role, ScoreRules
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    RoundClosed,
)
from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.meeting.measures import Tally, target_figures
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.meeting.rounds import restarted, timer
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import MOST_REASONS, Step
from pingyi_protocol.wire.envelope import seal


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


def test_a_good_record_is_valid_and_says_what_it_is(check: Check) -> None:
    told: list[tuple[int, int]] = []
    report = check(GOOD, progress=lambda done, total: told.append((done, total)))
    assert report.valid
    assert report.reached == set(Step)
    facts = report.facts
    assert facts is not None
    # of 32 ballots two were a trial, and so was one of the ten rounds
    assert (facts.size, facts.ballots, facts.announced, facts.rounds) == (len(GOOD.leaves), 30, 8, 9)
    assert facts.fingerprint == GOOD.results.fingerprint
    assert report.pins == []
    [total] = {total for _, total in told}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)


def test_a_record_of_a_meeting_that_has_only_been_loaded_is_valid(check: Check) -> None:
    assert check(Scribe(small_definition()).finish()).valid


def test_what_clock_and_restart_bring_about_is_borne_out(check: Check) -> None:
    scribe = Scribe(small_definition())
    chair, seats = scribe.enrol("M01", Role.CHAIR), [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1"))
    scribe.happen(lambda meeting, _at: restarted(meeting), scribe.at)
    scribe.do(chair, ResumeRound("1", 1))
    scribe.happen(timer, scribe.at + 200_000)
    assert check(scribe.finish()).valid


def test_an_edited_event_breaks_the_root_and_differs_from_its_command(check: Check) -> None:
    report = check(attacks.edited_event())
    assert {(Step.HEADS, "verify.head_root"), (Step.REPLAY, "deviation.event")} <= found(report)


def test_an_edited_command_breaks_its_signature(check: Check) -> None:
    report = check(attacks.edited_command())
    assert reason_at(report, Step.REPLAY, GOOD.find(BallotCast)) == Reason.BAD_SIGNATURE


def test_a_removed_leaf_leaves_a_gap(check: Check) -> None:
    report = check(attacks.removed_leaf())
    assert {(Step.LEAVES, "verify.out_of_place"), (Step.HEADS, "verify.head_root")} <= found(report)
    gaps = [one.fault.values["expected"] for one in report.reasons if one.step is Step.LEAVES]
    assert gaps == [GOOD.find(BallotCast)]


def test_a_removed_leaf_with_the_rest_numbered_again_breaks_the_root(check: Check) -> None:
    assert (Step.HEADS, "verify.head_root") in found(check(attacks.removed_leaf().numbered()))


def test_an_added_leaf_is_beyond_the_last_head(check: Check) -> None:
    assert (Step.HEADS, "verify.leaves_beyond") in found(check(attacks.added_leaf()))


def test_swapped_leaves_are_out_of_place(check: Check) -> None:
    report = check(attacks.swapped_leaves())
    assert {(Step.LEAVES, "verify.out_of_place"), (Step.HEADS, "verify.head_root")} <= found(report)


def test_a_leaf_in_another_spelling_is_refused(check: Check) -> None:
    leaves = list(GOOD.leaves)
    leaves[5] = leaves[5].replace(b'"index":', b'"index": ')
    report = check(GOOD.with_leaves(leaves).signed_again())
    assert found(report) == {(Step.LEAVES, "verify.leaf"), (Step.RESULTS, "verify.not_followed")}


@pytest.mark.parametrize("leaf", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"index":1' + b"0" * 5000 + b"}"])
def test_a_leaf_that_is_no_entry_is_refused(check: Check, leaf: bytes) -> None:
    leaves = (*GOOD.leaves[:5], leaf, *GOOD.leaves[6:])
    assert (Step.LEAVES, "verify.leaf") in found(check(GOOD.with_leaves(leaves).signed_again()))


def test_an_empty_record_names_no_key(check: Check) -> None:
    report = check(GOOD.with_leaves(()))
    assert (Step.KEYS, "verify.no_beginning") in found(report)
    assert not report.passed(Step.HEADS)
    assert not report.valid


def test_two_heads_of_one_size_are_refused(check: Check) -> None:
    assert found(check(attacks.two_heads_of_one_size())) == {(Step.HEADS, "verify.heads_order")}


def test_heads_out_of_order_are_refused(check: Check) -> None:
    notes = (GOOD.notes[1], GOOD.notes[0], *GOOD.notes[2:])
    assert found(check(replace(GOOD, notes=notes))) == {(Step.HEADS, "verify.heads_order")}


def test_a_head_over_other_leaves_is_refused(check: Check) -> None:
    other = small_meeting()
    while other.log.size <= len(GOOD.leaves):
        other.clerk(MoveSeat("M04", f"9-{other.log.size}"))
    notes = (other.finish().notes[-1],)
    assert (Step.HEADS, "verify.head_beyond") in found(check(replace(GOOD, notes=notes)))


def test_a_record_whose_last_leaves_have_no_head_is_refused(check: Check) -> None:
    assert found(check(attacks.missing_last_head())) == {(Step.HEADS, "verify.leaves_beyond")}


def test_edited_results_are_noticed(check: Check) -> None:
    assert found(check(attacks.edited_results())) == {(Step.RESULTS, "verify.file_differs")}


def test_an_edited_composite_is_noticed(check: Check) -> None:
    [first, *rest] = GOOD.results.composite
    forged = change(GOOD.results, composite=(change(first, total=Decimal("99.00")), *rest))
    assert found(check(replace(GOOD, results=forged))) == {(Step.RESULTS, "verify.file_differs")}


def test_an_edited_definition_is_noticed(check: Check) -> None:
    assert found(check(attacks.edited_definition())) == {(Step.RESULTS, "verify.file_differs")}


@pytest.mark.parametrize(
    ("part", "value"), [("meeting", "0" * 32), ("origin", "pingyi/other"), ("log_key", public_text(fixed_key("other")))]
)
def test_a_manifest_that_names_another_log_is_noticed(check: Check, part: str, value: str) -> None:
    report = check(replace(GOOD, identity=change(GOOD.identity, **{part: value})))
    assert found(report) == {(Step.KEYS, "verify.manifest_says")}


def test_a_fault_in_the_rules_own_arithmetic_is_noticed_by_the_second_count(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off_by_a_little(target: str, tally: Tally, rules: ScoreRules, *others: Any) -> TargetFigures:
        figures = target_figures(target, tally, rules, *others)
        return change(figures, mean=figures.mean and figures.mean + Decimal("0.01"))

    monkeypatch.setattr(counting, "target_figures", off_by_a_little)
    record = small_meeting().finish()
    report = check(record)
    assert report.passed(Step.REPLAY)
    assert found(report) == {(Step.RECOUNT, "recount.figure")}


def test_the_first_press_counts_where_the_item_says_so(check: Check) -> None:
    scribe = Scribe(small_definition(rules=live_rules(press=Press.FIRST)))
    chair, seats = scribe.enrol("M01", Role.CHAIR), [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1"))
    scribe.do(seats[0], ballot("1", 1, 70))
    scribe.do(chair, CloseRound("1", 1))
    scribe.do(chair, AnnounceRound("1", 1))
    record = scribe.finish()
    assert check(record).valid
    index = record.find(RoundClosed)
    body = ballot("1", 1, 90)
    command = Command(MEETING, "f" * 32, "M01", Role.MEMBER, "", body)
    envelope = seal(msgspec.json.encode(command), scribe.keys[seats[0]])
    report = check(inserted(record, index, envelope, BallotCast("M01", "1", 1, "f" * 32, body.answers)))
    assert reason_at(report, Step.REPLAY, index) == Reason.ALREADY_VOTED


def test_reasons_beyond_the_limit_are_counted(check: Check) -> None:
    scribe = Scribe(small_definition(members=40))
    for place in range(1, 41):
        scribe.do(scribe.enrol(f"M{place:02}"), CheckIn())
    record = scribe.finish()
    leaves = [without_signature(record.entry(index)) for index in range(len(record.leaves))]
    report = check(record.with_leaves(leaves).signed_again())
    named = [reason for reason in report.reasons if reason.step is Step.REPLAY]
    assert len(named) == MOST_REASONS
    assert report.unnamed[Step.REPLAY] == 40 - MOST_REASONS


def without_signature(entry: Entry) -> bytes:
    """Blank the signatures of check-ins only, so that every one of them fails by itself."""
    if entry.envelope is None or not isinstance(entry.event, CheckedIn):
        return encode_entry(entry)
    return encode_entry(change(entry, envelope=change(entry.envelope, signature=b64encode(bytes(64)).decode())))
