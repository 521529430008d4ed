"""The result of one target: its measure, its band, how the scores lie, and how the figure came about."""

from types import MappingProxyType

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from pingyi_protocol.meeting.definition import Band, MeasureKind, Opens, ScoreRules, Secrecy
from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Result
from pingyi_terminal.hall.faces.count import set_size
from pingyi_terminal.hall.faces.parts import Facts, Headline, Line, WordBlock, Words, full_name, remarks, score_rules
from pingyi_terminal.hall.fitting import Room, measure_sizes
from pingyi_terminal.widgets import BandBars, Bar, BigFigure, BigText, Distribution, plain_number

LARGE_WORD_ROWS = 34
"""Rows of a wall with room for a large word in place of the charts."""


def range_words(rules: ScoreRules, band: Band, words: Catalogue) -> str:
    """Say which values lie in ``band``."""
    place = rules.bands.index(band)
    least = plain_number(band.least)
    if place == 0:
        return words("hall.range_top", least=least)
    upper = plain_number(rules.bands[place - 1].least)
    if band.least <= rules.lowest:
        return words("hall.range_bottom", upper=upper)
    return words("hall.range_middle", least=least, upper=upper)


def measure_words(rules: ScoreRules, figures: TargetFigures, words: Catalogue) -> str:
    """Name the measure, a trimmed mean with what it drops."""
    return words(f"hall.measure_{rules.measure}", dropped=figures.dropped)


def rounding_words(rules: ScoreRules, words: Catalogue) -> str:
    """Say how published figures are rounded."""
    return words("hall.rounded" if rules.decimals else "hall.rounded_whole", decimals=rules.decimals)


def sum_words(rules: ScoreRules, figures: TargetFigures, words: Catalogue) -> str:
    """Say how the measure comes from the sum and the number of scores, or why there is none."""
    if figures.measure is None:
        return words("hall.too_few_why", scores=figures.scores, least=rules.least_scores)
    rounding = rounding_words(rules, words)
    left = figures.scores - 2 * figures.dropped if rules.measure is MeasureKind.TRIMMED_MEAN else figures.scores
    total = plain_number(figures.total)
    return words(f"hall.sum_{rules.measure}", total=total, scores=figures.scores, left=left, rounding=rounding)


def announced_words(announced: bool, at: str, words: Catalogue) -> tuple[Words, ...]:
    """Say that the chair has not announced yet, or when it was."""
    if not announced:
        return (Words(words("hall.awaiting"), "warning", bold=True),)
    return (Words(words("hall.announced_at", time=at)),) if at else ()


class ResultFace(Vertical):
    """Shows ``Result``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        with Vertical(classes="body"):
            yield Headline(id="result-name")
            yield Line(id="result-labels")
            with Horizontal(id="result-figures"):
                yield BigFigure("", "XL", "accent", id="measure")
                with Vertical(id="too-few"):
                    yield BigText("", "warning")
                    yield Line()
                yield WordBlock(id="band")
            with Vertical(id="sum-only"):
                yield BigText("", "info", id="sum-secret")
                yield Line(id="sum-means")
            with Horizontal(id="charts"):
                with Vertical(id="bands"):
                    yield Line(id="bands-label")
                    yield BandBars(id="bars")
                with Vertical(id="values"):
                    yield Line(id="values-label")
                    yield Distribution(ScoreRules(), MappingProxyType({}), id="distribution")
        with Vertical(id="result-foot", classes="foot"):
            yield Facts()
            yield Line(id="result-sum")

    def show(self, face: Result, words: Catalogue, room: Room, at: str) -> None:
        """Show the figures; ``at`` is when they were announced, "" when that is not known."""
        rules, figures = score_rules(face.item), face.figures
        names = (face.target.name, face.target.short_name)
        self.query_one(Headline).names = names
        labels = self.query_one("#result-labels", Line)
        aside = remarks(face.item, face.round, face.manual, words)
        labels.left = (Words(measure_words(rules, figures, words), bold=True), *aside)
        labels.middle = full_name(names, room.columns)
        page = words("hall.page_of_targets", page=face.page, pages=face.pages) if face.pages > 1 else ""
        labels.right = (Words(page, bold=True),) if page else ()
        self.show_measure(face, words, room)
        self.show_charts(rules, figures, words)
        self.show_sum(rules, figures, words, room)
        invalid = ((words("hall.invalid"), face.invalid),) if face.invalid else ()
        recused = ((words("hall.recused"), face.recused),) if face.recused else ()
        self.query_one(Facts).facts = (
            (words("hall.scored"), figures.scores),
            (words("hall.abstained"), figures.abstentions),
            *invalid,
            (words("hall.not_voted"), figures.not_voted),
            *recused,
            (words("hall.present"), face.present),
        )
        foot = self.query_one("#result-sum", Line)
        passed = (
            Words(words(f"hall.pass_mark_{'met' if figures.passed else 'missed'}", mark=rules.pass_mark), bold=True),
        )
        summed = () if figures.measure is None else (Words(sum_words(rules, figures, words)),)
        foot.left = (*summed, *(passed if figures.passed is not None else ()))
        foot.right = announced_words(face.announced, at, words)

    def show_measure(self, face: Result, words: Catalogue, room: Room) -> None:
        """Show the measure as large as the block of its band allows."""
        rules, figures = score_rules(face.item), face.figures
        band = next((band for band in rules.bands if band.name == figures.band), None)
        measure = "" if figures.measure is None else str(figures.measure)
        sizes = measure_sizes(measure, band.name if band else "", room.columns, 7 if room.compact else 10)
        figure = self.query_one("#measure", BigFigure)
        set_size(figure, sizes.measure)
        figure.text = measure
        figure.display = bool(measure)
        few = self.query_one("#too-few")
        few.display = not measure
        few.query_one(BigText).text = words("hall.too_few")
        few.query_one(Line).middle = () if measure else (Words(sum_words(rules, figures, words), bold=True),)
        block = self.query_one("#band", WordBlock)
        block.display = sizes.block > 0
        block.styles.width = sizes.block
        if band is not None:
            block.word, block.note = band.name, range_words(rules, band, words)

    def show_sum(self, rules: ScoreRules, figures: TargetFigures, words: Catalogue, room: Room) -> None:
        """Where only the sum of secret scores was opened, say so in place of the charts."""
        alone = rules.secrecy is Secrecy.SECRET and rules.opens is Opens.SUM and figures.measure is not None
        self.query_one("#sum-only").display = alone
        self.query_one("#charts").display = not alone
        secret = self.query_one("#sum-secret", BigText)
        # the header says it too
        secret.text, secret.display = words("sealed.wall_secret"), room.rows >= LARGE_WORD_ROWS
        self.query_one("#sum-means", Line).middle = (Words(words("sealed.wall_sum_only"), bold=True),)

    def show_charts(self, rules: ScoreRules, figures: TargetFigures, words: Catalogue) -> None:
        """Show the scores by band and by value; too few scores are not drawn."""
        self.query_one("#charts").visible = figures.measure is not None
        self.query_one("#bands").display = bool(figures.bands)
        self.query_one("#bands-label", Line).left = (Words(words("hall.by_band"), bold=True),)
        self.query_one("#values-label", Line).left = (Words(words("hall.by_value"), bold=True),)
        bars = self.query_one(BandBars)
        bars.whole = figures.scores
        bars.bars = tuple(Bar(one.band, one.count, one.band == figures.band) for one in figures.bands)
        values = self.query_one(Distribution)
        values.rules = rules
        values.counts = {one.value: one.count for one in figures.values}
        values.band = next((band for band in rules.bands if band.name == figures.band), None)
