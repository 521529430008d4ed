import pytest

from kit.screens import plain
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_terminal.theme import HALL
from pingyi_terminal.widgets.__main__ import Gallery


@pytest.mark.parametrize("language", list(Language))
async def test_the_test_pattern_shows_every_widget_and_changes_language_and_theme(language: Language) -> None:
    words = catalogue("pingyi_terminal", language)
    gallery = Gallery(language)
    async with gallery.run_test(size=(104, 150)) as pilot:
        text = plain(gallery)
        for key in ("widgets.simulated", "widgets.secret_ballot", "widgets.moved_new", "gallery.detail"):
            assert words(key) in text
        await pilot.press("f2", "f5")
        await pilot.pause()
        assert words("widgets.simulated") not in plain(gallery)
        assert gallery.theme == HALL
