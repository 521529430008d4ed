"""The clerk's page of composites: what stands, how it comes about, and a trial of other weights that leaves nothing."""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from textual.widgets import Input

from kit.chairs import Play
from kit.clerk_desk import Console
from kit.composites import appraised, eleven
from kit.factories import small_definition
from kit.screens import plain
from kit.snapshots import Shows
from pingyi_protocol.meeting.composite import recomputed, reweighted
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_terminal.clerk.composite import steps
from pingyi_terminal.clerk.screen import ClerkScreen
from pingyi_terminal.clerk.situation import Page
from pingyi_terminal.clerk.table import Pages, Table
from pingyi_terminal.clerk.trying import WeightsScreen
from pingyi_terminal.clerk.weights import fields_of, tried

SMALL, USUAL = (80, 24), (120, 36)
BOTH = pytest.mark.parametrize("language", list(Language), ids=lambda one: one.value)
ZH = catalogue("pingyi_terminal", Language.CHINESE)


@BOTH
@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["small", "usual"])
async def test_the_page(language: Language, size: tuple[int, int], shows: Shows) -> None:
    console = Console(appraised(missing=1), language)
    words = catalogue("pingyi_terminal", language)
    async with console.app.run_test(size=size) as pilot:
        await pilot.press("shift+tab")
        await pilot.pause(0.6)
        lacking = words("clerk.composite_lacking", count=1)
        shows(console.app, "table", words("clerk.page_composite"), "94.39", "-", lacking)
        await pilot.press(*["down"] * 10)
        await pilot.pause()
        assert words("clerk.composite_missing", target="数据局", missing="整改成效调研") in plain(console.app)
        await pilot.press("up", "up", "enter")
        await pilot.pause()
        shows(console.app, "steps", "卫健委", "≈", "%")
        await pilot.press("escape", "f4")
        await pilot.pause()
        await pilot.press("backspace", "backspace", "5", "0")
        await pilot.pause()
        shows(console.app, "not-a-whole", words("clerk.try_sum", name=words("clerk.try_components"), sum="90"))
        await pilot.press(*["down"] * 4, "backspace", "backspace", "2", "0")
        await pilot.pause()
        shows(console.app, "tried", words("clerk.try_title"), "94.92", "94.39 (1)")
    assert not console.session.submitted
    assert not console.session.requested


async def test_mouse_alone_turns_there_chooses_and_opens_the_steps_and_what_is_announced_is_said() -> None:
    console = Console(appraised(announced=True), Language.CHINESE)
    async with console.app.run_test(size=USUAL) as pilot:
        await pilot.click(Pages, offset=(37, 0))
        await pilot.pause(0.6)
        assert console.app.draft.page is Page.COMPOSITE
        assert ZH("clerk.composite_announced") in plain(console.app)
        await pilot.click(Table, offset=(5, 3))
        await pilot.click(Table, offset=(5, 3))
        await pilot.pause()
        assert "市医疗保障局：逐步计算" in plain(console.app)
        await pilot.press("escape", "f4", "delete", "f5")
        await pilot.pause()
        assert isinstance(console.app.screen, WeightsScreen)
        assert console.app.screen.query(Input).first().value == "60"
        await pilot.click("#try-table", offset=(5, 8))
        await pilot.press("pageup", "escape")
        assert isinstance(console.app.screen, ClerkScreen)
        situation = console.app.situation()
        assert situation is not None
        assert situation.draft.target == "T03"


async def test_without_components_there_is_no_such_page() -> None:
    console = Console(Play(msgspec.structs.replace(small_definition(), components=())), Language.CHINESE)
    async with console.app.run_test(size=USUAL) as pilot:
        await pilot.press("shift+tab")
        assert console.app.draft.page is Page.EXPORTS


def test_steps_give_every_fraction_and_what_is_missing() -> None:
    lines = appraised(missing=1).backstage.composite
    title, told = steps(ZH, eleven(), lines[2])
    assert title == "市医疗保障局：逐步计算"
    assert "  群众问卷：4460/49 × 40% ≈ 36.408163 (1784/49)" in told
    assert Fraction(4460, 49) * Fraction(40, 100) == Fraction(1784, 49)
    assert told[-1] == "四舍五入到 2 位小数：88.67、第 3 名、良好"
    assert steps(ZH, eleven(), lines[10])[1][-1] == "没有总分：还缺整改成效调研。"


def test_other_weights_give_totals_only_when_every_sum_is_a_whole() -> None:
    definition, lines = eleven(), appraised().backstage.composite
    typed = {field.source: f"{field.weight:f}" for field in fields_of(definition)}
    assert sorted(tried(definition, lines, typed).lines, key=lambda one: one.target) == list(lines)
    typed |= {("C1", ""): "５０％", ("C3", ""): " 20 "}
    other = reweighted(definition.components, {("C1", ""): Decimal(50), ("C3", ""): Decimal(20)})
    trial = tried(definition, lines, typed)
    assert set(trial.lines) == set(recomputed(other, definition.composite, lines))
    assert [line.rank for line in trial.lines] == list(range(1, 12))
    for wrong, total in (("60", "110"), ("", None), ("-1", None), ("101", None), ("1e1", None)):
        trial = tried(definition, lines, typed | {("C1", ""): wrong})
        assert trial.lines == ()
        assert str(trial.sums[0].total) == str(total)
        assert trial.sums[1].whole
    assert not tried(definition, lines, typed | {("C2", "P2"): "41"}).lines
