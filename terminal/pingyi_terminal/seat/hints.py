"""Which keys do something on a face: the last row of the screen, and the help page. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage
from pingyi_terminal.seat.faces import (
    Agenda,
    Alarm,
    Arrival,
    Connecting,
    Details,
    Encrypting,
    Face,
    Filling,
    Groups,
    Help,
    Leaving,
    Recorded,
    Result,
    Sent,
    TakenOver,
)
from pingyi_terminal.seat.form import MOST_DIGITS
from pingyi_terminal.widgets import Hint
from pingyi_terminal.widgets.keys import KeyState


@dataclass(frozen=True, slots=True)
class Key:
    """One key: ``name`` is its word in the catalogue (``seat.key_<name>``, ``seat.help_<name>``), ``press`` Textual's.

    ``chip`` is what stands on the key, or the catalogue's ``seat.chip_<chip>`` where it begins with a colon. ``pair``
    are the two keys of such a chip, each of which can be touched by itself in the last row.
    """

    name: str
    press: str
    chip: str
    possible: bool = True
    pair: tuple[str, ...] = ()


DIGITS = Key("digits", "", "0-9")
SIDEWAYS = Key("one", "", ":sideways", pair=("left", "right"))
UPRIGHT = Key("row", "", ":upright", pair=("up", "down"))
PAGES = Key("five", "", ":pages")
HIDE = Key("hide", "f4", "F4")
AGENDA = Key("agenda", "f5", "F5")
CHANGE = Key("change", "f6", "F6")
DETAILS = Key("details", "f7", "F7")
GROUPS = Key("groups", "f7", "F7")
TICK = Key("tick", "space", ":space")
CALL = Key("call", "f9", "F9")
CALL_OFF = Key("call_off", "f9", "F9")
HELP = Key("help", "f1", "F1")
LANGUAGE = Key("language", "f2", "F2")
COLOURS = Key("colours", "f12", "F12")
CONFIRM = Key("confirm", "enter", "Enter")
NEXT = Key("next", "enter", "Enter")
LEAVE = Key("leave", "ctrl+q", "Ctrl+Q")
BACK = Key("back", "escape", "Esc")
SCROLL = Key("scroll", "", ":upright", pair=("up", "down"))


def keys_of(face: Face) -> tuple[Key, ...]:
    """Return the keys of a face, help and language last."""
    own = (*own_keys(face), CALL_OFF if face.frame.calling else CALL)
    # a row full of keys leaves the language to the help page
    full = DIGITS in own or UPRIGHT in own
    return (*own, HELP) if full else (*own, HELP, LANGUAGE)


def own_keys(face: Face) -> Iterator[Key]:
    """Yield the keys that are this face's own."""
    match face:
        case Agenda(aside=True) | Help() | Leaving():
            yield BACK
        case Details() | Groups():
            yield BACK
            yield SCROLL
        case Agenda(arrival=Arrival.NEEDED) if not face.frame.final:
            yield Key("check_in", "enter", "Enter")
        case Filling(draft=draft) if draft.stage is Stage.FILLING:
            yield from filling_keys(face)
        case Filling():
            yield Key("send", "enter", "Enter")
            yield Key("edit", "escape", "Esc")
            yield HIDE
        case Recorded(may_change=True):
            yield from (CHANGE, HIDE, AGENDA)
        case Recorded() | Sent():
            yield from (HIDE, AGENDA)
        case Result():
            yield from (AGENDA, GROUPS) if face.figures.groups else (AGENDA,)
        case Agenda() | Connecting() | Encrypting() | TakenOver() | Alarm():
            return
        case _:
            yield AGENDA


def filling_keys(face: Filling) -> Iterator[Key]:
    """Yield the keys while a ballot is filled in."""
    form = face.form
    line = form.lines[face.draft.row]
    if form.selects:
        yield TICK
        if len(form.lines) <= MOST_DIGITS:
            yield Key("pick", "", f"1-{len(form.lines)}")
        yield UPRIGHT
    elif line.scored:
        yield from (DIGITS, SIDEWAYS) if form.lone else (DIGITS, SIDEWAYS, UPRIGHT)
    else:
        yield Key("choose", "", f"1-{len(line.options)}")
        yield from () if form.lone else (UPRIGHT,)
    yield CONFIRM if form.lone or form.selects else NEXT
    if face.draft.changing:
        yield Key("keep", "escape", "Esc")
    elif line.scored:
        yield PAGES
    means = "abstain" if line.scored else "abstain_choice"
    yield Key(means, "f3", "F3", possible=face.item.rules.abstention)
    yield HIDE
    if face.about is not None:
        yield DETAILS


def hints_of(face: Face, words: Catalogue, *, translates: bool) -> tuple[Hint, ...]:
    """Return the hints of a face, for the last row; what has no room there stands on the help page.

    The gold block has its key in itself. The page keys make room for the call, and the way from line to line, each of
    which can be touched, for the steps.
    """
    keys = keys_of(face)
    left_out = {CONFIRM, NEXT, PAGES} | ({UPRIGHT} if SIDEWAYS in keys else set())
    left_out |= set() if translates else {LANGUAGE}
    return tuple(hint for key in keys if key not in left_out for hint in hints_of_key(key, words))


def hints_of_key(key: Key, words: Catalogue) -> Iterator[Hint]:
    """Yield the hint of a key; of two that belong together each by itself, the word beside the second."""
    word = words(f"seat.key_{key.name}")
    state: KeyState = "normal" if key.possible else "faint"
    for press in key.pair:
        yield Hint(press, words(f"seat.chip_{press}"), word if press == key.pair[-1] else "", state)
    if not key.pair:
        yield Hint(key.press, chip_of(key, words), word, state)


def chip_of(key: Key, words: Catalogue) -> str:
    """Return what stands on the key."""
    return words(f"seat.chip_{key.chip[1:]}") if key.chip.startswith(":") else key.chip
