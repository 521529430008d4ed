"""``pingyi upgrade``: bring the meeting's database to the form that this version uses."""

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("upgrade.help"))
@with_folder
def upgrade(folder: MeetingFolder) -> None:
    """Change the tables in one transaction, while nobody serves the meeting."""
    from pingyi_server.ledger import revision  # noqa: PLC0415 - help stays fast without the database

    with folder.held():
        before, after = revision.upgrade(folder.database)
    outcome = "made" if before is None else "current" if before == after else "done"
    click.echo(words()(f"upgrade.{outcome}", before=before, after=after))
