"""``pingyi cards``: a code for every card and a card for every code, whatever fails."""

import asyncio
import logging
import stat
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image

from kit.factories import small_definition
from kit.hall import free_port, open_hall
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.served import Served
from pingyi_protocol.command_line import BadInput
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, parse, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_protocol.keys.typed_code import parse_typed
from pingyi_protocol.meeting.commands import Body, CheckIn, CloseMeeting
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.cards import printing
from pingyi_server.clerk import Heard, UnansweredError, submitted_all
from pingyi_server.commands.cards import cards
from pingyi_server.commands.code import code
from pingyi_server.commands.load import load
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.toml_file import toml_of

pytestmark = pytest.mark.fonts


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


@pytest.fixture
def folder(tmp_path: Path) -> MeetingFolder:
    path = tmp_path / "july"
    path.mkdir()
    (path / "meeting.toml").write_bytes(toml_of(small_definition(port=free_port())))
    told = CliRunner().invoke(load, [str(path)])
    assert told.exit_code == 0, told.output
    return MeetingFolder(path)


def run(folder: MeetingFolder, *arguments: object) -> Result:
    return CliRunner().invoke(cards, [str(folder.path), *map(str, arguments)])


def scanned(out: Path) -> list[EnrolmentCode]:
    """Scan the picture of each card."""
    pictures = sorted(out.glob("*.png"))
    return [parse(one.text) for path in pictures for one in zxingcpp.read_barcodes(Image.open(path))]


def outstanding(meeting: Meeting) -> set[str]:
    return set(meeting.codes)


def hashes(codes: list[EnrolmentCode]) -> set[str]:
    return {secret_hash(code.secret) for code in codes}


def files(folder: MeetingFolder) -> list[str]:
    return sorted(path.name for path in folder.path.rglob("*") if "card" in path.name)


def test_everybody_gets_a_card_whose_code_is_on_the_record(folder: MeetingFolder) -> None:
    told = run(folder)
    assert told.exit_code == 0, told.output
    out = folder.path / "cards"
    codes = scanned(out)
    assert len(codes) == 8, "five members, one of them the chair and one a scrutineer, and the hall"
    meeting = folder.meeting()
    assert hashes(codes) == outstanding(meeting)
    assert all(meeting.codes[secret_hash(one.secret)] == (one.person, one.role) for one in codes)
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert str(out / "cards.pdf") in told.output


def test_no_secret_leaves_the_cards(folder: MeetingFolder, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = run(folder)
    for one in scanned(folder.path / "cards"):
        for spelt in (one.secret.hex(), str(int.from_bytes(one.secret, "big")), repr(one.secret)):
            assert spelt not in told.output + caplog.text
            for path in folder.path.iterdir():
                assert path.is_dir() or spelt.encode() not in path.read_bytes()


def test_a_second_run_makes_no_card_void_unless_told_to(folder: MeetingFolder) -> None:
    run(folder)
    first = scanned(folder.path / "cards")
    again = run(folder)
    assert (again.exit_code, "--force" in str(again.exception)) == (1, True)
    assert outstanding(folder.meeting()) == hashes(first)
    one = run(folder, "M02")
    assert one.exit_code == 0, one.output
    [reissued] = scanned(folder.path / "cards-2")
    assert (reissued.person, reissued.role) == ("M02", Role.MEMBER)
    kept = [code for code in first if code.person != "M02"]
    assert outstanding(folder.meeting()) == hashes([*kept, reissued])
    assert run(folder, "--force").exit_code == 0
    assert outstanding(folder.meeting()) == hashes(scanned(folder.path / "cards-3"))


def test_cards_of_one_role_or_for_the_hall(folder: MeetingFolder) -> None:
    assert run(folder, "--role", "chair").exit_code == 0
    assert [(one.person, one.role) for one in scanned(folder.path / "cards")] == [("M01", Role.CHAIR)]
    assert run(folder, "hall", "--out", folder.path / "more").exit_code == 0
    assert [(one.person, one.role) for one in scanned(folder.path / "more")] == [("hall", Role.HALL)]
    rest = run(folder)
    assert "2 more" in rest.output
    assert len(scanned(folder.path / "cards-2")) == 6


def test_cards_of_another_hall_give_the_address_of_its_forwarder_first(folder: MeetingFolder) -> None:
    small = small_definition(port=free_port())
    facts = msgspec.structs.replace(small.meeting, addresses=("192.168.10.5", "192.168.20.1"))
    (folder.path / "meeting.toml").write_bytes(toml_of(msgspec.structs.replace(small, meeting=facts)))
    assert CliRunner().invoke(load, [str(folder.path)]).exit_code == 0
    told = run(folder, "M02", "--address", "192.168.30.1")
    assert told.exit_code == BadInput.exit_code
    assert "192.168.20.1" in told.output
    assert files(folder) == []
    told = run(folder, "M02", "--address", "192.168.20.1")
    assert told.exit_code == 0, told.output
    [card] = scanned(folder.path / "cards")
    assert card.addresses == ("192.168.20.1", "192.168.10.5")


def test_whoever_is_not_on_the_roster_is_named(folder: MeetingFolder) -> None:
    told = run(folder, "M02", "M77")
    assert "M77" in str(told.exception)
    assert files(folder) == []
    assert outstanding(folder.meeting()) == set()


def test_a_file_that_is_there_is_not_overwritten_and_no_code_is_issued(folder: MeetingFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "cards.pdf").write_text("mine")
    (out / "other").write_text("mine")
    assert run(folder, "--out", out).exit_code != 0
    assert [(path.name, path.read_text()) for path in sorted(out.iterdir())] == [
        ("cards.pdf", "mine"),
        ("other", "mine"),
    ]
    assert outstanding(folder.meeting()) == set()
    assert run(folder, "--out", out, "--force").exit_code == 0
    assert (out / "cards.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "other").read_text() == "mine"


def test_a_disk_that_fails_while_cards_are_written_costs_no_code(
    folder: MeetingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = printing.write_private

    def full(path: Path, content: bytes) -> None:
        if path.name.startswith("0003"):
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr("pingyi_server.cards.making.write_private", full)
    assert isinstance(run(folder).exception, OSError)
    assert files(folder) == []
    assert outstanding(folder.meeting()) == set()


def test_a_name_that_no_font_has_costs_no_code(folder: MeetingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_server.typesetting.fonts.drawn_by", lambda _family: frozenset())
    told = run(folder)
    assert told.exit_code != 0
    assert "fonts-noto-cjk" in str(told.exception)
    assert files(folder) == []
    assert outstanding(folder.meeting()) == set()


def test_a_wrong_pin_of_the_clerks_leaves_no_card(folder: MeetingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: MeetingFolder) -> DeviceKeys:
        raise BadInput("wrong")

    monkeypatch.setattr(MeetingFolder, "clerk_keys", refuse)
    assert "wrong" in run(folder).output
    assert files(folder) == []


def answering(monkeypatch: pytest.MonkeyPatch, count: int, fault: Exception) -> None:
    """Let only so many codes be issued before a fault comes."""
    real = submitted_all

    def partly(folder: MeetingFolder, bodies: list[Body], heard: Heard) -> list[Receipt | Refusal]:
        real(folder, bodies[:count], heard)
        raise fault

    monkeypatch.setattr("pingyi_server.cards.issuing.submitted_all", partly)


def test_cards_of_which_only_some_were_issued_are_kept_and_it_says_which(
    folder: MeetingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, 3, UnansweredError("folder.unanswered", seconds=10))
    told = run(folder)
    assert told.exit_code == 1
    assert "cards 1 to 3 of 8 work" in told.output
    codes = scanned(folder.path / "cards")
    assert outstanding(folder.meeting()) == hashes(codes[:3])


@pytest.mark.parametrize("unanswered", [True, False])
def test_cards_stay_only_where_their_codes_may_be_on_the_record(
    folder: MeetingFolder, monkeypatch: pytest.MonkeyPatch, unanswered: bool
) -> None:
    fault = UnansweredError("folder.unanswered", seconds=10) if unanswered else OSError(5, "I/O")
    answering(monkeypatch, 0, fault)
    told = run(folder)
    assert told.exit_code == 1
    assert bool(files(folder)) is unanswered


async def test_cards_while_the_server_runs_go_through_it_and_enrol(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        hall.folder.note_served(Served("127.0.0.1", hall.port))
        with hall.folder.locked():
            told = await asyncio.to_thread(run, hall.folder)
        assert told.exit_code == 0, told.output
        codes = scanned(tmp_path / "cards")
        assert hashes(codes) == outstanding(hall.recorder.meeting)
        for code_on_card in codes:
            facts = await enrol(zmq.asyncio.Context.instance(), code_on_card, generate_device_keys())
            assert (facts.person, facts.role) == (code_on_card.person, code_on_card.role)
        assert outstanding(hall.recorder.meeting) == set()


async def test_a_card_for_somebody_who_was_present_waits_for_the_chair(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        hall.folder.note_served(Served("127.0.0.1", hall.port))
        with hall.folder.locked():
            several = await asyncio.to_thread(run, hall.folder, "M02", "M03")
            one = await asyncio.to_thread(CliRunner().invoke, code, [str(tmp_path), "M02"])
    assert "once the chair has agreed" in several.output
    assert "委员02" in several.output
    assert "委员03" not in several.output
    assert "once the chair has agreed" in one.output


async def test_after_the_meetings_end_there_are_no_cards(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        assert isinstance(await chair.session.ask(CloseMeeting()), Receipt)
    told = await asyncio.to_thread(run, hall.folder)
    assert told.exit_code == 1
    assert "No code was issued" in str(told.exception)
    assert files(hall.folder) == []


def test_a_single_code_shows_what_is_scanned_what_is_typed_and_the_key(folder: MeetingFolder) -> None:
    told = CliRunner().invoke(code, [str(folder.path), "M02"]).output
    [line] = [line for line in told.splitlines() if line.isdigit()]
    whole = parse(line)
    groups = next(line for line in told.splitlines() if "Or type" in line)
    by_hand = parse_typed("".join(character for character in groups.split("compare")[0] if character in " 0123456789"))
    assert (by_hand.address, by_hand.port, by_hand.secret) == (whole.addresses[0], whole.port, whole.secret)
    assert transport_fingerprint(whole.server_key) in groups
