"""What is being typed for one round. Pure; it lives in the app, so that no broadcast and no new screen disturbs it."""

from decimal import Decimal
from enum import StrEnum
from functools import cache

import msgspec

from pingyi_protocol.meeting.commands import Answer, Score
from pingyi_protocol.meeting.definition import Item, ScoreRules, Struct
from pingyi_terminal.widgets import plain_number

LONGEST = 6
"""Characters of one entry: enough for any score, and for showing that 1001 is none."""

_FOLDED = str.maketrans("０１２３４５６７８９．。", "0123456789..")

replace = msgspec.structs.replace


class Stage(StrEnum):
    """Where the member is: filling in, looking once more before sending, or asked whether to abstain."""

    FILLING = "filling"
    CONFIRMING = "confirming"
    ABSTAINING = "abstaining"


class Fault(StrEnum):
    """Why what was typed is no score of the item."""

    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"
    OFF_STEP = "off_step"


class Entry(Struct, frozen=True):
    """One target's entry: digits as they were typed ("" for none), or an abstention."""

    text: str = ""
    abstains: bool = False


class Draft(Struct, frozen=True):
    """An unsent ballot: one entry a target in the item's order, and the ``row`` that is typed in.

    ``fresh`` says that the next digit begins a new number; ``changing`` that an earlier ballot is on the record.
    """

    entries: tuple[Entry, ...]
    row: int = 0
    fresh: bool = True
    stage: Stage = Stage.FILLING
    changing: bool = False

    @property
    def entry(self) -> Entry:
        """The entry of the row that is typed in."""
        return self.entries[self.row]


def blank(item: Item) -> Draft:
    """Return a draft with nothing typed."""
    return Draft(tuple(Entry() for _ in item.targets))


def draft_of(answers: tuple[Answer, ...], *, changing: bool) -> Draft:
    """Return a draft that holds these answers."""
    entries = (
        Entry(abstains=True) if answer.score is None else Entry(plain_number(answer.score)) for answer in answers
    )
    return Draft(tuple(entries), changing=changing)


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


def unsent(draft: Draft, earlier: tuple[Answer, ...] | None) -> tuple[Entry, ...] | None:
    """Return what is filled in, an entry a target, where it differs from the ``earlier`` ballot; None if nothing is."""
    asked = draft.entries
    if draft.stage is Stage.ABSTAINING:
        asked = tuple(Entry(abstains=True) for _ in draft.entries)
    nothing = tuple(Entry() for _ in draft.entries)
    before = draft_of(earlier, changing=True).entries if earlier else nothing
    return None if asked in (nothing, before) else asked


def answered(entry: Entry, rules: ScoreRules) -> bool:
    """Whether this target is done: scored, or abstained from."""
    return entry.abstains or score_of(entry, rules) is not None


def complete(draft: Draft, rules: ScoreRules) -> bool:
    """Whether every target is done."""
    return all(answered(entry, rules) for entry in draft.entries)


def gaps(draft: Draft, rules: ScoreRules) -> tuple[int, ...]:
    """Return the rows that are not done."""
    return tuple(row for row, entry in enumerate(draft.entries) if not answered(entry, rules))


def next_gap(draft: Draft, rules: ScoreRules) -> int | None:
    """Return the first row after the present one that is not done, from the top again after the last; None if none."""
    open_rows = gaps(draft, rules)
    return next((row for row in open_rows if row > draft.row), open_rows[0] if open_rows else None)


def put(draft: Draft, entry: Entry, *, fresh: bool) -> Draft:
    """Return the draft with this entry in the present row."""
    entries = (*draft.entries[: draft.row], entry, *draft.entries[draft.row + 1 :])
    return replace(draft, entries=entries, fresh=fresh, stage=Stage.FILLING)


def typed(draft: Draft, character: str) -> Draft:
    """Return the draft after a character: digits and a point count, in full width too; others change nothing."""
    # full-width forms only: a superscript is no digit
    folded = character.translate(_FOLDED)
    if len(folded) != 1 or folded not in "0123456789.":
        return draft
    begun = "" if draft.fresh else draft.entry.text
    text = begun + folded
    if begun == "0" and folded != ".":
        text = folded
    if folded == "." and (not begun or "." in begun):
        return draft
    return put(draft, Entry(text[:LONGEST]), fresh=False)


def erased(draft: Draft) -> Draft:
    """Return the draft without its last character; an abstention goes whole."""
    return put(draft, Entry(draft.entry.text[:-1]), fresh=False)


def nudged(draft: Draft, rules: ScoreRules, steps: int) -> Draft:
    """Return the draft moved by so many steps, within range; an empty one comes in from the nearer end."""
    value = score_of(draft.entry, rules)
    if value is None and draft.entry.text:
        near = Decimal(draft.entry.text)
        below = [score for score in scores(rules).values() if score <= near]
        value = below[-1] if below else rules.lowest
        steps = min(steps, 0) if near > rules.highest else steps
    if value is None:
        value, steps = (rules.lowest, 0) if steps > 0 else (rules.highest, 0)
    return scored(draft, min(rules.highest, max(rules.lowest, value + steps * rules.step)))


def scored(draft: Draft, value: Decimal) -> Draft:
    """Return the draft with this score in the present row."""
    return put(draft, Entry(plain_number(value)), fresh=True)


def abstained(draft: Draft) -> Draft:
    """Return the draft with an abstention in the present row, or without it if it was there."""
    return put(draft, Entry(abstains=not draft.entry.abstains), fresh=True)


def moved(draft: Draft, row: int) -> Draft:
    """Return the draft with another row to type in; rows beyond the ends are the ends."""
    return replace(draft, row=min(max(row, 0), len(draft.entries) - 1), fresh=True, stage=Stage.FILLING)


def answers_of(draft: Draft, item: Item) -> tuple[Answer, ...]:
    """Return the ballot's answers; ValueError while a target is not done."""
    answers = []
    for target, entry in zip(item.targets, draft.entries, strict=True):
        score = score_of(entry, item.rules)
        if score is None and not entry.abstains:
            raise ValueError(f"target {target} is not done")
        # the record holds scores in one form, without zeros at the end
        answers.append(Score(target, "", None if score is None else Decimal(plain_number(score))))
    return tuple(answers)


def quick_values(rules: ScoreRules) -> tuple[Decimal, ...]:
    """Return the scores to touch: both ends, and more of them where scores are usually given."""
    every = tuple(scores(rules).values())
    last = len(every) - 1
    places = {0, last, *(round(last * percent / 100) for percent in (60, 70, 80, 85, 90, 95))}
    return tuple(every[place] for place in sorted(places))
