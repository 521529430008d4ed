"""What a page shows beside the terminal's own screens: a place to type a PIN, and in words why it cannot go on."""

import string
from pathlib import Path
from typing import ClassVar

import click
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Key

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import Catalogue
from pingyi_terminal import theme
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.enrolment.screen import EnrolmentScreen
from pingyi_terminal.enrolment.view import StepView, Tone
from pingyi_terminal.seat.parts import BackBlock

ERASE = "<"


class DeskScreen(EnrolmentScreen):
    """The first screen's steps, with digits to touch where a PIN is typed."""

    CSS = """
    DeskScreen #digits { height: 3; margin-top: 1; }
    DeskScreen #digits BackBlock { width: 5; height: 3; margin-right: 1; }
    """

    def __init__(self, *, digits: bool) -> None:
        super().__init__()
        self.with_digits = digits

    def on_mount(self) -> None:
        """Put the digits below what is said."""
        if self.with_digits:
            digits = [BackBlock(digit, digit) for digit in string.digits]
            row = Horizontal(*digits, BackBlock("backspace", ERASE), id="digits")
            self.query_one("#step").mount(row, after="#sentences")


class DeskApp(MeetingApp):
    """One step under the header; Enter leaves it."""

    CSS_PATH = [Path(theme.__file__).with_name("theme.tcss")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q,ctrl+c", "quit")]
    DIGITS: ClassVar[bool] = False

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.desk = DeskScreen(digits=self.DIGITS)

    async def on_mount(self) -> None:
        """Show the step."""
        await self.push_screen(self.desk)
        self.show()

    def show(self) -> None:
        """Show the step as it is now."""
        self.desk.show_view(self.view(), self.words("widgets.product"), "")

    def view(self) -> StepView:
        """Return what to show."""
        raise NotImplementedError

    def on_key(self, event: Key) -> None:
        """Leave with Enter."""
        event.stop()
        if event.key == "enter":
            self.exit()


class TroubleApp(DeskApp):
    """Says what is wrong, in words that were made elsewhere, until Enter tries again, or ``seconds`` have passed."""

    def __init__(self, language: Language, told: str, seconds: float | None = None) -> None:
        super().__init__(language)
        self.told = told
        self.seconds = seconds

    async def on_mount(self) -> None:
        """Begin to wait."""
        if self.seconds is not None:
            self.set_timer(self.seconds, self.exit)

    def view(self) -> StepView:
        """Return the words."""
        return StepView(
            self.words("web.trouble"), Tone.LOUD, sentences=(self.told,), action=self.words("web.try_again")
        )


class PinApp(DeskApp):
    """Asks for a PIN; ``typed`` is None when it was left without."""

    DIGITS = True

    def __init__(self, language: Language, question: str, told: str) -> None:
        super().__init__(language)
        self.question = question
        self.told = told
        self.so_far = ""
        self.typed: str | None = None

    def view(self) -> StepView:
        """Return the question, and what was wrong before."""
        return StepView(
            self.words("first.pin"),
            Tone.LOUD if self.told else Tone.QUIET,
            sentences=(self.told, self.question) if self.told else (self.question,),
            hidden=len(self.so_far),
            action=self.words("first.pin_take"),
        )

    def on_key(self, event: Key) -> None:
        """Go on by one key."""
        event.stop()
        match event.key:
            case "enter" if self.so_far:
                self.typed = self.so_far
                self.exit()
            case "backspace":
                self.so_far = self.so_far[:-1]
            case "escape":
                self.so_far = ""
            case _ if event.is_printable and event.character:
                self.so_far += event.character
            case _:
                return
        self.show()


class PageDesk:
    """Asks for PINs in the page (a ``pin_prompt.Desk``)."""

    def __init__(self) -> None:
        self.said = ""

    def tell(self, said: str) -> None:
        """Keep it for the next question."""
        self.said = said

    def ask(self, words: Catalogue, question: str) -> str:
        """Return what was typed in the page. click.Abort when the page was left."""
        app = PinApp(words.language, question, self.said)
        self.said = ""
        app.run()
        if app.typed is None:
            raise click.Abort
        return app.typed
