"""``pingyi receipt``: one member's ballot in a record, by receipt or by tracking code."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from kit.attacks import ballot_left_out_and_all_written_again, edited_event, rolled_back
from kit.factories import small_definition
from kit.records import Record, Scribe, ballot
from kit.secret_records import SECRET, head
from kit.tampering import GOOD, LOST
from pingyi_protocol.commands.receipt import receipt
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import CheckIn, CloseRound, Command, CountersignVoid, OpenRound, VoidRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import BallotCast, CheckedIn, RoundOpened, SecretBallotCast
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.merkle import leaf_hash
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.wire.messages import encode

# M02 voted 88, then 90
REPLACED, COUNTED = GOOD.find(BallotCast, 1), GOOD.find(BallotCast, 4)


def code_of(record: Record, index: int) -> str:
    return tracking_code(leaf_hash(record.leaves[index]))


def kept(record: Record, index: int, folder: Path, size: int | None = None) -> str:
    """A receipt as a terminal keeps it, under the head of ``size`` leaves or the last one."""
    path = folder / "receipt.json"
    path.write_bytes(encode(record.receipt(index, size)))
    return str(path)


def asked(folder: Path, record: Record, what: str, *options: str) -> Result:
    path = record.write(folder / "record.zip")
    return CliRunner().invoke(receipt, [what, "--record", str(path), "--lang", "en", *options])


def test_a_receipt_shows_what_was_answered_and_that_it_counts(tmp_path: Path) -> None:
    result = asked(tmp_path, GOOD, kept(GOOD, COUNTED, tmp_path))
    assert result.exit_code == 0
    assert "item 1" in result.output
    assert f"{COUNTED}, 2026-11-01T09:00:00" in result.output
    assert "文化和旅游局: 90" in result.output
    assert "It is in the record and counts." in result.output


def cast_in(item: str, number: int, place: int) -> int:
    """The leaf of a ballot of this round, counted from 0."""
    events = ((index, GOOD.entry(index).event) for index in range(len(GOOD.leaves)))
    cast = [(index, event) for index, event in events if isinstance(event, BallotCast)]
    return [one for one, event in cast if (event.item, event.round) == (item, number)][place]


@pytest.mark.parametrize(
    ("item", "number", "place", "lines"),
    [
        ("3", 1, 1, ["关于批准决算的决议: against"]),
        ("4", 1, 0, ["文化和旅游局: satisfied", "人力资源和社会保障局: not satisfied"]),
        ("5", 1, 1, ["文化和旅游局: chosen", "医疗保障局: chosen"]),
        ("5", 1, 3, ["选定明年评议对象: abstained"]),
        ("6", 1, 0, ["市场监督管理局, 整改成效: 90", "市场监督管理局, 群众反映: 81", "市场监督管理局: for"]),
    ],
)
def test_a_receipt_shows_choices_as_well_as_scores(
    tmp_path: Path, item: str, number: int, place: int, lines: list[str]
) -> None:
    result = asked(tmp_path, GOOD, kept(GOOD, cast_in(item, number, place), tmp_path))
    assert result.exit_code == 0
    answers = [line.removeprefix("Answer:  ") for line in result.output.splitlines() if line.startswith("Answer:")]
    assert answers == lines
    assert "It is in the record and counts." in result.output


def test_a_trial_vote_is_there_and_counts_for_nothing(tmp_path: Path) -> None:
    result = asked(tmp_path, GOOD, kept(GOOD, cast_in("trial", 1, 1), tmp_path))
    assert result.exit_code == 1
    assert "Answer:  trial vote: against" in result.output
    assert "a trial vote counts for nothing" in result.output


def left_out_with(record: Record) -> int:
    """A ballot that counts in GOOD and still stands in ``record``, on another leaf."""
    ids = {decode_entry(leaf).envelope: place for place, leaf in enumerate(record.leaves)}
    return next(
        index
        for index, leaf in enumerate(GOOD.leaves)
        if isinstance(decode_entry(leaf).event, BallotCast) and ids.get(decode_entry(leaf).envelope, index) != index
    )


def test_a_receipt_of_a_log_that_was_written_again_is_no_good_news(tmp_path: Path) -> None:
    """The ballot is in the forged record and counts there; the receipt in hand is what shows the forgery."""
    forged = ballot_left_out_and_all_written_again()
    index = left_out_with(forged)
    for size, why in ((index + 1, "the record was rewritten"), (None, "entries were taken away")):
        result = asked(tmp_path, forged, kept(GOOD, index, tmp_path, size))
        assert result.exit_code == 1
        assert "not the record from which the receipt is" in result.output
        assert why in result.output
        assert "counts." not in result.output


@pytest.mark.parametrize(
    "change", [{"checkpoint": "nonsense"}, {"proof": ()}, {"index": COUNTED + 1}, {"proof": ("x",)}]
)
def test_a_receipt_that_proves_nothing_is_not_believed(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(encode(msgspec.structs.replace(GOOD.receipt(COUNTED), **change)))
    result = asked(tmp_path, GOOD, str(path))
    assert (result.exit_code, "counts." in result.output) == (1, False)
    assert "The proof in the receipt does not hold" in result.output or "for something else" in result.output


def test_a_receipt_of_another_meeting_is_no_alarm(tmp_path: Path) -> None:
    scribe = Scribe(small_definition(), meeting_id="d" * 32)
    chair, seats = scribe.enrol("M01", Role.CHAIR), [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1", 1))
    other = scribe.do(seats[0], ballot("1", 1, 80))
    result = asked(tmp_path, GOOD, kept(scribe.finish(), other, tmp_path))
    assert (result.exit_code, "of another meeting" in result.output) == (1, True)
    assert "scrutineer" not in result.output


def continued(*, sent_again: bool) -> tuple[Record, Record, int, int]:
    """A record that went on from a copy, the log that was given up, and its ballots before and after the copy."""
    scribe = Scribe(small_definition())
    chair, scrutineer = scribe.enrol("M01", Role.CHAIR), scribe.enrol("M03", Role.SCRUTINEER)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1", 1))
    early = scribe.do(seats[0], ballot("1", 1, 80))
    given_up = deepcopy(scribe)
    given_up.branch = "given up"
    late = given_up.do(seats[1], ballot("1", 1, 70))
    scribe.go_on(chair, scrutineer)
    if sent_again:
        entry = decode_entry(given_up.leaves[late])
        assert entry.envelope is not None
        command = decode_command(entry.envelope)
        assert isinstance(command, Command)
        scribe.record(entry.event, entry.envelope, command)
    scribe.do(chair, CloseRound("1", 1))
    return scribe.finish(), given_up.finish(), early, late


@pytest.mark.parametrize("in_copy", [True, False])
def test_a_lawful_continuation_explains_a_receipt_from_before_it_and_that_is_said(
    tmp_path: Path, *, in_copy: bool
) -> None:
    record, given_up, early, late = continued(sent_again=True)
    result = asked(tmp_path, record, kept(given_up, early if in_copy else late, tmp_path))
    assert result.exit_code == 0
    assert "before the meeting went on from an older copy" in result.output
    assert "counts." in result.output


def test_a_ballot_that_a_copy_lost_and_that_was_not_sent_again_is_named_so(tmp_path: Path) -> None:
    record, given_up, _, late = continued(sent_again=False)
    result = asked(tmp_path, record, kept(given_up, late, tmp_path))
    assert (result.exit_code, "was not sent again" in result.output) == (1, True)


def test_the_code_of_a_log_that_was_given_up_is_explained(tmp_path: Path) -> None:
    record, given_up, early, late = continued(sent_again=True)
    result = asked(tmp_path, record, code_of(given_up, late))
    assert result.exit_code == 1
    assert "has a new code" in result.output
    assert asked(tmp_path, record, code_of(given_up, early)).exit_code == 0
    # nothing has changed codes in a record that went on from no copy
    unknown = asked(tmp_path, given_up, code_of(GOOD, COUNTED))
    assert "has the code" in unknown.output
    assert "new code" not in unknown.output


@pytest.mark.parametrize("name", ["/nowhere/receipt.json", "receipt.json", "receipts/7K2M-Q9XD-4TRB"])
def test_a_file_that_is_not_there_is_not_taken_for_a_code(tmp_path: Path, name: str) -> None:
    result = asked(tmp_path, GOOD, name)
    assert (result.exit_code, "There is no file" in result.output) == (2, True)
    assert "such codes" not in result.output
    assert "characters" not in result.output


def test_a_continuation_explains_no_ballot_that_was_moved_before_it(tmp_path: Path) -> None:
    """What the copy holds stays in its place: a leaf taken out from before it is a forgery, continuation or not."""
    record, given_up, early, _ = continued(sent_again=True)
    forged = msgspec.structs.replace(given_up.entry(early), time="2026-11-01T09:30:00.000+00:00")
    result = asked(tmp_path, record, kept(given_up.with_leaf(early, forged), early, tmp_path))
    assert (result.exit_code, "not the record from which" in result.output) == (1, True)


@pytest.mark.parametrize(
    "spelling",
    [
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: f" {code} ",
        lambda code: code.replace("-", "."),
        lambda code: code.replace("-", "_"),
    ],
)
def test_a_code_finds_the_ballot_and_its_member_and_not_the_answers(
    tmp_path: Path, spelling: Callable[[str], str]
) -> None:
    result = asked(tmp_path, GOOD, spelling(code_of(GOOD, COUNTED)))
    assert result.exit_code == 0
    assert "M02 委员02" in result.output
    assert "90" not in result.output.replace("2026-11-01T09:00", "")


def test_a_replaced_ballot_is_there_and_does_not_count(tmp_path: Path) -> None:
    for what in (code_of(GOOD, REPLACED), kept(GOOD, REPLACED, tmp_path)):
        result = asked(tmp_path, GOOD, what)
        assert result.exit_code == 1
        assert f"later ballot on entry {COUNTED}" in result.output


def test_before_the_close_nothing_counts(tmp_path: Path) -> None:
    scribe = Scribe(small_definition())
    chair, seats = scribe.enrol("M01", Role.CHAIR), [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1", 1))
    index = scribe.do(seats[0], ballot("1", 1, 80))
    early = asked(tmp_path, scribe.finish(), code_of(scribe.finish(), index))
    assert (early.exit_code, "not been closed" in early.output) == (1, True)
    scribe.do(chair, VoidRound("1", 1, "设备故障"))
    scribe.do(scribe.enrol("M03", Role.SCRUTINEER), CountersignVoid("1", 1, "设备故障"))
    void = asked(tmp_path, scribe.finish(), code_of(scribe.finish(), index))
    assert (void.exit_code, "void" in void.output) == (1, True)


def test_a_ballot_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    old = rolled_back()
    result = asked(tmp_path, old, kept(GOOD, COUNTED, tmp_path))
    assert (result.exit_code, "not in the record" in result.output) == (1, True)
    result = asked(tmp_path, old, code_of(GOOD, COUNTED))
    assert (result.exit_code, "No ballot in this record" in result.output) == (1, True)


def test_a_ballot_that_an_older_copy_lost_is_named_with_the_entry_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lost.json"
    path.write_bytes(encode(LOST))
    result = asked(tmp_path, GOOD, str(path))
    assert result.exit_code == 1
    assert f"once entry {LOST.index}" in result.output


def test_what_is_no_ballot_is_said_to_be_none(tmp_path: Path) -> None:
    for what in (kept(GOOD, GOOD.find(CheckedIn), tmp_path), code_of(GOOD, GOOD.find(RoundOpened))):
        result = asked(tmp_path, GOOD, what)
        assert (result.exit_code, "no ballot" in result.output) == (1, True)


def test_a_record_that_does_not_hold_says_nothing_of_a_ballot(tmp_path: Path) -> None:
    result = asked(tmp_path, edited_event(), code_of(GOOD, COUNTED))
    assert result.exit_code == 1
    assert "It is in the record" not in result.output
    # the first reason of each step that failed
    assert result.output.count("6. Entry") == 1
    assert "5. The first" in result.output


def test_what_is_neither_file_nor_code_is_unusable(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    expected = {
        "nonsense": "no file nonsense",
        str(other): "no receipt",
        str(tmp_path / "missing.json"): "There is no file",
        str(tmp_path): "is a folder",
    }
    for what, said in expected.items():
        result = asked(tmp_path, GOOD, what)
        assert (result.exit_code, said in result.output) == (2, True), result.output
    nothing = CliRunner().invoke(receipt, [code_of(GOOD, COUNTED), "--record", str(tmp_path / "none.zip")])
    assert isinstance(nothing.exception, FileNotFoundError)


def test_it_speaks_chinese(tmp_path: Path) -> None:
    result = asked(tmp_path, GOOD, code_of(GOOD, COUNTED), "--lang", "zh")
    assert "已在记录中，并计入。" in result.output


def sealed_by(person: str, item: str, place: int) -> int:
    """The leaf of a member's sealed ballot on this item, counted from 0."""
    events = ((index, SECRET.entry(index).event) for index in range(len(SECRET.leaves)))
    cast = [(index, event) for index, event in events if isinstance(event, SecretBallotCast)]
    return [index for index, event in cast if (event.person, event.item) == (person, item)][place]


@pytest.mark.parametrize(
    ("person", "item", "place", "said"),
    [
        ("M01", "score", 0, "It is in the record and counts."),
        ("M02", "score", 0, "It is in the record and counts."),
        ("M02", "score", 1, "proofs do not hold"),
        ("M05", "score", 0, "proofs do not hold"),
        ("M03", "score", 0, "later ballot"),
        ("M03", "score", 1, "It is in the record and counts."),
        ("M01", "motion", 0, "not opened yet"),
    ],
)
def test_a_receipt_of_a_sealed_ballot_says_what_became_of_it_and_never_what_it_says(
    tmp_path: Path, person: str, item: str, place: int, said: str
) -> None:
    index = sealed_by(person, item, place)
    path = tmp_path / "receipt.json"
    path.write_bytes(encode(msgspec.structs.replace(SECRET.receipt(index), checkpoint=head(SECRET.leaves))))
    for what in (str(path), code_of(SECRET, index)):
        result = asked(tmp_path, SECRET, what)
        assert said in result.output
        assert result.exit_code == ("counts." not in result.output)
        assert "Answer:" not in result.output
