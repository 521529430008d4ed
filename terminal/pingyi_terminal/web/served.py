"""The program that runs for one page: a terminal's own command, whose complaints are shown in the page.

``python -m pingyi_terminal.web.served seat|hall OPTIONS``, with BrowserDriver in the environment.
"""

import sys
import time

import click

from pingyi_protocol.command_line import of_the_system
from pingyi_protocol.failure import note_failure
from pingyi_protocol.keys.profile import ProfileInUseError
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.pin_prompt import DESK
from pingyi_protocol.text import catalogue
from pingyi_protocol.wording import WordedError
from pingyi_terminal.hall.command import hall
from pingyi_terminal.seat.command import seat
from pingyi_terminal.web.desk import PageDesk, TroubleApp

COMMANDS: dict[str, click.Command] = {"seat": seat, "hall": hall}
PATIENCE_SECONDS = 3.0
"""How long a profile may be in use before it is said: a page that is loaded again comes while its old program ends."""
LOOK_SECONDS = 0.2
AGAIN_SECONDS = {"hall": 10.0}
"""After how long a page tries again by itself; at a wall there is nobody to press Enter."""


def main(name: str, arguments: list[str]) -> None:
    """Run the command until it is left or the page is closed."""
    DESK.set(PageDesk())
    # what is asked of a person takes longer than the patience, and is not asked twice
    until = time.monotonic() + PATIENCE_SECONDS
    with COMMANDS[name].make_context(name, arguments) as context:
        language: Language = context.params["language"]
        while True:
            try:
                context.invoke(COMMANDS[name], **context.params)
            except ProfileInUseError as fault:
                if time.monotonic() > until:
                    TroubleApp(language, fault.words(language), AGAIN_SECONDS.get(name)).run()
                    return
                time.sleep(LOOK_SECONDS)
            except click.Abort:
                return
            except Exception as fault:  # noqa: BLE001 - whoever sits at the page sees no other place where it is told
                told = words_of(fault, language)
                if told:
                    TroubleApp(language, told, AGAIN_SECONDS.get(name)).run()
                return
            else:
                return


def words_of(fault: Exception, language: Language) -> str:
    """Return why the command has ended, as ``pingyi`` would say it; "" when it was left."""
    match fault:
        case click.exceptions.Exit(exit_code=0):
            return ""
        case click.exceptions.Exit():
            return catalogue("pingyi_terminal", language)("web.failed")
        case click.ClickException():
            return fault.format_message()
        case WordedError():
            return fault.words(language)
        case OSError():
            return of_the_system(fault)
        case _:
            return catalogue("pingyi_terminal", language)("app.failed", file=note_failure(fault))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
