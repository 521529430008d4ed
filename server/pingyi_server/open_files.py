"""Whether this process may open as many files as the meeting has terminals: without one nobody more gets in."""

import sys

from pingyi_protocol.wording import WordedError

if sys.platform != "win32":
    import resource

EACH = 2
BESIDE = 100
WITHOUT_LIMIT = 65536


class OpenFilesError(WordedError):
    """The system lets this process open too few files."""

    package = "pingyi_server"
    exit_code = 1


def files_for(people: int) -> int:
    """Return how many files a meeting of so many people needs: two connections a terminal, and ``BESIDE``.

    ``BESIDE`` are the displays in the hall, the database and what else is open.
    """
    return EACH * people + BESIDE


def most_files(wanted: int) -> int | None:
    """Return how many files this process may open once it asks for as many as it may; None without a limit."""
    if sys.platform == "win32":
        return None  # it knows no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    return max(soft, wanted, WITHOUT_LIMIT) if hard == resource.RLIM_INFINITY else hard


def allow_open_files(people: int) -> None:
    """Raise this process's limit of open files as far as it goes; OpenFilesError when that is too few."""
    wanted = files_for(people)
    most = most_files(wanted)
    if sys.platform == "win32" or most is None:
        return
    if most < wanted:
        raise OpenFilesError("serve.open_files", limit=most, wanted=wanted, people=people)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
