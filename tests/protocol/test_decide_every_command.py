"""Every command in every state, in meetings about items of every kind: a table of its own says what comes of it."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.every_kind import times
from kit.every_state import (
    ABSENT,
    EXCUSED,
    KINDS,
    LAWFUL,
    LEFT,
    NEW,
    RECUSED,
    SIZE,
    Scene,
    State,
    lawful,
    member,
    say,
    scene,
    scrutineer,
)
from kit.factories import research
from kit.playbook import CHAIR, Playbook, code_of
from pingyi_protocol.meeting.commands import (
    BeginCeremony,
    Body,
    Cast,
    CheckIn,
    Choice,
    CloseCheckIn,
    CreateMeeting,
    Enrol,
    HandInReceipt,
    KeptReceipt,
    OpenCheckIn,
)
from pingyi_protocol.meeting.components import EvidenceLine, VoteCounts
from pingyi_protocol.meeting.definition import Language, Option, Role
from pingyi_protocol.meeting.evolve import CLERK, HALL
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.entry import decode_entry, encode_entry
from pingyi_protocol.record.replay import follow
from pingyi_protocol.text import catalogue

change = msgspec.structs.replace

LEGEND = {
    "+": None,
    "A": Reason.ALREADY_ANNOUNCED,
    "C": Reason.ALREADY_CLOSED,
    "c": Reason.CLOSED,
    "D": Reason.NO_COUNTDOWN,
    "B": Reason.BALLOT_SECRET,
    "b": Reason.BALLOT_OPEN,
    "E": Reason.MEETING_EXISTS,
    "g": Reason.OPENING_MISFIT,
    "H": Reason.NOT_UNSEALED,
    "I": Reason.ITEM_WITHDRAWN,
    "K": Reason.COMPOSITE_MISSING,
    "k": Reason.NO_CEREMONY,
    "M": Reason.CONTINUATION_MISFIT,
    "N": Reason.NO_SUCH_ROUND,
    "n": Reason.NOT_CLOSED,
    "O": Reason.ROUND_OPEN,
    "o": Reason.OPENING_NOT_BEGUN,
    "P": Reason.PAUSED,
    "R": Reason.NOT_PAUSED,
    "r": Reason.ROUND_SEALED,
    "S": Reason.ALREADY_CONFIRMED,
    "s": Reason.NOT_CONFIRMED,
    "T": Reason.TRIAL,
    "U": Reason.MEETING_UNDERWAY,
    "u": Reason.BALLOTS_UNCHECKED,
    "V": Reason.ROUND_VOID,
    "v": Reason.ITEM_VOTED,
    "W": Reason.CONTINUATION_PENDING,
    "m": Reason.VOID_MISFIT,
    "w": Reason.VOID_WAITS,
    "X": Reason.MEETING_CLOSED,
    "z": Reason.NOT_SEALED,
}

# pending, open, paused, closed; closed and declared void, yet to be countersigned; closed and yet to be signed, signed,
# entered by hand; announced, void; withdrawn, also after a void round; trial vote open, closed, wished for once the
# meeting is under way; continuation yet to be countersigned; meeting closed; a secret round open, closed, checked,
# begun to be opened, opened
GRID = """
                         pe op pa cl vp un si bh an vo wi wv to tc tb cp mc so sc sk sb su
CreateMeeting            E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E  E
LoadDefinition           +  U  U  U  U  U  U  U  U  U  +  U  O  +  U  W  X  U  U  U  U  U
IssueCode                +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  X  +  +  +  +  +
CountersignCode          +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  X  +  +  +  +  +
WithdrawCode             +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
Enrol                    +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  X  +  +  +  +  +
RevokeDevice             +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
CheckIn                  +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
CheckInByHand            +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
CheckOut                 +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
OpenCheckIn              +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
CloseCheckIn             +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
Excuse                   +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
MoveSeat                 +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
Recuse                   +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
LiftRecusal              +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
AddItem                  +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
ReorderAgenda            +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
WithdrawItem             +  O  O  v  v  v  v  v  v  +  I  I  +  +  v  W  X  O  v  v  v  v
ImportEvidence           +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
OpenRound                +  O  P  +  w  +  +  +  +  +  I  I  O  +  T  W  X  O  +  +  +  +
ExtendRound              N  +  +  C  C  C  C  C  A  V  N  V  D  C  N  W  X  +  C  C  C  C
PauseRound               N  +  P  C  C  C  C  C  A  V  N  V  +  C  N  W  X  +  C  C  C  C
ResumeRound              N  R  +  C  C  C  C  C  A  V  N  V  R  C  N  W  X  R  C  C  C  C
CloseRound               N  +  +  C  C  C  C  C  A  V  N  V  +  C  N  W  X  +  C  C  C  C
ConfirmRound             N  n  n  +  +  +  S  +  A  V  N  V  n  T  N  W  X  n  u  +  +  +
EnterResult              +  O  P  +  w  +  +  +  +  +  I  I  T  T  T  W  X  O  +  +  +  +
AnnounceRound            N  n  n  +  w  s  +  s  A  V  N  V  n  T  N  W  X  n  H  H  H  +
AnnounceComposite        K  O  O  K  K  K  K  K  K  K  K  K  O  K  K  W  X  O  K  K  K  K
VoidRound                N  +  +  +  +  +  +  +  +  V  N  V  +  +  N  W  X  +  +  +  +  +
CountersignVoid          N  m  m  m  +  m  m  m  m  V  N  V  m  m  N  W  X  m  m  m  m  m
TakeBackVoid             N  m  m  m  +  m  m  m  m  V  N  V  m  m  N  W  X  m  m  m  m  m
CloseMeeting             +  O  O  +  w  +  +  +  +  +  +  +  O  +  +  W  X  O  +  +  +  +
Cast                     N  +  +  c  c  c  c  c  c  V  N  V  +  c  N  W  X  B  c  c  c  c
BeginCeremony            +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  r  r  r  r  +
CommitToKey              k  k  k  k  k  k  k  k  k  k  k  k  k  k  k  W  X  k  k  k  k  k
RevealKey                k  k  k  k  k  k  k  k  k  k  k  k  k  k  k  W  X  k  k  k  k  k
DealShares               k  k  k  k  k  k  k  k  k  k  k  k  k  k  k  W  X  k  k  k  k  k
ConfirmKey               k  k  k  k  k  k  k  k  k  k  k  k  k  k  k  W  X  k  k  k  k  k
DisputeShare             k  k  k  k  k  k  k  k  k  k  k  k  k  k  k  W  X  k  k  k  k  k
CastSecret               N  b  b  c  c  c  c  c  c  V  N  V  b  c  N  W  X  +  c  c  c  c
OverrideCosigning        N  n  n  z  z  z  z  z  A  V  N  V  n  z  N  W  X  n  u  +  g  z
OpenPart                 N  n  n  z  z  z  z  z  A  V  N  V  n  z  N  W  X  n  u  o  +  z
DeclareContinuation      +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
CountersignContinuation  M  M  M  M  M  M  M  M  M  M  M  M  M  M  M  +  X  M  M  M  M  M
HandInReceipt            +  +  +  +  +  +  +  +  +  +  +  +  +  +  +  W  X  +  +  +  +  +
"""
COLUMNS, *LINES = (line.split() for line in GRID.strip().splitlines())
TABLE = {
    (name, State(state)): LEGEND[cell] for name, *cells in LINES for state, cell in zip(COLUMNS, cells, strict=True)
}
BODIES: tuple[type[Body], ...] = get_args(Body)
SHUT = (OpenCheckIn,)
kinds = st.sampled_from(sorted(KINDS))

# who may not say it, whatever it is
STRANGERS = {
    Role.CLERK: CLERK,
    Role.CHAIR: CHAIR,
    Role.SCRUTINEER: scrutineer("M03"),
    Role.MEMBER: member("M04"),
    Role.HALL: HALL,
}

Fault = tuple[dict[str, object], Reason]
Faults = list[Fault]
LONG, UNSEEN = "长" * 201, "看不\u200b见"
NOBODY: Faults = [({"person": "M99"}, Reason.NO_SUCH_PERSON)]
SILENT: Faults = [({"reason": text}, Reason.TEXT_REFUSED) for text in ("", " ", "a\nb", LONG, UNSEEN)]
ATTENDEE: Faults = [({"person": "A01"}, Reason.NOT_ENTITLED)]
ASTRAY: Faults = [
    ({"round": 0}, Reason.NO_SUCH_ROUND),
    ({"round": 99}, Reason.NO_SUCH_ROUND),
    ({"round": -(10**30)}, Reason.NO_SUCH_ROUND),
    ({"item": "nothing"}, Reason.NO_SUCH_ROUND),
    ({"item": "second"}, Reason.NO_SUCH_ROUND),
]
ELSEWHERE: Faults = [({"item": item}, Reason.NO_SUCH_ITEM) for item in ("nothing", "trial", "")]
UNTIMELY: Faults = [({"round": number}, Reason.OTHER_ROUND) for number in (0, -1, 99)]
TOO_LONG: Faults = [({"seconds": seconds}, Reason.SECONDS_OUT_OF_RANGE) for seconds in (0, -1, 3601, 10**30)]
UNCOUNTED: Faults = [({"received": 99}, Reason.RESULT_OVER_PRESENT), ({"invalid": -1}, Reason.RESULT_OVER_PRESENT)]
MISCOPIED: Faults = [
    ({"size": -1}, Reason.CONTINUATION_MISFIT),
    ({"size": 10**6}, Reason.CONTINUATION_MISFIT),
    ({"root": "x"}, Reason.CONTINUATION_MISFIT),
]
STRANGE = times(77, Choice("", Option.FOR))
FAULTS: dict[str, Faults] = {
    "IssueCode": [
        *NOBODY,
        ({"person": "M04", "role": Role.SCRUTINEER}, Reason.NO_SUCH_PERSON),
        ({"secret_hash": "x"}, Reason.MALFORMED),
        ({"secret_hash": code_of("wall")}, Reason.MALFORMED),
    ],
    "Enrol": [({"code": code_of("nothing")}, Reason.CODE_UNKNOWN), ({"transport_key": "x"}, Reason.KEY_REFUSED)],
    "CountersignCode": [
        ({"secret_hash": code_of("spare")}, Reason.NO_CODE_WAITS),
        ({"person": "M01"}, Reason.NO_CODE_WAITS),
        ({"role": Role.CHAIR}, Reason.NO_CODE_WAITS),
    ],
    "WithdrawCode": [({"person": "M01"}, Reason.NO_CODE), ({"role": Role.CHAIR}, Reason.NO_CODE)],
    "RevokeDevice": [
        *SILENT,
        ({"person": "M99"}, Reason.NO_DEVICE),
        ({"role": Role.CHAIR, "person": "M02"}, Reason.NO_DEVICE),
        ({"person": CLERK.person, "role": CLERK.role}, Reason.CLERK_DEVICE),
    ],
    "CheckIn": [({"by": member("M01")}, Reason.ALREADY_PRESENT)],
    "CheckInByHand": [*NOBODY, *SILENT, *ATTENDEE, ({"person": "M01"}, Reason.ALREADY_PRESENT)],
    "CheckOut": [*NOBODY, *SILENT, *ATTENDEE, ({"person": ABSENT}, Reason.NOT_PRESENT)],
    "Excuse": [
        *NOBODY,
        *SILENT,
        *ATTENDEE,
        ({"person": "M01"}, Reason.ALREADY_PRESENT),
        ({"person": EXCUSED}, Reason.ALREADY_EXCUSED),
        ({"person": LEFT}, Reason.ALREADY_LEFT),
    ],
    "MoveSeat": [*NOBODY, ({"seat": "x"}, Reason.SEAT_MALFORMED), ({"seat": "1-1"}, Reason.SEAT_TAKEN)],
    "Recuse": [
        *NOBODY,
        *SILENT,
        *ATTENDEE,
        *ELSEWHERE,
        ({"person": RECUSED, "item": "subject"}, Reason.ALREADY_RECUSED),
    ],
    "LiftRecusal": [*NOBODY, *SILENT, *ATTENDEE, *ELSEWHERE, ({"person": "M04"}, Reason.NOT_RECUSED)],
    "AddItem": [
        ({"item": change(NEW[0], id="subject")}, Reason.ITEM_UNSOUND),
        ({"item": change(NEW[0], id="trial")}, Reason.ITEM_UNSOUND),
        ({"item": change(NEW[1], targets=("T98",))}, Reason.ITEM_UNSOUND),
    ],
    "ReorderAgenda": [
        ({"order": order}, Reason.ORDER_MISFIT) for order in ((), ("subject",), ("subject", "second", "second"))
    ],
    "WithdrawItem": [*SILENT, *ELSEWHERE],
    "ImportEvidence": [
        ({"component": "C9"}, Reason.COMPONENT_UNKNOWN),
        ({"component": "C1"}, Reason.COMPONENT_UNKNOWN),
        ({"part": "P1"}, Reason.COMPONENT_UNKNOWN),
        ({"sha256": "5E" * 32}, Reason.TEXT_REFUSED),
        ({"file": "看不\u200b见.xlsx"}, Reason.TEXT_REFUSED),
        ({"lines": ()}, Reason.EVIDENCE_UNSOUND),
        ({"lines": research(("T99", "90")).lines}, Reason.EVIDENCE_UNSOUND),
        ({"lines": (EvidenceLine("T04", VoteCounts(1, 2)),)}, Reason.EVIDENCE_UNSOUND),
    ],
    "OpenRound": [
        *UNTIMELY,
        ({"item": "nothing"}, Reason.NO_SUCH_ITEM),
        ({"among": ("T01",)}, Reason.NOT_TIED),
    ],
    "ExtendRound": [*ASTRAY, *TOO_LONG],
    "PauseRound": ASTRAY,
    "ResumeRound": ASTRAY,
    "CloseRound": ASTRAY,
    "ConfirmRound": [
        *ASTRAY,
        ({"present": 99}, Reason.CONFIRMATION_MISFIT),
        ({"received": 99}, Reason.CONFIRMATION_MISFIT),
        ({"recused": 99}, Reason.CONFIRMATION_MISFIT),
        ({"invalid": 99}, Reason.CONFIRMATION_MISFIT),
        ({"counts": (STRANGE,)}, Reason.CONFIRMATION_MISFIT),
    ],
    "EnterResult": [
        *SILENT,
        *UNTIMELY,
        *UNCOUNTED,
        ({"item": "nothing"}, Reason.NO_SUCH_ITEM),
        ({"counts": (STRANGE, STRANGE)}, Reason.ANSWERS_MISFIT),
        ({"among": ("T01",)}, Reason.NOT_TIED),
    ],
    "AnnounceRound": ASTRAY,
    "VoidRound": [*ASTRAY, *SILENT],
    "CountersignVoid": [*ASTRAY, ({"reason": "别的原因"}, Reason.VOID_MISFIT)],
    "TakeBackVoid": ASTRAY,
    "Cast": [
        *ASTRAY,
        ({"by": member(ABSENT)}, Reason.NOT_PRESENT),
        ({"answers": (Choice("T99", Option.CHOSEN),)}, Reason.ANSWERS_MISFIT),
    ],
    "BeginCeremony": [
        ({"attempt": 0}, Reason.OTHER_CEREMONY),
        ({"attempt": 10**30}, Reason.OTHER_CEREMONY),
        ({"threshold": 3}, Reason.CEREMONY_MISFIT),
        ({"scrutineers": ()}, Reason.CEREMONY_MISFIT),
    ],
    "DeclareContinuation": [*SILENT, *MISCOPIED],
    "CountersignContinuation": [*MISCOPIED, ({"reason": "别的原因"}, Reason.CONTINUATION_MISFIT)],
    "HandInReceipt": [
        ({"by": member("M02")}, Reason.RECEIPT_REFUSED),
        ({"receipt": KeptReceipt(0, "", (), "")}, Reason.RECEIPT_REFUSED),
    ],
}


def drawn(data: st.DataObject, here: Scene, body: type[Body]) -> tuple[Principal, Body]:
    """Draw who says what."""
    return data.draw(lawful(here, body), label=body.__name__)


def came_of(here: Scene, principal: Principal, body: Body) -> tuple[Playbook, Reason | None]:
    """Let it be said; a refusal changes nothing and has words, and what is accepted is borne out by the record."""
    book = here.replayed()
    before, leaves = book.meeting, len(book.entries)
    say(book, principal, body)
    if isinstance(book.outcome, Refusal):
        assert book.meeting is before
        assert len(book.entries) == leaves
        for language in Language:
            assert catalogue("pingyi_protocol", language)(f"refusal.{book.outcome.reason}", **book.outcome.values)
        return book, book.outcome.reason
    [entry] = book.entries[leaves:]
    assert entry.event == book.outcome
    assert follow(before, decode_entry(encode_entry(entry))) == book.meeting
    assert book.meeting.size == before.size + 1
    return book, None


def test_the_table_has_every_state_and_every_command() -> None:
    assert {name for name, _ in TABLE} == {body.__name__ for body in BODIES} == {body.__name__ for body in LAWFUL}
    assert {state for _, state in TABLE} == set(State)
    assert len(TABLE) == len(BODIES) * len(State)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("body", BODIES)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_a_well_formed_command_leads_to_what_the_table_says(body: type[Body], kind: str, data: st.DataObject) -> None:
    for state in State:  # no parameter: settings of a @given test hang on one another, and a thousand of them recurse
        here = scene(kind, state, window=body not in SHUT)
        _, reason = came_of(here, *drawn(data, here, body))
        assert reason is TABLE[body.__name__, state], state


@pytest.mark.parametrize(
    ("body", "fault"),
    [(body, fault) for body in BODIES for fault in FAULTS.get(body.__name__, [])],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(sorted(value[0])),
)
@settings(max_examples=3, deadline=None)
@given(data=st.data(), kind=kinds)
def test_a_command_with_one_fault_is_refused_in_every_state(
    body: type[Body], fault: Fault, data: st.DataObject, kind: str
) -> None:
    changes, wanted = fault
    welcome = [state for state in State if TABLE[body.__name__, state] is None]
    for state in (data.draw(st.sampled_from(welcome)), data.draw(st.sampled_from(State))):
        here = scene(kind, state, window=True)
        principal, well_formed = drawn(data, here, body)
        fields = dict(changes)
        by = fields.pop("by", principal)
        assert isinstance(by, Principal)
        _, reason = came_of(here, by, change(well_formed, **fields))
        assert reason is not None
        assert reason is wanted or state not in welcome, state


@pytest.mark.parametrize("body", BODIES)
@settings(max_examples=4, deadline=None)
@given(data=st.data(), kind=kinds, state=st.sampled_from(State))
def test_only_the_roles_of_a_command_may_say_it(body: type[Body], data: st.DataObject, kind: str, state: State) -> None:
    here = scene(kind, state, window=body not in SHUT)
    principal, said = drawn(data, here, body)
    allowed = {principal.role} | (
        {Role.CHAIR, Role.CLERK} if body in (OpenCheckIn, CloseCheckIn, BeginCeremony) else set()
    )
    for role, stranger in STRANGERS.items():
        if role not in allowed and body is not Enrol:
            _, reason = came_of(here, stranger, said)
            assert reason is (Reason.MEETING_EXISTS if body is CreateMeeting else Reason.NOT_ALLOWED)


@pytest.mark.parametrize("state", [state for state in State if TABLE["CheckIn", state] is None])
@pytest.mark.parametrize(
    ("body", "window", "wanted"),
    [
        (CheckIn, False, Reason.CHECK_IN_NOT_OPEN),
        (CloseCheckIn, False, Reason.CHECK_IN_NOT_OPEN),
        (OpenCheckIn, True, Reason.CHECK_IN_OPEN),
    ],
)
@settings(max_examples=2, deadline=None)
@given(data=st.data(), kind=kinds)
def test_the_window_of_check_in_stands_beside_the_state(
    body: type[Body], state: State, data: st.DataObject, kind: str, *, window: bool, wanted: Reason
) -> None:
    here = scene(kind, state, window=window)
    _, reason = came_of(here, *drawn(data, here, body))
    assert reason is wanted


@pytest.mark.parametrize("state", [State.OPEN, State.PAUSED])
@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_the_recused_cast_nothing_and_others_again(kind: str, state: State, data: st.DataObject) -> None:
    here = scene(kind, state, window=True)
    principal, ballot = drawn(data, here, Cast)
    assert came_of(here, member(RECUSED), ballot)[1] is Reason.RECUSED
    book, _ = came_of(here, principal, ballot)
    say(book, principal, ballot)
    assert not isinstance(book.outcome, Refusal)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_receipt_is_handed_in_once(kind: str) -> None:
    here = scene(kind, State.PENDING, window=True)
    book, _ = came_of(here, member("M04"), HandInReceipt(here.lost))
    say(book, member("M04"), HandInReceipt(here.lost))
    book.refused(Reason.COMMAND_ID_TAKEN)
    assert len(book.meeting.entitled) == SIZE
