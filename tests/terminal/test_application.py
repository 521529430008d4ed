from pathlib import Path

import pytest

from pingyi_protocol.failure import note_failure
from pingyi_protocol.meeting.definition import Language
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.theme import COLOUR_BLIND, CONTRAST, DARK, HALL_BRIGHT


class Breaking(MeetingApp):
    """An app that fails with a score in its hands."""

    def on_mount(self) -> None:
        score = "92.5 by M07"
        raise ValueError(score)


def test_what_a_failure_leaves_behind_holds_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda _name: str(tmp_path / "log"))
    with pytest.raises(ValueError, match="92") as caught:
        int("92 by M07")
    noted = note_failure(caught.value).read_text(encoding="utf-8")
    assert noted.startswith("ValueError\n")
    assert "test_application.py" in noted
    assert "92" not in noted.replace(str(tmp_path), "")


def test_a_failing_app_says_what_to_do_and_shows_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda _name: str(tmp_path / "log"))
    app = Breaking(Language.ENGLISH)
    app.run(headless=True)
    shown = capsys.readouterr()
    assert app.return_code == 1
    assert "Start it again" in " ".join((shown.out + shown.err).split())
    assert "Traceback" not in shown.out + shown.err
    assert "92.5" not in shown.out + shown.err


@pytest.mark.parametrize(("language", "named"), [(Language.CHINESE, "高对比度"), (Language.ENGLISH, "high contrast")])
async def test_f12_goes_through_the_themes_and_names_each(language: Language, named: str) -> None:
    app = MeetingApp(language)
    async with app.run_test(notifications=True) as pilot:
        seen = [app.theme]
        for _ in range(4):
            await pilot.press("f12")
            seen.append(app.theme)
            [told] = app._notifications
            assert (named in told.message) == (app.theme == CONTRAST)
        assert seen == [DARK, HALL_BRIGHT, CONTRAST, COLOUR_BLIND, DARK]
