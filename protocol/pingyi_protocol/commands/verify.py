"""``pingyi verify``: check a record offline. Exit code 0 valid, 1 not valid with every reason named, 2 no record."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.hidden import shown
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record.pins import PinFormError, parse_checkpoint_pin, parse_key_pin, parse_receipt_pin
from pingyi_protocol.record.report import Facts, Report, Step
from pingyi_protocol.record.results_secret import InvalidMember, Signer, secret_round
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.text import Catalogue, catalogue, language_of_locale

LONGEST_REASON = 400
FINEST = 500
"""Steps in which a progress bar moves at most."""

SIGNED = ("size", "reason", "chair", "declared", "scrutineer", "countersigned")

WORDS = catalogue("pingyi_protocol", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("verify.help"))
@click.argument("record", metavar="RECORD.ZIP", type=click.Path(path_type=Path))
@click.option("--key", metavar="KEY", help=WORDS("verify.help_key"))
@click.option("--checkpoint", metavar="FINGERPRINT", help=WORDS("verify.help_checkpoint"))
@click.option("--receipt", metavar="FILE", type=click.Path(path_type=Path), help=WORDS("verify.help_receipt"))
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    help=WORDS("verify.help_lang"),
)
def verify(record: Path, key: str | None, checkpoint: str | None, receipt: Path | None, lang: str) -> None:
    """Say of each step whether it holds, then the verdict; reasons go to standard error."""
    words = catalogue("pingyi_protocol", Language(lang))
    # what is held against the record is read first: a slip there is no fault of the record
    key_pin = None if key is None else parse_key_pin(key)
    checkpoint_pin = None if checkpoint is None else parse_checkpoint_pin(text_of(checkpoint))
    receipt_pin = None if receipt is None else parse_receipt_pin(receipt.read_bytes())
    with progress_bar(words("verify.following")) as progress:
        report = verify_record(record, key=key_pin, checkpoint=checkpoint_pin, receipt=receipt_pin, progress=progress)
    for line in steps(report, words):
        click.echo(line)
    if report.facts is not None:
        click.echo()
        for line in facts(report.facts, words):
            click.echo(harmless(line))
    click.echo()
    if not report.valid:
        for line in reasons(report, words):
            click.echo(line, err=True)
        raise Failure(words("verify.other_version" if report.other_version else "verify.invalid"))
    click.echo(words("verify.valid"))
    for pin in report.pins:
        click.echo(words(pin.key, **pin.values))
    if not report.pins and report.facts is not None:
        click.echo(words("verify.unpinned", fingerprint=report.facts.fingerprint))


def text_of(checkpoint: str) -> str:
    """Return the signed note in a file of this name, or else what was given; PinFormError when the file is no text."""
    path = Path(checkpoint)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else checkpoint
    except UnicodeDecodeError as fault:
        raise PinFormError("pin.no_text", file=checkpoint) from fault


def steps(report: Report, words: Catalogue) -> Iterator[str]:
    """Yield one line a step."""
    for step in Step:
        if step is Step.PINS and step in report.reached and report.valid and not report.pins:
            outcome = "verify.no_pins"
        elif step not in report.reached:
            outcome = "verify.not_reached"
        else:
            outcome = "verify.passed" if report.passed(step) else "verify.failed"
        yield words("verify.step", step=step.value, what=words(f"verify.step_{step.value}"), outcome=words(outcome))


def reasons(report: Report, words: Catalogue) -> Iterator[str]:
    """Yield every reason, by step."""
    for step in Step:
        named = [reason for reason in report.reasons if reason.step is step]
        yield from (f"{step.value}. {harmless(reason.words(words.language))}" for reason in named)
        if report.unnamed[step]:
            yield f"{step.value}. {words('verify.more', count=report.unnamed[step])}"


def harmless(text: str) -> str:
    """Return a text that may quote a forged record, cut short, without characters that a terminal would obey."""
    return shown(text[:LONGEST_REASON])


def facts(found: Facts, words: Catalogue) -> Iterator[str]:
    """Yield what the record is about."""
    if found.meeting.definition is not None:
        about = found.meeting.definition.meeting
        if about.simulated:
            yield words("verify.simulated")
        yield words("verify.meeting", name=about.name, session=about.session, date=about.date)
    numbers = {"ballots": found.ballots, "rounds": found.rounds, "announced": found.announced}
    yield words("verify.size", size=found.size, **numbers)
    yield words("verify.fingerprint", fingerprint=found.fingerprint)
    for one in found.attested:
        yield words("verify.attested", **one._asdict())
    yield words("verify.attested_final", **found.final._asdict())
    yield from secret_rounds(found, words)
    yield from unfinished(found.meeting, words)
    yield from results_by_hand(found.meeting, words)
    yield from losses(found.meeting, words)
    yield words("verify.log_key", log_key=found.identity.log_key, code=found.key_code)


def secret_rounds(found: Facts, words: Catalogue) -> Iterator[str]:
    """Yield what was checked of secret rounds, and of each on which head and by whose parts it was opened."""
    definition = found.meeting.definition
    if definition is None:
        return
    rounds = [
        (one, secret)
        for one in found.meeting.rounds
        if (secret := secret_round(definition, found.meeting.items[one.item], one)) is not None
    ]
    if rounds:
        parts = sum(len(secret.parts) for _, secret in rounds if secret.unsealed)
        yield words("verify.secret_checked", rounds=len(rounds), bits=found.proofs, parts=parts)
    for one, secret in rounds:
        values: dict[str, object] = {"item": one.item, "round": one.number, "code": secret.key}
        values |= {"received": one.received, "valid": one.received - one.invalid, "cosigned": secret.cosigned}
        size = secret.head.size if secret.head is not None else 0
        values |= {"parts": listed(secret.parts), "size": size, "threshold": secret.threshold}
        key = "opened" if secret.unsealed else "sealed" if secret.parts else "closed" if not one.live else "live"
        yield words(f"verify.secret_{key}", **values)
        if secret.invalid:
            yield words("verify.secret_invalid", people=listed(secret.invalid))
        if secret.bad:
            yield words("verify.secret_bad", people=listed(secret.bad))
        if secret.overridden is not None:
            said = secret.overridden
            yield words("verify.secret_overridden", person=said.number, size=said.size, reason=said.reason)


def listed(people: Iterable[Signer | InvalidMember]) -> str:
    """Return people by number."""
    return ", ".join(one.number for one in people)


def unfinished(meeting: Meeting, words: Catalogue) -> Iterator[str]:
    """Yield whether the meeting was closed, and each round that still takes ballots."""
    for one in meeting.rounds:
        if one.live:
            yield words("verify.open", item=one.item, round=one.number, received=one.received)
    yield words("verify.meeting_open" if meeting.closed is None else "verify.meeting_closed", leaf=meeting.closed)


def results_by_hand(meeting: Meeting, words: Catalogue) -> Iterator[str]:
    """Yield which rounds the clerk entered by hand, why, and who signed their counts."""
    for one in meeting.rounds:
        if one.manual is not None:
            signed = words("verify.signed", person=one.confirmed) if one.confirmed else words("verify.unsigned")
            values = {"item": one.item, "round": one.number, "reason": one.manual.reason}
            yield words("verify.by_hand", signed=signed, **values)


def losses(meeting: Meeting, words: Catalogue) -> Iterator[str]:
    """Yield where the record went on from an older copy, and the ballots that are known to be lost by it."""
    for one in meeting.continuations:
        key = "verify.continued" if one.countersigned is not None else "verify.not_countersigned"
        yield words(key, **{name: getattr(one, name) for name in SIGNED})
        signers = (
            (one.chair, Role.CHAIR, one.chair_enrolled),
            (one.scrutineer, Role.SCRUTINEER, one.scrutineer_enrolled),
        )
        for person, role, enrolled in signers:
            if enrolled is not None and enrolled >= one.size:
                yield words("verify.enrolled_after", role=words(f"verify.role_{role}"), person=person, leaf=enrolled)
    for lost in sorted(meeting.lost.values(), key=lambda one: one.leaf):
        yield words("verify.lost", person=lost.person, index=lost.index, leaf=lost.leaf)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal's standard error, and nothing elsewhere."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        shown = 0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            # the bar's own bookkeeping would cost more than a leaf
            if done == total or done - shown > total // FINEST:
                shown = done
                bar.update(task, completed=done, total=total)

        yield progress
