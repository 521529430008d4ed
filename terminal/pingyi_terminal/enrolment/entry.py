"""What a scanner and a person type on the first screen, told apart by what it says and how fast it comes. Pure.

A scanner types some 160 digits within a second, with or without Enter, and what it reads may be anything. A person
types 11 groups of 5 digits, looks up, and goes back to mend one. So the groups have places of their own that are
overtyped, and what comes as fast as no hand types is a scan, which never touches them: whatever a scan leaves behind is
gone when the next one begins. A code that is whole is found at once, wherever in what was heard it begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pingyi_protocol.keys.digits import EnrolmentCodeError, digits_of
from pingyi_protocol.keys.enrolment_code import FIRST_DIGIT, EnrolmentCode, parse
from pingyi_protocol.keys.typed_code import GROUP_DIGITS, GROUPS, TypedCode, parse_typed, wrong_groups
from pingyi_protocol.wording import WordedError

PLACES = GROUPS * GROUP_DIGITS
GROUPS_A_ROW = 6
ROW = GROUPS_A_ROW * GROUP_DIGITS
FREE = " "

QUICK_SECONDS = 0.06
"""No hand goes on for long with so little time between two keys; scanners need 1-50 ms."""
QUICK_KEYS = 16
"""So many keys that quickly are a scan. Fewer may be a hand's that a busy machine has let wait."""
ENTERED_KEYS = 5
"""So many are one when Enter comes as quickly."""
SILENCE_SECONDS = 0.6
"""A scan is over when nothing has come for so long."""
MOST_HEARD = 1000
"""Digits that are remembered of one scan: the longest code has 629."""

TYPED_FIRST = "012"
FOREIGN = "?"
"""Stands for a character that is in no code; the character itself is not kept."""

Code = EnrolmentCode | TypedCode
Moves = dict[str, int]
MOVES: Moves = {"left": -1, "right": 1, "up": -ROW, "down": ROW, "home": -PLACES, "end": PLACES}


class EntryError(WordedError):
    """What was scanned or typed is no code; never holds it."""

    package = "pingyi_terminal"


@dataclass(frozen=True, slots=True)
class Typed:
    """``places`` holds the 55 digits, blanks where there is none yet; ``cursor`` (0-55) is where the next one goes."""

    places: str = field(default=FREE * PLACES, repr=False)
    cursor: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing stands there."""
        return not self.places.strip()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups with their blanks."""
        return tuple(self.places[start : start + GROUP_DIGITS] for start in range(0, PLACES, GROUP_DIGITS))

    @property
    def wrong(self) -> tuple[int, ...]:
        """The places (from 1) of whole groups whose check digit does not fit."""
        return wrong_groups(tuple("" if FREE in group else group for group in self.groups))

    @property
    def amiss(self) -> Iterator[int]:
        """The places (from 1) of groups that are wrong or not whole."""
        wrong = self.wrong
        return (place for place, group in enumerate(self.groups, start=1) if FREE in group or place in wrong)

    def with_digit(self, digit: str) -> "Typed":
        """Put a digit at the cursor, over what stands there; past the end it is not taken."""
        if self.cursor == PLACES:
            return self
        return Typed(self.places[: self.cursor] + digit + self.places[self.cursor + 1 :], self.cursor + 1)

    def without_last(self) -> "Typed":
        """Take away the digit before the cursor."""
        if self.cursor == 0:
            return self
        return Typed(self.places[: self.cursor - 1] + FREE + self.places[self.cursor :], self.cursor - 1)

    def moved(self, by: int) -> "Typed":
        """Move the cursor, within what there is."""
        return replace(self, cursor=min(max(self.cursor + by, 0), PLACES))

    def at_group(self, place: int) -> "Typed":
        """Put the cursor on the first blank of a group, on its first digit where it is full."""
        return replace(self, cursor=(place - 1) * GROUP_DIGITS + max(self.groups[place - 1].find(FREE), 0))


@dataclass(frozen=True, slots=True)
class Entry:
    """All that was heard and not yet taken.

    ``heard`` are the digits of the newest quick run, which began on ``before``; ``scanning`` says that it is a scan,
    ``last`` when (seconds of some clock) its newest key came. ``complaint`` is what to say of what was there before.
    """

    typed: Typed = Typed()
    before: Typed = Typed()
    heard: str = field(default="", repr=False)
    scanning: bool = False
    last: float = float("-inf")
    complaint: WordedError | None = None


EMPTY = Entry()


def with_key(entry: Entry, character: str, now: float) -> "Entry | Code":
    """Return the entry after one more character at ``now`` seconds, or the code that is whole with it."""
    entry = after_silence(entry, now)
    try:
        digit = digits_of(character)
    except EnrolmentCodeError:
        digit = FOREIGN
    if not digit:
        return replace(entry, last=now)
    quick = now - entry.last <= QUICK_SECONDS
    if entry.scanning or quick:
        heard, before = (entry.heard + digit)[-MOST_HEARD:], entry.before
    else:
        heard, before = digit, entry.typed
    scanning = entry.scanning or len(heard) >= QUICK_KEYS or (before.empty and heard[0] not in TYPED_FIRST)
    found = found_in(heard)
    if found is not None:
        return found
    if scanning:
        return Entry(before, before, heard, scanning=True, last=now)
    if digit == FOREIGN:
        return Entry(entry.typed, before, heard, last=now, complaint=EntryError("first.digits_only"))
    return taken_if_whole(Entry(entry.typed.with_digit(digit), before, heard, last=now))


def found_in(heard: str) -> Code | None:
    """Return the code that ``heard`` ends with, None where there is none.

    Some scanners type a mark of their own before what they read. 32 bits of checksum keep chance out.
    """
    for start, digit in enumerate(heard):
        if digit == FIRST_DIGIT:
            try:
                return parse(heard[start:])
            except WordedError:
                continue
    try:
        return parse_typed(heard) if len(heard) == PLACES else None
    except WordedError:
        return None


def taken_if_whole(entry: Entry) -> "Entry | Code":
    """Return the typed code when every group is there and right."""
    if any(entry.typed.amiss):
        return entry
    try:
        return parse_typed(entry.typed.places)
    except EnrolmentCodeError as fault:
        return replace(entry, complaint=fault)


def with_paste(entry: Entry, text: str) -> "Entry | Code":
    """Return the code that a pasted text is, or the entry with a complaint about it."""
    for read in (parse, parse_typed):
        try:
            return read(text)
        except WordedError:
            continue
    try:
        heard = digits_of(text)
    except EnrolmentCodeError:
        heard = FOREIGN
    return Entry(entry.typed, complaint=fault_of(heard))


def after_silence(entry: Entry, now: float) -> Entry:
    """End a scan that no key has followed: it was no code."""
    return ended(entry) if entry.scanning and now - entry.last > SILENCE_SECONDS else entry


def ended(entry: Entry) -> Entry:
    """Forget a scan and say what was wrong with it."""
    return Entry(entry.before, complaint=fault_of(entry.heard))


def entered(entry: Entry, now: float) -> Entry:
    """Take Enter at ``now`` seconds: it ends a scan, and else leads to the first group that is wrong or not whole."""
    if entry.scanning or (len(entry.heard) >= ENTERED_KEYS and now - entry.last <= QUICK_SECONDS):
        return ended(entry)
    place = next(entry.typed.amiss, None)
    if place is None or entry.typed.empty:
        return entry
    told = None if place in entry.typed.wrong else EntryError("first.group_missing", place=place)
    return Entry(entry.typed.at_group(place), complaint=told)


def rubbed_out(entry: Entry) -> Entry:
    """Take away the digit before the cursor."""
    return Entry(entry.typed.without_last())


def moved(entry: Entry, key: str) -> Entry:
    """Move the cursor by one of the keys of ``MOVES``."""
    return Entry(entry.typed.moved(MOVES[key]), complaint=entry.complaint)


def fault_of(heard: str) -> WordedError:
    """Return what is wrong with a scan that is over."""
    if not heard or FOREIGN in heard:
        return EntryError("first.not_a_code")
    try:
        (parse if heard.startswith(FIRST_DIGIT) else parse_typed)(heard)
    except EnrolmentCodeError as fault:
        # what is as short as this was touched, not scanned
        return fault if heard.startswith(FIRST_DIGIT) and len(heard) > 1 else EntryError("first.not_a_code")
    return EntryError("first.not_a_code")
