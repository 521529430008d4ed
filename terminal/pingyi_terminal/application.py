"""What the apps share: the themes, no command palette, and a failure that shows nobody what was on the screen."""

import click
from rich.text import Text
from textual.app import App

from pingyi_protocol.failure import note_failure
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_terminal.theme import register_themes


class MeetingApp(App[None]):
    """A screen of the hall, in ``words`` of one language."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, language: Language) -> None:
        """Begin in this language."""
        super().__init__()
        register_themes(self)
        self.words = catalogue("pingyi_terminal", language)

    def _fatal_error(self) -> None:
        # Textual would print every local variable, keys and scores among them
        self.bell()
        told = self.words("app.failed", file=note_failure(self._exception))
        self._exit_renderables.append(Text(told))
        self._close_messages_no_wait()


def show(app: MeetingApp) -> None:
    """Run an app until it is left; a failed one ends the command with its exit code."""
    app.run()
    if app.return_code:
        raise click.exceptions.Exit(app.return_code)
