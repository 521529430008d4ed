"""The one command ``pingyi``: subcommands come from the installed packages and are loaded when they are called.

Exit codes: 0 done, 1 the thing asked about is false or failed, 2 bad usage or bad input. Errors are one line on
standard error that says what to do; a person never sees a traceback.
"""

import errno
import os
import sys
from importlib.metadata import entry_points, version

import click

from pingyi_protocol.command_words import SpokenCommand, SpokenGroup, usage_fault, words
from pingyi_protocol.failure import note_failure
from pingyi_protocol.text import language_of_locale
from pingyi_protocol.wording import WordedError

GROUP = "pingyi.commands"
ORDER = (
    *("new", "load", "doctor", "rehearse", "serve", "cards", "code", "seat", "chair", "scrutineer", "hall", "web"),
    *("clerk", "slip", "evidence", "composite", "status", "export", "programme", "verify", "receipt", "keys"),
    *("backup", "audit", "upgrade", "restore"),
    "bench",
)

ADVICE = {
    errno.ENOENT: "command.no_such_file",
    errno.EISDIR: "command.is_folder",
    errno.ENOTDIR: "command.not_folder",
    errno.EACCES: "command.not_permitted",
    errno.EPERM: "command.not_permitted",
    errno.EROFS: "command.read_only",
    errno.ENOSPC: "command.disk_full",
    errno.EDQUOT: "command.disk_full",
    errno.EIO: "command.disk_fails",
}
"""What to do when the operating system refuses something, by its error."""

OF_THE_DISK = frozenset({errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""Errors that are nobody's bad input: what was asked was right, and failed."""


class Failure(click.ClickException):
    """The thing asked about is false or failed: exit code 1."""

    exit_code = 1


class BadInput(click.ClickException):
    """Bad usage or bad input: exit code 2."""

    exit_code = 2


class Unavailable(SpokenCommand):
    """A command whose libraries are not installed: whatever it is given, it says how to get them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:  # noqa: ARG002 - click's signature
        """Refuse."""
        raise BadInput(self.help or "")


class Commands(SpokenGroup):
    """The subcommands that the installed packages name as entry points."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which a meeting needs them."""
        return sorted((one.name for one in entry_points(group=GROUP)), key=place)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one subcommand; one whose libraries are not installed says how to get them."""
        found = entry_points(group=GROUP, name=cmd_name)
        if not found:
            return None
        try:
            command = next(iter(found)).load()
        except ModuleNotFoundError as missing:
            return Unavailable(cmd_name, help=words()("command.not_installed", module=missing.name))
        return command if isinstance(command, click.Command) else None


def place(name: str) -> tuple[int, str]:
    """Return where a subcommand stands in the help."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def program() -> Commands:
    """Return ``pingyi`` with all its subcommands, in the person's language."""
    group = Commands(
        name="pingyi", help=words()("command.pingyi"), context_settings={"help_option_names": ["-h", "--help"]}
    )
    return click.version_option(version("pingyi"), prog_name="pingyi")(group)


def main() -> None:
    """Run ``pingyi``."""
    try:
        sys.exit(program().main(prog_name="pingyi", standalone_mode=False) or 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as fault:
        show(fault)
        sys.exit(fault.exit_code)
    except WordedError as fault:
        complain(fault.words(language_of_locale()))
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        # whoever read our output has gone: nothing more to say
        forget_output()
        sys.exit(1)
    except OSError as fault:
        complain(of_the_system(fault))
        if fault.errno not in OF_THE_DISK:
            sys.exit(2)
        # it may be our output that does not fit
        forget_output()
        sys.exit(1)
    except ModuleNotFoundError as missing:
        # some commands load the server's libraries only when they run
        complain(words()("command.not_installed", module=missing.name))
        sys.exit(2)
    except Exception as fault:  # noqa: BLE001 - a person never sees a traceback; it is noted for whoever mends it
        complain(words()("command.failed", file=note_failure(fault)))
        sys.exit(1)


def show(fault: click.ClickException) -> None:
    """Say what click or a command found wrong; a bare ``pingyi`` shows the help."""
    if isinstance(fault, click.exceptions.NoArgsIsHelpError):
        fault.show()
    else:
        complain(usage_fault(fault) if isinstance(fault, click.UsageError) else fault.format_message())


def forget_output() -> None:
    """Let Python not flush at its end into a pipe that is closed or a disk that is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def of_the_system(fault: OSError) -> str:
    """Return what the operating system refused, and what to do."""
    key = ADVICE.get(fault.errno or 0, "command.system")
    return words()(key, fault=fault.strerror or fault, file=fault.filename or "").strip()


def complain(text: str) -> None:
    """Put one line on standard error."""
    click.echo(text, err=True)
