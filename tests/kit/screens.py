"""Looking at screens: the cells of a running Textual app as text for assertions, and as a picture for the eye."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.app import App, ComposeResult
from textual.events import Key
from textual.strip import Strip
from textual.widget import Widget

from pingyi_terminal.theme import register_themes

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from textual.pilot import Pilot

CELL_WIDTH, CELL_HEIGHT = 13, 30
_EIGHTHS_UP = "▁▂▃▄▅▆▇█"
_EIGHTHS_RIGHT = "█▉▊▋▌▍▎▏"
_SHADES = {"░": 4, "▒": 3, "▓": 2}
_FONTS = Path("/usr/share/fonts/opentype/noto")

Box = tuple[float, float, float, float]


def strips(app: App[Any]) -> list[Strip]:
    """Return what ``app`` shows now, one Strip a row."""
    return app.screen._compositor.render_strips()


def plain(app: App[Any]) -> str:
    """Return the screen's cells as text: one line a row, trailing spaces cut."""
    return "\n".join(row.text.rstrip() for row in strips(app))


async def save_picture(pilot: "Pilot[Any]", path: Path | str) -> None:
    """Save what the app shows now as a PNG, 13 x 30 pixels a cell.

    Needs Pillow and, for Chinese, Debian's fonts-noto-cjk. Blocks are drawn as exact rectangles, as good terminals do.
    """
    await pilot.pause()
    draw_picture(strips(pilot.app), Path(path))


def draw_picture(rows: list[Strip], path: Path) -> None:
    """Draw rows of cells and save them as a PNG."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - only who looks at pictures needs Pillow

    fonts = {
        bold: ImageFont.truetype(str(_FONTS / f"NotoSansCJK-{'Bold' if bold else 'Regular'}.ttc"), 26, index=7)
        for bold in (False, True)
    }
    width = max(row.cell_length for row in rows)
    picture = Image.new("RGB", (width * CELL_WIDTH, len(rows) * CELL_HEIGHT))
    draw = ImageDraw.Draw(picture)
    later: list[Callable[[], None]] = []
    for y, row in enumerate(rows):
        column = 0
        for text, style, _ in row:
            ink, ground = _colours(style or Style.null())
            for character in text:
                cells = cell_len(character)
                left, top = column * CELL_WIDTH, y * CELL_HEIGHT
                box = (left, top, left + cells * CELL_WIDTH, top + CELL_HEIGHT)
                draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=ground)
                if not _draw_block(draw, box, character, ink) and not character.isspace():
                    font = fonts[bool(style and style.bold)]
                    later.append(
                        lambda at=(left, top - 5), text=character, ink=ink, font=font: draw.text(  # type: ignore[misc]
                            at, text, fill=ink, font=font
                        )
                    )
                column += cells
    for put in later:  # text last, so that the next cell's ground cuts nothing off
        put()
    picture.quantize(64).save(path, optimize=True)


def _colours(style: Style) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    def rgb(colour: Color | None, default: tuple[int, int, int]) -> tuple[int, int, int]:
        return default if colour is None or colour.is_default else colour.get_truecolor()

    ink, ground = rgb(style.color, (255, 255, 255)), rgb(style.bgcolor, (0, 0, 0))
    return (ground, ink) if style.reverse else (ink, ground)


def _draw_block(draw: "ImageDraw", box: Box, character: str, ink: tuple[int, int, int]) -> bool:
    """Draw a block or line character as rectangles; False for any other character."""
    left, top, right, bottom = box
    if character in _SHADES:
        step = _SHADES[character]
        for y in range(int(top), int(bottom), step):
            for x in range(int(left) + (y // step % 2) * step // 2, int(right), step):
                draw.point((x, y), fill=ink)
                draw.point((x + 1, y), fill=ink)
        return True
    part = _part(character)
    if part is None:
        return False
    wide, high = right - left, bottom - top
    draw.rectangle(
        (
            left + round(part[0] * wide),
            top + round(part[1] * high),
            left + max(round(part[2] * wide), round(part[0] * wide) + 1) - 1,
            top + max(round(part[3] * high), round(part[1] * high) + 1) - 1,
        ),
        fill=ink,
    )
    return True


def _part(character: str) -> Box | None:
    """Return what part of its cell a block or line fills: left, top, right, bottom as fractions."""
    fixed: dict[str, Box] = {
        "▀": (0, 0, 1, 0.5),
        "▔": (0, 0, 1, 1 / 8),
        "▐": (0.5, 0, 1, 1),
        "▕": (7 / 8, 0, 1, 1),
        "─": (0, 0.48, 1, 0.52),
        "━": (0, 0.45, 1, 0.55),
        "│": (0.45, 0, 0.55, 1),
        "┃": (0.4, 0, 0.6, 1),
    }
    if character in fixed:
        return fixed[character]
    if character in _EIGHTHS_UP:
        return (0, 1 - (_EIGHTHS_UP.index(character) + 1) / 8, 1, 1)
    if character in _EIGHTHS_RIGHT:
        return (0, 0, (8 - _EIGHTHS_RIGHT.index(character)) / 8, 1)
    return None


class OneWidget(App[None]):
    """An app that shows one widget and keeps the keys that reach it."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        register_themes(self)
        self.widget = widget
        self.keys: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_key(self, event: Key) -> None:
        self.keys.append(event.key)
