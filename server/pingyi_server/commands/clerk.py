"""``pingyi clerk``: mend what fails on the day, each act a signed command to the running server."""

import asyncio

import click

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenGroup
from pingyi_protocol.meeting.commands import Body, CheckInByHand, CheckOut, LiftRecusal, MoveSeat, Recuse
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_server.commands.code import show_code
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import MeetingFolder

reason_option = click.option("--reason", required=True, help=words()("clerk.reason"))


@click.group(cls=SpokenGroup, help=words()("clerk.help"))
def clerk() -> None:
    """Group the acts of the clerk."""


@clerk.command("check-in", help=words()("clerk.check_in"))
@with_folder
@click.argument("member")
@reason_option
def check_in(folder: MeetingFolder, member: str, reason: str) -> None:
    """Check a member in."""
    act(folder, CheckInByHand(member, reason))


@clerk.command("check-out", help=words()("clerk.check_out"))
@with_folder
@click.argument("member")
@reason_option
def check_out(folder: MeetingFolder, member: str, reason: str) -> None:
    """Check a member out."""
    act(folder, CheckOut(member, reason))


@clerk.command(help=words()("clerk.move"))
@with_folder
@click.argument("member")
@click.argument("seat")
def move(folder: MeetingFolder, member: str, seat: str) -> None:
    """Move a member."""
    act(folder, MoveSeat(member, seat))


@clerk.command(help=words()("clerk.recuse"))
@with_folder
@click.argument("member")
@click.argument("item")
@click.option("--lift", is_flag=True, help=words()("clerk.lift"))
@reason_option
def recuse(folder: MeetingFolder, member: str, item: str, reason: str, lift: bool) -> None:
    """Recuse a member from an item, or lift that."""
    act(folder, LiftRecusal(member, item, reason) if lift else Recuse(member, item, reason))


@clerk.command(help=words()("clerk.reissue"))
@with_folder
@click.argument("member", required=False)
@click.option("--role", type=click.Choice([role.value for role in Role]), help=words()("code.role"))
def reissue(folder: MeetingFolder, member: str | None, role: str | None) -> None:
    """Issue a code again."""
    show_code(folder, member, role)


def act(folder: MeetingFolder, body: Body) -> None:
    """Put the clerk's act on the record and say where it stands."""
    from pingyi_server.clerk import submit  # noqa: PLC0415 - help stays fast without the ledger

    answer = asyncio.run(submit(folder, body))
    if isinstance(answer, Refusal):
        if isinstance(body, CheckOut) and answer.reason is Reason.NOT_PRESENT:
            raise Failure(words()("clerk.already_out", person=body.person))
        raise Failure(catalogue("pingyi_protocol", language_of_locale())(f"refusal.{answer.reason}", **answer.values))
    click.echo(words()("clerk.done", index=answer.index))
