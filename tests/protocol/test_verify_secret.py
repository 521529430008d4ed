"""What the verifier says of records with secret rounds: the good one is valid, and each attack is found where it is."""

from pathlib import Path

import pytest

from kit.attacks_secret import SECRET_ATTACKS
from kit.secret_records import SECRET
from kit.tampering import found
from pingyi_protocol.record.verify import verify_record


def test_a_record_of_secret_rounds_is_valid(tmp_path: Path) -> None:
    report = verify_record(SECRET.write(tmp_path / "record.zip"))
    assert not found(report)
    assert report.valid


@pytest.mark.parametrize("name", SECRET_ATTACKS)
def test_an_attack_on_a_secret_round_fails_in_its_steps(tmp_path: Path, name: str) -> None:
    attack = SECRET_ATTACKS[name]
    report = verify_record(attack.write(tmp_path / "record.zip"))
    assert {step for step in attack.fails if not report.passed(step)} == set(attack.fails), found(report)
