"""``pingyi code``: issue an enrolment code, as text and as a QR in the terminal."""

import secrets
import sys

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode, encode, secret_hash
from pingyi_protocol.keys.qr import qr_half_blocks
from pingyi_protocol.meeting.commands import IssueCode
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.evolve import CLERK, HALL
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder

COMMAND_OF = {Role.MEMBER: "seat"}
"""The command that takes a code, where it is not called like the role."""

# of the 256 colours of terminals, the two that no theme changes (the first 16 are the theme's)
BLACK, WHITE = 16, 231
QUIET_ZONE = 4
"""Modules of margin around the QR, as ISO/IEC 18004 asks for; hand scanners insist on it."""


@click.command(cls=SpokenCommand, help=words()("code.help"))
@with_folder
@click.argument("member", required=False)
@click.option("--role", type=click.Choice([role.value for role in Role]), help=words()("code.role"))
def code(folder: MeetingFolder, member: str | None, role: str | None) -> None:
    """Issue a code and show it."""
    show_code(folder, member, role)


def show_code(folder: MeetingFolder, member: str | None, role: str | None) -> None:
    """Issue a code for whom the clerk names and print it; the QR only where a person looks at it."""
    definition = folder.meeting().definition
    if definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    principal = whom(folder, definition, member, Role(role) if role else None)
    text = encode(issue(folder, definition, principal))
    line = definition.person(principal.person)
    role_words = catalogue("pingyi_protocol", language_of_locale())(f"role.{principal.role}")
    whose = f"{line.number} {line.name}, {role_words}" if line else role_words
    click.echo(words()("code.issued", whose=whose))
    if sys.stdout.isatty():
        click.echo(black_on_white(qr_half_blocks(text, QUIET_ZONE)))
    click.echo(text)
    click.echo(words()("code.take", command=COMMAND_OF.get(principal.role, principal.role)))


def black_on_white(drawn: str) -> str:
    """Return lines in black on white whatever the terminal's own colours are."""
    return "\n".join(click.style(line, fg=BLACK, bg=WHITE) for line in drawn.split("\n"))


def whom(folder: MeetingFolder, definition: Definition, member: str | None, role: Role | None) -> Principal:
    """Return whom the code is for; BadInput when that is not said or not on the roster."""
    if member is not None:
        return Principal(member, role or Role.MEMBER)
    if role is None or role is Role.MEMBER:
        raise BadInput(words()("code.which"))
    if role in (HALL.role, CLERK.role):
        return HALL if role is HALL.role else CLERK
    people = [person for person in definition.roster if role in person.roles]
    if len(people) > 1:
        listed = ", ".join(f"{person.number} {person.name}" for person in people)
        raise BadInput(words()("code.several", people=listed))
    if not people:
        raise BadInput(words()("code.nobody", role=words()(f"workbook.role_{role}"), folder=folder.typed))
    return Principal(people[0].number, role)


def issue(folder: MeetingFolder, definition: Definition, principal: Principal) -> EnrolmentCode:
    """Put a fresh code's hash on the record and return the code; its secret is nowhere else."""
    from pingyi_server.clerk import submitted  # noqa: PLC0415 - help stays fast without the ledger

    fresh = EnrolmentCode(
        addresses=definition.meeting.addresses,
        port=definition.meeting.port,
        server_key=folder.clerk_profile().facts.server_key,
        person=principal.person,
        role=principal.role,
        secret=secrets.token_bytes(SECRET_BYTES),
    )
    answer = submitted(folder, IssueCode(principal.person, principal.role, secret_hash(fresh.secret)))
    if isinstance(answer, Refusal):
        raise Failure(catalogue("pingyi_protocol", language_of_locale())(f"refusal.{answer.reason}", **answer.values))
    return fresh
