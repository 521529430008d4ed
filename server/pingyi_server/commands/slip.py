"""``pingyi slip``: one page with the result of an item, to print and sign as soon as it is announced."""

from contextlib import closing
from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import progress_bar
from pingyi_protocol.meeting.definition import Language
from pingyi_server.commands.options import say_waiting, with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("slip.help"))
@with_folder
@click.argument("item", metavar="[ITEM]", required=False)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help=words()("slip.out"))
@click.option("--bilingual", is_flag=True, help=words()("slip.bilingual"))
@click.option("--force", is_flag=True, help=words()("export.force"))
@click.option("--lang", type=click.Choice([language.value for language in Language]), help=words()("slip.lang"))
def slip(
    folder: MeetingFolder, item: str | None, out: Path | None, bilingual: bool, force: bool, lang: str | None
) -> None:
    """Write the slip of ``item``, else of the one that was announced last; works while the server runs."""
    from pingyi_server.exports.papers.one_slip import write_slip  # noqa: PLC0415 - help stays fast without a typesetter
    from pingyi_server.exports.view import Reader  # noqa: PLC0415 - see above

    folder.require_database()
    log_key = folder.clerk_profile().facts.log_key
    language = Language(lang) if lang else None
    with closing(folder.open_store()) as store, store.snapshot() as still, progress_bar(words()("slip.bar")) as bar:
        reader = Reader(still, log_key)
        written = write_slip(
            reader, item, out or folder.path / "slips", language, bilingual=bilingual, force=force, progress=bar
        )
        restored = still.restored()
    click.echo(words()("slip.wrote", title=written.title, round=written.round, file=written.file.resolve()))
    say_waiting(restored, reader.replay.meeting)
