"""Where private keys rest on this machine: the profiles of a person, and the folder of a meeting.

A meeting's folder holds ``server.key`` and, below ``clerk``, the clerk's profile; ``meeting.lock`` is held by whoever
serves or changes it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import filelock

from pingyi_protocol.keys.draft import PREFIX
from pingyi_protocol.keys.key_file import KeyFileError, needs_pin
from pingyi_protocol.keys.profile import KEY_FILE, LOCK, Profile, ProfileError, ProfileInUseError, held_folder
from pingyi_protocol.meeting.definition import Role

SERVER_KEY = "server.key"
CLERK_FOLDER = "clerk"
MEETING_LOCK = "meeting.lock"
_HALF_MADE = ".part-"


class Whose(StrEnum):
    """Whose keys a file holds: what its PIN is called, and what helps where that is lost."""

    TERMINAL = "terminal"
    CLERK = "clerk"
    SERVER = "server"

    @property
    def credential(self) -> str:
        """The name of the file with the PIN in the folder that a service manager names."""
        return f"pingyi.{self}-pin"


class State(StrEnum):
    """What a key file is good for."""

    CURRENT = "current"
    DRAFT = "draft"
    ASIDE = "aside"
    HALF_MADE = "half_made"
    DAMAGED = "damaged"
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class Place:
    """One key file. ``profile`` is the profile that it belongs to, for ``server.key`` the clerk's beside it, if whole.

    ``fault`` says what is damaged.
    """

    key_file: Path
    whose: Whose
    state: State
    profile: Profile | None
    fault: ProfileError | KeyFileError | None = None

    @property
    def folder(self) -> Path:
        """The profile's folder, or the meeting's."""
        return self.key_file.parent

    @property
    def named(self) -> Path:
        """What a person calls it by: the profile's folder; in a meeting's folder ``server.key`` and ``clerk``."""
        if self.whose is Whose.SERVER:
            return self.key_file
        # an older clerk's keys lie beside those in use
        ours = self.meeting_folder is not None and "~" not in self.folder.name
        return self.folder.parent.parent if ours else self.folder

    @property
    def pinned(self) -> bool:
        """Whether it lies under a PIN; a damaged or destroyed one does not."""
        return self.state not in {State.DAMAGED, State.DESTROYED} and needs_pin(self.key_file)

    @property
    def meeting_folder(self) -> Path | None:
        """The folder of the meeting whose server or clerk it is, None for a profile of a person."""
        if self.whose is Whose.SERVER:
            return self.folder
        above = self.folder.parent.parent
        return above.parent if above.name == CLERK_FOLDER and (above.parent / SERVER_KEY).exists() else None

    @property
    def running(self) -> bool:
        """Whether a program uses it now."""
        meeting = self.meeting_folder
        if not (meeting / MEETING_LOCK if meeting else self.folder / LOCK).exists():
            return False
        try:
            with self.held():
                return False
        except ProfileInUseError:
            return True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every program from it while the block runs; ProfileInUseError where one uses it."""
        meeting = self.meeting_folder
        if meeting is None:
            with held_folder(self.folder):
                yield
            return
        lock = filelock.FileLock(meeting / MEETING_LOCK, timeout=0, mode=0o600)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise ProfileInUseError("keys.meeting_in_use", folder=meeting) from error
        try:
            yield
        finally:
            lock.release()


def whose_profile(profile: Profile) -> Whose:
    """Return whose keys a profile holds."""
    return Whose.CLERK if profile.facts.role is Role.CLERK else Whose.TERMINAL


def places_at(path: Path) -> list[Place]:
    """Return the keys in a meeting's folder, a profile's, a folder of profiles, or all of those of one meeting."""
    if path.name in {SERVER_KEY, KEY_FILE}:
        return [_server_at(path) if path.name == SERVER_KEY else _profile_at(path.parent)]
    if (path / SERVER_KEY).exists():
        return [_server_at(path / SERVER_KEY), *places_at(path / CLERK_FOLDER)]
    if _is_profile(path):
        return [_profile_at(path)]
    folders = sorted({*_folders(path), *(inner for meeting in _folders(path) for inner in _folders(meeting))})
    return [_profile_at(folder) for folder in folders if _is_profile(folder)]


def places_named(name: str, root: Path) -> list[Place]:
    """Return the keys at the path ``name``, or else those below ``root`` whose profile or meeting is called so."""
    if Path(name).exists():
        return places_at(Path(name))
    return [place for place in places_at(root) if name in _names(place)]


def _names(place: Place) -> set[str]:
    facts = place.profile.facts if place.profile else None
    return {place.folder.name, place.folder.parent.name} | ({facts.meeting, facts.meeting_name} if facts else set())


def _folders(path: Path) -> list[Path]:
    return [inner for inner in path.iterdir() if inner.is_dir()] if path.is_dir() else []


def _is_profile(folder: Path) -> bool:
    return any((folder / name).exists() for name in (KEY_FILE, "profile.json"))


def _server_at(key_file: Path) -> Place:
    beside = [place.profile for place in places_at(key_file.parent / CLERK_FOLDER) if place.profile]
    fault = _fault_of(key_file)
    return Place(key_file, Whose.SERVER, _state(State.CURRENT, fault), beside[0] if beside else None, fault)


def _profile_at(folder: Path) -> Place:
    fault: ProfileError | KeyFileError | None = None
    profile = None
    try:
        profile = Profile.load(folder)
    except ProfileError as error:
        fault = error
    fault = fault or _fault_of(folder / KEY_FILE)
    if folder.name.startswith(_HALF_MADE):
        state = State.HALF_MADE
    elif folder.name.startswith(PREFIX):
        state = State.DRAFT
    else:
        state = State.ASIDE if "~" in folder.name else State.CURRENT
    whose = whose_profile(profile) if profile else Whose.TERMINAL
    return Place(folder / KEY_FILE, whose, _state(state, fault), profile, fault)


def _fault_of(key_file: Path) -> KeyFileError | None:
    try:
        needs_pin(key_file)
    except KeyFileError as error:
        return error
    return None


def _state(state: State, fault: ProfileError | KeyFileError | None) -> State:
    if fault is None:
        return state
    return State.DESTROYED if fault.key == "keys.key_file_destroyed" else State.DAMAGED
