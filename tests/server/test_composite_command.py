"""``pingyi composite``: what stands, how one total comes about, and what other weights would give, saving nothing."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kit.exports import LOG_KEY, Memory
from kit.factories import research, small_definition
from kit.hall import Terminal, free_port, open_hall
from kit.kinds import every_kind, whole_definition
from kit.records import Scribe, told
from pingyi_protocol.command_line import BadInput
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    Body,
    Cast,
    CheckIn,
    CloseRound,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.commands.composite import composite, read_weights
from pingyi_server.exports.view import ExportError, Reader, View
from pingyi_server.exports.what_if import named_sources, reweighted


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(composite, [str(folder), *arguments], env={"COLUMNS": "140"})


async def asked(terminal: Terminal, *commands: Body) -> None:
    for command in commands:
        assert isinstance(await terminal.session.ask(command), Receipt)


async def test_what_stands_is_shown_while_the_server_runs_and_trying_weights_saves_nothing(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
        await asked(seat, CheckIn())
        await asked(await hall.admit("M03"), CheckIn())
        await hall.clerk(research(("T01", "97.5"), ("T02", "90"), ("T03", "72")))
        await asked(chair, OpenRound("1"))
        await asked(seat, Cast("1", 1, (Score("T01", "", Decimal(90)),)))
        await asked(chair, CloseRound("1", 1), AnnounceRound("1", 1))
        some = await asyncio.to_thread(run, tmp_path)
        assert some.exit_code == 0, some.output
        for part in ("93.00", "97.50", "missing: 电子表决测评", "not been announced yet"):
            assert part in some.output
        await asked(chair, OpenRound("2"))
        await asked(seat, Cast("2", 1, (Score("T02", "", Decimal(80)), Score("T03", "", Decimal(70)))))
        await asked(chair, CloseRound("2", 1), AnnounceRound("2", 1), AnnounceComposite())
        size = hall.recorder.meeting.size
        tried = await asyncio.to_thread(run, tmp_path, "--weight", "整改成效调研=25%", "--weight", "C1=75")
        # 75 % of 90 and 25 % of 97.5, beside 60 % and 40 % on the record
        for part in ("91.88", "93.00 (1)", "On record", "nothing of it is saved"):
            assert part in tried.output
        assert hall.recorder.meeting.size == size
    whole = run(tmp_path)
    assert "have been announced" in whole.output
    assert "84.00" in whole.output
    steps = run(tmp_path, "--target", "医保局")
    assert "72" in steps.output
    assert "72 × 40% = 28.8" in steps.output
    assert "70.80" in steps.output
    assert "93.00" not in steps.output


def test_what_cannot_be_read_is_named() -> None:
    scribe = Scribe(small_definition())
    view = viewed(scribe)
    names = named_sources(view.definition.components)
    assert names == {"C1": ("C1", ""), "电子表决测评": ("C1", ""), "C2": ("C2", ""), "整改成效调研": ("C2", "")}
    for text, said in (
        ("C1", "is no weight"),
        ("C1=x", "is no weight"),
        ("C1=101", "is no weight"),
        ("=5", "is no weight"),
    ):
        with pytest.raises(BadInput, match=said):
            list(read_weights((text,), view.definition.components))
    with pytest.raises(BadInput, match="no component C9"):
        list(read_weights(("C9=5",), view.definition.components))


def test_parts_have_weights_too_and_a_whole_is_asked_for() -> None:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    view = viewed(scribe)
    names = named_sources(view.definition.components)
    weights = {names["社会各界评价/群众问卷"]: Decimal(100), names["C2/P1"]: Decimal(0)}
    other = reweighted(view, weights)
    [before], [after] = (
        [part.score for line in one.results.composite[:1] for part in line.components if part.component == "C2"]
        for one in (view, other)
    )
    # 40 of 45 at 100, 5 at 60
    assert str(after) == "95.56"
    assert before != after
    assert view.results.composite_announced
    assert not other.results.composite_announced
    with pytest.raises(ExportError, match="105"):
        reweighted(view, {names["C3"]: Decimal(15)})


def viewed(scribe: Scribe) -> View:
    reader = Reader(Memory(scribe), LOG_KEY)
    assert list(reader.leaves())
    return reader.view()
