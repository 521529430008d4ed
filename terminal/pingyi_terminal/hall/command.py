"""``pingyi hall``: the hall display as a command."""

from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue, language_of_locale

THEMES = ("dark", "bright")
_words = catalogue("pingyi_terminal", language_of_locale())


@click.command(cls=SpokenCommand, help=_words("hall.help"))
@click.argument("code", required=False)
@click.option(
    "--profile", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help=_words("hall.option_profile")
)
@click.option("--lang", type=click.Choice([language.value for language in Language]), help=_words("hall.option_lang"))
@click.option("--theme", type=click.Choice(THEMES), default="dark", help=_words("hall.option_theme"))
@click.option("--pin", "set_pin", is_flag=True, help=_words("hall.option_pin"))
def hall(code: str | None, profile: Path | None, lang: str | None, theme: str, *, set_pin: bool) -> None:
    """Show the meeting on the wall."""
    # sockets and screens are slow to load and no other command's help should wait for them
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolling import profile_for  # noqa: PLC0415 - see above
    from pingyi_terminal.hall.app import HallApp  # noqa: PLC0415 - see above
    from pingyi_terminal.theme import HALL, HALL_BRIGHT  # noqa: PLC0415 - see above

    language = Language(lang) if lang else language_of_locale()
    found, keys = profile_for(Role.HALL, code, profile, language, set_pin=set_pin)
    with found.held():
        show(HallApp(found.facts, keys, found, language, theme=HALL_BRIGHT if theme == "bright" else HALL))
