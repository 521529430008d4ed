"""The first screen against a real server, and against one that is not what the card says."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.cards import groups, misread, scanned, some_code
from kit.factories import small_definition
from kit.first_screen import Newcomer, sitting_down
from kit.hall import Hall, free_port, open_hall
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError
from pingyi_protocol.keys.draft import EnrolmentDraft
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, secret_hash
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.keys.transport import generate_transport_keys, transport_fingerprint
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_protocol.meeting.commands import CheckIn, CountersignCode, IssueCode
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.enrolment import steps
from pingyi_terminal.enrolment.app import EnrolmentApp

LANGUAGES = list(Language)
SIZES = [(80, 24), (120, 36)]
CODE = some_code()


@pytest.fixture(autouse=True)
def _nobody_waits_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnrolmentApp, "ENROLLED_SECONDS", 0.0)


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as opened:
        yield opened


def enrolled(hall: Hall, person: str) -> list[bytes]:
    devices = hall.recorder.meeting.devices.values()
    return [one.signing_key for one in devices if one.principal.person == person and not one.revoked]


def kept(root: Path) -> list[Path]:
    """What a newcomer left on the disk."""
    return list(root.glob("*"))


async def left(person: Newcomer) -> Profile:
    await person.until(lambda: person.app.profile)
    assert person.app.profile is not None
    return person.app.profile


@pytest.mark.parametrize(("role", "who"), [(Role.MEMBER, "M02"), (Role.CHAIR, "M01"), (Role.HALL, "hall")])
async def test_a_scanned_card_enrols_at_its_last_digit(hall: Hall, tmp_path: Path, role: Role, who: str) -> None:
    code = await hall.code(who, role)
    async with sitting_down(tmp_path / "profiles", role) as person:
        await person.scan(scanned(code))
        profile = await left(person)
        assert person.app.keys == profile.unlock()
    assert [profile.folder] == [one.folder for one in Profile.find(tmp_path / "profiles", role)]
    assert enrolled(hall, who) == [bytes(profile.unlock().signing_key.verify_key)]


async def test_the_code_leaves_the_screen_when_it_is_taken(hall: Hall, tmp_path: Path) -> None:
    code = await hall.code("M02", Role.MEMBER)
    async with sitting_down(tmp_path) as person:
        await person.press(*"".join(groups(code)))
        await person.until_says("exactly the same")
        person.silent_on(*groups(code))
        await person.settle("escape")
        person.silent_on(*groups(code))
        await person.press("escape")
        person.says("Type the 11 groups")
        person.silent_on(*groups(code))


async def test_typed_digits_enrol_only_after_the_fingerprint_was_compared(hall: Hall, tmp_path: Path) -> None:
    code = await hall.code("M02", Role.MEMBER)
    async with sitting_down(tmp_path / "profiles") as person:
        await person.press(*" ".join(groups(code)))
        await person.until_says("exactly the same")
        first, second, third, fourth = transport_fingerprint(code.server_key).split("-")
        assert person.words == f"{first} {second} {third} {fourth}"
        size = hall.recorder.meeting.size
        # the Enter that ends a habit or a scan is not an answer
        await person.press("enter")
        await person.press(*"123", "enter", seconds=0.01)
        person.says("exactly the same")
        assert hall.recorder.meeting.size == size
        await person.press(*["enter"] * 4)
        profile = await left(person)
    assert enrolled(hall, "M02") == [bytes(profile.unlock().signing_key.verify_key)]
    assert profile.facts.server_key == code.server_key


async def test_another_servers_fingerprint_is_refused_and_nothing_of_the_secret_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = generate_transport_keys().public
    asked: list[TypedCode] = []

    async def liar(typed: TypedCode) -> str:
        asked.append(typed)
        return theirs

    async def sent(*_: object) -> EnrolmentCode:
        raise AssertionError("sent")

    monkeypatch.setattr(steps, "server_key", liar)
    for step in ("whole", "facts_for", "finished"):
        monkeypatch.setattr(steps, step, sent)
    async with sitting_down(tmp_path) as person:
        await person.press(*"".join(groups(CODE)))
        await person.until_says("exactly the same")
        assert transport_fingerprint(theirs).split("-")[0] in person.words
        await person.settle("escape")
        person.says("Stopped", "The secret was not sent", "Tell the clerk")
        await person.press("enter")
        person.says("Stopped")
        await person.press("escape")
        person.says("SCAN")
    assert len(asked) == 1
    assert kept(tmp_path) == []


async def test_rubbish_is_named_and_the_next_scan_enrols(hall: Hall, tmp_path: Path) -> None:
    code = await hall.code("M02", Role.MEMBER)
    async with sitting_down(tmp_path / "profiles") as person:
        await person.scan("https://example.com/\x1b[31m")
        person.says("Reading")
        person.now += 1
        await person.until_says("not the code of a card")
        person.silent_on("example", "31m")
        await person.scan(scanned(code)[:-1] + str((int(scanned(code)[-1]) + 1) % 10))
        await person.press("enter", seconds=0.005)
        person.says("A digit of the enrolment code is wrong")
        await person.scan(scanned(code))
        await left(person)


async def test_what_is_pasted_enrols_too(hall: Hall, tmp_path: Path) -> None:
    code = await hall.code("M02", Role.MEMBER)
    async with sitting_down(tmp_path / "profiles") as person:
        await person.paste("\x1b[2J[red]rubbish")
        person.says("not the code of a card")
        await person.paste(f"{scanned(code)}\n")
        await left(person)


async def test_groups_show_as_they_are_typed_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    texts = groups(CODE)
    async with sitting_down(tmp_path) as person:
        await person.press(*"".join(texts[:2]), *misread(texts[2]))
        person.says(f"1 {texts[0]} OK", f"2 {texts[1]} OK", f"3 {misread(texts[2])} X", "Group 3 is wrong")
        await person.press("f2")
        person.says(f"1 {texts[0]} 对", f"3 {misread(texts[2])} 错", "第 3 组不对")
        await person.press("enter", *texts[2])
        person.says(f"3 {texts[2]} 对")
        person.silent_on("第 3 组不对")
        await person.press(*misread(texts[3]), *misread(texts[4]), "f2")
        person.says("These groups are wrong: 4, 5")
        await person.press("escape")
        person.silent_on(*texts[:3], "OK", " X")


async def test_a_card_for_another_terminal_says_which_command_takes_it(tmp_path: Path) -> None:
    async with sitting_down(tmp_path) as person:
        await person.scan(scanned(some_code(Role.CHAIR, "M01")))
        await person.until_says("Wrong card")
        person.says("another kind of terminal: chair", "run pingyi chair")
        await person.paste(scanned(some_code(Role.HALL, "")))
        await person.until_says("terminal: hall")


async def test_a_typed_card_for_another_terminal_does_too(hall: Hall, tmp_path: Path) -> None:
    code = await hall.code("M01", Role.CHAIR)
    async with sitting_down(tmp_path) as person:
        await person.press(*"".join(groups(code)))
        await person.until_says("exactly the same")
        await person.settle("enter")
        await person.until_says("Wrong card")
        person.says("run pingyi chair")
    assert enrolled(hall, "M01") == []


async def test_a_used_card_is_refused_and_the_next_one_is_scanned_over_that(hall: Hall, tmp_path: Path) -> None:
    used, good = await hall.code("M02", Role.MEMBER), await hall.code("M03", Role.MEMBER)
    async with sitting_down(tmp_path / "one") as person:
        await person.scan(scanned(used))
        await left(person)
    async with sitting_down(tmp_path / "two") as person:
        await person.scan(scanned(used))
        await person.until_says("Refused")
        person.says("not valid, or has been used", "Ask the clerk")
        assert kept(tmp_path / "two") == []
        await person.scan(scanned(good))
        assert (await left(person)).facts.person == "M03"


async def test_a_server_that_is_away_is_named_and_asked_again_with_enter(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await hall.code("M02", Role.MEMBER)

    async def away(*_: object) -> None:
        raise NoAnswerError

    async with sitting_down(tmp_path / "profiles") as person:
        with monkeypatch.context() as patch:
            patch.setattr(steps, "identify", away)
            await person.scan(scanned(code) + "\r")
            await person.until_says("No answer")
            person.says(f"Nothing answers at 127.0.0.1 port {code.port}", "card is still good")
        with monkeypatch.context() as patch:
            patch.setattr(steps, "confirm", away)
            await person.settle("enter")
            await person.until(lambda: EnrolmentDraft.unfinished(tmp_path / "profiles", Role.MEMBER))
            await person.until_says("No answer")
        draft = EnrolmentDraft.unfinished(tmp_path / "profiles", Role.MEMBER)
        assert draft is not None
        keys = draft.unlock()
        await person.settle("enter")
        assert (await left(person)).unlock() == keys == person.app.keys


async def test_a_refusal_that_passes_waits_and_any_proof_that_fails_stops(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await hall.code("M02", Role.MEMBER)
    faults: list[Exception] = [
        EnrolmentRefusedError(Refusal(Reason.UNAVAILABLE)),
        OSError(28, "No space left on device", "/profiles"),
        ReceiptError("receipt.no_leaf"),
    ]

    async def failing(*_: object) -> None:
        raise faults.pop(0)

    monkeypatch.setattr(steps, "confirm", failing)
    async with sitting_down(tmp_path / "profiles") as person:
        await person.scan(scanned(code))
        await person.until_says("cannot write the record")
        person.says("Wait", "the card is still good")
        await person.settle("enter")
        await person.until_says("No space left on device")
        await person.settle("enter")
        await person.until_says("STOP")
        person.says("call the clerk and a scrutineer")
        await person.settle("enter")
        person.says("STOP")


async def test_a_new_card_of_who_is_present_waits_for_the_chair_with_its_keys(hall: Hall, tmp_path: Path) -> None:
    seat = await hall.admit("M02")
    assert isinstance(await seat.session.ask(CheckIn()), Receipt)
    chair = await hall.admit("M01", Role.CHAIR)
    key = hall.folder.server_keys().transport.public
    code = EnrolmentCode(("127.0.0.1",), hall.port, key, "M02", Role.MEMBER, bytes(range(12)))
    await hall.clerk(IssueCode("M02", Role.MEMBER, secret_hash(code.secret)))
    async with sitting_down(tmp_path / "profiles") as person:
        await person.scan(scanned(code))
        await person.until_says("the chair must agree")
        person.says("Wait", "try again", "the card is still good")
        draft = EnrolmentDraft.unfinished(tmp_path / "profiles", Role.MEMBER)
        assert draft is not None
        keys = draft.unlock()
        agreed = CountersignCode("M02", Role.MEMBER, secret_hash(code.secret))
        assert isinstance(await chair.session.ask(agreed), Receipt)
        await person.settle("enter")
        assert (await left(person)).unlock() == keys


async def test_a_profile_that_is_in_use_here_is_not_replaced(hall: Hall, tmp_path: Path) -> None:
    async with sitting_down(tmp_path / "profiles") as person:
        await person.scan(scanned(await hall.code("M02", Role.MEMBER)))
        older = await left(person)
    keys, second = enrolled(hall, "M02"), await hall.code("M02", Role.MEMBER)
    async with sitting_down(tmp_path / "profiles") as person:
        with older.held():
            await person.scan(scanned(second))
            await person.until_says("Failed")
            assert enrolled(hall, "M02") == keys
        await person.settle("enter")
        await left(person)
    assert enrolled(hall, "M02") != keys


async def test_a_pin_is_typed_twice_and_never_shown(hall: Hall, tmp_path: Path) -> None:
    code = await hall.code("M02", Role.MEMBER)
    async with sitting_down(tmp_path / "profiles", set_pin=True) as person:
        await person.scan(scanned(code))
        await person.until_says("Set a PIN")
        # the scanner's own Enter sets none
        await person.press("enter")
        person.says("Set a PIN", "number M02")
        for typed, said in (("259", "Too short"), ("2580", "same PIN again"), ("2581", "differ")):
            await person.press(*typed)
            person.silent_on(typed)
            await person.press("enter")
            await person.until_says(said)
        # the second time an input method makes its digits wide
        for typed in ("25801", "\uff12\uff15\uff18\uff101"):
            await person.press(*typed, "backspace", "enter")
        profile = await left(person)
        assert person.app.keys == profile.unlock("2580")
    [device] = [one for one in hall.recorder.meeting.devices.values() if one.principal.person == "M02"]
    assert device.pinned


async def test_a_draft_under_a_pin_is_finished_without_it(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await hall.code("M02", Role.MEMBER)
    facts = await steps.facts_for(Role.MEMBER, code)
    steps.begun(tmp_path / "profiles", code, facts, "2580")

    async def sent(*_: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(steps, "facts_for", sent)
    async with sitting_down(tmp_path / "profiles") as person:
        await person.scan(scanned(code))
        profile = await left(person)
        assert person.app.keys is None
    assert profile.needs_pin


async def test_escape_breaks_off_what_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(steps, "facts_for", hanging)
    async with sitting_down(tmp_path) as person:
        await person.scan(scanned(CODE))
        await person.until_says("192.0.2.7 port 5570")
        # nothing that is scanned meanwhile goes anywhere
        await person.scan(scanned(CODE))
        person.says("192.0.2.7 port 5570")
        await person.press("escape")
        person.says("SCAN", "Type the 11 groups")


async def test_it_is_left_without_a_profile(tmp_path: Path) -> None:
    async with sitting_down(tmp_path, translates=False) as person:
        person.silent_on("F2")
        await person.press("f2")
        person.says("SCAN")
        await person.press("ctrl+q")
    assert person.app.profile is None
    assert kept(tmp_path) == []


HOSTILE = "\x1b]0;evil\x07\x1b[2J[red]a\u202eb[/red]"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_words_of_a_hostile_server_reach_the_screen_as_text_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language, size: tuple[int, int]
) -> None:
    refusal = Refusal(Reason.NO_SUCH_PERSON, {"person": HOSTILE})

    async def lying(*_: object) -> None:
        raise EnrolmentRefusedError(refusal)

    monkeypatch.setattr(steps, "facts_for", lying)
    async with sitting_down(tmp_path, language=language, size=size) as person:
        await person.scan(scanned(CODE))
        await person.until_says("evil")
        person.says("[red]a")
        for character in "\x1b\x07\u202e":
            person.silent_on(character)
