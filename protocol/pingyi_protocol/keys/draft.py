"""An enrolment under way: keys and the signed request, on the disk before they are sent.

``<root>/<meeting>/.new-<code id>/`` holds what a profile does, and ``enrol.json``, the request byte for byte. A crash,
a full disk or a lost answer leaves it there, and the same request is sent again: the server answers what it has
recorded once with the same receipt. After the receipt the folder is renamed, and is the profile.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from pingyi_protocol.keys.durable import make_private_folder, move_durably, remove_durably, sync_folder, write_durably
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import (
    Profile,
    ProfileError,
    ProfileFacts,
    folder_of,
    held_folder,
    put_in_place,
    write_facts,
    write_profile,
)
from pingyi_protocol.meeting.definition import Role

_log = logging.getLogger(__name__)

PREFIX = ".new-"
REQUEST = "enrol.json"


class EnrolmentDraft(Profile):
    """A profile whose keys may not stand on the record yet. Its facts have no receipt."""

    def __init__(self, folder: Path, facts: ProfileFacts, root: Path) -> None:
        """Use ``begin`` or ``unfinished``."""
        super().__init__(folder, facts)
        self.root = root

    @classmethod
    def begin(
        cls, root: Path, code: str, facts: ProfileFacts, keys: DeviceKeys, pin: str, request: bytes
    ) -> "EnrolmentDraft":
        """Write keys, facts and request below ``root`` under the code's id, whole or not at all. Raises OSError."""
        meeting_folder = folder_of(root, facts).parent
        make_private_folder(meeting_folder)
        folder = meeting_folder / f"{PREFIX}{code}"
        part = Path(tempfile.mkdtemp(dir=meeting_folder, prefix=".part-"))
        try:
            write_profile(part, facts, keys, pin)
            write_durably(part / REQUEST, request)
            move_durably(part, folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        return cls(folder, facts, root)

    @classmethod
    def unfinished(cls, root: Path, role: Role, code: str = "*") -> "EnrolmentDraft | None":
        """Return the newest draft for ``role`` (under this code's id) that no newer profile has overtaken.

        A damaged one is logged and left out.
        """
        found: list[tuple[int, EnrolmentDraft]] = []
        for path in root.glob(f"*/{PREFIX}{code}/{REQUEST}"):
            try:
                facts = Profile.load(path.parent).facts
            except ProfileError as error:
                _log.warning("%s", error)
                continue
            if facts.role is role:
                found.append((path.stat().st_mtime_ns, cls(path.parent, facts, root)))
        if not found:
            return None
        begun, draft = max(found, key=lambda entry: entry[0])
        profiles = Profile.find(root, role)
        overtaken = profiles and (profiles[0].folder / "profile.json").stat().st_mtime_ns > begun
        return None if overtaken and code == "*" else draft

    @property
    def request(self) -> bytes:
        """The request to send, byte for byte. Raises OSError."""
        return (self.folder / REQUEST).read_bytes()

    def publish(self, facts: ProfileFacts) -> Profile:
        """Put the profile in place now that its enrolment is on the record. Raises as ``Profile.create`` does."""
        write_facts(self.folder, facts)
        folder = folder_of(self.root, facts)
        put_in_place(self.folder, folder)
        remove_durably(folder / REQUEST)
        return Profile(folder, facts)

    def discard(self) -> None:
        """Forget keys that the server has refused. Raises OSError."""
        shutil.rmtree(self.folder)
        sync_folder(self.folder.parent)


@contextmanager
def replacing(root: Path, facts: ProfileFacts) -> Iterator[None]:
    """Hold the profile that an enrolment with these facts will replace: enrolling ends the older device at once.

    Raises ProfileInUseError when another program, or another part of this one, uses it.
    """
    older = folder_of(root, facts)
    with held_folder(older) if older.exists() else nullcontext():
        yield
