"""A real Chromium on pages that ``pingyi web`` serves: what stands on them, and whatever they ask the network for."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.async_api import Error as PlaywrightError
from rich.cells import cell_len

from kit.hall import free_port
from kit.processes import DYING_WITH_US, ENVIRONMENT, PINGYI
from kit.waits import WAIT_SECONDS

CHROMIUM = shutil.which("chromium")
LOOK_SECONDS = 0.1
LOADED_AGAIN = "Execution context was destroyed"
OPTIONS = (
    # CI is root
    "--no-sandbox",
    # else it looks for updates, and the record of what was asked for is about our pages
    *("--disable-background-networking", "--disable-component-update"),
)

LOOK_INSIDE = """
Object.defineProperty(Object.prototype, "fitAddon", {
  configurable: true,
  set(addon) {
    window.seen = this.terminal;
    Object.defineProperty(this, "fitAddon", { value: addon, writable: true });
  },
});
const fill = CanvasRenderingContext2D.prototype.fillText;
window.drawn = new Set();
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  window.drawn.add(text);
  return fill.call(this, text, ...place);
};
window.taken = {};
const note = (key) => setTimeout(() => { window.taken[key.key] = key.defaultPrevented; });
window.addEventListener("keydown", note, true);
"""
"""Lets a test at the terminal of the page, which textual.js keeps to itself, at the characters that are drawn, and at
the keys that the page keeps from the browser."""

ROWS = """() => {
  if (!window.seen) return "";
  const { buffer, rows } = window.seen;
  const lines = [];
  for (let y = 0; y < rows; y++) lines.push(buffer.active.getLine(y).translateToString(true));
  return lines.join("\\n");
}"""


Place = tuple[float, float]
"""Pixels of the page from its left and its top."""


class Shown:
    """A page with a terminal, and the addresses of all that it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))

    async def text(self) -> str:
        """What stands in the page's terminal; nothing while the page loads itself again."""
        try:
            return str(await self.page.evaluate(ROWS))
        except PlaywrightError as fault:
            if LOADED_AGAIN not in fault.message:
                raise
            return ""

    async def until(self, *texts: str) -> str:
        """Wait until all these stand there, and return what does."""
        shown = ""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not all(text in shown for text in texts):
                    await asyncio.sleep(LOOK_SECONDS)
                    shown = await self.text()
        except TimeoutError as late:
            raise AssertionError(f"no {texts} on:\n{shown}") from late
        return shown

    async def until_filled(self) -> None:
        """Wait until text stands in the right half of every row."""
        middle, shown = await self.page.evaluate("() => window.seen.cols / 2"), ""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while min(len(line) for line in shown.split("\n")) <= middle:
                    await asyncio.sleep(LOOK_SECONDS)
                    shown = await self.text()
        except TimeoutError as late:
            raise AssertionError(f"a row is not filled on:\n{shown}") from late

    async def place(self, text: str, rows_down: int = 0) -> Place:
        """Return the middle of the first cells that hold this text, or of those so many rows below them."""
        rows = (await self.text()).split("\n")
        row = next(number for number, line in enumerate(rows) if text in line)
        column = cell_len(rows[row][: rows[row].index(text)]) + cell_len(text) / 2
        columns, height = await self.page.evaluate("() => [window.seen.cols, window.seen.rows]")
        box = await self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        return box["x"] + box["width"] * column / columns, box["y"] + box["height"] * (row + rows_down + 0.5) / height

    async def tap(self, text: str) -> None:
        """Touch this text with a finger."""
        await self.page.touchscreen.tap(*await self.place(text))

    async def drag(self, *places: Place) -> None:
        """Lay a finger on the first place, draw it over the others and lift it at the last."""
        screen = await self.page.context.new_cdp_session(self.page)
        for kind, points in (("touchStart", places[:1]), *(("touchMove", (place,)) for place in places[1:])):
            touch = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
            await screen.send("Input.dispatchTouchEvent", touch)
        await screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    async def until_drawn(self, characters: str) -> None:
        """Wait until the page has drawn all of these characters."""
        missing = set(characters)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while missing:
                    await asyncio.sleep(LOOK_SECONDS)
                    missing -= set(await self.page.evaluate("() => [...window.drawn]"))
        except TimeoutError as late:
            raise AssertionError(f"not drawn: {missing}") from late


@asynccontextmanager
async def chromium(
    width: int = 1280, height: int = 720, *, touch: bool = False, pixels: float = 1
) -> AsyncIterator[BrowserContext]:
    """A browser with a window of so many points, each ``pixels`` wide."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        try:
            context = await browser.new_context(
                viewport={"width": width, "height": height}, has_touch=touch, device_scale_factor=pixels
            )
            await context.add_init_script(LOOK_INSIDE)
            yield context
        finally:
            await browser.close()


async def opened(context: BrowserContext, url: str) -> Shown:
    """Open a page of ours in a tab of its own."""
    shown = Shown(await context.new_page())
    await shown.page.goto(url)
    return shown


@asynccontextmanager
async def served(*arguments: object, port: int | None = None, killed: bool = False) -> AsyncIterator[str]:
    """Run ``pingyi web`` with these arguments and yield its address once it answers; ended in order, or killed."""
    port = port or free_port()
    command = [*DYING_WITH_US, str(PINGYI), "web", *map(str, arguments), "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, env=ENVIRONMENT)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await answers(port):
                assert process.returncode is None
                await asyncio.sleep(LOOK_SECONDS)
        yield f"http://127.0.0.1:{port}/"
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL if killed else signal.SIGTERM)
        await process.wait()


async def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
