"""Every face of the first screen is there in full in both languages and in every size of terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.cards import SERVER_KEY, Hand, groups, misread, scanned, some_code
from kit.first_screen import Newcomer, sitting_down
from kit.screens import plain
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError
from pingyi_protocol.keys.profile import ProfileFacts, ProfileInUseError
from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import catalogue
from pingyi_terminal.enrolment.entry import ended, entered
from pingyi_terminal.enrolment.faces import (
    Asking,
    Comparing,
    Enrolled,
    Enrolling,
    Face,
    Fetching,
    Identifying,
    Server,
    SettingPin,
    Trouble,
)
from pingyi_terminal.enrolment.steps import DifferentKeyError, OtherRoleError
from pingyi_terminal.enrolment.view import CardView, StepView, Tone, view_of
from pingyi_terminal.widgets import BigText, big_text_width

LANGUAGES = list(Language)
SIZES = [(80, 24), (100, 30), (120, 36)]
CODE = some_code()
SERVER = Server("meeting-server-of-the-standing-committee.example", 65532)
FACTS = ProfileFacts(
    meeting="m",
    meeting_name="示例市第十六届人民代表大会常务委员会第三十八次会议（第二次全体会议）",
    addresses=("192.0.2.7",),
    port=5570,
    server_key=SERVER_KEY,
    log_key=public_text(SigningKey(bytes(range(32)))),
    origin="o",
    person="M02",
    role=Role.MEMBER,
)
HALF = Hand().type("".join([*groups(CODE)[:2], misread(groups(CODE)[2]), *groups(CODE)[3:8]])).entry


def trouble(fault: Exception, *, again: bool = False) -> Trouble:
    return Trouble(fault, SERVER, again)


FACES: dict[str, Face] = {
    "asking": Asking(),
    "half typed": Asking(HALF),
    "scanning": Asking(Hand().scan("91049").entry),
    "rubbish": Asking(ended(Hand().scan("https://example.com").entry)),
    "cut short": Asking(ended(Hand().scan(scanned(CODE)[:-4]).entry)),
    "a digit wrong": Asking(ended(Hand().scan(scanned(CODE)[:-1] + "x").entry)),
    "a gap": Asking(entered(Hand().type(groups(CODE)[0][:3]).entry, 999.0)),
    "fetching": Fetching(SERVER),
    "comparing": Comparing(SERVER, transport_fingerprint(SERVER_KEY)),
    "identifying": Identifying(SERVER),
    "pin": SettingPin(FACTS, "2580"),
    "pin again": SettingPin(FACTS, again=True),
    "pin short": SettingPin(FACTS, wrong="short"),
    "pins differ": SettingPin(FACTS, wrong="differs"),
    "enrolling": Enrolling(FACTS),
    "enrolled": Enrolled(FACTS),
    "no answer": trouble(NoAnswerError(), again=True),
    "not written": trouble(EnrolmentRefusedError(Refusal(Reason.UNAVAILABLE)), again=True),
    "not countersigned": trouble(EnrolmentRefusedError(Refusal(Reason.CODE_NOT_COUNTERSIGNED)), again=True),
    "used": trouble(EnrolmentRefusedError(Refusal(Reason.CODE_UNKNOWN))),
    "weak key": trouble(EnrolmentRefusedError(Refusal(Reason.KEY_REFUSED))),
    "another role": trouble(OtherRoleError(Role.SCRUTINEER)),
    "another key": trouble(DifferentKeyError()),
    "no proof": trouble(ReceiptError("receipt.no_leaf")),
    "in use": trouble(ProfileInUseError("keys.profile_in_use", folder="/home/seat/.local/share/pingyi/x"), again=True),
    "disk": trouble(OSError(28, "No space left on device", "/home/seat/.local/share/pingyi/profiles"), again=True),
}


def texts_of(view: CardView | StepView) -> Iterator[str]:
    """Everything that a view says in small type."""
    yield from view.sentences
    yield from (f"{hint.chip} {hint.word}" for hint in view.hints)
    if isinstance(view, CardView):
        yield from (view.heading, view.said, view.caption)
        yield from (group.digits.strip() for group in view.groups)
        return
    yield from (view.heading, view.action, view.back)


async def shown(person: Newcomer, face: Face) -> str:
    """The screen with this face, breaks and blanks aside."""
    person.app.show(face)
    await person.pilot.pause()
    return flat(plain(person.app))


def flat(text: str) -> str:
    """A text without breaks, blanks, and the picture that it stands beside."""
    return "".join(character for character in text if not character.isspace() and character not in "█▀▄━")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_face_says_all_of_its_words(tmp_path: Path, language: Language, size: tuple[int, int]) -> None:
    async with sitting_down(tmp_path, language=language, size=size) as person:
        person.now = 0.0
        for name, face in FACES.items():
            screen = await shown(person, face)
            view = view_of(catalogue("pingyi_terminal", language), face, translates=True)
            for text in texts_of(view):
                # Textual's own sign for what was cut is drawn as stops
                assert flat(text).replace("…", ".") in screen, (name, text, person.screen)
            for big in person.app.screen.query(BigText):
                if big.region.area:
                    width = big_text_width(big.text)
                    assert width is not None, (name, big.text)
                    assert width <= big.size.width, (name, big.text)
                    assert big.region.bottom <= size[1] - 1


@pytest.mark.parametrize("name", FACES)
def test_no_face_shows_a_code_or_a_pin(name: str) -> None:
    for language in LANGUAGES:
        said = str(view_of(catalogue("pingyi_terminal", language), FACES[name], translates=True))
        assert scanned(CODE)[:20] not in said
        assert "2580" not in said
        assert CODE.secret.hex() not in said
        assert all(part not in repr(FACES[name]) for part in ("2580", *groups(CODE)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_wrong_is_loud_and_says_what_to_do(language: Language) -> None:
    words = catalogue("pingyi_terminal", language)
    for name, face in FACES.items():
        if not isinstance(face, Trouble):
            continue
        view = view_of(words, face, translates=True)
        assert isinstance(view, StepView)
        assert (view.tone, bool(view.action), bool(view.back)) == (Tone.LOUD, face.again, True), name
        assert len("".join(view.sentences)) > 15, name


def test_a_right_group_and_a_wrong_one_differ_in_words() -> None:
    view = view_of(catalogue("pingyi_terminal", Language.CHINESE), Asking(HALF), translates=True)
    assert isinstance(view, CardView)
    assert [group.right for group in view.groups] == [True, True, False, True, True, True, True, True, None, None, None]
    assert view.marks[0] != view.marks[1]
    assert [place for place, group in enumerate(view.groups) if group.cursor is not None] == [8]
    assert view.loud
