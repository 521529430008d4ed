"""Whether fonts of this machine have every character that cards, minutes and slips will need."""

from collections.abc import Iterator

import msgspec

from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.text import catalogue
from pingyi_server.doctor.finding import Area, Finding, good, mend
from pingyi_server.exports.papers.typeset import fonts_for
from pingyi_server.typesetting.fonts import SANS, MissingGlyphsError, families_for

SECTIONS = ("cards.", "minutes.", "slip.")


def font_findings(definition: Definition | None) -> Iterator[Finding]:
    """Yield what is to be said of fonts for this meeting's names, titles and papers, or for Chinese ones without it."""
    language = definition.meeting.language if definition else Language.CHINESE
    words = catalogue("pingyi_server", language).words
    fixed = set().union(*(text for key, text in words.items() if key.startswith(SECTIONS)))
    characters = fixed | set(msgspec.json.encode(definition).decode() if definition else "")
    try:
        papers = fonts_for(characters, language)["body"]
        cards = families_for(characters, SANS)
    except MissingGlyphsError as fault:
        yield mend(Area.FONTS, "doctor.fault", fault=fault)
        return
    yield good(Area.FONTS, "doctor.fonts", cards=", ".join(cards), papers=", ".join(papers))
