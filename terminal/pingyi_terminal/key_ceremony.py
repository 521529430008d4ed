"""The panel from which chair or clerk begins a key ceremony: who takes part, and what that means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Static

from pingyi_protocol.meeting.commands import BeginCeremony
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Backstage, Picture, from_bitmap
from pingyi_terminal.sealed import key_told, name_of, named
from pingyi_terminal.widgets import ActionBlock, Hint, KeyHints, Painting
from pingyi_terminal.widgets.cells import Row, fit

RENEW_SECONDS = 0.5
MOST_ROWS = 8
"""Scrutineers that are seen at once."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a ceremony could begin with: the meeting as it is shown now."""

    definition: Definition
    picture: Picture
    backstage: Backstage | None

    @property
    def ceremony(self) -> BeginCeremony | None:
        """What begins it with everybody who can take part, None while none can be begun."""
        return self.backstage.ceremony if self.backstage is not None else None

    @property
    def ready(self) -> tuple[str, ...]:
        """Who can take part, by number."""
        return tuple(one.person for one in self.ceremony.scrutineers) if self.ceremony is not None else ()

    @property
    def answering(self) -> frozenset[str]:
        """Those of them whose terminals answer."""
        places = from_bitmap(self.backstage.answering) if self.backstage is not None else frozenset()
        roster = self.definition.roster
        return frozenset(roster[place].number for place in places if place < len(roster)) & frozenset(self.ready)

    @property
    def bare(self) -> tuple[str, ...]:
        """The scrutineers without a terminal."""
        people = (one.number for one in self.definition.roster if Role.SCRUTINEER in one.roles)
        return tuple(one for one in people if one not in self.ready)


def begun_with(offer: Offer, chosen: frozenset[str]) -> BeginCeremony | None:
    """Return what begins a ceremony of those chosen, None where they are too few or none can be begun."""
    whole = offer.ceremony
    if whole is None:
        return None
    people = tuple(one for one in whole.scrutineers if one.person in chosen)
    return BeginCeremony(whole.attempt, whole.threshold, people) if len(people) >= whole.threshold else None


class People(Painting):
    """The scrutineers who can take part, each with a box; one of them is marked. A click ticks."""

    DEFAULT_CSS = """
    People { width: 1fr; height: auto; }
    """

    lines: reactive[tuple[tuple[str, bool, bool], ...]] = reactive[tuple[tuple[str, bool, bool], ...]](())
    """Each with number and name, whether they take part, and whether their terminal answers."""

    marked: reactive[int] = reactive(0)

    class Ticked(Message):
        """The line of this place was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, words: Catalogue) -> None:
        super().__init__()
        self.words = words

    def first(self) -> int:
        """Return the first line that is seen."""
        return max(0, min(self.marked - self.size.height // 2, len(self.lines) - self.size.height))

    def paint(self, y: int, row: Row) -> None:
        """Draw one line."""
        place = self.first() + y
        if place >= len(self.lines):
            return
        who, taken, answers = self.lines[place]
        on = "raised" if place == self.marked else None
        row.put(0, " " * row.width, self.ink("foreground", on))
        row.put(0, "█" if on else " ", self.ink("accent", on))
        row.put(2, "[x]" if taken else "[ ]", self.ink("accent" if taken else "dim", on, bold=True))
        state = self.words("sealed.panel_online" if answers else "sealed.panel_silent")
        row.put(6, fit(who, row.width - 6), self.ink("foreground" if taken else "dim", on, bold=taken))
        row.put_right(row.width, state, self.ink("ok" if answers else "warning", on))

    def on_click(self, event: Click) -> None:
        """Tick, or take the tick away."""
        event.stop()
        place = self.first() + event.y
        if place < len(self.lines):
            self.post_message(self.Ticked(place))


class CeremonyScreen(ModalScreen[BeginCeremony | None]):
    """Who takes part is chosen, all whose terminals answer unless told; Enter begins, Esc leaves all as it is."""

    CSS_PATH = "key_ceremony.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,ctrl+c", "withdraw", priority=True),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
        Binding("space,ideographic_space", "tick"),
        *(Binding(f"{place},{chr(ord('０') + place)}", f"tick({place - 1})") for place in range(1, 10)),
        Binding("enter", "begin"),
    ]

    def __init__(self, words: Catalogue, offer_of: Callable[[], Offer | None]) -> None:
        super().__init__()
        self.words = words
        self.offer_of = offer_of
        self.offer: Offer | None = None
        self.ticks: dict[str, bool] = {}

    def compose(self) -> ComposeResult:
        """Compose the panel, empty."""
        with Vertical(id="ceremony-panel", classes="panel -accent"):
            yield Static("", id="ceremony-title", markup=False)
            yield Static("", id="ceremony-key", markup=False)
            yield Static("", id="ceremony-means", classes="dim", markup=False)
            yield People(self.words)
            yield Static("", id="ceremony-fault", markup=False)
            yield ActionBlock(label=self.words("sealed.panel_begin"))
            yield KeyHints(
                (
                    Hint("space", self.words("sealed.chip_toggle"), self.words("sealed.panel_toggle")),
                    Hint("escape", "Esc", self.words("chair.key_back")),
                )
            )

    def on_mount(self) -> None:
        """Follow who comes and goes."""
        self.set_interval(RENEW_SECONDS, self.renew)
        self.renew()

    @property
    def chosen(self) -> frozenset[str]:
        """Who takes part."""
        offer = self.offer
        if offer is None:
            return frozenset()
        return frozenset(one for one in offer.ready if self.ticks.get(one, one in offer.answering))

    def renew(self) -> None:
        """Show the offer as it is now."""
        self.offer = self.offer_of()
        offer = self.offer
        if offer is None:
            return
        ceremony, people = offer.ceremony, self.query_one(People)
        people.lines = tuple(
            (f"{one} {name_of(offer.definition, one)}", one in self.chosen, one in offer.answering)
            for one in offer.ready
        )
        people.marked = max(0, min(people.marked, len(people.lines) - 1))
        people.styles.height = max(1, min(MOST_ROWS, len(people.lines)))
        people.display = bool(people.lines)
        key, underway = offer.picture.secret.key, offer.picture.secret.ceremony
        state = [*key_told(self.words, offer.definition, offer.picture)]
        if ceremony is not None and underway is not None and underway.step not in (Step.DONE, Step.FAILED):
            state.append(self.words("sealed.panel_ends"))
        if ceremony is not None and key is not None:
            state.append(self.words("sealed.panel_keeps"))
        attempt = ceremony.attempt if ceremony is not None else underway.attempt if underway is not None else 1
        threshold = offer.definition.meeting.threshold
        self.put("title", self.words("sealed.panel_title", attempt=attempt))
        self.put("key", "\n".join(state))
        self.put("means", self.words("sealed.panel_means", threshold=threshold) if ceremony is not None else "")
        self.put("fault", self.fault(offer))
        block = self.query_one(ActionBlock)
        counts = self.words("sealed.panel_begin_detail", count=len(self.chosen), threshold=threshold)
        block.detail = counts if ceremony is not None else ""
        block.state = "normal" if begun_with(offer, self.chosen) is not None else "faint"

    def fault(self, offer: Offer) -> str:
        """Say why no ceremony can begin, or who has no terminal, "" for nothing."""
        if offer.ceremony is None:
            return self.words("sealed.panel_wait" if offer.picture.secret.rounds else "sealed.panel_not_now")
        bare = named(self.words, offer.definition, offer.bare)
        few = self.words("sealed.panel_few", threshold=offer.ceremony.threshold)
        said = [self.words("sealed.panel_bare", who=bare)] if bare else []
        return "\n".join([*said, *([few] if begun_with(offer, self.chosen) is None else [])])

    def put(self, name: str, text: str) -> None:
        """Put words into a place, which is not there where there are none."""
        place = self.query_one(f"#ceremony-{name}", Static)
        place.display = bool(text)
        place.update(Text(text))

    def action_move(self, by: int) -> None:
        """Mark another scrutineer."""
        people = self.query_one(People)
        people.marked = max(0, min(people.marked + by, len(people.lines) - 1))

    def action_tick(self, place: int | None = None) -> None:
        """Let somebody take part, or not: the marked one, or the one in this place."""
        people = self.query_one(People)
        place = people.marked if place is None else place
        ready = self.offer.ready if self.offer is not None else ()
        if place < len(ready):
            people.marked = place
            self.ticks[ready[place]] = ready[place] not in self.chosen
            self.renew()

    @on(People.Ticked)
    def ticked(self, message: People.Ticked) -> None:
        """Tick the line that was clicked."""
        self.action_tick(message.place)

    def action_begin(self) -> None:
        """Begin with those who are chosen."""
        body = begun_with(self.offer, self.chosen) if self.offer is not None else None
        if body is not None:
            self.dismiss(body)

    def action_withdraw(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)
