import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pingyi_protocol.keys.key_file import KeyFileError, WrongPinError, generate_device_keys
from pingyi_protocol.keys.profile import Profile, ProfileError, ProfileFacts, ProfileInUseError, default_root
from pingyi_protocol.keys.signing import WeakKeyError, generate_signing_key, public_text
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.envelope import seal
from pingyi_protocol.wording import WordedError

KEYS = generate_device_keys()
FACTS = ProfileFacts(
    meeting="m-2026-04",
    meeting_name="专项工作评议会",
    addresses=("192.168.1.10", "server.hall"),
    port=7610,
    server_key=generate_transport_keys().public,
    log_key=public_text(generate_signing_key()),
    origin="pingyi.example/m-2026-04",
    person="007",
    role=Role.MEMBER,
)
SENT = msgspec.json.encode(seal('{"score":"92","note":"评"}'.encode(), KEYS.signing_key))


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile.create(tmp_path, FACTS, KEYS)


def facts(**changes: object) -> ProfileFacts:
    return msgspec.structs.replace(FACTS, **changes)


def test_a_profile_comes_back_from_its_folder(tmp_path: Path, profile: Profile) -> None:
    assert profile.folder == tmp_path / "m-2026-04" / "007-member"
    loaded = Profile.load(profile.folder)
    assert loaded.facts == FACTS
    assert loaded.unlock() == KEYS
    assert not loaded.needs_pin
    assert loaded.head() is None
    assert loaded.waiting() == []


def test_a_profile_with_a_pin_opens_with_it_only(tmp_path: Path) -> None:
    profile = Profile.create(tmp_path, FACTS, KEYS, "2580")
    assert profile.needs_pin
    with pytest.raises(WrongPinError):
        profile.unlock()
    assert profile.unlock("2580") == KEYS


def test_nobody_else_can_look_in(profile: Profile) -> None:
    profile.keep("a", SENT)
    profile.settle("a", b"receipt")
    profile.keep("b", SENT)
    profile.remember_head("note")
    with profile.held():
        for path in profile.folder.rglob("*"):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert profile.folder.stat().st_mode & 0o777 == 0o700


def test_the_profile_is_readable_and_holds_no_private_key(profile: Profile) -> None:
    text = (profile.folder / "profile.json").read_text(encoding="utf-8")
    assert "专项工作评议会" in text
    assert KEYS.transport.secret not in text
    assert json.loads(text)["format"] == "pingyi-profile/1"


def test_profiles_are_found_by_role_person_and_meeting_newest_first(tmp_path: Path) -> None:
    made = [
        Profile.create(tmp_path, facts(meeting=meeting, person=person, role=role), KEYS)
        for meeting, person, role in [
            ("old", "007", Role.MEMBER),
            ("new", "007", Role.MEMBER),
            ("new", "008", Role.MEMBER),
            ("new", "007", Role.CHAIR),
            ("new", "", Role.HALL),
        ]
    ]
    for age, profile in enumerate(made):
        os.utime(profile.folder / "profile.json", ns=(age * 10**9, age * 10**9))
    folders = [profile.folder for profile in made]

    def found(role: Role, **which: str) -> list[Path]:
        return [profile.folder for profile in Profile.find(tmp_path, role, **which)]

    assert found(Role.MEMBER) == [folders[2], folders[1], folders[0]]
    assert found(Role.MEMBER, person="007") == [folders[1], folders[0]]
    assert found(Role.MEMBER, person="007", meeting="old") == [folders[0]]
    assert found(Role.CHAIR) == [folders[3]]
    assert found(Role.HALL, person="") == [folders[4]]
    assert folders[4].name == "hall-hall"
    assert found(Role.CLERK) == []
    assert Profile.find(tmp_path / "nothing here", Role.MEMBER) == []


def test_a_damaged_profile_is_reported_and_hides_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good = Profile.create(tmp_path, FACTS, KEYS)
    bad = Profile.create(tmp_path, facts(person="008"), KEYS)
    (bad.folder / "profile.json").write_bytes(b'{"format":"pingyi-pro')
    assert [profile.folder for profile in Profile.find(tmp_path, Role.MEMBER)] == [good.folder]
    assert str(bad.folder) in caplog.text
    with pytest.raises(ProfileError) as damaged:
        Profile.load(bad.folder)
    assert damaged.value.key == "keys.profile_damaged"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "pingyi-profile/2"},
        {"port": 0},
        {"addresses": []},
        {"role": "king"},
        {"server_key": "0" * 40},
        {"log_key": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"extra": 1},
        {"meeting_name": "\ud800"},
    ],
)
def test_a_profile_edited_into_nonsense_is_damaged(profile: Profile, change: dict[str, object]) -> None:
    path = profile.folder / "profile.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change))
    with pytest.raises(ProfileError):
        Profile.load(profile.folder)


def test_a_folder_without_a_profile_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as missing:
        Profile.load(tmp_path)
    assert missing.value.key == "keys.profile_missing"
    assert "Enrol" in str(missing.value)


def test_a_profile_with_a_weak_log_key_is_never_made() -> None:
    with pytest.raises(WeakKeyError):
        facts(log_key="AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")


@pytest.mark.parametrize("name", ["..", "../../etc", "/", "a/b", "a\\b", "C:", ".new-x", "a~1", "\x00", "a\nb", "七号"])
def test_no_name_from_outside_leaves_its_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / "profiles"
    profile = Profile.create(root, facts(meeting=name, person=name), KEYS)
    assert profile.folder.parent.parent == root
    assert profile.folder.resolve().is_relative_to(root.resolve())
    assert [found.facts.person for found in Profile.find(root, Role.MEMBER)] == [name]


def test_enrolling_again_keeps_the_older_profile_beside_it(tmp_path: Path, profile: Profile) -> None:
    profile.keep("ballot", SENT)
    newer_keys = generate_device_keys()
    newer = Profile.create(tmp_path, FACTS, newer_keys)
    assert newer.folder == profile.folder
    assert newer.unlock() == newer_keys
    assert newer.waiting() == []
    older = Profile.load(profile.folder.with_name("007-member~1"))
    assert older.unlock() == KEYS
    assert older.waiting() == [("ballot", SENT)]
    assert len(Profile.find(tmp_path, Role.MEMBER)) == 1
    Profile.create(tmp_path, FACTS, KEYS)
    assert profile.folder.with_name("007-member~2").is_dir()


def test_a_damaged_profile_can_be_enrolled_over(tmp_path: Path, profile: Profile) -> None:
    (profile.folder / "profile.json").unlink()
    Profile.create(tmp_path, FACTS, KEYS)
    assert Profile.load(profile.folder).unlock() == KEYS


def test_a_profile_in_use_is_not_enrolled_over(tmp_path: Path, profile: Profile) -> None:
    with profile.held(), pytest.raises(ProfileInUseError):
        Profile.create(tmp_path, FACTS, generate_device_keys())
    assert profile.unlock() == KEYS
    assert [entry.name for entry in profile.folder.parent.iterdir()] == ["007-member"]


def test_a_disk_error_while_enrolling_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Profile.create(tmp_path, FACTS, KEYS)
    assert list((tmp_path / "m-2026-04").iterdir()) == []


def test_what_is_kept_waits_until_it_is_settled(profile: Profile) -> None:
    profile.keep("second", SENT)
    profile.keep("first", SENT + b" ")
    os.utime(profile.folder / "outbox" / "second.json", ns=(0, 0))
    again = Profile.load(profile.folder)
    assert again.waiting() == [("second", SENT), ("first", SENT + b" ")]
    assert again.receipt("second") is None
    again.settle("second", b'{"receipt":1}')
    assert again.waiting() == [("first", SENT + b" ")]
    assert profile.receipt("second") == b'{"receipt":1}'
    again.settle("second", b'{"receipt":1}')
    assert profile.receipt("second") == b'{"receipt":1}'


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_was_kept_comes_back_byte_for_byte(profile: Profile, text: str) -> None:
    profile.keep("ballot", text.encode())
    assert profile.waiting() == [("ballot", text.encode())]


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_damaged_entry_is_never_sent(profile: Profile, data: st.DataObject) -> None:
    path = profile.folder / "outbox" / "ballot.json"
    profile.keep("ballot", SENT)
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 3))])
    else:
        flipped = bytearray(whole)
        flipped[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(flipped)
    assert profile.waiting() in ([], [("ballot", SENT)])
    if not path.exists():
        assert [moved.name for moved in profile.damaged] == ["ballot.json"]


def test_a_damaged_entry_is_reported_moved_aside_and_stops_no_other(
    profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    profile.keep("good", SENT)
    outbox = profile.folder / "outbox"
    (outbox / "half.json").write_bytes((outbox / "good.json").read_bytes()[:100])
    (outbox / "empty.json").write_bytes(b"")
    (outbox / "renamed.json").write_bytes((outbox / "good.json").read_bytes())
    (outbox / "binary.json").write_bytes(b"\xff\x00")
    with caplog.at_level(logging.ERROR):
        assert profile.waiting() == [("good", SENT)]
    assert [path.name for path in profile.damaged] == ["binary.json", "empty.json", "half.json", "renamed.json"]
    assert len(caplog.records) == 4
    assert "half.json" in caplog.text
    assert profile.waiting() == [("good", SENT)]


def test_a_disk_error_while_keeping_is_raised_and_the_last_entry_stays(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.keep("ballot", SENT)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            profile.keep("ballot", SENT + b" ")
        with pytest.raises(OSError, match="No space left"):
            profile.settle("ballot", b"receipt")
    assert profile.waiting() == [("ballot", SENT)]
    assert profile.receipt("ballot") is None


def test_an_earlier_receipt_stays_beside_the_new_one(profile: Profile) -> None:
    for receipt in (b"first", b"second", b"second", b"first", b"third"):
        profile.keep("ballot", b"sent")
        profile.settle("ballot", receipt)
    assert profile.receipt("ballot") == b"third"
    # it counts no more: only what is on the record is sent again or shown
    assert profile.kept_receipts() == [b"third"]
    earlier = profile.folder / "receipts" / "earlier"
    assert sorted(path.read_bytes() for path in earlier.iterdir()) == [b"first", b"second"]


def test_what_is_given_up_is_kept_with_its_reason(profile: Profile) -> None:
    profile.keep("late", SENT)
    profile.drop("late", "round_closed")
    assert profile.waiting() == []
    dropped = json.loads((profile.folder / "outbox" / "dropped" / "late.json").read_text(encoding="utf-8"))
    assert (dropped["command"], dropped["reason"], dropped["sent"].encode()) == ("late", "round_closed", SENT)
    with pytest.raises(ProfileError):
        profile.drop("late", "again")
    assert profile.gave_up("late")
    assert not profile.gave_up("other")
    # sent again, and taken after all
    profile.keep("late", SENT)
    profile.settle("late", b"receipt")
    assert not profile.gave_up("late")


@pytest.mark.parametrize("command_id", ["", "..", "../a", "a/b", "a.b", "a b", "号", "a" * 65, "a\n"])
def test_a_command_id_is_never_a_path(profile: Profile, command_id: str) -> None:
    uses: list[Callable[[], object]] = [
        lambda: profile.keep(command_id, SENT),
        lambda: profile.settle(command_id, b"receipt"),
        lambda: profile.drop(command_id, "reason"),
        lambda: profile.receipt(command_id),
    ]
    for use in uses:
        with pytest.raises(ProfileError) as refused:
            use()
        assert refused.value.key == "keys.command_id"


def test_the_last_head_is_remembered_to_the_byte(profile: Profile) -> None:
    note = "pingyi.example/m-2026-04\n12\nroot\n\n— pingyi.example sig=\r\n"
    profile.remember_head("older")
    profile.remember_head(note)
    assert Profile.load(profile.folder).head() == note


def test_a_head_that_is_no_text_is_damaged(profile: Profile) -> None:
    (profile.folder / "head.txt").write_bytes(b"\xff")
    with pytest.raises(ProfileError):
        profile.head()


def test_two_programs_cannot_hold_one_profile(profile: Profile) -> None:
    program = (
        "import sys; from pathlib import Path; from pingyi_protocol.keys.profile import Profile\n"
        "with Profile.load(Path(sys.argv[1])).held():\n print('held', flush=True); sys.stdin.read()"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(profile.folder)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ProfileInUseError) as refused, profile.held():
            pass
        assert str(profile.folder) in str(refused.value)
        other.kill()
        other.wait()
        # a killed program lets go by itself
        with profile.held():
            pass


def test_one_program_cannot_hold_it_twice_and_can_again_later(profile: Profile) -> None:
    with profile.held(), pytest.raises(ProfileInUseError), Profile.load(profile.folder).held():
        pass
    with profile.held():
        pass


def test_without_keys_a_profile_says_so(profile: Profile) -> None:
    (profile.folder / "keys.json").unlink()
    with pytest.raises(KeyFileError):
        profile.unlock()


def test_the_root_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_PROFILES", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.setenv("PINGYI_PROFILES", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_root() == tmp_path / "data" / "pingyi" / "profiles"


def test_every_error_has_words_in_english(profile: Profile) -> None:
    with pytest.raises(WordedError) as refused:
        profile.keep("a b", SENT)
    assert str(refused.value).startswith("a b is not the id of a command")
