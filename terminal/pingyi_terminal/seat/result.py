"""What a round yielded, once it is public: the figures, and how the own ballot stands to them."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Option
from pingyi_protocol.meeting.figures import ChoiceFigures, Outcome, TargetFigures
from pingyi_protocol.text import Catalogue
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import Groups, Result
from pingyi_terminal.seat.form import scale_of
from pingyi_terminal.seat.parts import BigWord, FittingFigure, Listing, Scroll, Words
from pingyi_terminal.seat.result_rows import GOOD, GROUP_COLUMNS, TABLE_COLUMNS, group_rows, measure_of, table_rows
from pingyi_terminal.seat.screen import ScrollingScreen, SeatScreen
from pingyi_terminal.seat.wordings import ballot_words, large_words, place_of, topic, unsent_words
from pingyi_terminal.widgets import BandBars, Bar, Distribution

MARGIN = 12

Parts = tuple[str | tuple[str, str], ...]


class FiguresScreen(SeatScreen[Result]):
    """Paints published figures between what they are of and the own ballot."""

    CSS_PATH = "result.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield the item, the figure or the table, and the own ballot."""
        yield Words(id="place", classes="heading")
        yield Words(id="name", classes="strong")
        yield from self.figures()
        with Vertical(id="own", classes="panel"):
            yield Words(id="own-words")

    def figures(self) -> Iterator[Widget]:
        """Yield the widgets of the figures."""
        raise NotImplementedError

    def paint_figures(self, words: Catalogue, face: Result) -> None:
        """Show the figures."""
        raise NotImplementedError

    def paint_face(self, words: Catalogue, face: Result) -> None:
        """Show the figures and the own ballot."""
        told = words("seat.item_announced" if face.announced else "seat.result_published")
        tone = "$dim" if face.announced else "bold $warning"
        self.query_one("#place", Words).say(f"{place_of(face.head, words)}  ", (told, tone), f"  {face.item.title}")
        several = len(face.targets) > 1 and face.figures.selection is None
        name = words("seat.result_sheet", count=len(face.targets)) if several else topic(face.item, face.targets, words)
        self.query_one("#name", Words).say(name, *manual_parts(words, face))
        self.paint_figures(words, face)
        amiss = face.missed or face.late or face.unsent is not None
        self.set_class(amiss, "-amiss")
        self.query_one("#own").set_class(amiss, "-warning")
        self.query_one("#own").set_class(not amiss, "-ok")
        self.query_one("#own-words", Words).say(*own_parts(words, face))


class ResultScreen(FiguresScreen):
    """Paints the measure of one target."""

    def figures(self) -> Iterator[Widget]:
        """Yield the measure and the distribution."""
        with Horizontal(id="figure", classes="panel -accent"):
            yield FittingFigure(id="measure", colour="accent")
            yield Words(id="aside")
        yield Distribution(scale_of(self.face.item), {})

    def paint_figures(self, words: Catalogue, face: Result) -> None:
        """Show the figures of the one target."""
        figures, rules = face.figures.targets[0], scale_of(face.item)
        self.query_one("#measure", FittingFigure).text = measure_of(figures, face.item) or "--"
        self.query_one("#aside", Words).say(*aside_of(words, face, figures))
        chart = self.query_one(Distribution)
        # of a sum nobody knows how many gave what
        chart.display = bool(figures.values) or not is_secret(face.item)
        chart.rules = rules
        chart.counts = {one.value: one.count for one in figures.values}
        chart.band = next((band for band in rules.bands if band.name == figures.band), None)


class VoteResultScreen(FiguresScreen):
    """Paints the votes on one question: the outcome, large, and how many chose what."""

    def figures(self) -> Iterator[Widget]:
        """Yield the outcome, the counts, and what was needed."""
        with Vertical(id="figure", classes="panel -accent"):
            yield BigWord(id="outcome")
            yield Words(id="needed")
        yield BandBars(id="votes")

    def paint_figures(self, words: Catalogue, face: Result) -> None:
        """Show the votes."""
        figures = face.figures.choices[0]
        outcome = self.query_one("#outcome", BigWord)
        outcome.text = large_words(figures.outcome, words, self.size.width - MARGIN)
        outcome.colour = "ok" if figures.outcome in GOOD else "warning"
        self.query_one("#needed", Words).say(*needed_parts(words, figures))
        votes = self.query_one("#votes", BandBars)
        votes.bars = (*option_bars(words, figures), *rest_bars(words, face, figures))
        votes.whole = face.figures.present


class TableResultScreen(FiguresScreen, ScrollingScreen[Result]):
    """Paints the figures of several questions: a row for each target or candidate, and what belongs to it under it."""

    def figures(self) -> Iterator[Widget]:
        """Yield the table and what is common to its rows."""
        with Scroll():
            yield Listing(TABLE_COLUMNS)
        yield Words(id="common", classes="dim")

    def paint_figures(self, words: Catalogue, face: Result) -> None:
        """Show a row for each target or candidate."""
        self.query_one(Listing).rows = tuple(table_rows(words, face))
        self.query_one("#common", Words).say(*common_parts(words, face))


class GroupsScreen(ScrollingScreen[Groups]):
    """Paints the figures of the review groups."""

    CSS_PATH = "result.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield the item and the table."""
        yield Words(id="place", classes="heading")
        yield Words(id="name", classes="strong")
        with Scroll():
            yield Listing(GROUP_COLUMNS)
        yield Words(id="common", classes="dim")

    def paint_face(self, words: Catalogue, face: Groups) -> None:
        """Show a row for each group."""
        self.query_one("#place", Words).say(f"{place_of(face.head, words)}  {face.item.title}")
        self.query_one("#name", Words).say(words("seat.groups"))
        self.query_one(Listing).rows = tuple(group_rows(words, face))
        least = face.item.rules.least_group
        self.query_one("#common", Words).say(words("seat.groups_least", least=least if least is not None else 0))


def manual_parts(words: Catalogue, face: Result) -> Parts:
    """Return that the result was counted by hand, and why; nothing where ballots were cast."""
    if not face.figures.manual:
        return ()
    return ("   ", (f" {words('seat.manual')} ", "bold $chip-text on $warning"), (f"  {face.figures.manual}", "$dim"))


def aside_of(words: Catalogue, face: Result, figures: TargetFigures) -> Parts:
    """Return what stands beside the measure: its name and band, whether it passes, and who gave what."""
    rules = scale_of(face.item)
    parts: list[str | tuple[str, str]] = [(words(f"seat.measure_{rules.measure}"), "bold"), "\n"]
    if figures.measure is None:
        parts += ["\n", (words("seat.too_few", least=rules.least_scores), "bold $warning"), "\n"]
    elif figures.band:
        parts += ["\n", (f" {figures.band} ", "bold $chip-text on $accent"), "\n"]
    if figures.passed is not None and rules.pass_mark is not None:
        mark = words("seat.pass_mark_met" if figures.passed else "seat.pass_mark_missed", mark=rules.pass_mark)
        parts += [(mark, "$ok" if figures.passed else "bold $warning"), "\n"]
    counts = words(
        "seat.result_counts", scores=figures.scores, abstentions=figures.abstentions, not_voted=figures.not_voted
    )
    invalid = f"\n{words('seat.invalid_count', count=face.figures.invalid)}" if face.figures.invalid else ""
    return (*parts, "\n", (counts + invalid, "$dim"))


def needed_parts(words: Catalogue, figures: ChoiceFigures) -> Parts:
    """Return the outcome in full, how many were needed, and out of which number."""
    needed = words("seat.needed", needed=figures.needed, base=figures.base)
    return ((words(f"choices.{figures.outcome}"), "bold"), (f"   {needed}", "$dim"))


def option_bars(words: Catalogue, figures: ChoiceFigures) -> Iterator[Bar]:
    """Yield a bar for each option; those that lead to the outcome are in the accent."""
    graded = {Outcome.SATISFIED: 1, Outcome.BASICALLY_SATISFIED: 2, Outcome.NOT_SATISFIED: 3}
    leading = graded.get(figures.outcome, 1)
    for place, one in enumerate(figures.counts):
        highlighted = place < leading and one.option is not Option.ABSTAIN
        yield Bar(words(f"choices.{one.option}"), one.count, highlighted)


def rest_bars(words: Catalogue, face: Result, figures: ChoiceFigures) -> Iterator[Bar]:
    """Yield a bar for those who chose nothing, and where there are any for invalid ballots and the recused."""
    yield Bar(words("seat.not_voted"), figures.not_voted)
    if face.figures.invalid:
        yield Bar(words("seat.invalid"), face.figures.invalid)
    if face.figures.recused:
        yield Bar(words("seat.recused_count"), face.figures.recused)


def common_parts(words: Catalogue, face: Result) -> Parts:
    """Return what is common to all rows of a table: of a selection its places, abstentions and what was needed."""
    selection, figures = face.figures.selection, face.figures
    invalid = (f"  {words('seat.invalid_count', count=figures.invalid)}",) if figures.invalid else ()
    if selection is None:
        return (words("seat.received_of", received=figures.received, present=figures.present), *invalid)
    counts = words("seat.selection_counts", abstentions=selection.abstentions, not_voted=selection.not_voted)
    needed = words("seat.needed", needed=selection.needed, base=selection.base)
    places = words("seat.selection_places", places=selection.places, winners=len(selection.winners))
    tied: Parts = ()
    if selection.tied:
        left = selection.places - len(selection.winners)
        tied = ((words("seat.selection_tied", count=len(selection.tied), left=left), "bold $warning"), "\n")
    return (*tied, f"{places}  {needed}  {counts}", *invalid)


def own_parts(words: Catalogue, face: Result) -> Parts:
    """Return how the own ballot stands to the result."""
    late: Parts = ((words("seat.result_late"), "bold $warning"), "\n") if face.late else ()
    if face.unsent is not None:
        typed = unsent_words(face.unsent, words, discreet=face.frame.discreet or is_secret(face.item))
        late = (*late, (typed, "bold $warning"), "\n")
    if face.missed:
        return (*late, (words("seat.result_missed"), "bold $warning"))
    if face.figures.manual:
        return (*late, (words("seat.result_manual"), "$dim"))
    if face.ballot is None:
        return (*late, (words("seat.result_elsewhere" if face.elsewhere else "seat.result_none"), "$dim"))
    code = (f"  {words('seat.code_title')} {face.ballot.code}", "$dim")
    if face.ballot.sealed:
        return (*late, (words("seat.result_own_sealed"), "bold $ok"), code)
    if face.frame.discreet or (len(face.targets) > 1 and face.figures.selection is None):
        return (*late, words("seat.result_own_sheet"), code)
    own = ballot_words(face.ballot.answers, face.item, face.targets, words)
    label = words("seat.result_own" if face.figures.targets else "seat.result_own_choice")
    return (*late, label, (own, "bold $ok"), code)
