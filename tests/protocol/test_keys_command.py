"""``pingyi keys``: what rests on this machine, its PINs, and its end."""

import secrets
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from kit.waits import quick_waits
from pingyi_protocol.commands.keys import keys
from pingyi_protocol.keys.draft import EnrolmentDraft
from pingyi_protocol.keys.key_file import (
    DeviceKeys,
    KeyFileError,
    generate_device_keys,
    needs_pin,
    read_key_file,
    write_key_file,
)
from pingyi_protocol.keys.places import State, places_at, places_named
from pingyi_protocol.keys.profile import SHARES_FILE, Profile, ProfileFacts, ProfileInUseError
from pingyi_protocol.keys.signing import generate_signing_key, public_text
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.commands import Body, Cast, CheckIn, Command, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.record.pins import key_fingerprint
from pingyi_protocol.wire.envelope import seal

FACTS = ProfileFacts(
    meeting="3f2a",
    meeting_name="专项工作评议会",
    addresses=("127.0.0.1",),
    port=7610,
    server_key=generate_transport_keys().public,
    log_key=public_text(generate_signing_key()),
    origin="pingyi/3f2a",
    person="M02",
    role=Role.MEMBER,
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")
    monkeypatch.setenv("PINGYI_PROFILES", str(tmp_path / "profiles"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "profiles"


def profile_of(
    root: Path, person: str = "M02", role: Role = Role.MEMBER, pin: str = "", meeting: str = "3f2a"
) -> Profile:
    facts = msgspec.structs.replace(FACTS, person=person, role=role, meeting=meeting)
    return Profile.create(root, facts, generate_device_keys(), pin)


def meeting_in(folder: Path) -> Path:
    """A meeting's folder as far as its keys go."""
    folder.mkdir()
    server = generate_device_keys()
    write_key_file(folder / "server.key", server)
    clerk = msgspec.structs.replace(FACTS, person="clerk", role=Role.CLERK, log_key=public_text(server.signing_key))
    Profile.create(folder / "clerk", clerk, generate_device_keys())
    return folder


def run(*arguments: object, typed: str = "") -> Result:
    return CliRunner().invoke(keys, [str(one) for one in arguments], typed)


def fingerprint(device: DeviceKeys) -> str:
    return key_fingerprint(bytes(device.signing_key.verify_key))


def keep(profile: Profile, body: Body) -> None:
    """Sign a command and leave it in the outbox."""
    command = Command("3f2a", secrets.token_hex(16), "M02", Role.MEMBER, "2026-11-23T10:00:00+08:00", body)
    sealed = seal(msgspec.json.encode(command), generate_signing_key())
    profile.keep(command.id, msgspec.json.encode(sealed))


def test_the_list_says_whose_in_what_state_and_with_which_key(root: Path) -> None:
    older = profile_of(root)
    newer = profile_of(root)
    chair = profile_of(root, "M01", Role.CHAIR, "2580")
    draft = EnrolmentDraft.begin(root, "c0de", FACTS, generate_device_keys(), "", b"{}")
    half_made = newer.folder.with_name(".part-x")
    half_made.mkdir(mode=0o700)
    write_key_file(half_made / "keys.json", generate_device_keys())
    damaged = profile_of(root, "M03")
    damaged.key_file.write_bytes(b"{")
    listed = run("list").output
    blocks = dict(entries(listed))
    member = blocks[str(newer.folder)]
    assert "seat M02, in use" in member
    assert "no PIN" in member
    assert fingerprint(newer.unlock()) in member
    assert "专项工作评议会 (3f2a)" in member
    aside = blocks[str(older.folder.with_name("M02-member~1"))]
    assert "set aside" in aside
    assert fingerprint(newer.unlock()) not in aside
    assert "chair M01, in use" in blocks[str(chair.folder)]
    assert "with PIN" in blocks[str(chair.folder)]
    assert "unfinished enrolment" in blocks[str(draft.folder)]
    # without its facts nothing says whose it was, and it is listed all the same
    assert "profile" in blocks[str(half_made)]
    assert "is damaged" in blocks[str(damaged.folder)]
    assert len(blocks) == 6


def entries(listed: str) -> list[tuple[str, str]]:
    """The lines of the list by the path that they stand under."""
    found: list[tuple[str, str]] = []
    for line in listed.splitlines():
        if line.startswith(" "):
            found[-1] = (found[-1][0], found[-1][1] + line)
        else:
            found.append((line, ""))
    return found


def test_the_list_shows_what_a_program_uses_and_what_others_can_read(root: Path) -> None:
    profile = profile_of(root)
    assert "open now" not in run("list").output
    with profile.held():
        assert "open now" in run("list").output
    profile.key_file.chmod(0o644)
    assert f"chmod 600 {profile.key_file}" in run("list").output


def test_names_of_meetings_that_would_command_the_terminal_are_written_out(root: Path) -> None:
    facts = msgspec.structs.replace(FACTS, meeting_name="会议\x1b]0;owned\x07\u202e")
    Profile.create(root, facts, generate_device_keys())
    listed = run("list").output
    assert "\x1b" not in listed
    assert "会议<U+001B>]0;owned<U+0007><U+202E>" in listed


def test_nothing_to_list_is_said(root: Path) -> None:
    assert f"no keys in {root}" in run("list").output
    unknown = run("list", "M09-member")
    assert (unknown.exit_code, "Nothing here is called M09-member" in unknown.output) == (2, True)
    assert run("pin").exit_code == 2


def test_a_pin_is_set_changed_and_removed(root: Path) -> None:
    profile = profile_of(root)
    device = profile.unlock()
    assert run("pin", typed="2580\n2580\n").exit_code == 0
    assert profile.unlock("2580") == device
    changed = run("pin", "M02-member", typed="2580\n3691\n3691\n")
    assert (changed.exit_code, profile.unlock("3691")) == (0, device)
    assert not any(pin in changed.output for pin in ("2580", "3691"))
    assert run("pin", profile.folder, "--remove", typed="3691\n").exit_code == 0
    assert not needs_pin(profile.key_file)
    assert run("pin", "--remove").exit_code == 2


def test_keys_that_lay_open_are_not_left_behind_when_they_get_a_pin(root: Path, tmp_path: Path) -> None:
    """Another name for the older bytes shows what became of them."""
    profile = profile_of(root)
    device = profile.unlock()
    other_name = tmp_path / "other"
    other_name.hardlink_to(profile.key_file)
    assert run("pin", typed="2580\n2580\n").exit_code == 0
    assert set(other_name.read_bytes()) == {0}
    assert profile.unlock("2580") == device


def test_the_pin_of_others_is_not_changed_without_the_old_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = quick_waits(monkeypatch)
    profile = profile_of(root, pin="2580")
    refused = run("pin", typed="0000\n0001\n0002\n0003\n9999\n9999\n")
    assert (refused.exit_code, waits) == (2, [1, 2, 4])
    assert needs_pin(profile.key_file)
    # a new PIN begins without the guesses at the old one
    assert run("pin", typed="2580\n3691\n3691\n").exit_code == 0
    assert [path.name for path in profile.folder.glob("*.tries")] == []


def test_of_several_one_must_be_named_and_none_is_changed_while_in_use(root: Path, tmp_path: Path) -> None:
    profile, other = profile_of(root), profile_of(root, "M03")
    several = run("pin", typed="2580\n2580\n")
    assert several.exit_code == 2
    assert {str(profile.folder), str(other.folder)} <= {line.strip() for line in several.output.splitlines()}
    with profile.held():
        refused = run("pin", profile.folder, typed="2580\n2580\n")
    assert isinstance(refused.exception, ProfileInUseError)
    assert not profile.needs_pin
    assert run("pin", "M03-member", typed="2580\n2580\n").exit_code == 0
    server = meeting_in(tmp_path / "july")
    assert run("pin", server, typed="2580\n2580\n").exit_code == 2


@pytest.mark.parametrize("name", ["server.key", "clerk"])
def test_the_keys_of_a_meetings_folder_get_a_pin_too(tmp_path: Path, name: str) -> None:
    folder = meeting_in(tmp_path / "july")
    before = fingerprints(folder)
    assert run("pin", folder / name, typed="2580\n2580\n").exit_code == 0
    pinned = [place for place in places_at(folder) if place.pinned]
    assert [place.named for place in pinned] == [folder / name]
    listed = run("list", folder).output
    assert before["server.key"] in listed
    # what is public of the server's keys stands in the clerk's profile, of the clerk's nowhere beside the record
    assert (before["clerk"] in listed) == (name == "server.key")


def fingerprints(folder: Path) -> dict[str, str]:
    return {place.named.name: fingerprint(read_key_file(place.key_file)) for place in places_at(folder)}


def test_destroyed_keys_are_gone_and_the_receipts_stay(root: Path) -> None:
    profile = profile_of(root)
    profile.settle("c1", b"receipt")
    secret = profile.key_file.read_bytes()
    left = run("destroy", "M02-member", typed="n\n")
    assert (left.exit_code, profile.key_file.read_bytes()) == (1, secret)
    done = run("destroy", "M02-member", typed="y\n")
    assert done.exit_code == 0, done.output
    assert "new code" in done.output
    assert not Profile.find(root, Role.MEMBER)
    [place] = places_at(root)
    assert (place.state, place.folder.name) == (State.DESTROYED, "M02-member~1")
    assert place.profile is not None
    assert place.profile.receipt("c1") == b"receipt"
    with pytest.raises(KeyFileError, match="were destroyed"):
        place.profile.unlock()
    assert "destroyed" in run("list").output
    assert isinstance(run("destroy", place.folder, "--yes").exception, KeyFileError)
    assert run("destroy", place.folder, "--yes", "--receipts").exit_code == 0
    assert places_at(root) == []


def test_receipts_go_when_that_is_asked(root: Path) -> None:
    profile = profile_of(root)
    profile.settle("c1", b"receipt")
    assert run("destroy", profile.folder, "--receipts", "--yes").exit_code == 0
    assert list(profile.folder.parent.iterdir()) == []


def test_a_signed_ballot_that_was_not_sent_is_named_and_stops_it(root: Path) -> None:
    profile = profile_of(root)
    keep(profile, CheckIn())
    keep(profile, Cast("3", 2, (Score("T1", "", Decimal("61.75")),)))
    before = profile.key_file.read_bytes()
    stopped = run("destroy", "M02-member", "--yes")
    assert (stopped.exit_code, profile.key_file.read_bytes()) == (1, before)
    assert "a signed ballot on item 3, round 2" in stopped.output
    assert "check-in/1" in stopped.output
    # what was answered is for the member's eyes
    assert "61.75" not in stopped.output
    assert run("destroy", "M02-member", "--yes", "--force").exit_code == 0


def test_all_keys_of_a_meeting_are_destroyed_at_once_and_no_others(root: Path) -> None:
    for person in ("M02", "M02", "M03"):
        profile_of(root, person)
    EnrolmentDraft.begin(root, "c0de", FACTS, generate_device_keys(), "", b"{}")
    assert run("destroy", "M03-member", "--yes").exit_code == 0
    other = profile_of(root, meeting="77aa")
    device = other.unlock()
    assert "Destroyed: 3." in run("destroy", "3f2a", "--yes").output
    states = {place.folder.name: place.state for place in places_at(root / "3f2a")}
    destroyed = {"M02-member~1", "M02-member~2", "M03-member~1"}
    assert states == dict.fromkeys(destroyed, State.DESTROYED)
    assert other.unlock() == device
    assert len(places_named("专项工作评议会", root)) == 4


def test_who_destroys_the_keys_of_a_share_is_told(root: Path) -> None:
    profile = profile_of(root, role=Role.SCRUTINEER)
    assert "share" not in run("destroy", "M02-scrutineer", typed="n\n").output
    (profile.folder / SHARES_FILE).write_bytes(b"{}")
    assert "share of the election key" in run("destroy", "M02-scrutineer", typed="n\n").output


def test_keys_in_use_are_not_destroyed(root: Path, tmp_path: Path) -> None:
    profile, folder = profile_of(root), meeting_in(tmp_path / "july")
    [server, clerk] = places_at(folder)
    before = [profile.unlock(), read_key_file(server.key_file), read_key_file(clerk.key_file)]
    with profile.held(), server.held():
        for one in (profile.folder, folder, folder / "clerk"):
            assert isinstance(run("destroy", one, "--yes").exception, ProfileInUseError)
        with pytest.raises(ProfileInUseError), clerk.held():
            pass
    assert [profile.unlock(), read_key_file(server.key_file), read_key_file(clerk.key_file)] == before


def test_a_meetings_keys_are_destroyed_where_they_are(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path / "july")
    done = run("destroy", folder, typed="y\n")
    assert done.exit_code == 0, done.output
    assert "never be served or continued" in done.output
    assert [place.state for place in places_at(folder)] == [State.DESTROYED] * 2
    for place in places_at(folder):
        with pytest.raises(KeyFileError, match="were destroyed"):
            read_key_file(place.key_file)
    # what is public stays, for reading the record
    assert places_at(folder)[1].profile is not None


def test_no_byte_of_the_old_file_is_left_in_its_place(tmp_path: Path) -> None:
    """Another name for the same bytes shows what became of them: they were overwritten before the file was replaced."""
    folder = meeting_in(tmp_path / "july")
    other_name = tmp_path / "other"
    other_name.hardlink_to(folder / "server.key")
    assert run("destroy", folder / "server.key", "--yes").exit_code == 0
    assert set(other_name.read_bytes()) == {0}
