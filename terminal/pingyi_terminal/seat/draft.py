"""What is being filled in for one round. Pure; it lives in the app: no broadcast and no new screen disturbs it."""

from decimal import Decimal
from enum import StrEnum
from functools import cache

import msgspec

from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import Option, ScoreRules
from pingyi_protocol.meeting.measures import weighted
from pingyi_protocol.meeting.struct import Struct
from pingyi_terminal.seat.form import Form
from pingyi_terminal.widgets import plain_number

replace = msgspec.structs.replace


class Stage(StrEnum):
    """Where the member is: filling in, looking once more before sending, or asked whether to abstain from it all."""

    FILLING = "filling"
    CONFIRMING = "confirming"
    ABSTAINING = "abstaining"


class Fault(StrEnum):
    """Why what was typed is no score of the item."""

    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"
    OFF_STEP = "off_step"


class Entry(Struct, frozen=True):
    """One line's entry: digits as they were typed ("" for none), or what was chosen; a score can be abstained from."""

    text: str = ""
    option: Option | None = None

    @property
    def abstains(self) -> bool:
        """Whether this line is abstained from."""
        return self.option is Option.ABSTAIN


ABSTENTION = Entry(option=Option.ABSTAIN)
CHOSEN = Entry(option=Option.CHOSEN)


class Draft(Struct, frozen=True):
    """An unsent ballot: one entry a line of its form, and the ``row`` that is being filled in.

    ``fresh`` says that the next digit begins a new number; ``changing`` that an earlier ballot is on the record;
    ``full`` that one candidate more was tried to choose than one may.
    """

    entries: tuple[Entry, ...]
    row: int = 0
    fresh: bool = True
    stage: Stage = Stage.FILLING
    changing: bool = False
    full: bool = False

    @property
    def entry(self) -> Entry:
        """The entry of the row that is being filled in."""
        return self.entries[self.row]

    @property
    def chosen(self) -> tuple[int, ...]:
        """The rows of the candidates that are chosen."""
        return tuple(row for row, entry in enumerate(self.entries) if entry.option is Option.CHOSEN)


def blank(form: Form) -> Draft:
    """Return a draft with nothing filled in."""
    return Draft(tuple(Entry() for _ in form.lines))


def draft_of(answers: tuple[Answer, ...], form: Form, *, changing: bool) -> Draft:
    """Return a draft that holds these answers; one that abstains from a whole selection holds no candidate."""
    if form.selects:
        chosen = {answer.target for answer in answers}
        entries = tuple(CHOSEN if line.target in chosen else Entry() for line in form.lines)
    else:
        entries = tuple(entry_of(answer) for answer in answers)
    return Draft(entries, changing=changing)


def entry_of(answer: Answer) -> Entry:
    """Return the entry that holds this answer."""
    if isinstance(answer, Choice):
        return Entry(option=answer.option)
    return ABSTENTION if answer.score is None else Entry(plain_number(answer.score))


@cache
def grid(lowest: Decimal, highest: Decimal, step: Decimal) -> dict[str, Decimal]:
    """Return every score from ``lowest`` to ``highest`` by how it is written."""
    count = int((highest - lowest) / step) + 1
    return {plain_number(lowest + place * step): lowest + place * step for place in range(count)}


def scores(rules: ScoreRules) -> dict[str, Decimal]:
    """Return every score of these rules by how it is written."""
    return grid(rules.lowest, rules.highest, rules.step)


def score_of(entry: Entry, rules: ScoreRules) -> Decimal | None:
    """Return the score that is typed; None where there is none yet, or none of these rules."""
    written = entry.text
    if "." in written and not written.endswith("."):
        written = written.rstrip("0").removesuffix(".")
    return scores(rules).get(written)


def fault_of(entry: Entry, rules: ScoreRules) -> Fault | None:
    """Return what is wrong with what is typed; None while it is a score or may still become one."""
    if not entry.text or score_of(entry, rules) is not None:
        return None
    if any(written.startswith(entry.text) for written in scores(rules)):
        return None
    value = Decimal(entry.text)
    if value > rules.highest:
        return Fault.TOO_HIGH
    return Fault.TOO_LOW if value < rules.lowest else Fault.OFF_STEP


def faulty(draft: Draft, form: Form) -> bool:
    """Whether what is typed in the present row is no score."""
    return form.lines[draft.row].scored and fault_of(draft.entry, form.scale) is not None


def unsent(draft: Draft, form: Form, earlier: tuple[Answer, ...] | None) -> tuple[Entry, ...] | None:
    """Return what is filled in, an entry a line, where it differs from the ``earlier`` ballot; None if nothing is."""
    asked = draft.entries
    if draft.stage is Stage.ABSTAINING:
        asked = tuple(ABSTENTION for _ in draft.entries)
    nothing = blank(form).entries
    before = draft_of(earlier, form, changing=True).entries if earlier else nothing
    return None if asked in (nothing, before) else asked


def answered(draft: Draft, form: Form, row: int) -> bool:
    """Whether this line is done: scored, chosen, or abstained from. No candidate of a selection has to be chosen."""
    entry = draft.entries[row]
    if form.selects or entry.option is not None:
        return True
    return form.lines[row].scored and score_of(entry, form.scale) is not None


def gaps(draft: Draft, form: Form) -> tuple[int, ...]:
    """Return the rows that are not done."""
    return tuple(row for row in range(len(draft.entries)) if not answered(draft, form, row))


def complete(draft: Draft, form: Form) -> bool:
    """Whether the ballot can be sent: every line is done, and neither too few nor too many candidates are chosen."""
    if form.selects:
        return form.least <= len(draft.chosen) <= form.most
    return not gaps(draft, form)


def next_gap(draft: Draft, form: Form) -> int | None:
    """Return the first row after the present one that is not done, from the top again after the last; None if none."""
    open_rows = gaps(draft, form)
    return next((row for row in open_rows if row > draft.row), open_rows[0] if open_rows else None)


def whole_of(draft: Draft, form: Form, target: str) -> tuple[Decimal, Decimal]:
    """Return what the criteria of a target that are scored amount to, and their weights together, in per cent."""
    weights = {criterion.id: criterion.weight for criterion in form.item.criteria_of(target)}
    rows = (row for row, line in enumerate(form.lines) if line.target == target and line.criterion)
    given = [(score_of(draft.entries[row], form.scale), weights[form.lines[row].criterion]) for row in rows]
    scored = [(score, weight) for score, weight in given if score is not None]
    return weighted(scored), sum((weight for _, weight in scored), Decimal(0))


def answers_of(draft: Draft, form: Form) -> tuple[Answer, ...]:
    """Return the ballot's answers; ValueError while it cannot be sent."""
    if form.selects:
        if draft.stage is Stage.ABSTAINING:
            return (Choice("", Option.ABSTAIN),)
        if not complete(draft, form):
            raise ValueError(f"{len(draft.chosen)} candidates are chosen, not {form.least} to {form.most}")
        return tuple(Choice(form.lines[row].target, Option.CHOSEN) for row in draft.chosen)
    entries = tuple(ABSTENTION for _ in form.lines) if draft.stage is Stage.ABSTAINING else draft.entries
    answers: list[Answer] = []
    for line, entry in zip(form.lines, entries, strict=True):
        score = score_of(entry, form.scale) if line.scored else None
        if score is None and entry.option is None:
            raise ValueError(f"target {line.target} is not done")
        if line.scored:
            # the record holds scores in one form, without zeros at the end
            answers.append(Score(line.target, line.criterion, None if score is None else Decimal(plain_number(score))))
        elif entry.option is not None:
            answers.append(Choice(line.target, entry.option))
    return tuple(answers)


def quick_values(rules: ScoreRules) -> tuple[Decimal, ...]:
    """Return the scores to touch: both ends, and more of them where scores are usually given."""
    every = tuple(scores(rules).values())
    last = len(every) - 1
    places = {0, last, *(round(last * percent / 100) for percent in (60, 70, 80, 85, 90, 95))}
    return tuple(every[place] for place in sorted(places))
