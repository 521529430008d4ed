"""Who may speak to a page's server: another page, another name and another machine are turned away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from kit.hall import free_port
from kit.processes import pingyi
from pingyi_protocol.meeting.definition import Language
from pingyi_terminal.web.server import MOST_PAGES, PageServer
from pingyi_terminal.web.strangers import is_own_page, is_own_script, own_hosts

LOCAL = "127.0.0.1"


def test_a_page_is_called_by_the_address_that_was_connected_to_and_by_no_other_name() -> None:
    assert own_hosts(LOCAL, 8000) == {"127.0.0.1:8000", "localhost:8000"}
    assert own_hosts("::1", 8000) == {"[::1]:8000", "localhost:8000"}
    assert own_hosts("192.168.1.20", 80) == {"192.168.1.20:80", "192.168.1.20"}
    assert own_hosts("fe80::1%eth0", 8000) == {"[fe80::1]:8000"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8000",
        "localhost.evil.example:8000",
        "127.0.0.1:8001",
        "127.0.0.1",
        "127.0.0.2:8000",
        "",
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    assert not is_own_page(host, LOCAL, 8000)


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", False),
        ("https://127.0.0.1:8000", False),
        ("http://127.0.0.1:8001", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_only_our_own_page_opens_a_websocket(origin: str | None, ours: bool) -> None:
    assert is_own_script("127.0.0.1:8000", origin, LOCAL, 8000) is ours


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A page's server in this process, whose terminal has no profile."""
    at = free_port()
    server = PageServer("seat", ["--profile", str(tmp_path), "--lang", "en"], Language.ENGLISH, LOCAL, at)
    runner = web.AppRunner(await server._make_app())
    await runner.setup()
    await web.TCPSite(runner, LOCAL, at).start()
    yield at
    await runner.cleanup()


async def test_the_server_answers_by_its_own_address_only(port: int) -> None:
    async with aiohttp.ClientSession() as browser:
        for path in ("/", "/page/page.js", "/static/js/textual.js", "/ws"):
            async with browser.get(f"http://{LOCAL}:{port}{path}", headers={"Host": f"evil.example:{port}"}) as answer:
                assert answer.status == 403
        async with browser.get(f"http://localhost:{port}/") as answer:
            assert (answer.status, answer.headers["X-Frame-Options"]) == (200, "DENY")
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        for path in ("/static/", "/page/", "/download/x", "/page/../server.py", "/static/../server.py"):
            async with browser.get(f"http://{LOCAL}:{port}{path}") as answer:
                assert answer.status in {403, 404}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_no_other_page_has_a_program_run(port: int, origin: str | None) -> None:
    async with aiohttp.ClientSession() as browser:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await browser.ws_connect(f"ws://{LOCAL}:{port}/ws", origin=origin)


async def test_so_many_pages_are_enough(port: int) -> None:
    origin = f"http://{LOCAL}:{port}"
    async with aiohttp.ClientSession() as browser:
        pages = [await browser.ws_connect(f"ws://{LOCAL}:{port}/ws", origin=origin) for _ in range(MOST_PAGES)]
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await browser.ws_connect(f"ws://{LOCAL}:{port}/ws", origin=origin)
        await asyncio.gather(*(page.close() for page in pages))


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.20", "::"])  # noqa: S104 - addresses that are refused
def test_a_seat_is_served_to_its_own_machine_only(address: str, tmp_path: Path) -> None:
    said = pingyi("web", "seat", "--address", address, "--profile", tmp_path, code=2)
    assert address in said
    assert "密钥" in said


def test_an_address_is_no_name_and_a_port_that_is_taken_is_said() -> None:
    assert "localhost" in pingyi("web", "hall", "--address", "localhost", code=2)
    assert "192.0.2.1" in pingyi("web", "hall", "--address", "192.0.2.1", code=1)
