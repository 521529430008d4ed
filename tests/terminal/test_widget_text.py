import gzip
from importlib import resources
from itertools import product

import pytest

from kit.screens import OneWidget, plain
from pingyi_protocol.meeting.definition import Language, Secrecy
from pingyi_protocol.text import catalogue
from pingyi_terminal.glyphs import PIXELS, glyph
from pingyi_terminal.widgets import BigText, ModeBlock, QRCode, big_text_width, qr_light_modules

LANGUAGES = list(Language)


def test_a_glyph_is_the_picture_of_its_character() -> None:
    bitmap = glyph("中")
    assert bitmap is not None
    rows = [f"{row:012b}".replace("0", ".").replace("1", "#") for row in bitmap.rows]
    assert rows == [
        ".....#......",
        ".....#......",
        "###########.",
        "#....#....#.",
        "#....#....#.",
        "#....#....#.",
        "###########.",
        ".....#......",
        ".....#......",
        ".....#......",
        ".....#......",
        "............",
    ]


def test_every_glyph_of_the_data_has_twelve_rows_within_its_width() -> None:
    data = gzip.decompress((resources.files("pingyi_terminal.glyphs") / "glyphs.hex.gz").read_bytes()).decode()
    characters = [chr(int(line.partition(":")[0], 16)) for line in data.splitlines()]
    assert len(characters) > 6000
    for character in characters:
        bitmap = glyph(character)
        assert bitmap is not None
        assert len(bitmap.rows) == PIXELS
        assert bitmap.width == (6 if character.isascii() else 12) or not character.isalnum()
        assert 0 < max(bitmap.rows) < 1 << bitmap.width


def test_the_licence_of_the_glyphs_stands_beside_them() -> None:
    assert "SIL OPEN FONT LICENSE" in (resources.files("pingyi_terminal.glyphs") / "LICENSE").read_text("utf-8")


def test_widths_of_large_words() -> None:
    assert big_text_width("文化和旅游局") == 72
    assert big_text_width("RECORDED") == 48
    assert big_text_width("A 局") == 24
    assert big_text_width("龑") is None


async def test_large_words_are_drawn_and_a_missing_glyph_makes_all_plain() -> None:
    app = OneWidget(BigText("中"))
    async with app.run_test(size=(40, 8)) as pilot:
        assert plain(app).splitlines()[:2] == ["     █", "█▀▀▀▀█▀▀▀▀█"]
        assert isinstance(app.widget, BigText)
        app.widget.text = "中龑[b]"
        await pilot.pause()
        assert plain(app).split() == ["中龑[b]"]
        assert app.widget.size.height == 6


async def test_a_tracking_code_is_a_version_one_code_with_quiet_modules_and_finders() -> None:
    code = qr_light_modules("7K2M-Q9XD-4TRB")
    assert (code.width, code.height) == (29, 15)
    dark = [[not code.rows[y] >> 28 - x & 1 for x in range(29)] for y in range(29)]
    assert not any(dark[y][x] for x, y in product(range(29), repeat=2) if min(x, y) < 4 or max(x, y) > 24)
    for top, left in ((4, 4), (4, 18), (18, 4)):
        ring = [max(abs(y - 3), abs(x - 3)) for y, x in product(range(7), repeat=2)]
        assert [dark[top + y][left + x] for y, x in product(range(7), repeat=2)] == [each != 2 for each in ring]


async def test_a_code_is_black_on_white() -> None:
    app = OneWidget(QRCode("7K2M-Q9XD-4TRB"))
    async with app.run_test(size=(40, 16)):
        styles = [segment.style for y in range(14) for segment in app.widget.render_line(y)]
        seen = {(style.color.name, style.bgcolor.name) for style in styles if style and style.color and style.bgcolor}
        assert seen == {("#ffffff", "#000000"), ("#ffffff", "#ffffff")}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_secret_differs_from_open_by_word_length_and_fill(language: Language) -> None:
    shown = []
    for secrecy in Secrecy:
        app = OneWidget(ModeBlock(catalogue("pingyi_terminal", language), secrecy))
        async with app.run_test(size=(40, 5)):
            assert app.widget.size.height == 3
            shown.append(plain(app))
    opened, secret = shown
    assert "░" in secret
    assert "░" not in opened
    assert len(secret.split("░")[-2].strip()) != len(opened.strip())


@pytest.mark.parametrize("section", ["widgets", "gallery"])
def test_both_languages_have_the_same_words(section: str) -> None:
    chinese, english = (
        {key for key in catalogue("pingyi_terminal", language).words if key.startswith(section + ".")}
        for language in LANGUAGES
    )
    assert chinese == english != set()
