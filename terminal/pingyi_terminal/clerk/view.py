"""From the meeting as the clerk's console sees it to everything that its screen shows. Pure."""

from dataclasses import dataclass
from datetime import datetime

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.choices import short_name
from pingyi_terminal.clerk.acts import DANGEROUS, KEYS, Act, named, possible
from pingyi_terminal.clerk.composite import beside, composites
from pingyi_terminal.clerk.exporting import exports
from pingyi_terminal.clerk.health import tiles_of
from pingyi_terminal.clerk.secret import secret_rounds
from pingyi_terminal.clerk.situation import Line, Machine, Outcome, Page, Presence, Situation
from pingyi_terminal.clerk.table import Cell, Column, Tile
from pingyi_terminal.clerk.told import deed
from pingyi_terminal.sealed import has_secret, sealed_round, secret_rules, stage_words
from pingyi_terminal.widgets import Hint, Piece, link_piece
from pingyi_terminal.widgets.keys import ActionState

MOST_CALLS = 4
"""Calls that are named beside the list; the others are counted."""

MACHINE_INKS = {Machine.ONLINE: "ok", Machine.ISSUED: "info", Machine.WAITS: "warning", Machine.LOST: "warning"}
OTHERS = ("move", "seek", "enter", "turn", "escape", "language", "leave")
"""What the help page names besides the acts."""

LONGEST_NAME, LONGEST_ROLE = 26, 12
"""Cells that names and roles of the roster have at the most."""

SILENT = frozenset({Link.LOST, Link.CONNECTING})


@dataclass(frozen=True, slots=True)
class SideLine:
    """One line beside the list, in a theme colour."""

    text: str
    colour: str = "foreground"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The gold block: its key, what is written on it, and what that costs."""

    key: str
    chip: str
    label: str
    detail: str
    state: ActionState


@dataclass(frozen=True, slots=True)
class ClerkView:
    """All that the screen shows. ``progress`` is how much of how much of an export is done, None for none under way."""

    title: str
    note: str
    pieces: tuple[Piece, ...]
    shout: str
    tiles: tuple[Tile, ...]
    pages: tuple[str, ...]
    page: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cursor: int
    under: str
    about: tuple[SideLine, ...]
    calls: tuple[SideLine, ...]
    acts: tuple[Hint, ...]
    progress: tuple[int, int] | None
    step: Step
    said: str
    loud: bool
    hints: tuple[Hint, ...]


def waiting_view(words: Catalogue, link: Link, now: datetime) -> ClerkView:
    """Return what is shown before the server was heard."""
    said = words("clerk.revoked") if link is Link.REVOKED else words("clerk.connecting")
    step = Step("enter", "Enter", words("clerk.nothing"), "", "faint")
    pieces = (Piece(now.strftime("%H:%M:%S")), link_piece(words, online=False))
    hints = last_hints(words)
    return ClerkView(
        "", "", pieces, "", (), (), 0, (), (), 0, "", (), (), (), None, step, said, link is Link.REVOKED, hints
    )


def clerk_view(words: Catalogue, situation: Situation, now: datetime, *, wide: bool) -> ClerkView:
    """Return what is shown; ``wide`` where there is room for more columns and the side."""
    meeting, draft = situation.definition.meeting, situation.draft
    columns, rows, cursor, under = listed(words, situation, wide=wide)
    said, loud = said_last(words, situation)
    one = situation.desk.exporting if situation.desk is not None else None
    running = one is not None and not one.finished and not one.fault
    return ClerkView(
        title=f"{meeting.name} {meeting.session}".strip(),
        note=words("widgets.simulated") if meeting.simulated else "",
        pieces=pieces_of(words, situation, now),
        shout=draft.alarm.words(words.language) if draft.alarm is not None else "",
        tiles=tiles_of(words, situation),
        pages=tuple(words(f"clerk.page_{page}") for page in situation.pages),
        page=situation.pages.index(draft.page),
        columns=columns,
        rows=rows,
        cursor=cursor,
        under=under,
        about=about(words, situation),
        calls=calls(words, situation),
        acts=acts_of(words, situation),
        progress=(one.done, one.total) if one is not None and running else None,
        step=step_of(words, situation),
        said=said,
        loud=loud,
        hints=hints_of(words, situation, wide=wide),
    )


def pieces_of(words: Catalogue, situation: Situation, now: datetime) -> tuple[Piece, ...]:
    """Return what stands at the right of the first row."""
    live, calls = situation.live, len(situation.calling)
    item = situation.definition.item(live.item) if live is not None else None
    open_item = (Piece(words("clerk.open_item", item=item.id)),) if item is not None else ()
    called = (Piece(words("clerk.calls", count=calls), "calling", filled=True),) if calls else ()
    up = link_piece(words, online=situation.link is Link.UP)
    return (*called, *open_item, Piece(now.strftime("%H:%M:%S")), up)


def listed(
    words: Catalogue, situation: Situation, *, wide: bool
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...], int, str]:
    """Return columns, rows, the cursor's row, and the line under them."""
    match situation.draft.page:
        case Page.ROSTER:
            return roster(words, situation, wide=wide)
        case Page.AGENDA:
            return agenda(words, situation)
        case Page.COMPOSITE:
            return composites(words, situation)
        case Page.SEALED:
            return secret_rounds(words, situation)
        case _:
            return exports(words, situation)


def roster(
    words: Catalogue, situation: Situation, *, wide: bool
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...], int, str]:
    """Return the people and their terminals."""
    people = (("seat", 6), ("number", 6), ("name", 12), ("role", 10 if wide else 8))
    names = (*people, ("presence", 6), ("machine", 9), ("remark", 0))
    most = {"name": LONGEST_NAME, "role": LONGEST_ROLE}
    columns = tuple(Column(words(f"clerk.column_{name}"), width, most.get(name, 0)) for name, width in names)
    found, line = situation.found, situation.line
    rows = tuple(row_of(words, one) for one in found)
    cursor = found.index(line) if line is not None else 0
    sought = situation.draft.sought
    members = [one.presence for one in situation.lines if one.who.role is Role.MEMBER]
    under = words("clerk.all", here=members.count(Presence.PRESENT), members=len(members))
    if sought:
        under = words("clerk.found", shown=len(found), whole=len(situation.lines), sought=sought)
    return columns, rows, cursor, under


def row_of(words: Catalogue, line: Line) -> tuple[Cell, ...]:
    """Return one line of the roster."""
    away = line.presence not in (Presence.PRESENT, Presence.NONE)
    quiet = "dim" if away else "foreground"
    present = words(f"clerk.presence_{line.presence}")
    lost = line.machine is Machine.LOST and line.presence is Presence.PRESENT
    machine = Cell(words(f"clerk.machine_{line.machine}"), MACHINE_INKS.get(line.machine, "dim"), bold=lost)
    if line.machine is Machine.LOST and not lost:
        machine = Cell(words("clerk.machine_off"), "dim")
    role = "" if line.who.role is Role.MEMBER else words(f"clerk.role_{line.who.role}")
    name = Cell(line.name or words("clerk.display"), quiet, bold=not away)
    return (
        Cell(line.seat, quiet),
        Cell(line.number, "dim"),
        name,
        Cell(role, "dim"),
        Cell(present, quiet),
        machine,
        remark(words, line),
    )


def remark(words: Catalogue, line: Line) -> Cell:
    """Return what else there is to say of a line, the loudest first."""
    if line.calling:
        return Cell(words("clerk.remark_calling"), "chip-text", bold=True, on="calling")
    if line.waits:
        return Cell(words("clerk.remark_waits"), "warning")
    if line.enrolled and line.coded:
        return Cell(words("clerk.remark_coded"), "info")
    if line.recused:
        return Cell(words("clerk.remark_recused"), "dim")
    if line.voted is not None:
        return Cell(
            words("clerk.remark_voted" if line.voted else "clerk.remark_not_voted"),
            "dim" if line.voted else "foreground",
        )
    return Cell(words("clerk.remark_namesake"), "dim") if line.namesake else Cell("")


def agenda(words: Catalogue, situation: Situation) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...], int, str]:
    """Return the items in the order that is shown."""
    # how far an opening is takes more room than a phase
    wide = 16 if has_secret(situation.definition) else 10
    names = (("item", 6), ("title", 0), ("kind", 10), ("phase", wide), ("round", 6))
    columns = tuple(Column(words(f"clerk.column_{name}"), width) for name, width in names)
    rows = []
    for item in situation.agenda:
        status = situation.picture.status(item.id)
        sealed = sealed_round(situation.picture, item.id)
        phase = words(f"clerk.phase_{status.phase}")
        phase = phase if sealed is None else stage_words(words, situation.definition, sealed)
        number = str(status.round) if status.round else ""
        kind = words(f"clerk.kind_{item.rules.kind}")
        rows.append(
            (Cell(item.id, "dim"), Cell(item.title, bold=True), Cell(kind, "dim"), Cell(phase), Cell(number, "dim"))
        )
    cursor = situation.agenda.index(situation.item) if situation.item is not None else 0
    under = words("clerk.order_unsaved") if situation.reordered else ""
    return columns, tuple(rows), cursor, under


def about(words: Catalogue, situation: Situation) -> tuple[SideLine, ...]:
    """Return what stands beside the list about what is under the cursor."""
    line, item = situation.line, situation.item
    if situation.draft.page is Page.ROSTER and line is not None:
        group = words("clerk.group", group=line.person.group) if line.person and line.person.group else ""
        name = SideLine(line.name or words("clerk.display"), bold=True)
        where = SideLine(
            "  ".join(part for part in (words("clerk.number", number=line.number), line.seat, group) if part), "dim"
        )
        state = SideLine(words(f"clerk.means_{line.machine}"), MACHINE_INKS.get(line.machine, "dim"))
        return (name, where, state, SideLine(""))
    if situation.draft.page is Page.AGENDA and item is not None:
        reason = situation.picture.status(item.id).reason
        return (
            SideLine(item.title, bold=True),
            SideLine(reason or words(f"clerk.mode_{item.rules.secrecy}"), "dim"),
            *(SideLine(one, "dim") for one in secret_rules(words, situation.definition, item)),
            SideLine(""),
        )
    if situation.draft.page is Page.COMPOSITE and situation.composite is not None:
        return (
            *(SideLine(text, colour) for text, colour in beside(words, situation, situation.composite)),
            SideLine(""),
        )
    return ()


def calls(words: Catalogue, situation: Situation) -> tuple[SideLine, ...]:
    """Return who calls, the longest first."""
    found = []
    by_person = {line.who.person: line for line in situation.lines if line.who.role is Role.MEMBER}
    for person in situation.calling[:MOST_CALLS]:
        line = by_person.get(person)
        who = f"{line.seat} {line.name}".strip() if line is not None else person
        seconds = int(situation.draft.ages.get(person, 0.0))
        found.append(SideLine(words("clerk.call_line", who=who, seconds=seconds), "calling", bold=True))
    more = len(situation.calling) - MOST_CALLS
    if more > 0:
        found.append(SideLine(words("clerk.call_more", count=more), "dim"))
    return (SideLine(""), SideLine(words("clerk.calls_heading"), "dim"), *found) if found else ()


def acts_of(words: Catalogue, situation: Situation) -> tuple[Hint, ...]:
    """Return the acts of the page with their keys; impossible ones are faint and stay in place."""
    return tuple(
        Hint(
            key,
            key.upper(),
            words(f"clerk.act_{act}"),
            "faint" if not possible(situation, act) else "danger" if act in DANGEROUS else "normal",
        )
        for key, act in KEYS[situation.draft.page].items()
    )


def step_of(words: Catalogue, situation: Situation) -> Step:
    """Return the gold block: the oldest call, else what is begun on this page, else the acts of what is chosen."""
    if situation.calling:
        person = situation.calling[0]
        line = next((one for one in situation.lines if one.who.person == person and one.calling), None)
        who = f"{line.seat} {line.name}".strip() if line is not None else person
        return Step("f9", "F9", words("clerk.step_call"), who, "normal" if situation.link is Link.UP else "faint")
    page = situation.draft.page
    begun = {Page.EXPORTS: Act.EXPORT, Page.SEALED: Act.CEREMONY}
    act = Act.SAVE if page is Page.AGENDA and situation.reordered else begun.get(page)
    if act is not None:
        key = next(key for key, one in KEYS[page].items() if one is act)
        return Step(key, key.upper(), words(f"clerk.step_{act}"), "", "normal" if possible(situation, act) else "faint")
    about = subject(words, situation)
    if page is Page.COMPOSITE and about:
        return Step("enter", "Enter", words("clerk.act_steps"), about, "normal")
    if not about:
        return Step("enter", "Enter", words("clerk.nothing"), "", "faint")
    some = any(possible(situation, one) for one in KEYS[page].values())
    return Step("enter", "Enter", words("clerk.step_acts"), about, "normal" if some else "faint")


def subject(words: Catalogue, situation: Situation) -> str:
    """Return who or what is under the cursor, "" for nothing."""
    line, item = situation.line, situation.item
    if situation.draft.page is Page.ROSTER:
        return named(words, line) if line is not None else ""
    if situation.draft.page is Page.COMPOSITE:
        one = situation.composite
        return short_name(situation.definition, one.target) if one is not None else ""
    return f"{item.id}  {item.title}" if item is not None else ""


def said_last(words: Catalogue, situation: Situation) -> tuple[str, bool]:
    """Return what there is to say now, and whether it is loud."""
    trouble = trouble_of(words, situation)
    if trouble:
        return trouble, True
    if situation.draft.sent is not None:
        return words("clerk.sending"), False
    if situation.draft.reading:
        return words("clerk.reading", file=situation.draft.reading), False
    outcome = situation.draft.outcome
    return outcome_of(words, situation.definition, outcome) if outcome is not None else ("", False)


def trouble_of(words: Catalogue, situation: Situation) -> str:
    """Return what keeps everything else from going on, "" for nothing."""
    if situation.link in SILENT:
        return words("clerk.lost")
    if situation.link is not Link.UP:
        return words(f"clerk.{situation.link}")
    if not situation.picture.recording:
        return words("clerk.unrecorded")
    return words("clerk.unasked") if situation.draft.unasked else ""


def outcome_of(words: Catalogue, definition: Definition, outcome: Outcome) -> tuple[str, bool]:
    """Return what became of the last command, and whether that is loud."""
    match outcome.answer:
        case Refusal(reason, values):
            told = catalogue("pingyi_protocol", words.language)(f"refusal.{reason}", **values)
            return words("clerk.refused", why=told), True
        case Receipt(index=index):
            return words("clerk.done", what=deed(words, definition, outcome.body), index=index), False
        case None:
            return words("clerk.fault", fault=outcome.fault), True


def hints_of(words: Catalogue, situation: Situation, *, wide: bool) -> tuple[Hint, ...]:
    """Return the last row: the acts too where they do not stand beside the list; with a person Enter lists them."""
    listing = situation.draft.page is Page.ROSTER
    exporting = situation.draft.page is Page.EXPORTS
    move: tuple[Hint, ...] = (Hint("", words("clerk.chip_move"), words("clerk.key_move")),)
    if exporting:
        move = ()
    if not wide and not listing:
        move = tuple(hint for hint in acts_of(words, situation) if hint.state != "faint")
    turn = Hint("tab", "Tab", words("clerk.key_turn"))
    seek = (Hint("", words("clerk.chip_seek"), words("clerk.key_seek")),) if listing else ()
    call: tuple[Hint, ...] = ()
    if situation.calling:
        acts = () if exporting else (Hint("enter", "Enter", words("clerk.key_acts")),)
        call = (Hint("f9", "F9", words("clerk.key_call")), *acts)
    return (*move, *seek, turn, *call, *last_hints(words))


def last_hints(words: Catalogue) -> tuple[Hint, ...]:
    """Return the keys of every screen."""
    return (Hint("f1", "F1", words("clerk.key_help")), Hint("f2", "F2", words("clerk.key_language")))


def help_lines(words: Catalogue, situation: Situation | None, page: Page) -> tuple[tuple[str, str, bool], ...]:
    """Return every key, what it does, and whether it does so now."""
    acts = tuple(
        (key.upper(), words(f"clerk.act_{act}"), situation is not None and possible(situation, act))
        for key, act in KEYS[page].items()
    )
    calls = situation is not None and bool(situation.calling)
    others = tuple((words(f"clerk.chip_{name}"), words(f"clerk.help_{name}"), True) for name in OTHERS)
    colours = ("F12", words("app.help_colours"), True)
    return (*acts, ("F9", words("clerk.help_call"), calls), *others, colours)
