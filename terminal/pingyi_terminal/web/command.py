"""``pingyi web``: a screen of this machine in a browser."""

import errno
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand, SpokenGroup
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_terminal.hall.command import THEMES
from pingyi_terminal.options import WORDS, language_option, pin_option, profile_option

LOOPBACK = "127.0.0.1"
PORT = 8000
PORTS = click.IntRange(1, 65535)
NOT_OURS = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES})


def page_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command where its page is served, and what its terminal takes."""
    options: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
        click.option("--address", metavar="IP", default=LOOPBACK, callback=ip, help=WORDS("web.option_address")),
        click.option(
            "--port",
            type=PORTS,
            default=PORT,
            show_default=True,
            help=WORDS("web.option_port"),
        ),
        profile_option,
        pin_option,
        language_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def ip(_context: click.Context, _parameter: click.Parameter, value: Any) -> str:
    """Return the IP address in its usual spelling. BadInput for anything else: names can be made to mean anything."""
    try:
        return str(ip_address(value))
    except ValueError as fault:
        raise BadInput(WORDS("web.not_an_address", value=value)) from fault


@click.group(cls=SpokenGroup, help=WORDS("web.help"))
def web() -> None:
    """Show a screen of this machine in a browser."""


@web.command(cls=SpokenCommand, help=WORDS("web.help_hall"))
@page_options
@click.option("--theme", type=click.Choice(THEMES), default="dark", help=WORDS("hall.option_theme"))
def hall(address: str, port: int, root: Path | None, language: Language, theme: str, *, set_pin: bool) -> None:
    """Show the meeting on a wall that has only a browser."""
    serve("hall", address, port, language, [*terminal(root, language, set_pin=set_pin), "--theme", theme])


@web.command(cls=SpokenCommand, help=WORDS("web.help_seat"))
@page_options
def seat(address: str, port: int, root: Path | None, language: Language, *, set_pin: bool) -> None:
    """Take a seat in the browser of a touch-screen PC. Only this machine itself may."""
    if not ip_address(address).is_loopback:
        raise BadInput(catalogue("pingyi_terminal", language)("web.seat_elsewhere", address=address))
    serve("seat", address, port, language, terminal(root, language, set_pin=set_pin))


def terminal(root: Path | None, language: Language, *, set_pin: bool) -> list[str]:
    """Return what the terminal's own command takes."""
    profile = [] if root is None else ["--profile", str(root.absolute())]
    return [*profile, *(["--pin"] if set_pin else []), "--lang", language.value]


def serve(role: str, address: str, port: int, language: Language, options: list[str]) -> None:
    """Serve until Ctrl+C. Failure where the address cannot be had."""
    words = catalogue("pingyi_terminal", language)
    try:
        # a web server is slow to load, and no help text should wait for it
        from pingyi_terminal.web.server import PageServer  # noqa: PLC0415 - see above
    except ModuleNotFoundError as missing:
        raise BadInput(words("web.not_installed", module=missing.name)) from missing
    host = f"[{address}]" if ":" in address else address
    click.echo(words(f"web.serving_{role}", url=f"http://{host}:{port}/"), err=True)
    try:
        PageServer(role, options, language, address, port).run()
    except OSError as fault:
        if fault.errno not in NOT_OURS:
            raise
        raise Failure(words("web.no_address", address=address, port=port)) from fault
