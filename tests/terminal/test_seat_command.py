"""``pingyi seat`` before the screen opens: enrolling once, and finding the profile afterwards."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kit.cards import groups
from kit.cards import some_code as a_card
from kit.factories import small_definition
from kit.hall import free_port, open_hall
from kit.waits import quick_waits
from pingyi_protocol.keys.digits import EnrolmentCodeError
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import Profile, ProfileInUseError
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue
from pingyi_terminal.enrolling import by_code, read_code
from pingyi_terminal.enrolment.app import EnrolmentApp
from pingyi_terminal.hall.command import hall as hall_command
from pingyi_terminal.seat import command
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.command import seat, take_seat

Taken = list[tuple[Profile, DeviceKeys, Language]]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """The seats that were opened: profile, keys, language."""
    seats: Taken = []

    def note(profile: Profile, keys: DeviceKeys, language: Language) -> None:
        with pytest.raises(ProfileInUseError), profile.held():
            pass
        seats.append((profile, keys, language))

    monkeypatch.setattr(command, "take_seat", note)
    monkeypatch.setenv("TERM", "xterm-256color")
    return seats


async def run(*arguments: object, typed: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, seat, [str(one) for one in arguments], typed)


async def test_a_code_enrols_once_and_the_profile_is_found_afterwards(tmp_path: Path, taken: Taken) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("M02", Role.MEMBER))
        first = await run(code, "--profile", tmp_path / "seats", "--lang", "zh")
        assert first.exit_code == 0, first.output
        again = await run("--profile", tmp_path / "seats", "--lang", "en")
        assert again.exit_code == 0, again.output
        assert [one[0].facts.person for one in taken] == ["M02", "M02"]
        assert taken[0][1] == taken[1][1]
        assert [one[2] for one in taken] == [Language.CHINESE, Language.ENGLISH]
        used = await run(code, "--profile", tmp_path / "others", "--lang", "zh")
        assert used.exit_code == 1
        assert "登记码" in used.output
        assert not Profile.find(tmp_path / "others", Role.MEMBER)


async def test_a_pin_is_set_once_and_asked_for_at_every_start(tmp_path: Path, taken: Taken) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("M02", Role.MEMBER))
        first = await run(code, "--pin", "--profile", tmp_path, "--lang", "en", typed="2580\n2580\n")
        assert first.exit_code == 0, first.output
        assert "2580" not in first.output
    assert (await run("--profile", tmp_path, "--lang", "en", typed="2580\n")).exit_code == 0
    assert taken[0][1] == taken[1][1]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a wrong PIN made a person wait."""
    return quick_waits(monkeypatch)


async def test_a_pin_that_is_too_short_or_not_typed_twice_alike_is_refused_in_words(
    tmp_path: Path, taken: Taken
) -> None:
    typed = "12\n２５８\n2580\n2581\n2580\n2580\n"
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("M02", Role.MEMBER))
        done = await run(code, "--pin", "--profile", tmp_path, "--lang", "zh", typed=typed)
    assert done.exit_code == 0, done.output
    assert done.output.count("至少要 4 个字符") == 2
    assert done.output.count("两次输入的 PIN 码不一样") == 1
    assert "Repeat" not in done.output
    profile, keys, _ = taken[0]
    assert profile.unlock("2580") == keys


@pytest.mark.parametrize(
    ("language", "said", "last"),
    [("zh", "PIN 码不对，4 秒后再输入", "向工作人员领取新的登记码"), ("en", "again in 4 s", "ask the clerk")],
)
async def test_a_wrong_pin_is_asked_for_three_times_more_and_each_time_later(
    tmp_path: Path, taken: Taken, waits: list[float], language: str, said: str, last: str
) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("M02", Role.MEMBER))
        assert (await run(code, "--pin", "--profile", tmp_path, typed="2580\n2580\n")).exit_code == 0
    right = await run("--profile", tmp_path, "--lang", language, typed="0000\n0001\n0002\n2580\n")
    assert right.exit_code == 0, right.output
    assert (waits, said in right.output, last in right.output) == ([1, 2, 4], True, False)
    wrong = await run("--profile", tmp_path, "--lang", language, typed="0000\n0001\n0002\n0003\n2580\n")
    assert (wrong.exit_code, waits, last in wrong.output) == (2, [1, 2, 4, 1, 2, 4], True)
    assert len(taken) == 2


async def test_starting_the_seat_again_does_not_begin_the_tries_of_a_pin_again(
    tmp_path: Path, taken: Taken, waits: list[float]
) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("M02", Role.MEMBER))
        assert (await run(code, "--pin", "--profile", tmp_path, typed="2580\n2580\n")).exit_code == 0
    guesses = "0000\n0001\n0002\n0003\n"
    assert (await run("--profile", tmp_path, typed=guesses)).exit_code == 2
    again = await run("--profile", tmp_path, "--lang", "en", typed=guesses)
    assert "The PIN was wrong before. It is asked for in 8 s." in again.output
    assert (await run("--profile", tmp_path, typed=guesses)).exit_code == 2
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert (await run("--profile", tmp_path, typed="2580\n")).exit_code == 0
    assert waits[11:] == [60]
    # the right one begins the count anew
    assert (await run("--profile", tmp_path, typed="0000\n2580\n")).exit_code == 0
    assert waits[12:] == [1]
    assert len(taken) == 3


async def test_the_hall_display_has_a_pin_as_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("pingyi_terminal.application.show", shown.append)
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("hall", Role.HALL))
        set_one = [code, "--pin", "--profile", str(tmp_path)]
        first = await asyncio.to_thread(CliRunner().invoke, hall_command, set_one, "2580\n2580\n")
    assert first.exit_code == 0, first.output
    [profile] = Profile.find(tmp_path, Role.HALL)
    assert profile.needs_pin
    again = await asyncio.to_thread(CliRunner().invoke, hall_command, ["--profile", str(tmp_path)], "2580\n")
    assert again.exit_code == 0, again.output
    assert len(shown) == 2


@pytest.mark.parametrize(("language", "said"), [("zh", "还没有登记（席位）"), ("en", "not enrolled yet (seat)")])
async def test_without_code_and_profile_it_says_where_to_get_one(
    tmp_path: Path, taken: Taken, language: str, said: str
) -> None:
    result = await run("--profile", tmp_path, "--lang", language)
    assert result.exit_code == 2
    assert said in result.output
    assert taken == []


async def test_the_language_that_was_chosen_at_the_first_screen_stays(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = await hall.code("M02", Role.MEMBER)

        def enrol_in_english(app: EnrolmentApp) -> None:
            app.words = catalogue("pingyi_terminal", Language.ENGLISH)
            app.profile = by_code(Role.MEMBER, encode(code), app.root, Language.CHINESE, set_pin=False).profile

        monkeypatch.setattr("pingyi_terminal.enrolling.os.isatty", lambda _: True)
        monkeypatch.setattr("pingyi_terminal.application.show", enrol_in_english)
        result = await run("--profile", tmp_path / "seats", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert [(one[0].facts.person, one[2]) for one in taken] == [("M02", Language.ENGLISH)]


async def test_a_first_screen_that_is_left_opens_no_seat(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_terminal.enrolling.os.isatty", lambda _: True)
    monkeypatch.setattr("pingyi_terminal.application.show", lambda _app: None)
    result = await run("--profile", tmp_path, "--lang", "zh")
    assert (result.exit_code, result.output, taken) == (0, "", [])


def some_code(role: Role) -> str:
    port = free_port()
    return encode(EnrolmentCode(("127.0.0.1",), port, generate_transport_keys().public, "M02", role, bytes(12)))


async def test_a_code_for_the_chair_opens_no_seat(tmp_path: Path, taken: Taken) -> None:
    result = await run(some_code(Role.CHAIR), "--profile", tmp_path, "--lang", "zh")
    assert result.exit_code == 2
    assert "主持人" in result.output
    assert taken == []


async def test_groups_to_be_typed_are_no_argument_for_nobody_compares_the_servers_key_there(
    tmp_path: Path, taken: Taken
) -> None:
    result = await run(" ".join(groups(a_card())), "--profile", tmp_path, "--lang", "zh")
    assert (result.exit_code, taken) == (2, [])
    assert "在第一个画面输入" in result.output
    with pytest.raises(EnrolmentCodeError):
        read_code(Role.MEMBER, "0" * 55, catalogue("pingyi_terminal", Language.CHINESE))


async def test_a_server_that_is_not_there_is_named(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the wait itself is the protocol's, and tried there
    monkeypatch.setattr("pingyi_protocol.client.enrolment.identify.__defaults__", (0.2,))
    result = await run(some_code(Role.MEMBER), "--profile", tmp_path, "--lang", "zh")
    assert result.exit_code == 1
    assert "127.0.0.1" in result.output
    assert "没有应答" in result.output
    assert taken == []


async def test_a_console_that_cannot_draw_chinese_gets_english(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("M02", Role.MEMBER))
        assert (await run(code, "--profile", tmp_path, "--lang", "zh")).exit_code == 0
    assert taken[0][2] is Language.ENGLISH


async def test_what_ended_the_screen_is_raised_after_it(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        await run(encode(await hall.code("M02", Role.MEMBER)), "--profile", tmp_path)
    profile, keys, _ = taken[0]

    def failing(app: SeatApp) -> None:
        app.fault = OSError(28, "No space left on device")

    monkeypatch.setattr(SeatApp, "run", failing)
    monkeypatch.setattr("pingyi_terminal.application.os.isatty", lambda _: True)
    with pytest.raises(OSError, match="No space left"):
        take_seat(profile, keys, Language.CHINESE)
