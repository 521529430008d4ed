"""How commands of the clerk get onto the record: through the running server, or under the meeting's lock."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

import zmq.asyncio

from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import Body, Command
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.folder import FolderBusyError, FolderError, MeetingFolder
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.ledger.sql_store import SqlStore

ANSWER_SECONDS = 10.0
AT_ONCE = 256
"""How many commands go into the ledger together where no server runs."""

Heard: TypeAlias = Callable[[Receipt | Refusal], None]
"""Told each answer as soon as it is known, so that whoever asks for many knows how far it came if one fails."""

Answer = TypeVar("Answer")


class UnansweredError(FolderError):
    """The running server has not said that the act is on the record."""

    exit_code = 1


class Unattended:
    """The listener of a session that only waits for answers."""

    def __init__(self) -> None:
        """Have heard no alarm yet."""
        self.alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def picture_changed(self) -> None:
        """Show nothing."""

    def link_changed(self) -> None:
        """Show nothing."""

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Leave it to whoever asked."""

    def alarm_raised(self, fault: ReceiptError) -> None:
        """Stop whoever waits."""
        if not self.alarm.done():
            self.alarm.set_exception(fault)

    def alarm_lifted(self) -> None:
        """Wait for nobody's signature: the clerk asks again."""


def submitted(folder: MeetingFolder, body: Body) -> Receipt | Refusal:
    """Sign ``body`` as the clerk, and return its answer; raises what ``submit`` raises."""
    [answer] = submitted_all(folder, (body,))
    return answer


def submitted_all(
    folder: MeetingFolder, bodies: Sequence[Body], heard: Heard = lambda _: None
) -> list[Receipt | Refusal]:
    """Sign ``bodies`` as the clerk, one after the other, and return their answers; raises what ``submit`` raises."""
    open_keys(folder)
    return asyncio.run(submit_all(folder, bodies, heard))


def open_keys(folder: MeetingFolder) -> None:
    """Open the keys that an act of the clerk needs: the server's too where none runs, for then this process records it.

    A PIN is asked for here, while nothing is held and nothing else is on the screen, and Ctrl+C ends it at once.
    """
    folder.clerk_keys()
    if not folder.busy():
        folder.server_keys()


async def submit(folder: MeetingFolder, body: Body) -> Receipt | Refusal:
    """Sign ``body`` as the clerk, and return its answer.

    UnansweredError when a server holds the meeting and does not answer, or when whoever waits ends it: then it may be
    on the record or not, and is never sent again. StoreError and LedgerDamagedError as the ledger raises them, or when
    it cannot be written to; ReceiptError when the server's answer does not prove what it should.
    """
    [answer] = await submit_all(folder, (body,), lambda _: None)
    return answer


async def submit_all(folder: MeetingFolder, bodies: Sequence[Body], heard: Heard) -> list[Receipt | Refusal]:
    """Do as ``submit`` for each of ``bodies`` in turn: in one session, or in few transactions."""
    try:
        with folder.locked() as store:
            return await record_alone(folder, store, bodies, heard)
    except FolderBusyError:
        if folder.served() is None:
            raise
    return await ask_server(folder, bodies, heard)


async def record_alone(
    folder: MeetingFolder, store: SqlStore, bodies: Sequence[Body], heard: Heard
) -> list[Receipt | Refusal]:
    """Record the commands in this process, which holds the lock."""
    ledger = folder.ledger_to_write(store)
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    try:
        if ledger.meeting.size == 0:
            await recorder.record([Submission(*folder.first_command(), 0)])
        answers: list[Receipt | Refusal] = []
        for start in range(0, len(bodies), AT_ONCE):
            together = [Submission(*folder.signed(body), 0) for body in bodies[start : start + AT_ONCE]]
            found = await recorder.record(together)
            if recorder.fault is not None:
                # no server is there to send it again
                raise recorder.fault
            for one in found:
                answers.append(one.refusal if isinstance(one, Refused) else one)
                heard(answers[-1])
            receipts = [one for one in found if isinstance(one, Receipt)]
            if receipts:
                # so that an emptied database is known from one that was never written
                folder.clerk_profile().remember_head(receipts[-1].checkpoint)
    finally:
        recorder.close()
    return answers


async def ask_server(folder: MeetingFolder, bodies: Sequence[Body], heard: Heard) -> list[Receipt | Refusal]:
    """Send the commands to the running server, each when the one before is answered."""
    profile = folder.clerk_profile()
    facts = folder.clerk_facts()
    with profile.held():
        listener = Unattended()
        context = zmq.asyncio.Context.instance()
        session = Session(context, facts, folder.clerk_keys(), profile, listener, folder.office())

        async def asked() -> list[Receipt | Refusal]:
            answers: list[Receipt | Refusal] = []
            for body in bodies:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answers.append(await session.ask(body))
                heard(answers[-1])
            return answers

        try:
            return await first_of(asked(), session.run(), listener.alarm)
        except TimeoutError as fault:
            if session.picture is not None and not session.picture.recording:
                raise UnansweredError("folder.unrecorded") from fault
            raise UnansweredError("folder.unanswered", seconds=int(ANSWER_SECONDS)) from fault
        except asyncio.CancelledError as fault:
            raise UnansweredError("folder.interrupted") from fault  # Ctrl+C: nobody else cancels a command
        finally:
            # the clerk repeats the command by hand; one that was kept would come as a surprise days later
            for command_id, _sent in profile.waiting():
                profile.drop(command_id, "unanswered")


async def first_of(wanted: Awaitable[Answer], *others: Awaitable[None]) -> Answer:
    """Return what ``wanted`` gives; if one of ``others`` ends before it, raise what that one raised."""
    asking = asyncio.ensure_future(wanted)
    beside = [asyncio.ensure_future(other) for other in others]
    try:
        await asyncio.wait([asking, *beside], return_when=asyncio.FIRST_COMPLETED)
        for other in beside:
            if other.done():
                other.result()
        return await asking
    finally:
        for task in (asking, *beside):
            task.cancel()
        await asyncio.gather(asking, *beside, return_exceptions=True)
