"""An item that is being scored, or that waits for its announcement: turnout, clock, and the live figures."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from pingyi_protocol.meeting.definition import TRIAL, ScoreRules
from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Polling
from pingyi_terminal.hall.faces.count import Count, set_on_foot, set_size
from pingyi_terminal.hall.faces.parts import Headline, Line, Words, full_name, names_of, remarks
from pingyi_terminal.hall.faces.table import Table, TableContent, TableLine
from pingyi_terminal.hall.faces.votes import vote_cells
from pingyi_terminal.hall.fitting import GUTTER, Room, count_sizes, largest_name
from pingyi_terminal.running import LEAST_BALLOTS
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.widgets import BandBars, Bar, BigFigure, BigText, Tally, big_text_width

LAST_SECONDS = 10


def clock_text(milliseconds: int | None) -> str:
    """Return the time left as minutes and seconds, "" without a countdown; a second that has begun counts whole."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(-(-milliseconds // 1000), 60)
    return f"{minutes}:{seconds:02}"


class PollingFace(Vertical):
    """Shows ``Polling``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="polling-name")
        yield Line(id="polling-labels")
        with Horizontal(classes="figures"):
            yield Count()
            yield BigFigure("", "LL", id="clock")
            yield BigText("", "info", id="polling-closed")
        yield Tally(id="turnout")
        with Horizontal(id="live"):
            with Vertical(id="live-mean"):
                yield Line(id="live-labels")
                yield BigFigure("", "M", id="live-figure")
            with Vertical(id="live-bands"):
                yield Line(id="live-bands-label")
                yield BandBars(id="live-bars")
        yield Table(id="live-table")
        with Horizontal(id="polling-secret"):
            yield BigText("", "info", id="secret-word")
            with Vertical(id="secret-lines"):
                yield Line(id="secret-turnout")
                yield Line(id="secret-key")

    def show(self, face: Polling, words: Catalogue, room: Room, remaining: int | None) -> None:
        """Show the turnout, and the running figures where there are some."""
        names = names_of(face.item, face.targets, words)
        headline = self.query_one(Headline)
        headline.names = names
        secret = is_secret(face.item)
        below = face.running is not None or face.withheld or len(face.targets) > 1 or secret
        # with nothing below them the figures give way to a title that needs two lines
        headline.breaks = not below and not room.compact and not largest_name(names, room.columns)
        two = headline.breaks and bool(headline.large(room.columns))
        rows = (5 if below else 7) if room.compact else (7 if below or two else 10)
        closed = words("hall.closed")
        columns = room.columns - ((big_text_width(closed) or 0) + GUTTER if face.closed else 0)
        sizes = count_sizes(face.base, "" if face.closed else clock_text(remaining), columns, rows)
        self.query_one(Count).show(face.received, face.base, sizes)
        set_size(self.query_one("#clock", BigFigure), sizes.clock, sizes.votes)
        turnout = self.query_one("#turnout", Tally)
        turnout.count, turnout.whole = face.received, face.base
        turnout.set_class(not below, "-tall")
        self.set_class(below, "-full")
        word = self.query_one("#polling-closed", BigText)
        word.display = face.closed
        word.text = closed
        set_on_foot(word, sizes.votes)
        labels = self.query_one("#polling-labels", Line)
        aside = remarks(face.item, face.round, face.manual, words)
        labels.left = (Words(words("hall.voted_of_present"), bold=True), *aside)
        labels.middle = full_name(names, room.columns)
        self.show_clock(face, words, remaining)
        self.show_running(face, words)
        if secret:
            self.query_one(Table).display = False
        self.show_secret(face, words, shown=secret)

    def show_secret(self, face: Polling, words: Catalogue, *, shown: bool) -> None:
        """Show that the ballots are secret, and the fingerprint of their key."""
        self.query_one("#polling-secret").display = shown
        self.query_one("#secret-word", BigText).text = words("sealed.wall_secret")
        self.query_one("#secret-turnout", Line).left = (Words(words("sealed.wall_turnout"), bold=True),)
        key = Words(words("sealed.wall_key", code=face.fingerprint), "accent", bold=True)
        self.query_one("#secret-key", Line).left = (key,) if face.fingerprint else ()

    def show_clock(self, face: Polling, words: Catalogue, remaining: int | None, *, frozen: bool = False) -> None:
        """Show the time left; ``frozen`` when the link is lost and nobody knows."""
        paused = face.phase is Phase.PAUSED
        clock = self.query_one("#clock", BigFigure)
        clock.display = remaining is not None and not face.closed
        clock.text = clock_text(remaining)
        over = remaining is not None and remaining <= LAST_SECONDS * 1000
        clock.colour = "dim" if paused or frozen else "warning" if over else "foreground"
        labels = self.query_one("#polling-labels", Line)
        if face.closed:
            labels.right = (Words(words(waiting_for(face)), bold=True),)
        elif paused:
            labels.right = (Words(words("hall.paused"), "warning", filled=True),)
        elif remaining is None:
            labels.right = ()
        else:
            labels.right = (Words(words("hall.remaining" if remaining else "hall.time_up"), bold=True),)

    def show_running(self, face: Polling, words: Catalogue) -> None:
        """Show the running figures: of one target large, several as a table; a sheet without any lists its targets."""
        rules = face.item.rules
        if not isinstance(rules, ScoreRules):
            self.show_votes(face, words)
            return
        running = {one.target: one for one in face.running.targets} if face.running else {}
        several = len(face.targets) > 1
        withheld = words("hall.live_withheld", least=LEAST_BALLOTS) if face.withheld else ""
        self.query_one("#live").display = bool(running or withheld) and not several
        self.query_one("#live-mean").display = True
        table = self.query_one(Table)
        table.display = several
        if several:
            measure = words(f"hall.live_{rules.measure}")
            headings = (measure, words("hall.scores")) if running else (withheld,) if withheld else ()
            nothing = ("-",) if withheld else ()
            lines = (
                TableLine(one.name, one.short_name, live_cells(running[one.id]) if running else nothing)
                for one in face.targets
            )
            table.content = TableContent(headings, tuple(lines))
        elif running:
            self.show_measure(rules, running[face.targets[0].id], words)
        elif withheld:
            label = words(f"hall.live_{rules.measure}")
            self.query_one("#live-labels", Line).left = (Words(label, bold=True), Words(withheld))
            self.query_one("#live-figure", BigFigure).text = ""
            self.query_one("#live-bands").display = False

    def show_votes(self, face: Polling, words: Catalogue) -> None:
        """Show the running votes: on one question as bars, on several as a table."""
        withheld = words("hall.live_withheld", least=LEAST_BALLOTS) if face.withheld else ""
        running = face.running
        single = len(running.choices) == 1 if running else not face.targets
        self.query_one("#live").display = single and bool(running or withheld)
        self.query_one("#live-mean").display = False
        self.query_one("#live-bands").display = True
        self.query_one("#live-bands-label", Line).left = (Words(withheld or words("hall.live_votes"), bold=True),)
        bars = self.query_one(BandBars)
        counts = running.choices[0].counts if running and single else ()
        bars.whole = face.base
        bars.bars = tuple(Bar(words(f"choices.{one.option}"), one.count) for one in counts)
        table = self.query_one(Table)
        table.display = not single
        headings, cells = vote_cells(running, words) if running else ((withheld,) if withheld else (), {})
        nothing = ("-",) if withheld else ()
        lines = (TableLine(one.name, one.short_name, cells.get(one.id, nothing)) for one in face.targets)
        table.content = TableContent(headings, tuple(lines))

    def show_measure(self, rules: ScoreRules, figures: TargetFigures, words: Catalogue) -> None:
        """Show the running measure of the one target and how its scores lie."""
        counts = words("hall.live_counts", scores=figures.scores, abstentions=figures.abstentions)
        label = words(f"hall.live_{rules.measure}")
        self.query_one("#live-labels", Line).left = (Words(label, bold=True), Words(counts))
        figure = self.query_one("#live-figure", BigFigure)
        figure.text = "-" if figures.measure is None else str(figures.measure)
        self.query_one("#live-bands-label", Line).left = (Words(words("hall.by_band"), bold=True),)
        bars = self.query_one(BandBars)
        bars.whole = figures.scores
        bars.bars = tuple(Bar(one.band, one.count, one.band == figures.band) for one in figures.bands)
        self.query_one("#live-bands").display = bool(figures.bands)


def waiting_for(face: Polling) -> str:
    """Return the key of what a closed item waits for."""
    if face.item is TRIAL:
        return "hall.trial_over"
    return "hall.awaiting_scrutineer" if face.unconfirmed else "hall.awaiting"


def live_cells(figures: TargetFigures) -> tuple[str, str]:
    """Return the running measure and the number of scores of one target as a table shows them."""
    return ("-" if figures.measure is None else str(figures.measure), str(figures.scores))
