"""The clerk's acts on terminals and codes: what they print, what they refuse, and what ``pingyi status`` says after."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from kit.factories import small_definition
from kit.playbook import CHAIR, Playbook, code_of, full_house
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.meeting.commands import IssueCode, RevokeDevice
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Principal
from pingyi_server.commands.clerk import clerk
from pingyi_server.commands.load import load
from pingyi_server.commands.status import device_lines, status, void_lines
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.toml_file import toml_of

DEFINITION = small_definition(members=5)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


def meeting_in(folder: Path, definition: Definition = DEFINITION) -> Path:
    (folder / "meeting.toml").write_bytes(toml_of(definition))
    told = CliRunner().invoke(load, [str(folder)])
    assert told.exit_code == 0, told.output
    return folder


def run(*arguments: object) -> Result:
    """Run an act of the clerk."""
    return CliRunner().invoke(clerk, [str(argument) for argument in arguments])


def test_a_code_in_the_wrong_hands_is_withdrawn_and_cannot_be_twice(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    assert run("reissue", folder, "M04").exit_code == 0
    told = CliRunner().invoke(status, [str(folder)])
    assert "terminals: 1 enrolled, 0 revoked; codes not taken: 1" in told.output
    done = run("withdraw-code", folder, "M04")
    assert (done.exit_code, "on the record as entry" in done.output) == (0, True)
    assert not MeetingFolder(folder).meeting().codes
    again = run("withdraw-code", folder, "M04")
    assert again.exit_code == Failure.exit_code
    assert "M04" in again.output


def test_codes_of_officers_are_named_by_their_role(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    run("reissue", folder, "--role", "chair")
    run("reissue", folder, "M01")
    assert run("withdraw-code", folder, "--role", "chair").exit_code == 0
    assert list(MeetingFolder(folder).meeting().code_of) == [Principal("M01", Role.MEMBER)]
    unnamed = run("withdraw-code", folder)
    assert unnamed.exit_code == BadInput.exit_code


def test_revoking_wants_a_reason_a_device_and_never_the_clerks_own(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    assert "--reason" in run("revoke", folder, "M04").output
    nobody = run("revoke", folder, "M04", "--reason", "lost")
    assert (nobody.exit_code, "No terminal speaks for number M04" in nobody.output) == (Failure.exit_code, True)
    own = run("revoke", folder, "--role", "clerk", "--reason", "lost")
    assert (own.exit_code, "nobody could go on without it" in own.output) == (Failure.exit_code, True)
    assert MeetingFolder(folder).meeting().sessions.get(CLERK) is not None


def test_status_counts_terminals_and_names_the_codes_that_wait_for_the_chair() -> None:
    book = Playbook(DEFINITION).enrol(*CHAIR).enrol("M04").enrol("M05").check_in("M04")
    [counts] = device_lines(book.meeting, DEFINITION)
    assert counts == "terminals: 4 enrolled, 0 revoked; codes not taken: 0"
    book.clerk(IssueCode("M04", Role.MEMBER, code_of("second"))).clerk(RevokeDevice("M05", Role.MEMBER, "lost"))
    lines = device_lines(book.meeting, DEFINITION)
    assert lines == [
        "terminals: 3 enrolled, 1 revoked; codes not taken: 1",
        "    this code waits for the chair (F6): M04 委员04, seat",
    ]


def test_status_names_a_round_that_waits_to_be_void() -> None:
    book = full_house(DEFINITION).open("1").close().propose_void("停电")
    assert void_lines(book.meeting, DEFINITION.agenda[0]) == [
        "    round 1 is to be void and waits for a scrutineer: 停电"
    ]
    assert void_lines(book.void("停电").meeting, DEFINITION.agenda[0]) == ["    round 1 is void: 停电"]


def test_a_result_by_hand_that_nobody_could_sign_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    nobody = tuple(
        msgspec.structs.replace(
            one, roles=tuple(role for role in one.roles if role is not Role.SCRUTINEER), chief=False
        )
        for one in DEFINITION.roster
    )
    folder = meeting_in(tmp_path, msgspec.structs.replace(DEFINITION, roster=nobody))
    counts = tmp_path / "counts.csv"
    counts.write_text("target,answer,count\n", encoding="utf-8")
    told = run("result", folder, counts, "--item", "1", "--received", 0, "--reason", "power failed")
    assert told.exit_code == Failure.exit_code
    assert "This needs a scrutineer's signature, and the roster has no scrutineer" in told.output
    assert "Sign it" not in told.output
