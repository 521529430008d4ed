"""How much of the screen an app paints anew."""

from typing import Any

import pytest
from textual._compositor import Compositor


class Repaints:
    """Notes the cells of each repaint, and whether it was one of the whole screen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cells: list[int] = []
        self.whole = 0
        render = Compositor.render_update

        def noted(compositor: Compositor, *, full: bool = False, **options: Any) -> Any:
            self.whole += full
            self.cells.append(sum(region.area for region in compositor._dirty_regions))
            return render(compositor, full=full, **options)

        monkeypatch.setattr(Compositor, "render_update", noted)

    def forget(self) -> None:
        """Begin anew."""
        self.cells.clear()
        self.whole = 0
