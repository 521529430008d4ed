"""A meeting in every state that an item and its round can be in, and lawful words to say in it, with drawn fields."""

from base64 import b64encode
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial

import msgspec
from hypothesis import strategies as st

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SCORE, SELECTION, hall
from kit.factories import research, small_definition
from kit.playbook import CHAIR, ORIGIN, Playbook, code_of, signing_key, transport_key
from kit.pretending import ballot_of, counts_of
from kit.secret_book import SecretBook, secretly
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceComposite,
    AnnounceRound,
    BeginCeremony,
    Body,
    Cast,
    CastSecret,
    CheckIn,
    CheckInByHand,
    CheckOut,
    CloseCheckIn,
    CloseMeeting,
    CloseRound,
    ConfirmRound,
    CountersignCode,
    CountersignContinuation,
    CountersignVoid,
    CreateMeeting,
    DeclareContinuation,
    Enrol,
    EnterResult,
    Excuse,
    ExtendRound,
    HandInReceipt,
    ImportEvidence,
    IssueCode,
    KeptReceipt,
    LiftRecusal,
    LoadDefinition,
    MoveSeat,
    OpenCheckIn,
    OpenPart,
    OpenRound,
    OverrideCosigning,
    PauseRound,
    Recuse,
    ReorderAgenda,
    ResumeRound,
    RevokeDevice,
    TakeBackVoid,
    VoidRound,
    WithdrawCode,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import TRIAL, Item, Role, ScoreRules, SelectionRules, Target
from pingyi_protocol.meeting.evolve import CLERK, HALL
from pingyi_protocol.meeting.key_ceremony import scrutineers
from pingyi_protocol.meeting.model import Principal, Round
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.record.checkpoint import Checkpoint, sign_checkpoint
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, DisputeShare, RevealKey
from pingyi_protocol.wire.envelope import seal

change = msgspec.structs.replace

KINDS = {item.id: change(item, id="subject") for item in (SCORE, CRITERIA, QUESTIONED, MOTION, RATING, SELECTION)}
OTHERS = (change(MOTION, id="second", title="另一决议"), change(SCORE, id="third", title="另一评议", targets=("T04",)))
NEW = (Item("extra", "临时动议", rules=MOTION.rules), Item("extra", "临时评议", ("T09",), ScoreRules()))

RESEARCH = msgspec.structs.astuple(research(("T04", "88.5")))

PRESENT = ("M01", "M02", "M03", "M04", "M05")
RECUSED, ABSENT, EXCUSED, LEFT = "M05", "M06", "M07", "M08"
REPLACED = "M04"
VOTERS = 4
SIZE = 8
WHY = "磁盘损坏"
PICKS = (60, 3, 5, 0, 1, 4, 2, 6)
NEWCOMER = "newcomer"


class State(StrEnum):
    """Where the item that is spoken of stands, or the whole meeting."""

    PENDING = "pe"
    OPEN = "op"
    PAUSED = "pa"
    CLOSED = "cl"
    VOID_PROPOSED = "vp"
    UNSIGNED = "un"
    SIGNED = "si"
    BY_HAND = "bh"
    ANNOUNCED = "an"
    VOID = "vo"
    WITHDRAWN = "wi"
    WITHDRAWN_AFTER_VOID = "wv"
    TRIAL_OPEN = "to"
    TRIAL_CLOSED = "tc"
    TRIAL_BELATED = "tb"
    CONTINUATION_PENDING = "cp"
    MEETING_CLOSED = "mc"
    SEALED_OPEN = "so"
    SEALED_CLOSED = "sc"
    SEALED_CHECKED = "sk"
    SEALED_BEGUN = "sb"
    UNSEALED = "su"


SECRET = (State.SEALED_OPEN, State.SEALED_CLOSED, State.SEALED_CHECKED, State.SEALED_BEGUN, State.UNSEALED)
TRIED = (State.TRIAL_OPEN, State.TRIAL_CLOSED, State.TRIAL_BELATED)


@dataclass(frozen=True, eq=False)
class Scene:
    """A meeting in a state, the ``item`` that is spoken of, and a receipt for what the record has lost."""

    book: Playbook
    item: Item
    lost: KeptReceipt

    @property
    def latest(self) -> Round | None:
        """The item's latest round."""
        return self.book.meeting.round_of(self.item.id)

    @property
    def number(self) -> int:
        """The number of the round to be steered."""
        return self.latest.number if self.latest else 1

    def replayed(self) -> Playbook:
        """Return the same meeting to go on with."""
        book = copy(self.book)
        book.entries, book.commands, book.keys = list(book.entries), dict(book.commands), dict(book.keys)
        return book


@cache
def scene(kind: str, state: State, *, window: bool) -> Scene:
    """Return the meeting in this state, about an item of this kind, with check-in open or not."""
    item = KINDS[kind]
    signed = state in (State.UNSIGNED, State.SIGNED)
    item = change(item, rules=change(item.rules, seconds=120, confirmed=signed))
    item = secretly(item) if state in SECRET else item
    book, lost = gathered(item, window=window)
    if state in SECRET:
        bring_secretly(book, item, state)
    else:
        bring(book, item, state)
    book.followed()
    return Scene(book, TRIAL if state in TRIED else item, lost)


def gathered(item: Item, *, window: bool) -> tuple[SecretBook, KeptReceipt]:
    """Five of eight have come, one is excused, one has left; the record once went on from an older copy."""
    definition = change(
        hall(item, *OTHERS, members=SIZE, check_in_minutes=30), components=small_definition().components
    )
    book = SecretBook(definition).enrol(*CHAIR).enrol(*HALL)
    for person in ("M02", "M03"):
        book.enrol(person, Role.SCRUTINEER)
    for place in range(1, SIZE + 1):
        book.enrol(f"M{place:02}")
    book.chair(OpenCheckIn()).check_in(LEFT)
    lost = lost_arrival(book)
    going_on = (book.meeting.size, lost_root(book), WHY)
    book.chair(DeclareContinuation(*going_on)).say(scrutineer("M02"), CountersignContinuation(*going_on))
    book.check_in(*PRESENT).check_out(LEFT).excuse(EXCUSED).recuse(RECUSED, item.id)
    book.clerk(IssueCode(ABSENT, Role.MEMBER, code_of("spare"))).clerk(
        IssueCode(HALL.person, HALL.role, code_of("wall"))
    )
    book.clerk(IssueCode(REPLACED, Role.MEMBER, code_of("again")))
    return (book if window else book.chair(CloseCheckIn())), lost


def lost_arrival(book: Playbook) -> KeptReceipt:
    """Return M04's receipt for a check-in that is on another branch of the record."""
    branch = Scene(book, TRIAL, KeptReceipt(0, "", (), "")).replayed()
    branch.sent += 10**6
    branch.check_in("M04")
    leaves = [encode_entry(entry) for entry in branch.entries]
    log, index = MerkleLog(map(leaf_hash, leaves)), len(leaves) - 1
    note = sign_checkpoint(Checkpoint(ORIGIN, log.size, log.root()), signing_key("log"), ORIGIN)
    proof = tuple(b64encode(each).decode() for each in log.inclusion_proof(index))
    return KeptReceipt(index, leaves[-1].decode(), proof, note)


def lost_root(book: Playbook) -> str:
    """Return the root over all leaves so far."""
    return b64encode(MerkleLog(leaf_hash(encode_entry(entry)) for entry in book.entries).root()).decode()


def bring(book: Playbook, item: Item, state: State) -> None:  # noqa: C901, PLR0912 - one case for each state
    """Bring the item, or the meeting, into a state."""
    match state:
        case State.PENDING:
            return
        case State.WITHDRAWN:
            book.withdraw(item.id)
            return
        case State.BY_HAND:
            book.enter(item.id, 3, *counts_of(item, [PICKS, PICKS]), invalid=1)
            return
        case State.TRIAL_OPEN | State.TRIAL_CLOSED:
            book.open(TRIAL.id)
        case _:
            book.open(item.id)
    one = book.newest
    held = book.meeting.items[one.item]
    for person in ("M01", "M02"):
        book.answer(person, *ballot_of(held, PICKS, one.candidates, one.places))
    match state:
        case State.PAUSED:
            book.pause()
        case State.CLOSED | State.UNSIGNED | State.TRIAL_CLOSED:
            book.close()
        case State.VOID_PROPOSED:
            book.close().propose_void()
        case State.SIGNED:
            book.close().confirm("M03")
        case State.ANNOUNCED | State.TRIAL_BELATED:
            book.close().announce()
        case State.VOID:
            book.void()
        case State.WITHDRAWN_AFTER_VOID:
            book.void().withdraw(item.id)
        case State.CONTINUATION_PENDING:
            book.chair(DeclareContinuation(book.meeting.size, lost_root(book), WHY))
        case State.MEETING_CLOSED:
            book.close().announce().close_meeting()
        case _:
            pass


def bring_secretly(book: SecretBook, item: Item, state: State) -> None:
    """Bring the item, whose ballots are secret, so far that it is opened, or less far."""
    book.make_key("M02", "M03").open(item.id)
    for person in PRESENT[:3]:
        book.seal(person, *ballot_of(item, PICKS, book.newest.candidates, book.newest.places))
    for step in (book.close, book.check, book.begin_opening, partial(book.opens, "M02", "M03"))[: SECRET.index(state)]:
        step()


# what can be said, with drawn fields

Said = st.SearchStrategy[tuple[Principal, Body]]
Saying = Callable[[Scene], Said]

reasons = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30).filter(is_reason)
picks = st.lists(st.none() | st.integers(0, 100), min_size=8, max_size=8)
some_present = st.sampled_from(PRESENT)
some_away = st.sampled_from((ABSENT, EXCUSED, LEFT))
hashes = st.binary(min_size=32, max_size=32)
chairs = st.just(CHAIR)
clerks = st.just(CLERK)


def member(person: str) -> Principal:
    """The member of this number."""
    return Principal(person, Role.MEMBER)


def scrutineer(person: str) -> Principal:
    """The scrutineer of this number."""
    return Principal(person, Role.SCRUTINEER)


def by(principals: st.SearchStrategy[Principal], body: type[Body], *fields: st.SearchStrategy[object]) -> Said:
    """One of these says this."""
    return st.tuples(principals, st.builds(body, *fields))


def steering(body: type[Body], *fields: st.SearchStrategy[object]) -> Saying:
    """What the chair says about the item's latest round."""
    return lambda here: by(chairs, body, st.just(here.item.id), st.just(here.number), *fields)


def create(_here: Scene) -> Said:
    """Another ledger."""
    keys = (public_text(signing_key("log")), transport_key("server"), public_text(signing_key(NEWCOMER)))
    return by(clerks, CreateMeeting, st.just(ORIGIN), *map(st.just, keys), st.just(transport_key(NEWCOMER)))


def load(here: Scene) -> Said:
    """The definition again, under any name."""
    definition = here.book.meeting.definition
    assert definition is not None
    names = st.sampled_from(("示例市人大常委会", "示例县人大常委会"))
    loads = names.map(lambda name: LoadDefinition(change(definition, meeting=change(definition.meeting, name=name))))
    return st.tuples(clerks, loads)


def issue(_here: Scene) -> Said:
    """A code for somebody in a role of theirs."""
    allowed = st.sampled_from((CHAIR, CLERK, HALL, scrutineer("M02"), member("M01"), member(ABSENT)))
    codes = hashes.map(bytes.hex)
    return st.builds(lambda whom, code: (CLERK, IssueCode(whom.person, whom.role, code)), allowed, codes)


def enrol(_here: Scene) -> Said:
    """A new device under an outstanding code."""
    keys = (public_text(signing_key(NEWCOMER)), transport_key(NEWCOMER))
    codes = st.sampled_from(((member(ABSENT), code_of("spare")), (HALL, code_of("wall"))))
    return codes.map(lambda code: (code[0], Enrol(code[1], *keys, pinned=True)))


def countersign_void(here: Scene) -> Said:
    """What the chair declared void, or would have."""
    voiding = here.latest.voiding if here.latest else None
    reason = voiding.reason if voiding else "计票有误"
    people = st.sampled_from(("M02", "M03")).map(scrutineer)
    return by(people, CountersignVoid, *map(st.just, (here.item.id, here.number, reason)))


def reorder(here: Scene) -> Said:
    """Any order: only one item was ever opened."""
    return by(clerks, ReorderAgenda, st.permutations([item.id for item in here.book.meeting.agenda]).map(tuple))


def add(_here: Scene) -> Said:
    """A new item, with a new target."""
    return by(clerks, AddItem, st.sampled_from(NEW), st.just((Target("T09", "新设立的局"),)))


def recuse(_here: Scene) -> Said:
    """Anybody from an item from which nobody is recused."""
    people = st.sampled_from((*PRESENT, ABSENT, EXCUSED, LEFT))
    return by(clerks, Recuse, people, st.sampled_from(("second", "third")), reasons)


def open_it(here: Scene) -> Said:
    """The item's next round."""
    return by(chairs, OpenRound, st.just(here.item.id), st.just(here.book.following(here.item.id)))


def confirm(here: Scene) -> Said:
    """The count that stands, by who may sign it: for a confirmed item the chief."""
    one = here.latest
    signers = ("M03",) if here.item.rules.confirmed else ("M02", "M03")
    manual = one.manual if one else None
    count = (len(one.present), one.received, one.recused_present) if one else (len(PRESENT), 0, 1)
    by_hand = (manual.invalid, manual.counts) if manual else (0, ())
    body = ConfirmRound(here.item.id, here.number, *count, *by_hand)
    return st.tuples(st.sampled_from(signers).map(scrutineer), st.just(body))


def enter(here: Scene) -> Said:
    """What any number of hands gave, up to those who may vote."""
    number = here.book.following(here.item.id)

    def entered(heap: list[list[int | None]], invalid: int, reason: str) -> tuple[Principal, Body]:
        invalid = min(invalid, VOTERS - len(heap))
        counts = counts_of(here.item, heap)
        return CLERK, EnterResult(here.item.id, number, reason, len(heap) + invalid, invalid, counts)

    return st.builds(entered, st.lists(picks, max_size=VOTERS), st.integers(0, VOTERS), reasons)


def cast(here: Scene) -> Said:
    """A ballot of anybody who may vote, also a second one."""
    one, rules = here.latest, here.item.rules
    winners = rules.winners if isinstance(rules, SelectionRules) else 0
    standing = (one.candidates, one.places) if one else (here.item.targets, winners)
    people = st.sampled_from([person for person in PRESENT if person != RECUSED]).map(member)
    answers = picks.map(lambda which: ballot_of(here.item, which, *standing))
    return by(people, Cast, st.just(here.item.id), st.just(here.number), answers)


def cast_secret(here: Scene) -> Said:
    """A secret ballot of who has cast none; where none is taken, anything."""
    one = here.latest
    body = CastSecret(here.item.id, here.number, ("",))
    if one is not None and one.sealing is not None and one.live and isinstance(here.book, SecretBook):
        body = here.book.sealed("M04", *ballot_of(here.item, PICKS, one.candidates, one.places))
    return st.tuples(st.just(member("M04")), st.just(body))


def declare(here: Scene) -> Said:
    """An older copy that is this very record."""
    roots = hashes.map(lambda root: b64encode(root).decode())
    return by(chairs, DeclareContinuation, st.just(here.book.meeting.size), roots, reasons)


def begin_ceremony(here: Scene) -> Said:
    """All scrutineers who have a terminal, for the next ceremony."""
    meeting = here.book.meeting
    body = BeginCeremony(meeting.attempts + 1, 2, scrutineers(meeting))
    return st.tuples(st.sampled_from((CHAIR, CLERK)), st.just(body))


def key_message(body: Body) -> Saying:
    """A word to a ceremony that is not held."""
    return lambda _: st.tuples(st.sampled_from(("M02", "M03")).map(scrutineer), st.just(body))


def override(here: Scene) -> Said:
    """The chief scrutineer's word to a head."""
    head = (here.book.meeting.size, b64encode(bytes(32)).decode())
    fields = map(st.just, (here.item.id, here.number, *head))
    return by(st.just(scrutineer("M03")), OverrideCosigning, *fields, reasons)


def countersign(here: Scene) -> Said:
    """What the chair declared, or would have."""
    one = here.book.meeting.continuations[-1]
    people = st.sampled_from(("M02", "M03")).map(scrutineer)
    return by(people, CountersignContinuation, *map(st.just, (one.size, one.root, one.reason)))


LAWFUL: dict[type[Body], Saying] = {
    CreateMeeting: create,
    LoadDefinition: load,
    IssueCode: issue,
    CountersignCode: lambda _: by(
        chairs, CountersignCode, st.just(REPLACED), st.just(Role.MEMBER), st.just(code_of("again"))
    ),
    WithdrawCode: lambda _: by(clerks, WithdrawCode, st.sampled_from((REPLACED, ABSENT)), st.just(Role.MEMBER)),
    Enrol: enrol,
    RevokeDevice: lambda _: by(clerks, RevokeDevice, some_present | some_away, st.just(Role.MEMBER), reasons),
    CheckIn: lambda _: by(some_away.map(member), CheckIn),
    CheckInByHand: lambda _: by(clerks, CheckInByHand, some_away, reasons),
    CheckOut: lambda _: by(clerks, CheckOut, some_present, reasons),
    OpenCheckIn: lambda _: by(st.sampled_from((CHAIR, CLERK)), OpenCheckIn),
    CloseCheckIn: lambda _: by(st.sampled_from((CHAIR, CLERK)), CloseCheckIn),
    Excuse: lambda _: by(clerks, Excuse, st.just(ABSENT), reasons),
    MoveSeat: lambda _: by(clerks, MoveSeat, some_present | some_away, st.integers(1, 99).map("9-{:02}".format)),
    Recuse: recuse,
    LiftRecusal: lambda _: by(clerks, LiftRecusal, st.just(RECUSED), st.just("subject"), reasons),
    AddItem: add,
    ReorderAgenda: reorder,
    WithdrawItem: lambda _: by(clerks, WithdrawItem, st.just("subject"), reasons),
    ImportEvidence: lambda _: by(clerks, ImportEvidence, *map(st.just, RESEARCH)),
    OpenRound: open_it,
    ExtendRound: steering(ExtendRound, st.integers(1, 3600)),
    PauseRound: steering(PauseRound),
    ResumeRound: steering(ResumeRound),
    CloseRound: steering(CloseRound),
    ConfirmRound: confirm,
    EnterResult: enter,
    AnnounceRound: steering(AnnounceRound),
    AnnounceComposite: lambda _: by(chairs, AnnounceComposite),
    VoidRound: steering(VoidRound, reasons),
    CountersignVoid: countersign_void,
    TakeBackVoid: steering(TakeBackVoid),
    CloseMeeting: lambda _: by(chairs, CloseMeeting),
    Cast: cast,
    BeginCeremony: begin_ceremony,
    CommitToKey: key_message(CommitToKey(1, "")),
    RevealKey: key_message(RevealKey(1, "", (), "")),
    DealShares: key_message(DealShares(1, ())),
    ConfirmKey: key_message(ConfirmKey(1)),
    DisputeShare: key_message(DisputeShare(1, 2, "")),
    CastSecret: cast_secret,
    OverrideCosigning: override,
    OpenPart: lambda here: by(
        st.just(scrutineer("M03")), OpenPart, st.just(here.item.id), st.just(here.number), st.just(("",))
    ),
    DeclareContinuation: declare,
    CountersignContinuation: countersign,
    HandInReceipt: lambda here: by(st.just(member("M04")), HandInReceipt, st.just(here.lost)),
}
"""What is lawful to say wherever the state allows it, by whom, with drawn fields."""


@cache
def lawful(here: Scene, body: type[Body]) -> Said:
    """Return who may say what of this kind."""
    return LAWFUL[body](here)


def say(book: Playbook, principal: Principal, body: Body) -> None:
    """Let it arrive, signed by the principal's device, or by the one that shows its key in it."""
    key = signing_key(NEWCOMER) if isinstance(body, CreateMeeting | Enrol) else book.keys[principal]
    book.send(seal(msgspec.json.encode(book.command(principal, body)), key))
