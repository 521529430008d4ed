"""Screens in a real Chromium, on a real server: keys, fingers, a receipt, and nothing asked of anybody else."""

import asyncio
import io
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image

from kit.browser import Shown, chromium, opened, served
from kit.factories import small_definition
from kit.hall import Hall, free_port, open_hall
from kit.real_seat import present_chair, profile_of
from kit.waits import WAIT_SECONDS
from pingyi_protocol.keys.enrolment_code import encode
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile, ProfileInUseError
from pingyi_protocol.meeting.commands import OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.record.merkle import leaf_hash
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.wire.messages import Receipt

pytestmark = pytest.mark.browser
BOUNCE_SECONDS = 0.5
"""A second Enter within less is taken for the same one."""
CONNECT = """(address) => new Promise((resolve) => {
  const socket = new WebSocket(address);
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("refused");
})"""
CODE = re.compile(r"(?:[0-9A-Z] ?){4}- ?(?:[0-9A-Z] ?){4}- ?(?:[0-9A-Z] ?){4}")


def codes_of(hall: Hall) -> set[str]:
    """The tracking codes of all leaves of the record."""
    return {tracking_code(leaf_hash(leaf)) for _, leaf in hall.recorder.ledger.store.leaves()}


async def qr_codes(shown: Shown) -> list[str]:
    """What a telephone reads off the page."""
    picture = Image.open(io.BytesIO(await shown.page.screenshot()))
    return [barcode.text for barcode in zxingcpp.read_barcodes(picture)]


async def test_a_member_scores_in_a_browser_and_the_receipt_on_the_page_is_on_the_record(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        await profile_of(hall, "M02", tmp_path / "profiles")
        ask = await present_chair(hall)
        async with served("seat", "--profile", tmp_path / "profiles", "--lang", "zh") as url, chromium() as browser:
            seat = await opened(browser, url)
            await seat.until("您还没有签到", "委员02")
            await seat.until_drawn("您还没有签到评议")
            await seat.page.keyboard.press("Enter")
            await seat.until("您已签到")
            # a browser's own F5 would load the page again; full screen stays with it
            for key in ("F5", "F11", "F1"):
                await seat.page.keyboard.press(key)
            taken = await seat.page.evaluate("() => window.taken")
            assert (taken["F5"], taken["F11"], taken["F1"]) == (True, False, True)
            await seat.page.keyboard.press("Escape")
            assert isinstance(await ask(OpenRound("1")), Receipt)
            await seat.until("请为 文化和旅游局 打分")
            await seat.page.keyboard.type("92")
            await seat.until("确认 92 分")
            await seat.page.keyboard.press("Enter")
            await seat.until("返回修改")
            await asyncio.sleep(BOUNCE_SECONDS)
            await seat.page.keyboard.press("Enter")
            recorded = await seat.until("已写入会议记录", "查询码")
            found = CODE.search(recorded)
            assert found is not None
            code = found[0].replace(" ", "")
            assert code in codes_of(hall)
            assert await qr_codes(seat) == [code]
            # a second page is told, and has the seat once the first is closed
            other = await opened(browser, url)
            await other.until("正被本机的另一个窗口使用")
            await seat.page.close()
            await other.page.keyboard.press("Enter")
            await other.until("92 分")
            asked = {urlsplit(address).netloc for address in (*seat.asked, *other.asked)}
            assert asked == {urlsplit(url).netloc}


async def test_fingers_alone_check_in_choose_a_value_and_send_it(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        await profile_of(hall, "M02", tmp_path / "profiles")
        ask = await present_chair(hall)
        arguments = ("seat", "--profile", tmp_path / "profiles", "--lang", "en")
        async with served(*arguments) as url, chromium(touch=True) as browser:
            seat = await opened(browser, url)
            await seat.until("You are not checked in")
            await seat.tap("check in")
            await seat.until("You are checked in")
            assert isinstance(await ask(OpenRound("1")), Receipt)
            await seat.until("type a score")
            await seat.tap(" 85 ")
            await seat.until("confirm 85")
            ruler = [await seat.place(band, rows_down=-1) for band in ("0 不合格", "60 合格")]
            await seat.drag(*ruler)
            moved = await seat.until("confirm 6")
            assert "confirm 85" not in moved
            await seat.tap("Enter  confirm")
            await seat.until("Enter  send")
            await asyncio.sleep(BOUNCE_SECONDS)
            await seat.tap("Enter  send")
            await seat.until("is in the record", "Tracking code")


async def test_a_card_is_scanned_in_the_page_which_then_shows_the_hall(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        code = encode(await hall.code("hall", Role.HALL))
        arguments = ("hall", "--profile", tmp_path / "profiles", "--lang", "zh")
        async with served(*arguments) as url, chromium(1920, 1080) as browser:
            wall = await opened(browser, url)
            await wall.until("请扫描登记卡上的二维码")
            # one program shows the first screen and then the hall, at the size that the page has by then
            await wall.page.set_viewport_size({"width": 1600, "height": 900})
            await wall.page.keyboard.type(code)
            await wall.page.keyboard.press("Enter")
            await wall.until("实到 / 应到")
            await wall.until_filled()
            columns, rows = await wall.page.evaluate("() => [window.seen.cols, window.seen.rows]")
            assert (columns >= 80, rows >= 24) == (True, True)
            await wall.page.keyboard.press("F2")
            await wall.until("Present / due")
            # a cable that is cut is noticed although a WebSocket says nothing, and the wall comes back by itself
            await browser.set_offline(True)
            await wall.page.locator("text=会自动重新打开").wait_for()
            await browser.set_offline(False)
            await wall.until("实到 / 应到")
            # a smaller window has smaller figures, of which as many stand on the wall, without anybody's hand
            await wall.page.set_viewport_size({"width": 960, "height": 540})
            await wall.page.wait_for_function("() => window.seen && window.seen.options.fontSize < 15")
            await wall.until("实到 / 应到")
            columns, rows = await wall.page.evaluate("() => [window.seen.cols, window.seen.rows]")
            assert (columns >= 96, rows >= 28) == (True, True)


async def test_a_pin_is_typed_in_the_page_with_fingers_too(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        keys = generate_device_keys()
        facts = await hall.enrolled("M02", Role.MEMBER, keys)
        Profile.create(tmp_path / "profiles", facts, keys, "2580")
        arguments = ("seat", "--profile", tmp_path / "profiles", "--lang", "zh")
        async with served(*arguments) as url, chromium(touch=True) as browser:
            seat = await opened(browser, url)
            await seat.until("PIN", "Enter")
            await seat.page.keyboard.type("1111")
            await seat.page.keyboard.press("Enter")
            await seat.until("PIN 码不对")
            await asyncio.sleep(BOUNCE_SECONDS)
            for digit in "2580":
                await seat.tap(f"  {digit}  ")
            await seat.tap("Enter")
            await seat.until("您还没有签到")


async def test_a_page_from_elsewhere_does_not_reach_the_seat_and_the_seats_own_reaches_nobody_else(
    tmp_path: Path,
) -> None:
    async with served("seat", "--profile", tmp_path, "--lang", "zh") as url, chromium() as browser:
        stranger = await browser.new_page()
        # nothing is asked of a network: the test answers for this name
        await stranger.route("**/*", lambda route: route.fulfill(body="<p>hello</p>", content_type="text/html"))
        await stranger.goto("http://evil.example/")
        said = await stranger.evaluate(CONNECT, url.replace("http", "ws") + "ws")
        assert said == "refused"
        # textual.js would ask whatever address stands here
        seat = await opened(browser, f"{url}?ping=http://evil.example/seen")
        await seat.until("请扫描登记卡上的二维码")
        assert {urlsplit(address).netloc for address in seat.asked} == {urlsplit(url).netloc}


async def test_a_killed_page_server_leaves_no_program_behind_that_holds_the_seat(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        profile, _ = await profile_of(hall, "M02", tmp_path / "profiles")
        async with chromium() as browser:
            async with served("seat", "--profile", tmp_path / "profiles", "--lang", "zh", killed=True) as url:
                seat = await opened(browser, url)
                await seat.until("您还没有签到")
                with pytest.raises(ProfileInUseError), profile.held():
                    pass
            await seat.page.locator("text=会自动重新打开").wait_for()
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    with suppress(ProfileInUseError), profile.held():
                        break
                    await asyncio.sleep(0.1)
            port = urlsplit(url).port
            async with served("seat", "--profile", tmp_path / "profiles", "--lang", "zh", port=port):
                # the page comes back by itself
                await seat.until("您还没有签到")
