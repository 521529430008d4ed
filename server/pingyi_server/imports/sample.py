"""The sample meeting (simulated data) and the example rows of the template, in each language.

Both are meeting files beside this module, read by the same code as a clerk's.
"""

from importlib import resources

from pingyi_protocol.meeting.definition import Language
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.toml_file import shipped_meeting


def sample_meeting(language: Language) -> MeetingFile:
    """Return the sample meeting: 45 members, 11 targets, items of all kinds, evidence; labelled as simulated."""
    return _shipped("sample", language)


def example_meeting(language: Language) -> MeetingFile:
    """Return the meeting of the template: one example of each line, to be replaced by the clerk."""
    return _shipped("example", language)


def _shipped(name: str, language: Language) -> MeetingFile:
    source = resources.files("pingyi_server.imports") / "samples" / f"{name}_{language.value}.toml"
    return shipped_meeting(source.read_bytes(), source.name)
