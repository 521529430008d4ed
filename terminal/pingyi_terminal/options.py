"""What the commands of all terminals take: the enrolment code, and where and how the terminal is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import bare_console, catalogue, language_of_locale

WORDS = catalogue("pingyi_terminal", language_of_locale())


def chosen(_context: click.Context, _parameter: click.Parameter, value: Any) -> Language:
    """Return the language that was named, English where the console could not show the other."""
    return Language.ENGLISH if bare_console() else Language(value)


profile_option = click.option(
    "--profile",
    "root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=WORDS("options.profile"),
)
pin_option = click.option("--pin", "set_pin", is_flag=True, help=WORDS("options.pin"))
language_option = click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    callback=chosen,
    help=WORDS("options.lang"),
)


def terminal_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what ``profile_for`` takes: ``code``, ``root``, ``set_pin``, ``new_card`` and ``language``."""
    options: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
        click.argument("code", required=False),
        profile_option,
        pin_option,
        click.option("--card", "new_card", is_flag=True, help=WORDS("options.card")),
        language_option,
    )
    for option in reversed(options):
        command = option(command)
    return command
