"""What a person is told about an error, in every language."""

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record import RecordError
from pingyi_protocol.text import catalogue


def said(error: RecordError) -> list[str]:
    """Return the error's text in each language; KeyError when a text or one of its fields is missing."""
    return [catalogue("pingyi_protocol", language)(error.key, **error.values) for language in Language]
