from itertools import combinations

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Label

from kit.eyes import Blindness, difference
from pingyi_terminal.theme import COLOUR_BLIND, CONTRAST, DARK, HALL, HALL_BRIGHT, PALETTES, STYLES, register_themes

STATES = ("accent", "ok", "warning", "info", "calling")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [part / 255 for part in Color.parse(colour).rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("theme", "text", "dim", "state"),
    [
        (DARK, 16, 8.5, 7.75),
        (HALL, 16, 12, 8),
        (HALL_BRIGHT, 16, 6.6, 6.6),
        (CONTRAST, 21, 15, 10),
        (COLOUR_BLIND, 16, 8.5, 7.75),
    ],
)
def test_contrast_of_each_theme(theme: str, text: float, dim: float, state: float) -> None:
    palette = PALETTES[theme]
    ground = palette["background"]
    assert contrast(palette["foreground"], ground) >= text
    assert contrast(palette["dim"], ground) >= dim
    assert all(contrast(palette[name], ground) >= state for name in STATES)
    assert all(contrast(palette["chip-text"], palette[name]) >= 6.5 for name in STATES)
    assert contrast(palette["ok"], palette["voted-fill"]) >= 6
    assert contrast(palette["faint"], ground) >= 4.5


def test_the_contrast_theme_has_nothing_faint() -> None:
    palette = PALETTES[CONTRAST]
    assert all(contrast(palette[name], palette["raised"]) >= 5.5 for name in ("faint", "dim", *STATES))


@pytest.mark.parametrize("blindness", Blindness)
def test_states_and_accent_stay_apart_for_the_colour_blind(blindness: Blindness) -> None:
    palette = PALETTES[COLOUR_BLIND]
    told = ("foreground", "accent", "ok", "warning", "calling")
    apart = {(a, b): difference(palette[a], palette[b], blindness) for a, b in combinations(told, 2)}
    # 2.3 is the least that a healthy eye notices
    assert min(apart.values()) >= 18, apart


@pytest.mark.parametrize("theme", PALETTES)
async def test_every_colour_is_a_variable_of_style_sheets(theme: str) -> None:
    app: App[None] = App()
    register_themes(app)
    async with app.run_test():
        app.theme = theme
        variables = app.get_css_variables()
        assert {name: variables[name].upper() for name in PALETTES[theme]} == PALETTES[theme]


async def test_shared_styles_use_the_colours_of_the_theme() -> None:
    class Panel(App[None]):
        CSS_PATH = STYLES

        def compose(self) -> ComposeResult:
            yield Label("text", classes="panel -ok", markup=False)

    app = Panel()
    register_themes(app)
    async with app.run_test():
        label = app.query_one(Label)
        assert label.styles.background == Color.parse(PALETTES[DARK]["panel"])
        assert label.styles.border_left == ("outer", Color.parse(PALETTES[DARK]["ok"]))
        assert app.screen.styles.background == Color.parse(PALETTES[DARK]["background"])
