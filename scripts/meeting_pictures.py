"""Pictures of every kind of terminal, a card, a page and the exports: the real screens on a real server."""

import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

import msgspec
from textual.events import Paste

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from camera import (
    SETTLE_SECONDS,
    Camera,
    at_seat,
    picture_chair,
    picture_scrutineer,
    picture_seat,
    picture_wall,
    until,
    vote,
)
from document_pictures import evidence, picture_documents

from kit.browser import chromium, opened, served
from kit.clerks import console
from kit.hall import Terminal, free_port, open_hall
from kit.screens import save_picture
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.keys.typed_code import typed
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    CheckIn,
    CloseMeeting,
    CloseRound,
    OpenRound,
    WithdrawCode,
)
from pingyi_protocol.meeting.definition import (
    Definition,
    Item,
    Language,
    MotionRules,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.wire.messages import Call
from pingyi_server.cards.card import card_data
from pingyi_server.cards.printing import check_glyphs
from pingyi_server.imports.sample import sample_meeting
from pingyi_server.typesetting.setting import pictures, template
from pingyi_terminal.enrolment.app import EnrolmentApp
from pingyi_terminal.enrolment.entry import QUICK_SECONDS
from pingyi_terminal.enrolment.faces import Asking, Comparing
from pingyi_terminal.hall.face import Break, Composites, Final, Idle, Polling, Ranking, Result, Vote, VoteSheet

NOT_YET = 6
CARD_PIXELS_AN_INCH = 150
PAGE_SECONDS = 0.5


async def take(language: Language, folder: Path) -> None:
    """Run the sample meeting, and take pictures on the way."""
    sample = sample_meeting(language).definition
    definition = msgspec.structs.replace(sample, meeting=msgspec.structs.replace(sample.meeting, port=free_port()))
    with tempfile.TemporaryDirectory() as place:
        async with open_hall(Path(place), definition) as hall:
            camera = Camera(hall, definition, language, folder)
            chair = await hall.admit(chair_of(definition), Role.CHAIR)
            members = {person.number: await hall.admit(person.number) for person in definition.entitled}
            await photograph(camera, chair, members)


def chair_of(definition: Definition) -> str:
    """Return the number of whoever chairs the sample."""
    return next(person.number for person in definition.roster if Role.CHAIR in person.roles)


async def photograph(camera: Camera, chair: Terminal, members: dict[str, Terminal]) -> None:
    """Take the meeting from the first card to the final fingerprint."""
    definition = camera.definition
    own = members[definition.entitled[0].number]
    await before(camera, chair, members)
    await first_item(camera, chair, members, own)
    for item in definition.agenda[1:3]:
        await through(item, chair, members)
    await picture_wall(camera, "hall-ranking", Ranking, "f5")
    await picture_wall(camera, "hall-break", Break, "f6")
    await other_kinds(camera, chair, members, own)
    await composites(camera, chair, members)
    await chair.session.ask(CloseMeeting())
    await picture_wall(camera, "hall-final", Final)
    await picture_chair(camera, "chair-final", chair, camera.words("chair.ended"))


async def before(camera: Camera, chair: Terminal, members: dict[str, Terminal]) -> None:
    """A card is typed, members check in, and the chair may begin."""
    own, *others = members.values()
    await picture_first_screen(camera, own.facts.person)
    await picture_seat(camera, "seat-check-in", own, "Enter")
    for member in others:
        await member.session.ask(CheckIn())
    await own.session.ask(CheckIn())
    await picture_wall(camera, "hall-idle", Idle)
    await picture_chair(camera, "chair-ready", chair, camera.definition.agenda[0].title[:6])


async def first_item(camera: Camera, chair: Terminal, members: dict[str, Terminal], own: Terminal) -> None:
    """A target is scored; some members are late, and one calls the clerk."""
    item = camera.definition.agenda[0]
    name = camera.definition.target(item.targets[0]).name
    await chair.session.ask(OpenRound(item.id))
    late = set(list(members)[-NOT_YET:]) | {own.facts.person}
    await vote(item, {number: member for number, member in members.items() if number not in late})
    await picture_wall(camera, "hall", Polling)
    await picture_chair(camera, "chair", chair, item.title[:6])
    await picture_clerk(camera, members[list(members)[5]])
    await picture_page(camera, own, item)
    async with at_seat(camera, own, name) as pilot:
        for shown, key in (("seat", "2"), ("seat-discreet", "f4"), ("seat-confirm", "enter")):
            await pilot.press(*("9", key) if key == "2" else (key,))
            await pilot.pause(SETTLE_SECONDS)
            await save_picture(pilot, camera.file(shown))
            if key == "f4":
                await pilot.press(key)
        await pilot.press("enter")
        await until(pilot, lambda: bool(own.memory.receipts))
        await pilot.pause(SETTLE_SECONDS)
        await save_picture(pilot, camera.file("seat-recorded"))
    await vote(item, {number: members[number] for number in late - {own.facts.person}})
    await chair.session.ask(CloseRound(item.id, 1))
    await picture_chair(camera, "chair-closed", chair, item.title[:6])
    await chair.session.ask(AnnounceRound(item.id, 1))
    await picture_wall(camera, "hall-result", Result)
    await picture_chair(camera, "chair-result", chair, item.title[:6])
    await picture_seat(camera, "seat-result", own, name)


async def through(item: Item, chair: Terminal, members: dict[str, Terminal]) -> None:
    """An item from its opening to its announcement."""
    await chair.session.ask(OpenRound(item.id))
    await vote(item, members)
    await chair.session.ask(CloseRound(item.id, 1))
    await chair.session.ask(AnnounceRound(item.id, 1))


async def other_kinds(camera: Camera, chair: Terminal, members: dict[str, Terminal], own: Terminal) -> None:
    """A sheet, a motion, a rating and a selection, of which the scrutineer signs the count."""
    others = {number: member for number, member in members.items() if member is not own}
    sheet = next(one for one in camera.definition.agenda if isinstance(one.rules, ScoreRules) and len(one.targets) > 1)
    await chair.session.ask(OpenRound(sheet.id))
    await picture_seat(camera, "seat-sheet", own, "Enter", "9", "1", "enter")
    await vote(sheet, others)
    await chair.session.ask(CloseRound(sheet.id, 1))
    await chair.session.ask(AnnounceRound(sheet.id, 1))
    for kind, name, page in ((MotionRules, "motion", Vote), (RatingRules, "rating", VoteSheet)):
        item = next(one for one in camera.definition.agenda if isinstance(one.rules, kind))
        await chair.session.ask(OpenRound(item.id))
        await picture_seat(camera, f"seat-{name}", own, "1", *(("1", "enter") if page is VoteSheet else ()))
        await vote(item, others)
        await chair.session.ask(CloseRound(item.id, 1))
        await chair.session.ask(AnnounceRound(item.id, 1))
        await picture_wall(camera, f"hall-{name}", page)
    item = next(one for one in camera.definition.agenda if isinstance(one.rules, SelectionRules))
    await chair.session.ask(OpenRound(item.id))
    await picture_seat(camera, "seat-selection", own, "1", "1", "3")
    await vote(item, others)
    await chair.session.ask(CloseRound(item.id, 1))
    chief = next(person.number for person in camera.definition.roster if person.chief)
    scrutineer = await camera.hall.admit(chief, Role.SCRUTINEER)
    await picture_scrutineer(camera, "scrutineer", scrutineer, item.title[:6])


async def composites(camera: Camera, chair: Terminal, members: dict[str, Terminal]) -> None:
    """What has not been scored yet is, the evidence comes, and the chair announces the composites."""
    for item in camera.definition.agenda:
        if isinstance(item.rules, ScoreRules) and not camera.hall.recorder.meeting.round_of(item.id):
            await through(item, chair, members)
    for body in evidence(camera.hall.recorder.meeting):
        await camera.hall.clerk(body)
    async with console(camera.hall, camera.language) as clerk:
        await clerk.press("shift+tab")
        await clerk.until(camera.words("clerk.composite_waiting"))
        await save_picture(clerk.pilot, camera.file("clerk-composite"))
        await clerk.press("f3")
        await save_picture(clerk.pilot, camera.file("clerk-steps"))
        await clerk.press("escape", "f4", "1", "0", "shift+tab", "4", "0")
        await save_picture(clerk.pilot, camera.file("clerk-trial"))
    await chair.session.ask(AnnounceComposite())
    await picture_wall(camera, "hall-composite", Composites)


async def picture_first_screen(camera: Camera, person: str) -> None:
    """Take the first screen while a card is typed, and while the server's fingerprint is compared."""
    card = typed(await camera.hall.code(person, Role.MEMBER)) or ""
    app = EnrolmentApp(Role.MEMBER, camera.folder / "nowhere", camera.language)
    async with camera.screen(app, (80, 24), lambda: isinstance(app.face, Asking)) as pilot:
        for digit in "".join(card.split()[:4])[:-3]:
            await pilot.press(digit)
            await pilot.pause(2 * QUICK_SECONDS)
        await save_picture(pilot, camera.file("enrolment"))
        app.post_message(Paste(card))
        await until(pilot, lambda: isinstance(app.face, Comparing))
        await save_picture(pilot, camera.file("enrolment-key"))
    await camera.hall.clerk(WithdrawCode(person, Role.MEMBER))


async def picture_clerk(camera: Camera, calling: Terminal) -> None:
    """Take the clerk's console while a seat calls, its other pages, and what a key asks first."""
    words = camera.words
    calling.session.request(Call(wanted=True))
    async with console(camera.hall, camera.language) as clerk:
        await until(clerk.pilot, lambda: "F9" in clerk.screen)
        await save_picture(clerk.pilot, camera.file("clerk"))
        calling.session.request(Call(wanted=False))
        await until(clerk.pilot, lambda: "F9" not in clerk.screen)
        await clerk.press("f5")
        await save_picture(clerk.pilot, camera.file("clerk-asked"))
        await clerk.press("escape", "tab")
        await save_picture(clerk.pilot, camera.file("clerk-agenda"))
        await clerk.press("tab", "f3")
        await clerk.until(words("clerk.export_done"))
        await save_picture(clerk.pilot, camera.file("clerk-exports"))


async def picture_page(camera: Camera, seat: Terminal, item: Item) -> None:
    """Take the page of a seat in a browser while it scores; nothing is sent."""
    await camera.hall.switch_off(seat)
    with tempfile.TemporaryDirectory() as folder:
        Profile.create(Path(folder), seat.facts, seat.keys)
        arguments = ("seat", "--profile", folder, "--lang", camera.language.value)
        async with served(*arguments) as url, chromium() as browser:
            page = await opened(browser, url)
            await page.until(camera.definition.target(item.targets[0]).name, "F7")
            await page.page.keyboard.type("92")
            await page.until("92")
            await asyncio.sleep(PAGE_SECONDS)
            await page.page.screenshot(path=camera.file("page"))
    camera.hall.start(seat)


def picture_card(language: Language, folder: Path) -> None:
    """Take the card of the first seat."""
    definition = sample_meeting(language).definition
    meeting = Meeting(definition=definition)
    code = EnrolmentCode(
        ("192.168.1.10",),
        definition.meeting.port,
        generate_transport_keys().public,
        definition.entitled[0].number,
        Role.MEMBER,
        secrets.token_bytes(SECRET_BYTES),
    )
    data = card_data(meeting, [code], language)
    filled = {**data, "families": check_glyphs(data), "single": True}
    [picture] = pictures(template("pingyi_server.cards", "cards.typ"), filled, CARD_PIXELS_AN_INCH)
    (folder / f"card-{language.value}.png").write_bytes(picture)


def main() -> None:
    """Take everything into the folder that is named, docs/pictures without one."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for language in Language:
        asyncio.run(take(language, folder))
        picture_card(language, folder)
        asyncio.run(picture_documents(language, folder))
        print(f"{folder}: {language.value}")


if __name__ == "__main__":
    main()
