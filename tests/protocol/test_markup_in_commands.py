"""Names that hold markup or escape sequences, as commands print them: text, and nothing that a terminal obeys."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from kit.factories import small_definition
from kit.hostile_texts import ESCAPES, hidden_in, poisoned
from kit.records import Record, Scribe, ballot
from pingyi_protocol.command_line import Failure
from pingyi_protocol.commands.receipt import receipt
from pingyi_protocol.commands.verify import verify
from pingyi_protocol.meeting.attendance import check_in_is_open
from pingyi_protocol.meeting.commands import CheckIn, OpenCheckIn, OpenRound
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.events import DefinitionLoaded
from pingyi_protocol.wire.messages import encode

GOOD = small_definition(3)
MARKUP = "[red][@x=y]"
NAMED = poisoned(GOOD, MARKUP)


def voted(definition: Definition) -> tuple[Record, bytes]:
    """A record with one ballot, and the receipt of that."""
    book = Scribe(
        msgspec.structs.replace(definition, meeting=msgspec.structs.replace(definition.meeting, date="2026-11-01"))
    )
    chair = book.enrol("M01", Role.CHAIR)
    seats = [book.enrol(f"M{place:02}") for place in (1, 2)]
    if not check_in_is_open(book.meeting, book.at):
        book.do(chair, OpenCheckIn())
    for seat in seats:
        book.do(seat, CheckIn())
    book.do(chair, OpenRound("1"))
    leaf = book.do(seats[1], ballot("1", 1, 92))
    record = book.finish()
    return record, encode(record.receipt(leaf))


def harmless(done: Result) -> str:
    """What a command printed; nothing in it commands a terminal."""
    assert done.exception is None or isinstance(done.exception, SystemExit | Failure)
    assert not hidden_in(done.output)
    return done.output


@pytest.mark.parametrize("language", Language)
def test_markup_in_names_is_printed_as_it_is(tmp_path: Path, language: Language) -> None:
    record, held = voted(NAMED)
    path = record.write(tmp_path / "record.zip")
    (tmp_path / "receipt.json").write_bytes(held)
    said = harmless(CliRunner().invoke(verify, [str(path), "--lang", language.value]))
    assert f"{MARKUP}示例市人大常委会" in said
    asked = [str(tmp_path / "receipt.json"), "--record", str(path), "--lang", language.value]
    said = harmless(CliRunner().invoke(receipt, asked))
    assert f"{MARKUP}委员02" in said
    assert f"{MARKUP}文化和旅游局" in said


@pytest.mark.parametrize("language", Language)
def test_escape_sequences_in_a_forged_record_are_written_out(tmp_path: Path, language: Language) -> None:
    record, _ = voted(GOOD)
    entry = record.entry(1)
    assert isinstance(entry.event, DefinitionLoaded)
    forged = msgspec.structs.replace(entry, event=DefinitionLoaded(poisoned(GOOD, ESCAPES + "\n有效 VALID\n")))
    path = record.with_leaf(1, forged).signed_again().write(tmp_path / "record.zip")
    said = harmless(CliRunner().invoke(verify, [str(path), "--lang", language.value]))
    assert "1. " in said
    assert not any(line.strip() in ("有效 VALID", "VALID", "有效") for line in said.splitlines())
