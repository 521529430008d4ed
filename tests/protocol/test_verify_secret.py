"""What the verifier says of records with secret rounds: the good one is valid, and each attack is found where it is."""

from pathlib import Path

import pytest

from kit.attacks_secret import leaves_of
from kit.attacks_secret_form import ALL_SECRET_ATTACKS
from kit.every_kind import MOTION
from kit.secret_book import SecretBook, secret_hall, secretly
from kit.secret_records import PEOPLE, SECRET, SECRET_BOOK, record_of
from kit.tampering import found
from pingyi_protocol.meeting.commands import Choice, OverrideCosigning
from pingyi_protocol.meeting.definition import Option, Role
from pingyi_protocol.meeting.events import SecretBallotCast
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.record.report import Step
from pingyi_protocol.record.standing import verdict
from pingyi_protocol.record.verify import verify_record


def test_a_record_of_secret_rounds_is_valid(tmp_path: Path) -> None:
    report = verify_record(SECRET.write(tmp_path / "record.zip"))
    assert not found(report)
    assert report.valid


@pytest.mark.parametrize("name", ALL_SECRET_ATTACKS)
def test_an_attack_on_a_secret_round_fails_in_its_steps(tmp_path: Path, name: str) -> None:
    attack = ALL_SECRET_ATTACKS[name]
    report = verify_record(attack.write(tmp_path / "record.zip"))
    assert {step for step in attack.fails if not report.passed(step)} == set(attack.fails), found(report)


def test_scrutineers_who_open_on_a_head_of_another_record_are_found(tmp_path: Path) -> None:
    book = SecretBook(secret_hall(secretly(MOTION))).check_in(*PEOPLE).make_key().open("motion")
    for person in PEOPLE[:3]:
        book.seal(person, Choice("", Option.FOR))
    book.close().check()
    body = OverrideCosigning("motion", 1, len(book.entries), book.root(3), "断网")
    book.acting(Principal("M03", Role.SCRUTINEER), body).begin_overridden().opens("M02", "M03").announce()
    record = record_of([encode_entry(entry) for entry in book.entries])
    assert found(verify_record(record.write(tmp_path / "record.zip"))) == {(Step.REPLAY, "verify.opening_root")}


def test_each_ballot_of_a_secret_round_can_be_looked_up() -> None:
    meeting, verdicts = SECRET_BOOK.meeting, []
    for index, event in leaves_of(SecretBallotCast):
        one = next(each for each in meeting.rounds if each.item == event.item)
        verdicts.append((event.item, event.person, verdict(one, event.person, index)[0].removeprefix("standing.")))
    assert [one[1:] for one in verdicts if one[0] == "score"] == [
        ("M01", "counts"),
        ("M02", "counts"),
        ("M03", "replaced"),
        ("M04", "counts"),
        ("M02", "not_valid"),
        ("M05", "not_valid"),
        ("M03", "counts"),
    ]
    assert {one[2] for one in verdicts if one[0] == "selection"} == {"counts"}
    assert {one[2] for one in verdicts if one[0] == "motion"} == {"not_opened"}
