"""``pingyi evidence``: what was found about the targets, from a file onto the record."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.hidden import holds_hidden, shown
from pingyi_protocol.meeting.appraisal import scored_targets
from pingyi_protocol.meeting.commands import ImportEvidence
from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    GivenScore,
    HotlineCounts,
    Material,
    SurveyCounts,
    VoteCounts,
)
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.evidence import scores_of
from pingyi_protocol.meeting.measures import round_half_up
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import language_of_locale
from pingyi_server.commands.code import why
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder

if TYPE_CHECKING:
    from rich.text import Text

    from pingyi_server.imports.evidence import EvidenceFound

PIPE_WIDTH = 100


class Source(NamedTuple):
    """What evidence is imported for: a component, and of it the part, or the whole as its one part."""

    component: Component
    part: ComponentPart

    @property
    def name(self) -> str:
        """What people call it."""
        names = (self.component.name, self.part.name if self.part.id else "")
        return " · ".join(filter(None, names))


@click.command(cls=SpokenCommand, help=words()("evidence.help"))
@with_folder
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--component", required=True, metavar="NAME", help=words()("evidence.help_component"))
@click.option("--part", metavar="NAME", help=words()("evidence.help_part"))
@click.option("--sheet", metavar="NAME", help=words()("evidence.help_sheet"))
@click.option("--yes", is_flag=True, help=words()("evidence.help_yes"))
def evidence(folder: MeetingFolder, file: Path, component: str, part: str | None, sheet: str | None, yes: bool) -> None:
    """Show what the file holds and what comes of it, ask, and put it on the record."""
    meeting = folder.meeting()
    definition = meeting.definition
    if definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    source = named_source(definition, component, part)
    if holds_hidden(file.name):
        raise BadInput(words()("evidence.file_name", file=shown(file.name)))
    found = read(meeting, definition, source, file, sheet)
    show(meeting, definition, source, found)
    if not yes and not click.confirm(words()("evidence.ask")):
        raise Failure(words()("evidence.left"))
    sign(folder, source, found)


def named_source(definition: Definition, component: str, part: str | None) -> Source:
    """Return the component, and the part of it, of this name or id; BadInput says which there are."""
    able = [one for one in definition.components if not one.committee]
    if not able:
        raise BadInput(words()("evidence.no_components"))
    found = next((one for one in definition.components if is_called(one, component)), None)
    if found is None or found.committee:
        key = "no_component" if found is None else "committee_own"
        raise BadInput(words()(f"evidence.{key}", name=component, names=listed(able)))
    if part is None and not found.parts:
        return Source(found, found.sources[0])
    if not found.parts:
        raise BadInput(words()("evidence.no_parts", component=found.name))
    if part is None:
        raise BadInput(words()("evidence.part_needed", component=found.name, names=listed(found.parts)))
    chosen = next((one for one in found.parts if is_called(one, part)), None)
    if chosen is None:
        raise BadInput(words()("evidence.no_part", component=found.name, name=part, names=listed(found.parts)))
    return Source(found, chosen)


def is_called(one: Component | ComponentPart, name: str) -> bool:
    """Whether this is the name or the id of it, however wide the letters and spaces are."""
    from pingyi_server.imports.evidence_headings import squeezed  # noqa: PLC0415 - help stays fast without the readers

    return squeezed(name) in {squeezed(one.name), squeezed(one.id)}


def listed(several: Iterable[Component | ComponentPart]) -> str:
    """Return the names of several."""
    return words()("imports.between_choices").join(one.name for one in several)


def read(meeting: Meeting, definition: Definition, source: Source, file: Path, sheet: str | None) -> "EvidenceFound":
    """Return what the file says; every error at once, on standard error, with exit code 2."""
    # help stays fast without the readers
    from pingyi_server.imports.evidence import Wanted, read_evidence  # noqa: PLC0415 - see above
    from pingyi_server.imports.findings import MeetingFileError  # noqa: PLC0415 - see above

    likely = (source.part.name, source.component.name)
    wanted = Wanted(definition, scored_targets(meeting), source.part.rule, sheet, likely)
    try:
        return read_evidence(file, wanted)
    except MeetingFileError as fault:
        for line in fault.describe(language_of_locale()):
            click.echo(line, err=True)
        count = len(fault.findings)
        raise BadInput(words()("evidence.one_error" if count == 1 else "evidence.errors", count=count)) from fault


def show(meeting: Meeting, definition: Definition, source: Source, found: "EvidenceFound") -> None:
    """Print each target with its material and the score, and what to know before it is signed."""
    key = "evidence.shown_sheet" if found.sheet else "evidence.shown"
    click.echo(words()(key, source=source.name, file=found.file, sheet=found.sheet))
    print_lines(definition, source, found)
    for finding in found.notes:
        click.echo(words()("evidence.note", finding=finding.describe(language_of_locale())))
    earlier = meeting.evidence.get((source.component.id, source.part.id))
    if earlier is not None:
        click.echo(words()("evidence.replaced", file=earlier.file, count=len(earlier.lines)))
    if found.missing:
        names = words()("imports.between_choices").join(short_name(definition, one) for one in found.missing)
        click.echo(words()("evidence.missing", count=len(found.missing), targets=names))
    else:
        click.echo(words()("evidence.complete", count=len(found.lines)))
    if meeting.composite:
        click.echo(words()("evidence.announced"))


def print_lines(definition: Definition, source: Source, found: "EvidenceFound") -> None:
    """Print the lines as a table; what stands in it is never markup."""
    # help stays fast without them
    from rich import box  # noqa: PLC0415 - see above
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.table import Table  # noqa: PLC0415 - see above

    from pingyi_server.imports.evidence_headings import headings_of  # noqa: PLC0415 - see above

    language = language_of_locale()
    target, *material = (one.title[language] for one in headings_of(source.part.rule))
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(plain(target))
    for title in material:
        table.add_column(plain(title), justify="right")
    table.add_column(plain(words()("evidence.heading_score")), justify="right")
    scores = scores_of(source.part.rule, found.lines)
    for line in found.lines:
        numbers = (f"{number:,}" for number in numbers_of(line.material))
        score = round_half_up(scores[line.target], definition.composite.decimals)
        table.add_row(*map(plain, (definition.target(line.target).name, *numbers, f"{score:f}")))
    console = Console()
    # a pipe has no width of its own
    (console if console.is_terminal else Console(width=PIPE_WIDTH)).print(table)


def plain(text: str) -> "Text":
    """Return text as nothing that a terminal or a table would obey."""
    from rich.text import Text  # noqa: PLC0415 - see print_lines

    return Text(shown(text))


def numbers_of(material: Material) -> tuple[int | Decimal, ...]:
    """Return the material in the order of its columns."""
    match material:
        case GivenScore(score):
            return (score,)
        case HotlineCounts(handled, satisfied, repeated):
            return (handled, satisfied, repeated)
        case SurveyCounts(counts):
            return counts
        case VoteCounts(votes, 0):
            return (votes,)
        case VoteCounts(votes, voters):
            return (votes, voters)


def short_name(definition: Definition, target: str) -> str:
    """Return a target's short name where it has one."""
    found = definition.target(target)
    return found.short_name or found.name


def sign(folder: MeetingFolder, source: Source, found: "EvidenceFound") -> None:
    """Put it on the record as the clerk, and say where it stands."""
    from pingyi_server.clerk import submitted  # noqa: PLC0415 - help stays fast without the ledger

    body = ImportEvidence(source.component.id, source.part.id, found.file, found.sha256, found.lines)
    answer = submitted(folder, body)
    if isinstance(answer, Refusal):
        raise Failure(why(answer))
    values = {"source": source.name, "count": len(found.lines), "sha256": found.sha256}
    click.echo(words()("evidence.done", leaf=answer.index, **values))
