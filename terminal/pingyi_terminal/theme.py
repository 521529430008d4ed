"""The themes of the screens and the names of their colours.

Every name works in a style sheet (``$dim``) and as the ``colour`` of a widget of this package
(``Meter(colour="dim")``). ``foreground`` is plain text, ``background`` the ground, ``panel`` and ``raised`` one
and two tones nearer; ``accent`` is for the figure that matters and the one key to press, and nothing else.
"""

from pathlib import Path
from typing import Any

from textual.app import App
from textual.theme import Theme

DARK = "pingyi-dark"
HALL = "pingyi-hall"
HALL_BRIGHT = "pingyi-hall-bright"
CONTRAST = "pingyi-contrast"
COLOUR_BLIND = "pingyi-colour-blind"

THEMES = (DARK, HALL_BRIGHT, CONTRAST, COLOUR_BLIND)
"""The themes of a screen that one person sits at, in the order in which a key goes through them."""
WALL_THEMES = (HALL, HALL_BRIGHT, CONTRAST, COLOUR_BLIND)
"""Those of the wall; the bright one is for a projector that turns black into grey."""

# what all screens share; one of the CSS_PATH of an app
STYLES = Path(__file__).with_suffix(".tcss")

_SIGNALS = {"ok": "#4CCFA2", "warning": "#FF8A4C", "info": "#7DB8FF", "calling": "#D79BFF", "voted-fill": "#17382F"}

# chip-text is what stands on a filled chip, whatever its colour; fill is the accent of a bar that leads to a figure
PALETTES: dict[str, dict[str, str]] = {
    DARK: {
        "background": "#0E1623",
        "panel": "#162133",
        "raised": "#22314A",
        "foreground": "#F1F5FB",
        "dim": "#A3B3CC",
        "faint": "#6F809A",
        "rule": "#394C6B",
        "accent": "#FFC642",
        "fill": "#BC9539",
        "chip-text": "#140F04",
        **_SIGNALS,
    },
    HALL: {
        "background": "#071226",
        "panel": "#0E1D3A",
        "raised": "#1C3057",
        "foreground": "#FFFFFF",
        "dim": "#C3D0E8",
        "faint": "#6C82AF",
        "rule": "#47608F",
        "accent": "#FFD23F",
        "fill": "#BA9B38",
        "chip-text": "#140F04",
        **_SIGNALS,
    },
    HALL_BRIGHT: {
        "background": "#FFFFFF",
        "panel": "#EEF1F6",
        "raised": "#D9DFEA",
        "foreground": "#0A1020",
        "dim": "#36435A",
        "faint": "#6B768C",
        "rule": "#8A97AD",
        "accent": "#9E1B1B",
        "fill": "#B65454",
        "chip-text": "#FFFFFF",
        "ok": "#00624A",
        "warning": "#A33A00",
        "info": "#124F9C",
        "calling": "#6A1B9A",
        "voted-fill": "#DDF0E9",
    },
    # for weak eyes: black, and nothing fainter than 10:1
    CONTRAST: {
        "background": "#000000",
        "panel": "#0A0A0A",
        "raised": "#333333",
        "foreground": "#FFFFFF",
        "dim": "#E8E8E8",
        "faint": "#B4B4B4",
        "rule": "#8C8C8C",
        "accent": "#FFE01F",
        "fill": "#BFA617",
        "chip-text": "#000000",
        "ok": "#3DFFB0",
        "warning": "#FFA45C",
        "info": "#8CD3FF",
        "calling": "#F2B3FF",
        "voted-fill": "#00402B",
    },
    # no red beside green: blue, orange, pink and yellow stay apart for each kind of colour blindness
    COLOUR_BLIND: {
        "background": "#0E1623",
        "panel": "#162133",
        "raised": "#22314A",
        "foreground": "#FFFFFF",
        "dim": "#A3B3CC",
        "faint": "#6F809A",
        "rule": "#394C6B",
        "accent": "#FFE95C",
        "fill": "#BDAD44",
        "chip-text": "#140F04",
        "ok": "#49B2FF",
        "warning": "#FF8B3D",
        "info": "#B9C2E0",
        "calling": "#FFA8D2",
        "voted-fill": "#0B2A45",
    },
}


def _theme(name: str) -> Theme:
    palette = PALETTES[name]
    return Theme(
        name=name,
        primary=palette["info"],
        secondary=palette["calling"],
        warning=palette["warning"],
        error=palette["warning"],
        success=palette["ok"],
        accent=palette["accent"],
        foreground=palette["foreground"],
        background=palette["background"],
        surface=palette["panel"],
        panel=palette["panel"],
        dark=name != HALL_BRIGHT,
        variables=palette,  # all of them: Textual's own path through a colour space shifts some by one
    )


def register_themes(app: App[Any]) -> None:
    """Make the themes known to ``app`` and choose the dark one; set ``app.theme`` for another."""
    for name in PALETTES:
        app.register_theme(_theme(name))
    app.theme = DARK
