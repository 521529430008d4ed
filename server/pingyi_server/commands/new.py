"""``pingyi new``: write a meeting folder with a workbook to fill in, or the sample meeting."""

import shlex
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
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    show_default=True,
    help=WORDS("new.help_lang"),
)
def new(folder: Path, sample: bool, language: str) -> None:
    """Write ``meeting.xlsx`` into ``folder``, which is made where it does not exist."""
    # spreadsheet libraries are slow to load and no other command's help should wait for them
    from pingyi_server.imports.folder import TOML_NAME, WORKBOOK_NAME  # noqa: PLC0415 - see above
    from pingyi_server.imports.sample import example_meeting, sample_meeting  # noqa: PLC0415 - see above
    from pingyi_server.imports.workbook_writer import workbook_of  # noqa: PLC0415 - see above

    for existing in (folder / WORKBOOK_NAME, folder / TOML_NAME):
        if existing.exists():
            raise _refusal("new.exists", path=existing)
    path = folder / WORKBOOK_NAME
    chosen = Language(language)
    file = sample_meeting(chosen) if sample else example_meeting(chosen)
    content = workbook_of(file.definition, chosen, file.recusals)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(path, content)
    except FileExistsError as error:
        raise _refusal("new.exists", path=error.filename or path) from None
    except OSError as error:
        if error.errno in OF_THE_DISK:
            raise
        raise _refusal("new.cannot_write", path=path, reason=error.strerror) from None
    click.echo(WORDS("new.written", path=path))
    click.echo(WORDS("new.next_sample" if sample else "new.next_template", folder=shlex.quote(str(folder))))


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
