"""Names that would be taken for one another: a warning that names both lines, and never more than a warning."""

import msgspec
import pytest

from kit.factories import small_definition
from kit.meeting_files import FILE, edited, sheet
from pingyi_protocol.meeting.definition import Definition, Language, Person
from pingyi_server.imports.findings import FileFinding
from pingyi_server.imports.look_alikes import look_alikes, skeleton
from pingyi_server.imports.workbook import meeting_of_workbook

SMALL = small_definition()


def named(*names: str) -> Definition:
    """A roster of these names."""
    roster = tuple(Person(f"M{place:02}", name) for place, name in enumerate(names, 1))
    return msgspec.structs.replace(SMALL, roster=roster)


def codes(*names: str) -> list[tuple[object, str]]:
    return [(finding.path, finding.code) for finding in look_alikes(named(*names))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王伟", "王伟"),
        ("Anna", "Аnnа"),  # the second with Cyrillic letters
        ("委员O1", "委员01"),
        ("委员1", "委员l"),
        ("Ｗang", "Wang"),
        ("王⼟", "王土"),  # a radical of the dictionary
        ("王士", "王土"),
        ("欧阳 明", "欧阳明"),
        ("王\u3164伟", "王伟"),  # a filler that shows as nothing
        ("工会", "エ会"),  # a Japanese syllable
    ],
)
def test_names_that_look_alike_are_one_to_the_eye(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    found = [path for path, code in codes(one, "李堃", other) if code == "looks_like"]
    assert found == [("roster", 2, "name")]


@pytest.mark.parametrize(("one", "other"), [("王伟", "王炜"), ("己", "已"), ("委员01", "委员11"), ("Wang", "Wong")])
def test_names_that_only_resemble_are_not(one: str, other: str) -> None:
    assert codes(one, other) == []


@pytest.mark.parametrize("name", ["Wаng", "王а", "Αnna"])
def test_a_name_of_several_scripts_is_named_with_its_letters(name: str) -> None:
    [finding] = look_alikes(named("李明", name))
    assert (finding.path, finding.code) == (("roster", 1, "name"), "mixed_scripts")
    assert "U+0" in finding.found


@pytest.mark.parametrize("name", ["王 Anna", "艾力·买买提", "O'Brien", "Ли", "김철수", "山田タロウ"])
def test_a_name_as_people_have_it_is_no_cause_for_a_warning(name: str) -> None:
    assert codes(name, "李明") == []


def test_the_warning_names_both_lines_of_the_workbook_and_the_meeting_is_loaded() -> None:
    def change(book: object) -> None:
        page = sheet(book, "名册")  # type: ignore[arg-type]  # openpyxl's own
        cells = [cell for row in page.iter_rows() for cell in row if cell.value == "委员02"]
        [cell] = cells
        cell.value = "委员O1"

    heard: list[FileFinding] = []
    assert meeting_of_workbook(edited(change), FILE, heard.append).definition.roster[1].name == "委员O1"
    [warning] = [one for one in heard if one.code == "looks_like"]
    assert warning.other is not None
    assert warning.other.row != warning.place.row
    for language in Language:
        said = warning.describe(language)
        assert f"{warning.place.row}" in said
        assert f"{warning.other.row}" in said
        assert "委员O1" in said
