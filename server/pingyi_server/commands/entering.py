"""``pingyi clerk result``: what hands or paper gave, when the devices cannot be used."""

from pathlib import Path

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.meeting.commands import AnswerCount, EnterResult, Score
from pingyi_protocol.meeting.confirmation import signers
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Definition, Item
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_server.commands.options import words
from pingyi_server.folder import FolderError, MeetingFolder


def entered_result(
    folder: MeetingFolder, file: Path, item_id: str, numbers: tuple[int, int], reason: str, *, runoff: bool
) -> tuple[Definition, Item, EnterResult]:
    """Return what the clerk is to sign; ``numbers`` are the ballots received and the invalid ones among them.

    BadInput names what is wrong with the file, and an item that there is not; Failure where nobody could sign it.
    """
    # help stays fast without the readers
    from pingyi_server.imports.counts import read_counts  # noqa: PLC0415 - see above
    from pingyi_server.imports.findings import MeetingFileError  # noqa: PLC0415 - see above

    meeting = folder.meeting()
    definition = meeting.definition
    if definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    item = next((one for one in definition.agenda if one.id == item_id), None)
    if item is None:
        refusals = catalogue("pingyi_protocol", language_of_locale())
        raise BadInput(refusals(f"refusal.{Reason.NO_SUCH_ITEM}", item=item_id))
    if not signers(definition, item, by_hand=True):
        # before anybody counts on it
        raise Failure(catalogue("pingyi_protocol", language_of_locale())(f"refusal.{Reason.NO_SCRUTINEER}"))
    try:
        counts = read_counts(file, definition, item)
    except MeetingFileError as fault:
        raise BadInput("\n".join(fault.describe(language_of_locale()))) from fault
    earlier = meeting.round_of(item.id)
    number = earlier.number + 1 if earlier is not None else 1
    among = tied_in(meeting, item) if runoff else ()
    return definition, item, EnterResult(item.id, number, reason, *numbers, counts, among)


def tied_in(meeting: Meeting, item: Item) -> tuple[str, ...]:
    """Return who is tied in the item's announced result."""
    announced = [one for one in meeting.rounds if one.item == item.id and one.phase is Phase.ANNOUNCED]
    found = round_figures(meeting, announced[-1]).selection if announced else None
    return found.tied if found is not None else ()


def show_result(definition: Definition, item: Item, body: EnterResult) -> None:
    """Print what is to be signed."""
    say = words()
    click.echo(say("clerk.result_shown", item=item.id, title=item.title, round=body.round))
    click.echo(say("clerk.result_numbers", received=body.received, invalid=body.invalid, reason=body.reason))
    for one in body.counts:
        target = definition.target(one.answer.target).name if one.answer.target else item.title
        click.echo(say("clerk.result_line", target=target, answer=answer_words(one), count=one.count))


def answer_words(one: AnswerCount) -> str:
    """Return an answer as a file may hold it."""
    if isinstance(one.answer, Score):
        return words()("workbook.answer_abstain") if one.answer.score is None else str(one.answer.score)
    return words()(f"workbook.answer_{one.answer.option}")


def confirmed(*, yes: bool) -> None:
    """Ask whether it is to be signed; Failure where it is not."""
    if not yes and not click.confirm(words()("clerk.result_ask")):
        raise Failure(words()("clerk.result_left"))


def say_who_signs(definition: Definition, item: Item) -> None:
    """Say what comes next."""
    people = [f"{person.number} {person.name}" for person in signers(definition, item, by_hand=True)]
    who = words()("imports.between_choices").join(people)
    click.echo(words()("clerk.result_next", who=who))
