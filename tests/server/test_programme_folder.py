"""``pingyi programme`` over folders: what is read, what is named, and that nothing is changed."""

import csv
import io
import shutil
from contextlib import nullcontext
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from rich.console import Console

from kit.year import CULTURE, HEALTH, LABOUR, PENSION, PROGRAMME, READING, plan, scoring, selection
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.record.progress import silent
from pingyi_protocol.text import catalogue
from pingyi_server.commands.load import load
from pingyi_server.commands.new import new
from pingyi_server.commands.programme import programme
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.programme.reading import read_sittings
from pingyi_server.programme.showing import Showing
from pingyi_server.programme.year import overview


def loaded(folder: Path, definition: Definition) -> Path:
    """A folder with this meeting, loaded."""
    folder.mkdir(parents=True)
    (folder / "meeting.toml").write_bytes(toml_of(definition))
    told = CliRunner().invoke(load, [str(folder)])
    assert told.exit_code == 0, told.output
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loaded meetings; tests take copies."""
    folder = tmp_path_factory.mktemp("kept")
    loaded(folder / "a selection", plan(selection()))
    loaded(folder / "b scoring", plan(scoring(follows="")))
    return folder


@pytest.fixture
def year(kept: Path, tmp_path: Path) -> Path:
    """The folder of a year."""
    return Path(shutil.copytree(kept, tmp_path / "year", copy_function=shutil.copy2))


def run(*arguments: object) -> Result:
    """Run it on a terminal that is wide enough for the names."""
    return CliRunner().invoke(programme, [str(argument) for argument in arguments], env={"COLUMNS": "120"})


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file of a folder, with its content and time."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in files}


def test_the_year_is_shown_and_no_file_is_touched(year: Path) -> None:
    before = state(year)
    told = run(year)
    assert told.exit_code == 0, told.output
    for text in (PROGRAMME, CULTURE, LABOUR, HEALTH, READING.title, "a selection", "b scoring"):
        assert text in told.output
    assert state(year) == before


def test_it_works_while_the_meeting_is_held_by_another_process(year: Path) -> None:
    with MeetingFolder(year / "b scoring").locked():
        assert run(year).exit_code == 0


def test_a_folder_that_is_a_meeting_itself_is_shown_alone(year: Path) -> None:
    told = run(year / "b scoring")
    assert told.exit_code == 0
    assert LABOUR in told.output
    assert HEALTH not in told.output


def test_what_is_no_meeting_is_named_and_the_others_are_shown(year: Path) -> None:
    (year / "photos").mkdir()
    (year / ".hidden").mkdir()
    (year / "note.txt").write_text("no folder")
    (year / "next").mkdir()
    (year / "next" / "meeting.xlsx").write_bytes(b"")
    told = run(year)
    assert told.exit_code == 0
    assert HEALTH in told.output
    unread = told.stderr.splitlines()[1:]
    assert [line.split()[0].rstrip(":：") for line in unread] == ["next", "photos"] or len(unread) == 2
    assert "pingyi load" in unread[0]
    assert ".hidden" not in told.output


def spoil_database(folder: Path) -> None:
    (folder / "meeting.db").write_bytes(b"not a database at all, " * 100)


def cut_database(folder: Path) -> None:
    with (folder / "meeting.db").open("r+b") as file:
        file.truncate(5000)


def lose_database(folder: Path) -> None:
    (folder / "meeting.db").unlink()


def lose_profile(folder: Path) -> None:
    shutil.rmtree(folder / "clerk")


def spoil_profile(folder: Path) -> None:
    for path in (folder / "clerk").rglob("*.json"):
        path.write_bytes(b"\xff{")


@pytest.mark.parametrize("harm", [spoil_database, cut_database, lose_database, lose_profile, spoil_profile])
def test_a_damaged_folder_is_named_and_the_others_are_shown(year: Path, harm: object) -> None:
    assert callable(harm)
    harm(year / "a selection")
    told = run(year)
    assert told.exit_code == (0 if harm is lose_database else 1), told.output
    assert LABOUR in told.output
    assert HEALTH not in told.output
    assert any("a selection" in line for line in told.stderr.splitlines())
    assert "Traceback" not in told.output


def test_a_record_that_another_key_signed_is_not_shown(year: Path) -> None:
    shutil.copy2(year / "b scoring" / "meeting.db", year / "a selection" / "meeting.db")
    told = run(year)
    assert told.exit_code == 1
    assert HEALTH not in told.output


def test_a_folder_without_any_meeting_says_which_folder_is_wanted(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1


def test_a_target_is_found_by_a_part_of_its_name(year: Path) -> None:
    told = run(year, "--target", "文化")
    assert told.exit_code == 0
    for text in (CULTURE, READING.title, READING.goal, READING.measures, READING.deadline, READING.responsible):
        assert text in told.output
    assert PENSION.title not in told.output
    unknown, several = run(year, "--target", "水利局"), run(year, "--target", "局")
    assert (unknown.exit_code, several.exit_code) == (2, 2)
    assert HEALTH in unknown.stderr
    assert HEALTH in several.stderr


def test_the_table_has_a_line_for_each_problem_and_is_written_once(year: Path, tmp_path: Path) -> None:
    file = tmp_path / "year.csv"
    assert run(year, "--csv", file).exit_code == 0
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    heading, *rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len({len(row) for row in (heading, *rows)}) == 1
    assert [(row[2], row[7]) for row in rows] == [(CULTURE, READING.title), (LABOUR, PENSION.title), (HEALTH, "")]
    assert run(year, "--csv", file).exit_code == 2
    assert file.read_bytes() == content


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", [80, 130])
def test_no_line_is_longer_than_the_terminal_in_either_language(year: Path, language: Language, width: int) -> None:
    found = read_sittings(year, lambda _name: nullcontext(silent))
    showing = Showing(catalogue("pingyi_server", language))
    console = Console(width=width, file=io.StringIO(), color_system=None, markup=False, emoji=False)
    seen = overview(found.sittings, date(2026, 11, 23))
    for part in (*showing.whole(seen), *showing.story(seen.programmes[0], seen.programmes[0].stories[0])):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(console.measure(line).maximum for line in lines) <= width
    assert any(READING.deadline in line for line in lines)


def test_a_name_is_no_markup_and_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    definition = plan(selection())
    names = ("[bold]文旅局[/bold]", ":warning: 人社局", "医保局")
    targets = tuple(replace(one, name=name) for one, name in zip(definition.targets, names, strict=True))
    loaded(tmp_path / "meeting", replace(definition, targets=targets))
    told = run(tmp_path)
    for name in names:
        assert name in told.output


def test_a_folder_whose_name_a_database_address_would_misread_is_read(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept / "a selection", tmp_path / "year" / "50% #1 ? &x=y")
    assert HEALTH in run(tmp_path / "year").output


def test_new_says_why_there_is_nothing_to_go_on_from_and_writes_nothing(year: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(new, [str(tmp_path / "next"), "--from", str(year / "a selection")])
    assert (told.exit_code or 1, getattr(told.exception, "key", "")) == (1, "next.not_announced")
    assert not (tmp_path / "next").exists()
    both = CliRunner().invoke(new, [str(tmp_path / "next"), "--sample", "--from", str(year / "a selection")])
    assert both.exit_code == 2
    assert not (tmp_path / "next").exists()
