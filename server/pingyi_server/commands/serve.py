"""``pingyi serve``: run the meeting server until told to stop."""

import asyncio
import ipaddress
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from pingyi_protocol.client.served import Served
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_server.commands.options import say_doubt, say_waiting, with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder
from pingyi_server.gateway.journal import OneLine
from pingyi_server.gateway.limits import read_limits
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.open_files import allow_open_files

log = logging.getLogger(__name__)

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the hall's terminals come from other machines
"""The addresses that mean all of this machine's, and how this machine reaches itself then."""

HEAD_SECONDS = 5.0
"""How seldom a newer head is kept at the most."""

LOOK_SECONDS = 2.0
"""How long whoever only looks whether a server runs may be in the way."""


@click.command(cls=SpokenCommand, help=words()("serve.help"))
@with_folder
@click.option("--bind", metavar="ADDRESS", help=words()("serve.bind"))
def serve(folder: MeetingFolder, bind: str | None) -> None:
    """Hold the meeting's lock and serve it."""
    lines = logging.StreamHandler()
    lines.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    with folder.locked(LOOK_SECONDS) as store:
        folder.server_keys()  # asks for a PIN here, where Ctrl+C still ends the asking
        asyncio.run(serving(folder, store, bind))


async def serving(folder: MeetingFolder, store: SqlStore, bind: str | None) -> None:
    """Open the ledger, listen, and run until a signal says stop."""
    import zmq.asyncio  # noqa: PLC0415 - help stays fast without it

    from pingyi_server.capacity import shortages  # noqa: PLC0415 - see above
    from pingyi_server.exports.running import Exporter  # noqa: PLC0415 - see above
    from pingyi_server.gateway.clock import MeetingClock  # noqa: PLC0415 - see above
    from pingyi_server.gateway.recorder import Recorder  # noqa: PLC0415 - see above
    from pingyi_server.gateway.service import MeetingServer  # noqa: PLC0415 - see above
    from pingyi_server.gateway.sockets import bind_sockets  # noqa: PLC0415 - see above

    limits = read_limits(folder.path)
    keys = folder.server_keys()
    seen = folder.clerk_profile().head()
    ledger = folder.ledger_to_write(store)
    # a database that takes no ballots is better known now than when the first one comes
    store.probe()
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    try:
        definition = ledger.meeting.definition
        if definition is None:
            raise FolderError("folder.not_loaded", folder=folder.typed)
        allow_open_files(len(definition.roster))
        for shortage in shortages(len(definition.roster)):
            say(shortage.key, **shortage.values)
        address, port = bind_address(bind, definition.meeting.addresses), definition.meeting.port
        context = zmq.asyncio.Context.instance()
        exporter = Exporter(folder)
        sockets = bind_sockets(context, keys.transport, address, port, limits)
        try:
            # whoever reads that it serves may stop it at once
            stop = told_to_stop()
            with folder.announced(Served(EVERYWHERE.get(address, address), port, sockets.office_port)):
                say("serve.serving", name=definition.meeting.name, address=address, first=port, last=port + 3)
                say("serve.fingerprint", fingerprint=transport_fingerprint(keys.transport.public))
                if limits.differing():
                    say("limits.differing", limits=" ".join(f"{key}={at}" for key, at in limits.differing().items()))
                say_waiting(ledger.restored, ledger.meeting)
                say_doubt(folder, ledger, seen)
                say("serve.stop")
                async with keeping_head(folder, ledger):
                    await MeetingServer(context, sockets, recorder, limits, exporter).run(stop)
        finally:
            sockets.close()
            exporter.stop()
    finally:
        recorder.close()
    say("serve.stopped", size=ledger.meeting.size, fingerprint=ledger.fingerprint)


@asynccontextmanager
async def keeping_head(folder: MeetingFolder, ledger: Ledger) -> AsyncIterator[None]:
    """Let the clerk's profile keep the newest head, at the beginning, every few seconds, and at the end.

    So a database that lost its end is known when it is served again, also where the clerk did nothing meanwhile.
    """
    await keep_head(folder, ledger)
    following = asyncio.create_task(follow_head(folder, ledger))
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await keep_head(folder, ledger)


async def follow_head(folder: MeetingFolder, ledger: Ledger) -> None:
    """Keep every head that stands for some seconds, until cancelled."""
    kept = ledger.note
    while True:
        await asyncio.sleep(HEAD_SECONDS)
        if ledger.note != kept:
            kept = ledger.note
            await keep_head(folder, ledger)


async def keep_head(folder: MeetingFolder, ledger: Ledger) -> None:
    """Put the newest head into the clerk's profile; the meeting goes on where that fails."""
    if ledger.note is None:
        return
    try:
        # the disk may be slow
        await asyncio.to_thread(folder.clerk_profile().remember_head, ledger.note)
    except OSError as fault:
        log.warning("%s", words()("serve.head_not_kept", fault=fault))


def say(key: str, **values: object) -> None:
    """Print a line at once, also into a pipe."""
    click.echo(words()(key, **values))


def told_to_stop() -> asyncio.Event:
    """Return an event that SIGTERM and Ctrl+C set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def bind_address(asked: str | None, addresses: tuple[str, ...]) -> str:
    """Return the address to listen on; FolderError when what was asked is none."""
    if asked is not None:
        try:
            return str(ipaddress.ip_address(asked))
        except ValueError as fault:
            raise FolderError("serve.address", address=asked) from fault
    loopback = all(is_loopback(address) for address in addresses)
    return "127.0.0.1" if loopback else "0.0.0.0"  # noqa: S104 - the hall's terminals come from other machines


def is_loopback(address: str) -> bool:
    """Whether an address or host name is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
