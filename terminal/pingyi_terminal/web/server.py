"""The page's server: textual-serve with a page of our own, for browsers that were told its address, and nobody else.

It runs one program of ours for each page (``served``). The program holds its profile alone, so a second page of the
same seat is told so; ``MOST_PAGES`` bounds how many programs others can make us run.
"""

import asyncio
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager
from textual_serve.server import Server, to_int

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_terminal.display import BROWSER_DRIVER
from pingyi_terminal.web.strangers import is_own_page, is_own_script

PAGE = Path(__file__).with_name("page")
MOST_PAGES = 4
HEARTBEAT_SECONDS = 15.0
STOP_SECONDS = 5.0
LARGEST_MESSAGE = 65536
FEWEST_CELLS, MOST_CELLS = 1, 1000
USUAL_CELLS = (("width", 80), ("height", 24))

HEADERS = {
    # nothing from elsewhere, and nobody may put this page into one of his own and have it clicked
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PageProgram(AppService):
    """Our program for one page; the page is closed when it has ended, whatever it ended of."""

    def __init__(self, arguments: Sequence[str], websocket: web.WebSocketResponse) -> None:
        super().__init__(
            arguments[0],
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self.close,
            download_manager=DownloadManager(),
        )
        self.arguments = arguments
        self.websocket = websocket

    async def close(self) -> None:
        """Close the page."""
        await self.websocket.close()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width, height)
        # the terminal that this server was started in draws nothing here
        environment |= {"TEXTUAL_DRIVER": BROWSER_DRIVER, "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self.arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Give the page what the program draws, until it ends."""
        try:
            await super().run()
        finally:
            await self.close()

    async def stop(self) -> None:
        """Tell the program to end, and end it where it does not."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await super().stop()
        except TimeoutError:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()
        if self._process is not None:
            await self._process.wait()


class PageServer(Server):
    """Serves one terminal (``role``: seat or hall) with the command's ``options`` at an IP address and TCP port."""

    def __init__(self, role: str, options: Sequence[str], language: Language, address: str, port: int) -> None:
        super().__init__(role, host=address, port=port, templates_path=PAGE)
        self.role = role
        self.language = language
        self.arguments = (sys.executable, "-m", "pingyi_terminal.web.served", role, *options)
        self.pages = 0
        self.open: set[web.WebSocketResponse] = set()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[known_only])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(self.templates_path), autoescape=True)
        app.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get("/ws", self.handle_websocket, name="websocket"),
                web.static("/static", self.statics_path),
                web.static("/page", PAGE),
            ]
        )
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - aiohttp's signature
        """Close every page, so that its program ends."""
        for websocket in tuple(self.open):
            await websocket.close()

    @aiohttp_jinja2.template("page.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:  # noqa: ARG002 - aiohttp's signature
        """Return what the page says while there is no program to draw."""
        words = catalogue("pingyi_terminal", self.language)
        return {
            "language": "zh-CN" if self.language is Language.CHINESE else "en",
            "role": self.role,
            "title": words("web.title_seat" if self.role == "seat" else "web.title_hall"),
            "product": words("widgets.product"),
            "opening": words("web.opening"),
            "reconnecting": words("web.reconnecting"),
            "cannot_draw": words("web.cannot_draw"),
        }

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run a program for a page as long as both are there. 503 where too many do already."""
        if self.pages >= MOST_PAGES:
            raise web.HTTPServiceUnavailable
        self.pages += 1
        try:
            return await self.run_program(request)
        finally:
            self.pages -= 1

    async def run_program(self, request: web.Request) -> web.WebSocketResponse:
        """Run the program of one page."""
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=LARGEST_MESSAGE)
        await websocket.prepare(request)
        program = PageProgram(self.arguments, websocket)
        width, height = (cells(request.query.get(name, ""), usual) for name, usual in USUAL_CELLS)
        await program.start(width, height)
        self.open.add(websocket)
        try:
            await self._process_messages(websocket, program)
        finally:
            self.open.discard(websocket)
            await program.stop()
        return websocket

    def run(self) -> None:
        """Serve until Ctrl+C. OSError where the address cannot be had."""
        logging.basicConfig(level=logging.WARNING)
        web.run_app(
            self._make_app(),
            host=self.host,
            port=self.port,
            print=None,
            access_log=None,
            shutdown_timeout=STOP_SECONDS,
        )


def cells(value: str, usual: int) -> int:
    """Return how many columns or rows a page says that it has."""
    return min(max(to_int(value, usual), FEWEST_CELLS), MOST_CELLS)


@web.middleware
async def known_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer nobody who does not call us by our address, and no WebSocket that another page opens."""
    sockname: tuple[str, int] = request.get_extra_info("sockname")[:2]
    address, port = sockname
    if request.path == "/ws":
        known = is_own_script(request.host, request.headers.get("Origin"), address, port)
    else:
        known = is_own_page(request.host, address, port)
    if not known:
        raise web.HTTPForbidden(text="Pingyi: open this page by the address that pingyi web has shown.\n")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response
