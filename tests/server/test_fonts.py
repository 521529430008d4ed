"""Which fonts a document takes, so that no character of it is left out in silence."""

import pytest

from pingyi_server.typesetting import fonts
from pingyi_server.typesetting.fonts import SANS, MissingGlyphsError, families_for


@pytest.fixture
def three_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with three fonts, none of which has everything."""
    drawn = {"Latin": "abc", "Han": "汉字ab", "Rare": "𠮷汉"}
    monkeypatch.setattr(fonts, "files", lambda: dict.fromkeys(drawn, ("", 0)))
    monkeypatch.setattr(fonts, "drawn_by", lambda family: frozenset(map(ord, drawn[family])))


@pytest.mark.usefixtures("three_fonts")
@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("汉a", ("Han",)),
        ("汉ac", ("Han", "Latin")),
        ("汉𠮷", ("Han", "Rare")),
        ("汉 \u3000\u200b\n", ("Han",)),
        ("", ()),
        ("c", ("Latin",)),
    ],
)
def test_the_preferred_font_comes_first_and_others_for_what_it_lacks(text: str, families: tuple[str, ...]) -> None:
    assert families_for(text, ("Nowhere", "Han")) == families


@pytest.mark.usefixtures("three_fonts")
def test_what_no_font_has_is_named_with_the_package_to_install() -> None:
    with pytest.raises(MissingGlyphsError) as missing:
        families_for("汉字王\ue000\U000323af", ("Han",))
    assert missing.value.missing == frozenset("王\ue000\U000323af")
    assert "王 (U+738B)" in str(missing.value)
    assert "U+323AF" in str(missing.value)
    assert "fonts-noto-cjk" in str(missing.value)


@pytest.mark.usefixtures("three_fonts")
def test_a_machine_without_chinese_names_some_of_what_is_missing() -> None:
    with pytest.raises(MissingGlyphsError) as missing:
        families_for(map(chr, range(0x4E00, 0x4F00)), ("Han",))
    assert len(missing.value.missing) == 0x100
    assert str(missing.value).count("U+") == 12


@pytest.mark.fonts
def test_a_real_font_draws_the_names_that_people_have() -> None:
    [family] = families_for("王欧阳娜仁·托娅 䶮㛃 Zoë 012", SANS)
    assert family in SANS
