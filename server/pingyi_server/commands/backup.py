"""``pingyi backup``: a checked copy of the record in one file, also while the server runs."""

from contextlib import closing
from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_server.commands.options import say_findings, with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("backup.help"))
@with_folder
@click.option(
    "--out", metavar="FILE", required=True, type=click.Path(dir_okay=False, path_type=Path), help=words()("backup.out")
)
def backup(folder: MeetingFolder, out: Path) -> None:
    """Copy, check the copy, and say what is in it."""
    from pingyi_server.ledger.backup import write_backup  # noqa: PLC0415 - help stays fast without the database

    folder.require_database()
    facts = folder.clerk_profile().facts
    with closing(folder.open_store()) as store:
        written = write_backup(store, out, facts.log_key, facts.origin)
    say_findings(written.audit)
    about = {"size": written.audit.size, "octets": written.octets, "fingerprint": written.audit.fingerprint}
    click.echo(words()("backup.done", file=out.resolve(), **about))
    click.echo(words()("backup.keys"))
