"""One target to score: what is typed, large, its band, and the problems beside it."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import fault_of, quick_values, score_of
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.papers import Papers
from pingyi_terminal.seat.parts import FittingFigure, RoundHead, Scroll, Words
from pingyi_terminal.seat.screen import HIGH, WIDE, SeatScreen
from pingyi_terminal.seat.wordings import GAP, ballot_words, fault_words, points, refusal_words, span_of
from pingyi_terminal.widgets import ActionBlock, QuickValues, ScoreRuler, band_of, plain_number

MOST_FIGURES = 5


class ScoreScreen(SeatScreen[Filling]):
    """Paints a ballot of one target while it is filled in."""

    CSS_PATH = "score.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield head, figure and problems, ruler, quick values and the gold block."""
        rules = self.face.form.scale
        yield RoundHead(self.words)
        with Horizontal(id="middle"):
            with Horizontal(id="figure", classes="panel -accent"):
                yield FittingFigure(id="score")
                yield Words(id="aside")
            with Vertical(id="papers"):
                with Horizontal(id="papers-head"):
                    yield Words(id="papers-title", classes="heading")
                    yield Words(id="papers-count", classes="heading")
                with Scroll():
                    yield Papers()
        yield ScoreRuler(rules)
        with Horizontal(id="bottom"):
            yield QuickValues(quick_values(rules))
            yield ActionBlock()

    def paint_face(self, words: Catalogue, face: Filling) -> None:
        """Show what is typed."""
        rules, entry, hidden = face.form.scale, face.draft.entry, face.frame.discreet
        score, fault = score_of(entry, rules), fault_of(entry, rules)
        self.query_one(RoundHead).show(words, face.head, face.item, *task_of(words, face))
        figure = self.query_one("#score", FittingFigure)
        figure.colour = "warning" if fault else "accent" if entry.text else "rule"
        figure.text = entry.text[:MOST_FIGURES] or "--"
        figure.hidden = hidden
        self.query_one("#aside", Words).say(*aside_of(words, face))
        self.query_one("#papers-title", Words).say(words("seat.problems"))
        self.query_one("#papers-count", Words).say(words("seat.problem_count", count=len(face.problems[0])))
        papers = self.query_one(Papers)
        papers.words, papers.problems = words, face.problems[0]
        papers.brief = self.size.width < WIDE or self.size.height < HIGH
        ruler = self.query_one(ScoreRuler)
        ruler.rules, ruler.value, ruler.hidden = rules, score, hidden
        self.query_one(QuickValues).values = quick_values(rules)
        block = self.query_one(ActionBlock)
        block.state = "faint" if score is None else "normal"
        shown = words("seat.hidden") if hidden else points(score, words)
        ask = words("seat.retype" if fault else "seat.type_first")
        block.label = ask if score is None else words("seat.confirm", score=shown)


def task_of(words: Catalogue, face: Filling) -> tuple[str | tuple[str, str], ...]:
    """Return what to do: score this target; under it what was refused, or what is on the record already."""
    before, after = words("seat.score_target", target=GAP).split(GAP)
    task: list[str | tuple[str, str]] = [before, (face.targets[0].name, "bold"), after]
    if face.complaint is not None:
        task += ["\n", (refusal_words(face.complaint, words), "bold $warning")]
    elif face.earlier is not None and not (face.frame.discreet or face.earlier.sealed):
        earlier = ballot_words(face.earlier.answers, face.item, face.targets, words)
        task += ["\n", (words("seat.changing", score=earlier), "$ok")]
    elif face.draft.changing:
        task += ["\n", (words("seat.changing_unknown"), "$ok")]
    return tuple(task)


def aside_of(words: Catalogue, face: Filling) -> tuple[str | tuple[str, str], ...]:
    """Return what stands beside the figure: the band it falls in, or why it is no score."""
    rules, entry = face.form.scale, face.draft.entry
    parts: list[str | tuple[str, str]] = [(words("seat.your_score"), "bold"), "\n\n"]
    score, fault = score_of(entry, rules), fault_words(entry, rules, words)
    band = band_of(rules, score) if score is not None and not face.frame.discreet else None
    if fault:
        parts += [(fault, "bold $warning")]
    elif band is not None:
        parts += [(f" {band.name} ", "bold $chip-text on $accent"), "\n", (span_of(band, rules, words), "$dim"), "\n\n"]
    if not fault:
        least, greatest = plain_number(rules.lowest), plain_number(rules.highest)
        parts += [(words("seat.range", lowest=least, highest=greatest), "$dim")]
    return tuple(parts)
