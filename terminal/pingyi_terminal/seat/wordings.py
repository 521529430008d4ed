"""How a seat says scores, people, times and refusals. Pure."""

import re
from datetime import datetime
from decimal import Decimal

from pingyi_protocol.meeting.ballots import scores_of
from pingyi_protocol.meeting.commands import Answer, Choice
from pingyi_protocol.meeting.definition import Band, Item, Option, ScoreRules, SelectionRules, Target
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_terminal.sealed import is_secret, opens_key
from pingyi_terminal.seat.draft import Entry, Fault, fault_of
from pingyi_terminal.seat.faces import Head, OwnBallot
from pingyi_terminal.seat.form import scale_of
from pingyi_terminal.widgets import band_of, big_text_width, plain_number

SEAT = re.compile(r"(\d+)-(\d+)")

GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Fills a field of a text that is then parted there."""


def clock(seconds: int) -> str:
    """Return a countdown such as ``1:48``."""
    return f"{seconds // 60}:{seconds % 60:02}"


def seat_of(seat: str, words: Catalogue) -> str:
    """Return where somebody sits, such as ``3排07号``."""
    place = SEAT.fullmatch(seat)
    return words("seat.place", row=place[1], place=place[2]) if place else seat


def place_of(head: Head, words: Catalogue) -> str:
    """Return which item of how many, and which round unless it is the first."""
    if head.trial:
        return words("seat.trial")
    place = words("seat.item_place", item=head.key[0], items=head.items)
    return place if head.key[1] == 1 else f"{place}  {words('seat.round_place', round=head.key[1])}"


def points(score: Decimal | None, words: Catalogue) -> str:
    """Return a score with its unit, or the word for abstaining."""
    return words("seat.abstention") if score is None else words("seat.points", score=plain_number(score))


def graded(score: Decimal | None, rules: ScoreRules, words: Catalogue) -> str:
    """Return a score with its unit and its band, or the word for abstaining."""
    band = None if score is None else band_of(rules, score)
    return f"{points(score, words)}  {band.name}" if band else points(score, words)


def short_words(answer: Answer, words: Catalogue) -> str:
    """Return a score with its unit, or what was chosen."""
    return words(f"choices.{answer.option}") if isinstance(answer, Choice) else points(answer.score, words)


def large_words(name: str, words: Catalogue, width: int) -> str:
    """Return an option or outcome for large type in so many columns: in full where that fits, else its short form."""
    full = words(f"choices.{name}").upper()
    columns = big_text_width(full)
    return full if columns is not None and columns <= width else words(f"seat.big_{name}")


def about_words(answers: tuple[Answer, ...], item: Item, target: str, words: Catalogue) -> str:
    """Return all that a ballot says about one target: its score, as a whole where it has criteria, and its choice."""
    scores = [score for (about, criterion), score in scores_of(item, answers) if about == target and not criterion]
    choices = [answer for answer in answers if isinstance(answer, Choice) and answer.target == target]
    said = [graded(score, scale_of(item), words) for score in scores]
    return "  ".join([*said, *(short_words(answer, words) for answer in choices)])


def ballot_words(answers: tuple[Answer, ...], item: Item, targets: tuple[Target, ...], words: Catalogue) -> str:
    """Return a ballot in one line: what it says, or how many of a sheet it answers."""
    if isinstance(item.rules, SelectionRules):
        return selection_words(answers, targets, words)
    asked = tuple(dict.fromkeys(answer.target for answer in answers))
    if len(asked) == 1:
        return about_words(answers, item, asked[0], words)
    abstained = sum(abstains(answer) for answer in answers)
    done = words("seat.scored_count", scored=len(answers) - abstained, count=len(answers))
    return f"{done}  {words('seat.abstained_count', count=abstained)}" if abstained else done


def own_words(words: Catalogue, ballot: OwnBallot, item: Item, targets: tuple[Target, ...]) -> str:
    """Return a ballot on the record in one line; of a sealed one that it is secret, and no more."""
    return words("seat.sealed") if ballot.sealed else ballot_words(ballot.answers, item, targets, words)


def sealed_words(item: Item, fingerprint: str, words: Catalogue) -> str:
    """Return what is opened of a secret item, of how many ballots at least, and under which key; "" of an open one."""
    if not is_secret(item):
        return ""
    return words(f"seat.opens_{opens_key(item)}", least=item.rules.least_ballots, code=fingerprint)


def selection_words(answers: tuple[Answer, ...], targets: tuple[Target, ...], words: Catalogue) -> str:
    """Return how many candidates were chosen and who, or that the whole was abstained from."""
    if any(abstains(answer) for answer in answers):
        return words("choices.abstain")
    names = {target.id: target.short_name or target.name for target in targets}
    chosen = words("seat.joint").join(names.get(answer.target, answer.target) for answer in answers)
    return words("seat.chosen_names", count=len(answers), names=chosen) if answers else words("seat.chosen_none")


def abstains(answer: Answer) -> bool:
    """Whether an answer abstains."""
    return answer.option is Option.ABSTAIN if isinstance(answer, Choice) else answer.score is None


def item_title(item: Item, words: Catalogue) -> str:
    """Return the title of an item; the trial vote has the screen's own words for it."""
    return item.title or words("seat.trial")


def topic(item: Item, targets: tuple[Target, ...], words: Catalogue) -> str:
    """Return what a round is about: its one target, else the item's title."""
    alone = len(targets) == 1 and not isinstance(item.rules, SelectionRules)
    return targets[0].name if alone else item_title(item, words)


def span_of(band: Band, rules: ScoreRules, words: Catalogue) -> str:
    """Return from where a band counts: ``90 分以上``, ``80 至 89 分``."""
    above = [other.least for other in rules.bands if other.least > band.least]
    if not above:
        return words("seat.band_top", least=plain_number(band.least))
    greatest = min(above) - rules.step
    return words("seat.band_span", least=plain_number(band.least), greatest=plain_number(greatest))


def fault_words(entry: Entry, rules: ScoreRules, words: Catalogue) -> str:
    """Return what is wrong with what is typed, "" if nothing."""
    fault = fault_of(entry, rules)
    if fault is None:
        return ""
    if fault is Fault.OFF_STEP:
        whole = rules.step == 1 and rules.lowest % 1 == 0
        return words("seat.fault_whole") if whole else words("seat.fault_step", step=plain_number(rules.step))
    values = {"lowest": plain_number(rules.lowest), "highest": plain_number(rules.highest)}
    return words(f"seat.fault_{fault}", **values)


def unsent_words(entries: tuple[Entry, ...], words: Catalogue, *, discreet: bool) -> str:
    """Return that what was filled in was not sent: the answer as it was given, unless it is to be hidden."""
    if len(entries) > 1 or entries[0].option is Option.CHOSEN:
        return words("seat.closed_typed_sheet")
    [entry] = entries
    if entry.option is not None and not discreet:
        return words("seat.closed_typed_choice", choice=words(f"choices.{entry.option}"))
    shown = words("seat.hidden") if discreet else words("seat.points", score=entry.text)
    return words("seat.closed_typed", score=shown)


def refusal_words(refusal: Refusal, words: Catalogue) -> str:
    """Return why the server refused, and what to do."""
    return catalogue("pingyi_protocol", words.language)(f"refusal.{refusal.reason}", **refusal.values)


def time_of(label: str) -> str:
    """Return the time of day on this machine's clock of an ISO 8601 label, the label itself if it is none."""
    try:
        return datetime.fromisoformat(label).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return label
