"""What the clerk's commands share: the meeting's folder as argument, and their words."""

import os
import shlex
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from pingyi_protocol.commands.verify import harmless
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.places import Whose
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.pin_prompt import opened
from pingyi_protocol.text import Catalogue, catalogue, language_of_locale
from pingyi_server.folder import FolderError, MeetingFolder
from pingyi_server.gateway.continuing import is_waiting
from pingyi_server.ledger.audit import Audit, doubts
from pingyi_server.ledger.ledger import StandingLedger
from pingyi_server.ledger.store import Restored


def words() -> Catalogue:
    """Return the server's words in the person's language."""
    return catalogue("pingyi_server", language_of_locale())


def say_findings(found: Audit) -> None:
    """Name on standard error what an audit found, as nothing that a terminal would obey."""
    for finding in found.findings:
        click.echo(harmless(finding.words(language_of_locale())), err=True)


def say_waiting(restored: Restored | None, meeting: Meeting) -> None:
    """Say it where the record is a copy that was put back, and who has to sign it before the meeting goes on."""
    if restored is not None and is_waiting(restored, meeting):
        key = "waiting" if meeting.continuing is None else "waiting_scrutineer"
        click.echo(words()(f"restore.{key}", size=restored.size, reason=restored.reason))


def say_doubt(folder: MeetingFolder, ledger: StandingLedger, seen: str | None) -> None:
    """Say in one line, where terminals or the clerk (``seen``, read before the ledger) saw what is not there now."""
    for doubt in doubts(ledger, seen)[:1]:
        fault = harmless(doubt.words(language_of_locale()))
        click.echo(words()("audit.doubt", fault=fault, folder=folder.typed))


def keys_with_pin(key_file: Path, whose: Whose) -> DeviceKeys:
    """Return the keys in a file of the folder, asking for their PIN where they have one."""
    return opened(key_file, whose, language_of_locale())


class FolderArgument(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A path that names an existing folder."""

    name = "folder"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> Path:
        """Return the path; FolderError when there is no such folder."""
        path = Path(value)
        if not path.is_dir():
            raise FolderError("folder.missing", folder=shlex.quote(value))
        return path

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Let the shell complete folders."""
        return [CompletionItem(incomplete, type="dir")]


database_option = click.option("--database", metavar="URL", envvar="PINGYI_DATABASE", help=words()("folder.database"))


def with_folder(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument DIR and the option ``--database`` as one MeetingFolder ``folder``.

    Stands right under ``click.command``, so that DIR comes before the command's own arguments.
    """

    @wraps(command)
    def run(directory: Path, database: str | None, **others: Any) -> None:
        before = os.umask(0o077)
        try:
            # running scores and exports are for nobody else's eyes on this machine
            command(folder=MeetingFolder(directory, database, keys_with_pin), **others)
        finally:
            os.umask(before)

    return click.argument("directory", metavar="DIR", type=FolderArgument())(database_option(run))
