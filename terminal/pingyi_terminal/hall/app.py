"""The hall display: one session, one face at a time, and the clock."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from time import monotonic
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from pingyi_protocol.client.session import Keeping, Link, Session
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.meeting.definition import Definition, Language, Secrecy
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.wording import WordedError
from pingyi_terminal import link
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.hall.face import (
    Break,
    Composites,
    Face,
    Final,
    Grouped,
    Idle,
    KeyCeremony,
    KeyMade,
    Moment,
    OfItem,
    Pace,
    Polling,
    Published,
    Ranking,
    Result,
    Selected,
    Sheet,
    Unopened,
    Unsealing,
    Void,
    Vote,
    VoteSheet,
    Wanted,
)
from pingyi_terminal.hall.faces import (
    BreakFace,
    CeremonyFace,
    CompositeFace,
    FinalFace,
    IdleFace,
    KeyFace,
    PollingFace,
    RankingFace,
    ResultFace,
    SheetFace,
    UnsealingFace,
    VoidFace,
    VoteFace,
    VotesFace,
)
from pingyi_terminal.hall.faces.help import HelpScreen
from pingyi_terminal.hall.faces.parts import Headline, Line, Words
from pingyi_terminal.hall.fitting import Room
from pingyi_terminal.hall.view import choose, ended, may_pause, newest_figures
from pingyi_terminal.hall.view import moment as moment_of
from pingyi_terminal.theme import HALL, HALL_BRIGHT, WALL_THEMES
from pingyi_terminal.widgets import HeaderBar, Piece, mode_piece

TICK_SECONDS = 0.2
THEME_STYLES = Path(link.__file__).with_name("theme.tcss")
FROZEN = frozenset({Link.LOST, Link.REVOKED, Link.ELSEWHERE, Link.TAKEN_OVER})


class HallApp(MeetingApp):
    """Shows what ``view`` chooses. It sends nothing but its greetings, and needs no key.

    ``pace`` says in seconds how long things stand; with ``follow_end`` the display leaves by itself when the
    meeting is closed and the final fingerprint has stood for its time.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = [THEME_STYLES, "hall.tcss"]
    THEMES: ClassVar[tuple[str, ...]] = WALL_THEMES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help"),
        Binding("f2", "language"),
        Binding("f3", "brightness"),
        Binding("f4", "key"),
        Binding("f5", "ranking"),
        Binding("f6", "pause"),
        Binding("ctrl+q", "quit", priority=True),
    ]

    def __init__(
        self,
        facts: ProfileFacts,
        keys: DeviceKeys,
        keeping: Keeping,
        language: Language,
        *,
        theme: str = HALL,
        follow_end: bool = False,
        pace: Pace = Pace(),  # noqa: B008 - a frozen value
    ) -> None:
        super().__init__(language)
        self.theme = theme
        self.facts = facts
        self.keys = keys
        self.keeping = keeping
        self.follow_end = follow_end
        self.pace = pace
        self.session: Session | None = None
        self.listening: asyncio.Task[None] | None = None
        self.face: Face | None = None
        self.room = Room(0, 0)
        self.moment: Moment | None = None
        self.since = monotonic()
        self.wanted = Wanted()
        self.keyed: str | None = None
        self.keyed_at: float | None = None
        self.recess = False
        self.announced: dict[tuple[str, int], str] = {}
        self.phases: dict[str, Phase] = {}
        self.lost: tuple[Link, str] | None = None

    @property
    def wall(self) -> Screen[Any]:
        """The screen of the faces, also while the help stands over it."""
        return self.screen_stack[0]

    def compose(self) -> ComposeResult:
        """Compose every face once; later only their values change."""
        yield HeaderBar()
        yield Line(id="strip")
        with ContentSwitcher(initial="waiting"):
            yield Vertical(Headline(), id="waiting")
            yield IdleFace(id="idle")
            yield PollingFace(id="polling")
            yield UnsealingFace(id="unsealing")
            yield CeremonyFace(id="keyceremony")
            yield KeyFace(id="keymade")
            yield VoidFace(id="void")
            yield ResultFace(id="result")
            yield SheetFace(id="sheet")
            yield VoteFace(id="vote")
            yield VotesFace(id="votes")
            yield RankingFace(self.words, id="ranking")
            yield CompositeFace(self.words, id="composites")
            yield BreakFace(id="break")
            yield FinalFace(id="final")

    def on_mount(self) -> None:
        """Begin to listen."""
        try:
            self.session, self.listening = link.attach(self, self.facts, self.keys, self.keeping)
        except (WordedError, OSError) as fault:
            self.end(fault)
            return
        self.listening.add_done_callback(self.session_ended)
        self.set_interval(TICK_SECONDS, self.look)
        self.look()

    async def on_unmount(self) -> None:
        """Stop listening."""
        if self.listening is not None:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)

    @on(link.PictureChanged)
    @on(link.LinkChanged)
    @on(link.AlarmRaised)
    @on(link.AlarmLifted)
    def news(self) -> None:
        """Show what is new."""
        self.look()

    def look(self, *, again: bool = False) -> None:
        """Show what the session holds now; with ``again`` although nothing changed.

        While the link is lost the last picture stands as it is, its clock too: what happens now is not known here.
        """
        session = self.session
        if session is None or not self.is_running:
            return
        frozen = session.link in FROZEN
        self.show_strip(session)
        if not frozen:
            self.follow(session)
            standing = monotonic() - self.since
            if self.follow_end and ended(session.picture, standing, self.pace):
                self.exit()
            face = choose(
                session.definition,
                session.picture,
                standing,
                self.pace,
                self.wanted,
                check_in_left=session.check_in_left(),
            )
            again = again or face != self.face
            self.face = face
        # a new size comes without news: the next look fits everything anew
        room = Room(self.size.width - 4, self.size.height - 2)
        again = again or room != self.room
        self.room = room
        if again and self.face is not None:
            self.show(self.face, session)
        if isinstance(self.face, Polling):
            polling = self.wall.query_one(PollingFace)
            polling.show_clock(self.face, self.words, session.remaining(), frozen=frozen)

    def follow(self, session: Session) -> None:
        """Notice since when the present moment stands, and when results were announced before our eyes."""
        moment = moment_of(session.picture)
        if moment != self.moment:
            self.moment = moment
            self.since = monotonic()
            self.wanted = Wanted()
        self.follow_key(session)
        recess = session.picture is not None and session.picture.recess
        if recess is not self.recess:
            # the chair's word is newer than the operator's
            self.recess, self.wanted = recess, replace(self.wanted, pause=None)
        for one in session.picture.items if session.picture else ():
            if one.phase is Phase.ANNOUNCED and self.phases.get(one.item, Phase.ANNOUNCED) is not Phase.ANNOUNCED:
                self.announced[one.item, one.round] = f"{datetime.now().astimezone():%H:%M}"
                if moment is not None and moment.item != one.item:
                    # opened later than the items after it: its figures take the stage now
                    self.wanted, self.since = Wanted(late=one.item), monotonic()
            self.phases[one.item] = one.phase

    def follow_key(self, session: Session) -> None:
        """Notice since when a key stands that was made before our eyes."""
        fingerprint = session.picture.secret.fingerprint if session.picture is not None else ""
        if fingerprint != self.keyed:
            self.keyed_at = monotonic() if fingerprint and self.keyed is not None else None
            self.keyed = fingerprint if session.picture is not None else None
            self.wanted = replace(self.wanted, key=None)
        seen = None if self.keyed_at is None else monotonic() - self.keyed_at
        self.wanted = replace(self.wanted, key_seen=seen)

    def show_strip(self, session: Session) -> None:
        """Say in the free row under the header that the record does not fit, or since when the link is lost."""
        strip = self.wall.query_one("#strip", Line)
        alarm = session.vigil.alarm
        copy = session.picture is not None and session.picture.watch.continuing is not None
        told = alarm is not None or (copy and session.link not in FROZEN)
        strip.set_class(told or session.link in FROZEN, "-shown")
        if told:
            said = "hall.restored" if alarm is None or alarm.key == "witness.restored" else "hall.alarm"
            strip.middle = (Words(self.words(said), "chip-text", bold=True),)
        if session.link not in FROZEN:
            self.lost = None
            return
        # what was announced while nobody listened has no time that is known here
        self.phases.clear()
        if self.lost is None or self.lost[0] is not session.link:
            since = datetime.now().astimezone() - timedelta(seconds=session.lost_seconds())
            self.lost = (session.link, f"{since:%H:%M:%S}")
        if alarm is not None:
            return
        link_words = self.words(f"hall.{session.link}", time=self.lost[1])
        strip.middle = (Words(link_words, "chip-text", bold=True),)

    def show(self, face: Face, session: Session) -> None:
        """Bring ``face`` to the front with its values."""
        room = self.room
        self.wall.set_class(room.compact, "-compact")
        definition, words = session.definition, self.words
        self.show_header(face, definition)
        switcher = self.wall.query_one(ContentSwitcher)
        match face:
            case Idle() if definition is not None:
                switcher.get_child_by_type(IdleFace).show(face, definition, words, room)
            case Polling():
                switcher.get_child_by_type(PollingFace).show(face, words, room, session.remaining())
            case Unsealing() | KeyCeremony() | KeyMade() | Void() | Unopened():
                self.show_state(face, switcher)
            case Result() | Sheet() | Vote() | VoteSheet() | Selected() | Grouped():
                self.show_published(face, switcher)
            case Ranking() if definition is not None:
                switcher.get_child_by_type(RankingFace).show(face, definition, words, room)
            case Composites() if definition is not None:
                switcher.get_child_by_type(CompositeFace).show(face, definition, words, room)
            case Break() if definition is not None:
                switcher.get_child_by_type(BreakFace).show(face, definition, words, room)
            case Final() if definition is not None:
                switcher.get_child_by_type(FinalFace).show(face, definition, words, room)
            case _:
                self.wall.query_one("#waiting Headline", Headline).names = (
                    words("hall.connecting"),
                    words("hall.connecting_short"),
                )
        shared = {VoteSheet: "votes", Selected: "votes", Grouped: "votes", Unopened: "void"}
        switcher.current = shared.get(type(face), type(face).__name__.lower())

    def show_state(self, face: Unsealing | KeyCeremony | KeyMade | Void | Unopened, switcher: ContentSwitcher) -> None:
        """Bring to the front what there is instead of figures."""
        words, room = self.words, self.room
        match face:
            case Unsealing():
                switcher.get_child_by_type(UnsealingFace).show(face, words, room)
            case KeyCeremony():
                switcher.get_child_by_type(CeremonyFace).show(face, words)
            case KeyMade():
                switcher.get_child_by_type(KeyFace).show(face, words, room)
            case Void() | Unopened():
                switcher.get_child_by_type(VoidFace).show(face, words, room)

    def show_published(self, face: Published, switcher: ContentSwitcher) -> None:
        """Bring figures to the front, with the time of their announcement where it was seen here."""
        at, words, room = self.announced.get((face.item.id, face.round), ""), self.words, self.room
        match face:
            case Result():
                switcher.get_child_by_type(ResultFace).show(face, words, room, at)
            case Sheet():
                switcher.get_child_by_type(SheetFace).show(face, words, room, at)
            case Vote():
                switcher.get_child_by_type(VoteFace).show(face, words, room, at)
            case VoteSheet() | Selected() | Grouped():
                switcher.get_child_by_type(VotesFace).show(face, words, room, at)

    def show_header(self, face: Face, definition: Definition | None) -> None:
        """Show the meeting, whether it is simulated, and whether the ballot is open or secret."""
        header, words = self.wall.query_one(HeaderBar), self.words
        meeting = definition.meeting if definition else None
        title = f"{meeting.name} {meeting.session}" if meeting else self.facts.meeting_name
        if isinstance(face, Idle) and meeting and not self.room.compact:
            title = meeting.date
        titles = {Ranking: "hall.ranking_title", Composites: "hall.composite_title"}
        header.title = words(titles[type(face)], meeting=title) if type(face) in titles else title
        pieces = [Piece(words("widgets.simulated"), "dim")] if meeting and meeting.simulated else []
        secrecy = secrecy_of(face)
        header.pieces = (*pieces, mode_piece(words, secrecy)) if secrecy else tuple(pieces)

    def action_help(self) -> None:
        """Show the keys."""
        picture = self.session.picture if self.session else None
        ranks = picture is not None and bool(newest_figures(picture))
        pauses = picture is not None and may_pause(picture)
        keyed = picture is not None and picture.secret.key is not None
        self.push_screen(HelpScreen(self.words, ranks=ranks, pauses=pauses, keyed=keyed))

    def action_language(self) -> None:
        """Speak the other language."""
        if self.other_language():
            self.look(again=True)

    def action_brightness(self) -> None:
        """Switch between the dark theme and the one for bright rooms."""
        self.theme = HALL if self.theme == HALL_BRIGHT else HALL_BRIGHT

    def action_key(self) -> None:
        """Show the fingerprint of the key of secret ballots, or put it away, until the meeting moves on."""
        picture = self.session.picture if self.session is not None else None
        if picture is None or picture.secret.key is None:
            self.notify(self.words("sealed.wall_no_key"), markup=False)
            return
        self.wanted = replace(self.wanted, key=not isinstance(self.face, KeyMade))
        self.look()

    def action_ranking(self) -> None:
        """Show the ranking, or put it away, until the meeting moves on."""
        if self.session is None or self.session.picture is None or not newest_figures(self.session.picture):
            self.notify(self.words("hall.no_ranking"), markup=False)
            return
        self.wanted = replace(self.wanted, ranking=not isinstance(self.face, Ranking | Composites))
        self.look()

    def action_pause(self) -> None:
        """Say that there is a break, or no more, until the meeting moves on."""
        if self.session is None or self.session.picture is None or not may_pause(self.session.picture):
            self.notify(self.words("hall.no_break"), markup=False)
            return
        self.wanted = replace(self.wanted, pause=not isinstance(self.face, Break))
        self.look()


def secrecy_of(face: Face) -> Secrecy | None:
    """Return the mode of the ballot that ``face`` is about, None where there is none or more than one."""
    if isinstance(face, Ranking):
        return next(iter(face.secrecies)) if len(face.secrecies) == 1 else None
    return face.item.rules.secrecy if isinstance(face, OfItem) else None
