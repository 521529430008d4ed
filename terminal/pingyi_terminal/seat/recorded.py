"""The ballot is on the record: the word, what was recorded, its tracking code."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Secrecy
from pingyi_protocol.text import Catalogue
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import OwnBallot, Recorded
from pingyi_terminal.seat.parts import TrialBanner, Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.wordings import ballot_words, clock, time_of, topic
from pingyi_terminal.widgets import BigText, Meter, ModeBlock, QRCode
from pingyi_terminal.widgets.cells import spaced


class RecordedScreen(SeatScreen[Recorded]):
    """Paints the own ballot of the round that was opened last."""

    CSS_PATH = "recorded.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield banner, word, ballot, code, picture of the code, and how the round goes on."""
        yield TrialBanner()
        with Horizontal(id="proof"):
            with Vertical(id="words"):
                yield BigText(id="word", colour="ok")
                with Horizontal(id="about"):
                    yield Words(id="what")
                    yield ModeBlock(self.words, Secrecy.SECRET)
                with Vertical(id="code", classes="panel -ok"):
                    yield Words(id="code-title", classes="dim")
                    yield Words(id="code-text", classes="strong")
                    yield Words(id="code-use", classes="dim")
                yield Words(id="checked")
            with Vertical(id="picture"):
                yield QRCode()
                yield Words(id="keep", classes="dim")
        with Horizontal(id="round"):
            yield Words(id="round-state")
            yield Meter(colour="ok")
            yield Words(id="round-count")
        yield Words(id="next")

    def paint_face(self, words: Catalogue, face: Recorded) -> None:
        """Show the receipt and the round."""
        ballot, trial = face.ballot, face.head.trial
        self.set_class(trial, "-trial")
        banner = self.query_one(TrialBanner)
        banner.display = trial
        banner.show(words)
        self.query_one("#word", BigText).text = words("seat.trial_works" if trial else "seat.recorded")
        self.query_one("#what", Words).say(*recorded_parts(words, face))
        mode = self.query_one(ModeBlock)
        mode.words, mode.display = words, is_secret(face.item)
        code = self.query_one("#code")
        code.display = self.query_one("#picture").display = ballot is not None and not trial
        self.query_one("#code-title", Words).say(words("seat.code_title"))
        self.query_one("#code-text", Words).say(spaced(ballot.code) if ballot else "")
        self.query_one("#code-use", Words).say(words("seat.code_use"))
        self.query_one("#checked", Words).say(*checked_parts(words, ballot))
        self.query_one(QRCode).data = ballot.code if ballot else ""
        self.query_one("#keep", Words).say(words("seat.code_keep"))
        self.query_one("#round-state", Words).say(
            (words("seat.round_open" if face.open else "seat.round_closed"), "$dim")
        )
        meter = self.query_one(Meter)
        meter.count, meter.whole = face.received, face.base
        count = words("seat.round_count", received=face.received, present=face.base)
        self.query_one("#round-count", Words).say((count, "bold"))
        self.query_one("#next", Words).say(*next_parts(words, face))


def recorded_parts(words: Catalogue, face: Recorded) -> tuple[str | tuple[str, str], ...]:
    """Return what is on the record."""
    if face.ballot is None:
        return ((words("seat.recorded_elsewhere"), ""),)
    if face.ballot.sealed:
        return ((words("seat.recorded_sealed", target=topic(face.item, face.targets, words)), ""),)
    answers = face.ballot.answers
    value = ballot_words(answers, face.item, face.targets, words)
    shown = (words("seat.hidden") if face.frame.discreet else value, "bold $accent")
    if face.head.trial:
        return (words("seat.trial_received"), shown, "\n", (words("seat.trial_counts"), "$dim"))
    return (recorded_what(words, face), "\n", shown, "  ", words("seat.in_the_record"))


def recorded_what(words: Catalogue, face: Recorded) -> str:
    """Return what kind of ballot it is, and what it is about."""
    if len(face.targets) > 1 and not face.form.selects:
        return words("seat.recorded_sheet", count=len(face.targets), item=face.item.title)
    about = topic(face.item, face.targets, words)
    scored = face.targets and not face.form.selects and face.form.lines[0].scored
    return words("seat.recorded_target" if scored else "seat.recorded_choice", target=about)


def checked_parts(words: Catalogue, ballot: OwnBallot | None) -> tuple[str | tuple[str, str], ...]:
    """Return what was checked before the word was shown, and when it was recorded."""
    if ballot is None:
        return ()
    stored, checked = (
        (("█ ", "$ok"), (words("seat.stored"), "$dim")),
        (("█ ", "$ok"), (words("seat.proof_checked"), "$dim")),
    )
    return (*stored, "    ", *checked, "    ", (time_of(ballot.time), "$dim"))


def awaited(face: Recorded) -> str:
    """Return the catalogue's word for what a closed round waits for."""
    if face.head.trial:
        return "wait_trial"
    if face.opening is not None and not face.opening.unsealed:
        return "wait_never" if face.opening.too_few else "wait_opening"
    return "wait_scrutineer" if face.head.unconfirmed else "wait_announcement"


def next_parts(words: Catalogue, face: Recorded) -> tuple[str | tuple[str, str], ...]:
    """Return that there is nothing more to do, and what may still be done."""
    if face.frame.restored:
        return ((words("seat.restored_wait"), "bold"),)
    if face.invalid:
        return ((words("seat.sealed_invalid"), "bold $warning"),)
    nothing = (words("seat.nothing_to_do") + "  ", "bold")
    if not face.open:
        return (nothing, (words(f"seat.{awaited(face)}"), "$dim"))
    if not face.may_change:
        return (nothing, (words("seat.first_counts"), "$dim"))
    seconds = face.head.seconds
    if face.head.paused or seconds is None:
        return (nothing, (words("seat.may_change"), "$dim"))
    return (nothing, (words("seat.may_change_for", left=clock(seconds)), "$dim"))
