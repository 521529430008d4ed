"""Between a session and a Textual app: the session's news become messages; a broadcast never touches a widget."""

import asyncio

import zmq.asyncio
from textual.app import App
from textual.message import Message

from pingyi_protocol.client.session import Keeping, Session
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt


class PictureChanged(Message):
    """The session's picture, definition or backstage view is new."""


class LinkChanged(Message):
    """The session's link is up, lost or refused."""


class CommandAnswered(Message):
    """A command is on the record (``answer`` is its checked receipt) or was refused."""

    def __init__(self, command: Command, answer: Receipt | Refusal) -> None:
        """Carry both."""
        super().__init__()
        self.command = command
        self.answer = answer


class AlarmRaised(Message):
    """What the server showed does not fit the record that it showed before."""

    def __init__(self, fault: ReceiptError) -> None:
        """Carry the fault."""
        super().__init__()
        self.fault = fault


class AlarmLifted(Message):
    """The record fits again: an alarm that was raised about its head is over."""


class Messenger:
    """A session's listener that posts to an app."""

    def __init__(self, app: App[None]) -> None:
        """Post to ``app``."""
        self.app = app

    def picture_changed(self) -> None:
        """Post PictureChanged."""
        self.app.post_message(PictureChanged())

    def link_changed(self) -> None:
        """Post LinkChanged."""
        self.app.post_message(LinkChanged())

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Post CommandAnswered."""
        self.app.post_message(CommandAnswered(command, answer))

    def alarm_raised(self, fault: ReceiptError) -> None:
        """Post AlarmRaised."""
        self.app.post_message(AlarmRaised(fault))

    def alarm_lifted(self) -> None:
        """Post AlarmLifted."""
        self.app.post_message(AlarmLifted())


def attach(
    app: App[None], facts: ProfileFacts, keys: DeviceKeys, keeping: Keeping
) -> tuple[Session, "asyncio.Task[None]"]:
    """Start a session whose news reach ``app``; call from the app's running event loop, cancel the task at the end."""
    session = Session(zmq.asyncio.Context.instance(), facts, keys, keeping, Messenger(app))
    return session, asyncio.create_task(session.run())
