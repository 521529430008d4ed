"""Every face of the first screen as a snapshot: in Chinese at 80x24, one in English, one large."""

from pathlib import Path

from kit.cards import groups, misread, some_code
from kit.first_screen import sitting_down
from kit.snapshots import Shows
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_terminal.enrolment.faces import (
    Comparing,
    Enrolled,
    Enrolling,
    Fetching,
    Identifying,
    Server,
    SettingPin,
    Trouble,
)
from pingyi_terminal.enrolment.steps import DifferentKeyError, OtherRoleError

SERVER = Server("192.168.1.10", 7610)
FINGERPRINT = "K7M2-Q9XD-4TRB-8W3F"
FACTS = ProfileFacts(
    meeting="m",
    meeting_name="示例市人大常委会第十二次会议",
    addresses=("192.168.1.10",),
    port=7610,
    server_key="rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
    log_key=public_text(SigningKey(bytes(32))),
    origin="example/log",
    person="M02",
    role=Role.MEMBER,
)


async def test_a_card_is_asked_for_and_typed(shows: Shows, tmp_path: Path) -> None:
    typed = groups(some_code())
    async with sitting_down(tmp_path, language=Language.CHINESE) as person:
        shows(person.app, "asking", "扫描")
        await person.press(*"".join(typed[:4]), *misread(typed[4]), *typed[5][:3])
        shows(person.app, "typing", f"1 {typed[0]} 对", "第 5 组不对")


async def test_what_happens_on_the_way(shows: Shows, tmp_path: Path) -> None:
    async with sitting_down(tmp_path, language=Language.CHINESE) as person:
        for name, face, words in (
            ("fetching", Fetching(SERVER), "192.168.1.10"),
            ("comparing", Comparing(SERVER, FINGERPRINT), "Enter"),
            ("identifying", Identifying(SERVER), "192.168.1.10"),
            ("pin", SettingPin(FACTS, typed="258"), "PIN"),
            ("pin-again", SettingPin(FACTS, again=True), "PIN"),
            ("pin-short", SettingPin(FACTS, wrong="short"), "PIN"),
            ("enrolling", Enrolling(FACTS), "示例市人大常委会第十二次会议"),
            ("enrolled", Enrolled(FACTS), "示例市人大常委会第十二次会议"),
        ):
            person.app.show(face)
            await person.pilot.pause()
            shows(person.app, name, words)


async def test_what_may_come_in_the_way(shows: Shows, tmp_path: Path) -> None:
    waits = EnrolmentRefusedError(Refusal(Reason.CODE_NOT_COUNTERSIGNED, {"person": "M02"}))
    async with sitting_down(tmp_path, language=Language.CHINESE) as person:
        for name, fault, again, words in (
            ("no-answer", NoAnswerError(), True, "192.168.1.10"),
            ("refused", EnrolmentRefusedError(Refusal(Reason.CODE_UNKNOWN)), False, "登记码"),
            ("waits-for-the-chair", waits, True, "主持人"),
            ("other-role", OtherRoleError(Role.CHAIR), False, "pingyi chair"),
            ("different-key", DifferentKeyError(), False, "服务器密钥不一样"),
            ("unproven", ReceiptError("receipt.no_leaf"), False, "监票人"),
            ("disk", OSError(28, "No space left on device", "/profiles"), True, "No space left on device"),
        ):
            person.app.show(Trouble(fault, SERVER, again=again))
            await person.pilot.pause()
            shows(person.app, name, words)


async def test_in_english_and_large(shows: Shows, tmp_path: Path) -> None:
    async with sitting_down(tmp_path) as person:
        shows(person.app, "english", "Scan the code on your card", "Type the 11 groups")
    async with sitting_down(tmp_path, language=Language.CHINESE, size=(160, 50)) as person:
        person.app.show(Comparing(SERVER, FINGERPRINT))
        await person.pilot.pause()
        shows(person.app, "large", "Enter")
