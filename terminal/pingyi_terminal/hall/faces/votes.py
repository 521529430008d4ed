"""Votes as a table: a rating of several targets, the candidates of a selection, the figures of review groups."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.meeting.definition import Option, ScoreRules
from pingyi_protocol.meeting.figures import GroupFigures, OptionCount, RoundFigures
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Grouped, Selected, VoteSheet
from pingyi_terminal.hall.faces.parts import Facts, Headline, Line, Words, remarks, turnout
from pingyi_terminal.hall.faces.result import announced_words
from pingyi_terminal.hall.faces.table import Table, TableContent, TableLine
from pingyi_terminal.hall.fitting import Room

WITHHELD = "*"


class VotesFace(Vertical):
    """Shows ``VoteSheet``, ``Selected`` and ``Grouped``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        with Vertical(classes="body"):
            yield Headline(id="votes-name")
            yield Line(id="votes-labels")
            yield Table(id="votes-table")
        with Vertical(id="votes-foot", classes="foot"):
            yield Facts()
            yield Line(id="votes-line")

    def show(self, face: VoteSheet | Selected | Grouped, words: Catalogue, room: Room, at: str) -> None:
        """Show the table; ``at`` as on the result's own face."""
        whole = face.whole
        headline = self.query_one(Headline)
        headline.names = (face.item.title,)
        headline.set_class(room.compact, "-low")
        labels = self.query_one("#votes-labels", Line)
        labels.left = remarks(face.item, face.round, whole.manual, words)
        labels.right = ()
        match face:
            case VoteSheet():
                content, note = vote_sheet(face, words), words("hall.needed_each", needed=face.lines[0][1].needed)
            case Selected():
                content, note = selection(face, words), selection_words(face, words)
                if face.pages > 1:
                    labels.right = (Words(words("hall.page", page=face.page, pages=face.pages), bold=True),)
            case Grouped():
                content, note = groups(face, words), words("hall.groups_note", least=face.item.rules.least_group)
        self.query_one(Table).content = content
        not_voted = whole.present - whole.received - whole.recused
        self.query_one(Facts).facts = turnout(whole, not_voted, words)
        foot = self.query_one("#votes-line", Line)
        foot.left = (Words(note),)
        foot.right = announced_words(face.announced, at, words)


def vote_cells(figures: RoundFigures, words: Catalogue) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the headings over the votes of each target, and the votes by target."""
    if figures.selection is not None:
        return (words("hall.votes"),), {one.target: (str(one.votes),) for one in figures.selection.candidates}
    options = figures.choices[0].counts if figures.choices else ()
    cells = {one.target: tuple(str(count.count) for count in one.counts) for one in figures.choices}
    return tuple(words(f"choices.short_{one.option}") for one in options), cells


def vote_sheet(face: VoteSheet, words: Catalogue) -> TableContent:
    """Each target with its outcome and how often each option was chosen."""
    headings, cells = vote_cells(face.whole, words)
    lines = (
        TableLine(target.name, target.short_name, (words(f"choices.short_{one.outcome}"), *cells[target.id]))
        for target, one in face.lines
    )
    return TableContent((words("hall.outcome"), *headings), tuple(lines))


def selection(face: Selected, words: Catalogue) -> TableContent:
    """Each candidate with its votes, and whether it has a place."""
    states = dict.fromkeys(face.figures.winners, "selected") | dict.fromkeys(face.figures.tied, "tied")
    lines = (
        TableLine(
            target.name,
            target.short_name,
            (str(votes), words(f"choices.{states[target.id]}") if target.id in states else ""),
        )
        for target, votes in face.lines
    )
    return TableContent((words("hall.votes"), words("hall.outcome")), tuple(lines), numbered=False)


def selection_words(face: Selected, words: Catalogue) -> str:
    """Say how many places there were, what a winner needs, and that those tied are voted on again."""
    found = face.figures
    key = "hall.selection_tied" if found.tied else "hall.selection"
    return words(key, places=found.places, winners=len(found.winners), needed=found.needed, tied=len(found.tied))


def groups(face: Grouped, words: Catalogue) -> TableContent:
    """One target: a line for each group; several: a line for each target and a column for each group."""
    found = face.whole.groups
    if len(face.targets) <= 1:
        lines = (TableLine(one.group, "", (group_cell(one, 0, face, words), str(one.received))) for one in found)
        return TableContent((words("hall.outcome"), words("hall.cast")), tuple(lines), numbered=False)
    rows = (
        TableLine(target.name, target.short_name, tuple(group_cell(one, place, face, words) for one in found))
        for place, target in enumerate(face.targets)
    )
    return TableContent(tuple(one.group for one in found), tuple(rows))


def group_cell(one: GroupFigures, place: int, face: Grouped, words: Catalogue) -> str:
    """Return what a group gave the target in this place: its measure, or the counts of each option."""
    if isinstance(face.item.rules, ScoreRules):
        figures = one.targets[place]
        if figures.scores is None:
            return WITHHELD
        return words("hall.no_result") if figures.measure is None else str(figures.measure)
    counts = one.choices[place].counts
    return WITHHELD if counts is None else counts_text(counts)


def counts_text(counts: tuple[OptionCount, ...]) -> str:
    """Return counts as halls write them, 28/1/0, abstentions last where there are any."""
    shown = [one for one in counts if one.option is not Option.ABSTAIN or one.count]
    return "/".join(str(one.count) for one in shown)
