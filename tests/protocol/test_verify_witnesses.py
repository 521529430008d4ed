"""What the verifier says about witnesses, continuations and losses: facts, as long as nothing is forged."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kit import attacks, attacks_beside
from kit.factories import small_definition
from kit.records import Scribe, ballot, record_of
from kit.tampering import GOOD, Check, checker, found
from pingyi_protocol.commands.verify import verify
from pingyi_protocol.meeting.commands import CheckIn, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import ContinuationDeclared
from pingyi_protocol.record.cosignatures import CosignatureError, parse_cosignatures
from pingyi_protocol.record.report import Step


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


def test_a_later_cosignature_vouches_for_earlier_closes_and_an_earlier_one_for_no_later(check: Check) -> None:
    scribe = Scribe(small_definition())
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, 5)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    for item, witnesses in (("1", seats[:2]), ("2", seats[2:3])):
        scribe.do(chair, OpenRound(item, 1))
        scribe.do(seats[0], ballot(item, 1, *([80] if item == "1" else [80, 70])))
        # a cosignature before the close is one on an earlier head
        scribe.witness(seats[3])
        scribe.do(chair, CloseRound(item, 1))
        scribe.witness(chair, *witnesses)
    report = check(scribe.finish())
    assert report.valid
    assert report.facts is not None
    first, second = report.facts.attested
    # M04 saw the second round open, and so the first one closed; the chair's console is no member's terminal
    assert (first.present, first.cosigned) == (4, 4)
    assert (second.present, second.cosigned) == (4, 1)
    # the chair's console and her seat: two terminals of one of those present
    assert report.facts.final == (len(report.facts.meeting.present), 1, 2)


def test_a_record_without_cosignatures_is_valid_and_says_so(check: Check) -> None:
    report = check(replace(GOOD, cosignatures=b""))
    assert report.valid
    assert report.facts is not None
    assert report.facts.attested
    assert all(one.cosigned == 0 for one in report.facts.attested)


@pytest.mark.parametrize(
    ("attack", "key"),
    [
        (attacks_beside.forged_cosignature, "cosignature.bad"),
        (attacks_beside.cosignature_of_another_head, "cosignature.bad"),
        (attacks_beside.cosignature_by_a_stranger, "cosignature.bad"),
        (attacks_beside.doubled_cosignature, "cosignature.bad"),
        (attacks_beside.cosigned_head_that_never_was, "cosignature.other_head"),
    ],
)
def test_a_forged_cosignature_makes_the_record_invalid(check: Check, attack: attacks.Make, key: str) -> None:
    assert found(check(attack())) == {(Step.WITNESSES, key)}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + b"\n",
        lambda text: b"\n" + text,
        lambda text: text.replace(b"\n\n", b"\n", 1),
        lambda text: text + b"\xff\n",
        lambda text: text[: text.index(b"=\n", 300) + 2],
        lambda text: b"\n".join(text.split(b"\n")[:5]) + b"\n",
    ],
)
def test_cosignatures_have_one_form(check: Check, change: Callable[[bytes], bytes]) -> None:
    changed = change(GOOD.cosignatures)
    report = check(replace(GOOD, cosignatures=changed))
    assert not report.passed(Step.WITNESSES) or len(list(parse_cosignatures(changed))) < 3


def test_blocks_are_read_as_they_are_written() -> None:
    blocks = list(parse_cosignatures(GOOD.cosignatures))
    assert "\n".join(note + "".join(lines) for note, lines in blocks).encode() == GOOD.cosignatures
    assert [len(lines) for _, lines in blocks] == [4, 4, 2, 2]
    assert list(parse_cosignatures(b"")) == []
    with pytest.raises(CosignatureError):
        list(parse_cosignatures(b"\n"))


def test_the_root_of_a_continuation_must_be_that_of_the_copy(check: Check) -> None:
    assert found(check(attacks.continuation_of_another_copy())) == {
        (Step.REPLAY, "verify.continuation_root"),
        (Step.RESULTS, "verify.file_differs"),
    }


def test_a_record_from_before_the_continuation_is_whole(check: Check) -> None:
    early = record_of(GOOD.leaves[: GOOD.find(ContinuationDeclared)], ()).signed_again()
    report = check(early)
    assert report.valid
    assert report.facts is not None
    assert report.facts.meeting.continuations == ()


def test_the_command_tells_of_witnesses_continuation_and_loss(tmp_path: Path) -> None:
    path = GOOD.write(tmp_path / "record.zip")
    said = CliRunner().invoke(verify, [str(path), "--lang", "en"]).output
    assert "item 1, round 1: the terminals of 4 of 4 present cosigned its close" in said
    assert "the last head: 1 of 4 present cosigned it; 2 terminals in all" in said
    assert "CONTINUED" in said
    assert "磁盘损坏，换上备份" in said
    assert "LOST:         a ballot of M04" in said
    chinese = CliRunner().invoke(verify, [str(path), "--lang", "zh"]).output
    assert "在场 4 人中有 4 人的终端共签了截止" in chinese
    assert "已交来回执" in chinese
