"""A hall on real sockets in which secret rounds are held: members seal, scrutineers follow, make a key and open."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from kit.every_kind import scored
from kit.hall import Hall, Terminal
from kit.secret_book import OPENERS, secret_hall
from pingyi_protocol.client.scrutiny import Opening, Scrutiny
from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import (
    Answer,
    BeginCeremony,
    Body,
    CastSecret,
    CheckIn,
    Choice,
    CloseRound,
    OpenRound,
)
from pingyi_protocol.meeting.definition import Definition, Item, Option, Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import SealedRound


def sealed_definition(port: int, *items: Item, members: int = 6) -> Definition:
    """A meeting with these items on this port; M02, M03 and M04 can make a key, and two of them open."""
    plain = secret_hall(*items, members=members)
    meeting = msgspec.structs.replace(plain.meeting, port=port, addresses=("127.0.0.1",))
    return msgspec.structs.replace(plain, meeting=meeting)


class MemoryBox:
    """A strongbox in memory."""

    def __init__(self) -> None:
        self.data: bytes | None = None

    def read(self) -> bytes | None:
        return self.data

    def write(self, data: bytes) -> None:
        self.data = data


class Opener:
    """A scrutineer's terminal, which takes part in every ceremony, and opens when it is told to."""

    def __init__(self, terminal: Terminal, box: MemoryBox) -> None:
        self.terminal = terminal
        self.box = box
        self.scrutiny = Scrutiny(terminal.session, box, self.scrutiny_changed)
        self.running = asyncio.create_task(self.scrutiny.run())

    def scrutiny_changed(self) -> None:
        self.scrutiny.take_part()
        self.terminal.ear.changed.set()

    async def keyed(self) -> None:
        """Wait until the own share of the key is kept."""
        await self.terminal.until(lambda _: self.scrutiny.kept.share)

    async def open(self, item: str) -> None:
        """Give the own part of opening the item's round as soon as it waits for it."""
        await self.terminal.until(lambda _: self.waiting(item) or self.scrutiny.fault)
        assert self.scrutiny.fault is None
        found = self.waiting(item)
        assert found is not None
        assert await self.scrutiny.open(found) is not None

    def waiting(self, item: str) -> Opening | None:
        """The item's round, where it waits for this scrutineer's part."""
        return next((one for one, _ in self.scrutiny.openings() if one.item == item), None)

    async def stop(self) -> None:
        """Switch it off."""
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running


class SealedHall:
    """An open hall with its chair, members and scrutineers. What they keep outlives the server."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.chair: Terminal
        self.seats: dict[str, Terminal] = {}
        self.openers: dict[str, Opener] = {}
        self.sealers: dict[str, Sealer] = {}

    async def gather(self, members: Iterable[str], openers: Iterable[str] = OPENERS) -> None:
        """Let all in, and the members check in."""
        self.chair = await self.hall.admit("M01", Role.CHAIR)
        for person in members:
            seat = self.seats[person] = await self.hall.admit(person)
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        for person in openers:
            self.openers[person] = Opener(await self.hall.admit(person, Role.SCRUTINEER), MemoryBox())

    async def move(self, hall: Hall) -> None:
        """Go on in a hall that was opened again, everybody with what is kept."""
        await self.stop()
        self.hall = hall
        self.chair = await self.moved(self.chair)
        self.seats = {person: await self.moved(seat) for person, seat in self.seats.items()}
        for person, one in self.openers.items():
            self.openers[person] = Opener(await self.moved(one.terminal), one.box)

    async def moved(self, terminal: Terminal) -> Terminal:
        """Switch a terminal on again."""
        again = Terminal(terminal.facts, terminal.keys, terminal.memory)
        self.hall.start(again)
        await again.until(lambda session: session.picture and session.definition)
        return again

    async def press(self, body: Body) -> None:
        """The chair presses."""
        answer = await self.chair.session.ask(body)
        assert isinstance(answer, Receipt), answer

    async def make_key(self) -> None:
        """The chair begins a ceremony with all scrutineers, whose terminals finish it."""
        await self.begin_ceremony()
        await self.keyed()

    async def begin_ceremony(self, attempt: int = 1) -> None:
        """The chair begins a ceremony."""

        def following(session: Session) -> BeginCeremony | None:
            found = session.backstage.ceremony if session.backstage else None
            return found if found is not None and found.attempt == attempt else None

        await self.chair.until(following)
        begins = following(self.chair.session)
        assert begins is not None
        await self.press(begins)

    async def keyed(self) -> None:
        """Wait for the key, and for everybody's share of it."""
        await self.chair.until(lambda session: session.picture and session.picture.secret.key)
        for one in self.openers.values():
            await one.keyed()

    async def seal(self, person: str, *answers: Answer) -> CastSecret:
        """Return a member's ballot in the open round, as the member's terminal makes it."""
        seat = self.seats[person]
        newest = self.hall.recorder.meeting.latest
        assert newest is not None
        place = (newest.item, newest.number)
        await seat.until(lambda one: one.picture and one.picture.live and (seat.round.item, seat.round.round) == place)
        live, definition = seat.round, seat.session.definition
        item = definition.item(live.item) if definition else None
        assert item is not None
        sealer = Sealer(seat.facts.origin, bytes(seat.session.signing_key.verify_key))
        return await asyncio.to_thread(sealer.seal, item, live, answers)

    async def vote(self, option: Option, *people: str) -> None:
        """Each of them votes so on the open motion."""
        for person in people:
            answer = await self.seats[person].session.ask(await self.seal(person, Choice("", option)))
            assert isinstance(answer, Receipt), answer

    async def cast(self, **scores: int | None) -> None:
        """Members score the first target of the open round."""
        for person, score in scores.items():
            answer = await self.seats[person].session.ask(await self.seal(person, scored("T01", score)))
            assert isinstance(answer, Receipt), answer

    async def hold(self, item: str, number: int = 1, **scores: int | None) -> None:
        """A round is opened, these score, and it is closed."""
        await self.press(OpenRound(item, number))
        await self.cast(**scores)
        await self.press(CloseRound(item, number))

    async def until(self, item: str, condition: str) -> SealedRound:
        """Return how far the round's opening is once this of it is true."""
        await self.chair.until(lambda session: getattr(self.sealed(session, item), condition, False))
        found = self.sealed(self.chair.session, item)
        assert found is not None
        return found

    @staticmethod
    def sealed(session: Session, item: str) -> SealedRound | None:
        """What the picture says of a closed secret round."""
        rounds = session.picture.secret.rounds if session.picture else ()
        return next((one for one in rounds if one.item == item), None)

    async def stop(self) -> None:
        """Switch the scrutineers' followers off."""
        for one in self.openers.values():
            await one.stop()
