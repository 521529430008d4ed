"""``pingyi new``: write a meeting folder: a workbook to fill in, the sample meeting, or what comes after a meeting."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from pingyi_protocol.command_line import OF_THE_DISK
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue, language_of_locale


class BadInputError(click.ClickException):
    """What was asked for cannot be done; one line says what to do instead."""

    exit_code = 2


WORDS = catalogue("pingyi_server", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("new.help"))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", is_flag=True, help=WORDS("new.help_sample"))
@click.option(
    "--from",
    "earlier",
    metavar="MEETING",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=WORDS("next.help_from"),
)
@click.option("--database", metavar="URL", envvar="PINGYI_DATABASE", help=WORDS("folder.database"))
@click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    show_default=language_of_locale().value,
    help=WORDS("new.help_lang"),
)
def new(folder: Path, sample: bool, earlier: Path | None, database: str | None, language: str | None) -> None:
    """Write ``meeting.xlsx`` into ``folder``, which is made where it does not exist."""
    # spreadsheet libraries are slow to load and no other command's help should wait for them
    from pingyi_server.imports.folder import TOML_NAME, WORKBOOK_NAME  # noqa: PLC0415 - see above
    from pingyi_server.imports.sample import example_meeting, sample_meeting  # noqa: PLC0415 - see above
    from pingyi_server.imports.sample_evidence import EVIDENCE_FOLDER, sample_evidence  # noqa: PLC0415 - see above
    from pingyi_server.imports.workbook_writer import workbook_of  # noqa: PLC0415 - see above

    if sample and earlier is not None:
        raise _refusal("next.with_sample")
    _refuse_existing(folder / WORKBOOK_NAME, folder / TOML_NAME, *([folder / EVIDENCE_FOLDER] if sample else []))
    asked = Language(language) if language else None
    if earlier is not None:
        from pingyi_server.commands.going_on import going_on  # noqa: PLC0415 - others need no database

        file, chosen, said = going_on(earlier, database, asked)
        following = [*said, WORDS("next.fill_in", folder=shlex.quote(str(folder)))]
    else:
        chosen = asked or language_of_locale()
        file = sample_meeting(chosen) if sample else example_meeting(chosen)
        following = [WORDS("new.next_sample" if sample else "new.next_template", folder=shlex.quote(str(folder)))]
    evidence = sample_evidence(file.definition, chosen) if sample else ()
    files = {folder / WORKBOOK_NAME: workbook_of(file.definition, chosen, file.recusals)}
    _write_all(files | {folder / EVIDENCE_FOLDER / one.name: one.content for one in evidence})
    click.echo(WORDS("new.written", path=folder / WORKBOOK_NAME))
    if evidence:
        click.echo(WORDS("new.written_evidence", folder=folder / EVIDENCE_FOLDER))
    for line in following:
        click.echo(line)


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise _refusal("new.exists", path=path)


def _write_all(files: Mapping[Path, bytes]) -> None:
    """Write files that must not exist, and the folders that they are in."""
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, content)
        except FileExistsError as error:
            raise _refusal("new.exists", path=error.filename or path) from None
        except OSError as error:
            if error.errno in OF_THE_DISK:
                raise
            raise _refusal("new.cannot_write", path=path, reason=error.strerror) from None


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist, whole or not at all."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            path.unlink()
            raise


def _refusal(key: str, **values: object) -> BadInputError:
    return BadInputError(WORDS(key, **values))
