"""The published vectors: they are what the rules give today, and they verify or fail as they say."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from kit.vectors import Tampered, write
from pingyi_protocol.meeting.commands import Body
from pingyi_protocol.meeting.events import Event
from pingyi_protocol.record.pins import parse_checkpoint_pin, parse_receipt_pin
from pingyi_protocol.record.report import Step
from pingyi_protocol.record.verify import verify_record

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors"
TAMPERED = [msgspec.json.decode(line, type=Tampered) for line in (VECTORS / "tampered.jsonl").read_bytes().splitlines()]


def test_the_published_files_are_what_the_script_writes(tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert path.read_bytes() == (VECTORS / path.relative_to(tmp_path)).read_bytes(), path.name


def test_every_kind_of_command_and_event_has_a_line() -> None:
    for name, union, within in (("commands.jsonl", Body, "body"), ("events.jsonl", Event, "")):
        lines = [msgspec.json.decode(line) for line in (VECTORS / name).read_bytes().splitlines()]
        tags = {(line[within] if within else line)["type"] for line in lines}
        assert tags == {kind.__struct_config__.tag for kind in get_args(union)}


def test_the_good_record_is_valid_and_holds_the_receipt() -> None:
    receipt = parse_receipt_pin((VECTORS / "receipt.json").read_bytes())
    report = verify_record(VECTORS / "record.zip", receipt=receipt)
    assert report.valid
    assert [pin.key for pin in report.pins] == ["pin.receipt_held"]


@pytest.mark.parametrize("line", TAMPERED, ids=lambda line: line.file)
def test_a_tampered_record_fails_in_the_steps_that_are_said(line: Tampered) -> None:
    path = VECTORS / "tampered" / line.file
    checkpoint = parse_checkpoint_pin(line.checkpoint) if line.checkpoint else None
    receipt = parse_receipt_pin((VECTORS / line.receipt).read_bytes()) if line.receipt else None
    report = verify_record(path, checkpoint=checkpoint, receipt=receipt)
    failed = {step.value for step in Step if step in report.reached and not report.passed(step)}
    assert set(line.fails) <= failed
    # what is consistent in itself is valid until something is held against it
    assert verify_record(path).valid == bool(line.checkpoint or line.receipt or not line.fails)
    for pin in ({"checkpoint": checkpoint}, {"receipt": receipt}):
        if any(pin.values()):
            assert not verify_record(path, **pin).passed(Step.PINS)
    if Step.REPLAY in line.fails and Step.HEADS not in line.fails:
        assert report.passed(Step.HEADS)


def test_what_was_left_out_beside_the_leaves_cannot_be_seen() -> None:
    receipt = parse_receipt_pin((VECTORS / "receipt.json").read_bytes())
    final = verify_record(VECTORS / "record.zip").facts
    assert final is not None
    unseen = [line.file for line in TAMPERED if not line.fails]
    assert unseen == ["all-cosignatures-removed.zip", "heads-between-removed.zip"]
    for name in unseen:
        path = VECTORS / "tampered" / name
        report = verify_record(path, checkpoint=parse_checkpoint_pin(final.fingerprint), receipt=receipt)
        assert report.valid
        assert report.facts is not None
        assert report.facts.final.terminals == 0
