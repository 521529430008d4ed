"""What is written is read back equal, by workbook and by TOML, and random definitions of the kit are sound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.meeting_files import FILE, definitions, meeting_files
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_server.imports.difference import difference
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.toml_file import meeting_of_toml, toml_of
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of


@given(definitions())
def test_random_definitions_are_sound(definition: Definition) -> None:
    assert findings_of(definition) == []


@settings(deadline=None, max_examples=40)
@given(meeting_files(), st.sampled_from(Language))
def test_workbook_gives_back_what_was_written_in_either_language(file: MeetingFile, language: Language) -> None:
    assert meeting_of_workbook(workbook_of(file.definition, language, file.recusals), FILE) == file


@settings(deadline=None)
@given(meeting_files())
def test_toml_gives_back_what_was_written(file: MeetingFile) -> None:
    assert meeting_of_toml(toml_of(*file), "meeting.toml") == file


@settings(deadline=None)
@given(definitions(), definitions())
def test_difference_is_empty_exactly_for_equal_definitions(old: Definition, new: Definition) -> None:
    assert difference(old, old) == []
    assert (difference(old, new) == []) == (old == new)
