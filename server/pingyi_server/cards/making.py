"""Make cards whole: set, write, and only then issue the codes that stand on them."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record.progress import Progress
from pingyi_server.cards.card import card_data
from pingyi_server.cards.issuing import Issued, NoneIssuedError, issue_all
from pingyi_server.cards.printing import card_files, check_glyphs, files_in, names_of, take_back, write_private
from pingyi_server.exports.files import made_for_good
from pingyi_server.folder import MeetingFolder


def make_cards(
    folder: MeetingFolder,
    codes: Sequence[EnrolmentCode],
    out: Path,
    language: Language,
    *,
    force: bool,
    progress: tuple[Progress, Progress],
) -> Issued:
    """Write the cards of ``codes`` into ``out``, put the codes on the record, and return how far that came.

    ``progress`` hears of the setting and of the issuing. CardsError when a file would be overwritten and not ``force``,
    or a character is in no font; OSError when a file cannot be written: then no code is issued. Where none is, no card
    stays, and this raises why: NoneIssuedError, or what ``submit`` raises.
    """
    setting, issuing = progress
    data = card_data(folder.meeting(), codes, language)
    families, names = check_glyphs(data), names_of(data)
    with made_for_good(out):
        with files_in(out, names, force=force) as aside:
            for name, content in card_files(data, families, setting):
                write_private(aside / name, content)
        # the cards lie there before their codes are issued: none is spent that nobody has
        issued = issue_all(folder, codes, issuing)
        if issued.nothing:
            take_back(out, names)
            raise issued.fault or NoneIssuedError(issued.answers)
    return issued


def free_folder(folder: Path) -> Path:
    """Return where cards go in a meeting's folder: ``cards``, or the next that is not there, ``cards-2`` and so on."""
    names = (f"cards-{place}" if place > 1 else "cards" for place in count(1))
    return next(folder / name for name in names if not (folder / name).exists())
