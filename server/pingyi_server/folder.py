"""A meeting's folder: its file, its database, the server's keys, the clerk's profile, and who serves it now."""

import secrets
import shlex
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import msgspec
from filelock import FileLock, Timeout

from pingyi_protocol.client.served import SERVING, Served, served_at
from pingyi_protocol.keys.durable import write_durably
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys, read_key_file, write_key_file
from pingyi_protocol.keys.places import CLERK_FOLDER, MEETING_LOCK, SERVER_KEY, Whose
from pingyi_protocol.keys.profile import Profile, ProfileFacts
from pingyi_protocol.keys.signing import parse_public_key, public_text
from pingyi_protocol.meeting.commands import Body, Command, CreateMeeting
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wording import WordedError
from pingyi_server.ledger.database import sqlite_file
from pingyi_server.ledger.ledger import Ledger, LedgerDamagedError, StandingLedger
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import StoreBusyError


class FolderError(WordedError):
    """The folder is not ready for what was asked; the text says what to do."""

    package = "pingyi_server"


class FolderBusyError(FolderError):
    """Another process serves or changes this meeting."""

    exit_code = 1


OpenKeys: TypeAlias = Callable[[Path, Whose], DeviceKeys]
"""What gives the keys in a file, with their PIN where they have one."""


def keys_without_pin(key_file: Path, _whose: Whose) -> DeviceKeys:
    """Return the keys in a file; WrongPinError where they have a PIN, for nobody is there to be asked."""
    return read_key_file(key_file)


class MeetingFolder:
    """The paths of one meeting and what is read from them.

    ``server.key`` holds the log's signing key and the server's transport keys, ``clerk`` the clerk's profile,
    ``meeting.db`` the embedded database unless ``database`` is another URL. ``open_keys`` is asked for each of the two
    at most once, and only by who signs or answers with it: whoever reads the record needs neither.
    """

    def __init__(self, path: Path, database: str | None = None, open_keys: OpenKeys = keys_without_pin) -> None:
        """Name the folder; nothing is read yet."""
        self.path = path
        self.database = database or sqlite_url(path / "meeting.db")
        self.server_key = path / SERVER_KEY
        self.clerk = path / CLERK_FOLDER
        self.serving = path / SERVING
        self._open_keys = open_keys
        self._opened: dict[Whose, DeviceKeys] = {}

    @property
    def typed(self) -> str:
        """The folder as it is typed in a shell."""
        return shlex.quote(str(self.path))

    @property
    def begun(self) -> bool:
        """Whether the meeting has been loaded once."""
        return self.server_key.exists()

    @property
    def written(self) -> bool:
        """Whether there is a database to read; one that is no file on this machine is taken to be there."""
        file = sqlite_file(self.database)
        return file is None or file.exists()

    def require_database(self) -> None:
        """Raise FolderError before the meeting was loaded, or where who only reads would make an empty database."""
        self.require_keys()
        if not self.written:
            raise FolderError("folder.no_database", file=sqlite_file(self.database))

    def require_keys(self) -> None:
        """Raise FolderError before the meeting was loaded, and when the server's keys are lost."""
        if not self.begun:
            raise self.not_begun(self.server_key)

    def has_record(self) -> bool:
        """Whether this meeting has a record already: the clerk has seen one, or there are entries in the database."""
        found = Profile.find(self.clerk, CLERK.role)
        if found and found[0].head() is not None:
            return True
        if not self.written:
            return False
        with closing(self.open_store()) as store:
            return store.size() > 0

    def not_begun(self, missing: Path) -> FolderError:
        """Return what to do about ``missing``: a meeting with a record needs it back, and never a new one."""
        if self.has_record():
            return FolderError("folder.key_missing", file=missing)
        return FolderError("folder.not_loaded", folder=self.typed)

    @contextmanager
    def held(self, patience: float = 0.0) -> Iterator[None]:
        """Hold the folder; FolderBusyError when another process does for ``patience`` seconds. A killed one lets go."""
        lock = FileLock(self.path / MEETING_LOCK, mode=0o600)
        try:
            lock.acquire(timeout=patience)
        except Timeout as fault:
            raise FolderBusyError("folder.busy", folder=self.path) from fault
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def locked(self, patience: float = 0.0) -> Iterator[SqlStore]:
        """Hold folder and database, and give the store to write to; FolderBusyError when another process has either.

        The same database may be named by another folder or in other words.
        """
        with self.held(patience), closing(self.open_store()) as store:
            try:
                store.claim()
            except StoreBusyError as fault:
                raise FolderBusyError("folder.database_busy", fault=fault) from fault
            yield store

    def begin(self, definition: Definition) -> None:
        """Make the server's and the clerk's keys and profile, once; FolderError where a record needs the lost ones."""
        if self.has_record():
            raise self.not_begun(self.server_key)
        server, clerk = generate_device_keys(), generate_device_keys()
        facts = ProfileFacts(
            meeting=secrets.token_hex(16),
            meeting_name=definition.meeting.name,
            addresses=definition.meeting.addresses,
            port=definition.meeting.port,
            server_key=server.transport.public,
            log_key=public_text(server.signing_key),
            origin=f"pingyi/{secrets.token_hex(8)}",
            person=CLERK.person,
            role=CLERK.role,
        )
        Profile.create(self.clerk, facts, clerk)
        write_key_file(self.server_key, server)

    def server_keys(self) -> DeviceKeys:
        """Return the server's keys; raises as ``require_keys``, and what ``open_keys`` raises."""
        self.require_keys()
        return self._keys(self.server_key, Whose.SERVER)

    def clerk_keys(self) -> DeviceKeys:
        """Return the clerk's keys; raises as ``clerk_profile``, and what ``open_keys`` raises."""
        return self._keys(self.clerk_profile().key_file, Whose.CLERK)

    def _keys(self, key_file: Path, whose: Whose) -> DeviceKeys:
        if whose not in self._opened:
            self._opened[whose] = self._open_keys(key_file, whose)
        return self._opened[whose]

    def clerk_profile(self) -> Profile:
        """Return the clerk's profile; FolderError before the meeting was loaded, and when it is lost."""
        found = Profile.find(self.clerk, CLERK.role)
        if not found:
            raise self.not_begun(self.clerk)
        return found[0]

    def clerk_facts(self) -> ProfileFacts:
        """Return how the clerk reaches the running server."""
        facts = self.clerk_profile().facts
        served = self.served()
        if served is None:
            return facts
        return msgspec.structs.replace(facts, addresses=(served.address,), port=served.port)

    def office(self) -> int | None:
        """Return the port on this machine where the server takes the clerk's requests; None means the meeting's."""
        served = self.served()
        return served.office if served else None

    def open_store(self) -> SqlStore:
        """Open the meeting's database; StoreError when it cannot be, or is of another version."""
        return SqlStore(self.database)

    def open_ledger(self, store: SqlStore | None = None) -> Ledger:
        """Open the ledger to append to it, in the ``store`` of whoever has one open; raises what both raise.

        LedgerDamagedError also for an empty database when the clerk has seen a record: nobody begins a second one.
        """
        key, facts = self.server_keys().signing_key, self.clerk_profile().facts
        ledger = Ledger(store or self.open_store(), key, facts.origin)
        self.require_record(ledger)
        return ledger

    def require_record(self, ledger: StandingLedger) -> None:
        """Raise LedgerDamagedError for an empty ledger when the clerk has seen a record."""
        if not ledger.meeting.size and self.clerk_profile().head() is not None:
            raise LedgerDamagedError("ledger.gone")

    def ledger_to_write(self, store: SqlStore) -> Ledger:
        """Open the ledger in the ``store`` of whoever holds it, to append to it.

        LedgerDamagedError also where it lacks what the clerk has seen of it: a second end would be another record.
        """
        seen = self.clerk_profile().head()
        ledger = self.open_ledger(store)
        if seen is not None:
            ledger.require(seen)
        return ledger

    def standing(self) -> StandingLedger:
        """Return the ledger as it stands, for reading what it holds; needs no lock and no private key."""
        self.require_keys()  # before there is a meeting, looking for it makes no database
        facts = self.clerk_profile().facts
        with closing(self.open_store()) as store:
            ledger = StandingLedger(store, parse_public_key(facts.log_key), facts.origin)
        self.require_record(ledger)
        return ledger

    def meeting(self) -> Meeting:
        """Return the meeting as it stands on record; needs no lock."""
        return self.standing().meeting

    def busy(self) -> bool:
        """Whether another process holds the meeting."""
        try:
            with self.locked():
                return False
        except FolderBusyError:
            return True

    def first_command(self) -> tuple[Command, Envelope]:
        """Return the signed command that begins the ledger."""
        profile = self.clerk_profile()
        facts, clerk = profile.facts, self.clerk_keys()
        body = CreateMeeting(
            origin=facts.origin,
            log_key=facts.log_key,
            server_key=facts.server_key,
            signing_key=public_text(clerk.signing_key),
            transport_key=clerk.transport.public,
        )
        return self.signed(body)

    def signed(self, body: Body) -> tuple[Command, Envelope]:
        """Return a command of the clerk, signed."""
        profile = self.clerk_profile()
        command = Command(
            meeting=profile.facts.meeting,
            id=secrets.token_hex(16),
            person=CLERK.person,
            role=CLERK.role,
            issued=datetime.now(UTC).isoformat(timespec="milliseconds"),
            body=body,
        )
        return command, seal(msgspec.json.encode(command), self.clerk_keys().signing_key)

    def served(self) -> Served | None:
        """Return where the running server listens, None when none does."""
        try:
            return served_at(self.path)
        except ValueError as fault:  # msgspec's errors, and bytes that are no text
            raise FolderError("folder.serving_damaged", file=self.serving) from fault

    @contextmanager
    def announced(self, served: Served) -> Iterator[None]:
        """Note where this process serves the meeting, for as long as the block runs.

        Only our own note is taken back, and what stood there before comes back: where somebody forced a second server
        to run beside another one, that one's note may be either.
        """
        try:
            earlier = self.served()
        except FolderError:
            earlier = None  # it is written anew
        self.note_served(served)
        try:
            yield
        finally:
            if self.served() == served:
                self.note_served(None if earlier == served else earlier)

    def note_served(self, served: Served | None) -> None:
        """Write where the meeting is served, or that it is not."""
        if served is None:
            self.serving.unlink(missing_ok=True)
        else:
            write_durably(self.serving, msgspec.json.encode(served))
