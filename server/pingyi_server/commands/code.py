"""``pingyi code``: issue one enrolment code, as a QR in the terminal, as text, and as groups to type."""

import sys

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode, secret_hash
from pingyi_protocol.keys.qr import qr_half_blocks
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_protocol.keys.typed_code import typed
from pingyi_protocol.meeting.commands import IssueCode
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.evolve import CLERK, HALL
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_server.cards.card import COMMAND_OF
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder

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
    definition, principal = named(folder, member, role)
    fresh = issue(folder, definition, principal)
    text = encode(fresh)
    click.echo(words()("code.issued", whose=whose(definition, principal)))
    if sys.stdout.isatty():
        click.echo(black_on_white(qr_half_blocks(text, QUIET_ZONE)))
    click.echo(text)
    click.echo(words()("code.take", command=COMMAND_OF.get(principal.role, principal.role)))
    groups = typed(fresh)
    if groups:
        click.echo(words()("code.typed", groups=groups, fingerprint=transport_fingerprint(fresh.server_key)))
    if secret_hash(fresh.secret) in folder.meeting().unsigned_codes:
        click.echo(words()("code.countersign"))


def named(folder: MeetingFolder, member: str | None, role: str | None) -> tuple[Definition, Principal]:
    """Return the meeting's definition and whom the clerk names; FolderError before it is loaded, else as ``whom``."""
    definition = folder.meeting().definition
    if definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    return definition, whom(folder, definition, member, Role(role) if role else None)


def whose(definition: Definition, principal: Principal) -> str:
    """Name whom a code is for."""
    person = definition.person(principal.person)
    role = catalogue("pingyi_protocol", language_of_locale())(f"role.{principal.role}")
    return f"{person.number} {person.name}, {role}" if person else role


def why(refusal: Refusal) -> str:
    """Return a refusal's words."""
    return catalogue("pingyi_protocol", language_of_locale())(f"refusal.{refusal.reason}", **refusal.values)


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
    # help stays fast without the ledger
    from pingyi_server.cards.issuing import fresh_code  # noqa: PLC0415 - see above
    from pingyi_server.clerk import submitted  # noqa: PLC0415 - see above

    fresh = fresh_code(folder, definition, principal)
    answer = submitted(folder, IssueCode(principal.person, principal.role, secret_hash(fresh.secret)))
    if isinstance(answer, Refusal):
        raise Failure(why(answer))
    return fresh
