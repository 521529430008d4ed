"""What the demo prints: plain progress lines where no screen can be drawn, and the results as tables."""

import asyncio
import sys
import time
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.record.results import Results
from pingyi_protocol.text import Catalogue
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
        """Whether every item has been announced."""
        picture = self.session.picture if self.session else None
        return picture is not None and all(one.phase is Phase.ANNOUNCED for one in picture.items)


def line_of(words: Catalogue, picture: Picture, definition: Definition) -> str:
    """Return one line on where the meeting stands."""
    live = picture.live
    if live is None:
        present = len(from_bitmap(picture.present))
        return words("demo.arriving", present=present, due=len(definition.entitled))
    title = next(item.title for item in definition.agenda if item.id == live.item)
    turnout = {"title": title, "received": live.received, "entitled": len(from_bitmap(live.present))}
    if live.phase in LIVE:
        targets = live.running.targets if live.running else ()
        means = " / ".join(written(one.mean) for one in targets)
        return words("demo.voting", means=means or written(None), **turnout)
    figures = picture.figures(live.item) if live.phase is Phase.ANNOUNCED else None
    if figures is None:
        return words("demo.closed", **turnout)
    named = [announced(words, definition, one) for one in figures.targets]
    return words("demo.announced", figures=", ".join(named))


def announced(words: Catalogue, definition: Definition, one: TargetFigures) -> str:
    """Return a target's name with its measure and band."""
    name = definition.target(one.target).name
    return f"{name} {one.measure} {one.band or ''}".rstrip() if one.measure else words("demo.too_few", target=name)


def show_tables(words: Catalogue, definition: Definition, results_file: Path) -> None:
    """Print the announced figures and the composite of an exported results.json."""
    results = msgspec.json.decode(results_file.read_bytes(), type=Results)
    # a pipe has no width of its own
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(result_table(words, definition, results))
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


def composite_table(words: Catalogue, definition: Definition, results: Results) -> Table:
    """Return the composite with the score of every component."""
    table = open_table(words, "demo.composite")
    for component in definition.components:
        table.add_column(f"{component.name}\n{component.weight} %", justify="right", overflow="fold")
    table.add_column(words("demo.total"), justify="right")
    table.add_column(words("demo.rank"), justify="right")
    for line in sorted(results.composite, key=lambda one: (one.rank is None, one.rank)):
        scores = {part.component: part.score for part in line.parts}
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
