"""The state of a meeting: frozen, and always what replaying the ledger gives."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from rpds import HashTrieMap

from pingyi_protocol.meeting.commands import Answer, AnswerCount
from pingyi_protocol.meeting.components import EvidenceLine
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Option, Role
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.measures import Tally
from pingyi_protocol.secret.ceremony import Board, ElectionKey
from pingyi_protocol.secret.opening import Count
from pingyi_protocol.secret.sheet import SumTally


class Principal(NamedTuple):
    """Who a session speaks for: ``person`` is a member number, "clerk" or "hall" where nobody is named."""

    person: str
    role: Role


class Device(msgspec.Struct, frozen=True):
    """An enrolled device: its key id, whom it speaks for, its keys, the leaf of its enrolment, whether it still may.

    ``pinned`` devices have their keys under a PIN.
    """

    id: str
    principal: Principal
    signing_key: bytes
    transport_key: str
    leaf: int
    revoked: bool = False
    pinned: bool = False


class Ballot(msgspec.Struct, frozen=True):
    """The ballot of one member that counts, and the leaf that holds it.

    A secret one has its ``answers`` ``sealed``, and proofs that hold for the public ``key`` that signed it only.
    """

    id: str
    leaf: int
    answers: tuple[Answer, ...]
    sealed: tuple[str, ...] = ()
    key: bytes = b""


class Manual(msgspec.Struct, frozen=True):
    """What the clerk entered in place of ballots, and why: see ``EnterResult``."""

    reason: str
    received: int
    invalid: int
    counts: tuple[AnswerCount, ...]


class Override(msgspec.Struct, frozen=True):
    """Who answers for opening a secret round on a head that too few have cosigned, and why; ``root`` is base64."""

    person: str
    size: int
    root: str
    reason: str


class Sealing(msgspec.Struct, frozen=True):
    """What makes a round a secret one: the key it is encrypted to, and how far its opening has come.

    ``holders`` have the shares of the ``key``, in the order of their indices. ``earlier`` are the ballots that members
    replaced, the newest last. Once the proofs are ``checked``, ``invalid`` are the members of whom no ballot holds, and
    the fault of the newest. ``basis`` is the head on which the round is opened (the lines of a checkpoint, "" for none
    yet), ``cosigned`` by so many. ``override`` is the scrutineer who would have it opened whoever cosigns, on a head
    that may be none of the record's. ``counts`` are what is opened, one for each question of the sheet, ``parts`` the
    good ones by index, ``bad`` whose parts were not. ``sums`` are what sums opened to, as ``Round.tallies``;
    ``unsealed`` once all is open.
    """

    key: ElectionKey
    holders: tuple[str, ...]
    earlier: HashTrieMap[str, tuple[Ballot, ...]] = HashTrieMap()
    checked: bool = False
    invalid: HashTrieMap[str, str] = HashTrieMap()
    basis: str = ""
    cosigned: int = 0
    override: Override | None = None
    counts: tuple[Count, ...] = ()
    parts: HashTrieMap[int, tuple[str, ...]] = HashTrieMap()
    bad: tuple[str, ...] = ()
    sums: HashTrieMap[tuple[str, str], SumTally] = HashTrieMap()
    unsealed: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Of whom no good part is there."""
        return tuple(person for index, person in enumerate(self.holders, start=1) if index not in self.parts)


class Voiding(msgspec.Struct, frozen=True):
    """The chair's word that a round is void, and why, while it waits for a scrutineer."""

    reason: str
    chair: str


class Round(msgspec.Struct, frozen=True):
    """One opening of an item.

    ``first`` is the leaf of its opening, ``last`` the last leaf that counts. ``deadline`` is in milliseconds
    of the meeting's clock while the countdown runs, ``remaining`` in milliseconds while it is paused; both are
    None without a countdown. ``present`` are the members who were checked in at any moment while it was open.
    ``tallies`` hold the scores by (target, criterion), "" for the target as a whole, and ``votes`` count the choices by
    (target, option). ``recused`` are those who were recused when it was opened, with their reasons, present or not.
    ``candidates`` stand for ``places`` in a selection. ``manual`` is there where no ballots were cast. ``confirmed`` is
    the scrutineer who signed the count, "" for nobody. ``reason`` is why it is void, ``voided_by`` the scrutineer
    who signed that, "" for nobody, ``voiding`` there while that waits for one. ``sealing`` is there in a secret round.
    """

    item: str
    number: int
    phase: Phase
    first: int
    deadline: int | None
    remaining: int | None
    present: HashTrieMap[str, bool]
    ballots: HashTrieMap[str, Ballot]
    tallies: HashTrieMap[tuple[str, str], Tally]
    votes: HashTrieMap[tuple[str, Option], int] = HashTrieMap()
    last: int | None = None
    reason: str = ""
    voided_by: str = ""
    recused: HashTrieMap[str, str] = HashTrieMap()
    candidates: tuple[str, ...] = ()
    places: int = 0
    manual: Manual | None = None
    confirmed: str = ""
    voiding: Voiding | None = None
    sealing: Sealing | None = None

    @property
    def sealed(self) -> bool:
        """Whether its ballots are secret and not opened yet."""
        return self.sealing is not None and not self.sealing.unsealed

    @property
    def invalid(self) -> int:
        """How many of the ballots received are not valid."""
        if self.manual is not None:
            return self.manual.invalid
        return len(self.sealing.invalid) if self.sealing is not None else 0

    @property
    def received(self) -> int:
        """How many ballots count."""
        return len(self.ballots) if self.manual is None else self.manual.received

    @property
    def recused_present(self) -> int:
        """How many of those present for the round are recused."""
        return sum(person in self.present for person in self.recused)

    @property
    def not_voted(self) -> int:
        """How many of those present for the round could vote and have not."""
        return len(self.present) - self.received - self.recused_present

    @property
    def live(self) -> bool:
        """Whether ballots are taken."""
        return self.phase in LIVE

    def remaining_at(self, at: int) -> int | None:
        """Milliseconds left at ``at`` on the meeting's clock, None without a countdown, never below 0."""
        if self.deadline is not None:
            return max(0, self.deadline - at)
        return self.remaining


class Continuation(msgspec.Struct, frozen=True):
    """The record went on from an older copy: its ``size`` and ``root`` (base64), why, and who said so on which leaf.

    ``countersigned`` is the leaf of the scrutineer's agreement, None while the meeting waits for it. ``chair_enrolled``
    and ``scrutineer_enrolled`` are the leaves on which the devices that signed were enrolled.
    """

    size: int
    root: str
    reason: str
    chair: str
    declared: int
    chair_enrolled: int
    countersigned: int | None = None
    scrutineer: str = ""
    scrutineer_enrolled: int | None = None


class Lost(msgspec.Struct, frozen=True):
    """What a member has a receipt for and the record has lost: the command, its old leaf, and the leaf that says so."""

    person: str
    command: str
    index: int
    leaf: int


class Imported(msgspec.Struct, frozen=True):
    """What counts of a component or its part: the lines, the name and SHA-256 (hex) of their file, and their leaf."""

    file: str
    sha256: str
    lines: tuple[EvidenceLine, ...]
    leaf: int


class Meeting(msgspec.Struct, frozen=True):
    """All that replaying the ledger gives.

    ``log_key`` is base64. ``size`` events so far, the last ``at`` this millisecond of the meeting's clock, which
    runs from the ledger's beginning and never backwards. ``devices`` by key id, ``sessions`` the device of each
    principal, ``transports`` every transport key that any device ever had, ``codes`` whom each outstanding
    enrolment code (SHA-256 of its secret) is for and ``code_of`` the same the other way, ``unsigned_codes`` those
    that wait for the chair, ``commands`` the first leaf of each accepted command by its id, ``present`` the members
    present now, ``left`` those who left early and ``excused`` those who are, each with the reason,
    ``check_in_until`` the millisecond of the meeting's clock until which members may check in themselves, or could
    (None: it was not opened yet), ``seats`` where moved members sit, ``recusals`` the reason of each by (item,
    person), ``withdrawn`` the reason of each withdrawn item, ``evidence`` by (component, part), ``composite`` as it was
    announced, empty before that and once something has changed it, ``rounds`` in order, ``continuations`` in order,
    ``lost`` by command id. Behind leaf ``settled`` - 1 there are only codes, enrolments and countersignatures.
    ``closed`` is the leaf of the meeting's close, the last one, None before it. ``ceremony`` is the newest key
    ceremony, ``attempts`` how many there were, ``key`` the election key made last, ``holders`` who has its shares.
    """

    id: str = ""
    size: int = 0
    at: int = 0
    origin: str = ""
    log_key: str = ""
    server_key: str = ""
    definition: Definition | None = None
    devices: HashTrieMap[str, Device] = HashTrieMap()
    sessions: HashTrieMap[Principal, str] = HashTrieMap()
    transports: HashTrieMap[str, str] = HashTrieMap()
    codes: HashTrieMap[str, Principal] = HashTrieMap()
    code_of: HashTrieMap[Principal, str] = HashTrieMap()
    unsigned_codes: HashTrieMap[str, Principal] = HashTrieMap()
    commands: HashTrieMap[str, int] = HashTrieMap()
    present: HashTrieMap[str, bool] = HashTrieMap()
    left: HashTrieMap[str, str] = HashTrieMap()
    excused: HashTrieMap[str, str] = HashTrieMap()
    check_in_until: int | None = None
    seats: HashTrieMap[str, str] = HashTrieMap()
    recusals: HashTrieMap[tuple[str, str], str] = HashTrieMap()
    withdrawn: HashTrieMap[str, str] = HashTrieMap()
    evidence: HashTrieMap[tuple[str, str], Imported] = HashTrieMap()
    composite: tuple[CompositeLine, ...] = ()
    rounds: tuple[Round, ...] = ()
    entitled: frozenset[str] = frozenset()
    items: HashTrieMap[str, Item] = HashTrieMap()
    continuations: tuple[Continuation, ...] = ()
    lost: HashTrieMap[str, Lost] = HashTrieMap()
    settled: int = 0
    closed: int | None = None
    ceremony: Board | None = None
    attempts: int = 0
    key: ElectionKey | None = None
    holders: tuple[str, ...] = ()

    @property
    def agenda(self) -> tuple[Item, ...]:
        """The items in their order."""
        return self.definition.agenda if self.definition else ()

    @property
    def latest(self) -> Round | None:
        """The round that was opened last."""
        return self.rounds[-1] if self.rounds else None

    @property
    def live_round(self) -> Round | None:
        """The round that takes ballots now."""
        latest = self.latest
        return latest if latest is not None and latest.live else None

    @property
    def continuing(self) -> Continuation | None:
        """The continuation that waits for a scrutineer."""
        latest = self.continuations[-1] if self.continuations else None
        return latest if latest is not None and latest.countersigned is None else None

    def round_of(self, item: str) -> Round | None:
        """The latest round of this item."""
        return next((one for one in reversed(self.rounds) if one.item == item), None)

    def phase_of(self, item: str) -> Phase:
        """Where this item stands."""
        if item in self.withdrawn:
            return Phase.WITHDRAWN
        latest = self.round_of(item)
        return latest.phase if latest is not None else Phase.PENDING

    @property
    def voiding(self) -> Round | None:
        """The round whose voiding waits for a scrutineer, the newest of them."""
        return next((one for one in reversed(self.rounds) if one.voiding is not None), None)

    def has_been_here(self, person: str) -> bool:
        """Whether this member is present, or was and left."""
        return person in self.present or person in self.left

    def awaits_confirmation(self, one: Round) -> bool:
        """Whether a scrutineer has to sign the count of this round before it is announced."""
        wanted = one.manual is not None or self.items[one.item].rules.confirmed
        return wanted and not one.confirmed

    @property
    def begun(self) -> bool:
        """Whether anything was voted on but by way of trial."""
        return any(one.item != TRIAL.id for one in self.rounds)

    def recused_from(self, item: str) -> HashTrieMap[str, str]:
        """Who is recused from this item now, each with the reason."""
        return HashTrieMap({person: reason for (which, person), reason in self.recusals.items() if which == item})

    def seat_of(self, person: str) -> str:
        """Where this person sits now, "" for nowhere."""
        if person in self.seats:
            return self.seats[person]
        line = self.definition.person(person) if self.definition else None
        return line.seat if line else ""
