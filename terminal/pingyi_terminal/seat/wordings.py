"""How a seat says scores, people, times and refusals. Pure."""

import re
from datetime import datetime
from decimal import Decimal

from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import Band, ScoreRules
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_terminal.seat.draft import Entry, Fault, fault_of
from pingyi_terminal.seat.faces import Head
from pingyi_terminal.widgets import band_of, plain_number

SEAT = re.compile(r"(\d+)-(\d+)")


def clock(seconds: int) -> str:
    """Return a countdown such as ``1:48``."""
    return f"{seconds // 60}:{seconds % 60:02}"


def seat_of(seat: str, words: Catalogue) -> str:
    """Return where somebody sits, such as ``3排07号``."""
    place = SEAT.fullmatch(seat)
    return words("seat.place", row=place[1], place=place[2]) if place else seat


def place_of(head: Head, words: Catalogue) -> str:
    """Return which item of how many, and which round unless it is the first."""
    place = words("seat.item_place", place=head.place, items=head.items)
    return place if head.key[1] == 1 else f"{place}  {words('seat.round_place', round=head.key[1])}"


def points(score: Decimal | None, words: Catalogue) -> str:
    """Return a score with its unit, or the word for abstaining."""
    return words("seat.abstention") if score is None else words("seat.points", score=plain_number(score))


def graded(answer: Answer, rules: ScoreRules, words: Catalogue) -> str:
    """Return a score with its unit and its band, or the word for abstaining."""
    band = None if answer.score is None else band_of(rules, answer.score)
    return f"{points(answer.score, words)}  {band.name}" if band else points(answer.score, words)


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
    """Return that what was filled in was not sent: the score as it was typed, unless it is to be hidden."""
    if len(entries) > 1:
        return words("seat.closed_typed_sheet")
    [entry] = entries
    if entry.abstains and not discreet:
        return words("seat.closed_typed_abstention")
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
