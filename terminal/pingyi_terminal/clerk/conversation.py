"""What the console needs of a session, and how one is started."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from textual.app import App

from pingyi_protocol.client.served import Served
from pingyi_protocol.wire.messages import AdditionRead, AnswerCall, Call, ReadAddition, StartExport
from pingyi_protocol.wire.office import Office
from pingyi_terminal.console import ConsoleSession


class ClerkSession(ConsoleSession, Protocol):
    """What the console needs of a session; ``pingyi_protocol.client.session.Session`` is one."""

    desk: Office | None
    addition: AdditionRead | None

    def lost_seconds(self) -> float:
        """Return how long the link has been in its present state."""

    def request(self, wanted: Call | AnswerCall | StartExport | ReadAddition) -> bool:
        """Ask for what is not on the record, and say whether it went out."""


Attach = Callable[[App[None], Served], tuple[ClerkSession, "asyncio.Task[None]"]]
"""Starts a session with the server that is running there, whose news reach the app."""
