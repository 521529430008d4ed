"""What the apps share: the themes, no command palette, and a failure that shows nobody what was on the screen."""

import traceback
from datetime import datetime
from pathlib import Path

import platformdirs
from rich.text import Text
from textual.app import App

from pingyi_protocol.keys.durable import make_private_folder, write_durably
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


def note_failure(fault: BaseException | None) -> Path:
    """Write where in the program ``fault`` was raised, without its message or any value, and return the file."""
    folder = Path(platformdirs.user_log_dir("pingyi"))
    make_private_folder(folder)
    path = folder / f"failure-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.txt"
    lines: list[str] = []
    while fault is not None:
        lines += [
            f"{type(fault).__name__}\n",
            *(
                f"  {frame.filename}:{frame.lineno} {frame.name}\n"
                for frame in traceback.extract_tb(fault.__traceback__)
            ),
        ]
        fault = fault.__cause__ or fault.__context__
    write_durably(path, "".join(lines).encode())
    return path
