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


def allow_open_files(people: int) -> None:
    """Raise this process's limit of open files as far as it goes; OpenFilesError when that is too few for ``people``.

    A terminal has two connections; ``BESIDE`` are the displays in the hall, the database and what else is open.
    """
    if sys.platform == "win32":
        return  # it knows no such limit
    wanted = EACH * people + BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return
    most = max(soft, wanted, WITHOUT_LIMIT) if hard == resource.RLIM_INFINITY else hard
    if most < wanted:
        raise OpenFilesError("serve.open_files", limit=most, wanted=wanted, people=people)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
