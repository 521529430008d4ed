"""What a terminal keeps of one meeting for one person and role, in a folder of its own.

``<root>/<meeting>/<person>-<role>/`` (``<role>-<role>`` where there is no person) holds

- ``profile.json``: where the server is and which keys it answers with; ``keys.json``: the private keys;
- ``keys.json.tries``, ``keys.json.lock``: wrong PINs, where one was typed (see ``tries``);
- ``outbox/<command id>.json``: commands that are signed and have no receipt yet, on the disk before they are sent,
  with ``damaged/`` for what cannot be read back and ``dropped/`` for what was given up, with the reason;
- ``receipts/<command id>.json``, byte for byte as the server sent them, with ``earlier/`` for those of a record that
  was given up for an older copy; ``head.txt``: the last checkpoint seen;
- ``shares.json``: a scrutineer's share of the election key, and what it has helped to open (see ``vault``);
- ``trust.json``: what the terminal believes of the record besides its head (see ``client.witness``);
- ``lock``: held by the one program that uses the profile.

Every file is whole or absent after a crash. Files have mode 0600 and folders 0700. Disk errors are OSError.
"""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import filelock
import msgspec
import platformdirs

from pingyi_protocol.keys.durable import make_private_folder, move_durably, remove_durably, write_durably
from pingyi_protocol.keys.enrolment_code import HIGHEST_PORT
from pingyi_protocol.keys.key_file import DeviceKeys, needs_pin, read_key_file, write_key_file
from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.keys.transport import parse_transport_key
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wording import WordedError

_log = logging.getLogger(__name__)

KEY_FILE = "keys.json"
SHARES_FILE = "shares.json"
LOCK = "lock"
_COMMAND_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class ProfileError(WordedError):
    """A profile, or a file in it, is missing or damaged; the text names it and says what to do."""


class ProfileInUseError(WordedError):
    """Another program on this machine uses the profile: one seat, one session."""


class ProfileFacts(Struct, frozen=True, tag_field="format", tag="pingyi-profile/1"):
    """What ``profile.json`` says: the meeting, how to reach and recognise its server, and who this terminal is.

    ``meeting`` is the meeting's id, ``server_key`` the server's CURVE key (Z85), ``log_key`` the Ed25519 key (base64)
    that signs checkpoints of the log ``origin``, ``port`` the first of the server's three. ``person`` is "" for a
    role without one. ``enrolment`` is the receipt of the enrolment as the server sent it, "" for the clerk, whose keys
    the ledger's first leaf names. A key that is malformed or weak is refused with its own error.
    """

    meeting: str
    meeting_name: str
    addresses: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    port: Annotated[int, msgspec.Meta(ge=1, le=HIGHEST_PORT)]
    server_key: str
    log_key: str
    origin: str
    person: str
    role: Role
    enrolment: str = ""

    def __post_init__(self) -> None:
        """Refuse keys that must never be trusted."""
        parse_transport_key(self.server_key)
        parse_public_key(self.log_key)


class _Waiting(Struct, frozen=True, tag_field="format", tag="pingyi-outbox/1"):
    """A command on its way: ``sha256`` (hex, of ``sent`` as UTF-8) tells a damaged file from a whole one.

    ``place`` counts on from the commands that waited before it: clocks are set, and the last press counts.
    """

    place: int
    command: str
    sha256: str
    sent: str


class _Dropped(Struct, frozen=True, tag_field="format", tag="pingyi-dropped/1"):
    command: str
    reason: str
    sent: str


class Profile:
    """One profile folder, opened. ``folder`` is where it is, ``facts`` what its ``profile.json`` says."""

    def __init__(self, folder: Path, facts: ProfileFacts) -> None:
        """Use ``create`` or ``load``."""
        self.folder = folder
        self.facts = facts
        self._outbox = folder / "outbox"
        self._receipts = folder / "receipts"
        self._earlier = folder / "receipts" / "earlier"
        self._dropped = folder / "outbox" / "dropped"

    @classmethod
    def create(cls, root: Path, facts: ProfileFacts, keys: DeviceKeys, pin: str = "") -> "Profile":
        """Write a new profile below ``root``, its keys encrypted under ``pin`` ("" for none).

        An older profile of the same meeting, person and role is kept beside it as ``<name>~1``, ``~2`` and so on.
        Raises ProfileInUseError when that one is in use, OSError when the disk refuses.
        """
        folder = folder_of(root, facts)
        make_private_folder(folder.parent)
        # built aside and renamed, so that a profile is never half there; mkdtemp gives mode 0700
        draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
        try:
            write_profile(draft, facts, keys, pin)
            put_in_place(draft, folder)
        except BaseException:
            shutil.rmtree(draft)
            raise
        return cls(folder, facts)

    @classmethod
    def load(cls, folder: Path) -> "Profile":
        """Open the profile in ``folder``. Raises ProfileError when it is missing, unreadable or damaged."""
        path = folder / "profile.json"
        try:
            facts = msgspec.json.decode(path.read_bytes(), type=ProfileFacts)
        except FileNotFoundError as error:
            raise ProfileError("keys.profile_missing", folder=folder) from error
        except OSError as error:
            raise ProfileError("keys.profile_unreadable", file=path, reason=error.strerror) from error
        except (ValueError, RecursionError) as error:  # msgspec's errors, bytes that are no UTF-8, refused keys
            raise ProfileError("keys.profile_damaged", file=path) from error
        return cls(folder, facts)

    @staticmethod
    def find(root: Path, role: Role, person: str | None = None, meeting: str | None = None) -> "list[Profile]":
        """Return the profiles below ``root`` that fit, the newest first.

        A damaged one is logged and left out, and raised as ProfileError where no other fits.
        """
        found: list[tuple[int, Profile]] = []
        fault: ProfileError | None = None
        for path in sorted(root.glob("*/*/profile.json")):
            if path.parent.name.startswith(".") or "~" in path.parent.name:  # half made, or set aside
                continue
            try:
                profile = Profile.load(path.parent)
            except ProfileError as error:
                _log.warning("%s", error)
                fault = error
                continue
            facts = profile.facts
            if facts.role is role and person in {None, facts.person} and meeting in {None, facts.meeting}:
                found.append((path.stat().st_mtime_ns, profile))
        if fault is not None and not found:
            raise fault
        found.sort(key=lambda entry: entry[0], reverse=True)
        return [profile for _, profile in found]

    @property
    def needs_pin(self) -> bool:
        """Whether the owner set a PIN. Raises KeyFileError."""
        return needs_pin(self.key_file)

    @property
    def key_file(self) -> Path:
        """Where the private keys are."""
        return self.folder / KEY_FILE

    def unlock(self, pin: str = "") -> DeviceKeys:
        """Return the private keys. Raises WrongPinError or KeyFileError. Whoever types a PIN goes by ``keys.tries``."""
        return read_key_file(self.key_file, pin)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Use the profile alone on this machine while the block runs; a killed program lets go by itself.

        Raises ProfileInUseError at once when another program, or another part of this one, holds it.
        """
        with held_folder(self.folder):
            yield

    def keep(self, command_id: str, sent: bytes) -> None:
        """Put a signed command (UTF-8 text) on the disk before it is sent. Raises OSError, then it must not be sent."""
        text = sent.decode()
        before = [self._read_waiting(path) for path in self._outbox.glob("*.json")]
        place = 1 + max((one.place for one in before if one is not None), default=0)
        entry = _Waiting(place, _checked(command_id), hashlib.sha256(sent).hexdigest(), text)
        write_durably(self._outbox / f"{command_id}.json", msgspec.json.encode(entry) + b"\n")

    def waiting(self) -> list[tuple[str, bytes]]:
        """Return the commands without a receipt, (id, exact bytes to send again), in the order they were kept.

        A file that is damaged is logged, moved to ``outbox/damaged/`` and shown by ``damaged``.
        """
        waiting: list[_Waiting] = []
        for path in self._outbox.glob("*.json"):
            entry = self._read_waiting(path)
            if entry is None:
                self._move_to_damaged(path)
            else:
                waiting.append(entry)
        waiting.sort(key=lambda entry: (entry.place, entry.command))
        return [(entry.command, entry.sent.encode()) for entry in waiting]

    @property
    def damaged(self) -> list[Path]:
        """The files that ``waiting`` could not read back, for a person to look at: a ballot may not have been sent."""
        return sorted((self._outbox / "damaged").glob("*.json"))

    def settle(self, command_id: str, receipt: bytes) -> None:
        """Keep the receipt of a command and stop sending it, in this order, so that a crash loses neither.

        An earlier receipt of the same command stays beside it: it proves what a log that was given up has signed.
        """
        earlier = self.receipt(command_id)
        if earlier is not None and earlier != receipt:
            self._keep_earlier(command_id, earlier)
        write_durably(self._receipts / f"{_checked(command_id)}.json", receipt)
        remove_durably(self._outbox / f"{command_id}.json")
        if self.gave_up(command_id):
            remove_durably(self._dropped / f"{command_id}.json")

    def _keep_earlier(self, command_id: str, receipt: bytes) -> None:
        """Keep an earlier receipt, unless it was kept before a crash."""
        make_private_folder(self._earlier)
        kept = sorted(self._earlier.glob(f"{command_id}~*.json"))
        if all(path.read_bytes() != receipt for path in kept):
            write_durably(self._earlier / f"{command_id}~{len(kept) + 1}.json", receipt)

    def receipt(self, command_id: str) -> bytes | None:
        """Return the receipt of a command byte for byte, None where there is none."""
        return _read_if_there(self._receipts / f"{_checked(command_id)}.json")

    def kept_receipts(self) -> list[bytes]:
        """Return every receipt byte for byte, in no order."""
        return [path.read_bytes() for path in sorted(self._receipts.glob("*.json"))]

    def drop(self, command_id: str, reason: str) -> None:
        """Give up sending a command (it was refused); it is kept in ``outbox/dropped/`` with the reason."""
        path = self._outbox / f"{_checked(command_id)}.json"
        waiting = self._read_waiting(path)
        if waiting is None:
            raise ProfileError("keys.outbox_missing", file=path)
        make_private_folder(self._dropped)
        entry = _Dropped(command_id, reason, waiting.sent)
        write_durably(self._dropped / path.name, msgspec.json.encode(entry) + b"\n")
        remove_durably(path)

    def gave_up(self, command_id: str) -> bool:
        """Whether a command was given up, and not taken afterwards; one with a receipt was lost with its record."""
        return (self._dropped / f"{_checked(command_id)}.json").exists()

    def head(self) -> str | None:
        """Return the last checkpoint note that this terminal saw, None before the first. Its signature is not checked.

        Raises ProfileError when the file is not UTF-8.
        """
        path = self.folder / "head.txt"
        note = _read_if_there(path)
        try:
            return None if note is None else note.decode()
        except UnicodeDecodeError as error:
            raise ProfileError("keys.profile_damaged", file=path) from error

    def remember_head(self, note: str) -> None:
        """Keep ``note`` as the last checkpoint seen; the next one must be consistent with it."""
        write_durably(self.folder / "head.txt", note.encode())

    def trust(self) -> bytes | None:
        """Return what ``remember_trust`` kept, None before that."""
        return _read_if_there(self.folder / "trust.json")

    def remember_trust(self, trust: bytes) -> None:
        """Keep what the terminal believes of the record besides its head."""
        write_durably(self.folder / "trust.json", trust)

    @staticmethod
    def _read_waiting(path: Path) -> _Waiting | None:
        """Return what waits, None when the file is missing, damaged, or not the one its name says."""
        data = _read_if_there(path)
        if data is None:
            return None
        try:
            entry = msgspec.json.decode(data, type=_Waiting)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        whole = hashlib.sha256(entry.sent.encode()).hexdigest() == entry.sha256 and entry.command == path.stem
        return entry if whole else None

    def _move_to_damaged(self, path: Path) -> None:
        _log.error("%s", ProfileError("keys.outbox_damaged", file=path))
        make_private_folder(self._outbox / "damaged")
        move_durably(path, self._outbox / "damaged" / path.name)


def default_root() -> Path:
    """Return the folder of all profiles: ``PINGYI_PROFILES``, else ``profiles`` in the person's data folder."""
    asked = os.environ.get("PINGYI_PROFILES")
    return Path(asked) if asked else Path(platformdirs.user_data_dir("pingyi", appauthor=False)) / "profiles"


def _file_name(text: str) -> str:
    """Return ``text`` as one path component: letters (Chinese too), digits, - and _ stay, all else becomes ``%XX``.

    Meeting ids and member numbers come from others: no dot, slash or ``~`` of theirs reaches the file system.
    """
    return "".join(
        character
        if character.isalnum() or character in "-_"
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def _checked(command_id: str) -> str:
    if not _COMMAND_ID.fullmatch(command_id):
        raise ProfileError("keys.command_id", command=command_id)
    return command_id


def _read_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def folder_of(root: Path, facts: ProfileFacts) -> Path:
    """Return where the profile of this meeting, person and role is."""
    return root / _file_name(facts.meeting) / f"{_file_name(facts.person or facts.role)}-{facts.role}"


def write_profile(folder: Path, facts: ProfileFacts, keys: DeviceKeys, pin: str) -> None:
    """Write what a new profile holds into ``folder``. Raises OSError."""
    for name in ("outbox", "receipts"):
        make_private_folder(folder / name)
    write_key_file(folder / KEY_FILE, keys, pin)
    write_facts(folder, facts)


def write_facts(folder: Path, facts: ProfileFacts) -> None:
    """Write ``profile.json``. Raises OSError."""
    write_durably(folder / "profile.json", msgspec.json.format(msgspec.json.encode(facts)) + b"\n")


def put_in_place(draft: Path, folder: Path) -> None:
    """Rename a whole draft to ``folder``; an older profile there is set aside. Raises as ``Profile.create`` does."""
    if folder.exists():
        set_aside(folder)
    move_durably(draft, folder)


@contextmanager
def held_folder(folder: Path) -> Iterator[None]:
    """Hold a profile folder as ``Profile.held`` does."""
    lock = filelock.FileLock(folder / LOCK, timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise ProfileInUseError("keys.profile_in_use", folder=folder) from error
    try:
        yield
    finally:
        lock.release()


def set_aside(folder: Path) -> None:
    """Rename a profile so that none of its kind is found there; ProfileInUseError while it is used."""
    with held_folder(folder):
        pass  # nobody uses it now; the lock is let go first because Windows renames no folder with an open file
    number = 1
    while folder.with_name(f"{folder.name}~{number}").exists():
        number += 1
    folder.rename(folder.with_name(f"{folder.name}~{number}"))
