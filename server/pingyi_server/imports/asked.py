"""Files of new agenda items that the clerk's console has the running server read: on a thread of its own."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from pingyi_protocol.failure import note_failure
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.wire.messages import AdditionRead
from pingyi_protocol.wording import WordedError
from pingyi_server.imports.addition import read_addition
from pingyi_server.imports.findings import FileFinding, MeetingFileError

SUFFIXES = (".xlsx", ".toml")
MOST_NAMED = 8
"""Files that are named where the one that was asked for is not there."""

MOST_SENTENCES = 40
"""Sentences about one file: more would not be read on a screen."""


class AdditionError(WordedError):
    """A file that cannot be added; the text says which would be read."""

    package = "pingyi_server"


class AdditionReader:
    """Reads files that lie in one meeting's folder, and nothing outside it."""

    def __init__(self, folder: Path) -> None:
        """Read in this folder."""
        self.folder = folder.resolve()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="addition")

    def read(self, file: str, definition: Definition, withdrawn: frozenset[str]) -> "Future[AdditionRead]":
        """Begin to read a file by its name in the folder, judged with the meeting as it stands now."""
        return self.thread.submit(self.answer, file, definition, withdrawn)

    def answer(self, file: str, definition: Definition, withdrawn: frozenset[str]) -> AdditionRead:
        """Return what the file holds or what is wrong with it; runs on the thread."""
        warnings: list[FileFinding] = []
        try:
            items = read_addition(self.found(file), definition, withdrawn, warnings.append)
        except MeetingFileError as fault:
            return AdditionRead(file, faults=sentences(fault.findings))
        except WordedError as fault:
            return AdditionRead(file, faults=in_words(fault))
        except OSError as fault:
            return AdditionRead(file, faults=in_words(unreadable(file, fault)))
        except Exception as fault:  # noqa: BLE001 - on a thread nobody would hear of it; it is noted for whoever mends it
            return AdditionRead(file, faults=in_words(AdditionError("addition.broke", file=note_failure(fault))))
        return AdditionRead(file, items, warnings=sentences(warnings))

    def found(self, file: str) -> Path:
        """Return where a file is; AdditionError where it is not in the folder."""
        try:
            path = (self.folder / file.strip()).resolve()
            there = path.suffix.lower() in SUFFIXES and path.is_relative_to(self.folder) and path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if there:
            return path
        names = sorted(one.name for one in self.folder.iterdir() if one.suffix.lower() in SUFFIXES)
        raise AdditionError("addition.not_there", file=file, folder=self.folder, names="  ".join(names[:MOST_NAMED]))

    def stop(self) -> None:
        """Begin none any more."""
        self.thread.shutdown(wait=False, cancel_futures=True)


def sentences(findings: "list[FileFinding] | tuple[FileFinding, ...]") -> dict[str, tuple[str, ...]]:
    """Return findings in the words of each language, none for none."""
    if not findings:
        return {}
    return {one.value: tuple(found.describe(one) for found in findings[:MOST_SENTENCES]) for one in Language}


def in_words(fault: WordedError) -> dict[str, tuple[str, ...]]:
    """Return a fault in the words of each language."""
    return {one.value: (fault.words(one),) for one in Language}


def unreadable(file: str, fault: OSError) -> AdditionError:
    """Return why a file cannot be read."""
    return AdditionError("addition.unreadable", file=file, fault=fault.strerror or fault)
