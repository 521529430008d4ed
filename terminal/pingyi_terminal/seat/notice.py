"""One block that cannot be overlooked, and plain sentences: closed without a ballot, taken over, alarm, connecting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from textual.containers import Vertical
from textual.widget import Widget

from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Alarm, Closed, Connecting, Leaving, Recused, TakenOver, Voided
from pingyi_terminal.seat.parts import Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.wordings import graded, points, unsent_words
from pingyi_terminal.widgets import ActionBlock, BigText

Noticed: TypeAlias = Connecting | Closed | Voided | Recused | TakenOver | Alarm | Leaving


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
        case TakenOver():
            return Notice(words("seat.taken_over"), (words("seat.taken_over_means"), words("seat.taken_over_advice")))
        case Alarm():
            return Notice(words("seat.alarm"), (words("seat.alarm_advice"), face.fault.words(words.language)))
        case Leaving():
            sentences = (*leaving_sentences(words, face), words("seat.leaving_back"))
            return Notice(words("seat.leaving"), sentences, action=words("seat.leaving_yes"))
        case Closed() | Recused() | Voided():
            return round_notice(words, face)


def named(face: Closed | Voided | Recused) -> str:
    """Return what the round is about."""
    return face.item.title if len(face.targets) > 1 else face.targets[0].name


def round_notice(words: Catalogue, face: Closed | Voided | Recused) -> Notice:
    """Return the words about a round in which there is nothing to do."""
    if isinstance(face, Closed):
        return closed_notice(words, face)
    if isinstance(face, Recused):
        means = words("seat.recused_means", target=named(face))
        return Notice(words("seat.recused"), (means, words("seat.recused_next")), loud=False)
    means = words("seat.void_means", target=named(face), round=face.head.key[1], reason=face.reason)
    own = (words("seat.void_ballot"),) if face.voted else ()
    return Notice(words("seat.void"), (means, *own, words("seat.void_next")))


def leaving_sentences(words: Catalogue, face: Leaving) -> list[str]:
    """Return what leaving now would delay or lose."""
    sentences = []
    if face.unsent is not None:
        typed = unsent_words(face.unsent, words, discreet=face.frame.discreet)
        sentences += [typed, words("seat.leaving_typed")]
    if face.waiting:
        key = "leaving_unsent_one" if face.waiting == 1 else "leaving_unsent"
        sentences += [words(f"seat.{key}", count=face.waiting)]
    return sentences or [words("seat.leaving_means")]


def closed_notice(words: Catalogue, face: Closed) -> Notice:
    """Return that the round is closed, and what of this seat's did not count."""
    what = named(face)
    sentences = []
    if face.late is not None:
        score = words("seat.your_sheet") if len(face.late) > 1 else points(face.late[0].score, words)
        score = words("seat.hidden") if face.frame.discreet else score
        sentences += [words("seat.closed_late", target=what, score=score)]
    elif not face.voted:
        sentences += [words("seat.closed_without", target=what)]
    if face.unsent is not None:
        sentences += [unsent_words(face.unsent, words, discreet=face.frame.discreet)]
    if face.ballot is not None:
        alone = len(face.ballot.answers) == 1
        earlier = "closed_earlier" if alone else "closed_earlier_sheet"
        score = graded(face.ballot.answers[0], face.item.rules, words)
        score = words("seat.hidden") if face.frame.discreet else score
        sentences += [words(f"seat.{earlier}", score=score, code=face.ballot.code)]
    elif face.voted:
        sentences += [words("seat.recorded_elsewhere")]
    return Notice(words("seat.closed"), (*sentences, words("seat.closed_next")))
