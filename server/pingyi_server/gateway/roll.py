"""Whose terminals answer: in a large hall that takes too long to look up with every ballot."""

from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Device, Meeting
from pingyi_server.gateway.seats import Seats

ROLL_SECONDS = 0.5
"""How seldom it is looked up who answers, while no device comes or goes."""

BACKSTAGE_ROLES = frozenset({Role.CHAIR, Role.CLERK, Role.SCRUTINEER})
WATCHING_ROLES = BACKSTAGE_ROLES | {Role.HALL}


class Roll:
    """The devices that have spoken lately, as far as they may still speak."""

    def __init__(self, seats: Seats, silent_seconds: float) -> None:
        """Know of nobody yet; who has said nothing for ``silent_seconds`` is away."""
        self.seats = seats
        self.silent_seconds = silent_seconds
        self.called = float("-inf")
        self.known_devices: object = None
        self.speaking: list[Device] = []

    def call(self, meeting: Meeting, now: float) -> None:
        """Look it up anew, unless that was done lately."""
        if now < self.called + ROLL_SECONDS and meeting.devices is self.known_devices:
            return
        self.called, self.known_devices = now, meeting.devices
        self.speaking = [meeting.devices[one] for one in self.seats.heard_since(now - self.silent_seconds)]

    def people(self, role: Role, *, revoked: bool = True) -> list[str]:
        """Return who answers in this role, whether or not the device is ``revoked``."""
        return [
            one.principal.person for one in self.speaking if one.principal.role is role and (revoked or not one.revoked)
        ]

    def devices(self, roles: frozenset[Role]) -> list[str]:
        """Return the devices that answer in one of these roles and are not revoked."""
        return [one.id for one in self.speaking if one.principal.role in roles and not one.revoked]
