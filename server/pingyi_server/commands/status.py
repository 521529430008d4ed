"""``pingyi status``: where the meeting stands, in a few lines."""

from collections.abc import Iterator

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.hidden import shown
from pingyi_protocol.meeting.attendance import quorum_met
from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.counting import elected, round_figures
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Secrecy, SelectionRules
from pingyi_protocol.meeting.devices import waiting_codes
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.key_ceremony import awaited
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.text import catalogue
from pingyi_server.commands.code import whose
from pingyi_server.commands.options import say_doubt, say_waiting, with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder


@click.command(cls=SpokenCommand, help=words()("status.help"))
@with_folder
def status(folder: MeetingFolder) -> None:
    """Read the record and say it, whether a server runs or not."""
    folder.require_database()
    seen = folder.clerk_profile().head()
    ledger = folder.standing()
    meeting = ledger.meeting
    definition = meeting.definition
    if definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    facts = definition.meeting
    click.echo(shown(f"{facts.name}  {facts.session}  {facts.date}"))
    served = folder.served() if folder.busy() else None
    if served is None:
        click.echo(words()("status.not_running"))
    else:
        click.echo(words()("status.running", address=served.address, port=served.port))
    click.echo(attendance(meeting, definition))
    if meeting.left or meeting.excused:
        click.echo(words()("status.away", left=len(meeting.left), excused=len(meeting.excused)))
    for item in definition.agenda:
        click.echo(item_line(meeting, definition, item))
        for line in (
            *void_lines(meeting, item),
            *sealed_lines(meeting, item),
            *recusal_lines(meeting, definition, item),
        ):
            click.echo(line)
    live = meeting.live_round
    if live is not None and live.item == TRIAL.id:
        click.echo(item_line(meeting, definition, TRIAL))
    for line in (*device_lines(meeting, definition), *key_lines(meeting)):
        click.echo(line)
    click.echo(words()("status.record", size=meeting.size, fingerprint=ledger.fingerprint))
    say_waiting(ledger.restored, meeting)
    say_doubt(folder, ledger, seen)


def attendance(meeting: Meeting, definition: Definition) -> str:
    """Say who is there and whether they are enough."""
    needed = least_of(definition.meeting.quorum, len(meeting.entitled))
    due, present = len(meeting.entitled), len(meeting.present)
    missing = words()("status.quorum_missing", missing=needed - present)
    quorum = words()("status.quorum_met") if quorum_met(meeting) else missing
    return words()("status.attendance", due=due, present=present, needed=needed, quorum=quorum)


def void_lines(meeting: Meeting, item: Item) -> list[str]:
    """Name the item's void rounds, each with its reason, and one that waits for a scrutineer to be void."""
    rounds = [one for one in meeting.rounds if one.item == item.id]
    void = [one for one in rounds if one.phase is Phase.VOID]
    waiting = [(one.number, one.voiding.reason) for one in rounds if one.voiding is not None]
    return [
        *(words()("status.void_round", round=one.number, reason=one.reason) for one in void),
        *(words()("status.void_waits", round=number, reason=reason) for number, reason in waiting),
    ]


def sealed_lines(meeting: Meeting, item: Item) -> list[str]:
    """Say what the newest round of a secret item waits for, while it is closed and not opened."""
    one = meeting.round_of(item.id)
    if one is None or one.sealing is None or one.sealing.unsealed or one.phase is not Phase.CLOSED:
        return []
    sealing, least = one.sealing, item.rules.least_ballots
    valid = one.received - one.invalid
    if not sealing.checked:
        return [words()("status.unchecked", received=one.received)]
    if valid < least:
        return [words()("status.never_opened", valid=valid, least=least)]
    if not sealing.basis:
        return [words()("status.uncosigned")]
    missing = words()("status.comma").join(sealing.missing)
    return [
        words()("status.unopened", parts=len(sealing.parts), threshold=sealing.key.threshold, missing=missing),
    ]


def key_lines(meeting: Meeting) -> list[str]:
    """Say whether there is a key for the secret items, if there are any, and of whom its ceremony awaits a message."""
    if not any(item.rules.secrecy is Secrecy.SECRET for item in meeting.agenda):
        return []
    waiting = awaited(meeting.ceremony)
    if waiting:
        return [words()("status.ceremony", missing=words()("status.comma").join(waiting))]
    if meeting.key is None:
        return [words()("status.no_key")]
    holders = words()("status.comma").join(meeting.holders)
    return [words()("status.key", fingerprint=meeting.key.fingerprint, holders=holders)]


def device_lines(meeting: Meeting, definition: Definition) -> list[str]:
    """Say how many terminals speak, are revoked, and codes are out; and which codes wait for the chair."""
    revoked = sum(device.revoked for device in meeting.devices.values())
    counts = words()("status.devices", enrolled=len(meeting.sessions), revoked=revoked, codes=len(meeting.codes))
    waiting = waiting_codes(meeting)
    return [
        counts,
        *(words()("status.code_waits", whose=whose(definition, Principal(one.person, one.role))) for one in waiting),
    ]


def recusal_lines(meeting: Meeting, definition: Definition, item: Item) -> list[str]:
    """Name who is recused from the item now, each with the reason."""
    recused = meeting.recused_from(item.id)
    return [
        words()("status.recused", number=person.number, name=person.name, reason=recused[person.number])
        for person in definition.entitled
        if person.number in recused
    ]


def item_line(meeting: Meeting, definition: Definition, item: Item) -> str:
    """Say where one item stands: how many have voted while it is open, its result once that is announced."""
    one = meeting.round_of(item.id)
    phase = meeting.phase_of(item.id)
    texts = {
        "item": item.id,
        "title": words()("status.trial") if item is TRIAL else item.title,
        "kind": catalogue("pingyi_protocol", words().language)(f"kind.{item.rules.kind}"),
        "phase": words()(f"status.{phase}"),
    }
    if phase is Phase.WITHDRAWN:
        return words()("status.item_result", result=meeting.withdrawn[item.id], **texts)
    if one is not None and one.live:
        return words()("status.item_live", received=len(one.ballots), present=len(one.present), **texts)
    if one is None or phase is not Phase.ANNOUNCED:
        unsigned = one is not None and phase is Phase.CLOSED and not one.sealed and meeting.awaits_confirmation(one)
        return words()("status.item_unsigned" if unsigned else "status.item", **texts)
    found = list(result_texts(round_figures(meeting, one), definition))
    if isinstance(item.rules, SelectionRules):
        winners = elected(meeting, item)
        found.insert(0, names_line("selected", winners, definition) if winners else words()("status.nobody"))
    if one.manual:
        found.insert(0, words()("status.manual"))
    return words()("status.item_result", result=words()("status.comma").join(found), **texts)


def result_texts(figures: RoundFigures, definition: Definition) -> Iterator[str]:
    """Say what a round came to, target by target."""
    spoken = catalogue("pingyi_protocol", words().language)
    for target in figures.targets:
        key = "status.too_few" if target.measure is None else "status.measure"
        yield words()(key, target=definition.target(target.target).name, measure=target.measure)
    for choice in figures.choices:
        name = definition.target(choice.target).name if choice.target else ""
        counts = " / ".join(str(one.count) for one in choice.counts)
        yield words()("status.choice", target=name, outcome=spoken(f"outcome.{choice.outcome}"), counts=counts).strip()
    if figures.selection is not None and figures.selection.tied:
        yield names_line("tied", figures.selection.tied, definition)


def names_line(key: str, targets: tuple[str, ...], definition: Definition) -> str:
    """Say who is chosen, or tied."""
    return words()(f"status.{key}", names=words()("status.comma").join(definition.target(one).name for one in targets))
