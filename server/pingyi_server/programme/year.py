"""The year's appraisal: which meetings belong together, and each target's way through them. Pure; today is told.

A meeting belongs to the programme that it names, else to that of the meeting that it follows or that follows it.
Within a programme a target is known by its name, for ids are each meeting's own: equal but for spaces and the width of
characters. What does not match is a ``Note``: shown, and never guessed at.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Problem, Target
from pingyi_server.programme.sitting import Candidacy, Scoring, Sitting, awaits_score, candidacy, scoring

SOON_DAYS = 30
"""What is due within so many days is shown as due."""


class Stage(StrEnum):
    """How far a target has come. ``LISTED`` is named in a meeting that neither selects nor scores it."""

    LISTED = "listed"
    CANDIDATE = "candidate"
    NOT_CHOSEN = "not_chosen"
    CHOSEN = "chosen"
    AWAITING = "awaiting"
    SCORED = "scored"
    AGAIN = "again"
    SCORED_AGAIN = "scored_again"


DONE = frozenset({Stage.SCORED, Stage.SCORED_AGAIN})
"""The stages in which the promises that were due by the scoring have been judged by it."""


class Step(NamedTuple):
    """What one meeting did with a target."""

    sitting: Sitting
    target: Target
    candidacy: Candidacy | None
    scoring: Scoring | None
    awaits_score: bool


class Promise(NamedTuple):
    """A problem with what was promised, as the last meeting that names it has it.

    It ``stands`` where that is the last meeting that names any problem of the target.
    """

    problem: Problem
    sitting: Sitting
    stands: bool


class Change(NamedTuple):
    """The figures of a target before it was scored again and after: composites where both have one, else measures."""

    before: Decimal
    after: Decimal
    composite: bool

    @property
    def difference(self) -> Decimal:
        """How much more it is now."""
        return self.after - self.before


@dataclass(frozen=True)
class Story:
    """A target's way through the year, by the meetings in their order."""

    name: str
    batch: str
    steps: tuple[Step, ...]
    promises: tuple[Promise, ...]

    @property
    def short_name(self) -> str:
        """Its short name where it has one, else its name."""
        return next((step.target.short_name for step in reversed(self.steps) if step.target.short_name), self.name)

    @property
    def scorings(self) -> tuple[tuple[Sitting, Scoring], ...]:
        """The meetings that scored it."""
        return tuple((step.sitting, step.scoring) for step in self.steps if step.scoring is not None)

    @property
    def awaited(self) -> Sitting | None:
        """The meeting that is to score it, if one is prepared."""
        return next((step.sitting for step in reversed(self.steps) if step.awaits_score), None)

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        scorings = self.scorings
        if scorings:
            if scorings[-1][1].below:
                return Stage.AGAIN
            return Stage.SCORED if len(scorings) == 1 else Stage.SCORED_AGAIN
        if self.awaited is not None:
            return Stage.AWAITING
        stood = [step.candidacy for step in self.steps if step.candidacy is not None]
        if any(one.chosen for one in stood):
            return Stage.CHOSEN
        if not stood:
            return Stage.LISTED
        return Stage.NOT_CHOSEN if stood[-1].decided else Stage.CANDIDATE

    @property
    def pending(self) -> tuple[Problem, ...]:
        """The problems whose promise stands, has a deadline, and was not judged yet.

        One whose deadline had come when the target was scored last has been judged by that score, unless it is to be
        scored again.
        """
        judged = self.scorings[-1][0].facts.date if self.stage in DONE else ""
        standing = (one.problem for one in self.promises if one.stands)
        return tuple(one for one in standing if day_of(one.deadline) is not None and one.deadline > judged)

    @property
    def change(self) -> Change | None:
        """The figures before and after, None where it was not scored again."""
        if len(self.scorings) < 2:  # noqa: PLR2004 - before and after are two
            return None
        (_, before), (_, after) = self.scorings[-2:]
        if before.line and after.line and before.line.total is not None and after.line.total is not None:
            return Change(before.line.total, after.line.total, composite=True)
        if before.measure is None or after.measure is None:
            return None
        return Change(before.measure, after.measure, composite=False)


class Due(NamedTuple):
    """A promise whose deadline is near or past: ``days`` from today, below 0 for so many days ago."""

    day: date
    days: int
    story: Story
    problem: Problem


class Mismatch(StrEnum):
    """What does not fit together; each has words of its own."""

    SAME_MEETING = "same_meeting"
    UNKNOWN_EARLIER = "unknown_earlier"
    OTHER_PROGRAMME = "other_programme"
    CIRCLE = "circle"
    NEW_TARGET = "new_target"
    NOT_CHOSEN = "scored_not_chosen"
    NO_DAY = "no_day"
    WAITING = "waiting"


class Note(NamedTuple):
    """One thing that does not fit, the meeting that it is about, and the values of its words."""

    code: Mismatch
    sitting: Sitting
    values: Mapping[str, str]


@dataclass(frozen=True)
class Programme:
    """One year's appraisal: ``name`` "" where no meeting of it names one; meetings and targets in their order."""

    name: str
    sittings: tuple[Sitting, ...]
    stories: tuple[Story, ...]
    due: tuple[Due, ...]


@dataclass(frozen=True)
class Overview:
    """Every programme of a folder, and what does not fit."""

    programmes: tuple[Programme, ...]
    notes: tuple[Note, ...]


def overview(found: Iterable[Sitting], today: date) -> Overview:
    """Return what these meetings amount to as of ``today``; of two copies of one meeting the longer record counts."""
    sittings: dict[str, Sitting] = {}
    notes: list[Note] = []
    for one in sorted(found, key=lambda each: (-each.results.size, each.folder)):
        kept = sittings.setdefault(one.id, one)
        if kept is not one:
            notes.append(Note(Mismatch.SAME_MEETING, one, {"other": kept.folder}))
    ordered = in_order(sittings)
    homes = programmes_of(ordered, sittings)
    groups: dict[tuple[str, str], list[Sitting]] = {}
    for one in ordered:
        groups.setdefault(homes[one.id], []).append(one)
        notes += mismatches(one, sittings, homes)
    return Overview(tuple(programme(name, group, today) for (name, _), group in groups.items()), tuple(notes))


def chain(one: Sitting, sittings: Mapping[str, Sitting]) -> list[Sitting]:
    """Return a meeting and those before it, as each follows the next; one that comes round again ends it."""
    found = [one]
    while (earlier := sittings.get(found[-1].facts.follows)) is not None and earlier not in found:
        found.append(earlier)
    return found


def in_order(sittings: Mapping[str, Sitting]) -> list[Sitting]:
    """Return the meetings by date, each after the one that it follows, whatever dates were typed."""

    def place(one: Sitting) -> tuple[str, int, str, str]:
        before = chain(one, sittings)
        return max(each.facts.date for each in before), len(before), one.facts.session, one.folder

    return sorted(sittings.values(), key=place)


def programmes_of(ordered: Sequence[Sitting], sittings: Mapping[str, Sitting]) -> dict[str, tuple[str, str]]:
    """Return where each meeting belongs: the programme's name, else "" and the first meeting of its chain."""
    names = {one.id: folded(one.facts.programme) for one in ordered}
    for _ in ordered:  # at each turn a name goes one meeting further
        for one in ordered:
            later = (names[each.id] for each in ordered if each.facts.follows == one.id)
            names[one.id] = names[one.id] or names.get(one.facts.follows, "") or next(filter(None, later), "")
    shown = {folded(one.facts.programme): one.facts.programme for one in reversed(ordered)}
    return {
        one.id: (shown[names[one.id]], "") if names[one.id] else ("", chain(one, sittings)[-1].id) for one in ordered
    }


def folded(name: str) -> str:
    """Return a name as it is compared: without spaces, and full-width letters and brackets like any other."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def programme(name: str, sittings: Sequence[Sitting], today: date) -> Programme:
    """Return one programme of its meetings, which are in their order."""
    steps: dict[str, list[Step]] = {}
    for sitting in sittings:
        for target in sitting.definition.targets:
            steps.setdefault(folded(target.name), []).append(step(sitting, target))
    stories = tuple(story(taken) for taken in steps.values())
    due = sorted((one for each in stories for one in due_of(each, today)), key=lambda one: one.day)
    return Programme(name, tuple(sittings), stories, tuple(due))


def step(sitting: Sitting, target: Target) -> Step:
    """Return what a meeting did with one of its targets."""
    one = target.id
    return Step(sitting, target, candidacy(sitting, one), scoring(sitting, one), awaits_score(sitting, one))


def story(steps: Sequence[Step]) -> Story:
    """Return a target's way, from what each meeting did."""
    batch = next((each.sitting.facts.batch for each in reversed(steps) if each.sitting.facts.batch), "")
    return Story(steps[-1].target.name, batch, tuple(steps), tuple(promises(steps)))


def promises(steps: Iterable[Step]) -> Iterator[Promise]:
    """Yield the problems of a target, those of the last meeting that names any first."""
    found: dict[str, Promise] = {}
    for one in reversed(list(steps)):
        first = not found
        for problem in one.sitting.definition.problems_of(one.target.id):
            found.setdefault(folded(problem.title), Promise(problem, one.sitting, first))
    yield from found.values()


def due_of(one: Story, today: date) -> Iterator[Due]:
    """Yield the pending promises that are due before today or soon."""
    for problem in one.pending:
        day = date.fromisoformat(problem.deadline)
        days = (day - today).days
        if days <= SOON_DAYS:
            yield Due(day, days, one, problem)


def day_of(text: str) -> date | None:
    """Return a date that was written as 2026-11-01, None for none and for a day that no month has."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def mismatches(one: Sitting, sittings: Mapping[str, Sitting], homes: Mapping[str, object]) -> Iterator[Note]:
    """Yield what does not fit of one meeting."""
    if one.waiting:
        yield Note(Mismatch.WAITING, one, {})
    for problem in one.definition.problems:
        if problem.deadline and day_of(problem.deadline) is None:
            yield Note(Mismatch.NO_DAY, one, {"day": problem.deadline, "problem": problem.title})
    if not one.facts.follows:
        return
    before = chain(one, sittings)[1:]
    if not before:
        circle = one.facts.follows == one.id
        yield Note(Mismatch.CIRCLE if circle else Mismatch.UNKNOWN_EARLIER, one, {"earlier": one.facts.follows})
        return
    if before[-1].facts.follows in {one.id, *(each.id for each in before)}:
        yield Note(Mismatch.CIRCLE, one, {"earlier": before[0].folder})
    if homes[before[0].id] != homes[one.id]:
        yield Note(Mismatch.OTHER_PROGRAMME, one, {"earlier": before[0].folder})
    yield from strangers(one, before)


def strangers(one: Sitting, before: Sequence[Sitting]) -> Iterator[Note]:
    """Yield the targets of a meeting's scores that no meeting before it knows, or that the selection did not choose."""
    earlier = {
        folded(target.name): step(each, target) for each in reversed(before) for target in each.definition.targets
    }
    for target in one.definition.targets:
        if scoring(one, target.id) is None and not awaits_score(one, target.id):
            continue
        known = earlier.get(folded(target.name))
        if known is None:
            yield Note(Mismatch.NEW_TARGET, one, {"target": target.name, "earlier": before[0].folder})
        elif known.candidacy is not None and known.candidacy.decided and not known.candidacy.chosen:
            yield Note(Mismatch.NOT_CHOSEN, one, {"target": target.name, "earlier": known.sitting.folder})
