"""What every file of an export is made from, once for all of them."""

from dataclasses import dataclass
from functools import cached_property

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.report.parts import Report
from pingyi_server.exports.report.whole import report_of
from pingyi_server.exports.view import ExportError, View


class UnmadeError(ExportError):
    """This machine lacks what one file needs, such as a font; the other files are made all the same."""


@dataclass(frozen=True)
class Source:
    """The one view and the language of the files; ``bilingual`` where they can speak both."""

    view: View
    language: Language
    bilingual: bool = False

    @cached_property
    def words(self) -> Catalogue:
        """The words of the language."""
        return catalogue("pingyi_server", self.language)

    @cached_property
    def report(self) -> Report:
        """All that is said of the meeting, in the language."""
        return report_of(self.view, self.language)
