"""``pingyi receipt``: whether one ballot is in a record and counts. Exit code 0 it counts, 1 it does not, 2 unusable.

A tracking code finds the ballot and says whose it is, as an open record (记名) says anyway; what was answered is shown
only to whoever holds the receipt itself.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import harmless, progress_bar
from pingyi_protocol.meeting.commands import Choice, Score
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Language, Secrecy
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record.pins import PinFormError, ReceiptPin, parse_receipt_pin
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.record.standing import Standing, StandingError, standing_of_code, standing_of_receipt
from pingyi_protocol.record.tracking import TrackingCodeError, parse_tracking_code
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.text import Catalogue, catalogue, language_of_locale

WORDS = catalogue("pingyi_protocol", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("standing.help"))
@click.argument("asked", metavar="FILE|CODE")
@click.option(
    "--record",
    metavar="RECORD.ZIP",
    required=True,
    type=click.Path(path_type=Path),
    help=WORDS("standing.help_record"),
)
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    help=WORDS("verify.help_lang"),
)
def receipt(asked: str, record: Path, lang: str) -> None:
    """Verify the record, find the ballot in it, and say whether it counts."""
    words = catalogue("pingyi_protocol", Language(lang))
    held = read(asked, words)
    with progress_bar(words("verify.following")) as progress:
        report = verify_record(record, receipt=held if isinstance(held, ReceiptPin) else None, progress=progress)
    if not report.consistent or report.facts is None:
        for reason in {one.step: one for one in reversed(report.reasons)}.values():
            click.echo(f"{reason.step.value}. {harmless(reason.words(words.language))}", err=True)
        raise Failure(words("standing.invalid"))
    meeting = report.facts.meeting
    try:
        if isinstance(held, ReceiptPin):
            found = standing_of_receipt(record, meeting, held.receipt, next(iter(report.misfits), None))
        else:
            found = standing_of_code(record, meeting, held)
    except (StandingError, ReceiptError) as fault:
        raise Failure(harmless(fault.words(words.language))) from fault
    for line in described(found, meeting, words, answers=isinstance(held, ReceiptPin)):
        click.echo(harmless(line))
    if not found.counts:
        raise Failure(words(found.key, **found.values))
    click.echo(words(found.key, **found.values))


def read(asked: str, words: Catalogue) -> ReceiptPin | str:
    """Return the receipt in a file of this name, or else the tracking code; BadInput when it is neither."""
    path = Path(asked)
    if path.is_dir():
        raise BadInput(words("standing.folder", file=asked))
    try:
        return parse_receipt_pin(path.read_bytes()) if path.is_file() else parse_tracking_code(asked)
    except PinFormError as fault:
        raise BadInput(fault.words(words.language)) from fault
    except TrackingCodeError as fault:
        if path.suffix or path.name != asked:
            raise BadInput(words("standing.no_file", file=asked)) from fault
        raise BadInput(words("standing.neither", file=asked, fault=fault.words(words.language))) from fault


def described(found: Standing, meeting: Meeting, words: Catalogue, *, answers: bool) -> Iterator[str]:
    """Yield what the record says of the ballot; what was answered only with ``answers``."""
    ballot = found.ballot
    title = title_of(meeting.items[ballot.item], words)
    yield words("standing.ballot", item=ballot.item, title=title, round=ballot.round)
    yield words("standing.leaf", index=found.entry.index, time=found.entry.time, code=found.code)
    if found.continuation is not None:
        one = found.continuation
        yield words("standing.given_up", size=one.size, declared=one.declared, reason=one.reason)
    if meeting.items[ballot.item].rules.secrecy is not Secrecy.OPEN:
        return
    yield words("standing.member", number=found.person.number, name=found.person.name)
    if answers and meeting.definition:
        yield from answer_lines(found, meeting.definition, meeting.items[ballot.item], words)


def title_of(item: Item, words: Catalogue) -> str:
    """Return what an item is called."""
    return words("standing.trial") if item.id == TRIAL.id else item.title


def answer_lines(found: Standing, definition: Definition, item: Item, words: Catalogue) -> Iterator[str]:
    """Yield what was answered, a line each."""
    if not found.answers:
        yield words("standing.answer", question=title_of(item, words), answer=words("standing.blank"))
    for answer in found.answers:
        about = definition.target(answer.target).name if answer.target else title_of(item, words)
        given: object = words(f"option.{answer.option}") if isinstance(answer, Choice) else answer.score
        if isinstance(answer, Score) and answer.criterion:
            [name] = [one.name for one in item.criteria_of(answer.target) if one.id == answer.criterion]
            about = words("standing.criterion", target=about, criterion=name)
        yield words("standing.answer", question=about, answer=words("option.abstain") if given is None else given)
