"""Who may connect, how much each may ask, and who is turned away for a while: what the limits mean for one sender."""

import ipaddress
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason
from pingyi_server.gateway.buckets import MOST_SENDERS, Bans, Bucket, Buckets
from pingyi_server.gateway.journal import NEWCOMER, Excesses, Refusals, owner_of
from pingyi_server.gateway.limits import Limits
from pingyi_server.gateway.sockets import BROADCAST, ENROLMENT, OFFICE, Admission
from pingyi_server.gateway.traffic import Connection

NEWCOMERS = "newcomer"
"""What stands as device beside the messages of the enrolment socket."""

MINUTE = 60.0
LATE_SECONDS = 5.0
"""How much later than its handshake a connection may be noticed, with thousands of them."""

IPV6_NETWORK = 64
"""Bits: who has one address of such a network has them all (RFC 4291)."""

Cut = Callable[[Callable[[Connection], bool]], None]


class Stranger(NamedTuple):
    """Who a ban is for: a device at an address, ``NEWCOMERS`` for its enrolments; never all that comes from there."""

    device: str
    address: str


class Admitted(NamedTuple):
    """Who shook hands, and when by the monotonic clock."""

    at: float
    who: Stranger


class Door:
    """Holds the senders of one server to its limits."""

    def __init__(
        self, limits: Limits, meeting: Callable[[], Meeting], refusals: Refusals, excesses: Excesses, cut: Cut
    ) -> None:
        """Know the devices of ``meeting``, and end connections by ``cut``."""
        self.limits = limits
        self.meeting = meeting
        self.refusals = refusals
        self.excesses = excesses
        self.cut = cut
        self.bans: Bans[Stranger] = Bans(limits.ban_seconds)
        self.requests: Buckets[tuple[str, bool]] = Buckets(limits.requests_per_second, limits.requests_burst)
        self.patience: Buckets[tuple[str, bool]] = Buckets(limits.requests_per_second, limits.refused_requests)
        self.ballots: Buckets[str] = Buckets(limits.ballots_per_second, limits.ballots_burst)
        self.enrolments: Buckets[str] = Buckets(limits.enrolments_per_second, limits.enrolments_burst)
        self.enrolment_patience: Buckets[str] = Buckets(limits.enrolments_per_second, limits.refused_requests)
        self.all_enrolments = Bucket(limits.all_enrolments_per_second, limits.all_enrolments_burst)
        self.wrong_codes: Buckets[str] = Buckets(limits.wrong_codes / MINUTE, limits.wrong_codes)
        self.admitted: deque[Admitted] = deque(maxlen=MOST_SENDERS)
        self.let: object = None
        self.known_devices: object = None
        self.by_transport: dict[str, str] = {}

    def admit(self, door: str, transport_key: str, address: str) -> str | Admission:
        """Return who connects to this socket: anybody who enrols, a clerk's device to the office, else any device."""
        now, network = time.monotonic(), network_of(address)
        if door == ENROLMENT:
            return Admission.BANNED if self.bans.holds(Stranger(NEWCOMERS, network), now) else NEWCOMERS
        device = self.devices().get(transport_key)
        if device is None or (door == OFFICE and self.meeting().devices[device].principal.role is not Role.CLERK):
            self.refusals.note(f"{NEWCOMER} address={address}", "connection", Reason.DEVICE_UNKNOWN)
            return Admission.STRANGER
        who = Stranger(device, network)
        if self.bans.holds(who, now):
            return Admission.BANNED
        self.admitted.append(Admitted(now, who))
        return device

    def devices(self) -> dict[str, str]:
        """Return the devices that may connect, by transport key."""
        devices = self.meeting().devices
        if devices is not self.known_devices:
            self.known_devices = devices
            self.by_transport = {one.transport_key: one.id for one in devices.values() if not one.revoked}
        return self.by_transport

    def bans_device(self, device: str, address: str) -> bool:
        """Whether this device (``NEWCOMERS`` for who enrols) is turned away now, where it comes from this address."""
        return self.bans.holds(Stranger(device, network_of(address)), time.monotonic())

    def takes(self, device: str, address: str, cost: int, *, live: bool) -> bool:
        """Whether a message that counts for ``cost`` requests is read at all.

        What comes from another session than the ``live`` one takes nothing from it: the keys may have been copied.
        """
        now, sender = time.monotonic(), (device, live)
        if self.bans.holds(Stranger(device, network_of(address)), now):
            return False
        if self.requests.take(sender, now, cost):
            return True
        who = f"{self.named(device)} address={address}"
        if self.patience.take(sender, now, cost):
            self.excesses.note(who, "requests_per_second", "messages are dropped")
        else:
            self.turn_away(Stranger(device, network_of(address)), who, "refused_requests")
        return False

    def takes_ballot(self, device: str) -> bool:
        """Whether another ballot of this device is looked at now: each may be a leaf of the record, for ever."""
        if self.ballots.take(device, time.monotonic()):
            return True
        self.excesses.note(self.named(device), "ballots_per_second", "ballots are passed over")
        return False

    def takes_newcomer(self, address: str, cost: int) -> bool:
        """Whether a message of the enrolment socket is read at all."""
        now, network, who = time.monotonic(), network_of(address), f"{NEWCOMER} address={address}"
        if self.bans.holds(Stranger(NEWCOMERS, network), now):
            return False
        if not self.is_forwarder(address) and not self.enrolments.take(network, now, cost):
            if self.enrolment_patience.take(network, now, cost):
                self.excesses.note(who, "enrolments_per_second", "messages are dropped")
            else:
                self.turn_away(Stranger(NEWCOMERS, network), who, "refused_requests")
            return False
        if not self.all_enrolments.take(now, cost):
            self.excesses.note(NEWCOMER, "all_enrolments_per_second", "messages are dropped")
            return False
        return True

    def wrong_code(self, address: str) -> None:
        """Count a code that there is not: nobody guesses one, and who tries is to be seen."""
        network, who = network_of(address), f"{NEWCOMER} address={address}"
        if self.wrong_codes.take(network, time.monotonic()):
            return
        if self.is_forwarder(address):
            self.excesses.note(who, "wrong_codes", "nobody is turned away behind a forwarder")
        else:
            self.turn_away(Stranger(NEWCOMERS, network), who, "wrong_codes")

    def punish(self, connection: Connection) -> None:
        """Turn away for a while whose connection was cut for what it sent, where it is known whose it was."""
        if connection.door != ENROLMENT:
            device = connection.device or self.who_came(connection)
        else:
            device = "" if self.is_forwarder(connection.address) else NEWCOMERS
        if device:
            self.ban(Stranger(device, network_of(connection.address)))

    def who_came(self, connection: Connection) -> str:
        """Return whose connection this is that never brought a whole message: "" if several came from its address."""
        network, since = network_of(connection.address), connection.since - LATE_SECONDS
        lately = takewhile(lambda one: one.at >= since, reversed(self.admitted))
        came = {one.who.device for one in lately if one.who.address == network}
        return came.pop() if len(came) == 1 else ""

    def turn_away(self, stranger: Stranger, who: str, limit: str) -> None:
        """Ban somebody for exceeding a limit, and let the log say so."""
        self.excesses.note(who, limit, f"turned away for {self.limits.ban_seconds:g} s")
        self.ban(stranger)

    def let_go(self) -> None:
        """Cut revoked devices from what is broadcast; on the meeting's socket they are told at their next message."""
        devices = self.meeting().devices
        if devices is not self.let:
            self.let = devices
            self.cut(lambda one: one.door == BROADCAST and self.has_left(one.device))

    def has_left(self, device: str) -> bool:
        """Whether this device was revoked."""
        known = self.meeting().devices.get(device)
        return known is not None and known.revoked

    def ban(self, stranger: Stranger) -> None:
        """Turn somebody away for a while; what is there of him is cut."""
        self.bans.add(stranger, time.monotonic())
        self.cut(lambda one: (one.device, network_of(one.address)) == stranger)

    def is_forwarder(self, address: str) -> bool:
        """Whether many stand behind this address."""
        return canonical(address) in self.limits.forwarders

    def named(self, device: str) -> str:
        """Return whose device this is, for the log."""
        known = self.meeting().devices.get(device)
        return f"device={device}" if known is None else owner_of(known)


@lru_cache(maxsize=4096)
def canonical(address: str) -> str:
    """Return an IP address as it is written once; that of IPv4 also where it came over a socket for both."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return what stands for everything that one machine may send from: its IPv4 address, its IPv6 network."""
    plain = canonical(address)
    return str(ipaddress.ip_network((plain, IPV6_NETWORK), strict=False)) if ":" in plain else plain
