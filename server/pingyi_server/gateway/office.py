"""The clerk's office: who calls, every terminal, how the server is. Nothing here is on the record."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeAlias

from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Device, Meeting, Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import (
    AdditionRead,
    AnswerCall,
    Call,
    Called,
    OfficePush,
    ReadAddition,
    Refused,
    Reply,
    StartExport,
)
from pingyi_protocol.wire.office import Health, Office
from pingyi_protocol.wire.picture import to_bitmap
from pingyi_server.exports.running import Exporter
from pingyi_server.gateway.answers import Post
from pingyi_server.gateway.recorder import Recorder
from pingyi_server.gateway.seats import Route, Seats
from pingyi_server.gateway.witnesses import Witnesses
from pingyi_server.imports.asked import AdditionReader

Errand: TypeAlias = Call | AnswerCall | StartExport | ReadAddition

PUSH_SECONDS = 0.25
"""How seldom consoles are told at the most."""

HEALTH_SECONDS = 2.0
"""How often it is looked at how the server is."""


class Desk:
    """Takes calls from seats, and keeps the clerk's consoles up to date."""

    def __init__(
        self,
        recorder: Recorder,
        seats: Seats,
        witnesses: Witnesses,
        post: Post,
        exporter: Exporter | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with no call and no console.

        Without an ``exporter``, which knows the meeting's folder, nothing is exported or read there.
        """
        self.recorder = recorder
        self.seats = seats
        self.witnesses = witnesses
        self.post = post
        self.exporter = exporter
        self.reader = AdditionReader(exporter.folder.path) if exporter is not None else None
        self.readings: dict[Route, Future[AdditionRead]] = {}
        self.monotonic = monotonic
        self.calls: dict[str, Route] = {}
        self.consoles: dict[Route, float] = {}
        self.shown = Office()
        self.pushed = float("-inf")
        self.health = Health()
        self.looked = float("-inf")
        self.places: dict[Principal, int] = {}
        self.known: Definition | None = None

    def hear(self, device: Device, route: Route) -> None:
        """Note a console of the clerk: several may be open on the machine of the server."""
        if device.principal == CLERK:
            self.consoles[route] = self.monotonic()

    def open_consoles(self) -> list[Route]:
        """Return the consoles that have spoken lately."""
        alive = self.monotonic() - self.seats.silent_seconds
        self.consoles = {route: heard for route, heard in self.consoles.items() if heard > alive}
        return list(self.consoles)

    def reply(self, errand: Errand, device: Device, route: Route) -> Reply:
        """Do what is asked, if this is whose it is."""
        person, role = device.principal
        match errand:
            case Call(wanted) if role is Role.MEMBER:
                if wanted:
                    self.calls.setdefault(person, route)
                else:
                    self.calls.pop(person, None)
                return Called(wanted)
            case AnswerCall(person=who) if device.principal == CLERK:
                seat = self.calls.pop(who, None)
                if seat is not None:
                    self.post.send(seat, b"", Called(waiting=False))
            case StartExport(language, slip) if device.principal == CLERK and self.exporter is not None:
                self.exporter.start(language, slip=slip)
            case ReadAddition(file) if device.principal == CLERK and self.reader is not None:
                self.read(self.reader, file, route)
            case _:
                return Refused("", Refusal(Reason.NOT_ALLOWED))
        return OfficePush(self.office())

    def read(self, reader: AdditionReader, file: str, route: Route) -> None:
        """Begin to read a file for a console, one at a time for each."""
        meeting = self.recorder.meeting
        if meeting.definition is not None and route not in self.readings:
            self.readings[route] = reader.read(file, meeting.definition, frozenset(meeting.withdrawn))

    def greet(self, device: Device, route: Route) -> None:
        """Tell whoever has just said hello what it does not know yet."""
        if device.principal == CLERK:
            self.post.send(route, b"", OfficePush(self.office()))
        elif device.principal.role is Role.MEMBER and device.principal.person in self.calls:
            # it may have come back by another way
            self.calls[device.principal.person] = route
            self.post.send(route, b"", Called(waiting=True))

    def push(self) -> None:
        """Tell the consoles what is new."""
        for route in [one for one, reading in self.readings.items() if reading.done()]:
            self.post.send(route, b"", self.readings.pop(route).result())
        now = self.monotonic()
        if now - self.pushed < PUSH_SECONDS:
            return
        self.pushed = now
        consoles = self.open_consoles()
        if not consoles:
            return
        office = self.office()
        if office != self.shown:
            self.shown = office
            for route in consoles:
                self.post.send(route, b"", OfficePush(office))

    def close(self) -> None:
        """Read nothing any more."""
        if self.reader is not None:
            self.reader.stop()

    def office(self) -> Office:
        """Return what consoles are told now."""
        meeting = self.recorder.meeting
        self.know(meeting.definition)
        alive = self.monotonic() - self.seats.silent_seconds
        heard = (meeting.devices[one].principal for one in self.seats.heard_since(alive) if one in meeting.devices)
        speaking = {who for who, device in meeting.sessions.items() if not meeting.devices[device].revoked}
        silenced = {one.principal for one in meeting.devices.values() if one.revoked} - speaking
        return Office(
            connected=self.bitmap(set(heard) & speaking),
            enrolled=self.bitmap(speaking),
            revoked=self.bitmap(silenced),
            issued=self.bitmap(meeting.code_of),
            calling=tuple(self.calls),
            health=self.measured(meeting),
            exporting=self.exporter.state if self.exporter is not None else None,
        )

    def measured(self, meeting: Meeting) -> Health:
        """Return how the server is, looked at not too often."""
        now = self.monotonic()
        if now - self.looked >= HEALTH_SECONDS:
            self.looked = now
            commits, median, worst = self.recorder.pace.summary(now)
            cosign = next(reversed(self.witnesses.heads), 0)
            cosigned = sum(size == cosign and device in meeting.devices for size, device in self.witnesses.kept)
            free = self.exporter.free() if self.exporter is not None else None
            self.health = Health(commits, median, worst, free, cosign, cosigned)
        return self.health

    def know(self, definition: Definition | None) -> None:
        """Number those who may have a terminal, once for each definition."""
        if definition is not None and definition is not self.known:
            self.known = definition
            self.places = {who: place for place, who in enumerate(speakers(definition))}

    def bitmap(self, principals: Iterable[Principal]) -> str:
        """Return these as a bitmap over those who may have a terminal."""
        return to_bitmap(self.places[one] for one in principals if one in self.places)
