"""A server that lets one person do what takes two is found out: each act is held to the rule that it breaks."""

from pathlib import Path

import pytest

from kit.attacks_authority import AUTHORITY_ATTACKS
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.report import Step
from pingyi_protocol.record.verify import verify_record

WHY = {
    "seat-taken-over-without-the-chair": Reason.CODE_NOT_COUNTERSIGNED,
    "void-signed-by-the-chair": Reason.NOT_ALLOWED,
    "void-without-the-scrutineer": Reason.VOID_WAITS,
    "withdrawn-code-taken": Reason.CODE_UNKNOWN,
    "word-of-a-revoked-device": Reason.DEVICE_REVOKED,
}


@pytest.mark.parametrize("name", AUTHORITY_ATTACKS)
def test_the_verifier_names_the_rule_that_was_broken(name: str, tmp_path: Path) -> None:
    report = verify_record(AUTHORITY_ATTACKS[name].write(tmp_path / "record.zip"))
    found = [reason.fault.values.get("reason") for reason in report.reasons if reason.step is Step.REPLAY]
    assert found[0] == WHY[name]
