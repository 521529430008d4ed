"""What the apps share: the themes, no command palette, and a failure that shows nobody what was on the screen."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import ClassVar

import click
from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from pingyi_protocol.command_line import BadInput
from pingyi_protocol.failure import note_failure
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import bare_console, catalogue
from pingyi_terminal.display import has_display
from pingyi_terminal.plain_cells import PlainCells
from pingyi_terminal.theme import THEMES, register_themes

LOOK_SECONDS = 1.0
"""How often an app looks whether its terminal is still there."""
BARE_SECONDS = 15.0
"""How long it is said that the console cannot draw Chinese."""


class MeetingApp(App[None]):
    """A screen of the hall, in ``words`` of one language. ``fault`` is why it ended, None when it was told to.

    ``translates`` is False where the console cannot draw the other language.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f12", "colours", priority=True)]
    THEMES: ClassVar[tuple[str, ...]] = THEMES
    TOLD_SECONDS: ClassVar[float] = 2.0

    def __init__(self, language: Language) -> None:
        """Begin in this language."""
        super().__init__()
        register_themes(self)
        self.words = catalogue("pingyi_terminal", language)
        self.translates = True
        self.fault: BaseException | None = None
        self.plain_cells = PlainCells()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every row of every widget goes through."""
        return (*super().get_line_filters(), self.plain_cells)

    def action_colours(self) -> None:
        """Go on to the next theme, and name it."""
        following = (self.THEMES.index(self.theme) + 1) % len(self.THEMES)
        self.theme = self.THEMES[following]
        self.clear_notifications()
        self.notify(self.words(f"app.theme_{self.theme}"), timeout=self.TOLD_SECONDS, markup=False)

    def on_load(self) -> None:
        """Watch the terminal, where there is one."""
        if sys.platform != "win32" and os.isatty(0):
            self.set_interval(LOOK_SECONDS, self.end_without_terminal)

    def on_ready(self) -> None:
        """Begin to be seen."""
        if not self.translates:
            self.tell_bare_console()

    def tell_bare_console(self) -> None:
        """Say why it is English, where nothing else can be drawn."""
        self.notify(self.words("app.bare_console"), severity="warning", timeout=BARE_SECONDS, markup=False)

    def other_language(self) -> bool:
        """Speak the other language from now on; False where the console cannot draw it."""
        if self.translates:
            chinese = self.words.language is Language.CHINESE
            self.words = catalogue("pingyi_terminal", Language.ENGLISH if chinese else Language.CHINESE)
        return self.translates

    def end_without_terminal(self) -> None:
        """End as the system ends a program whose terminal was closed.

        Who ignores that signal, as under nohup, would read from the closed terminal as fast as the machine goes.
        """
        if not os.isatty(0):
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            signal.raise_signal(signal.SIGHUP)

    def session_ended(self, task: "asyncio.Task[None]") -> None:
        """A session that fails ends the app: its fault is told on the console."""
        if not task.cancelled() and task.exception() is not None:
            self.end(task.exception())

    def end(self, fault: BaseException | None) -> None:
        """End the app because of ``fault``."""
        while isinstance(fault, BaseExceptionGroup):
            fault = fault.exceptions[0]
        self.fault = fault
        self.exit()

    def _fatal_error(self) -> None:
        # Textual would print every local variable, keys and scores among them
        self.bell()
        told = self.words("app.failed", file=note_failure(self._exception))
        self._exit_renderables.append(Text(told))
        self._close_messages_no_wait()


def show(app: MeetingApp) -> None:
    """Run an app until it is left; whatever ended it otherwise is raised, and a failed one ends the command.

    BadInput where there is neither terminal nor page: the keys of the app would be looked for in vain, as fast as the
    machine goes.
    """
    if not has_display():
        raise BadInput(app.words("app.no_terminal"))
    app.translates = not bare_console()
    app.run()
    if app.fault is not None:
        raise app.fault
    if app.return_code:
        raise click.exceptions.Exit(app.return_code)
