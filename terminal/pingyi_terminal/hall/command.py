"""``pingyi hall``: the hall display as a command."""

from pathlib import Path

import click

from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_terminal.enrolling import profile_for
from pingyi_terminal.hall.app import HallApp
from pingyi_terminal.theme import HALL, HALL_BRIGHT

THEMES = {"dark": HALL, "bright": HALL_BRIGHT}
_words = catalogue("pingyi_terminal", language_of_locale())


@click.command(help=_words("hall.help"))
@click.argument("code", required=False)
@click.option("--profile", type=click.Path(file_okay=False, path_type=Path), help=_words("hall.option_profile"))
@click.option("--lang", type=click.Choice([language.value for language in Language]), help=_words("hall.option_lang"))
@click.option("--theme", type=click.Choice(list(THEMES)), default="dark", help=_words("hall.option_theme"))
def hall(code: str | None, profile: Path | None, lang: str | None, theme: str) -> None:
    """Show the meeting on the wall."""
    language = Language(lang) if lang else language_of_locale()
    found, keys = profile_for(Role.HALL, code, profile, language)
    with found.held():
        HallApp(found.facts, keys, found, language, theme=THEMES[theme]).run()
