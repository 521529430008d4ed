"""The pen that charts are drawn with: the library's own for SVG, but text stays text and nothing asks a font."""

import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any

from matplotlib import rcdefaults, rcParams
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from rich.cells import cell_len

# what a matplotlibrc on this machine asks for changes no document, and a dollar in a name begins no formula
rcdefaults()
rcParams["text.parse_math"] = False

CELL = 0.56
"""The width of a terminal's cell in letters' sizes: half a Chinese character, and about a Latin letter."""

OPENING = re.compile(r"<svg[ >]")
NAMED = re.compile(r' id="([^"]+)"')


def width_of(text: str, size: float) -> float:
    """Return how many points a text of this size takes at most, whatever font it is set in."""
    return cell_len(text) * CELL * size


class TextRenderer(RendererSVG):
    """Writes text as text, and takes its width from its cells."""

    def __init__(self, width: float, height: float, out: io.StringIO) -> None:
        """Write a picture of so many points to ``out``."""
        nothing = dict.fromkeys(("Format", "Type", "Creator", "Date"))
        super().__init__(width, height, out, metadata=nothing)  # type: ignore[no-untyped-call]  # the library says no types here

    def open_group(self, *_: object, **_unused: object) -> None:
        """Open a group without a name: several charts stand on one page."""
        self.writer.start("g")  # type: ignore[no-untyped-call]  # the library says no types here

    def get_text_width_height_descent(self, s: str, prop: Any, _ismath: object = False) -> tuple[float, float, float]:
        """Return what the text will take, whatever font it is set in."""
        size = prop.get_size_in_points()
        return width_of(s, size), size, 0.25 * size

    # the library's own signature
    def draw_text(  # noqa: PLR0913, PLR0917
        self,
        gc: Any,  # noqa: ARG002
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,  # noqa: ARG002
        ismath: object = False,
        mtext: Any = None,
    ) -> None:
        """Write the text at its own anchor, so that a wider or narrower font moves nothing."""
        width, _, _ = self.get_text_width_height_descent(s, prop, ismath)
        align = mtext.get_ha()
        anchor, moved = {"left": ("start", 0.0), "center": ("middle", width / 2), "right": ("end", width)}[align]
        style = {
            "font-size": f"{prop.get_size_in_points():g}px",
            "font-weight": str(prop.get_weight()),
            "text-anchor": anchor,
            "fill": mtext.get_color(),
        }
        attributes = {"x": f"{x + moved:.1f}", "y": f"{y:.1f}"}
        self.writer.element("text", s, attrib=attributes | style)  # type: ignore[no-untyped-call]  # the library says no types here


def picture_of(figure: Figure, families: Sequence[str], name: str) -> str:
    """Return a figure as an SVG element whose text is set in the first of ``families`` that is there.

    What has to be named in it begins with ``name``.
    """
    out = io.StringIO()
    width, height = figure.get_size_inches() * figure.dpi
    renderer = TextRenderer(width, height, out)
    figure.draw(renderer)
    renderer.finalize()  # type: ignore[no-untyped-call]  # the library says no types here
    named = ", ".join(one if one == "sans-serif" else f"'{one}'" for one in families)
    return renamed(out.getvalue(), name).replace("<svg ", f'<svg font-family="{escape(named)}" ', 1)


def renamed(document: str, name: str) -> str:
    """Return the element alone, with names that are the same each time."""
    opening = OPENING.search(document)
    if opening is None:
        raise ValueError("the library has written no picture")
    element = document[opening.start() :]
    for number, found in enumerate(dict.fromkeys(NAMED.findall(element)), start=1):
        element = element.replace(f'id="{found}"', f'id="{name}-{number}"').replace(f"#{found}", f"#{name}-{number}")
    return element.strip()
