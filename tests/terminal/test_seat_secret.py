"""A secret ballot at the seat: as easy as an open one, sealed beside the screen, and never shown again."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from kit.every_kind import MOTION, RATING, SCORE, SELECTION, SHEET, scored
from kit.playbook import CHAIR, ORIGIN
from kit.seats import StillSession
from kit.secret_book import SecretBook, secret_hall, secretly
from kit.secret_hall import drawing
from kit.sitting import Sitting, shown, sit
from kit.snapshots import Shows
from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.meeting.commands import Answer, CastSecret, Choice
from pingyi_protocol.meeting.definition import Item, Language, Opens, Option, Press
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.secret.messages import text_of
from pingyi_protocol.wire.picture import LiveRound
from pingyi_terminal.link import AlarmRaised
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.draft import Stage
from pingyi_terminal.seat.hands import Seal

change = msgspec.structs.replace
PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")
SUM = secretly(SCORE)
ENGLISH = Language.ENGLISH


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


class HeldSealer(Sealer):
    """Seals when it is let go, and says on which thread."""

    def __init__(self, book: SecretBook) -> None:
        super().__init__(ORIGIN, book.key_of("M02"), drawing("M02 at the seat"))
        object.__setattr__(self, "go", threading.Event())
        object.__setattr__(self, "threads", set())

    go: threading.Event
    threads: set[str]

    def seal(self, item: Item, live: LiveRound, answers: tuple[Answer, ...]) -> CastSecret:
        self.threads.add(threading.current_thread().name)
        assert self.go.wait(60)
        return super().seal(item, live, answers)


class Voter:
    """M02 at a seat, in a meeting with secret rounds."""

    def __init__(self, seat: Sitting, book: SecretBook, sealer: HeldSealer) -> None:
        self.seat = seat
        self.book = book
        self.sealer = sealer

    async def show(self) -> None:
        await self.seat.show(shown(self.book))

    async def sealed(self) -> CastSecret:
        """Let what is being sealed be finished, and return what was sent."""
        self.sealer.go.set()
        await self.seat.app.workers.wait_for_complete()
        await self.seat.pilot.pause()
        body = self.seat.session.submitted[-1].body
        assert isinstance(body, CastSecret)
        return body

    async def cast(self, *keys: str, instead: tuple[str, ...] = ()) -> CastSecret:
        """Fill in with these keys; the meeting takes the ballot, or what is there instead, and its receipt comes."""
        await self.seat.press(*keys)
        body = await self.sealed()
        self.book.member("M02", change(body, sealed=instead or body.sealed))
        await self.show()
        await self.seat.recorded()
        return body


@asynccontextmanager
async def voting(
    item: Item, language: Language = Language.CHINESE, size: tuple[int, int] = (80, 24), *, keyed: bool = True
) -> AsyncIterator[Voter]:
    """Sit down where a round of this item is open, or where there is no key yet."""
    definition = secret_hall(item)
    book = SecretBook(definition).enrol(*CHAIR).check_in(*PEOPLE)
    sealer = HeldSealer(book)
    session = StillSession(definition=definition, sealer=sealer)
    if keyed:
        book.make_key().open(item.id)
    session.picture = shown(book)
    async with sit(None, definition=definition, session=session, size=size, language=language) as seat:
        try:
            yield Voter(seat, book, sealer)
        finally:
            sealer.go.set()


def fingerprint(voter: Voter) -> str:
    key = voter.book.meeting.key
    assert key is not None
    return key.fingerprint


async def test_the_agenda_says_that_there_is_no_key_and_then_which(shows: Shows) -> None:
    async with voting(SUM, keyed=False) as voter:
        shows(voter.seat.app, "no-key", "无记名，待有密钥")
        voter.book.make_key()
        await voter.show()
        shows(voter.seat.app, "key", fingerprint(voter), "请与当众宣读的核对", "无记名投票")


async def test_a_secret_score_from_the_first_key_to_the_result(shows: Shows) -> None:
    async with voting(SUM) as voter:
        seat = voter.seat
        told = ("无记名投票", "只开启总和，至少 3 票才开", fingerprint(voter))
        shows(seat.app, "open", "请为 文化和旅游局 打分", *told)
        await seat.press("9", "7", "enter")
        seat.says("请再看一眼", "Enter  送出 97 分", *told)
        await seat.press("enter")
        shows(seat.app, "encrypting", "您的无记名票正在这台机器上加密", *told[1:])
        seat.silent_on("97")
        assert seat.session.submitted == []
        body = await voter.sealed()
        shows(seat.app, "sent", "已加密、签名送出", "等待中", *told)
        voter.book.member("M02", body)
        await voter.show()
        await seat.recorded()
        shows(seat.app, "recorded", "您的票已加密写入会议记录", "查询码", *told)
        seat.silent_on("97")
        assert not {threading.current_thread().name} & voter.sealer.threads
        voter.book.seal("M03", scored("T01", 80)).seal("M04", scored("T01", 81)).close()
        await voter.show()
        shows(seat.app, "to-be-opened", "核验后由监票人共同开启", *told)
        voter.book.unseal().announce()
        await voter.show()
        shows(seat.app, "result", "平均分", "您已无记名投票", *told)
        assert voter.book.figures.targets[0].total == 97 + 80 + 81


async def test_a_distribution_in_english_and_large(shows: Shows) -> None:
    item = secretly(SCORE, Opens.DISTRIBUTION, step="10", bands=())
    async with voting(item, ENGLISH) as voter:
        said = ("SECRET BALLOT", "how many gave what, from 3 ballots up", fingerprint(voter))
        shows(voter.seat.app, "open", *said)
        await voter.cast("9", "0", "enter", "enter")
        shows(voter.seat.app, "recorded", "Encrypted on record.", *said)
    async with voting(item, ENGLISH, (160, 50)) as voter:
        await voter.seat.press("9", "0", "enter", "enter")
        shows(voter.seat.app, "encrypting-large", "is being encrypted on this machine")
        await voter.sealed()
        shows(voter.seat.app, "sent-large", "encrypted, signed and sent")


@pytest.mark.parametrize(
    ("item", "keys", "others"),
    [
        (secretly(MOTION), ("1", "enter"), (Choice("", Option.FOR),)),
        (secretly(SHEET), ("9", "7", "enter", "8", "5", "enter", "enter"), (scored("T02", 80), scored("T03", 70))),
        (
            secretly(RATING),
            ("1", "down", "2", "enter", "enter"),
            (Choice("T01", Option.SATISFIED), Choice("T02", Option.SATISFIED)),
        ),
        (secretly(SELECTION), ("1", "3", "enter", "enter"), (Choice("T01", Option.CHOSEN),)),
        (secretly(SELECTION), ("f3", "enter"), (Choice("T01", Option.CHOSEN),)),
    ],
    ids=["motion", "sheet", "rating", "selection", "abstention"],
)
async def test_every_kind_is_sealed_and_counts(item: Item, keys: tuple[str, ...], others: tuple[Answer, ...]) -> None:
    async with voting(item) as voter:
        await voter.cast(*keys)
        voter.seat.says("您的票已加密写入会议记录")
        await voter.seat.press("f6")
        voter.seat.says("Esc")
        await voter.seat.press("escape", "f5")
        voter.seat.says("已投（无记名）")
        for person in ("M03", "M04"):
            voter.book.seal(person, *others)
        voter.book.close().unseal().announce()
        assert (voter.book.newest.received, voter.book.newest.invalid) == (3, 0)
        await voter.show()
        voter.seat.says("您已无记名投票")


async def test_a_changed_ballot_begins_empty_and_the_last_one_counts() -> None:
    async with voting(SUM) as voter:
        await voter.cast("9", "7", "enter", "enter")
        await voter.seat.press("f6")
        voter.seat.says("您已有一票记录在案")
        voter.seat.silent_on("97")
        voter.sealer.go.clear()
        await voter.cast("8", "0", "enter", "enter")
        for person in ("M03", "M04"):
            voter.book.seal(person, scored("T01", 90))
        assert voter.book.close().unseal().announce().figures.targets[0].total == 80 + 90 + 90


async def test_where_the_first_press_counts_it_cannot_be_changed() -> None:
    async with voting(secretly(SCORE, press=Press.FIRST)) as voter:
        await voter.cast("9", "7", "enter", "enter")
        voter.seat.says("以第一次为准")
        await voter.seat.press("f6")
        voter.seat.says("您的票已加密写入会议记录")


async def test_nothing_readable_is_kept_once_it_is_sent() -> None:
    async with voting(SUM) as voter:
        app = voter.seat.app
        body = await voter.cast("9", "7", "enter", "enter")
        assert app.drafts == {}
        assert [ballot.answers for ballot in app.ballots.values()] == [()]
        assert "97" not in str(app.situation().ballots)
        assert "Decimal" not in repr(body)
        assert "97" not in repr(Seal(("score", 1), (scored("T01", 97),)))


async def test_screen_and_keys_answer_while_it_is_being_encrypted() -> None:
    async with voting(SUM) as voter:
        await voter.seat.press("9", "7", "enter", "enter")
        await voter.seat.press("f2")
        voter.seat.says("is being encrypted on this machine")
        await voter.seat.press("enter", "f2", "ctrl+q")
        voter.seat.says("您的票正在加密，还没有存下", "仍要离开")
        await voter.sealed()
        voter.seat.says("已加密、签名送出")
        assert len(voter.seat.session.submitted) == 1


async def test_a_round_that_closes_meanwhile_says_that_it_came_late_and_not_what() -> None:
    async with voting(SUM) as voter:
        await voter.seat.press("9", "7", "enter", "enter")
        voter.book.close()
        await voter.show()
        voter.seat.says("正在这台机器上加密")
        await voter.sealed()
        await voter.seat.refused(Reason.CLOSED)
        voter.seat.says("您的 无记名票 送到时已经截止")
        voter.seat.silent_on("97")


async def test_a_ballot_that_can_be_mended_is_filled_in_anew() -> None:
    async with voting(SUM) as voter:
        await voter.seat.press("9", "7", "enter", "enter")
        await voter.sealed()
        await voter.seat.refused(Reason.BALLOT_MALFORMED)
        voter.seat.says("请先输入分数")
        voter.seat.silent_on("97")


async def test_what_was_typed_and_never_sent_is_not_told_after_the_close() -> None:
    async with voting(SUM) as voter:
        await voter.seat.press("9", "7")
        voter.book.seal("M03", scored("T01", 90)).close()
        await voter.show()
        voter.seat.says("没有送出")
        voter.seat.silent_on("97")


async def test_where_the_disk_takes_nothing_the_draft_stays_to_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with voting(SUM) as voter:
        with monkeypatch.context() as patch:

            def full(_body: object) -> None:
                raise OSError(28, "no space")

            patch.setattr(voter.seat.session, "submit", full)
            await voter.seat.press("9", "7", "enter", "enter")
            voter.sealer.go.set()
            await voter.seat.app.workers.wait_for_complete()
            await voter.seat.pilot.pause()
        assert voter.seat.app.drafts[("score", 1)].stage is Stage.CONFIRMING
        await voter.cast("enter")
        voter.seat.says("您的票已加密写入会议记录")


async def test_an_invalid_ballot_and_a_round_that_is_never_opened_are_told() -> None:
    async with voting(SUM) as voter:
        # the server holds a copy of a ballot that was made for somebody else
        [theirs] = voter.book.sealed("M03", scored("T01", 90)).sealed
        await voter.cast("9", "7", "enter", "enter", instead=(theirs,))
        for person in ("M03", "M04", "M05"):
            voter.book.seal(person, scored("T01", 90))
        voter.book.close().check()
        await voter.show()
        voter.seat.says("您的票证明不成立")
    async with voting(SUM) as voter:
        await voter.cast("9", "7", "enter", "enter")
        voter.book.close().check()
        await voter.show()
        voter.seat.says("有效票太少，这一轮不能开启")


async def test_another_election_key_is_an_alarm_and_so_is_one_that_is_none() -> None:
    async with voting(SUM) as voter:
        await voter.seat.press("9", "7")
        voter.seat.app.post_message(AlarmRaised(ReceiptError("receipt.other_election_key")))
        await voter.seat.pilot.pause()
        voter.seat.says("不是本终端见过的那一把", "举手")
        await voter.seat.press("enter", "enter")
        assert voter.seat.session.submitted == []
    async with voting(SUM) as voter:
        picture = shown(voter.book)
        assert picture.live is not None
        assert picture.live.key is not None
        bad = change(picture.live.key, key=text_of(bytes(32)))
        await voter.seat.show(change(picture, live=change(picture.live, key=bad)))
        voter.sealer.go.set()
        await voter.seat.press("9", "7", "enter", "enter")
        await voter.seat.app.workers.wait_for_complete()
        await voter.seat.pilot.pause()
        voter.seat.says("不是本终端见过的那一把")
        assert voter.seat.session.submitted == []
