"""``pingyi keys``: which private keys rest on this machine, their PINs, and their end."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenGroup, words
from pingyi_protocol.hidden import shown
from pingyi_protocol.keys.draft import REQUEST
from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.keys.key_file import change_pin, destroy_key_file, read_key_file
from pingyi_protocol.keys.places import Place, State, Whose, places_at, places_named
from pingyi_protocol.keys.profile import SHARES_FILE, default_root, set_aside
from pingyi_protocol.keys.signing import parse_public_key, public_text
from pingyi_protocol.keys.tries import forget_tries
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Cast, CastSecret
from pingyi_protocol.meeting.events import DeviceEnrolled
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.pin_prompt import new_pin, opened
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.pins import key_fingerprint
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import EnrolRequest, Receipt, enrolment_decoder, read, reply_decoder

FOR_OTHERS = 0o077
"""The bits of a file's mode by which others than its owner get at it."""

root_option = click.option(
    "--profile",
    "root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=words()("keyring.profile"),
)


@click.group(cls=SpokenGroup, help=words()("keyring.help"))
def keys() -> None:
    """Group what is done with keys at rest."""


@keys.command("list", help=words()("keyring.list"))
@click.argument("which", required=False, metavar="[WHICH]")
@root_option
def list_keys(which: str | None, root: Path | None) -> None:
    """Print two lines a key file."""
    found = chosen(which, root)
    if not found:
        click.echo(words()("keyring.none", folder=root or default_root()))
    say(line for place in found for line in described(place))


@keys.command("pin", help=words()("keyring.pin"))
@click.argument("which", required=False, metavar="[WHICH]")
@click.option("--remove", is_flag=True, help=words()("keyring.remove"))
@root_option
def pin(which: str | None, remove: bool, root: Path | None) -> None:
    """Ask for the old PIN where there is one, for the new one twice, and write the file anew."""
    place = the_one(chosen(which, root))
    if place.fault is not None:
        raise place.fault
    with place.held():
        if remove and not place.pinned:
            raise BadInput(words()("keyring.no_pin", name=place.named))
        opened_keys = opened(place.key_file, place.whose, words().language)
        change_pin(place.key_file, opened_keys, "" if remove else new_pin(words().language))
        forget_tries(place.key_file)
    click.echo(words()("keyring.removed" if remove else "keyring.set", name=place.named))
    click.echo(words()("keyring.copies"))


@keys.command("destroy", help=words()("keyring.destroy"))
@click.argument("which", metavar="WHICH")
@click.option("--receipts", is_flag=True, help=words()("keyring.receipts"))
@click.option("--force", is_flag=True, help=words()("keyring.force"))
@click.option("--yes", is_flag=True, help=words()("keyring.yes"))
@root_option
def destroy(which: str, receipts: bool, force: bool, yes: bool, root: Path | None) -> None:
    """Say what is lost, ask, and destroy; what waits to be sent is named and stops it without ``--force``."""
    doomed = to_destroy(chosen(which, root), again=receipts)
    say(line for place in doomed for line in described(place))
    with ExitStack() as holding:
        # the keys of one meeting's folder have one lock
        for place in {place.meeting_folder or place.folder: place for place in doomed}.values():
            holding.enter_context(place.held())
        unsent = [line for place in doomed for line in unsent_lines(place)]
        say(unsent)
        if unsent and not force:
            raise Failure(words()("keyring.unsent"))
        say(losses(doomed, whole=receipts))
        if not yes and not click.confirm(words()("keyring.ask", count=len(doomed))):
            raise Failure(words()("keyring.left"))
        for place in doomed:
            end(place)
    for place in doomed:
        put_away(place, whole=receipts)
    say((words()("keyring.destroyed", count=len(doomed)), words()("keyring.disks")))


def say(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line)


def chosen(which: str | None, root: Path | None) -> list[Place]:
    """Return the keys that were named, all where none were; BadInput where there are none of that name."""
    folder = root or default_root()
    if which is None:
        return places_at(folder)
    found = places_named(which, folder)
    if not found:
        raise BadInput(words()("keyring.unknown", name=which, folder=folder))
    return found


def the_one(found: list[Place]) -> Place:
    """Return the only key file, or the only one in use; BadInput names them where there are several."""
    current = [place for place in found if place.state is State.CURRENT]
    for only in (found, current):
        if len(only) == 1:
            return only[0]
    names = "\n".join(f"  {shown(str(place.named))}" for place in current or found)
    raise BadInput(words()("keyring.which", names=names) if found else words()("keyring.nothing"))


def described(place: Place) -> Iterator[str]:
    """Yield what there is to say of a key file."""
    facts = place.profile.facts if place.profile else None
    yield shown(str(place.named))
    if place.fault is not None and place.state is State.DAMAGED:
        yield f"    {shown(place.fault.words(words().language))}"
        return
    who = words()(f"keyring.who_{place.whose}")
    if facts is not None and place.whose is Whose.TERMINAL:
        who = f"{words()(f'role.{facts.role}')} {facts.person}".strip()
    state = words()("keyring.running") if place.running else words()(f"keyring.state_{place.state}")
    since = datetime.fromtimestamp(place.key_file.stat().st_mtime, UTC).astimezone()
    parts = [who, state, f"{since:%Y-%m-%d %H:%M}"]
    if place.state is not State.DESTROYED:
        parts.append(words()("keyring.with_pin" if place.pinned else "keyring.without_pin"))
    public = told_key(place)
    if public is not None:
        parts.append(words()("keyring.key", fingerprint=key_fingerprint(public)))
    yield f"    {shown(words()('keyring.between').join(parts))}"
    if facts is not None:
        yield f"    {shown(words()('keyring.meeting', name=facts.meeting_name, meeting=facts.meeting))}"
    if os.name == "posix" and place.key_file.stat().st_mode & FOR_OTHERS:
        yield f"    {words()('keyring.open_to_others', file=shown(str(place.key_file)))}"


def told_key(place: Place) -> bytes | None:
    """Return the public signing key, None where it cannot be told: from what is damaged, or without the PIN."""
    try:
        return public_key(place)
    except (ValueError, OSError):
        return None


def public_key(place: Place) -> bytes | None:
    """Return the public signing key: from the keys where they lie open, else from what the profile says of them."""
    if place.state is not State.DESTROYED and not place.pinned:
        return parse_public_key(public_text(read_key_file(place.key_file).signing_key))
    if place.profile is None:
        return None
    if place.whose is Whose.SERVER:
        return parse_public_key(place.profile.facts.log_key)
    if place.state is State.DRAFT:
        request = read(enrolment_decoder(), (place.folder / REQUEST).read_bytes())
        return parse_public_key(request.signing_key) if isinstance(request, EnrolRequest) else None
    if not place.profile.facts.enrolment:
        return None
    receipt = read(reply_decoder(), place.profile.facts.enrolment.encode())
    event = decode_entry(receipt.leaf.encode()).event if isinstance(receipt, Receipt) else None
    return parse_public_key(event.signing_key) if isinstance(event, DeviceEnrolled) else None


def unsent_lines(place: Place) -> Iterator[str]:
    """Name each signed command that has no receipt: it is nowhere else, and may not have been sent."""
    if place.whose is Whose.SERVER:
        return
    if place.profile is None:
        for path in sorted((place.folder / "outbox").glob("*.json")):
            yield words()("keyring.unsent_file", file=shown(str(path)))
        return
    for command_id, sent in place.profile.waiting():
        command = decode_command(msgspec.json.decode(sent, type=Envelope))
        if isinstance(command, Refusal):
            yield words()("keyring.unsent_file", file=command_id)
        elif isinstance(command.body, Cast | CastSecret):
            yield words()("keyring.unsent_ballot", item=shown(command.body.item), round=command.body.round)
        else:
            yield words()(
                "keyring.unsent_command", kind=command.body.__struct_config__.tag, issued=shown(command.issued)
            )


def to_destroy(found: list[Place], *, again: bool) -> list[Place]:
    """Return what is not destroyed yet, with ``again`` all; KeyFileError where nothing is left to destroy."""
    doomed = [place for place in found if again or place.state is not State.DESTROYED]
    if not doomed and found[0].fault is not None:
        raise found[0].fault
    return doomed


def losses(doomed: list[Place], *, whole: bool) -> Iterator[str]:
    """Yield what nobody can do any more without these keys, and whether the receipts go too."""
    gone = {place.whose for place in doomed}
    yield from (words()(f"keyring.loses_{whose}") for whose in sorted(gone))
    if any((place.folder / SHARES_FILE).exists() for place in doomed):
        yield words()("keyring.loses_share")
    if Whose.TERMINAL in gone:
        yield words()("keyring.loses_receipts" if whole else "keyring.keeps_receipts")


def end(place: Place) -> None:
    """Destroy the keys of a place that has any."""
    if place.state is not State.DESTROYED and place.key_file.exists():
        destroy_key_file(place.key_file)
        forget_tries(place.key_file)


def put_away(place: Place, *, whole: bool) -> None:
    """Leave of a profile what a member may want to look at later; all of a meeting's folder stays, for its record."""
    if place.meeting_folder is not None:
        return
    if whole or place.folder.name.startswith("."):
        shutil.rmtree(place.folder)
        sync_folder(place.folder.parent)
    elif "~" not in place.folder.name:
        set_aside(place.folder)
