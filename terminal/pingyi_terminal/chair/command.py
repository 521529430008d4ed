"""``pingyi chair``: the console of whoever leads the meeting."""

from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue, language_of_locale

WORDS = catalogue("pingyi_terminal", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("chair.command_help"))
@click.argument("code", required=False)
@click.option(
    "--profile",
    "root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=WORDS("chair.command_profile"),
)
@click.option("--pin", is_flag=True, help=WORDS("chair.command_pin"))
@click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    show_default=True,
    help=WORDS("chair.command_lang"),
)
def chair(code: str | None, root: Path | None, pin: bool, language: str) -> None:
    """Take the code or the profile, hold it alone, and run the console."""
    # sockets and screens are slow to load and no other command's help should wait for them
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.chair.app import ChairApp  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolling import profile_for  # noqa: PLC0415 - see above
    from pingyi_terminal.link import attach  # noqa: PLC0415 - see above

    chosen = Language(language)
    profile, keys = profile_for(Role.CHAIR, code, root, chosen, set_pin=pin)
    with profile.held():
        show(ChairApp(lambda running: attach(running, profile.facts, keys, profile), chosen))
