"""Exports that the clerk's console asks of the running server: on a thread of its own, one at a time."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from pingyi_protocol.failure import note_failure
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.wire.office import Exporting
from pingyi_protocol.wording import WordedError
from pingyi_server.exports.files import export_all
from pingyi_server.exports.view import Reader
from pingyi_server.folder import FolderError, MeetingFolder

EXPORTS = "exports"
"""The folder in the meeting's folder, with one for each export below it."""

SLIPS = "slips"
"""The same for slips."""


class Exporter:
    """Writes the exports of one meeting's folder. ``state`` is where the last one stands, None before the first."""

    def __init__(self, folder: MeetingFolder) -> None:
        """Write into this folder."""
        self.folder = folder
        self.state: Exporting | None = None
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="exporter")

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self.state is not None and not self.state.finished and not self.state.fault

    def start(self, language: Language | None, *, slip: bool = False) -> None:
        """Begin an export into a folder of its own, or the slip of what was announced last, unless one is under way."""
        if self.running:
            return
        out = new_folder(self.folder.path / (SLIPS if slip else EXPORTS), datetime.now().astimezone())
        self.state = Exporting(str(out.resolve()))
        self.thread.submit(self.run, out, language, slip=slip)

    def run(self, out: Path, language: Language | None, *, slip: bool) -> None:
        """Write what is wanted, and say how far it is and what became of it; runs on the thread."""
        begun = Exporting(str(out.resolve()))
        try:
            unmade = self.write(out, language, begun, slip=slip)
            self.state = msgspec.structs.replace(begun, done=1, total=1, finished=True, unmade=unmade)
        except (WordedError, OSError) as fault:
            self.state = msgspec.structs.replace(begun, fault=in_languages(fault))
        except Exception as fault:  # noqa: BLE001 - on a thread nobody would hear of it; it is noted for whoever mends it
            told = FolderError("export.broke", file=note_failure(fault))
            self.state = msgspec.structs.replace(begun, fault=in_languages(told))

    def write(self, out: Path, language: Language | None, begun: Exporting, *, slip: bool) -> dict[str, dict[str, str]]:
        """Write every file from one reading of the record; return why some could not be made."""

        def tell(done: int, total: int) -> None:
            self.state = msgspec.structs.replace(begun, done=done, total=total)

        log_key = self.folder.clerk_profile().facts.log_key
        with closing(self.folder.open_store()) as store, store.snapshot() as still:
            reader = Reader(still, log_key)
            if slip:
                # a server starts without a typesetter
                from pingyi_server.exports.papers.one_slip import write_slip  # noqa: PLC0415 - see above

                write_slip(reader, None, out, language, progress=tell)
                return {}
            exported = export_all(reader, out, language, force=False, progress=tell)
        return {name: in_languages(fault) for name, fault in exported.unmade.items()}

    def free(self) -> int | None:
        """Return the bytes that are left on the disk of the folder, None where the system does not say."""
        try:
            return shutil.disk_usage(self.folder.path).free
        except OSError:
            return None

    def stop(self) -> None:
        """Begin none any more; one that is under way ends first, so that its files are whole."""
        self.thread.shutdown()


def new_folder(parent: Path, now: datetime) -> Path:
    """Return a folder for an export at ``now`` that is not there yet."""
    name = now.strftime("%Y%m%d-%H%M%S")
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, 1000))
    return next(parent / one for one in names if not (parent / one).exists())


def in_languages(fault: WordedError | OSError) -> dict[str, str]:
    """Return a fault in the words of each language: who reads it may switch."""
    if isinstance(fault, WordedError):
        return {language.value: fault.words(language) for language in Language}
    said = f"{fault.filename or ''}: {fault.strerror or fault}".removeprefix(": ")
    return {language.value: said for language in Language}
