"""Whose word counts: roles, codes, keys, devices, ids, and which meeting is meant."""

from decimal import Decimal
from itertools import product

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.factories import live_rules, research, small_definition
from kit.playbook import (
    CHAIR,
    MEETING,
    ORIGIN,
    Playbook,
    code_of,
    full_house,
    signing_key,
    transport_key,
)
from pingyi_protocol.keys.signing import key_id, public_text
from pingyi_protocol.meeting.admission import read_command, read_newcomer
from pingyi_protocol.meeting.commands import (
    MAY,
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
    Command,
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
    Score,
    TakeBackVoid,
    VoidRound,
    WithdrawCode,
    WithdrawItem,
)
from pingyi_protocol.meeting.decide import RULES, decide
from pingyi_protocol.meeting.definition import Item, Role
from pingyi_protocol.meeting.evolve import CLERK, HALL
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, DisputeShare, RevealKey
from pingyi_protocol.wire.envelope import Envelope, seal

DEFINITION = small_definition(members=5)
ANSWERS = (Score("T01", "", Decimal(90)),)

CREATE = CreateMeeting(
    ORIGIN, public_text(signing_key("l")), transport_key("s"), public_text(signing_key("c")), transport_key("c")
)
BODIES: tuple[Body, ...] = (
    LoadDefinition(DEFINITION),
    IssueCode("M02", Role.MEMBER, "0" * 64),
    CountersignCode("M02", Role.MEMBER, "0" * 64),
    WithdrawCode("M02", Role.MEMBER),
    RevokeDevice("M02", Role.MEMBER, "理由"),
    CheckIn(),
    CheckInByHand("M02", "理由"),
    CheckOut("M02", "理由"),
    MoveSeat("M02", "9-09"),
    Recuse("M02", "1", "理由"),
    LiftRecusal("M02", "1", "理由"),
    OpenRound("1"),
    ExtendRound("1", 1, 30),
    PauseRound("1", 1),
    ResumeRound("1", 1),
    CloseRound("1", 1),
    AnnounceRound("1", 1),
    VoidRound("1", 1, "理由"),
    CountersignVoid("1", 1, "理由"),
    TakeBackVoid("1", 1),
    CloseMeeting(),
    OpenCheckIn(),
    CloseCheckIn(),
    Excuse("M02", "理由"),
    AddItem(Item("3", "议题", ("T01",))),
    ReorderAgenda(("2", "1")),
    WithdrawItem("1", "理由"),
    research(),
    AnnounceComposite(),
    ConfirmRound("1", 1, 0, 0, 0),
    EnterResult("1", 1, "理由", 0, 0, ()),
    Cast("1", 1, ANSWERS),
    BeginCeremony(1, 2, ()),
    CommitToKey(1, ""),
    RevealKey(1, "", (), ""),
    DealShares(1, ()),
    ConfirmKey(1),
    DisputeShare(1, 2, ""),
    CastSecret("1", 1, ("",)),
    OverrideCosigning("1", 1, 1, "", "断网"),
    OpenPart("1", 1, ("",)),
    DeclareContinuation(3, "", "磁盘故障"),
    CountersignContinuation(3, "", "磁盘故障"),
    HandInReceipt(KeptReceipt(0, "", (), "")),
)
BY_ROLE = {
    Role.MEMBER: Principal("M01", Role.MEMBER),
    Role.CHAIR: CHAIR,
    Role.CLERK: CLERK,
    Role.SCRUTINEER: Principal("M02", Role.SCRUTINEER),
    Role.HALL: HALL,
}


def staffed() -> Playbook:
    """A meeting in which every role has a device."""
    roster = tuple(
        msgspec.structs.replace(person, roles=(*person.roles, Role.SCRUTINEER)) if person.number == "M02" else person
        for person in DEFINITION.roster
    )
    book = Playbook(msgspec.structs.replace(DEFINITION, roster=roster))
    for principal in BY_ROLE.values():
        if principal != CLERK:
            book.enrol(*principal)
    return book


# roles


def test_every_command_has_a_rule_and_a_line_in_the_table_of_roles() -> None:
    assert {type(body) for body in BODIES} | {CreateMeeting, Enrol} == set(MAY)
    assert set(MAY) - {CreateMeeting} == set(RULES)


@pytest.mark.parametrize(("role", "body"), list(product(Role, BODIES)), ids=lambda one: type(one).__name__)
def test_a_role_may_send_what_the_table_says_and_nothing_else(role: Role, body: Body) -> None:
    book = staffed().say(BY_ROLE[role], body)
    refused_for_role = isinstance(book.outcome, Refusal) and book.outcome.reason is Reason.NOT_ALLOWED
    assert refused_for_role == (role not in MAY[type(body)])


@pytest.mark.parametrize("role", list(Role))
def test_nobody_begins_a_meeting_twice_or_enrols_through_a_device_that_is_enrolled(role: Role) -> None:
    book = staffed()
    principal = BY_ROLE[role]
    book.say(principal, CREATE).refused(Reason.NOT_ALLOWED)
    # the holder of a new code for the own role: the record must not hold an enrolment that its own key did not sign
    book.clerk(IssueCode(*principal, code_of("again")))
    body = Enrol(code_of("again"), public_text(signing_key("new")), transport_key("new"), pinned=False)
    book.say(principal, body).refused(Reason.NOT_ALLOWED)
    book.followed()


def test_a_command_speaks_for_the_device_it_comes_from() -> None:
    book = full_house(DEFINITION).open("1")
    own = book.keys[Principal("M02", Role.MEMBER)]
    for principal in (Principal("M03", Role.MEMBER), Principal("M02", Role.CHAIR), CLERK):
        command = book.command(principal, Cast("1", 1, ANSWERS))
        book.send(seal(msgspec.json.encode(command), own)).refused(Reason.NOT_ALLOWED)


def test_a_role_ends_with_the_definition_that_gave_it() -> None:
    book = Playbook(DEFINITION).enrol(*CHAIR).enrol("M05").check_in("M01", "M02", "M03")
    roster = tuple(msgspec.structs.replace(person, roles=(Role.MEMBER,)) for person in DEFINITION.roster[:4])
    book.clerk(LoadDefinition(msgspec.structs.replace(DEFINITION, roster=roster)))
    book.open("1").refused(Reason.NO_SUCH_PERSON, person="M01", role="chair")
    book.check_in("M05").refused(Reason.NO_SUCH_PERSON, person="M05", role="member")
    book.check_out("M02").check_in("M02")
    book.followed()


def test_a_code_ends_with_the_definition_that_gave_the_role() -> None:
    book = Playbook(DEFINITION).clerk(IssueCode("M05", Role.MEMBER, code_of("M05")))
    book.clerk(LoadDefinition(small_definition(members=4)))
    book.take_code(Principal("M05", Role.MEMBER), "M05").refused(Reason.NO_SUCH_PERSON)


# which meeting, and which command


def test_a_command_for_another_meeting_is_refused() -> None:
    book = full_house(DEFINITION)
    command = msgspec.structs.replace(book.command(CHAIR, OpenRound("1")), meeting="6" * 32)
    book.send(seal(msgspec.json.encode(command), book.keys[CHAIR])).refused(Reason.OTHER_MEETING)


def test_an_id_is_used_once_by_whomever() -> None:
    book = full_house(DEFINITION).open("1")
    taken = f"{book.sent:032x}"
    assert taken in book.meeting.commands
    book.say(CHAIR, CloseRound("1", 1), taken).refused(Reason.COMMAND_ID_TAKEN)
    book.say(Principal("M02", Role.MEMBER), Cast("1", 1, ANSWERS), taken).refused(Reason.COMMAND_ID_TAKEN)
    book.followed()


def test_a_refused_command_leaves_its_id_free() -> None:
    book = Playbook(DEFINITION).enrol(*CHAIR)
    book.say(CHAIR, OpenRound("1"), "a" * 32).refused(Reason.BELOW_QUORUM)
    book.check_in("M01", "M02", "M03").say(CHAIR, OpenRound("1"), "a" * 32).followed()


@pytest.mark.parametrize("command_id", ["0" * 31, "0" * 33, "A" * 32, "g" * 32, "٠" * 32, "-" + "0" * 31])
def test_an_id_is_32_lower_case_hex_digits(command_id: str) -> None:
    Playbook(DEFINITION).say(CLERK, CheckInByHand("M02", "理由"), command_id).refused(Reason.MALFORMED)


@pytest.mark.parametrize("issued", ["", "x" * 40])
def test_a_time_label_of_forty_characters_is_taken(issued: str) -> None:
    book = Playbook(DEFINITION)
    command = msgspec.structs.replace(book.command(CLERK, CheckInByHand("M02", "理由")), issued=issued)
    book.send(seal(msgspec.json.encode(command), book.keys[CLERK])).settled()


@pytest.mark.parametrize("issued", ["x" * 41, "二〇二六", "2026\n", "\x1b[2J"])
def test_a_time_label_is_short_and_plain(issued: str) -> None:
    book = Playbook(DEFINITION)
    command = msgspec.structs.replace(book.command(CLERK, CheckInByHand("M02", "理由")), issued=issued)
    book.send(seal(msgspec.json.encode(command), book.keys[CLERK])).refused(Reason.MALFORMED)


# the bytes of a command


@pytest.mark.parametrize(
    ("found", "written"),
    [
        ('"90"', "90"),
        ('"90"', '"090"'),
        ('"90"', '"9.0e1"'),
        ('"90"', '" 90"'),
        ('"90"', '"９０"'),
        ('"90"', '"1_0"'),
        ('"90"', "9" * 5000),
        ('"90"', '"1E+99999999999999999999"'),
        ('"round":1', '"round":1.0'),
        ('"round":1', '"round":' + "9" * 5000),
        ('"round":1', '"round":1,"round":1'),
        ('"round":1', '"round":1,"extra":1'),
        ('"role":"member"', '"role":"Member"'),
        ('"cast/2"', '"cast/1"'),
        ('{"meeting"', ' {"meeting"'),
        ('"item":"1"', '"item":"\\u0031"'),
        ('"item":"1"', '"item":"\\ud800"'),
        ('"item":"1"', '"item":null'),
        ('"item":"1"', '"item":' + "[" * 20_000),
    ],
)
def test_a_command_that_our_encoder_does_not_write_is_malformed(found: str, written: str) -> None:
    book = full_house(DEFINITION).open("1")
    member = Principal("M02", Role.MEMBER)
    text = msgspec.json.encode(book.command(member, Cast("1", 1, ANSWERS))).decode()
    assert found in text
    book.settled()
    envelope = seal(text.replace(found, written, 1).encode(), book.keys[member])
    device = book.meeting.devices[envelope.key]
    assert read_command(envelope, device) == Refusal(Reason.MALFORMED)


@given(st.text(st.characters(exclude_categories=[])) | st.binary().map(lambda raw: raw.decode("latin-1")))
@example("\ud800")
@example("[" * 100_000)
def test_no_payload_whatever_raises(payload: str) -> None:
    key = signing_key("anybody")
    device = BOOK.meeting.devices[key_id(bytes(BOOK.keys[CLERK].verify_key))]
    assert isinstance(read_command(Envelope(payload, "", ""), device), Refusal)
    assert isinstance(read_newcomer(Envelope(payload, key_id(bytes(key.verify_key)), ""), public_text(key)), Refusal)


BOOK = Playbook(DEFINITION)


# signatures and devices


def test_a_signature_that_does_not_fit_and_a_device_that_nobody_knows() -> None:
    book = full_house(DEFINITION)
    good = seal(msgspec.json.encode(book.command(CHAIR, OpenRound("1"))), book.keys[CHAIR])
    other = seal(msgspec.json.encode(book.command(CHAIR, OpenRound("2"))), book.keys[CHAIR])
    book.send(msgspec.structs.replace(good, signature=other.signature)).refused(Reason.BAD_SIGNATURE)
    book.send(msgspec.structs.replace(good, payload=other.payload)).refused(Reason.BAD_SIGNATURE)
    book.send(msgspec.structs.replace(good, signature="")).refused(Reason.BAD_SIGNATURE)
    book.send(msgspec.structs.replace(good, key="0" * 16)).refused(Reason.DEVICE_UNKNOWN)
    book.send(seal(good.payload.encode(), signing_key("stranger"))).refused(Reason.DEVICE_UNKNOWN)
    book.send(good)
    book.followed()


def test_a_code_enrols_one_device_once() -> None:
    book = Playbook(DEFINITION).enrol("M02", device="first")
    member = Principal("M02", Role.MEMBER)
    book.take_code(member, "second", "first").refused(Reason.CODE_UNKNOWN)
    book.take_code(member, "second", "never issued").refused(Reason.CODE_UNKNOWN)
    book.followed()


def test_a_code_is_for_the_person_and_role_it_was_issued_to() -> None:
    book = Playbook(DEFINITION).clerk(IssueCode("M01", Role.CHAIR, code_of("secret")))
    for principal in (Principal("M01", Role.MEMBER), Principal("M02", Role.CHAIR), Principal("M02", Role.MEMBER)):
        book.take_code(principal, "device", "secret")
        assert isinstance(book.outcome, Refusal)
        assert book.outcome.reason in (Reason.CODE_UNKNOWN, Reason.NO_SUCH_PERSON)
        book.outcome = None
    book.take_code(CHAIR, "device", "secret").followed()


def test_a_new_code_ends_the_old_one_and_a_new_device_ends_the_old_device() -> None:
    member = Principal("M02", Role.MEMBER)
    book = Playbook(DEFINITION).clerk(IssueCode(*member, code_of("lost letter")))
    book.clerk(IssueCode(*member, code_of("new letter")))
    book.take_code(member, "thief", "lost letter").refused(Reason.CODE_UNKNOWN)
    book.take_code(member, "old", "new letter").check_in("M02")
    old = book.keys[member]
    book.enrol("M02", device="new")
    command = book.command(member, CheckIn())
    book.send(seal(msgspec.json.encode(command), old)).refused(Reason.DEVICE_REVOKED)
    book.check_in("M02").refused(Reason.ALREADY_PRESENT)
    assert [device.revoked for device in book.meeting.devices.values() if device.principal == member].count(False) == 1
    book.followed()


def test_a_key_enrols_once_and_the_servers_keys_never() -> None:
    book = Playbook(DEFINITION).enrol("M02", device="first")
    member = Principal("M03", Role.MEMBER)
    shown = [
        (signing_key("first"), transport_key("other")),
        (signing_key("other"), transport_key("first")),
        (signing_key("log"), transport_key("other")),
        (signing_key("other"), transport_key("server")),
        (signing_key("clerk"), transport_key("other")),
    ]
    book.clerk(IssueCode(*member, code_of("secret")))
    for key, transport in shown:
        command = book.command(member, Enrol(code_of("secret"), public_text(key), transport, pinned=False))
        envelope = seal(msgspec.json.encode(command), key)
        shown_by = read_newcomer(envelope, public_text(key))
        assert shown_by == command
        book.settled()
        assert decided(book.meeting, command) == Refusal(Reason.KEY_REFUSED)
    book.take_code(member, "other", "secret").followed()


WEAK_SIGNING = ["", "AA==", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "A" * 43 + "="]
WEAK_TRANSPORT = ["", "0" * 40, "0" * 39, "中" * 40]


@pytest.mark.parametrize("weak", WEAK_SIGNING)
def test_a_weak_or_malformed_signing_key_is_refused(weak: str) -> None:
    book = Playbook(DEFINITION).clerk(IssueCode("M02", Role.MEMBER, code_of("secret")))
    command = book.command(
        Principal("M02", Role.MEMBER), Enrol(code_of("secret"), weak, transport_key("other"), pinned=False)
    )
    assert decided(book.meeting, command) == Refusal(Reason.KEY_REFUSED)
    assert read_newcomer(Envelope("", "", ""), weak) == Refusal(Reason.KEY_REFUSED)


@pytest.mark.parametrize("weak", WEAK_TRANSPORT)
def test_a_weak_or_malformed_transport_key_is_refused(weak: str) -> None:
    book = Playbook(DEFINITION).clerk(IssueCode("M02", Role.MEMBER, code_of("secret")))
    key = signing_key("other")
    command = book.command(
        Principal("M02", Role.MEMBER), Enrol(code_of("secret"), public_text(key), weak, pinned=False)
    )
    book.send(seal(msgspec.json.encode(command), key)).refused(Reason.KEY_REFUSED)


def test_a_newcomer_signs_with_the_key_that_it_shows() -> None:
    book = Playbook(DEFINITION).clerk(IssueCode("M02", Role.MEMBER, code_of("secret")))
    shown, other = signing_key("shown"), signing_key("other")
    command = book.command(
        Principal("M02", Role.MEMBER),
        Enrol(code_of("secret"), public_text(shown), transport_key("shown"), pinned=False),
    )
    payload = msgspec.json.encode(command)
    assert read_newcomer(seal(payload, other), public_text(other)) == Refusal(Reason.KEY_REFUSED)
    assert read_newcomer(seal(payload, other), public_text(shown)) == Refusal(Reason.BAD_SIGNATURE)
    assert read_newcomer(seal(payload, shown), public_text(shown)) == command
    for name in ("", "~"):
        renamed = msgspec.structs.replace(seal(payload, shown), key=name)
        assert isinstance(read_newcomer(renamed, public_text(shown)), Refusal)


@pytest.mark.parametrize(
    ("person", "role", "secret_hash", "reason"),
    [
        ("M99", Role.MEMBER, "0" * 64, Reason.NO_SUCH_PERSON),
        ("M02", Role.CHAIR, "0" * 64, Reason.NO_SUCH_PERSON),
        ("A01", Role.MEMBER, "0" * 64, Reason.NO_SUCH_PERSON),
        ("hall", Role.MEMBER, "0" * 64, Reason.NO_SUCH_PERSON),
        ("M02", Role.HALL, "0" * 64, Reason.NO_SUCH_PERSON),
        ("M02", Role.MEMBER, "0" * 63, Reason.MALFORMED),
        ("M02", Role.MEMBER, "A" * 64, Reason.MALFORMED),
    ],
)
def test_codes_are_for_the_roster_and_well_formed(person: str, role: Role, secret_hash: str, reason: Reason) -> None:
    Playbook(DEFINITION).clerk(IssueCode(person, role, secret_hash)).refused(reason)


def test_the_same_code_is_not_issued_twice() -> None:
    book = Playbook(DEFINITION).clerk(IssueCode("M02", Role.MEMBER, "0" * 64))
    book.clerk(IssueCode("M03", Role.MEMBER, "0" * 64)).refused(Reason.MALFORMED)


# the definition


def test_before_a_definition_only_a_definition_is_taken() -> None:
    book = Playbook(None)
    book.clerk(IssueCode(*HALL, "0" * 64)).refused(Reason.NOTHING_LOADED)
    book.clerk(CheckInByHand("M02", "理由")).refused(Reason.NOTHING_LOADED)
    book.clerk(LoadDefinition(DEFINITION)).followed()


def test_a_definition_is_replaced_until_the_first_round_opens() -> None:
    book = full_house(DEFINITION).clerk(LoadDefinition(small_definition(members=5, rules=live_rules(seconds=None))))
    book.open("1")
    assert book.remaining is None
    book.clerk(LoadDefinition(DEFINITION)).refused(Reason.MEETING_UNDERWAY)
    book.close().clerk(LoadDefinition(DEFINITION)).refused(Reason.MEETING_UNDERWAY)
    book.followed()


def test_an_unsound_definition_is_refused_with_the_number_of_its_errors() -> None:
    unsound = msgspec.structs.replace(DEFINITION, agenda=(), targets=())
    book = Playbook(DEFINITION).clerk(LoadDefinition(unsound))
    assert isinstance(book.outcome, Refusal)
    assert book.outcome.reason is Reason.DEFINITION_UNSOUND
    assert int(book.outcome.values["count"]) > 1


@pytest.mark.parametrize(
    ("principal", "meeting", "change", "reason"),
    [
        (Principal("M01", Role.CLERK), Meeting(), {}, Reason.NOT_ALLOWED),
        (CLERK, BOOK.meeting, {}, Reason.MEETING_EXISTS),
        (CLERK, Meeting(), {"log_key": WEAK_SIGNING[2]}, Reason.KEY_REFUSED),
        (CLERK, Meeting(), {"server_key": "0" * 40}, Reason.KEY_REFUSED),
        (CLERK, Meeting(), {"transport_key": "0" * 40}, Reason.KEY_REFUSED),
        (CLERK, Meeting(), {"signing_key": ""}, Reason.KEY_REFUSED),
        (CLERK, Meeting(), {"log_key": CREATE.signing_key}, Reason.KEY_REFUSED),
        (CLERK, Meeting(), {"server_key": CREATE.transport_key}, Reason.KEY_REFUSED),
    ],
)
def test_a_meeting_begins_once_by_the_clerk_with_good_keys(
    principal: Principal, meeting: Meeting, change: dict[str, str], reason: Reason
) -> None:
    command = Command(MEETING, "0" * 32, *principal, "", msgspec.structs.replace(CREATE, **change))
    assert decided(meeting, command) == Refusal(reason)


def decided(meeting: Meeting, command: Command) -> object:
    """What the rules say, without a signature."""
    return decide(meeting, command, meeting.at)
