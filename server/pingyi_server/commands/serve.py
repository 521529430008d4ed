"""``pingyi serve``: run the meeting server until told to stop."""

import asyncio
import ipaddress
import logging
import signal

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_server.commands.options import say_doubt, say_waiting, with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder, Served
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.open_files import allow_open_files

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the hall's terminals come from other machines
"""The addresses that mean all of this machine's, and how this machine reaches itself then."""

LOOK_SECONDS = 2.0
"""How long whoever only looks whether a server runs may be in the way."""


@click.command(cls=SpokenCommand, help=words()("serve.help"))
@with_folder
@click.option("--bind", metavar="ADDRESS", help=words()("serve.bind"))
def serve(folder: MeetingFolder, bind: str | None) -> None:
    """Hold the meeting's lock and serve it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with folder.locked(LOOK_SECONDS) as store:
        # a database that takes no ballots is better known now than when the first one comes
        store.probe()
        asyncio.run(serving(folder, store, bind))


async def serving(folder: MeetingFolder, store: SqlStore, bind: str | None) -> None:
    """Open the ledger, listen, and run until a signal says stop."""
    import zmq.asyncio  # noqa: PLC0415 - help stays fast without it

    from pingyi_server.gateway.clock import MeetingClock  # noqa: PLC0415 - see above
    from pingyi_server.gateway.recorder import Recorder  # noqa: PLC0415 - see above
    from pingyi_server.gateway.service import MeetingServer  # noqa: PLC0415 - see above
    from pingyi_server.gateway.sockets import bind_sockets  # noqa: PLC0415 - see above

    keys = folder.server_keys()
    seen = folder.clerk_profile().head()
    ledger = folder.open_ledger(store)
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    try:
        definition = ledger.meeting.definition
        if definition is None:
            raise FolderError("folder.not_loaded", folder=folder.typed)
        allow_open_files(len(definition.roster))
        address, port = bind_address(bind, definition.meeting.addresses), definition.meeting.port
        context = zmq.asyncio.Context.instance()
        sockets = bind_sockets(context, keys.transport, address, port)
        try:
            with folder.announced(Served(EVERYWHERE.get(address, address), port)):
                say("serve.serving", name=definition.meeting.name, address=address, first=port, last=port + 2)
                say("serve.fingerprint", fingerprint=transport_fingerprint(keys.transport.public))
                say_waiting(ledger.restored, ledger.meeting)
                say_doubt(folder, ledger, seen)
                say("serve.stop")
                await MeetingServer(context, sockets, recorder).run(told_to_stop())
        finally:
            sockets.close()
    finally:
        recorder.close()
    say("serve.stopped", size=ledger.meeting.size, fingerprint=ledger.fingerprint)


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
