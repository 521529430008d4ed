"""``pingyi scrutineer``: the screen of whoever watches the count and signs it."""

from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue, language_of_locale

WORDS = catalogue("pingyi_terminal", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("scrutineer.help"))
@click.argument("code", required=False)
@click.option(
    "--profile",
    "root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=WORDS("scrutineer.option_profile"),
)
@click.option("--pin", is_flag=True, help=WORDS("scrutineer.option_pin"))
@click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    help=WORDS("scrutineer.option_lang"),
)
def scrutineer(code: str | None, root: Path | None, pin: bool, language: str) -> None:
    """Take the code or the profile, hold it alone, and run the screen."""
    # sockets and screens are slow to load and no other command's help should wait for them
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolling import profile_for  # noqa: PLC0415 - see above
    from pingyi_terminal.link import attach  # noqa: PLC0415 - see above
    from pingyi_terminal.scrutineer.app import ScrutineerApp  # noqa: PLC0415 - see above

    chosen = Language(language)
    profile, keys = profile_for(Role.SCRUTINEER, code, root, chosen, set_pin=pin)
    with profile.held():
        facts = profile.facts
        show(ScrutineerApp(lambda running: attach(running, facts, keys, profile), facts.person, facts.origin, chosen))
