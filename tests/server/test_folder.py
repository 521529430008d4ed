"""A meeting's folder: begun once, held by one process, and readable by everybody while it is served."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from kit.factories import small_definition
from kit.hall import free_port, open_hall
from kit.ledgers import FailingStore
from pingyi_protocol.client.served import Served
from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.meeting.commands import CheckInByHand, CreateMeeting, LoadDefinition
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.clerk import submit
from pingyi_server.folder import FolderBusyError, FolderError, MeetingFolder
from pingyi_server.ledger.store import StoreError


def begun(path: Path, port: int = 7610) -> MeetingFolder:
    folder = MeetingFolder(path)
    folder.begin(small_definition(port=port))
    return folder


def test_before_it_is_begun_a_folder_says_what_to_do(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path)
    assert not folder.begun
    for ask in (folder.server_keys, folder.clerk_profile, folder.clerk_facts, folder.first_command, folder.meeting):
        with pytest.raises(FolderError, match="pingyi load"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_beginning_makes_keys_that_fit_together(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    command, envelope = folder.first_command()
    keys, facts = folder.server_keys(), folder.clerk_profile().facts
    assert isinstance(command.body, CreateMeeting)
    assert facts.log_key == command.body.log_key == public_text(SigningKey(keys.signing_seed))
    assert facts.server_key == command.body.server_key == keys.transport.public
    assert Principal(command.person, command.role) == CLERK
    assert envelope.key == folder.signed(CheckInByHand("M02", "理由"))[1].key
    private = [folder.server_key, *folder.clerk.rglob("keys.json")]
    assert [path.stat().st_mode & 0o077 for path in private] == [0, 0]


def test_begin_that_was_cut_short_is_simply_repeated(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    folder.server_key.unlink()  # the power went just before the last file
    again = MeetingFolder(tmp_path)
    assert not again.begun
    again.begin(small_definition())
    command, _ = again.first_command()
    assert isinstance(command.body, CreateMeeting)
    assert command.body.log_key == public_text(SigningKey(again.server_keys().signing_seed))


def test_one_process_holds_a_folder_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    holds = (
        "import sys, pathlib; from pingyi_server.folder import MeetingFolder\n"
        "with MeetingFolder(pathlib.Path(sys.argv[1])).locked(): print('held', flush=True); sys.stdin.read()"
    )
    folder = MeetingFolder(tmp_path)
    assert not folder.busy()
    command = [sys.executable, "-c", holds, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert folder.busy()
        with pytest.raises(FolderBusyError), folder.locked():
            pass
        other.kill()
        other.wait()
    with folder.locked():
        assert folder.busy()
    assert not folder.busy()


def test_where_the_server_listens_is_noted_while_it_runs(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    assert folder.served() is None
    with folder.announced(Served("10.0.0.5", 8000)):
        assert folder.served() == Served("10.0.0.5", 8000)
        facts = folder.clerk_facts()
        assert (facts.addresses, facts.port) == (("10.0.0.5",), 8000)
    assert (folder.served(), folder.clerk_facts().port) == (None, 7610)


@pytest.mark.parametrize("stays", ["first", "second"])
def test_of_two_servers_forced_side_by_side_each_takes_back_only_its_own_note(tmp_path: Path, stays: str) -> None:
    folder = begun(tmp_path)
    notes = {"first": Served("10.0.0.5", 8000), "second": Served("127.0.0.1", 9000)}
    running = {name: folder.announced(served) for name, served in notes.items()}
    for one in running.values():
        one.__enter__()
    goes = "second" if stays == "first" else "first"
    running[goes].__exit__(None, None, None)
    assert folder.served() == notes[stays]


def test_a_note_that_a_killed_server_left_is_replaced_and_taken_back(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    for left in (b"rubbish", msgspec.json.encode(Served("10.0.0.5", 8000))):
        folder.serving.write_bytes(left)
        with folder.announced(Served("10.0.0.5", 8000)):
            assert folder.served() == Served("10.0.0.5", 8000)
        assert folder.served() is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"address":"\xff","port":1}', b'{"address":1,"port":1}', b"\x00"])
def test_a_damaged_note_of_where_the_server_listens_is_named(tmp_path: Path, content: bytes) -> None:
    folder = begun(tmp_path)
    folder.serving.write_bytes(content)
    with pytest.raises(FolderError, match=r"serving\.json"):
        folder.served()


async def test_the_clerk_acts_alone_or_through_the_running_server(tmp_path: Path) -> None:
    definition = small_definition(port=free_port())
    folder = MeetingFolder(tmp_path)
    folder.begin(definition)
    assert isinstance(await submit(folder, LoadDefinition(definition)), Receipt)
    assert isinstance(await submit(folder, CheckInByHand("M02", "理由")), Receipt)
    async with open_hall(tmp_path, definition) as hall:
        seat = await hall.admit("M03")
        with folder.locked():
            folder.note_served(Served("127.0.0.1", hall.port))
            assert isinstance(await submit(folder, CheckInByHand("M03", "理由")), Receipt)
            assert isinstance(await submit(folder, CheckInByHand("M03", "理由")), Refusal)
        await seat.until(lambda one: one.picture and one.picture.head.size == hall.recorder.meeting.size)
        assert set(folder.meeting().present) == {"M02", "M03"}
        ledger = folder.standing()
        assert (ledger.meeting, ledger.fingerprint) == (hall.recorder.meeting, hall.recorder.ledger.fingerprint)
    assert folder.meeting().sessions.get(Principal("M03", Role.MEMBER)) is not None


async def test_an_act_of_the_clerk_alone_that_cannot_be_written_fails_and_is_to_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = await loaded(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(FailingStore, "mood", "lost")
        patch.setattr("pingyi_server.folder.SqlStore", FailingStore)
        with pytest.raises(StoreError, match="Then run the same command again"):
            await submit(folder, CheckInByHand("M02", "理由"))
    # what a server says of itself would be wrong here
    assert caplog.messages == []
    assert isinstance(await submit(folder, CheckInByHand("M02", "理由")), Receipt)


async def test_a_server_that_cannot_write_fails_the_clerk_and_is_no_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_server.folder.SqlStore", FailingStore)
    monkeypatch.setattr("pingyi_server.clerk.ANSWER_SECONDS", 1.0)
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        store = hall.recorder.ledger.store
        assert isinstance(store, FailingStore)
        store.mood = "lost"
        hall.folder.note_served(Served("127.0.0.1", hall.port))
        with hall.folder.held(), pytest.raises(FolderError, match="Look at the server's log") as failed:
            await submit(hall.folder, CheckInByHand("M02", "理由"))
        assert failed.value.exit_code == 1


async def loaded(path: Path) -> MeetingFolder:
    folder = begun(path)
    assert isinstance(await submit(folder, LoadDefinition(small_definition())), Receipt)
    return folder


async def test_lost_keys_of_a_meeting_with_a_record_are_asked_back_and_never_made_anew(tmp_path: Path) -> None:
    folder = await loaded(tmp_path)
    folder.server_key.rename(tmp_path / "elsewhere")
    for act in (folder.server_keys, folder.meeting, lambda: folder.begin(small_definition())):
        with pytest.raises(FolderError, match=r"server\.key is missing.*Put it back"):
            act()
    assert not folder.server_key.exists()
    shutil.rmtree(folder.clerk)
    with pytest.raises(FolderError, match="is missing, and this meeting has a record"):
        folder.begin(small_definition())
    assert not folder.clerk.exists()
    (tmp_path / "elsewhere").rename(folder.server_key)
    with pytest.raises(FolderError, match="clerk is missing"):
        folder.meeting()


async def test_keys_and_database_lost_together_are_asked_back_while_the_clerk_remembers(tmp_path: Path) -> None:
    folder = await loaded(tmp_path)
    folder.server_key.unlink()
    (tmp_path / "meeting.db").unlink()
    with pytest.raises(FolderError, match=r"server\.key is missing"):
        folder.begin(small_definition())


def test_who_only_reads_asks_for_a_database_and_makes_none(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path, f"sqlite:///{tmp_path / 'nothing.db'}")
    folder.begin(small_definition())
    before = set(tmp_path.iterdir())
    with pytest.raises(FolderError, match=r"no database .*nothing\.db.*--database"):
        folder.require_database()
    assert set(tmp_path.iterdir()) == before
