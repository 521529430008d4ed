"""What the demo prints: plain progress lines where no screen can be drawn, and the results as tables."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import ChoiceFigures, RoundFigures, SelectionFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.record.results import Results
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Picture, from_bitmap

QUIET_SECONDS = 1.0
PIPE_WIDTH = 100


class Follower:
    """A listener that prints a line when the meeting takes a step."""

    def __init__(self, words: Catalogue) -> None:
        """Print in these words."""
        self.words = words
        self.session: Session | None = None
        self.news = asyncio.Event()
        self.said = ""
        self.stage: object = None
        self.said_at = 0.0

    def picture_changed(self) -> None:
        """Print what is new."""
        session = self.session
        if session is not None and session.picture is not None and session.definition is not None:
            live = session.picture.live
            stage = (live.item, live.phase) if live else None
            # between two steps a line a second is enough to read
            if stage != self.stage or time.monotonic() - self.said_at > QUIET_SECONDS:
                self.stage, self.said_at = stage, time.monotonic()
                self.say(line_of(self.words, session.picture, session.definition))
        self.news.set()

    def link_changed(self) -> None:
        """Print whether the server answers."""
        if self.session is not None:
            self.say(self.words(f"demo.link_{self.session.link}"))
        self.news.set()

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Hear nothing: a display sends no commands."""

    def alarm_raised(self, fault: ReceiptError) -> None:
        """Print what does not fit."""
        self.say(str(fault))

    def alarm_lifted(self) -> None:
        """Go on printing what is shown."""

    def say(self, line: str) -> None:
        """Print a line that is not the one before."""
        if line and line != self.said:
            self.said = line
            print(line, flush=True)

    async def until_announced(self) -> None:
        """Wait until every item has been announced."""
        while not self.done():
            self.news.clear()
            await self.news.wait()

    def done(self) -> bool:
        """Whether every item has been announced, and nobody is tied."""
        picture = self.session.picture if self.session else None
        if picture is None or any(one.phase not in (Phase.ANNOUNCED, Phase.WITHDRAWN) for one in picture.items):
            return False
        newest = (picture.figures(one.item) for one in picture.items)
        return not any(figures and figures.selection and figures.selection.tied for figures in newest)


def line_of(words: Catalogue, picture: Picture, definition: Definition) -> str:
    """Return one line on where the meeting stands."""
    live = picture.live
    if live is None:
        present = len(from_bitmap(picture.present))
        return words("demo.arriving", present=present, due=len(definition.entitled))
    item = definition.item(live.item)
    title = item.title if item and item.title else words("demo.trial")
    turnout = {"title": title, "received": live.received, "entitled": live.base}
    if live.phase in LIVE:
        means = " / ".join(written(one.mean) for one in live.running.targets) if live.running else ""
        return words("demo.voting", means=means, **turnout) if means else words("demo.polling", **turnout)
    figures = picture.figures(live.item) if live.phase is Phase.ANNOUNCED else None
    if figures is None:
        return words("demo.closed", **turnout)
    named = announced(words, definition, title, figures)
    return words("demo.announced", figures=words("demo.between").join(named))


def announced(words: Catalogue, definition: Definition, title: str, figures: RoundFigures) -> Iterator[str]:
    """Yield what a round came to: measures with their bands, outcomes with their votes, who is chosen."""
    for one in figures.targets:
        name = definition.target(one.target).name
        measured = f"{name} {one.measure} {one.band or ''}".rstrip()
        yield measured if one.measure is not None else words("demo.too_few", target=name)
    for choice in figures.choices:
        name = definition.target(choice.target).name if choice.target else title
        outcome = common(words)(f"outcome.{choice.outcome}")
        yield words("demo.outcome", name=name, outcome=outcome, counts=counts(words, choice))
    if figures.selection is not None:
        for key, targets in (("winners", figures.selection.winners), ("tied", figures.selection.tied)):
            if targets:
                names = words("demo.between").join(short_name(definition, target) for target in targets)
                yield words(f"demo.{key}", names=names)


def counts(words: Catalogue, choice: ChoiceFigures) -> str:
    """Return how many chose each option."""
    option = common(words)
    named = (words("demo.counts", option=option(f"option.{one.option}"), count=one.count) for one in choice.counts)
    missing = words("demo.counts", option=words("demo.not_voted"), count=choice.not_voted)
    return words("demo.between").join((*named, missing))


def common(words: Catalogue) -> Catalogue:
    """Return the words that all programs share, in the same language."""
    return catalogue("pingyi_protocol", words.language)


def show_tables(words: Catalogue, definition: Definition, results_file: Path) -> None:
    """Print the announced figures and the composite of an exported results.json."""
    results = msgspec.json.decode(results_file.read_bytes(), type=Results)
    # a pipe has no width of its own
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(result_table(words, definition, results))
    console.print(vote_table(words, definition, results))
    console.print(composite_table(words, definition, results))


def result_table(words: Catalogue, definition: Definition, results: Results) -> Table:
    """Return the figures of every announced target."""
    table = open_table(words, "demo.results")
    for column in ("scores", "abstentions", "not_voted", "total", "mean", "deviation", "least", "greatest", "rank"):
        table.add_column(words(f"demo.{column}"), justify="right")
    table.add_column(words("demo.band"))
    for one in (target for part in results.rounds for target in part.targets):
        figures = one.figures
        numbers = (
            figures.scores, figures.abstentions, figures.not_voted, figures.total, figures.measure,
            figures.deviation, figures.least, figures.greatest, one.rank,
        )  # fmt: skip  # one line a group reads better than one a number
        table.add_row(
            short_name(definition, figures.target), *(written(number) for number in numbers), figures.band or ""
        )
    return table


def vote_table(words: Catalogue, definition: Definition, results: Results) -> Table:
    """Return the votes and outcomes of motions, ratings and old questions, and of every candidate of a selection."""
    table = open_table(words, "demo.votes")
    for column in ("choice", "needed", "result"):
        table.add_column(words(f"demo.{column}"))
    for part in results.rounds:
        for one in part.choices:
            choice = one.figures
            name = short_name(definition, choice.target) if choice.target else part.title
            outcome = common(words)(f"outcome.{choice.outcome}")
            share = words("demo.share", needed=choice.needed, base=choice.base)
            table.add_row(name, counts(words, choice), share, outcome)
        if part.selection is not None:
            figures = part.selection.figures
            share = words("demo.share", needed=figures.needed, base=figures.base)
            for candidate in figures.candidates:
                votes = words("demo.candidate", count=candidate.votes)
                outcome = standing_of(words, figures, candidate.target)
                table.add_row(short_name(definition, candidate.target), votes, share, outcome)
    return table


def standing_of(words: Catalogue, figures: SelectionFigures, target: str) -> str:
    """Return whether a candidate is chosen or tied."""
    if target in figures.winners:
        return words("demo.chosen")
    return words("demo.equal") if target in figures.tied else ""


def composite_table(words: Catalogue, definition: Definition, results: Results) -> Table:
    """Return the composite with the score of every component."""
    table = open_table(words, "demo.composite")
    for component in definition.components:
        table.add_column(f"{component.name}\n{component.weight} %", justify="right", overflow="fold")
    table.add_column(words("demo.total"), justify="right")
    table.add_column(words("demo.rank"), justify="right")
    for line in sorted(results.composite, key=lambda one: (one.rank is None, one.rank)):
        scores = {part.component: part.score for part in line.components}
        parts = [written(scores.get(component.id)) for component in definition.components]
        table.add_row(short_name(definition, line.target), *parts, written(line.total), written(line.rank))
    return table


def open_table(words: Catalogue, title: str) -> Table:
    """Return a table that fits 80 columns, with the targets in its first one."""
    table = Table(title=words(title), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(words("demo.target"), no_wrap=True)
    return table


def short_name(definition: Definition, target: str) -> str:
    """Return a target's short name where it has one."""
    found = definition.target(target)
    return found.short_name or found.name


def written(value: object) -> str:
    """Return a figure, or a dash where there is none."""
    return "-" if value is None else str(value)
