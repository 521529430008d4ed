"""What a key or a finger makes of a draft. Pure: each function returns the draft as it is afterwards."""

from decimal import Decimal

from pingyi_protocol.meeting.definition import Option, ScoreRules
from pingyi_terminal.seat.draft import ABSTENTION, CHOSEN, Draft, Entry, Stage, replace, score_of, scores
from pingyi_terminal.seat.form import Form
from pingyi_terminal.widgets import plain_number

LONGEST = 6
"""Characters of one entry: enough for any score, and for showing that 1001 is none."""

_FOLDED = str.maketrans("０１２３４５６７８９．。", "0123456789..")


def folded(character: str) -> str:
    """Return a digit or a point in its plain form, in full width too; other characters as they are."""
    # full-width forms only: a superscript is no digit
    return character.translate(_FOLDED)


def put(draft: Draft, entry: Entry, *, fresh: bool) -> Draft:
    """Put this entry in the present row."""
    entries = (*draft.entries[: draft.row], entry, *draft.entries[draft.row + 1 :])
    return replace(draft, entries=entries, fresh=fresh, stage=Stage.FILLING, full=False)


def typed(draft: Draft, character: str) -> Draft:
    """Take a character of a score: digits and a point count, others change nothing."""
    plain = folded(character)
    if len(plain) != 1 or plain not in "0123456789.":
        return draft
    begun = "" if draft.fresh else draft.entry.text
    text = begun + plain
    if begun == "0" and plain != ".":
        text = plain
    if plain == "." and (not begun or "." in begun):
        return draft
    return put(draft, Entry(text[:LONGEST]), fresh=False)


def erased(draft: Draft) -> Draft:
    """Take the last character away; an abstention or a choice goes whole."""
    return put(draft, Entry(draft.entry.text[:-1]), fresh=False)


def nudged(draft: Draft, rules: ScoreRules, steps: int) -> Draft:
    """Move the score by so many steps, within range; an empty one comes in from the nearer end."""
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
    """Put this score in the present row."""
    return put(draft, Entry(plain_number(value)), fresh=True)


def chosen(draft: Draft, option: Option) -> Draft:
    """Choose this option in the present row."""
    return put(draft, Entry(option=option), fresh=True)


def shifted(draft: Draft, form: Form, places: int) -> Draft:
    """Choose the option so many places further along, not beyond the ends; the nearer end where none was chosen."""
    options = form.lines[draft.row].options
    if draft.entry.option is None:
        return chosen(draft, options[0 if places > 0 else -1])
    at = options.index(draft.entry.option) + places
    return chosen(draft, options[min(max(at, 0), len(options) - 1)])


def toggled(draft: Draft, form: Form, row: int) -> Draft:
    """Choose the candidate in this row, or not any more; one more than one may choose is not taken, and noted."""
    there = moved(draft, row)
    if there.entry.option is Option.CHOSEN:
        return put(there, Entry(), fresh=True)
    if len(draft.chosen) >= form.most:
        return replace(there, full=True)
    return put(there, CHOSEN, fresh=True)


def abstained(draft: Draft, form: Form) -> Draft:
    """Abstain in the present row, or no more; who abstains under one criterion abstains under all of the target."""
    entry = Entry() if draft.entry.abstains else ABSTENTION
    rows = form.siblings(draft.row) if form.lines[draft.row].scored else (draft.row,)
    entries = tuple(entry if row in rows else other for row, other in enumerate(draft.entries))
    return replace(draft, entries=entries, fresh=True, stage=Stage.FILLING)


def settled(draft: Draft, form: Form) -> Draft:
    """Take back the abstentions of a target under whose other criteria a score is given now."""
    if draft.entry.abstains or not draft.entry.text:
        return draft
    rows = form.siblings(draft.row)
    entries = (Entry() if row in rows and other.abstains else other for row, other in enumerate(draft.entries))
    return replace(draft, entries=tuple(entries))


def moved(draft: Draft, row: int) -> Draft:
    """Go to another row; those beyond the ends are the ends."""
    row = min(max(row, 0), len(draft.entries) - 1)
    return replace(draft, row=row, fresh=True, stage=Stage.FILLING, full=False)
