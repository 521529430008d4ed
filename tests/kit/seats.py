"""A seat without a server: a session that is a plain object, and pictures of a meeting as a test wants them."""

from base64 import b64encode
from dataclasses import dataclass, field
from decimal import Decimal

from textual.app import App

from kit.playbook import ORIGIN
from kit.secret_hall import signer
from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.client.session import Link, Outstanding
from pingyi_protocol.meeting.commands import Body, Cast, CastSecret, Command, Score
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.events import BallotCast, Event, SecretBallotCast
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.measures import Tally, target_figures
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import Call, Receipt
from pingyi_protocol.wire.picture import Head, ItemStatus, LiveRound, Picture, to_bitmap
from pingyi_terminal.link import CommandAnswered
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.form import scale_of

SEALER = Sealer(ORIGIN, bytes(signer("M02").verify_key))
"""What seals the ballots at a seat without a server."""

ENVELOPE = Envelope("cGF5bG9hZA==", "key", "c2lnbmF0dXJl")


def ballot(item: str, *scores: tuple[str, int | None]) -> Cast:
    """A ballot of the first round with these scores, None abstains."""
    answers = (Score(target, "", None if score is None else Decimal(score)) for target, score in scores)
    return Cast(item, 1, tuple(answers))


def picture(
    definition: Definition,
    *,
    present: tuple[int, ...] = (0, 1, 2, 3),
    voted: tuple[int, ...] = (),
    recused: tuple[int, ...] = (),
    item: str | None = None,
    phase: Phase = Phase.OPEN,
    remaining: int | None = 108_000,
    figures: tuple[RoundFigures, ...] = (),
    done: tuple[str, ...] = (),
    number: int = 1,
    reason: str = "",
) -> Picture:
    """What everybody may see while a round of ``item`` is in ``phase``; the items in ``done`` are announced."""
    live = item and LiveRound(
        item,
        number,
        phase,
        remaining,
        to_bitmap(present),
        to_bitmap(voted),
        len(voted),
        to_bitmap(recused),
        len(set(present) - set(recused)),
    )
    phases = dict.fromkeys(done, Phase.ANNOUNCED) | ({item: phase} if item else {})
    items = tuple(
        ItemStatus(
            one.id, phases.get(one.id, Phase.PENDING), number if one.id in phases else 0, reason, to_bitmap(recused)
        )
        for one in definition.agenda
    )
    return Picture("e", 1, 0, "d", Head(), to_bitmap(present), {}, items, live or None, figures)


def figures_of(definition: Definition, item: str, *scores: int | None) -> RoundFigures:
    """The figures of a round in which every target got these scores (None abstains) and one did not vote."""
    agenda_item = definition.item(item)
    assert agenda_item is not None
    tally = Tally()
    for score in scores:
        tally = tally.add(None if score is None else Decimal(score))
    targets = tuple(target_figures(target, tally, scale_of(agenda_item), 1) for target in agenda_item.targets)
    return RoundFigures(item, 1, len(scores) + 1, len(scores), 0, targets)


def receipt_of(command: Command, person: str = "M02", index: int = 40) -> Receipt:
    """A receipt as a seat believes it once its session has checked it."""
    cast = command.body
    event: Event
    if isinstance(cast, CastSecret):
        event = SecretBallotCast(person, cast.item, cast.round, command.id, cast.sealed)
    else:
        assert isinstance(cast, Cast)
        event = BallotCast(person, cast.item, cast.round, command.id, cast.answers)
    entry = Entry(index, 1000, "2026-11-01T07:42:07+00:00", ENVELOPE, event)
    return Receipt(command.id, index, encode_entry(entry).decode(), (), b64encode(b"head").decode(), ())


@dataclass
class StillSession:
    """A session that says what the test gives it and keeps what is submitted."""

    definition: Definition | None = None
    picture: Picture | None = None
    link: Link = Link.UP
    left: int | None = None
    lost: float = 0.0
    person: str = "M02"
    submitted: list[Command] = field(default_factory=list)
    outstanding: dict[str, Outstanding] = field(default_factory=dict)
    calling: bool = False
    requested: list[Call] = field(default_factory=list)
    sealer: Sealer = SEALER

    def remaining(self) -> int | None:
        live = self.picture.live if self.picture else None
        return self.left if self.left is not None else live.remaining if live else None

    def check_in_left(self) -> int | None:
        if self.picture is None or self.picture.check_in_over:
            return None if self.picture is None else 0
        return self.picture.check_in

    def lost_seconds(self) -> float:
        return self.lost

    def request(self, wanted: Call) -> bool:
        self.requested.append(wanted)
        return self.link is Link.UP

    def submit(self, body: Body) -> Command:
        command = self.command(body)
        self.submitted.append(command)
        return command

    def command(self, body: Body) -> Command:
        return Command("meeting", f"{len(self.submitted):032x}", self.person, Role.MEMBER, "2026-11-01", body)


def still_seat(session: StillSession, language: Language, *receipts: Receipt) -> SeatApp:
    """The seat's app on such a session."""

    def start(_app: App[None]) -> tuple[StillSession, None]:
        return session, None

    return SeatApp(session.person, language, start, receipts)


def answer(app: SeatApp, session: StillSession) -> Command:
    """Let the server record the newest command, and return it."""
    command = session.submitted[-1]
    app.post_message(CommandAnswered(command, receipt_of(command, session.person)))
    return command
