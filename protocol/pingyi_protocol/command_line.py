"""The one command ``pingyi``: subcommands come from the installed packages and are loaded when they are called.

Exit codes: 0 done, 1 the thing asked about is false or failed, 2 bad usage or bad input. Errors are one line on
standard error that says what to do; a person never sees a traceback.
"""

import os
import sys
from importlib.metadata import entry_points, version

import click

from pingyi_protocol.failure import note_failure
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_protocol.wording import WordedError

GROUP = "pingyi.commands"
ORDER = (
    *("new", "load", "serve", "code", "seat", "chair", "hall", "clerk", "status", "export", "verify", "receipt"),
    *("backup", "audit", "upgrade", "restore", "countersign"),
)


class Failure(click.ClickException):
    """The thing asked about is false or failed: exit code 1."""

    exit_code = 1


class BadInput(click.ClickException):
    """Bad usage or bad input: exit code 2."""

    exit_code = 2


class Commands(click.Group):
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
            words = catalogue("pingyi_protocol", language_of_locale())
            text = words("command.not_installed", command=cmd_name, module=missing.name)
            return click.Command(cmd_name, callback=lambda: refuse(text), help=text, add_help_option=False)
        return command if isinstance(command, click.Command) else None


def place(name: str) -> tuple[int, str]:
    """Return where a subcommand stands in the help."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def refuse(text: str) -> None:
    """Say that this command cannot run here."""
    raise BadInput(text)


def main() -> None:
    """Run ``pingyi``."""
    words = catalogue("pingyi_protocol", language_of_locale())
    group = Commands(
        name="pingyi", help=words("command.pingyi"), context_settings={"help_option_names": ["-h", "--help"]}
    )
    group = click.version_option(version("pingyi"), prog_name="pingyi")(group)
    try:
        sys.exit(group.main(prog_name="pingyi", standalone_mode=False) or 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except WordedError as fault:
        complain(fault.words(language_of_locale()))
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        # whoever read our output has gone: nothing more to say, and Python must not flush into the closed pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as fault:
        complain(words("command.system", fault=fault.strerror or fault, file=fault.filename or ""))
        sys.exit(2)
    except Exception as fault:  # noqa: BLE001 - a person never sees a traceback; it is noted for whoever mends it
        complain(words("command.failed", file=note_failure(fault)))
        sys.exit(1)


def complain(text: str) -> None:
    """Put one line on standard error."""
    click.echo(text, err=True)
