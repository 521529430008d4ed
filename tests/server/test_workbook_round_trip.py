"""What is written is read back equal, by workbook and by TOML, and random definitions of the kit are sound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.meeting_files import FILE, definitions
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_server.imports.difference import difference
from pingyi_server.imports.toml_file import definition_of_toml, toml_of
from pingyi_server.imports.workbook import definition_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of


@given(definitions())
def test_random_definitions_are_sound(definition: Definition) -> None:
    assert findings_of(definition) == []


@settings(deadline=None, max_examples=40)
@given(definitions(), st.sampled_from(Language))
def test_workbook_gives_back_what_was_written_in_either_language(definition: Definition, language: Language) -> None:
    assert definition_of_workbook(workbook_of(definition, language), FILE) == definition


@settings(deadline=None)
@given(definitions())
def test_toml_gives_back_what_was_written(definition: Definition) -> None:
    assert definition_of_toml(toml_of(definition), "meeting.toml") == definition


@settings(deadline=None)
@given(definitions(), definitions())
def test_difference_is_empty_exactly_for_equal_definitions(old: Definition, new: Definition) -> None:
    assert difference(old, old) == []
    assert (difference(old, new) == []) == (old == new)
