"""The faces of a seat: what there is to show, as data. ``view`` chooses one, a screen paints it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import TRIAL, Item, Problem, Target
from pingyi_protocol.meeting.figures import CompositeLine, Outcome, RoundFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.picture import SealedRound
from pingyi_terminal.seat.draft import Draft, Entry
from pingyi_terminal.seat.form import Form

RoundKey: TypeAlias = tuple[str, int]
"""An item's id and the number of its round."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every face: the meeting, whose seat this is, and the link.

    ``lost`` are the seconds since the link was lost (0 while it is up), ``unsaved`` says that this machine's disk
    did not take the last ballot, ``unrecorded`` that the server cannot write the record at present, ``restored`` that
    an older copy of it was put back and waits for signatures. ``final`` is the fingerprint of the whole record once
    the meeting is closed, empty before. ``calling``: the clerk has been called here and has not answered yet.
    ``recess``: the chair has called a break. ``election_key`` is the fingerprint of what the ballots of the live secret
    round are encrypted to, or those of the next one; empty where there is none.
    """

    meeting: str
    session: str
    simulated: bool
    seat: str
    name: str
    link: Link
    lost: int
    discreet: bool
    unsaved: bool = False
    unrecorded: bool = False
    restored: bool = False
    final: str = ""
    calling: bool = False
    recess: bool = False
    election_key: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Which round this is about, of how many ``items`` on the agenda, and its countdown in seconds (None: none).

    ``unconfirmed``: it is closed, and a scrutineer has to
    sign the count before it is announced.
    """

    key: RoundKey
    items: int
    seconds: int | None
    paused: bool
    unconfirmed: bool = False

    @property
    def trial(self) -> bool:
        """Whether this is the trial vote, which counts for nothing."""
        return self.key[0] == TRIAL.id


@dataclass(frozen=True, slots=True)
class OwnBallot:
    """The own ballot that is on the record: its answers, tracking code, the record's time as ISO 8601 (UTC), its id.

    Where it is ``sealed`` nobody reads its answers, on this terminal neither: there are none.
    """

    answers: tuple[Answer, ...]
    code: str
    time: str
    id: str
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Connecting:
    """No picture of the meeting yet; ``waiting`` signed commands are in the outbox."""

    frame: Frame
    waiting: int


class Arrival(StrEnum):
    """Whether the member counts as present; ``NOT_OPEN`` and ``OVER`` are for who is not and cannot check in."""

    NEEDED = "needed"
    SENT = "sent"
    DONE = "done"
    NO_VOTE = "no_vote"
    NOT_OPEN = "not_open"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One item: where it stands, and the own ballot, or that one is recused.

    Of a single target, or a motion, ``measure`` or ``outcome`` is what was published. ``reason`` is why the item was
    withdrawn. ``unconfirmed``: a scrutineer has to sign the count first; ``manual``: the result was counted by hand.
    ``keyless``: it is voted on in secret, and there is no election key yet.
    """

    item: Item
    phase: Phase
    measure: str
    ballot: OwnBallot | None
    recused: bool = False
    outcome: Outcome | None = None
    reason: str = ""
    unconfirmed: bool = False
    manual: bool = False
    keyless: bool = False

    @property
    def title(self) -> str:
        """The item's title."""
        return self.item.title


@dataclass(frozen=True, slots=True)
class Agenda:
    """The agenda, before check-in and while there is nothing to do. ``aside``: looked up, Esc goes back.

    ``check_in`` are the seconds left of an open check-in, None where it has no end. ``trial`` says that a trial vote is
    open; ``excused`` that the clerk noted an excuse, ``left`` that this member left early. ``composites`` are the
    announced ones by rank, each with its target's name.
    """

    frame: Frame
    lines: tuple[AgendaLine, ...]
    arrival: Arrival
    present: int
    due: int
    quorum: int
    complaint: Refusal | None = None
    aside: bool = False
    check_in: int | None = None
    trial: bool = False
    excused: bool = False
    left: bool = False
    composites: tuple[tuple[str, CompositeLine], ...] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """A ballot to fill in and confirm. ``problems`` are those of each target; ``earlier`` is on the record."""

    frame: Frame
    head: Head
    form: Form
    targets: tuple[Target, ...]
    problems: tuple[tuple[Problem, ...], ...]
    draft: Draft
    earlier: OwnBallot | None
    complaint: Refusal | None = None

    @property
    def item(self) -> Item:
        """The item that is voted on."""
        return self.form.item

    @property
    def about(self) -> int | None:
        """Which of the targets the present line is about; None of a motion."""
        target = self.form.lines[self.draft.row].target
        return next((place for place, one in enumerate(self.targets) if one.id == target), None)


@dataclass(frozen=True, slots=True)
class Encrypting:
    """A ballot of a secret round that is being encrypted and proven."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A signed ballot without a receipt yet; a sealed one has no answers to show."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The own ballot is on the record. ``ballot`` is None where another terminal cast it.

    ``received`` ballots are in, counted against ``base`` members. ``form`` is what a change of it is filled in on.
    ``opening`` is how far the opening of a closed secret round has come, ``invalid`` that the proofs of this ballot do
    not hold.
    """

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    ballot: OwnBallot | None
    open: bool
    received: int
    base: int
    may_change: bool
    form: Form
    opening: SealedRound | None = None
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """The round closed and what this seat had did not count.

    ``late`` are the answers that were refused because they came late, ``unsent`` what was filled in and never sent.
    ``voted``: an earlier ballot counts all the same; it is ``ballot``, None where another terminal cast it.
    """

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    late: tuple[Answer, ...] | None
    unsent: tuple[Entry, ...] | None
    voted: bool
    ballot: OwnBallot | None


@dataclass(frozen=True, slots=True)
class Voided:
    """The round that was opened last counts for nothing, for ``reason``; ``voted``: it held a ballot of one's own."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    reason: str
    voted: bool


@dataclass(frozen=True, slots=True)
class Recused:
    """The member does not vote in the round that was opened last."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class CameLate:
    """The member came while the round was open, and gets no ballot in it."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class ByHand:
    """The clerk entered the result of the round by hand, for ``reason``; it is not public yet."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class TrialOver:
    """The trial vote is closed; ``worked``: a press of this seat came."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    worked: bool


@dataclass(frozen=True, slots=True)
class Result:
    """The published figures of the round that was opened last.

    ``missed``: present, and no ballot of one's own; ``late``: the last one came late; ``unsent``: filled in only;
    ``elsewhere``: another terminal cast it.
    ``announced`` is False between the close, where it publishes the figures, and the chair's word.
    """

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    figures: RoundFigures
    ballot: OwnBallot | None
    missed: bool
    late: bool
    unsent: tuple[Entry, ...] | None
    announced: bool = True
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The server does not take this device's word: for good, or while another one has the seat."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the server showed does not fit the record that it showed before."""

    frame: Frame
    fault: ReceiptError


@dataclass(frozen=True, slots=True)
class Details:
    """The problems, promised goal and report of one target, in full."""

    frame: Frame
    head: Head
    target: Target
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """The published figures of the review groups."""

    frame: Frame
    head: Head
    item: Item
    targets: tuple[Target, ...]
    figures: RoundFigures


@dataclass(frozen=True, slots=True)
class Leaving:
    """Ctrl+Q was pressed while ``waiting`` signed commands have no receipt, or with ``unsent`` entries filled in.

    ``sealing``: a ballot is being encrypted, and is nowhere else yet.
    """

    frame: Frame
    waiting: int
    unsent: tuple[Entry, ...] | None
    sealing: bool = False


Ended: TypeAlias = Closed | Voided | Recused | CameLate | ByHand | TrialOver
"""Faces of a round in which there is nothing to do and nothing to read but why."""

Base: TypeAlias = Connecting | Agenda | Filling | Encrypting | Sent | Recorded | Ended | Result | TakenOver | Alarm


@dataclass(frozen=True, slots=True)
class Help:
    """What is possible now, on the face ``beneath``."""

    frame: Frame
    beneath: Base


Face: TypeAlias = Base | Details | Groups | Leaving | Help


class Aside(StrEnum):
    """What the member looks at besides the face that the meeting asks for."""

    NONE = "none"
    AGENDA = "agenda"
    DETAILS = "details"
    GROUPS = "groups"
    HELP = "help"
    LEAVING = "leaving"
