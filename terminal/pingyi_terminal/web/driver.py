"""What draws our screens in a page: the driver of textual-serve's programs, for more than one app after another.

The first screen gives way to the seat within one program, so the page stays connected until the program itself ends.
"""

import os
from typing import ClassVar

from textual import messages
from textual.app import App
from textual.drivers.web_driver import WebDriver

GREETING = b"__GANGLION__\n"
"""How such a program says that it is one; only packets may follow."""
STOP_SECONDS = 1.0


class BrowserDriver(WebDriver):
    """Draws in a page; it ends the app when the page's server is no longer there."""

    greeted: ClassVar[bool] = False
    newest_size: ClassVar[tuple[int, int] | None] = None
    """Columns and rows that the page said last, also while another app had the screen."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size or self.newest_size)
        self._write = self.put  # type: ignore[assignment]  # a method where Textual keeps a partial

    def put(self, data: bytes) -> int:
        """Write to the page's server, the greeting once; nothing more where nobody reads."""
        if data == GREETING:
            if BrowserDriver.greeted:
                return 0
            BrowserDriver.greeted = True
        try:
            return os.write(self.fileno, data)
        except BrokenPipeError:
            self.leave()
            return 0

    def write_meta(self, data: dict[str, object]) -> None:
        """Tell the page's server something, but not that an app ends: another may follow."""
        if data != {"type": "exit"}:
            super().write_meta(data)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Remember the size of the page, and go on as the library does."""
        match payload:
            case {"type": "resize", "width": int(width), "height": int(height)}:
                BrowserDriver.newest_size = (width, height)
            case _:
                pass
        super().on_meta(packet_type, payload)

    def run_input_thread(self) -> None:
        """Read until the app ends; where the page's server ended before it, the app lets its profile go."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self.leave()

    def leave(self) -> None:
        """Ask the app to end."""
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())

    def stop_application_mode(self) -> None:
        """End, and let nobody take a key that is meant for the next app."""
        super().stop_application_mode()
        self._key_thread.join(STOP_SECONDS)
