"""The words of every face of the first screen. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pingyi_protocol.hidden import shown
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.pin_prompt import LEAST_CHARACTERS
from pingyi_protocol.text import Catalogue
from pingyi_terminal.enrolment.entry import FREE, Entry
from pingyi_terminal.enrolment.faces import (
    Asking,
    Comparing,
    Enrolled,
    Enrolling,
    Face,
    Fetching,
    Identifying,
    SettingPin,
    Trouble,
)
from pingyi_terminal.enrolment.trouble import trouble_words
from pingyi_terminal.widgets import Hint


class Tone(StrEnum):
    """How loud a word stands there."""

    QUIET = "quiet"
    LOUD = "loud"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group: its ``digits`` with blanks, the place of the ``cursor`` in it, and whether it is whole and right."""

    digits: str
    cursor: int | None
    right: bool | None


@dataclass(frozen=True, slots=True)
class CardView:
    """The face that asks for a card: ``said`` is loud where something is wrong.

    ``marks`` are the words for a group that is right and one that is wrong, ``caption`` stands on the drawn card.
    """

    word: str
    caption: str
    sentences: tuple[str, ...]
    heading: str
    groups: tuple[GroupView, ...]
    marks: tuple[str, str]
    said: str
    loud: bool
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """Any other face: a large ``word`` or, where there is none, a ``heading`` over large ``figures``.

    The first of the ``sentences`` is bold; ``hidden`` counts the characters of a PIN. ``action`` is what Enter does and
    ``back`` what Esc does, "" for nothing.
    """

    word: str = ""
    tone: Tone = Tone.QUIET
    heading: str = ""
    figures: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    hidden: int | None = None
    action: str = ""
    back: str = ""
    hints: tuple[Hint, ...] = ()


def view_of(words: Catalogue, face: Face, *, translates: bool) -> CardView | StepView:
    """Return what stands on the screen; ``translates`` is False where the console cannot draw the other language."""
    leave = Hint("ctrl+q", "Ctrl+Q", words("first.key_leave"))
    common = (Hint("f2", "F2", words("first.key_language")), leave) if translates else (leave,)
    match face:
        case Asking():
            return card_view(words, face.entry, common)
        case Comparing():
            return comparing(words, face, common)
        case SettingPin():
            return pin_view(words, face, common)
        case Trouble():
            return trouble_view(words, face, common)
        case Enrolled():
            sentences = (words("first.enrolled_means"), who(words, face.facts), words("first.enrolled_next"))
            return StepView(words("first.enrolled"), Tone.GOOD, sentences=sentences, hints=common)
        case _:
            doing = tuple(under_way(words, face))
            return StepView(words("first.wait"), sentences=doing, back=words("first.cancel"), hints=common)


def card_view(words: Catalogue, entry: Entry, common: tuple[Hint, ...]) -> CardView:
    """Return the face that asks for a card."""
    said, loud = told(words, entry)
    hints = (
        Hint("", "0-9", words("first.key_digits")),
        Hint("", words("first.chip_arrows"), words("first.key_arrows")),
        Hint("escape", "Esc", words("first.key_clear"), "faint" if entry.typed.empty and not said else "normal"),
        *common,
    )
    return CardView(
        word=words("first.scan"),
        caption=words("first.caption"),
        sentences=(words("first.scan_means"), words("first.once")),
        heading=words("first.type_heading"),
        groups=groups_of(entry),
        marks=(words("first.mark_right"), words("first.mark_wrong")),
        said=said,
        loud=loud,
        hints=hints,
    )


def told(words: Catalogue, entry: Entry) -> tuple[str, bool]:
    """Return what to say of the entry, and whether it is a complaint."""
    if entry.scanning:
        return words("first.reading"), False
    wrong = entry.typed.wrong
    if wrong:
        key = "first.group_wrong" if len(wrong) == 1 else "first.groups_wrong"
        return words(key, places=", ".join(map(str, wrong))), True
    if entry.complaint is not None:
        return shown(entry.complaint.words(words.language)), True
    return "", False


def groups_of(entry: Entry) -> tuple[GroupView, ...]:
    """Return the groups; the cursor stands where the next digit goes."""
    typed, wrong = entry.typed, entry.typed.wrong
    views = []
    for place, digits in enumerate(typed.groups, start=1):
        at = typed.cursor - (place - 1) * len(digits)
        right = None if FREE in digits else place not in wrong
        views.append(GroupView(digits, at if 0 <= at < len(digits) else None, right))
    return tuple(views)


def who(words: Catalogue, facts: ProfileFacts) -> str:
    """Return what is known of the meeting and of whoever sits here, in two lines."""
    key = "first.person" if facts.person else "first.role"
    person = words(key, role=words(f"enrol.role_{facts.role}"), person=shown(facts.person))
    return f"{words('first.meeting', meeting=shown(facts.meeting_name))}\n{person}"


def under_way(words: Catalogue, face: Fetching | Identifying | Enrolling) -> Iterator[str]:
    """Yield what the terminal is doing."""
    match face:
        case Fetching():
            yield words("first.fetching", **face.server.named)
            yield words("first.nothing_sent")
        case Identifying():
            yield words("first.identifying", **face.server.named)
        case Enrolling():
            yield words("first.enrolling")
            yield who(words, face.facts)


def comparing(words: Catalogue, face: Comparing, hints: tuple[Hint, ...]) -> StepView:
    """Return the server's fingerprint in two large lines, and what it is to be compared with."""
    groups = face.fingerprint.split("-")
    half = len(groups) // 2
    return StepView(
        heading=words("first.compare"),
        figures=(" ".join(groups[:half]), " ".join(groups[half:])),
        sentences=(words("first.compare_means", **face.server.named),),
        action=words("first.same"),
        back=words("first.different"),
        hints=hints,
    )


def pin_view(words: Catalogue, face: SettingPin, hints: tuple[Hint, ...]) -> StepView:
    """Return the place where a PIN is typed."""
    ask = words("first.pin_again" if face.again else "first.pin_new", least=LEAST_CHARACTERS)
    wrong = words(f"first.pin_{face.wrong}", least=LEAST_CHARACTERS) if face.wrong else ""
    return StepView(
        words("first.pin"),
        Tone.LOUD if face.wrong else Tone.QUIET,
        sentences=(wrong, ask) if wrong else (ask, who(words, face.facts)),
        hidden=len(face.typed),
        action=words("first.pin_take"),
        back=words("first.cancel"),
        hints=hints,
    )


def trouble_view(words: Catalogue, face: Trouble, hints: tuple[Hint, ...]) -> StepView:
    """Return what went wrong, and what to do."""
    word, *sentences = trouble_words(words, face)
    return StepView(
        word,
        Tone.LOUD,
        sentences=tuple(shown(sentence) for sentence in sentences),
        action=words("first.again") if face.again else "",
        back=words("first.other_card"),
        hints=hints,
    )
