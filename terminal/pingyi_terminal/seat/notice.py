"""One block that cannot be overlooked, and plain sentences: closed without a ballot, taken over, alarm, connecting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from textual.containers import Vertical
from textual.widget import Widget

from pingyi_protocol.client.keeping import Link
from pingyi_protocol.meeting.definition import SelectionRules
from pingyi_protocol.text import Catalogue
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import (
    Alarm,
    ByHand,
    CameLate,
    Closed,
    Connecting,
    Encrypting,
    Ended,
    Leaving,
    Recused,
    TakenOver,
    TrialOver,
    Voided,
)
from pingyi_terminal.seat.parts import Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.wordings import own_words, short_words, topic, unsent_words
from pingyi_terminal.widgets import ActionBlock, BigText

Noticed: TypeAlias = Connecting | Encrypting | Ended | TakenOver | Alarm | Leaving


@dataclass(frozen=True, slots=True)
class Notice:
    """``word`` in the block (loud: orange), the first sentence bold, the others plain, and what Enter does."""

    word: str
    sentences: tuple[str, ...]
    loud: bool = True
    action: str = ""


class NoticeScreen(SeatScreen[Noticed]):
    """Paints a state in which there is nothing to fill in."""

    CSS_PATH = "notice.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield the block, the sentences and the action."""
        with Vertical(id="block"):
            yield BigText(id="word")
        yield Words(id="sentences")
        yield ActionBlock(state="danger", id="action")

    def paint_face(self, words: Catalogue, face: Noticed) -> None:
        """Show what is the matter."""
        notice = notice_of(words, face)
        self.query_one("#block").set_class(notice.loud, "-loud")
        word = self.query_one("#word", BigText)
        word.text, word.colour = notice.word, "chip-text" if notice.loud else "dim"
        first, *others = notice.sentences
        parts: list[str | tuple[str, str]] = [(first, "bold")]
        for sentence in others:
            parts += ["\n\n", sentence]
        self.query_one("#sentences", Words).say(*parts)
        action = self.query_one("#action", ActionBlock)
        action.display, action.label = bool(notice.action), notice.action


def notice_of(words: Catalogue, face: Noticed) -> Notice:
    """Return the words of a notice."""
    match face:
        case Connecting():
            waiting = (words("seat.connecting_waiting"),) if face.waiting else ()
            return Notice(
                words("seat.connecting"),
                (words("seat.connecting_means"), *waiting, words("seat.connecting_advice")),
                loud=False,
            )
        case Encrypting():
            about = words("seat.encrypting_about", target=topic(face.item, face.targets, words))
            return Notice(words("seat.encrypting"), (about, words("seat.encrypting_means")), loud=False)
        case TakenOver():
            key = "elsewhere" if face.frame.link is Link.ELSEWHERE else "taken_over"
            return Notice(words(f"seat.{key}"), (words(f"seat.{key}_means"), words(f"seat.{key}_advice")))
        case Alarm():
            return Notice(words("seat.alarm"), (words("seat.alarm_advice"), face.fault.words(words.language)))
        case Leaving():
            sentences = (*leaving_sentences(words, face), words("seat.leaving_back"))
            return Notice(words("seat.leaving"), sentences, action=words("seat.leaving_yes"))
        case _:
            return round_notice(words, face)


def round_notice(words: Catalogue, face: Ended) -> Notice:
    """Return the words about a round in which there is nothing to do."""
    about = topic(face.item, face.targets, words)
    match face:
        case Closed():
            return closed_notice(words, face)
        case Recused():
            means = words("seat.recused_means", target=about)
            return Notice(words("seat.recused"), (means, words("seat.recused_next")), loud=False)
        case CameLate():
            means = words("seat.came_late_means", target=about)
            return Notice(words("seat.came_late"), (means, words("seat.came_late_next")))
        case ByHand():
            means, why = words("seat.by_hand_means", target=about), words("seat.because", reason=face.reason)
            after = words("seat.by_hand_next" if face.head.unconfirmed else "seat.wait_announcement")
            return Notice(words("seat.by_hand"), (means, why, after), loud=False)
        case TrialOver():
            state = "worked" if face.worked else "failed"
            sentences = (words(f"seat.trial_{state}"), words("seat.trial_next"))
            return Notice(words("seat.trial_over"), sentences, loud=not face.worked)
        case Voided():
            means = words("seat.void_means", target=about, round=face.head.key[1], reason=face.reason)
            own = (words("seat.void_ballot"),) if face.voted else ()
            return Notice(words("seat.void"), (means, *own, words("seat.void_next")))


def leaving_sentences(words: Catalogue, face: Leaving) -> list[str]:
    """Return what leaving now would delay or lose."""
    sentences = []
    if face.unsent is not None:
        typed = unsent_words(face.unsent, words, discreet=face.frame.discreet)
        sentences += [typed, words("seat.leaving_typed")]
    if face.sealing:
        sentences += [words("seat.leaving_sealing")]
    if face.waiting:
        key = "leaving_unsent_one" if face.waiting == 1 else "leaving_unsent"
        sentences += [words(f"seat.{key}", count=face.waiting)]
    return sentences or [words("seat.leaving_means")]


def closed_notice(words: Catalogue, face: Closed) -> Notice:
    """Return that the round is closed, and what of this seat's did not count."""
    what = topic(face.item, face.targets, words)
    # what was meant to be secret does not stay on the screen
    discreet = face.frame.discreet or is_secret(face.item)
    hidden = words("seat.your_sealed" if is_secret(face.item) else "seat.hidden") if discreet else ""
    sentences = []
    if face.late is not None:
        lone = len(face.late) == 1 and not isinstance(face.item.rules, SelectionRules)
        score = short_words(face.late[0], words) if lone else words("seat.your_sheet")
        sentences += [words("seat.closed_late", target=what, score=hidden or score)]
    elif not face.voted:
        sentences += [words("seat.closed_without", target=what)]
    if face.unsent is not None:
        sentences += [unsent_words(face.unsent, words, discreet=discreet)]
    if face.ballot is not None:
        lone = len(face.ballot.answers) == 1 and not isinstance(face.item.rules, SelectionRules)
        earlier = "closed_earlier" if lone else "closed_earlier_sheet"
        score = own_words(words, face.ballot, face.item, face.targets)
        sentences += [words(f"seat.{earlier}", score=hidden or score, code=face.ballot.code)]
    elif face.voted:
        sentences += [words("seat.recorded_elsewhere")]
    waits = (words("seat.wait_scrutineer"),) if face.head.unconfirmed else ()
    return Notice(words("seat.closed"), (*sentences, *waits, words("seat.closed_next")))
