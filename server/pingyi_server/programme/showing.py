"""The year on a terminal: tables that a clerk reads, in any width from 80 columns. Names and texts are never markup."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pingyi_protocol.hidden import shown
from pingyi_protocol.text import Catalogue
from pingyi_server.programme.sitting import Candidacy, Scoring, Sitting
from pingyi_server.programme.year import Due, Note, Overview, Programme, Promise, Step, Story

FEWEST = 12
"""The least cells that a column of texts keeps."""


def text(words: str, style: str = "") -> Text:
    """Return a text that is no markup and that no terminal obeys; its lines stay lines."""
    return Text("\n".join(map(shown, words.split("\n"))), style=style, overflow="fold")


def table(*headings: tuple[str, bool]) -> Table:
    """Return an empty table; each heading says whether its column is kept on one line."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for heading, one_line in headings:
        made.add_column(
            text(heading, "bold"), no_wrap=one_line, min_width=None if one_line else FEWEST, overflow="fold"
        )
    return made


class Showing:
    """Says what an overview holds, in one language."""

    def __init__(self, words: Catalogue) -> None:
        """Take the words."""
        self.words = words

    def say(self, key: str, **values: object) -> str:
        """Return a text of this view."""
        return self.words(f"programme.{key}", **values)

    def whole(self, found: Overview) -> Iterator[RenderableType]:
        """Yield everything: each programme, and what does not fit."""
        for one in found.programmes:
            yield from self.programme(one)
        yield from self.notes(found.notes)

    def programme(self, one: Programme) -> Iterator[RenderableType]:
        """Yield one programme: its meetings, its targets by batch, and what is due."""
        yield text(self.name_of(one), "bold")
        yield from self.simulated(one.sittings)
        yield self.sittings(one)
        batches = dict.fromkeys(story.batch for story in one.stories)
        for batch in batches:
            stories = [story for story in one.stories if story.batch == batch]
            key = "targets_of_batch" if batch else "targets_without_batch"
            yield text(self.say(key, batch=batch, count=len(stories)), "bold")
            yield self.targets(stories)
        yield text(self.say("due", count=len(one.due)), "bold")
        yield self.due(one.due) if one.due else text(self.say("nothing_due"))
        yield Text("")

    def name_of(self, one: Programme) -> str:
        """Return what a programme is called."""
        return one.name or self.say("unnamed", meeting=one.sittings[0].facts.name)

    def simulated(self, sittings: Iterable[Sitting]) -> Iterator[RenderableType]:
        """Yield the label of invented data."""
        if any(one.facts.simulated for one in sittings):
            yield text(self.words("export.simulated"))

    def sittings(self, one: Programme) -> Table:
        """Return the meetings in their order, each with what it did and where it is."""
        found = table(
            (self.say("date"), True),
            (self.say("meeting"), False),
            (self.say("did"), False),
            (self.say("folder"), False),
        )
        for sitting in one.sittings:
            steps = [step for story in one.stories for step in story.steps if step.sitting is sitting]
            did = self.words("export.semicolon").join(
                (*self.did(steps), self.say("closed" if sitting.closed else "open"))
            )
            called = " · ".join(filter(None, (sitting.facts.session, sitting.facts.batch)))
            found.add_row(text(sitting.facts.date), text(called), text(did), text(sitting.folder))
        return found

    def did(self, steps: Sequence[Step]) -> Iterator[str]:
        """Yield what a meeting came to, in numbers."""
        stood = [step.candidacy for step in steps if step.candidacy is not None]
        if stood:
            yield self.say("did_selection", candidates=len(stood), chosen=sum(one.chosen for one in stood))
        scorings = [step.scoring for step in steps if step.scoring is not None]
        wanted = len(scorings) + sum(step.awaits_score for step in steps)
        if wanted:
            yield self.say("did_scoring", wanted=wanted, scored=len(scorings))
        below = sum(one.below is True for one in scorings)
        if below:
            yield self.say("did_below", count=below)
        if any(one.pending for one in scorings):
            yield self.say("composite_pending")

    def targets(self, stories: Iterable[Story]) -> Table:
        """Return where each target stands."""
        found = table(
            (self.say("target"), False),
            (self.say("stage"), False),
            (self.say("figure"), False),
            (self.say("problems"), True),
            (self.say("next_deadline"), True),
        )
        for story in stories:
            standing = sum(one.stands for one in story.promises)
            days = sorted(one.deadline for one in story.pending)
            found.add_row(
                text(story.name),
                text(self.stage(story)),
                text(self.figure(story)),
                text(str(standing or "")),
                text(days[0] if days else ""),
            )
        return found

    def stage(self, story: Story) -> str:
        """Return the stage, and when it is to be scored where a meeting is prepared for that."""
        name = self.say(f"stage_{story.stage}")
        if story.awaited is None:
            return name
        return self.say("stage_on", stage=name, date=story.awaited.facts.date)

    def figure(self, story: Story) -> str:
        """Return the published figure, before and after where it was scored again."""
        change = story.change
        if change is not None:
            return self.say(
                "changed",
                kind=self.say("composite" if change.composite else "measure"),
                before=f"{change.before:f}",
                after=f"{change.after:f}",
                difference=signed(change.difference),
            )
        return self.scored(story.scorings[-1][1]) if story.scorings else ""

    def scored(self, one: Scoring) -> str:
        """Return the figure that counts, with its band."""
        kind, band = ("measure", one.result.figures.band) if one.line is None else ("composite", one.line.band)
        return self.say("one_figure", kind=self.say(kind), value=f"{one.figure:f}", band=band or "").strip()

    def due(self, due: Iterable[Due]) -> Table:
        """Return what is due, the earliest first."""
        found = table(
            (self.say("deadline"), True),
            (self.say("left"), True),
            (self.say("target"), False),
            (self.say("problem"), False),
            (self.say("responsible"), False),
        )
        for one in due:
            left = text(self.left(one.days), "bold" if one.days < 0 else "")
            who = text(one.problem.responsible)
            found.add_row(text(one.day.isoformat()), left, text(one.story.short_name), text(one.problem.title), who)
        return found

    def left(self, days: int) -> str:
        """Return how long it is to a deadline, or was."""
        return (
            self.say("overdue", days=-days)
            if days < 0
            else self.say("left_days", days=days)
            if days
            else self.say("today")
        )

    def notes(self, notes: Sequence[Note]) -> Iterator[RenderableType]:
        """Yield what does not fit together."""
        if not notes:
            return
        yield text(self.say("notes"), "bold")
        for note in notes:
            words = self.say(f"note_{note.code}", folder=note.sitting.folder, **note.values)
            yield Padding(text(words), (0, 0, 0, 2))

    def story(self, one: Programme, story: Story) -> Iterator[RenderableType]:
        """Yield the story of one target: where it stands, what each meeting did, what it promised."""
        yield text(" · ".join(filter(None, (story.name, story.batch, self.name_of(one)))), "bold")
        yield from self.simulated(step.sitting for step in story.steps)
        yield text(" · ".join(filter(None, (self.stage(story), self.figure(story)))))
        way = table((self.say("date"), True), (self.say("meeting"), False), (self.say("did"), False))
        for step in story.steps:
            facts = step.sitting.facts
            way.add_row(
                text(facts.date), text(facts.session), text(self.words("export.semicolon").join(self.step(step)))
            )
        yield way
        yield text(self.say("promises", count=len(story.promises)), "bold")
        for number, promise in enumerate(story.promises, start=1):
            yield self.promise(number, promise, story, one)

    def step(self, step: Step) -> Iterator[str]:
        """Yield what a meeting did with a target."""
        if step.candidacy is None and step.scoring is None and not step.awaits_score:
            yield self.say("stage_listed")
        if step.candidacy is not None:
            yield self.candidacy(step.candidacy)
        if step.scoring is not None:
            yield from self.scoring(step.scoring)
        if step.awaits_score:
            yield self.say("stage_awaiting")

    def candidacy(self, one: Candidacy) -> str:
        """Return how a target stood for selection."""
        outcome = "stage_chosen" if one.chosen else "stage_not_chosen" if one.decided else "stage_candidate"
        if one.votes is None:
            return self.say(outcome)
        return self.say("votes", votes=one.votes, outcome=self.say(outcome))

    def scoring(self, one: Scoring) -> Iterator[str]:
        """Yield a target's figures in one meeting, and what follows of them."""
        figures = one.result.figures
        hand = self.words("export.by_hand") if one.round.manual else ""
        yield self.placed("measure", one.measure, one.result.rank, (figures.band, hand))
        if one.line is not None:
            yield self.placed("composite", one.line.total, one.line.rank, (one.line.band,))
        elif one.pending:
            yield self.say("composite_pending")
        if one.below is not None:
            yield self.say("falls_short" if one.below else "reaches", least=f"{one.threshold:f}")

    def placed(self, kind: str, value: Decimal | None, rank: int | None, more: Iterable[str | None]) -> str:
        """Return a figure with its place, its band and whatever else is said of it."""
        place = self.say("placed", kind=self.say(kind), value=f"{value:f}", rank=rank)
        return self.words("report.comma").join(filter(None, (place, *more)))

    def promise(self, number: int, promise: Promise, story: Story, one: Programme) -> RenderableType:
        """Return one problem and what was promised."""
        problem = promise.problem
        lines = Table.grid(padding=(0, 1))
        lines.add_column(no_wrap=True)
        lines.add_column(overflow="fold")
        title = problem.title if promise.stands else self.say("taken_on_no_more", problem=problem.title)
        lines.add_row(text(f"{number}."), text(title, "bold"))
        days = next((each.days for each in one.due if each.story is story and each.problem is problem), None)
        deadline = problem.deadline if days is None else self.say("due_in", date=problem.deadline, left=self.left(days))
        said = (
            ("goal", problem.goal),
            ("measures", problem.measures),
            ("deadline", deadline),
            ("responsible", problem.responsible),
            ("report", problem.report),
        )
        for name, value in said:
            if value:
                lines.add_row(text(""), text(self.say("promised", name=self.words(f"report.{name}"), value=value)))
        return lines


def signed(value: Decimal) -> str:
    """Return a difference with its sign."""
    return f"{value:+f}" if value else f"{value:f}"
