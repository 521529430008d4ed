"""A whole year by real processes: selection, scoring of the winners, follow-up, and the view over all of it.

Takes long for a test: three meetings are loaded, served and voted on, each prepared from the one before it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import zmq.asyncio
from msgspec.structs import replace
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kit.hall import Terminal, free_port
from kit.processes import pingyi, server
from kit.whole_meeting import recorded
from kit.year import CULTURE, HEALTH, LABOUR, plan, selection
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    Answer,
    Body,
    Cast,
    CheckIn,
    Choice,
    CloseMeeting,
    CloseRound,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.definition import Option, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_server.commands.code import issue
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.toml_file import toml_of


async def admitted(folder: MeetingFolder, person: str, role: Role) -> Terminal:
    """Enrol a terminal with the running server and start its session."""
    definition, keys = folder.meeting().definition, generate_device_keys()
    assert definition is not None
    code = await asyncio.to_thread(issue, folder, definition, Principal(person, role))
    terminal = Terminal(await enrol(zmq.asyncio.Context.instance(), code, keys), keys)
    terminal.running = asyncio.create_task(terminal.session.run())
    await terminal.until(lambda session: session.picture and session.definition)
    return terminal


async def held(folder: MeetingFolder, answers: tuple[Answer, ...], *then: Body) -> None:
    """Hold the meeting's one item, two of three members giving the same answers, and let the chair do what follows."""
    chair, *seats = [
        await admitted(folder, person, role)
        for person, role in (("M01", Role.CHAIR), ("M02", Role.MEMBER), ("M03", Role.MEMBER))
    ]
    for seat in seats:
        await recorded(seat.session.ask(CheckIn()))
    await recorded(chair.session.ask(OpenRound("1")))
    for seat in seats:
        await recorded(seat.session.ask(Cast("1", 1, answers)))
    for body in (CloseRound("1", 1), AnnounceRound("1", 1), *then):
        await recorded(chair.session.ask(body))
    for terminal in (chair, *seats):
        assert terminal.running is not None
        terminal.running.cancel()
        with suppress(asyncio.CancelledError):
            await terminal.running


def filled_in(folder: Path, *edits: Callable[[dict[str, Worksheet]], None]) -> None:
    """Fill in the workbook as a clerk does, cell by cell."""
    book = load_workbook(folder / "meeting.xlsx")
    for edit in edits:
        edit({str(sheet.title).split()[0]: sheet for sheet in book.worksheets})
    book.save(folder / "meeting.xlsx")


def facts(**values: object) -> Callable[[dict[str, Worksheet]], None]:
    """Fill in facts of the meeting by their Chinese names."""

    def edit(sheets: dict[str, Worksheet]) -> None:
        names = {str(row[0].value).split(" / ")[0]: row[1] for row in sheets["会议"].iter_rows(min_row=2)}
        for name, value in values.items():
            names[name].value = value  # type: ignore[assignment]  # a cell takes what a clerk types

    return edit


def first_year(sheets: dict[str, Worksheet]) -> None:
    """Name a problem for each target, and let the committee's own scores be the only component."""
    problems, components = sheets["突出问题"], sheets["评价来源"]
    for row, title in ((2, "公共阅读场所偏少"), (3, "断缴养老保险的人续保难")):
        problems.cell(row, 2).value = title
        headings = {str(cell.value).split(" / ")[0]: place for place, cell in enumerate(problems[1], start=1)}
        problems.cell(row, headings["完成时限"]).value = "2026-09-30"
        problems.cell(row, headings["责任人"]).value = "王局长"
    components.delete_rows(2)
    components.cell(2, 2).value = 100


async def test_a_year_from_selection_to_follow_up_shows_before_and_after(tmp_path: Path) -> None:
    year = tmp_path / "year"
    first, second, third = (year / name for name in ("1-selection", "2-scoring", "3-follow-up"))
    first.mkdir(parents=True)
    chosen = plan(selection())
    (first / "meeting.toml").write_bytes(toml_of(replace(chosen, meeting=replace(chosen.meeting, port=free_port()))))
    pingyi("load", first)
    with server(first):
        assert "还有 1 项没有宣布" in pingyi("new", second, "--from", first, code=2)
        both = tuple(Choice(target, Option.CHOSEN) for target in ("T01", "T02"))
        await held(MeetingFolder(first), both)
        told = pingyi("new", second, "--from", first)
    assert f"2 个对象：{CULTURE}、{LABOUR}" in told
    assert "已选定" in pingyi("programme", year)

    filled_in(second, facts(届次="第十次会议", 日期="2026-06-20", 再次评议分数线=85), first_year)
    pingyi("load", second)
    with server(second):
        scores = (Score("T01", "", Decimal(70)), Score("T02", "", Decimal(95)))
        await held(MeetingFolder(second), scores, AnnounceComposite(), CloseMeeting())
        # also while the server runs
        shown = pingyi("programme", year)
        told = pingyi("new", third, "--from", second)
    assert "须再次评议" in shown
    assert f"1 个对象：{CULTURE}" in told

    filled_in(third, facts(届次="第十二次会议", 日期="2026-11-20"))
    pingyi("load", third)
    with server(third):
        await held(MeetingFolder(third), (Score("T01", "", Decimal(91)),), AnnounceComposite())
    # the server was killed: what it has recorded is read all the same
    shown = pingyi("programme", year)
    assert [name for name in (CULTURE, HEALTH, "1-selection", "2-scoring", "3-follow-up") if name not in shown] == []
    story = pingyi("programme", year, "--target", "文化")
    for text in (
        "已再次评议",
        "综合得分 70.00 → 91.00（+21.00）",
        "票决 2 票，已选定",
        "低于 85，须再次评议",
        "王局长",
    ):
        assert text in story
    assert "请核对" not in shown
