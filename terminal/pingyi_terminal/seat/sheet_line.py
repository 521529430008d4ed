"""One row of a sheet's table: name, entry, options and track, as far as the row and the sheet have them."""

from decimal import Decimal
from fractions import Fraction

from rich.cells import cell_len

from pingyi_protocol.meeting.ballots import scores_of
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.definition import Option
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage, answered, fault_of, score_of, whole_of
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.sheet_rows import BAND, EARLIER, NUMBER, SCORE, Columns, SheetRow
from pingyi_terminal.widgets import Painting, band_of, plain_number
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row, clipped, fit

ALL = Decimal(100)


class SheetLine:
    """Paints one row of the table on ``row``, in the inks of ``table``."""

    def __init__(self, table: Painting, row: Row, columns: Columns, words: Catalogue, sheet: Filling) -> None:
        self.ink = table.ink
        self.row = row
        self.columns = columns
        self.words = words
        self.sheet = sheet
        self.ground = "background"
        self.hidden = sheet.frame.discreet
        self.filling = sheet.draft.stage is Stage.FILLING

    def paint(self, one: SheetRow, *, striped: bool) -> None:
        """Draw the whole line."""
        row, sheet, columns = self.row, self.sheet, self.columns
        current = self.filling and one.holds(sheet.draft.row)
        self.ground = "raised" if current else "panel" if striped else "background"
        row.put(0, " " * row.width, self.ink("foreground", self.ground))
        if current:
            row.put(0, "▌", self.ink("accent", self.ground))
        row.put_right(NUMBER - 1, one.number, self.ink("dim", self.ground))
        self.paint_name(one, current=current)
        if one.score is not None:
            self.paint_score(one.score)
        if one.whole:
            self.paint_whole(one.whole)
        if one.choice is not None:
            self.paint_choice(one.choice)
        if columns.end > columns.track:
            self.paint_track(one)

    def paint_name(self, one: SheetRow, *, current: bool) -> None:
        """Draw the name, the short one where the full one has no room, and a criterion's weight."""
        begin = NUMBER + (1 if one.number else 3)
        if self.sheet.form.selects:
            begin = self.columns.options[0][2] + 2
        end = self.columns.earlier - 1
        lines = [line for line in (one.score, one.choice) if line is not None]
        missing = any(not answered(self.sheet.draft, self.sheet.form, line) for line in lines)
        room = end - begin - (cell_len(one.weight) + 1 if one.weight else 0)
        name = one.short if one.short and cell_len(one.name) > room else one.name
        bold = current or missing or bool(one.whole)
        self.row.put(begin, clipped(name, room), self.ink("foreground", self.ground, bold=bold))
        if one.weight:
            self.row.put_right(end, one.weight, self.ink("dim", self.ground))

    def paint_score(self, line: int) -> None:
        """Draw the earlier score, the one that is typed, and its band."""
        entry, rules = self.sheet.draft.entries[line], self.sheet.form.scale
        readable = self.sheet.earlier is not None and not (self.sheet.earlier.sealed or self.hidden)
        before = self.sheet.earlier.answers[line] if self.sheet.earlier and readable else None
        if before is not None and not isinstance(before, Choice):
            shown = self.words("seat.abstained") if before.score is None else plain_number(before.score)
            self.row.put_right(self.columns.earlier + EARLIER - 2, shown, self.ink("dim", self.ground))
        value = score_of(entry, rules)
        band = band_of(rules, value) if value is not None and not self.hidden else None
        if band is not None and self.columns.shows_band:
            self.row.put(self.columns.band + 1, clipped(band.name, BAND - 1), self.ink("foreground", self.ground))
        self.paint_entry(line)

    def paint_entry(self, line: int) -> None:
        """Draw what is typed: in a gold field where the next digit goes, orange where it is no score or missing."""
        entry, draft, begin = self.sheet.draft.entries[line], self.sheet.draft, self.columns.score
        text = self.words("seat.abstained") if entry.abstains else entry.text
        if self.hidden and text:
            text = HATCH * 3
        if line == draft.row and self.filling:
            wrong = fault_of(entry, self.sheet.form.scale) is not None
            shown = fit(text or self.words("seat.please_type"), SCORE - 2, "center")
            self.row.put(begin + 1, shown, self.ink("chip-text", "warning" if wrong else "accent", bold=True))
        elif not answered(draft, self.sheet.form, line):
            self.missing(begin + 1, text or self.words("seat.not_filled"), SCORE - 4)
        else:
            self.row.put(begin + 1, fit(text, SCORE - 2, "center"), self.ink("accent", self.ground, bold=True))

    def paint_whole(self, target: str) -> None:
        """Draw what the criteria of a target amount to so far, and its band or how much of the weight is in it."""
        whole, weight = whole_of(self.sheet.draft, self.sheet.form, target)
        if not weight:
            return
        done = weight == ALL
        shown = HATCH * 3 if self.hidden else plain_number(whole)
        ink = self.ink("accent" if done else "dim", self.ground, bold=done)
        self.row.put(self.columns.score + 1, fit(shown, SCORE - 2, "center"), ink)
        band = band_of(self.sheet.form.scale, whole) if done and not self.hidden else None
        said = band.name if band else "" if done else self.words("seat.weight_so_far", weight=plain_number(weight))
        if self.columns.shows_band:
            tone = self.ink("foreground" if done else "dim", self.ground)
            self.row.put(self.columns.band + 1, clipped(said, BAND - 1), tone)

    def paint_choice(self, line: int) -> None:
        """Draw the options: the chosen one filled, a white tick at the earlier one, and a word where none is chosen."""
        sheet, entry = self.sheet, self.sheet.draft.entries[line]
        current = self.filling and line == sheet.draft.row
        before = self.earlier_choice(line)
        if not answered(sheet.draft, sheet.form, line):
            if current:
                word = f" {self.words('seat.please_choose')} "
                self.row.put(self.columns.state + 1, word, self.ink("chip-text", "accent", bold=True))
            else:
                self.missing(self.columns.state + 1, self.words("seat.not_filled"), self.columns.end)
        elif self.hidden and entry.option is not None and not sheet.form.selects:
            self.row.put(self.columns.state + 1, HATCH * 3, self.ink("dim", self.ground))
        for option, begin, end in self.columns.options:
            label = fit(self.words(f"seat.short_{option}"), end - begin, "center")
            now = entry.option is option and not self.hidden
            if sheet.form.selects:
                self.paint_tick(begin, label, now=now, hidden=self.hidden)
            elif now:
                self.row.put(begin, label, self.ink("chip-text", "accent", bold=True))
            else:
                self.row.put(begin, label, self.ink("foreground" if current else "dim", self.ground))
            if option is before:
                self.row.put(begin - 1, "┃", self.ink("foreground", self.ground))

    def paint_tick(self, begin: int, label: str, *, now: bool, hidden: bool) -> None:
        """Draw the field of a candidate: filled with the word where it is chosen, else empty."""
        inner = cell_len(label) - 2
        if now:
            self.row.put(begin, label, self.ink("chip-text", "accent", bold=True))
        else:
            self.row.put(begin, f"[{(HATCH if hidden else ' ') * inner}]", self.ink("dim", self.ground))

    def earlier_choice(self, line: int) -> Option | None:
        """Return what the ballot on the record chose on this line."""
        if self.sheet.earlier is None or self.hidden:
            return None
        target = self.sheet.form.lines[line].target
        answers = (answer for answer in self.sheet.earlier.answers if isinstance(answer, Choice))
        return next((answer.option for answer in answers if answer.target == target), None)

    def missing(self, column: int, text: str, width: int) -> None:
        """Draw the word for what is missing, with its mark."""
        self.row.put(column, "▌", self.ink("warning", self.ground))
        self.row.put(column + 2, clipped(text, width), self.ink("warning", self.ground, bold=True))

    def paint_track(self, one: SheetRow) -> None:
        """Draw the score on a scale, and the earlier one as a white tick."""
        if one.score is None and not one.whole:
            return
        begin, width, rules = self.columns.track + 1, self.columns.end - self.columns.track - 1, self.sheet.form.scale

        def column(score: Decimal) -> int:
            return round(Fraction(score - rules.lowest) / Fraction(rules.highest - rules.lowest) * (width - 1))

        self.row.put(begin, "─" * width, self.ink("rule", self.ground))
        value, before = self.value_of(one), self.earlier_value(one)
        if value is not None and not self.hidden:
            self.row.put(begin, "━" * (column(value) + 1), self.ink("accent", self.ground))
        if before is not None:
            self.row.put(begin + column(before), "┃", self.ink("foreground", self.ground))

    def value_of(self, one: SheetRow) -> Decimal | None:
        """Return the score of a row; of a target with criteria once all of them are scored."""
        if one.score is not None:
            return score_of(self.sheet.draft.entries[one.score], self.sheet.form.scale)
        whole, weight = whole_of(self.sheet.draft, self.sheet.form, one.whole)
        return whole if weight == ALL else None

    def earlier_value(self, one: SheetRow) -> Decimal | None:
        """Return the score of a row in the ballot on the record."""
        if self.sheet.earlier is None or self.hidden:
            return None
        line = self.sheet.form.lines[one.score] if one.score is not None else None
        wanted = (line.target, line.criterion) if line else (one.whole, "")
        return dict(scores_of(self.sheet.item, self.sheet.earlier.answers)).get(wanted)
