"""Pictures of what the clerk takes home, from the sample meeting written as a record: bulletin, minutes, workbook."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typst
from camera import SEED
from pypdf import PdfReader

from kit.browser import chromium
from kit.exports import LOG_KEY, Memory
from kit.records import Scribe
from pingyi_protocol.meeting.appraisal import scored_targets
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    Cast,
    CheckIn,
    CloseMeeting,
    CloseRound,
    ConfirmRound,
    ImportEvidence,
    OpenRound,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Item, Language, Role
from pingyi_protocol.meeting.model import Meeting
from pingyi_server.exports.bulletin.page import bulletin
from pingyi_server.exports.formats import WORKBOOK, workbook
from pingyi_server.exports.papers.minutes import minutes_blocks
from pingyi_server.exports.papers.typeset import TEMPLATE, filling
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import Reader
from pingyi_server.habits import Standing, habit
from pingyi_server.imports.evidence import Wanted, evidence_of
from pingyi_server.imports.sample import sample_meeting
from pingyi_server.imports.sample_evidence import sample_evidence
from pingyi_server.typesetting.setting import pictures

PHONE, PHONE_PIXELS = (390, 1180), 1.5
PAGE_PIXELS_AN_INCH = 90


async def picture_documents(language: Language, folder: Path) -> None:
    """Take the first pages of each."""
    scribe = Scribe(sample_meeting(language).definition)
    Appraisal(scribe).hold()
    reader = Reader(Memory(scribe), LOG_KEY)
    for _ in reader.leaves():
        pass
    source = Source(reader.view(), language)
    await picture_bulletin(source, folder)
    picture_minutes(source, folder)
    picture_workbook(source, folder)


class Appraisal:
    """Writes the sample meeting as a record: everybody does what the simulation would, and the evidence is there."""

    def __init__(self, scribe: Scribe) -> None:
        """Let everybody in."""
        self.scribe = scribe
        roster = scribe.meeting.definition.roster if scribe.meeting.definition else ()
        self.chair = next(scribe.enrol(one.number, Role.CHAIR) for one in roster if Role.CHAIR in one.roles)
        self.chief = next(scribe.enrol(one.number, Role.SCRUTINEER) for one in roster if one.chief)
        self.seats = [scribe.enrol(one.number) for one in roster if one.entitled]

    def hold(self) -> None:
        """Hold the meeting from check-in to its close."""
        for seat in self.seats:
            self.scribe.do(seat, CheckIn())
        for item in self.scribe.meeting.agenda:
            self.vote(item, Standing())
            self.run_offs(item)
        for body in evidence(self.scribe.meeting):
            self.scribe.clerk(body)
        self.scribe.do(self.chair, AnnounceComposite())
        self.scribe.do(self.chair, CloseMeeting())

    def vote(self, item: Item, standing: Standing) -> None:
        """Hold a round to its announcement."""
        number = standing.number
        self.scribe.do(self.chair, OpenRound(item.id, number, standing.candidates))
        for seat in self.seats:
            answers = habit(SEED, seat.person, item, standing if standing.candidates else None).answers
            if answers is not None:
                self.scribe.do(seat, Cast(item.id, number, answers))
        self.scribe.do(self.chair, CloseRound(item.id, number))
        one = self.scribe.meeting.rounds[-1]
        if self.scribe.meeting.awaits_confirmation(one):
            present, received = len(one.present), one.received
            self.scribe.do(self.chief, ConfirmRound(item.id, number, present, received, one.recused_present))
        self.scribe.do(self.chair, AnnounceRound(item.id, number))
        self.scribe.sign()

    def run_offs(self, item: Item) -> None:
        """Vote again on who was tied, until nobody is."""
        while True:
            one = self.scribe.meeting.rounds[-1]
            found = round_figures(self.scribe.meeting, one).selection
            if found is None or not found.tied:
                return
            self.vote(item, Standing(one.number + 1, found.tied, found.places - len(found.winners)))


def evidence(meeting: Meeting) -> Iterator[ImportEvidence]:
    """Yield what the sample's files of evidence hold."""
    definition, scored = meeting.definition, scored_targets(meeting)
    if definition is None:
        return
    for file in sample_evidence(definition, definition.meeting.language):
        for name, part in file.sources:
            component = next(one for one in definition.components if one.name == name)
            source = next(one for one in component.sources if one.name == (part or name))
            wanted = Wanted(definition, scored, source.rule, likely=(source.name, component.name))
            found = evidence_of(file.content, file.name, wanted)
            yield ImportEvidence(component.id, source.id, found.file, found.sha256, found.lines)


async def picture_bulletin(source: Source, folder: Path) -> None:
    """Take the page on a phone: how it begins, and a target with its promises and results."""
    width, height = PHONE
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "bulletin.html"
        file.write_bytes(bulletin(source))
        async with chromium(width, height, pixels=PHONE_PIXELS) as browser:
            page = await browser.new_page()
            await page.goto(file.as_uri())
            await page.screenshot(path=folder / f"bulletin-{source.language}.png")
            await page.evaluate("document.querySelector('.target').scrollIntoView()")
            await page.screenshot(path=folder / f"bulletin-target-{source.language}.png")


def picture_minutes(source: Source, folder: Path) -> None:
    """Take the first page of the minutes."""
    blocks = list(minutes_blocks(source.view, source.report, source.words))
    filled = filling([blocks], source.report.name, [source.language], slips=False)
    first, *_ = pictures(TEMPLATE, filled, PAGE_PIXELS_AN_INCH)
    (folder / f"minutes-{source.language}.png").write_bytes(first)


def picture_workbook(source: Source, folder: Path) -> None:
    """Take the sheet of the composite as LibreOffice prints it."""
    with tempfile.TemporaryDirectory() as place:
        book = Path(place) / WORKBOOK
        book.write_bytes(workbook(source))
        command = ["soffice", f"-env:UserInstallation=file://{place}/office", "--headless", "--convert-to", "pdf"]
        subprocess.run([*command, "--outdir", place, str(book)], check=True, stdout=sys.stderr)  # noqa: S603 - our own file
        paged = book.with_suffix(".pdf")
        live = source.words("sheets.live_exact")
        number = next(count for count, one in enumerate(PdfReader(paged).pages, start=1) if live in one.extract_text())
        page = Path(place) / "page.typ"
        page.write_text(f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{paged.name}", page: {number})')
        typst.compile(page, folder / f"workbook-{source.language}.png", format="png", ppi=PAGE_PIXELS_AN_INCH)
