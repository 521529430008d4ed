"""``pingyi clerk``: mend what fails on the day, each act a signed command to the running server."""

from importlib.metadata import entry_points
from pathlib import Path

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenGroup
from pingyi_protocol.meeting.commands import (
    AddItem,
    Body,
    CheckInByHand,
    CheckOut,
    CloseCheckIn,
    Excuse,
    LiftRecusal,
    MoveSeat,
    OpenCheckIn,
    Recuse,
    ReorderAgenda,
    RevokeDevice,
    WithdrawCode,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.text import language_of_locale
from pingyi_server.commands.code import named, show_code, whose, why
from pingyi_server.commands.entering import confirmed, entered_result, say_who_signs, show_result
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
reason_option = click.option("--reason", required=True, help=words()("clerk.reason"))
member_argument = click.argument("member", required=False)
role_option = click.option("--role", type=click.Choice([role.value for role in Role]), help=words()("code.role"))


BESIDE = "pingyi.clerk"
"""Entry points of what stands among the clerk's acts and is no part of the server: the console, a screen."""
CONSOLE = "console"


class Acts(SpokenGroup):
    """The clerk's acts; a folder where an act is expected opens the console for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the console, then the acts."""
        return [*(one.name for one in entry_points(group=BESIDE)), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load what stands beside the acts when it is called."""
        found = next(iter(entry_points(group=BESIDE, name=cmd_name)), None)
        command = found.load() if found is not None else super().get_command(ctx, cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, or the console where it names a folder and no act."""
        if self.get_command(ctx, args[0]) is None and Path(args[0]).is_dir():
            args = [CONSOLE, *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Acts, help=words()("clerk.help"))
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


@clerk.command(help=words()("clerk.excuse"))
@with_folder
@click.argument("member")
@reason_option
def excuse(folder: MeetingFolder, member: str, reason: str) -> None:
    """Excuse a member."""
    act(folder, Excuse(member, reason))


@clerk.command("open-check-in", help=words()("clerk.open_check_in"))
@with_folder
def open_check_in(folder: MeetingFolder) -> None:
    """Open the check-in's window."""
    act(folder, OpenCheckIn())


@clerk.command("close-check-in", help=words()("clerk.close_check_in"))
@with_folder
def close_check_in(folder: MeetingFolder) -> None:
    """Close the check-in's window."""
    act(folder, CloseCheckIn())


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


@clerk.command(help=words()("clerk.add"))
@with_folder
@file_argument
def add(folder: MeetingFolder, file: Path) -> None:
    """Add the items of a file, one command an item."""
    for item in added_items(folder, file):
        act(folder, item)
        click.echo(words()("clerk.add_item", item=item.item.id, title=item.item.title))


@clerk.command(help=words()("clerk.reorder"))
@with_folder
@click.argument("items", metavar="ITEM...", nargs=-1, required=True)
def reorder(folder: MeetingFolder, items: tuple[str, ...]) -> None:
    """Put items first among those that have not been voted on."""
    meeting = folder.meeting()
    agenda = [item.id for item in meeting.agenda]
    waiting = [item for item in agenda if meeting.round_of(item) is None]
    strange = [item for item in items if item not in waiting]
    if strange:
        raise BadInput(words()("clerk.reorder_voted", items=words()("imports.between_choices").join(strange)))
    coming = iter(dict.fromkeys((*items, *waiting)))
    order = tuple(next(coming) if item in waiting else item for item in agenda)
    act(folder, ReorderAgenda(order))
    click.echo(words()("clerk.new_order", order=" ".join(order)))


@clerk.command(help=words()("clerk.withdraw"))
@with_folder
@click.argument("item")
@reason_option
def withdraw(folder: MeetingFolder, item: str, reason: str) -> None:
    """Withdraw an item."""
    act(folder, WithdrawItem(item, reason))


@clerk.command(help=words()("clerk.result"))
@with_folder
@file_argument
@click.option("--item", "item_id", required=True, metavar="ITEM", help=words()("clerk.result_item"))
@click.option("--received", required=True, type=int, metavar="COUNT", help=words()("clerk.result_received"))
@click.option("--invalid", type=int, metavar="COUNT", default=0, help=words()("clerk.result_invalid"))
@click.option("--reason", required=True, help=words()("clerk.result_reason"))
@click.option("--runoff", is_flag=True, help=words()("clerk.result_runoff"))
@click.option("--yes", is_flag=True, help=words()("clerk.result_yes"))
def result(  # noqa: PLR0913, PLR0917 - click gives each option by its name
    folder: MeetingFolder,
    file: Path,
    item_id: str,
    received: int,
    invalid: int,
    reason: str,
    runoff: bool,
    yes: bool,
) -> None:
    """Show what the file holds, ask, and enter it."""
    definition, item, body = entered_result(folder, file, item_id, (received, invalid), reason, runoff=runoff)
    show_result(definition, item, body)
    confirmed(yes=yes)
    act(folder, body)
    say_who_signs(definition, item)


@clerk.command(help=words()("clerk.reissue"))
@with_folder
@member_argument
@role_option
def reissue(folder: MeetingFolder, member: str | None, role: str | None) -> None:
    """Issue a code again."""
    show_code(folder, member, role)


@clerk.command("withdraw-code", help=words()("clerk.withdraw_code"))
@with_folder
@member_argument
@role_option
def withdraw_code(folder: MeetingFolder, member: str | None, role: str | None) -> None:
    """Withdraw a code that was not taken."""
    _, principal = named(folder, member, role)
    act(folder, WithdrawCode(principal.person, principal.role))


@clerk.command(help=words()("clerk.revoke"))
@with_folder
@member_argument
@role_option
@reason_option
def revoke(folder: MeetingFolder, member: str | None, role: str | None, reason: str) -> None:
    """Silence a terminal, and say if somebody could still enrol another one."""
    definition, principal = named(folder, member, role)
    act(folder, RevokeDevice(principal.person, principal.role, reason))
    if principal in folder.meeting().code_of:
        click.echo(words()("clerk.code_left", whose=whose(definition, principal)))


def added_items(folder: MeetingFolder, file: Path) -> tuple[AddItem, ...]:
    """Return the items of a file of new lines; BadInput names every error in it."""
    # help stays fast without the workbook reader
    from pingyi_server.imports.addition import read_addition  # noqa: PLC0415 - see above
    from pingyi_server.imports.findings import FileFinding, MeetingFileError  # noqa: PLC0415 - see above

    def warn(finding: FileFinding) -> None:
        click.echo(words()("load.warning", finding=finding.describe(language_of_locale())), err=True)

    meeting = folder.meeting()
    if meeting.definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    try:
        return read_addition(file, meeting.definition, frozenset(meeting.withdrawn), warn)
    except MeetingFileError as fault:
        raise BadInput("\n".join(fault.describe(language_of_locale()))) from fault


def act(folder: MeetingFolder, body: Body) -> None:
    """Put the clerk's act on the record and say where it stands."""
    from pingyi_server.clerk import submitted  # noqa: PLC0415 - help stays fast without the ledger

    answer = submitted(folder, body)
    if isinstance(answer, Refusal):
        if isinstance(body, CheckOut) and answer.reason is Reason.NOT_PRESENT:
            raise Failure(words()("clerk.already_out", person=body.person))
        raise Failure(why(answer))
    click.echo(words()("clerk.done", index=answer.index))
